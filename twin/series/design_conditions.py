"""Design conditions that an EPW file states in its second line: ASHRAE's annual percentiles and extremes of n years.

Two layouts are about. Handbooks up to 2009 give the extreme maximum wet bulb behind the three winds of ``Extremes``
(16 values), later ones do not (15). EnergyPlus, Auxiliary Programs, EPW data dictionary; the order of the values is
that of the ASHRAE Handbook of Fundamentals, chapter 14, table 1.
"""

from __future__ import annotations

from dataclasses import dataclass

from twin.errors import Fault, InputError, Place
from twin.series.files import resolve, text_of

LINE = 2
SECTION = "DESIGN CONDITIONS"
WITH_WET_BULB, WITHOUT = 16, 15  # values of the section Extremes in files of 2009 and earlier, and later
WINDS = 3  # values before those of temperature
N_YEAR_FROM = 4  # mean and deviation of the annual extremes come before those of n years
N_YEARS = (5, 10, 20, 50)
COOLING_LEAST = 14  # month, range, then pairs of dry bulb with wet bulb and of wet bulb with dry bulb


@dataclass(frozen=True)
class StatedConditions:
    """What the header states; temperatures in degC.

    ``dry_bulb_c`` holds dry bulb and mean coincident wet bulb at .4, 1 and 2 %, ``wet_bulb_c`` wet bulb and mean
    coincident dry bulb; ``highest_c`` the highest dry bulb of 5, 10, 20 and 50 years.
    """

    source: str
    dry_bulb_c: dict[float, tuple[float, float]]
    wet_bulb_c: dict[float, tuple[float, float]]
    highest_c: dict[int, float]


def stated_conditions(reference: str) -> StatedConditions | None:
    """Design conditions of an EPW file; None where the file is of another kind or states none.

    Raises
    ------
    InputError
        With file and line, where the section is there and its values are no numbers or too few.
    """
    lines = text_of(resolve(reference).read_bytes(), reference).splitlines()[:LINE]
    if len(lines) < LINE or not lines[1].startswith(SECTION):
        return None
    cells = [cell.strip() for cell in lines[1].split(",")]
    if "Cooling" not in cells or "Extremes" not in cells:
        return None
    cooling, extremes = cells.index("Cooling"), cells.index("Extremes")
    try:
        hot = [float(cell) for cell in cells[cooling + 1 : cooling + 1 + COOLING_LEAST]]
        ends = [float(cell) for cell in cells[extremes + 1 :] if cell]
    except ValueError as error:
        raise InputError([Fault(f"{SECTION}: {error}", place=Place(reference, LINE))]) from None
    if len(hot) < COOLING_LEAST or len(ends) not in (WITH_WET_BULB, WITHOUT):
        counts = f"{len(hot)} values of Cooling and {len(ends)} of Extremes"
        wanted = f"at least {COOLING_LEAST} and {WITHOUT} or {WITH_WET_BULB} are expected"
        raise InputError([Fault(f"{SECTION}: {counts}, {wanted}", place=Place(reference, LINE))])
    return _told(cells[2], hot, ends)


def _told(source: str, hot: list[float], ends: list[float]) -> StatedConditions:
    pairs = [(hot[at], hot[at + 1]) for at in range(2, COOLING_LEAST, 2)]
    shares = (0.004, 0.01, 0.02)
    annual = ends[WINDS + (len(ends) == WITH_WET_BULB) + N_YEAR_FROM :]
    return StatedConditions(
        source,
        dict(zip(shares, pairs[:3], strict=True)),
        dict(zip(shares, pairs[3:], strict=True)),
        dict(zip(N_YEARS, annual[1::2], strict=True)),
    )
