"""Power that fails: batteries, generators, restarts, what is not served; no energy is lost or made on the way."""

from __future__ import annotations

import functools

import numpy as np
import pytest

from tests.engine.scenarios import shipped
from twin.engine.simulate import simulate
from twin.studies.kpis import kpis

OUTAGE = "failures/utility_outage"
DAY = ("run.duration=1d", "run.warmup_h=24")
IT = "halls.ai.rack_groups.gpu"
START_S = 30.0


@functools.lru_cache(maxsize=8)
def outage(*overrides: str):
    """The shipped outage over a day, and seconds since the utility was lost at the start of each step."""
    ds = simulate(shipped(OUTAGE, *DAY, *overrides))
    seconds = (ds["time"].values - np.datetime64("2025-07-15T19:10:00")) / np.timedelta64(1, "s")
    return ds.isel(scenario=0), seconds


def closed(one) -> bool:
    it_kwh = float(one["total"].values[one["end_use"].values == "it"].sum())
    return float(np.abs(one["residual_kwh"].values).max()) < 1e-9 * it_kwh


def test_batteries_carry_the_load_until_the_generators_do() -> None:
    one, s = outage()
    battery, sets = one["power.ups.battery.support_kw"].values, one["onsite.standby.generated_kw"].values
    on_battery = (s >= 0) & (s < START_S)
    np.testing.assert_allclose(battery[on_battery], one["power.ups.output_kw"].values[on_battery], rtol=1e-9)
    assert battery[~on_battery].max() == 0.0
    assert sets[on_battery].max() == 0.0
    assert sets[(s >= START_S) & (s < 600)].min() > 1000.0
    assert one["grid.meter.import_kw"].values[(s >= 0) & (s < 900)].max() == 0.0  # and until the utility has been back
    assert one[f"{IT}.service.unserved_kw"].values.max() == 0.0
    assert closed(one)


def test_the_cells_give_what_they_carried_over_their_efficiency_and_get_it_back() -> None:
    one, s = outage()
    carried_kwh = float((one["power.ups.battery.support_kw"] * one["step_length_h"]).sum())
    soc = one["power.ups.battery.soc_frac"].values
    efficiency = shipped(OUTAGE).power["ups"].battery.discharge_efficiency_frac
    assert (soc[s < 0][-1] - soc.min()) * 300.0 == pytest.approx(carried_kwh / efficiency, rel=1e-9)
    assert soc[-1] == pytest.approx(0.95, abs=1e-12)


def test_chillers_cool_again_when_generators_run_and_their_restart_is_over() -> None:
    one, s = outage()
    for name, restart_min in (("large", 4), ("medium", 5)):
        cooling = one[f"plants.main.chillers.{name}.cooling_kw"].values
        waiting = (s >= 0) & (s < START_S + 60 * restart_min)
        assert cooling[waiting].max() == 0.0, name
        assert cooling[(s >= START_S + 60 * restart_min) & (s < 600)].min() > 100.0, name


def test_what_is_not_on_the_ups_stands_still_until_the_generators_run() -> None:
    one, s = outage("halls.ai.air.fed_by=mechanical")
    fans = one["halls.ai.air.fan_kw"].values
    assert fans[(s >= 0) & (s < START_S)].max() == 0.0
    assert fans[(s >= START_S) & (s < 600)].min() > 10.0
    on_ups, _ = outage()
    name = f"{IT}.inlet_c"
    assert float(one[name].max()) > float(on_ups[name].max()) + 3.0
    assert closed(one)


def test_servers_are_not_served_once_the_battery_is_empty() -> None:
    one, s = outage("onsite.standby.availability={kind: constant, value_frac: 0}")
    served = one[f"{IT}.power_kw"].values > 0.0
    lasted_s = float(s[served & (s < 600)].max()) + 1.0
    load_kw = float(one["power.ups.output_kw"].values[s < 0][-1])
    battery = shipped(OUTAGE).power["ups"].battery
    usable_kwh = 300.0 * (battery.float_soc_frac - battery.least_soc_frac) * battery.discharge_efficiency_frac
    assert lasted_s == pytest.approx(min(3600.0 * usable_kwh / load_kw, 600.0), rel=0.02)


def test_generators_that_are_too_small_leave_servers_unserved_when_batteries_are_empty() -> None:
    one, s = outage("power.ups.battery.energy_kwh=20", "onsite.standby.units_count=1")
    unserved = one[f"{IT}.service.unserved_kw"].values
    during = (s > 200) & (s < 600)
    assert unserved[during].mean() > 50.0
    generated = one["onsite.standby.generated_kw"].values
    assert generated[during].mean() == pytest.approx(1000.0, rel=0.02)
    assert float((unserved * one["step_length_h"].values).sum()) > 5.0
    assert closed(one)


def test_a_rise_of_load_overloads_sets_by_that_rise_for_one_step_and_no_longer() -> None:
    """Loads are held against what sets give by the load of the last step: three chillers restart, three steps of it,
    and the energy beyond the rating shrinks with the step.
    """
    beyond = {}
    small = ("run.start=2025-07-15 13:00", "run.duration=3h", "run.step=10min", "onsite.standby.units_count=1",
             "onsite.standby.rated_kw=1150", "power.ups.battery.energy_kwh=60")  # fmt: skip
    for step_s in (5, 20):
        one, _ = outage(*small, f"run.refine={{step: {step_s}s, for: 30min}}")
        over_kw, load_kw = one["onsite.standby.overload_kw"].values, one["onsite.standby.generated_kw"].values
        steps = np.flatnonzero(over_kw > 1.0)  # below: what drifts from step to step, a thousandth of the rating
        assert len(steps) == 3
        assert (over_kw[steps] <= np.diff(load_kw)[steps - 1] + 1.0).all()
        assert over_kw[steps + 1].max() < 1.0
        beyond[step_s] = float((over_kw * one["step_length_h"].values).sum())
        assert closed(one)
    assert beyond[20] / beyond[5] == pytest.approx(4.0, rel=0.02)
    assert beyond[5] < 0.5  # kWh, of some 280 that the sets give


def test_half_of_the_transformers_carry_the_load_of_a_site_that_needs_one() -> None:
    lost = "events={one: {unit: power.main, at: '2025-07-15 15:10', for: 10min, available_frac: 0.5}}"
    one, _ = outage(lost)
    assert float(one[f"{IT}.service.unserved_kw"].max()) == 0.0
    assert float(one["power.ups.battery.support_kw"].max()) == 0.0


def test_a_ups_out_of_service_is_bypassed() -> None:
    one, _ = outage("events={one: {unit: power.ups, at: '2025-07-15 15:10', for: 10min}}")
    assert float(one[f"{IT}.service.unserved_kw"].max()) == 0.0


def test_a_pdu_out_of_service_takes_its_racks_and_no_others() -> None:
    one, s = outage("events={one: {unit: power.pdu_ai, at: '2025-07-15 15:10', for: 10min}}")
    out = (s >= 0) & (s < 600)
    assert one[f"{IT}.power_kw"].values[out].max() == 0.0
    assert one["halls.enterprise.rack_groups.web.power_kw"].values[out].min() > 100.0
    booting = (s >= 600) & (s < 600 + 300)
    assert one[f"{IT}.power_kw"].values[booting].max() == 0.0  # restart_min: 5
    assert one[f"{IT}.power_kw"].values[s >= 900].min() > 100.0
    assert closed(one)


def test_figures_of_a_run_tell_what_the_outage_did() -> None:
    ds = simulate(shipped(OUTAGE, *DAY, "onsite.standby.availability={kind: constant, value_frac: 0}",
                          "power.ups.battery.energy_kwh=30"))  # fmt: skip
    found = {name: metric["value"] for name, metric in kpis(ds).items()}
    assert found["unserved_it_kwh"] > 100.0
    assert found["lost_server_h"] > 10.0
    assert found["restart_peak_kw"] > 1400.0
    assert found["unfed_kwh"] < 1e-9


def test_plain_and_compiled_agree_bit_for_bit_through_an_outage() -> None:
    window = ("run.start=2025-07-15 14:00", "run.duration=30min", "run.step=5min", "run.warmup_h=1",
              "run.refine={step: 30s, for: 5min}", "power.ups.battery.energy_kwh=30")  # fmt: skip
    compiled, plain = (simulate(shipped(OUTAGE, *window), engine=engine) for engine in ("compiled", "plain"))
    np.testing.assert_array_equal(compiled["total"].values, plain["total"].values)
    assert float(plain["total"].sel(output="power.ups.battery.support_kw")[0]) > 0.0
