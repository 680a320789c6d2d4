"""Figures of work against the same worked out apart from series, by hand, and from balances that must close."""

from __future__ import annotations

import functools
import io

import numpy as np
import pytest
import xarray as xr

from tests.engine.scenarios import FOLDER
from twin.engine.simulate import simulate
from twin.outputs.netcdf import netcdf_bytes
from twin.scenario.model import Scenario
from twin.scenario.reading import read_scenario
from twin.studies.kpis import kpis, notes, warnings
from twin.studies.sums import sums_of
from twin.studies.work import kept_for_work
from twin.studies.work_energy import attributed, work_groups

GPU = "halls.ai.rack_groups.gpu"
WEEK = ("run.start=2025-07-07", "run.duration=7d")
LIMIT = f"{GPU}.caps.dear_hours.limit_frac"
CLUSTER = "work/a100_cluster"
OWN_LOAD = (
    "halls.enterprise.rack_groups.web={kind: shared_servers, racks_count: 40, servers_per_rack_count: 20, "
    "fed_by: pdu_enterprise, peak_w: 500, psu_rated_w: 1600, utilisation: {kind: constant, value_frac: 0.3}, "
    "load_power_frac: [0.18, 0.36, 0.43, 0.49, 0.56, 0.61, 0.67, 0.72, 0.78, 0.87, 1.0]}",
    "workloads.service={kind: compute, demand: {kind: constant, rate_per_h: 80}, "
    "runs_on: {web: {group: halls.enterprise.rack_groups.web}}}",
)


def site(name: str, *overrides: str) -> Scenario:
    return read_scenario(FOLDER / f"{name}.yaml", overrides)


@functools.cache
def run(name: str, *overrides: str) -> tuple[Scenario, xr.Dataset, dict[str, dict]]:
    scenario = site(name, *overrides)
    results = simulate(scenario)
    return scenario, results, kpis(results)


def value(figures: dict[str, dict], name: str) -> float:
    return float(figures[name]["value"])


def series(results: xr.Dataset, name: str) -> np.ndarray:
    return results[name].values[0].astype(float)


# --- what must hold -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("limit", [0.4, 0.7])
def test_work_is_conserved_in_the_figures(limit: float) -> None:
    scenario, _, f = run("power_capping", *WEEK, f"{LIMIT}={limit}", "run.warmup_h=0")
    for name in scenario.workloads:
        of = functools.partial(value, f)
        path = f"workloads.{name}"
        gone = of(f"{path}.served") - of(f"{path}.lost") + of(f"{path}.dropped")
        assert gone + of(f"{path}.waiting_at_end") == pytest.approx(of(f"{path}.arrived"), rel=1e-9)
        assert f"{path}.waiting_at_start" not in f


@pytest.mark.parametrize("overrides", [(), OWN_LOAD], ids=["gpus", "with servers of their own load"])
def test_energy_of_classes_and_of_none_adds_up_to_that_of_the_groups(overrides: tuple[str, ...]) -> None:
    scenario, results, f = run("power_capping", *WEEK, *overrides)
    groups = sum(series(results, f"{path}.power_kw").sum() for path, _ in work_groups(scenario))
    classes = sum(value(f, f"workloads.{name}.it_energy_kwh") for name in scenario.workloads)
    assert classes + value(f, "unallocated_it_energy_kwh") == pytest.approx(groups, rel=1e-9)
    split = attributed(sums_of(results.isel(scenario=0)).total.__getitem__, scenario)
    assert split.total == pytest.approx(groups, rel=1e-9)


def test_the_own_load_of_servers_is_nobodys_and_shared_by_time() -> None:
    _, results, f = run("power_capping", *WEEK, *OWN_LOAD)
    servers = series(results, "halls.enterprise.rack_groups.web.power_kw").sum()  # 800 servers, 80 busy, 240 own load
    assert value(f, "workloads.service.it_energy_kwh") == pytest.approx(servers * 0.1 / 0.4, rel=1e-9)
    assert value(f, "unallocated_it_energy_kwh") == pytest.approx(servers * 0.3 / 0.4, rel=1e-9)


def test_a_group_without_work_is_nobodys_energy() -> None:
    _, results, f = run(CLUSTER, *WEEK, "workloads.models.demand.rate_per_h=0")
    assert value(f, "unallocated_it_energy_kwh") == pytest.approx(series(results, f"{GPU}.power_kw").sum(), rel=1e-12)
    assert value(f, "workloads.models.it_energy_kwh") == 0.0
    assert "workloads.models.cost_per_unit" not in f
    assert "workloads.models.mean_delay_h" not in f


def test_every_figure_has_value_unit_name_and_basis() -> None:
    _, _, f = run("power_capping", *WEEK)
    for name, metric in f.items():
        assert set(metric) == {"value", "unit", "long_name", "basis"}, name
        assert np.isfinite(metric["value"]), name
        assert all(metric[word] for word in ("unit", "long_name", "basis")), name


def test_figures_from_kept_series_are_those_of_all_series() -> None:
    scenario = site("power_capping", *WEEK)
    _, _, everything = run("power_capping", *WEEK)
    kept = kpis(simulate(scenario, keep=tuple(kept_for_work(scenario))))
    none = kpis(simulate(scenario, keep="none"))
    assert kept == everything
    rest = {name for name in everything if name not in none}
    assert {name.rpartition(".")[2] for name in rest} == {
        "longest_delay_h", "hourly_energy_cost_per_unit", "hourly_kgco2_per_unit"
    }  # fmt: skip
    assert {name: none[name] for name in none if name != "work_capped_h"} == {
        name: everything[name] for name in none if name != "work_capped_h"
    }
    assert none["work_capped_h"]["value"] == everything["work_capped_h"]["value"]
    assert none["work_capped_h"]["basis"] == "longest cap: series of caps are not kept"


@pytest.mark.parametrize("site_name", ["power_capping", "work/hpc_trace"])
def test_figures_of_a_stored_run_are_those_of_the_run(site_name: str) -> None:
    _, results, fresh = run(site_name, *(WEEK if site_name == "power_capping" else ()))
    stored = xr.open_dataset(io.BytesIO(bytes(netcdf_bytes(results))))
    for name, metric in kpis(stored).items():
        if name.startswith("workloads."):
            assert metric["value"] == pytest.approx(fresh[name]["value"], rel=1e-3, abs=1e-6), name


def test_sites_without_work_have_no_figures_of_it() -> None:
    _, _, f = run("quickstart", *WEEK)
    assert not [name for name in f if name.startswith("workloads.") or name in ("work_capped_h", "devices_busy_frac")]


# --- by hand --------------------------------------------------------------------------------------------------------


def test_energy_of_a_cluster_is_that_of_its_devices_and_hosts_by_hand() -> None:
    _, results, f = run(CLUSTER, *WEEK)
    busy = 168 / 256
    devices_kw = 256 * busy * 367.6 / 1000  # mean power of the measured work without a limit
    span_kw = 32 * ((6500 - 8 * 400) - (1500 - 8 * 62)) / 1000 * busy
    own = 168.0 * (devices_kw + span_kw)
    assert value(f, "workloads.models.own_energy_kwh") == pytest.approx(own, rel=1e-9)
    assert value(f, "workloads.models.work_per_device_kwh") == pytest.approx(1.0 / 0.3676, rel=1e-9)
    assert value(f, "workloads.models.it_energy_kwh") == pytest.approx(
        series(results, f"{GPU}.power_kw").sum(), rel=1e-9
    )
    assert value(f, "devices_busy_frac") == pytest.approx(busy, rel=1e-9)


def test_a_unit_of_work_costs_its_share_of_facility_bill_and_carbon() -> None:
    _, _, f = run(CLUSTER, *WEEK)
    done = 168.0 * 168.0
    assert value(f, "workloads.models.served") == pytest.approx(done, rel=1e-9)
    for name, whole in (("kwh", "facility_energy_kwh"), ("cost", "total_cost"), ("kgco2", "emissions_kgco2")):
        assert value(f, f"workloads.models.{name}_per_unit") == pytest.approx(value(f, whole) / done, rel=1e-9)
    assert f["workloads.models.cost_per_unit"]["unit"] == "USD/(device hours)"
    assert value(f, "workloads.models.work_per_kwh") == pytest.approx(done / value(f, "it_energy_kwh"), rel=1e-9)


def test_charges_by_the_hour_are_those_of_the_site_where_one_class_does_all_the_work() -> None:
    _, _, f = run(CLUSTER, *WEEK)
    done = value(f, "workloads.models.served")
    hourly = value(f, "workloads.models.hourly_energy_cost_per_unit")
    assert hourly == pytest.approx(value(f, "energy_cost") / done, rel=1e-9)
    assert value(f, "workloads.models.hourly_kgco2_per_unit") == pytest.approx(
        value(f, "emissions_kgco2") / done, rel=1e-9
    )


def test_work_in_cheap_hours_is_charged_less_by_the_hour_than_on_the_mean() -> None:
    night = (
        "workloads.models.demand={kind: profile, rate_per_h: 168, use: {kind: daily, "
        f"weekday_frac: {[1.0] * 8 + [0.0] * 14 + [1.0] * 2}, weekend_frac: {[1.0] * 24}}}}}"
    )
    tou = ("grid.tariff=null", "grid.tariff={kind: table, file: 'data:tariffs/fpl_gsldt_1.yaml'}")
    _, _, f = run(CLUSTER, *WEEK, night, tou[1])
    mean = value(f, "energy_cost") / value(f, "facility_energy_kwh") * value(f, "workloads.models.kwh_per_unit")
    assert value(f, "workloads.models.hourly_energy_cost_per_unit") < 0.9 * mean


def test_a_job_of_a_stated_size_takes_that_many_units() -> None:
    _, _, f = run(CLUSTER, *WEEK, "workloads.models.job_work_count=5000")
    for name, unit in (("kwh", "kWh/job"), ("cost", "USD/job"), ("kgco2", "kgCO2e/job")):
        each = value(f, f"workloads.models.{name}_per_unit")
        assert value(f, f"workloads.models.{name}_per_job") == pytest.approx(5000 * each, rel=1e-12)
        assert f[f"workloads.models.{name}_per_job"]["unit"] == unit
    assert f["workloads.models.kwh_per_job"]["basis"] == "5000 device hours, as stated"


def test_lateness_is_that_of_the_series() -> None:
    overload = ("workloads.models.demand.rate_per_h=300", "workloads.models.late=drop")
    _, results, f = run(CLUSTER, *WEEK, *overload, "run.warmup_h=0")
    missed, arrived = (series(results, f"workloads.models.{name}_per_h").sum() for name in ("missed", "arrived"))
    assert value(f, "workloads.models.missed_frac") == pytest.approx(missed / arrived, rel=1e-9)
    assert value(f, "workloads.models.dropped") > 0
    # 44 of 300 device hours wait more in each hour; at 24 h of slack the oldest are dropped, so all wait a day
    assert value(f, "workloads.models.longest_delay_h") == pytest.approx(24.0, abs=1.0)
    before = series(results, "workloads.models.queue_count")[:20]
    assert before == pytest.approx(44.0 * np.arange(1, 21), rel=1e-9)


def test_a_run_begins_with_nothing_waiting_whatever_the_warm_up_could_not_do() -> None:
    _, _, f = run(CLUSTER, *WEEK, "workloads.models.demand.rate_per_h=300", "run.warmup_h=10")
    assert "workloads.models.waiting_at_start" not in f
    came, went = value(f, "workloads.models.arrived"), value(f, "workloads.models.served")
    assert value(f, "workloads.models.waiting_at_end") == pytest.approx(came - went, rel=1e-9)


def test_hours_under_a_cap_are_those_in_which_any_cap_limits() -> None:
    second = "workloads.chat.caps={night: {kind: static, limit_frac: 0.9}}"
    _, results, f = run("power_capping", *WEEK)
    dear = series(results, f"{GPU}.caps.dear_hours.active").sum()
    assert value(f, "work_capped_h") == dear == 45.0  # nine dear hours on five weekdays of July
    assert value(run("power_capping", *WEEK, second)[2], "work_capped_h") == 168.0


# --- notes ----------------------------------------------------------------------------------------------------------


def test_a_device_that_stands_in_is_told_in_notes_and_warnings() -> None:
    _, results, _ = run("power_capping", *WEEK)
    said = f"{GPU}: NVIDIA H100 SXM: power limits as measured on NVIDIA A100 SXM, by share of the highest limit"
    assert said in notes(results)
    assert said in warnings(results)
    _, measured, _ = run(CLUSTER, *WEEK)
    assert not [text for text in [*notes(measured), *warnings(measured)] if "as measured on" in text]
