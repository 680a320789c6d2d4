"""Property tests draw the same examples each time and are not timed: a busy machine must not turn them red.

``pytest --hypothesis-profile=new`` draws other examples each time, to look for what these do not meet.
"""

from __future__ import annotations

from hypothesis import HealthCheck, settings
from hypothesis.internal.conjecture import providers

# Hypothesis also draws numbers that stand in the sources of modules loaded so far. Which ones these are hangs on the
# tests that ran before in the same process, and on the folder of the checkout.
providers._get_local_constants = lambda: providers._local_constants  # empty

settings.register_profile("new", deadline=None, derandomize=False, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("house", settings.get_profile("new"), derandomize=True, database=None)
settings.load_profile("house")
