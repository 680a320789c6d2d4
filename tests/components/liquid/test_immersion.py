"""Immersion: a settled bath by hand, the heat that it keeps, what it loses to the hall, warm water, bad files."""

from __future__ import annotations

import math

import numpy as np
import pytest
import xarray as xr

from tests.engine.scenarios import shipped
from twin.components.liquid.immersion import Immersion
from twin.engine.simulate import simulate
from twin.errors import InputError

SITE, HALL = "technologies/immersion", "halls.ai"
BATH, AIR, PLANT = f"{HALL}.liquid", f"{HALL}.air", "plants.warm"
DAYS = ("run.start=2025-07-10", "run.duration=2d")
STEADY = (f"{HALL}.rack_groups.gpu.utilisation={{kind: constant, value_frac: 0.8}}", *DAYS)
HOT = f"{PLANT}.supply_c=50"  # warmer than the bath's set-point: no valve can hold it
RATE = 940 / 8  # capacity rate of the fluid, kW/K


def run(*overrides: str, site: str = SITE) -> xr.Dataset:
    return simulate(shipped(site, *overrides)).isel(scenario=0)


def of(ds: xr.Dataset, name: str, path: str = BATH) -> np.ndarray:
    return np.asarray(ds[f"{path}.{name}"].values)


def closes(ds: xr.Dataset) -> bool:
    it = float(ds["total"].values[ds["end_use"].values == "it"].sum())
    return float(np.abs(ds["residual_kwh"].values).max()) < 1e-9 * it


def test_a_settled_bath_by_hand() -> None:
    """Gain less loss goes to water; return = supply + gain / C; loss = .6 kW/K from mean fluid to the hall's air."""
    ds = run(*STEADY)
    rack_kw = 24 * 4 * 9.588 * 0.8549
    pump_kw = 940 / 8 / 2.15 / 770 * 120 / 0.55
    loss_kw = of(ds, "tank_loss_kw")[-1]
    gain_kw = rack_kw + pump_kw - loss_kw
    assert of(ds, "rack_heat_kw")[-1] == pytest.approx(rack_kw, rel=1e-9)
    assert of(ds, "pump_kw")[-1] == pytest.approx(pump_kw, rel=1e-9)
    assert of(ds, "heat_kw")[-1] == pytest.approx(gain_kw, rel=1e-6)
    assert of(ds, "supply_c")[-1] == pytest.approx(44.0, abs=1e-9)
    assert of(ds, "return_c")[-1] == pytest.approx(44.0 + gain_kw / RATE, rel=1e-6)
    assert loss_kw == pytest.approx(0.6 * (44.0 + 0.5 * gain_kw / RATE - of(ds, "air_c", AIR)[-2]), rel=1e-4)


def test_what_the_tanks_lose_heats_the_hall() -> None:
    ds = run(*STEADY)
    extra_kw = 4.0 + of(ds, "loss_kw", "power.pdu_ai")[-1]  # lighting, PDU
    expected = of(ds, "tank_loss_kw")[-1] + extra_kw + of(ds, "fan_kw", AIR)[-1]
    assert of(ds, "coil_kw", AIR)[-1] == pytest.approx(expected, rel=1e-3)
    tight = run(f"{BATH}.tank_loss_kw_per_k=0", *STEADY)
    assert np.abs(of(tight, "tank_loss_kw")).max() == 0.0
    assert of(tight, "heat_kw")[-1] - of(ds, "heat_kw")[-1] == pytest.approx(of(ds, "tank_loss_kw")[-1], rel=1e-6)


def test_all_heat_of_servers_without_fans_goes_to_the_bath() -> None:
    ds = run(*DAYS)
    group = f"{HALL}.rack_groups.gpu"
    np.testing.assert_allclose(of(ds, "liquid_heat_kw", group), of(ds, "power_kw", group), rtol=1e-12)
    assert of(ds, "fan_kw", group).max() == 0.0
    assert of(ds, "flow_kg_s", group).max() == 0.0


@pytest.mark.parametrize("step", ["1h", "15min", "1min"])
@pytest.mark.parametrize("loss", ["0.6", "10"])
def test_the_books_close_and_nothing_swings_at_any_step(step: str, loss: str) -> None:
    """Also where tanks lose a quarter of their heat to the hall, as no tank does."""
    ds = run(f"{BATH}.tank_loss_kw_per_k={loss}", f"{AIR}.units_count=50", "plants.main.supply_c=8",
             "plants.main.chillers.large.rated_kw=3000", *STEADY, "run.duration=6h", "run.warmup_h=72",
             f"run.step={step}")  # fmt: skip
    assert closes(ds)
    loss_kw = of(ds, "tank_loss_kw")
    assert np.abs(np.diff(loss_kw)).max() < 1e-3 * loss_kw.mean()


@pytest.mark.parametrize("step", ["1h", "15min"])
def test_a_single_server_in_a_small_bath_that_loses_all_its_heat_comes_to_rest(step: str) -> None:
    """UA is eight times the capacity rate of the fluid: a loss from the last step's mean fluid would swing wider."""
    one = (f"{HALL}.rack_groups.gpu.racks_count=1", f"{HALL}.rack_groups.gpu.servers_per_rack_count=1",
           f"{HALL}.rack_groups.gpu.peak_w=400")  # fmt: skip
    small = (f"{BATH}.capacity_kw=0.5", f"{BATH}.volume_m3=1", f"{BATH}.tank_loss_kw_per_k=2")
    ds = run(*one, *small, *STEADY, f"run.step={step}", "run.warmup_h=100")
    gain_kw = of(ds, "rack_heat_kw") + of(ds, "pump_kw")
    assert of(ds, "heat_kw").max() == 0.0
    np.testing.assert_allclose(of(ds, "tank_loss_kw"), gain_kw, rtol=1e-3)
    assert of(ds, "bath_c")[-1] - of(ds, "air_c", AIR)[-1] == pytest.approx(gain_kw[-1] / 2.0, abs=1e-3)


def test_a_bath_without_water_warms_with_the_heat_that_it_keeps() -> None:
    """Facility water too warm: gain less what still goes over heat capacity, servers and tanks included."""
    kept_kwh_per_k = 24 * 770 * 2.15 / 3600 + 3.0
    ds = run(f"{BATH}.solid_kwh_per_k=3", f"{BATH}.tank_loss_kw_per_k=0", f"{PLANT}.volume_m3=1e-3", HOT, *STEADY,
             "run.step=15s", "run.duration=5min", "run.warmup_h=0")  # fmt: skip
    gain_kw = of(ds, "rack_heat_kw") + of(ds, "pump_kw")
    rates = np.diff(of(ds, "supply_c")) * 240
    np.testing.assert_allclose(rates[-10:], ((gain_kw - of(ds, "heat_kw")) / kept_kwh_per_k)[-10:], rtol=1e-9)
    slow = run(f"{BATH}.volume_m3=240", f"{PLANT}.volume_m3=1e-3", HOT, *STEADY, "run.step=15s", "run.duration=5min",
               "run.warmup_h=0")  # fmt: skip
    assert of(slow, "supply_c")[-1] - 44.0 < 0.4 * (of(ds, "supply_c")[-1] - 44.0)
    assert of(ds, "unmet_kw")[-1] == pytest.approx(RATE * (of(ds, "supply_c")[-1] - 44.0))


@pytest.mark.parametrize("site", [SITE, "technologies/warm_water_hybrid"])
def test_warmer_facility_water_opens_the_valve_and_then_warms_the_coolant(site: str) -> None:
    liquid = shipped(site).halls["ai"].liquid
    assert liquid is not None
    valves, supplies = [], []
    for water_c in np.arange(30.0, 50.5, 2.5):
        ds = run(f"{PLANT}.supply_c={water_c}", *STEADY, site=site)
        valves.append(of(ds, "valve_frac")[-1])
        supplies.append(of(ds, "supply_c")[-1])
    assert np.all(np.diff(valves) >= -1e-9)
    assert np.all(np.diff(supplies) >= -1e-9)
    assert supplies[0] == pytest.approx(liquid.supply_set_c, abs=1e-9)
    assert supplies[-1] > liquid.supply_set_c


@pytest.mark.parametrize(("facility_c", "coolant_c"), [(17, 22), (27, 32), (32, 37), (40, 45), (45, 50), (50, 60)])
def test_warm_water_classes_can_be_stated(facility_c: int, coolant_c: int) -> None:
    """ASHRAE W17 to W45 and W+: facility water up to 50 and coolant up to 60 degC, on two plants, without a chiller."""
    january = ("run.start=2025-01-10", "run.duration=1d")
    ds = run(f"{PLANT}.supply_c={facility_c}", f"{BATH}.supply_set_c={coolant_c}", *january,
             site="technologies/warm_water_hybrid")  # fmt: skip
    assert closes(ds)
    if facility_c > 30:  # dry coils in a January of Miami
        np.testing.assert_allclose(of(ds, "supply_c"), coolant_c, atol=1e-6)
        np.testing.assert_allclose(of(ds, "supply_c", PLANT), facility_c, atol=1e-3)


def test_the_residual_heat_of_a_warm_water_hall_goes_to_chilled_water() -> None:
    ds = run("run.start=2025-07-10", "run.duration=5d", site="technologies/warm_water_hybrid")
    group = f"{HALL}.rack_groups.gpu"
    power, to_warm = of(ds, "power_kw", group).sum(), of(ds, "liquid_heat_kw", group).sum()
    assert to_warm == pytest.approx(0.75 * power)
    by_air = of(ds, "coil_kw", AIR).sum() + of(ds, "heat_kw", f"{HALL}.rear_doors").sum()
    losses = of(ds, "loss_kw", "power.pdu_ai").sum() + 4.0 * 120
    fans = of(ds, "fan_kw", AIR).sum() + of(ds, "fan_kw", f"{HALL}.rear_doors").sum()
    assert by_air == pytest.approx(0.25 * power + losses + fans, rel=2e-3)
    assert of(ds, "shortfall_kw", PLANT).max() == 0.0
    assert of(ds, "leaving_c", f"{HALL}.rear_doors").max() == pytest.approx(23.0, abs=1e-9)


def test_an_exchanger_is_made_from_its_approach() -> None:
    bath = shipped(SITE).halls["ai"].liquid
    assert isinstance(bath, Immersion)
    around = type("Around", (), {"hall": shipped(SITE).halls["ai"]})()
    found = bath.derive(around)
    water, effectiveness = 940 / 10, 940 / (94 * 13)
    ntu = math.log((1 - effectiveness * water / RATE) / (1 - effectiveness)) / (1 - water / RATE)
    assert found["exchanger_kw_per_k"] == pytest.approx(ntu * water, rel=1e-12)
    assert found["coolant_kwh_per_k"] == pytest.approx(24 * 770 * 2.15 / 3600, rel=1e-12)


@pytest.mark.parametrize(("override", "told"), [
    (f"{HALL}.rack_groups.gpu.fan_power_frac=0.06",
     r"rack_groups.gpu.fan_power_frac: must be 0: servers in a bath have no fans, got 0.06"),
    (f"{BATH}.density_kg_m3=null", "density_kg_m3: is required"),
    (f"{BATH}.tank_loss_kw_per_k=null", "tank_loss_kw_per_k: is required"),
    (f"{BATH}.approach_k=0.1", "approach_k: asks for an effectiveness of"),
    (f"{BATH}.kind=null", "kind: must be one of cdu, immersion, got null"),
    (f"{BATH}.kind=imersion", r"must be one of cdu, immersion \(did you mean 'immersion'\?\), got 'imersion'"),
])  # fmt: skip
def test_what_cannot_be_is_refused(override: str, told: str) -> None:
    with pytest.raises(InputError, match=told):
        shipped(SITE, override)
