"""``python -m twin``: the same as the command ``twin``."""

from __future__ import annotations

from twin.cli import main

main()
