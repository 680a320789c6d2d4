"""The explorer: ``streamlit run app.py``. Its pages are in ``twin/explorer``."""

from __future__ import annotations

from twin.explorer.app import main

main()
