"""Power limits of processors: throughput and power along a measured sweep, and the limit that holds a power.

Measured points are interpolated, no law is fitted: above half power throughput falls less than power, below it
collapses (PHYSICS tables of the V100, A40 and of a cluster of A100; no single exponent holds, arXiv 2603.16164).
"""

from __future__ import annotations

from collections.abc import Sequence

from twin.compiled import compilable
from twin.physics.interpolation import interpolate_at

TINY_W = 1e-9


@compilable
def equivalent_limit_w(limit_w: float, draw_w: float, reference_w: float) -> float:
    """Limit at which the measured work would be throttled as much as work that draws ``draw_w`` is at ``limit_w``.

    A limit acts through how far it lies below what the work draws without one: work that draws half as much feels a
    limit of half the size. A limit far above the draw changes nothing (decoding of language models).

    >>> equivalent_limit_w(150.0, 110.0, 220.0)
    300.0
    """
    return limit_w * reference_w / max(draw_w, TINY_W)


@compilable
def capped(
    limit_w: float, draw_w: float, reference_w: float, limits_w: Sequence[float], throughput: Sequence[float],
    power: Sequence[float],
) -> tuple[float, float]:  # fmt: skip
    """Throughput over that without a limit, and power in W, of work that draws ``draw_w`` without one.

    ``limits_w`` rise; ``throughput`` and ``power`` are relative to the work measured without a limit, which drew
    ``reference_w``. Below the lowest limit measured the device holds that one: it cannot be limited further.

    >>> v100 = ((100.0, 150.0, 250.0), (0.532, 0.847, 1.0), (0.447, 0.646, 1.0))
    >>> [round(value, 3) for value in capped(150.0, 223.4, 223.4, *v100)]
    [0.847, 144.316]
    >>> capped(200.0, 60.0, 223.4, *v100)
    (1.0, 60.0)
    """
    at_w = equivalent_limit_w(limit_w, draw_w, reference_w)
    return interpolate_at(limits_w, throughput, at_w), draw_w * interpolate_at(limits_w, power, at_w)
