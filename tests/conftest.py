"""Tests mean the same everywhere: property tests draw the same examples, whatever a shell has set for its user.

Nothing is timed: a busy machine must not turn a test red. ``pytest --hypothesis-profile=new`` draws other examples each
time, to look for what these do not meet.
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings
from hypothesis.internal.conjecture import providers

for name in ("COLUMNS", "LINES", "FORCE_COLOR", "NO_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE", "TWIN_RUNS"):
    os.environ.pop(name, None)  # of this process and those that tests start

# Hypothesis also draws numbers that stand in the sources of modules loaded so far. Which ones these are hangs on the
# tests that ran before in the same process, and on the folder of the checkout.
providers._get_local_constants = lambda: providers._local_constants  # empty

settings.register_profile("new", deadline=None, derandomize=False, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("house", settings.get_profile("new"), derandomize=True, database=None)
settings.load_profile("house")
