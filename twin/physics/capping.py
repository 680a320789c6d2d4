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


@compilable
def capped_steady(
    limit_w: float, draw_w: float, throughput: Sequence[float], power: Sequence[float]
) -> tuple[float, float]:
    """The same of work that draws ``draw_w`` evenly, such as decoding in batches: a limit above that does nothing.

    Below it the work draws the limit, and its throughput is that which was measured at the same share of its power
    without one (Zeus traces: throughput over power ratio; a limit above the power drawn has no effect). ``power`` must
    rise. Below the lowest share measured, that one holds.

    >>> a100 = ((0.2126, 0.7276, 0.8432, 0.9101, 0.9554, 1.0), (0.2715, 0.5324, 0.6613, 0.7870, 0.9004, 1.0))
    >>> capped_steady(490.0, 486.4, *a100)
    (1.0, 486.4)
    >>> [round(value, 3) for value in capped_steady(600.0, 690.0, *a100)]
    [0.943, 600.0]
    """
    if limit_w >= draw_w:
        return 1.0, draw_w
    ratio = min(max(limit_w / max(draw_w, TINY_W), power[0]), 1.0)
    return interpolate_at(power, throughput, ratio), draw_w * ratio
