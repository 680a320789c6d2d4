"""Blades: Frontier's chain through a run, staging of rectifiers, results per rack, and what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import xarray as xr

from tests.engine.scenarios import shipped
from twin.components.it.blades import Blades
from twin.components.profiles import ConstantProfile, hours_of
from twin.engine.simulate import simulate
from twin.errors import InputError
from twin.studies.kpis import kpis

SITE = "technologies/frontier_power"
CABINETS, COOLANT = "halls.frontier.rack_groups.cabinets", "halls.frontier.liquid"
SYSTEM_MW = {(0, 0): 7.3065, (0.33, 0.79): 22.9545, (0, 1): 26.3150, (1, 1): 28.2279}  # ExaDigiT RAPS, Frontier


def run(cpu: float, gpu: float, *overrides: str) -> xr.Dataset:
    loads = {"cpu": cpu, "gpu": gpu}
    return simulate(shipped(SITE, "run.start=2025-07-14", "run.duration=6h", "run.warmup_h=24", *overrides, *(
        f"{CABINETS}.{part}_utilisation={{kind: constant, value_frac: {load}}}" for part, load in loads.items()
    )))  # fmt: skip


def system_mw(ds: xr.Dataset) -> np.ndarray:
    """Racks at their AC input and pumps of the coolant distribution units."""
    return (ds[f"{CABINETS}.power_kw"] + ds[f"{COOLANT}.pump_kw"]).values[0] / 1000


def blades(**fields: Any) -> Blades:
    full = ConstantProfile(value_frac=1.0)
    return Blades(**{"racks_count": 1, "cpu_utilisation": full, "gpu_utilisation": full} | fields)


@pytest.mark.parametrize(("load", "expected_mw"), SYSTEM_MW.items())
def test_frontier_draws_the_published_power(load: tuple[float, float], expected_mw: float) -> None:
    ds = run(*load)
    np.testing.assert_allclose(system_mw(ds), expected_mw, atol=1e-4)
    assert kpis(ds)["energy_balance_residual_frac"]["value"] < 1e-9


@pytest.mark.parametrize(("least", "expected_mw"), [(4, 7.3065), (3, 7.2960), (2, 7.2856), (1, 7.2751)])
def test_idle_power_falls_with_rectifiers_out_of_use(least: int, expected_mw: float) -> None:
    ds = run(0, 0, f"{CABINETS}.rectifiers_least_count={least}")
    np.testing.assert_allclose(system_mw(ds), expected_mw, atol=1e-4)
    np.testing.assert_array_equal(ds[f"{CABINETS}.rectifiers_used_count"].values, least)


def test_staging_brings_all_rectifiers_back_under_load() -> None:
    ds = run(1, 1, f"{CABINETS}.rectifiers_least_count=1")
    np.testing.assert_array_equal(ds[f"{CABINETS}.rectifiers_used_count"].values, 4.0)
    np.testing.assert_allclose(system_mw(ds), 28.2279, atol=1e-4)


@pytest.mark.parametrize(("load", "loss_mw"), [((0, 0), 0.5708), ((1, 1), 1.8093)])
def test_conversion_loss_is_part_of_it_power_and_shown(load: tuple[float, float], loss_mw: float) -> None:
    ds = run(*load)
    np.testing.assert_allclose(ds[f"{CABINETS}.psu_loss_kw"].values / 1000, loss_mw, atol=1e-4)
    figures = kpis(ds)
    assert figures["it_psu_loss_kwh"]["value"] == pytest.approx(loss_mw * 6000, abs=0.6)
    assert figures["tue"]["value"] > figures["pue"]["value"]


@pytest.mark.parametrize("load", [(0, 0), (0.33, 0.79), (0.4, 0.1)])
def test_half_the_racks_draw_half_and_each_the_same(load: tuple[float, float]) -> None:
    whole, half = run(*load), run(*load, f"{CABINETS}.racks_count=37")
    np.testing.assert_allclose(half[f"{CABINETS}.power_kw"], whole[f"{CABINETS}.power_kw"] / 2, rtol=1e-12)
    np.testing.assert_allclose(half[f"{CABINETS}.rack_kw"], whole[f"{CABINETS}.rack_kw"], rtol=1e-12)
    np.testing.assert_allclose(whole[f"{CABINETS}.rack_kw"] * 74, whole[f"{CABINETS}.power_kw"], rtol=1e-12)


def closed_form_kw(cpu: float, gpu: float) -> float:
    """A rack of Frontier: 8 chassis of 16 nodes and 4 switches behind 4 rectifiers (ExaDigiT RAPS, worked by hand)."""
    node_w = 90 + 190 * cpu + 4 * (88 + 472 * gpu) + 74.26 + 4 * 20 + 30
    return 8 * 4 * ((16 * (node_w + 13) / 0.98 + 1000) / 4 + 17) / 0.96 / 1000


@pytest.mark.parametrize("racks", [74, 37, 19, 1])
@pytest.mark.parametrize("load", [(0, 0), (0.2, 0.217), (0.33, 0.79), (0.5, 0.5), (0.9, 0.05), (1, 1)])
def test_any_number_of_racks_at_any_load_draws_the_closed_form(load: tuple[float, float], racks: int) -> None:
    ds, rack_kw = run(*load, f"{CABINETS}.racks_count={racks}"), closed_form_kw(*load)
    np.testing.assert_allclose(ds[f"{CABINETS}.rack_kw"], rack_kw, rtol=1e-9)
    np.testing.assert_allclose(ds[f"{CABINETS}.power_kw"] / 1000, racks * rack_kw / 1000, atol=1e-9)
    np.testing.assert_allclose(system_mw(ds), racks * rack_kw / 1000 + 25 * 8473.47e-6, atol=1e-4)


@pytest.mark.parametrize(("chassis", "nodes"), [(4, 16), (8, 8)])
def test_half_the_chassis_halve_a_rack_and_half_the_nodes_keep_its_switches(chassis: int, nodes: int) -> None:
    counts = (f"{CABINETS}.chassis_per_rack_count={chassis}", f"{CABINETS}.nodes_per_chassis_count={nodes}")
    ds = run(0.33, 0.79, *counts)
    node_w = 90 + 190 * 0.33 + 4 * (88 + 472 * 0.79) + 74.26 + 4 * 20 + 30
    rack_kw = chassis * 4 * ((nodes * (node_w + 13) / 0.98 + 1000) / 4 + 17) / 0.96 / 1000
    np.testing.assert_allclose(ds[f"{CABINETS}.rack_kw"], rack_kw, rtol=1e-9)


def test_the_plant_of_the_site_stays_within_its_models_all_year() -> None:
    ds = simulate(shipped(SITE), keep="none")
    total = dict(zip(ds["output"].values.tolist(), ds["total"].values[0].tolist(), strict=True))
    clamped = {name: hours for name, hours in total.items() if name.endswith((".clamped_count", ".unsolved_count"))}
    assert len(clamped) >= 3
    assert max(clamped.values()) < 24


@pytest.mark.parametrize(("load", "rack_kw"), [((0, 0), 95.87), ((1, 1), 378.60)])
def test_a_rack_draws_the_published_power(load: tuple[float, float], rack_kw: float) -> None:
    np.testing.assert_allclose(run(*load)[f"{CABINETS}.rack_kw"], rack_kw, atol=0.005)


def test_the_pue_of_frontiers_mean_load_on_a_warm_water_plant_is_that_of_its_kind() -> None:
    """Published: about 1.05, IT at the racks' AC input, 11.6 MW on average; the plant's figures are assumed."""
    figures = {name: metric["value"] for name, metric in kpis(simulate(shipped(SITE))).items()}
    assert figures["it_energy_kwh"] / 8760 == pytest.approx(11600, abs=10)
    assert 1.03 < figures["pue"] < 1.07
    assert figures["unmet_cooling_kwh"] == 0.0


def test_heat_that_is_not_taken_by_liquid_warms_the_air_by_its_stated_rise() -> None:
    ds = run(1, 1)
    heat, flow = ds[f"{CABINETS}.air_heat_kw"].values, ds[f"{CABINETS}.flow_kg_s"].values
    np.testing.assert_allclose(heat, 0.01 * ds[f"{CABINETS}.power_kw"].values, rtol=1e-9)
    np.testing.assert_allclose(heat / (flow * 1.006), 12.0, rtol=0.06)  # stated for 1.2 kg/m3
    rise = (ds[f"{CABINETS}.outlet_c"] - ds[f"{CABINETS}.inlet_c"]).values
    np.testing.assert_allclose(rise, heat / (flow * 1.006), rtol=1e-9)


def test_without_any_heat_to_air_no_air_passes() -> None:
    ds = run(0.33, 0.79, f"{CABINETS}.liquid_frac=1")
    assert not ds[f"{CABINETS}.flow_kg_s"].values.any()
    assert np.isfinite(ds[f"{CABINETS}.inlet_c"].values).all()
    assert kpis(ds)["energy_balance_residual_frac"]["value"] < 1e-9


@pytest.mark.parametrize("least", [1, 4])
def test_the_course_that_sizes_plants_is_not_below_what_is_drawn(least: int) -> None:
    for cpu, gpu in [(0, 0), (0.2, 0.9), (1, 1), (1.2, 1.2)]:
        loads = {"cpu_utilisation": ConstantProfile(value_frac=cpu), "gpu_utilisation": ConstantProfile(value_frac=gpu)}
        group = blades(racks_count=74, rectifiers_least_count=least, **loads)
        drawn = float(run(cpu, gpu, f"{CABINETS}.rectifiers_least_count={least}",
                          "plants.warm.economizer.capacity_kw=40000", f"{COOLANT}.capacity_kw=40000",
                          "plants.warm.economizer.chilled_flow_m3_s=1", "plants.warm.economizer.tower_flow_m3_s=1.2",
                          "halls.frontier.air.coil_capacity_kw=100", "plants.air.chillers.central.rated_kw=500")
                      [f"{CABINETS}.power_kw"].values[0, 0])  # fmt: skip
        assert drawn * (1 - 1e-12) <= group.course_kw(hours_of).max() <= drawn * 1.005
    assert blades().course_kw(hours_of).max() == pytest.approx(blades().peak_kw, rel=1e-12)


@pytest.mark.parametrize(("change", "message"), [
    ("rectifiers_least_count=5", "rectifiers_least_count: must not be above the 4 of a chassis, got 5"),
    ("gpu_peak_w=80", "gpu_peak_w: must not be below gpu_idle_w (88), got 80"),
    ("cpu_peak_w=80", "cpu_peak_w: must not be below cpu_idle_w (90), got 80"),
    ("kind=servers", "servers_per_rack_count: is required"),
    ("kind=blade", "did you mean 'blades'?"),
])  # fmt: skip
def test_parts_that_do_not_agree_are_refused_by_name(change: str, message: str) -> None:
    with pytest.raises(InputError) as refused:
        shipped(SITE, f"{CABINETS}.{change}")
    assert message in str(refused.value)


def test_blades_that_draw_nothing_are_refused() -> None:
    nothing = dict.fromkeys(("memory_w", "drives_w", "network_card_w", "switch_w", "converter_fixed_w",
                             "rectifier_fixed_w", "cpu_idle_w", "cpu_peak_w", "gpu_idle_w",
                             "gpu_peak_w"), 0.0)  # fmt: skip
    with pytest.raises(ValueError, match="draw nothing at full load"):
        blades(**nothing)
