"""What must hold whatever the numbers are."""

from __future__ import annotations

import numpy as np
import pytest

from tests.engine.scenarios import shipped
from twin.engine.simulate import simulate
from twin.physics.fluids import vaporisation_heat_kj_kg
from twin.studies.kpis import kpis

SCALED_IN_QUICKSTART = {
    "halls.enterprise.rack_groups.web.racks_count": 40, "halls.ai.rack_groups.gpu.racks_count": 24,
    "halls.enterprise.volume_m3": 1400, "halls.ai.volume_m3": 1000, "halls.enterprise.air.units_count": 5,
    "halls.ai.air.units_count": 12, "rooms.electrical.capacity_kw": 150, "rooms.electrical.fan_kw": 3,
    "rooms.electrical.volume_m3": 300, "rooms.electrical.solid_kwh_per_k": 0.5, "plants.main.volume_m3": 25,
    "plants.main.chillers.large.rated_kw": 750, "plants.main.chillers.medium.rated_kw": 600,
    "plants.main.chillers.small.rated_kw": 400, "plants.main.chillers.large.condenser_flow_m3_s": 0.037,
    "plants.main.chillers.medium.condenser_flow_m3_s": 0.030, "plants.main.chillers.small.condenser_flow_m3_s": 0.020,
    "plants.main.pump.flow_m3_s": 0.055, "plants.main.condenser.pump.flow_m3_s": 0.087,
    "plants.main.condenser.towers.cells.water_flow_m3_s": 0.087,
    "plants.main.condenser.towers.cells.air_flow_m3_s": 52.5,
    "plants.main.condenser.towers.cells.fan_kw": 20, "power.pdu_enterprise.rated_kw": 500,
    "power.pdu_ai.rated_kw": 1200,
    "power.mechanical.rated_kw": 600, "power.main.rated_kva": 1500, "power.ups.module_kw": 250,
    "loads.lighting_enterprise.power_kw": 6, "loads.lighting_ai.power_kw": 4, "loads.building.power_kw": 12,
}  # fmt: skip
MONTH = ("run.duration=30d",)


def figure(name: str, *overrides: str, scenario: str = "quickstart") -> float:
    return kpis(simulate(shipped(scenario, *overrides), keep="none"))[name]["value"]


def test_twice_the_site_has_twice_the_energy_and_the_same_pue() -> None:
    doubled = tuple(f"{path}={2 * value}" for path, value in SCALED_IN_QUICKSTART.items())
    once, twice = (kpis(simulate(shipped("quickstart", *MONTH, *o), keep="none")) for o in ((), doubled))
    for name in ("facility_energy_kwh", "chiller_energy_kwh", "water_use_m3", "peak_grid_kw"):
        assert twice[name]["value"] == pytest.approx(2 * once[name]["value"], rel=1e-6), name
    for name in ("pue", "wue_l_per_kwh", "max_rack_inlet_c", "cue_kgco2_per_kwh"):
        assert twice[name]["value"] == pytest.approx(once[name]["value"], rel=1e-6), name


def test_pue_is_above_one_at_every_step_and_in_order_of_category() -> None:
    ds = simulate(shipped("quickstart", *MONTH))
    it = ds["halls.ai.rack_groups.gpu.power_kw"] + ds["halls.enterprise.rack_groups.web.power_kw"]
    assert (ds["grid.meter.import_kw"] / it > 1).all()
    figures = kpis(ds)
    assert 1 < figures["pue_category_1"]["value"] < figures["pue"]["value"] < figures["tue"]["value"]


def test_warmer_condenser_water_costs_chiller_energy() -> None:
    cool, warm = (
        figure("chiller_energy_kwh", *MONTH, f"plants.main.condenser.{f}") for f in ("approach_k=4", "approach_k=8")
    )
    assert warm > 1.03 * cool


def test_warmer_chilled_water_saves_chiller_energy() -> None:
    cold, warm = (figure("chiller_energy_kwh", *MONTH, f"plants.main.supply_c={t}") for t in (6.5, 8.5))
    assert warm < 0.97 * cold


def test_more_redundancy_means_less_load_per_module_and_more_loss() -> None:
    n, twice = (figure("ups_loss_kwh", *MONTH, f"power.ups.redundancy={r}") for r in ("N", "2N"))
    assert twice > 1.1 * n


def test_the_economizer_saves_energy_in_a_mild_climate() -> None:
    on = figure("facility_energy_kwh", scenario="greensboro")
    off = figure("facility_energy_kwh", "plants.main.economizer=null", scenario="greensboro")
    assert on < 0.98 * off


@pytest.mark.parametrize("name", ["quickstart", "greensboro"])
def test_water_made_up_is_evaporation_drift_and_blowdown_and_evaporation_is_bounded_by_heat(name: str) -> None:
    ds = simulate(shipped(name))
    tower = "plants.main.condenser.towers.cells"
    water = {k: ds[f"{tower}.{k}_m3_h"].values[0] for k in ("make_up", "evaporation", "drift", "blowdown")}
    np.testing.assert_allclose(water["make_up"], water["evaporation"] + water["drift"] + water["blowdown"], rtol=1e-12)
    dry = ds["weather.dry_bulb_c"].values[0]
    wet = ds["weather.wet_bulb_c"].values[0]
    air_kg_s = (
        ds[f"{tower}.air_ratio"].values[0]
        * {"quickstart": 52.5, "greensboro": 480}[name]
        * ds["weather.density_kg_m3"].values[0]
    )
    latent_kw = water["evaporation"] * 998.0 / 3600.0 * np.vectorize(vaporisation_heat_kj_kg)(wet)
    sensible_kw = air_kg_s * 1.006 * np.maximum(dry - wet, 0.0)
    assert (latent_kw <= (ds[f"{tower}.rejected_kw"].values[0] + sensible_kw) * 1.02).all()


def test_the_same_scenario_gives_the_same_bytes() -> None:
    a, b = (simulate(shipped("quickstart", *MONTH)) for _ in range(2))
    assert all(a[v].values.tobytes() == b[v].values.tobytes() for v in a.data_vars if a[v].dtype.kind == "f")


def test_blended_condenser_water_shows_what_it_costs() -> None:
    ds = simulate(shipped("greensboro", "plants.main.chillers.ch1.minimum_entering_c=17"))
    blend, cost = (ds[f"plants.main.chillers.ch1.{n}"].values[0] for n in ("blend_k", "blend_cost_kw"))
    assert (blend > 0).sum() > 100
    assert cost.sum() > 0
    assert (cost[blend == 0] == 0).all()
