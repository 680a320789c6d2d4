"""Lei & Masanet's archetypes: parameters at the middle of their ranges, PUE and WUE inside the published bands."""

from __future__ import annotations

import pytest

from tests.reference.archetype_equations import airside_pue, tower_wue
from tests.reference.archetype_numbers import numbers
from tests.reference.archetypes import (
    APART,
    FOLDER,
    GREENSBORO,
    MEDIANS,
    MIDPOINTS,
    SITES,
    TYPICAL,
    WITH_WATER,
    available,
    bands,
    beside,
    figures,
    files,
    places,
    rows,
    scenario,
    steady,
    year,
)  # fmt: skip
from tests.validation.archetypes import (
    OTHER_ORDER,
    POINT_NEAR,
    PUE_NEAR,
    TARGETS,
    WUE_NEAR,
    climate_pairs,
    technology_pairs,
)
from tests.validation.page import POINTS
from twin.engine.simulate import simulate
from twin.scenario.reading import read_scenario

CASES = list(range(1, 11))
EQUATIONS_NEAR = 0.05  # of PUE: what two models of the same site may differ by, as for medians
ROUNDED = 1e-4  # files state five digits
MIDDLES = [
    pytest.param(int(case), row, id=f"{case}-{row['quantity']}")
    for row in rows(MIDPOINTS)
    for case in row["cases"].split()
]
with_weather = pytest.mark.skipif(not available("Tampa"), reason="pyenergyplus-lbnl brings the weather")


# --- parameters -------------------------------------------------------------------------------------------------


def test_every_case_has_its_file_and_its_bands() -> None:
    assert list(files()) == CASES
    assert len(list(FOLDER.glob("*.yaml"))) == len(CASES)
    assert {case for _, case, _ in bands()} == set(CASES)
    assert len(bands()) == 2 * 10 * 7


@pytest.mark.parametrize("row", rows(MIDPOINTS), ids=lambda row: f"{row['quantity']}-{row['midpoint']}")
def test_a_midpoint_is_the_middle_of_its_range(row: dict[str, str]) -> None:
    assert bool(row["low"]) == bool(row["high"])
    if row["low"]:
        middle = (float(row["low"]) + float(row["high"])) / 2
        assert float(row["midpoint"]) == pytest.approx(middle, rel=1e-12, abs=1e-12)


@pytest.mark.parametrize(("case", "row"), MIDDLES)
def test_a_parameter_of_a_file_amounts_to_its_midpoint(case: int, row: dict[str, str]) -> None:
    assert numbers(case).of(row["quantity"]) == pytest.approx(float(row["midpoint"]), rel=ROUNDED, abs=1e-12)


@pytest.mark.parametrize("case", CASES)
def test_racks_give_their_heat_at_the_rise_of_the_air_and_nothing_else_reaches_the_hall(case: int) -> None:
    found = numbers(case)
    assert found.rack_rise_k == pytest.approx(found.air_rise_k, rel=ROUNDED)
    air = "halls.hall.air"
    assert found.p(air, "airflow_ratio") == pytest.approx(found.hall_kw / found.it_kw, rel=ROUNDED)
    assert found.p(air, "bypass") == found.p(air, "recirculation") == 0
    assert found.p("halls.hall.rack_groups.racks", "fan_rise_per_k") == 0
    if case in WITH_WATER:
        assert found.tower("evaporation") == 1  # all_latent
        assert found.tower("drift_credit") == 1  # their blowdown is evaporation / (cycles - 1) - windage, at least 0


@pytest.mark.parametrize("case", CASES)
def test_the_file_of_a_case_runs_as_it_is(case: int) -> None:
    found = figures(simulate(read_scenario(files()[case], ("run.duration=7d", "run.start=2025-07-01"))), case)
    assert found["energy_balance_residual_frac"] < 1e-9
    assert found["unsolved_step_count"] == found["unmet_cooling_kwh"] == found["hours_above_allowable_h"] == 0
    assert found["power_overload_kw"] == 0


# --- bands ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("case", "site"), places(CASES))
def test_pue_is_inside_the_published_band(case: int, site: str) -> None:
    band, found = bands()["pue", case, SITES[site]], year(case, site)["pue"]
    known = beside().get(("pue", case, site))
    assert band.holds(found) is (known is None)
    if known:
        assert found == pytest.approx(float(known["found"]), rel=1e-3), known["reason"]


@pytest.mark.parametrize(("case", "site"), places(WITH_WATER))
def test_wue_is_inside_the_published_band(case: int, site: str) -> None:
    band, found = bands()["wue_l_per_kwh", case, SITES[site]], year(case, site)["wue_l_per_kwh"]
    known = beside().get(("wue_l_per_kwh", case, site))
    assert band.holds(found) is (known is None)
    if known:
        assert found == pytest.approx(float(known["found"]), rel=1e-3), known["reason"]


@pytest.mark.parametrize(("case", "site"), places(WITH_WATER))
def test_wue_with_windage_apart_from_blowdown_lies_beside_the_band_just_where_that_is_said(
    case: int, site: str
) -> None:
    band, found = bands()["wue_l_per_kwh", case, SITES[site]], year(case, site)[APART]
    known = beside().get((APART, case, site))
    assert band.holds(found) is (known is None)
    if known:
        assert found == pytest.approx(float(known["found"]), rel=1e-3), known["reason"]


def test_wue_with_windage_apart_is_that_of_a_site_that_credits_none() -> None:
    """The figure is derived from the run that credits it; a run that does not gives the same."""
    week = ("run.duration=7d", "run.start=2025-07-01")
    credited, apart = (
        figures(simulate(scenario(2, GREENSBORO, *week, f"plants.main.condenser.towers.cells.{word}")), 2)
        for word in ("drift_counts_as_blowdown=true", "drift_counts_as_blowdown=false")
    )
    assert credited[APART] == pytest.approx(apart["wue_l_per_kwh"], rel=1e-12)
    assert apart["wue_l_per_kwh"] - credited["wue_l_per_kwh"] == pytest.approx(0.21, abs=0.03)


@pytest.mark.parametrize(("case", "dry_bulb_c", "humidity_pct", "pue", "wue"), TARGETS)
def test_the_authors_points_are_met_with_windage_taken_off_the_blowdown_and_missed_without(
    case: int, dry_bulb_c: float, humidity_pct: float, pue: float, wue: float
) -> None:
    theirs, apart = (tower_wue(case, dry_bulb_c, humidity_pct, credited) for credited in (True, False))
    assert theirs == pytest.approx(wue, abs=1e-4)  # published to four digits
    assert apart - wue > 3 * POINT_NEAR
    assert f"{wue:.3f}, {'theirs ' if case == 2 and dry_bulb_c == 9 else ''}{theirs:.3f}" in POINTS
    assert f"{apart:.3f}" in POINTS


@pytest.mark.parametrize(("case", "site"), places(WITH_WATER))
def test_wue_on_the_heat_that_the_authors_count_is_well_inside_the_band(case: int, site: str) -> None:
    band = bands()["wue_l_per_kwh", case, SITES[site]]
    margin = 0.1 * (band.high - band.low)
    assert band.low + margin < year(case, site)["wue_on_their_heat_l_per_kwh"] < band.high - margin


def test_what_is_beside_a_band_names_a_case_a_site_and_a_reason() -> None:
    for (quantity, case, site), row in beside().items():
        assert ("wue_l_per_kwh" if quantity == APART else quantity, case, SITES[site]) in bands()
        assert quantity == "pue" or case in WITH_WATER
        assert row["reason"]


@with_weather
@pytest.mark.parametrize("site", [name for name in SITES if name != GREENSBORO])
def test_outdoor_air_in_the_hall_agrees_with_the_authors_own_equations(site: str) -> None:
    """Beside the band, too, where they are: the band is of one weather in its zone."""
    theirs = airside_pue(site)
    assert year(6, site)["pue"] == pytest.approx(theirs, abs=EQUATIONS_NEAR)
    assert bands()["pue", 6, SITES[site]].holds(theirs) is (("pue", 6, site) not in beside())


# --- medians and points -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("case", "site"), places((1, 2), tuple(TYPICAL[zone] for zone in ("2A", "4A", "5A", "5B"))))
def test_large_sites_lie_near_the_medians_of_2025(case: int, site: str) -> None:
    row = next(r for r in rows(MEDIANS) if (int(r["case"]), r["climate_zone"]) == (case, SITES[site]))
    found = year(case, site)
    assert found["pue"] == pytest.approx(float(row["pue_p50"]), abs=PUE_NEAR)
    assert float(row["pue_p5"]) < found["pue"] < float(row["pue_p95"])
    if case in WITH_WATER:
        assert found["wue_on_their_heat_l_per_kwh"] == pytest.approx(float(row["wue_p50"]), abs=WUE_NEAR)


@pytest.mark.parametrize(("case", "dry_bulb_c", "humidity_pct", "pue", "wue"), TARGETS)
def test_midpoints_in_one_weather_agree_with_the_authors(
    case: int, dry_bulb_c: float, humidity_pct: float, pue: float, wue: float
) -> None:
    found = steady(case, dry_bulb_c, humidity_pct)
    assert found["pue"] == pytest.approx(pue, abs=PUE_NEAR)
    assert found["wue_on_their_heat_l_per_kwh"] == pytest.approx(wue, abs=POINT_NEAR)


# --- orders -----------------------------------------------------------------------------------------------------


@with_weather
@pytest.mark.parametrize("zone", TYPICAL)
def test_technologies_stand_in_the_published_order(zone: str) -> None:
    pairs = list(technology_pairs(zone))
    assert len(pairs) > 35
    for one, other, published, ours in pairs:
        assert (published * ours > 0) is ((zone, one, other) not in OTHER_ORDER), (one, other)


@with_weather
@pytest.mark.parametrize("case", [1, 3, 6, 7, 9, 10])  # of the others no two climates lie apart
def test_climates_stand_in_the_published_order(case: int) -> None:
    pairs = list(climate_pairs(case))
    assert pairs
    for one, other, published, ours in pairs:
        assert published * ours > 0, (one, other)


@with_weather
def test_fans_of_a_site_at_altitude_keep_rise_and_pressure() -> None:
    """The same heat at the same rise takes more of thinner air, at the same pressure."""
    sea, high = read_scenario(files()[5]), scenario(5, "Golden")
    ratio = high.halls["hall"].air.airflow_m3_s / sea.halls["hall"].air.airflow_m3_s
    assert 1.2 < ratio < 1.3
    powers = [year(5, site)["crah_fan_energy_kwh"] for site in ("Golden", "Tampa")]
    assert powers[0] / powers[1] == pytest.approx(ratio, rel=0.01)
