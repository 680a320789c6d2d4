"""Direct-expansion units: their figures at the rating points, weather, shortage, economizer, and what is refused."""

from __future__ import annotations

import csv
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import psychrolib
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from tests.engine.scenarios import shipped
from twin.components.air.crac import Crac, crac_step, dx_work
from twin.components.air.hall_air import ventilate
from twin.components.base import Surroundings
from twin.components.nodes import HallAir
from twin.engine.simulate import simulate
from twin.errors import InputError, RunError
from twin.physics.direct_expansion import DX_CAPFT, DX_CYCLING_LOSS_FRAC, DX_EIRFT, DX_LIMITS, dx_coil
from twin.studies.kpis import kpis

SITE, AIR = "technologies/crac_dx", "halls.enterprise.air"
TABLE = Path(__file__).parents[2] / "reference" / "checks_direct_expansion.csv"
HALL = shipped(SITE).halls["enterprise"]
JANUARY, JULY = ("run.start=2025-01-10", "run.duration=5d"), ("run.start=2025-07-10", "run.duration=5d")
WITHOUT = f"{AIR}.economizer=null"


def run(*overrides: str) -> xr.Dataset:
    return simulate(shipped(SITE, *overrides)).isel(scenario=0)


def of_air(ds: xr.Dataset, name: str) -> np.ndarray:
    return ds[f"{AIR}.{name}"].values


def changed(**changes: Any) -> Crac:
    return Crac.model_validate(HALL.air.model_dump() | changes)


def settled(outdoor_c: float, heat_kw: float = 240.0, steps: int = 60, **changes: Any) -> SimpleNamespace:
    """Outputs of the units after hours of the same weather and load."""
    unit = changed(**changes)
    around = Surroundings(hall=HALL.model_copy(update={"air": unit}))
    p, u = (
        SimpleNamespace(**unit.parameters(around)),
        SimpleNamespace(availability_frac=1.0, set_air_c=unit.supply_air_c),
    )
    w = SimpleNamespace(dry_bulb_c=outdoor_c, pressure_pa=101325.0)
    s, y = SimpleNamespace(**unit.initial(around)), SimpleNamespace()
    for _ in range(steps):
        x = SimpleNamespace()
        air = SimpleNamespace(**dict.fromkeys([*HallAir.accumulated, *HallAir.held], 0.0))
        air.rack_heat_kw, air.rack_flow_kg_s = heat_kw, heat_kw / 12.0
        ventilate(p, u, w, s, x, y, air, 1.0)
        crac_step(p, u, w, s, x, y, air, 1.0)
        s = x
    return y


# --- its figures ------------------------------------------------------------------------------------------------

with TABLE.open(encoding="utf-8", newline="") as _table:
    ROWS = [row for row in csv.DictReader(_table) if row["quantity"] in ("coil_power", "coil_capacity", "dx")]


@pytest.mark.parametrize("row", ROWS, ids=[row["id"] for row in ROWS])
def test_compressors_have_the_reference_values(row: dict[str, str]) -> None:
    at = {name: float(value) for name, _, value in (one.partition("=") for one in row["inputs"].split(";"))}
    p = SimpleNamespace(performance=float(row["quantity"] == "dx"), rated_cop=3.0, cycling_loss_frac=0.15,
                        cop_error_frac=0.0)  # fmt: skip
    power, able, _ = dx_work(p, at.get("load_kw", 60.0), at.get("entering_wet_bulb_c", 19.44), at["outdoor_c"], 100.0)
    found = {"coil_power": power, "coil_capacity": able, "dx": 60.0 / power}[row["quantity"]]
    assert found == pytest.approx(float(row["expected"]), rel=1e-9)


def test_power_is_that_of_the_curves_at_return_air_of_the_halls_dew_point() -> None:
    """Wet bulb by psychrolib, from the return air and a dew point of 10 degC."""
    ds = run(WITHOUT, *JULY)
    psychrolib.SetUnitSystem(psychrolib.SI)
    pressure = ds["weather.pressure_pa"].values
    returned = zip(of_air(ds, "return_c"), pressure, strict=True)
    wet = [psychrolib.GetTWetBulbFromTDewPoint(t, 10.0, pa) for t, pa in returned]
    expected = [
        dx_coil(q, t, out, 625.0, 3.2, DX_CAPFT, DX_EIRFT, DX_LIMITS, DX_CYCLING_LOSS_FRAC)[0]
        for q, t, out in zip(of_air(ds, "coil_kw"), wet, ds["weather.dry_bulb_c"].values, strict=True)
    ]
    np.testing.assert_allclose(of_air(ds, "compressor_kw"), expected, rtol=2e-3)


@pytest.mark.parametrize("performance", ["curves", "table"])
def test_power_rises_with_the_outdoor_temperature(performance: str) -> None:
    changes = {"performance": performance, "economizer": None}
    changes |= {"rated_cop": 3.0} if performance == "table" else {}
    powers = [settled(t, **changes).power_kw for t in np.linspace(-45.0, 55.0, 41)]
    assert np.all(np.diff(powers) >= -1e-9)
    assert powers[-1] > 1.2 * powers[0]


def test_heat_leaves_outdoors_with_the_work_of_compressors_and_pumps() -> None:
    for ds in (run(*JANUARY), run(*JULY)):
        paid = of_air(ds, "compressor_kw") + of_air(ds, "pump_kw")
        np.testing.assert_allclose(of_air(ds, "outdoors_kw"), of_air(ds, "coil_kw") + paid, rtol=1e-12)
        np.testing.assert_allclose(of_air(ds, "power_kw"), of_air(ds, "fan_kw") + paid, rtol=1e-12)


# --- capacity ---------------------------------------------------------------------------------------------------


def test_within_capacity_the_supply_air_is_held() -> None:
    ds = run(*JULY)
    np.testing.assert_allclose(of_air(ds, "supply_c"), 23.0, atol=1e-9)
    assert of_air(ds, "unmet_kw").max() < 1e-9


def test_beyond_capacity_the_supply_air_rises_and_the_shortage_is_told() -> None:
    """Less than half of the units are in service: too few for the afternoons of July, enough for its nights."""
    ds = simulate(shipped(SITE, *JULY, WITHOUT, f"{AIR}.availability={{kind: constant, value_frac: 0.43}}"))
    one = ds.isel(scenario=0)
    short = of_air(one, "unmet_kw") > 1e-6
    assert 5 < short.sum() < 100
    assert of_air(one, "supply_c")[short].min() > 23.0
    held = of_air(one, "coil_kw") < of_air(one, "capacity_kw") * (1 - 1e-6)
    assert held.sum() > 60
    np.testing.assert_allclose(of_air(one, "supply_c")[held], 23.0, atol=1e-9)
    assert of_air(one, "supply_c").min() > 22.8, (
        "where a shortage begins the units run at capacity from the step's start"
    )
    np.testing.assert_allclose(of_air(one, "coil_kw")[short], of_air(one, "capacity_kw")[short], rtol=1e-7)
    figures = kpis(ds)
    assert figures["unmet_cooling_kwh"]["value"] == pytest.approx(of_air(one, "unmet_kw").sum())
    assert figures["energy_balance_residual_frac"]["value"] < 1e-9


def test_a_hall_whose_units_stay_too_few_runs_away_with_its_time_and_place() -> None:
    with pytest.raises(RunError, match=r"ran away at 2025-07-1\d .*halls\.enterprise\.air\.inlet_c"):
        run(*JULY, WITHOUT, f"{AIR}.availability={{kind: constant, value_frac: 0.3}}")


@pytest.mark.parametrize("performance", ["curves", "table"])
def test_units_at_capacity_take_what_they_can(performance: str) -> None:
    rating = {"performance": performance, "rated_cop": 3.0, "capacity_kw": 46.0, "economizer": None}
    before = settled(38.0, 200.0, 5, **rating)
    assert before.unmet_kw == 0.0
    found = [settled(38.0, 240.0, n, **rating) for n in (3, 5, 8)]
    supplies = [23.0, *(y.supply_c for y in found)]
    assert np.all(np.diff(supplies) > 0.1)
    for y in found:
        assert y.coil_kw == pytest.approx(y.capacity_kw, rel=1e-7)
        assert y.unmet_kw == pytest.approx((y.supply_c - 23.0) * (y.coil_kw - y.fan_kw) / (y.return_c - y.supply_c))


# --- economizer -------------------------------------------------------------------------------------------------


def test_the_economizer_saves_in_the_cold_and_costs_nothing_in_the_heat() -> None:
    cold, cold_without, warm, warm_without = (
        of_air(run(*season, *more), "power_kw").sum() for season in (JANUARY, JULY) for more in ((), (WITHOUT,))
    )
    assert cold < 0.6 * cold_without
    assert warm <= warm_without * (1 + 1e-12)


def test_pumped_refrigerant_carries_all_a_part_and_nothing_by_weather() -> None:
    cold, mild, warm = (settled(t) for t in (0.0, 24.0, 34.0))
    assert (cold.free_mode, cold.partial_mode, cold.compressor_kw) == (1.0, 0.0, 0.0)
    assert (mild.free_mode, mild.partial_mode) == (0.0, 1.0)
    assert mild.pump_kw == pytest.approx(0.5 * 5 * 3.5)
    assert (warm.free_kw, warm.pump_kw) == (0.0, 0.0)


def test_with_one_circuit_it_is_all_or_nothing() -> None:
    one = {"economizer": HALL.air.economizer.model_copy(update={"circuits": "one"}).model_dump()}  # type: ignore[union-attr]
    assert settled(24.0, **one).free_kw == 0.0
    assert settled(0.0, **one).free_mode == 1.0


def test_hours_of_free_cooling_and_the_energy_of_the_units_are_figures() -> None:
    ds = simulate(shipped(SITE, *JANUARY))
    figures = {name: metric["value"] for name, metric in kpis(ds).items()}
    assert figures["crac_energy_kwh"] == pytest.approx(ds[f"{AIR}.power_kw"].values.sum())
    assert figures["energy_balance_residual_frac"] < 1e-9
    assert figures["cooling_energy_kwh"] > figures["crac_energy_kwh"]


def test_hours_in_which_running_coils_would_condense_are_told_though_the_mean_supply_is_warm() -> None:
    """A coil that runs for half of the time is far colder then than its mean air."""
    moist = "halls.enterprise.dew_point_c=15"
    ds = simulate(shipped(SITE, *JULY, WITHOUT, moist))
    told = kpis(ds)["running_coil_below_dew_point_h"]
    one = ds.isel(scenario=0)
    running, drop_k = of_air(one, "compressor_kw") > 0, of_air(one, "capacity_kw") / (of_air(one, "flow_kg_s") * 1.026)
    surface_c = of_air(one, "return_c") - drop_k / (1.0 - 0.1 ** (1.0 / of_air(one, "fan_speed_frac")))
    assert kpis(ds)["coil_below_dew_point_h"]["value"] == 0.0
    assert told["value"] == (running & (surface_c < 15.0)).sum() > 100
    dry = kpis(simulate(shipped(SITE, *JULY, WITHOUT, "halls.enterprise.dew_point_c=-10")))
    assert dry["running_coil_below_dew_point_h"]["value"] == 0.0


def test_coils_that_pumped_refrigerant_cools_are_not_counted_as_running() -> None:
    ds = run("run.start=2025-07-01", "run.duration=5d", "halls.enterprise.dew_point_c=15")
    alone = of_air(ds, "free_mode") > 0
    assert 10 < alone.sum() < 110
    assert of_air(ds, "wet_running")[alone].max() == 0.0
    assert of_air(ds, "wet_running")[~alone].min() == 1.0


# --- bounds -----------------------------------------------------------------------------------------------------


@given(outdoor=st.floats(-45, 55), heat=st.floats(0, 1200), supply=st.floats(10, 40), units=st.integers(1, 10),
       slope=st.floats(0.01, 50), circuits=st.sampled_from(("one", "two")))  # fmt: skip
def test_at_every_corner_the_figures_are_finite_and_the_air_is_in_balance(
    outdoor: float, heat: float, supply: float, units: int, slope: float, circuits: str
) -> None:
    economizer = {"capacity_kw_per_k": slope, "pump_kw": 1.0, "circuits": circuits}
    y = settled(outdoor, heat, 3, supply_air_c=supply, units_count=units, economizer=economizer)
    assert all(np.isfinite(value) for value in vars(y).values())
    cp = 1.006 + 1.86 * 0.00766  # of air with a dew point of 10 degC
    given_up = y.flow_kg_s * cp * (y.return_c - y.supply_c) + y.fan_kw
    assert y.coil_kw == pytest.approx(given_up, rel=1e-4, abs=1e-3 * max(heat, 1.0))
    assert 0.0 <= y.free_kw <= y.coil_kw + 1e-9
    assert min(y.compressor_kw, y.pump_kw, y.unmet_kw, y.coil_kw) >= 0.0


@pytest.mark.parametrize(("override", "told"), [
    ("capacity_kw=400", "carry at most 290 kW, got 400"),
    ("cop_error_frac=0.1", "has no meaning with performance: curves"),
    ("performance=table", "has no meaning with performance: table"),
    ("units_count=1", "1 units of 125 kW cannot carry"),
    ("economizer={kind: pumped_refrigerant, pump_kw: 1}", "capacity_kw_per_k: is required"),
])  # fmt: skip
def test_what_cannot_be_is_refused(override: str, told: str) -> None:
    with pytest.raises(InputError, match=told):
        shipped(SITE, f"{AIR}.{override}")
