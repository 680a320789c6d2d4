"""EnergyPlus still gives the stored answers, and the stored answers are the published ones of the reference plant."""

from __future__ import annotations

import importlib.util
from dataclasses import asdict, fields

import pandas as pd
import pytest

from tests.reference import energyplus
from tests.reference.energyplus_plant import MERKEL_UA_W_K, Plant, epjson
from tests.reference.merkel_design import merkel_design_ua_w_k

needs_energyplus = pytest.mark.skipif(
    importlib.util.find_spec("pyenergyplus") is None, reason="pyenergyplus-lbnl is not installed"
)
THREE_SITES = ("Dulles", "Chicago", "Golden")
# Figures published for this plant, run with EnergyPlus 25.2.0 (default iteration limits), in the units of the columns
PUBLISHED_SITES = pd.DataFrame(
    {
        "mean_outdoor_dry_bulb_c": (12.67, 9.99, 9.76),
        "mean_outdoor_wet_bulb_c": (9.53, 7.15, 4.48),
        "chiller_electricity_kwh": (1157340.0, 1138440.0, 1088800.0),
        "chilled_water_pump_kwh": (99830.0, 99830.0, 99830.0),
        "condenser_water_pump_kwh": (123400.0, 123390.0, 123340.0),
        "tower_fan_kwh": (68090.0, 61750.0, 50250.0),
        "plant_electricity_kwh": (1448660.0, 1423400.0, 1362230.0),
        "make_up_m3": (13962.0, 13523.0, 14666.0),
        "evaporation_m3": (10472.0, 10142.0, 11000.0),
        "drift_m3": (111.0, 106.0, 99.0),
        "blowdown_m3": (3380.0, 3275.0, 3568.0),
    },
    index=THREE_SITES,
).T
LAST_DIGIT = {"_c": 0.0051, "_kwh": 5.1, "_m3": 0.51}  # half of the last digit printed
# Chicago: load kW, chilled water C -> chiller kWh, fan kWh, make-up m3 (None: not published)
PUBLISHED_VARIATIONS = (
    (250.0, 7.0, 515290.0, 9360.0, 4065.0),
    (500.0, 7.0, 675090.0, 27240.0, 7205.0),
    (750.0, 7.0, 880600.0, 49750.0, 10381.0),
    (1000.0, 5.0, 1202500.0, None, None),
    (1000.0, 8.8, 1085230.0, None, None),
)


@pytest.fixture(scope="module")
def stored() -> pd.DataFrame:
    return energyplus.stored_answers()


def row(stored: pd.DataFrame, site: str, plant: Plant) -> pd.Series:
    """The one stored row of a site and a plant."""
    wanted = stored["weather"].str.contains(site, regex=False)
    for name, value in asdict(plant).items():
        wanted &= stored[name] == value
    assert wanted.sum() == 1
    return stored[wanted].iloc[0]


@pytest.mark.parametrize("site", THREE_SITES)
def test_stored_answers_are_the_published_ones_to_their_last_digit(stored: pd.DataFrame, site: str) -> None:
    found = row(stored, site, Plant())
    for name, published in PUBLISHED_SITES[site].items():
        suffix = next(ending for ending in LAST_DIGIT if str(name).endswith(ending))
        assert found[str(name)] == pytest.approx(published, abs=LAST_DIGIT[suffix]), name


@pytest.mark.parametrize(("load_kw", "chilled_water_c", "chiller", "fan", "make_up"), PUBLISHED_VARIATIONS)
def test_stored_chicago_variations_are_the_published_ones(
    stored: pd.DataFrame,
    load_kw: float,
    chilled_water_c: float,
    chiller: float,
    fan: float | None,
    make_up: float | None,
) -> None:
    found = row(stored, "Chicago", Plant(load_kw, chilled_water_c))
    assert found["chiller_electricity_kwh"] == pytest.approx(chiller, rel=1e-5)  # 8.8 C: 1085.22 here, 1085.23 there
    if fan is not None:
        assert found["tower_fan_kwh"] == pytest.approx(fan, abs=5.1)
        assert found["make_up_m3"] == pytest.approx(make_up, abs=0.51)


def test_stored_answers_hold_every_case_once_and_no_severe_error(stored: pd.DataFrame) -> None:
    keys = ["weather", *(field.name for field in fields(Plant))]
    assert not stored.duplicated(keys).any()
    assert stored["weather"].nunique() == 16
    assert (stored["severe_error_count"] == 0).all()
    assert len(stored) == 16 * 3 + 5 * 3


def test_default_iteration_limits_cost_the_chiller_less_than_a_fifth_of_a_percent(stored: pd.DataFrame) -> None:
    """The size of EnergyPlus's own convergence error: a twin that solves the loop exactly lies below by this much."""
    york = stored[(stored["tower"] == "yorkcalc") & (stored["load_kw"] == 1000.0) & (stored["chilled_water_c"] == 7.0)]
    energy = york.pivot_table(index="weather", columns="converged", values="chiller_electricity_kwh")
    excess_frac = energy[False] / energy[True] - 1.0
    assert excess_frac.between(0.0002, 0.002).all()


def test_merkel_ua_meets_the_design_point_of_the_yorkcalc_tower() -> None:
    assert merkel_design_ua_w_k() == pytest.approx(MERKEL_UA_W_K, rel=1e-6)


def test_model_names_every_node_at_two_ends_or_more() -> None:
    """A node that only one object names is an open pipe."""
    model = epjson(Plant(), {})
    named = [
        value
        for kind, objects in model.items()
        if kind != "Branch" and "Curve" not in kind
        for fields_of_object in objects.values()
        for key, value in fields_of_object.items()
        if key.endswith("node_name")
    ]
    ends = [
        value
        for branch in model["Branch"].values()
        for component in branch["components"]
        for key, value in component.items()
        if key.endswith("node_name")
    ]
    assert set(named) == set(ends)


@pytest.mark.slow
@needs_energyplus
@pytest.mark.parametrize("site", THREE_SITES)
@pytest.mark.parametrize(
    "plant", [Plant(), Plant(converged=True), Plant(tower="merkel", converged=True)], ids=["york", "exact", "merkel"]
)
def test_energyplus_gives_the_stored_answers(stored: pd.DataFrame, site: str, plant: Plant) -> None:
    expected = row(stored, site, plant)
    found = energyplus.answer(energyplus.weather_file(site).stem, plant)
    for name, value in found.items():
        if isinstance(value, float):
            assert value == pytest.approx(expected[name], rel=1e-6, abs=1e-6), name


@pytest.mark.slow
@needs_energyplus
def test_hourly_and_quarter_hourly_reports_hold_the_same_energy() -> None:
    site, plant = energyplus.weather_file("Chicago"), Plant(load_kw=500.0)
    quarters, hours = (energyplus.run_year(plant, site, frequency) for frequency in ("Timestep", "Hourly"))
    assert len(quarters) == 4 * len(hours) == 35040
    for name in ("chiller_electricity_kw", "tower_fan_kw"):
        assert quarters[name].mean() == pytest.approx(hours[name].mean(), rel=1e-9)
    assert quarters["make_up_m3"].sum() == pytest.approx(hours["make_up_m3"].sum(), rel=1e-9)
