"""Every technology at every corner of its schema's bounds: refused at reading, or a run whose books close."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.engine import corners as at
from tests.engine.corners import AIR, SHIPPED, WHOLE, Corner, corners, faults, run
from twin.components.air.crah import Crah
from twin.components.air.hall_air import HallCooling
from twin.components.air.room import Room
from twin.components.plant.chilled_water import ChilledWaterPlant
from twin.components.profiles import ConstantProfile
from twin.components.resets import OutdoorReset
from twin.components.weather_file import WeatherFile
from twin.engine.simulate import Outcome, simulate
from twin.quantities import Spec

WISHES = {"utilisation": (0.0, 1.2), "supply_air_c": (10.0, 40.0), "supply_c": (4.0, 45.0)}  # of every site at once
every_air = pytest.mark.parametrize("air", AIR)


def hosts() -> dict[type[Spec], list[tuple[str, Corner]]]:
    """Each bound of each part once, in the first shipped scenario in which that part stands."""
    found: dict[type[Spec], list[tuple[str, Corner]]] = {}
    first: dict[tuple[type[Spec], str], tuple[str, tuple[str, ...]]] = {}
    for name in SHIPPED:
        for corner in corners(name):
            place = (name, corner.path)
            if first.setdefault((corner.owner, corner.path[-1]), place) == place:
                found.setdefault(corner.owner, []).append((name, corner))
    return found


HOSTS = hosts()
MOST: dict[type[Spec], float] = {OutdoorReset: 0.25}  # two points in order, and set-points as the field they stand for


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the weather files of these tests are."""
    return tmp_path_factory.mktemp("air")


def told(name: str, air: str, changed: tuple[Corner, ...], found: list[str]) -> str:
    return f"{name}, {air} air, {', '.join(map(str, changed)) or 'as shipped'}: {'; '.join(found[:3])}"


def troubles(folder: Path, name: str, air: str, changed: tuple[Corner, ...]) -> list[str]:
    outcome = run(name, at.place(folder, air), changed)
    found = faults(outcome) if outcome else []
    return [told(name, air, changed, found)] if found else []


def wished(name: str) -> list[tuple[Corner, ...]]:
    """Every combination of :data:`WISHES`, each for all parts of a site together."""
    parts = {word: [c for c in corners(name) if c.path[-1] == word] for word in WISHES}
    combinations: list[tuple[Corner, ...]] = [()]
    for word, ends in WISHES.items():
        if parts[word]:
            combinations = [(*one, *(_valued(c, end) for c in parts[word])) for one in combinations for end in ends]
    return combinations


def _valued(corner: Corner, end: float) -> Corner:
    value = {"kind": "constant", "value_frac": end} if isinstance(corner.value, dict) else end
    return dataclasses.replace(corner, value=value)


# what the schema has to allow at least: supply air, IT, chilled or facility water, altitude
WIDTHS = [
    (HallCooling, "supply_air_c", 10, 40), (ConstantProfile, "value_frac", 0, 1.2),
    (ChilledWaterPlant, "supply_c", 4, 45),
    (Crah, "coil_water_c", 4, 45), (Room, "design_water_c", 4, 45), (WeatherFile, "elevation_m", 0, 3000),
]  # fmt: skip


@pytest.mark.parametrize(("spec", "field", "low", "high"), WIDTHS)
def test_the_schema_is_as_wide_as_sites_are(spec: type[Spec], field: str, low: float, high: float) -> None:
    least, most = at.bounds(spec, field)
    assert least <= low
    assert most >= high


def test_weather_from_45_below_zero_to_55_above_is_read_as_it_is(folder: Path) -> None:
    scenario = at.built("quickstart", at.place(folder, "low"), ())
    ds = simulate([scenario], keep="none")
    assert float(ds["weather.dry_bulb_c"].min()) == pytest.approx(-45.0)
    assert float(ds["weather.dry_bulb_c"].max()) == pytest.approx(55.0)
    assert "missing" not in str(ds["notes"].values[0])
    assert (ds["weather.wet_bulb_c"] <= ds["weather.dry_bulb_c"] + 1e-9).all()


def test_at_three_thousand_metres_the_air_has_seven_tenths_of_its_pressure(folder: Path) -> None:
    ds = simulate([at.built("quickstart", at.place(folder, "high"), ())], keep="none")
    # standard atmosphere: 70.11 kPa, ICAO Doc 7488
    np.testing.assert_allclose(ds["weather.pressure_pa"], 70_108.5, rtol=1e-3)


@pytest.mark.slow
@every_air
@pytest.mark.parametrize("name", [*SHIPPED, *WHOLE])
def test_a_site_from_empty_to_overfull_in_any_climate_keeps_its_books(name: str, air: str, folder: Path) -> None:
    found = [text for changed in ((), *wished(name)) for text in troubles(folder, name, air, changed)]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("owner", HOSTS, ids=lambda owner: owner.__name__)
def test_each_number_of_a_part_at_its_bounds_keeps_the_books(owner: type[Spec], folder: Path) -> None:
    found = [text for name, corner in HOSTS[owner] for air in AIR for text in troubles(folder, name, air, (corner,))]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("owner", HOSTS, ids=lambda owner: owner.__name__)
def test_of_the_bounds_of_a_part_most_can_be_run_and_are_not_refused(owner: type[Spec], folder: Path) -> None:
    ran = [run(name, at.place(folder, "low"), (corner,)) is not None for name, corner in HOSTS[owner]]
    assert sum(ran) >= MOST.get(owner, 0.5) * len(ran)


@settings(max_examples=120, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_several_bounds_at_once_keep_the_books(data: st.DataObject, folder: Path) -> None:
    name, air = data.draw(st.sampled_from(SHIPPED)), data.draw(st.sampled_from(tuple(AIR)))
    changed = tuple(data.draw(st.lists(st.sampled_from(corners(name)), min_size=2, max_size=5, unique_by=str)))
    found = troubles(folder, name, air, changed)
    assert not found, "\n".join(found)


@pytest.mark.slow
@every_air
@pytest.mark.parametrize("name", [*SHIPPED, *WHOLE])
def test_each_number_of_each_shipped_site_at_its_bounds_keeps_the_books(name: str, air: str, folder: Path) -> None:
    found = [text for corner in corners(name) for text in troubles(folder, name, air, (corner,))]
    assert not found, "\n".join(found)


def healthy(folder: Path) -> Outcome:
    outcome = run("quickstart", at.place(folder, "low"), ())
    assert outcome is not None
    assert faults(outcome) == []
    return outcome


@pytest.mark.parametrize(("path", "field", "array", "value", "fault"), [
    ("halls.ai.air", "coil_kw", "peaks", np.inf, "halls.ai.air.coil_kw is not finite"),
    ("halls.ai.air", "inlet_c", "sums", np.nan, "halls.ai.air.inlet_c is not finite"),
    ("plants.main.pump", "power_kw", "lows", -1.0, "plants.main.pump.power_kw falls to -1"),
    ("plants.main.condenser.towers.cells", "make_up_m3_h", "lows", -2.0,
     "plants.main.condenser.towers.cells.make_up_m3_h falls to -2"),
    ("power.ups", "loss_kw", "sums", 1e6, "electric ledger misses"),
])  # fmt: skip
def test_what_must_not_be_in_the_books_is_found(
    path: str, field: str, array: str, value: float, fault: str, folder: Path
) -> None:
    outcome = healthy(folder)
    spoilt = getattr(outcome, array).copy()
    spoilt[outcome.lowered.composition.y.index(path, field)] = value
    assert any(text.startswith(fault) for text in faults(dataclasses.replace(outcome, **{array: spoilt})))


def test_a_failure_whose_value_is_not_a_number_is_a_fault(folder: Path) -> None:
    outcome = healthy(folder)
    last = outcome.last.copy()
    last[outcome.lowered.composition.y.index("halls.ai.air", "inlet_c")] = np.nan
    assert faults(dataclasses.replace(outcome, last=last, failed_at=3)) != []
