"""Moist air against psychrolib, cited figures, its own inverses, and compiled code."""

from __future__ import annotations

import csv
import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from twin.compiled import elementwise
from twin.physics import fluids
from twin.units import KJ_PER_KWH

CHECKS = Path(__file__).parent.parent / "reference" / "checks_fluids.csv"
GRID = [
    (t_c, rh, p)
    for t_c in np.arange(-40.0, 55.1, 2.5).tolist()
    for rh in (0.01, 0.05, 0.2, 0.4, 0.6, 0.8, 0.95, 1.0)
    for p in (60e3, 84e3, 101325.0, 105e3)
]
AIR = Callable[[float, float, float], float]
OF_AIR: dict[str, AIR] = {
    "humidity_ratio_kg_kg": lambda t, w, p: w,
    "wet_bulb_c": fluids.wet_bulb_c,
    "dew_point_c": lambda t, w, p: fluids.dew_point_c(w, p),
    "enthalpy_kj_kg": lambda t, w, p: fluids.moist_air_enthalpy_kj_kg(t, w),
    "volume_m3_per_kg_dry": lambda t, w, p: 1.0 / fluids.dry_air_density_kg_m3(t, w, p),
    "moist_density_kg_m3": fluids.moist_air_density_kg_m3,
    "dry_density_kg_m3": fluids.dry_air_density_kg_m3,
}


def _checks() -> list[dict[str, str]]:
    with CHECKS.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _value(row: dict[str, str]) -> float:
    number = {name: float(text) for name, text in row.items() if name not in ("id", "property", "source") and text}
    if row["property"] == "station_pressure_pa":
        return fluids.station_pressure_pa(number["elevation_m"])
    if row["property"] == "saturation_pressure_pa":
        return fluids.saturation_pressure_pa(number["t_c"])
    if row["property"] == "evaporation_kg_per_kwh":
        return KJ_PER_KWH / fluids.vaporisation_heat_kj_kg(number["t_c"])
    t_c, pressure_pa = number["t_c"], number["pressure_pa"]
    ratio = number.get("humidity_ratio_kg_kg")
    if ratio is None:
        ratio = fluids.humidity_ratio_from_relative(t_c, number["rh_frac"], pressure_pa)
    return OF_AIR[row["property"]](t_c, ratio, pressure_pa)


@pytest.mark.parametrize("row", _checks(), ids=lambda row: row["id"])
def test_a_cited_figure_is_met(row: dict[str, str]) -> None:
    assert _value(row) == pytest.approx(float(row["expected"]), rel=float(row["rel_tolerance"]))


@pytest.fixture(scope="module")
def oracle() -> object:
    psychrolib = pytest.importorskip("psychrolib")
    psychrolib.SetUnitSystem(psychrolib.SI)
    return psychrolib


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (lambda t, w, p: fluids.saturation_pressure_pa(t), lambda o, t, w, p: o.GetSatVapPres(t)),
        (lambda t, w, p: fluids.saturation_humidity_ratio_kg_kg(t, p), lambda o, t, w, p: o.GetSatHumRatio(t, p)),
        (fluids.relative_humidity_frac, lambda o, t, w, p: o.GetRelHumFromHumRatio(t, w, p)),
        (lambda t, w, p: fluids.moist_air_enthalpy_kj_kg(t, w), lambda o, t, w, p: o.GetMoistAirEnthalpy(t, w) / 1e3),
        (lambda t, w, p: fluids.saturated_enthalpy_kj_kg(t, p), lambda o, t, w, p: o.GetSatAirEnthalpy(t, p) / 1e3),
        (fluids.moist_air_density_kg_m3, lambda o, t, w, p: o.GetMoistAirDensity(t, w, p)),
        (fluids.dry_air_density_kg_m3, lambda o, t, w, p: 1.0 / o.GetMoistAirVolume(t, w, p)),
    ],
    ids=["psat", "wsat", "rh", "enthalpy", "saturated enthalpy", "moist density", "dry density"],
)
def test_closed_forms_equal_psychrolib(oracle: object, ours: AIR, theirs: Callable[..., float]) -> None:
    for t_c, rh, p in GRID:
        w = fluids.humidity_ratio_from_relative(t_c, rh, p)
        assert ours(t_c, w, p) == pytest.approx(theirs(oracle, t_c, w, p), rel=1e-10, abs=1e-12)


def test_dew_point_equals_psychrolib_within_its_tolerance(oracle: object) -> None:
    for t_c, rh, p in GRID:
        w = fluids.humidity_ratio_from_relative(t_c, rh, p)
        theirs = oracle.GetTDewPointFromHumRatio(t_c, w, p)  # type: ignore[attr-defined]
        assert fluids.dew_point_c(w, p) == pytest.approx(theirs, abs=1e-3)


def test_wet_bulb_equals_psychrolib_away_from_the_freezing_wick(oracle: object) -> None:
    compared = 0
    for t_c, rh, p in GRID:
        w = fluids.humidity_ratio_from_relative(t_c, rh, p)
        theirs = oracle.GetTWetBulbFromHumRatio(t_c, w, p)  # type: ignore[attr-defined]
        if abs(theirs) > 0.5:
            assert fluids.wet_bulb_c(t_c, w, p) == pytest.approx(theirs, abs=1e-3)
            compared += 1
    assert compared > 1000


def test_humidity_ratio_from_a_wet_bulb_gives_that_wet_bulb_back() -> None:
    for t_c, rh, p in GRID:
        w = fluids.humidity_ratio_from_relative(t_c, rh, p)
        wet = fluids.wet_bulb_c(t_c, w, p)
        if wet != 0.0:
            assert fluids.humidity_ratio_from_wet_bulb(t_c, wet, p) == pytest.approx(w, abs=1e-10)


def test_humidity_survives_the_way_through_dew_point_and_relative_humidity() -> None:
    for t_c, rh, p in GRID:
        w = fluids.humidity_ratio_from_relative(t_c, rh, p)
        assert fluids.relative_humidity_frac(t_c, w, p) == pytest.approx(rh, rel=1e-12)
        assert fluids.humidity_ratio_from_dew_point(fluids.dew_point_c(w, p), p) == pytest.approx(w, rel=1e-8)


@pytest.mark.parametrize("guess_c", [-100.0, -20.0, 20.0, 70.0, 1e6])
def test_saturated_enthalpy_is_inverted_from_any_guess(guess_c: float) -> None:
    for t_c in np.arange(-60.0, 65.1, 2.5).tolist():
        for p in (60e3, 101325.0):
            h = fluids.saturated_enthalpy_kj_kg(t_c, p)
            assert fluids.temperature_at_saturated_enthalpy_c(h, p, guess_c) == pytest.approx(t_c, abs=1e-7)


def test_saturated_enthalpy_beyond_the_range_gives_the_end_of_the_range() -> None:
    assert fluids.temperature_at_saturated_enthalpy_c(1e9, 101325.0, 20.0) == fluids.SATURATED_HOTTEST_C
    assert fluids.temperature_at_saturated_enthalpy_c(-1e9, 101325.0, 20.0) == fluids.COLDEST_C


def test_dry_bulb_comes_back_from_enthalpy() -> None:
    h = fluids.moist_air_enthalpy_kj_kg(31.4, 0.012)
    assert fluids.temperature_from_enthalpy_c(h, 0.012) == pytest.approx(31.4, abs=1e-12)


def test_saturation_rises_with_temperature() -> None:
    t_c = np.arange(-100.0, 70.0, 0.25)
    for rising in (
        elementwise(fluids.saturation_pressure_pa)(t_c),
        elementwise(fluids.saturation_humidity_ratio_kg_kg)(t_c, 101325.0),
        elementwise(fluids.saturated_enthalpy_kj_kg)(t_c, 101325.0),
    ):
        assert np.all(np.diff(rising) > 0.0)


@pytest.mark.parametrize("t_c", [-30.0, -1.0, 0.5, 5.0, 20.0, 45.0])
def test_wet_bulb_and_dew_point_rise_with_humidity_and_meet_the_dry_bulb_at_saturation(t_c: float) -> None:
    rh = np.linspace(0.01, 1.0, 200)
    w = elementwise(fluids.humidity_ratio_from_relative)(t_c, rh, 101325.0)
    wet = elementwise(fluids.wet_bulb_c)(t_c, w, 101325.0)
    dew = elementwise(fluids.dew_point_c)(w, 101325.0)
    assert np.all(np.diff(wet) > 0.0)
    assert np.all(np.diff(dew) > 0.0)
    assert np.all(wet <= t_c)
    assert np.all(dew <= wet + 1e-6)
    assert wet[-1] == pytest.approx(t_c, abs=1e-6)


def test_wet_bulb_of_supersaturated_air_is_the_dry_bulb() -> None:
    assert fluids.wet_bulb_c(20.0, 0.03, 101325.0) == 20.0


def test_pressure_falls_with_elevation_and_is_standard_at_sea_level() -> None:
    assert fluids.station_pressure_pa(0.0) == 101325.0
    assert fluids.station_pressure_pa(1650.0) < fluids.station_pressure_pa(201.0)


def test_elevation_comes_back_from_pressure() -> None:
    for elevation_m in (-400.0, 0.0, 1650.0, 5000.0):
        pressure_pa = fluids.station_pressure_pa(elevation_m)
        assert fluids.elevation_at_pressure_m(pressure_pa) == pytest.approx(elevation_m, abs=0.05)


def test_mixture_is_heavier_than_its_dry_air_by_its_vapour() -> None:
    dry, moist = (f(30.0, 0.0133, 101325.0) for f in (fluids.dry_air_density_kg_m3, fluids.moist_air_density_kg_m3))
    assert moist / dry == pytest.approx(1.0133, rel=1e-12)


SCALARS: list[tuple[Callable[..., float], str]] = [
    (fluids.saturation_pressure_pa, "t"),
    (fluids.saturation_humidity_ratio_kg_kg, "tp"),
    (fluids.humidity_ratio_from_vapour_pressure, "vp"),
    (fluids.humidity_ratio_from_relative, "trp"),
    (fluids.humidity_ratio_from_dew_point, "tp"),
    (fluids.humidity_ratio_from_wet_bulb, "ttp"),
    (fluids.vapour_pressure_pa, "wp"),
    (fluids.relative_humidity_frac, "twp"),
    (fluids.dew_point_c, "wp"),
    (fluids.wet_bulb_c, "twp"),
    (fluids.wet_bulb_near_c, "twpt"),
    (fluids.moist_air_enthalpy_kj_kg, "tw"),
    (fluids.saturated_enthalpy_kj_kg, "tp"),
    (fluids.temperature_from_enthalpy_c, "hw"),
    (fluids.temperature_at_saturated_enthalpy_c, "hpt"),
    (fluids.dry_air_density_kg_m3, "twp"),
    (fluids.moist_air_density_kg_m3, "twp"),
    (fluids.station_pressure_pa, "z"),
    (fluids.elevation_at_pressure_m, "p"),
    (fluids.vaporisation_heat_kj_kg, "t"),
]
RANGES = {
    "t": (-60.0, 90.0),
    "p": (45e3, 110e3),
    "w": (-0.001, 0.08),
    "r": (0.0, 1.1),
    "h": (-60.0, 500.0),
    "v": (0.0, 2e4),
    "z": (-1e3, 1e4),
}
WILD = [0.0, -0.0, 0.01, 1.0, -1.0, 1e-300, 1e9, -1e9, math.nan]


@pytest.mark.parametrize(("function", "letters"), SCALARS, ids=lambda value: getattr(value, "__name__", None))
def test_machine_code_equals_plain_python_bit_for_bit(function: Callable[..., float], letters: str) -> None:
    random = np.random.default_rng(20240229)
    columns = [np.concatenate([random.uniform(*RANGES[x], 4000), random.choice(WILD, 500)]) for x in letters]
    plain = np.array([function(*row) for row in zip(*(c.tolist() for c in columns), strict=True)])
    compiled = elementwise(function)(*columns)
    assert np.array_equal(plain.view(np.int64)[~np.isnan(plain)], compiled.view(np.int64)[~np.isnan(plain)])
    assert np.array_equal(np.isnan(plain), np.isnan(compiled))


@pytest.mark.parametrize("t_c", [-20.0, 0.5, 18.0, 33.0, 60.0])
def test_the_wet_bulb_does_not_depend_on_where_it_is_sought_from(t_c: float) -> None:
    for rh in (0.02, 0.3, 1.0):
        w = fluids.humidity_ratio_from_relative(t_c, rh, 95000.0)
        expected = fluids.wet_bulb_c(t_c, w, 95000.0)
        for near_c in (-60.0, 0.0, expected - 0.5, t_c, 90.0):
            assert fluids.wet_bulb_near_c(t_c, w, 95000.0, near_c) == pytest.approx(expected, abs=2e-7)


def test_every_public_function_is_compared_with_its_machine_code() -> None:
    public = {
        name
        for name, value in vars(fluids).items()
        if callable(value) and not name.startswith("_") and value.__module__ == fluids.__name__
    }
    assert public == {function.__name__ for function, _ in SCALARS}


def test_a_missing_value_stays_missing() -> None:
    assert math.isnan(fluids.wet_bulb_c(math.nan, 0.01, 101325.0))
    assert math.isnan(fluids.dew_point_c(math.nan, 101325.0))
    assert math.isnan(fluids.temperature_at_saturated_enthalpy_c(math.nan, 101325.0, 20.0))
