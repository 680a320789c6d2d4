"""Water-cooled chillers by a measured map of COP over part load and condenser-side temperature.

The air-cooled map of the same source stands in :mod:`twin.physics.direct_expansion`. The map knows no chilled-water
temperature. It is read within the points it holds: outside, the nearest point, and a count.
"""

from __future__ import annotations

from twin.compiled import compilable

# Read from a data file of published code, taken to be the training data of the archetype model of Lei & Masanet 2022
# (doi:10.1016/j.resconrec.2022.106323); it takes wet bulb plus tower approach: water entering.
PLR_FRAC = (0.25, 0.38, 0.5, 0.63, 0.75, 0.88, 1.0)
ENTERING_C = (15.56, 18.33, 21.11, 23.89, 26.67, 29.44)
COP = (
    (6.280, 6.896, 7.816, 8.179, 8.374, 8.374, 8.374),
    (5.961, 6.636, 7.483, 7.816, 7.993, 7.993, 7.993),
    (5.766, 6.395, 7.178, 7.327, 7.646, 7.646, 7.483),
    (5.495, 6.064, 6.763, 7.034, 7.327, 7.178, 7.034),
    (5.249, 5.766, 6.513, 6.636, 6.896, 6.636, 6.513),
    (4.954, 5.495, 6.170, 6.280, 6.395, 6.280, 6.170),
)


@compilable
def _place(value: float, points: tuple[float, ...], last: int) -> tuple[int, float]:
    """Index of the interval that a value within the points lies in, and how far along it."""
    i = 0
    for j in range(1, last):
        i = j if value >= points[j] else i
    return i, (value - points[i]) / (points[i + 1] - points[i])


@compilable
def water_cooled_cop(plr: float, entering_c: float) -> tuple[float, float]:
    """COP of a water-cooled chiller, bilinear in part-load ratio and entering condenser water; 1 where one was clamped.

    Valid for PLR .25..1 and 15.56..29.44 degC.

    >>> water_cooled_cop(0.5, 21.11), water_cooled_cop(1.0, 10.0), round(water_cooled_cop(0.44, 19.72)[0], 6)
    ((7.178, 0.0), (8.374, 1.0), 6.923)
    """
    x = min(max(plr, PLR_FRAC[0]), PLR_FRAC[6])
    t = min(max(entering_c, ENTERING_C[0]), ENTERING_C[5])
    i, across = _place(x, PLR_FRAC, 6)
    k, down = _place(t, ENTERING_C, 5)
    cold = COP[k][i] + across * (COP[k][i + 1] - COP[k][i])
    warm = COP[k + 1][i] + across * (COP[k + 1][i + 1] - COP[k + 1][i])
    return cold + down * (warm - cold), 0.0 if x == plr and t == entering_c else 1.0
