"""Power capping (case V7): what a measured GPU does under a cap, through ``simulate``."""

from __future__ import annotations

from collections.abc import Iterator

from tests.engine.test_caps import V100, flat_out, served_and_watts
from tests.validation.rows import Row, compared

LIMIT_W, FULL_W = 150.0, 250.0
SOURCE = "ZeUS, medians of power-bound training jobs on a V100"
NEAR = 0.05  # asked of both


def capping() -> Iterator[Row]:
    """Throughput and energy of work at 150 W over those without a cap; the cap's curve comes from the same jobs."""
    (work, watts), (less, fewer) = (served_and_watts(flat_out(V100, frac)) for frac in (1.0, LIMIT_W / FULL_W))
    note = "the shipped device's curve is of the same jobs: this tests the road from a cap to work and power"
    for name, published, ours in (
        ("throughput", 0.847, less / work),
        ("energy", 0.775, (fewer / less) / (watts / work)),
    ):
        what = f"Power capping: {name} of work on a V100 at 150 W, over that without a cap"
        yield compared("cases", f"V7_{name}", what, "1", SOURCE, published, ours, NEAR, "abs", note)
