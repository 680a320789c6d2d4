"""Air has to go where the racks are: fan speed, leakage and what they do to inlets."""

from __future__ import annotations

import pytest

from tests.engine.scenarios import shipped
from twin.engine.simulate import simulate

CONSTANT = ("halls.ai.air.fan_control=constant", "run.start=2025-07-01", "run.duration=7d")


def mean(*overrides: str) -> dict[str, float]:
    ds = simulate(shipped("quickstart", *CONSTANT, *overrides), keep="none")
    hours = float(ds.attrs["step_h"]) * ds.sizes["time"]
    total = dict(zip(ds["output"].values, ds["total"].values[0] / hours, strict=True))
    return {k.removeprefix("halls.ai."): v for k, v in total.items() if k.startswith("halls.ai.")}


def test_half_the_air_raises_inlets_and_the_supply_heat_index() -> None:
    full, half = mean(), mean("halls.ai.air.fan_speed_frac=.5")
    assert half["air.flow_kg_s"] == pytest.approx(0.5 * full["air.flow_kg_s"], rel=0.01)
    assert half["rack_groups.gpu.inlet_c"] > full["rack_groups.gpu.inlet_c"] + 1.0
    assert half["air.shi"] > full["air.shi"] + 0.1


def test_twice_the_air_takes_eight_times_the_fan_power_through_the_same_fans() -> None:
    half, full = mean("halls.ai.air.fan_speed_frac=.5"), mean()
    assert full["air.fan_kw"] == pytest.approx(8.0 * half["air.fan_kw"], rel=0.02)


def test_twice_the_handlers_air_raises_fan_power() -> None:
    once, twice = mean(), mean("halls.ai.air.airflow_m3_s=16")
    assert twice["air.fan_kw"] == pytest.approx(2.0 * once["air.fan_kw"], rel=0.01)


def test_warmer_inlets_speed_server_fans_up_and_raise_total_energy() -> None:
    cool, warm = mean("halls.ai.air.supply_air_c=24"), mean("halls.ai.air.supply_air_c=30")
    assert warm["rack_groups.gpu.fan_kw"] > 1.2 * cool["rack_groups.gpu.fan_kw"]
    rise_per_k = (warm["rack_groups.gpu.power_kw"] / cool["rack_groups.gpu.power_kw"] - 1) / 5.5
    assert 0.002 < rise_per_k < 0.006  # measured: .35 to .5 % per K


def test_recirculation_raises_the_inlet_as_the_mixing_relation_says() -> None:
    """T_in = T_sup + phi/(1-phi) dT, Sharma 2002: 3 K at .2 and 12 K, with a loss of air nowhere else."""
    found = mean("halls.ai.recirculation_frac=.2", "halls.ai.air.fan_speed_frac=1")
    rise = found["rack_groups.gpu.outlet_c"] - found["rack_groups.gpu.inlet_c"]
    expected = 0.2 / 0.8 * rise
    assert found["rack_groups.gpu.inlet_c"] - found["air.supply_c"] == pytest.approx(expected, rel=0.05)
    assert found["air.shi"] == pytest.approx(0.2, abs=0.01)


def test_inlets_beyond_the_envelope_are_counted_in_hours() -> None:
    ds = simulate(shipped("quickstart", "halls.ai.air.supply_air_c=33", "run.duration=7d"), keep="none")
    total = dict(zip(ds["output"].values, ds["total"].values[0], strict=True))
    assert total["halls.ai.rack_groups.gpu.above_recommended"] == pytest.approx(168.0)
    assert total["halls.ai.rack_groups.gpu.above_allowable"] == pytest.approx(168.0)
    assert total["halls.enterprise.rack_groups.web.above_recommended"] == 0.0
