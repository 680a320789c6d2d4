"""Property tests draw the same examples each time and are not timed: a busy machine must not turn them red."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("house", deadline=None, derandomize=True, database=None)
settings.load_profile("house")
