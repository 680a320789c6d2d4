"""The explorer, but one long run does not begin before someone stops it: a test can be neither early nor late."""

from __future__ import annotations

import time

from twin.engine.watch import Watch
from twin.explorer import runs
from twin.explorer.app import main
from twin.explorer.choice import Choice
from twin.studies.portrait import Portrait

HELD = ("run.duration", "40d")  # by the minute 57,600 steps, which is a long run


def hold() -> None:
    """Let that run wait; Streamlit reads this file for each visitor anew, but a server has its runs once."""
    ran = runs.run_of

    def held(choice: Choice, watch: Watch | None = None) -> Portrait:
        while watch is not None and HELD in choice.overrides and not watch.stopped:
            time.sleep(0.05)
        return ran(choice, watch)

    if ran.__name__ != held.__name__:
        runs.run_of = held


if __name__ == "__main__":
    hold()
    main()
