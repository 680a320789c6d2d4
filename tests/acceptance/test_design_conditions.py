"""Design conditions of published weather files: what their headers state beside percentiles of their own hours."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.studies.headroom.sites import quickstart
from twin.studies.headroom.conditions import design_weather

DATA = Path(__file__).parents[3] / "shared" / "data" / "weather"
FILES = {  # file -> .4 % dry bulb and coincident wet bulb, dry bulb of 20 years, as the second line states them
    "USA_AZ_Phoenix-Sky.Harbor_TMYx.epw.gz": (43.6, 20.7, 48.5),
    "USA_IL_Chicago-OHare.725300_TMY3.epw.gz": (33.3, 23.7, 39.5),
    "USA_WA_Seattle-Tacoma_TMYx.epw.gz": (30.0, 18.4, 38.0),
}
NEAR_K = 2.5  # one typical year against decades of records


@pytest.mark.parametrize("name", FILES)
def test_hours_of_a_typical_year_come_near_the_handbook(name: str) -> None:
    if not (DATA / name).exists():
        pytest.skip(f"{name} is not beside the project")
    found = design_weather(quickstart(f"weather.file={DATA / name}", "site.timezone=America/Chicago"))
    dry_c, wet_c, highest_c = FILES[name]
    stated = {one.name: one for one in found.conditions}
    header = stated["dry bulb .4 %, header"]
    assert (header.dry_bulb_c, header.wet_bulb_c) == (dry_c, wet_c)
    assert stated["dry bulb of 20 years"].dry_bulb_c == highest_c
    assert stated["dry bulb .4 %"].dry_bulb_c == pytest.approx(dry_c, abs=NEAR_K)
    assert stated["dry bulb .4 %"].wet_bulb_c == pytest.approx(wet_c, abs=NEAR_K)
    assert stated["dry bulb of 20 years"].wet_bulb_c > header.wet_bulb_c
