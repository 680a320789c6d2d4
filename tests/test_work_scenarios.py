"""The shipped scenarios of work show what their comments say: a measured optimum, an event, a trace, a batch."""

from __future__ import annotations

import functools
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from tests.engine.scenarios import FOLDER
from twin.engine.simulate import simulate
from twin.scenario.reading import read_scenario
from twin.studies.compare import Comparison, compare, variants
from twin.studies.kpis import kpis

WORK = sorted((FOLDER / "work").glob("*.yaml"))
WEEK = ("run.start=2025-07-07", "run.duration=7d")
# Cap over 400 W, work per joule over that without a cap (ai-emerald/emerald-ai-demo-may-2025)
MEASURED = {1.0: 1.0, 0.875: 1.060, 0.75: 1.155, 0.625: 1.273, 0.5: 1.365, 0.25: 0.782}
DEPTH = "halls.ai.rack_groups.gpu.caps.depth.limit_frac"
DEAR = "halls.ai.rack_groups.gpu.caps.dear_hours.limit_frac"
EVENT = "halls.ai.rack_groups.gpu.caps.request"
STEPS_PER_H = 12


@functools.cache
def depth() -> Comparison:
    listed = ",".join(map(str, MEASURED))
    return compare(*variants(FOLDER / "work" / "cap_depth_a100.yaml", f"{DEPTH}={listed}", WEEK))


@functools.cache
def dear() -> Comparison:
    return compare(*variants(FOLDER / "power_capping.yaml", f"{DEAR}=1.0,0.7,0.5,0.4", ()))


def values(comparison: Comparison, name: str) -> list[float]:
    (row,) = [row for row in comparison.rows if row.name == name]
    return [float(value) for value in row.values if value is not None]


@pytest.mark.parametrize("path", WORK, ids=lambda path: path.stem)
def test_it_runs_and_its_balances_close(path: Path) -> None:
    f = kpis(simulate(read_scenario(path, ["run.duration=2d"])))
    assert f["energy_balance_residual_frac"]["value"] < 1e-9
    assert [name for name in f if name.startswith("workloads.")]


# --- depth of a cap -------------------------------------------------------------------------------------------------


def test_work_per_joule_of_the_gpus_is_the_measured_one_at_every_measured_cap() -> None:
    found = np.array(values(depth(), "workloads.models.work_per_device_kwh"))
    assert found / found[0] == pytest.approx(list(MEASURED.values()), abs=5e-3)


def test_the_best_of_the_gpus_lies_at_half_power_and_that_of_the_site_above() -> None:
    caps = list(MEASURED)
    gpus, site = (values(depth(), f"workloads.models.work_per_{kind}kwh") for kind in ("device_", ""))
    assert caps[int(np.argmax(gpus))] == 0.5
    assert caps[int(np.argmax(site))] == 0.625


def test_all_work_is_done_down_to_half_power_and_most_is_dropped_at_a_quarter() -> None:
    served, arrived = values(depth(), "workloads.models.served"), 168.0 * 168.0
    assert served[:5] == pytest.approx([arrived] * 5, rel=1e-9)
    able = 256 * 0.2126 * 168.0  # of all GPUs at the speed measured at 100 W
    assert served[5] == pytest.approx(able, rel=1e-6)
    assert values(depth(), "workloads.models.missed_frac")[5] > 0.5


# --- dear hours -----------------------------------------------------------------------------------------------------


def test_half_power_in_dear_hours_cuts_the_bill_and_keeps_every_deadline_and_latency() -> None:
    bill, energy = values(dear(), "total_cost"), values(dear(), "facility_energy_kwh")
    assert bill[2] < bill[1] < bill[0]
    assert energy[2] < energy[0]
    for name in ("chat", "summaries", "training"):
        assert values(dear(), f"workloads.{name}.missed_frac")[:3] == pytest.approx([0.0] * 3, abs=1e-9)
        done = values(dear(), f"workloads.{name}.served")
        assert done[:3] == pytest.approx([done[0]] * 3, rel=1e-6)
    assert values(dear(), "peak_grid_kw")[2] > values(dear(), "peak_grid_kw")[0]


def test_a_deeper_cap_costs_energy_and_latency() -> None:
    energy = values(dear(), "facility_energy_kwh")
    assert energy[3] > energy[0]
    slow = values(dear(), "workloads.chat.slow_frac")
    assert slow[:3] == [0.0, 0.0, 0.0]
    assert slow[3] > 0.3


# --- grid event -----------------------------------------------------------------------------------------------------


@functools.cache
def event() -> xr.Dataset:
    return simulate(read_scenario(FOLDER / "work" / "grid_event.yaml")).isel(scenario=0)


def during() -> slice:
    """Steps of the event: 16:15 to 19:15 in New York's summer is 15:15 to 18:15 in standard time."""
    return slice(round(15.25 * STEPS_PER_H), round(18.25 * STEPS_PER_H))


def test_the_facility_follows_the_request_within_one_step_for_three_hours() -> None:
    drawn = event()["grid.meter.import_kw"].values
    called = np.flatnonzero(event()[f"{EVENT}.called"].values > 0.5)
    assert (called[0], called[-1] + 1) == (during().start, during().stop)
    before = drawn[during().start - 1]
    assert np.all(drawn[during()] <= 0.755 * before)
    assert np.median(drawn[during()]) == pytest.approx(0.75 * before, rel=2e-3)


def test_the_backlog_is_done_afterwards_and_shows_as_a_rebound() -> None:
    drawn, queue = (event()[name].values for name in ("grid.meter.import_kw", "workloads.models.queue_count"))
    before = drawn[during().start - 1]
    after = drawn[during().stop + 2 : during().stop + 2 + 6 * STEPS_PER_H]
    assert np.all(after > 1.05 * before)
    assert queue[during().stop - 1] > 200.0
    assert queue[-1] < 1e-6
    assert drawn[-1] == pytest.approx(before, rel=1e-2)


# --- traces ---------------------------------------------------------------------------------------------------------


def test_a_larger_batch_takes_less_energy_until_it_misses_the_latency() -> None:
    batches = (32, 64, 96, 128, 256)
    listed = "workloads.chat.batch_count=" + ",".join(map(str, batches))
    found = compare(*variants(FOLDER / "work" / "llm_requests.yaml", listed, WEEK))
    assert np.all(np.diff(values(found, "workloads.chat.work_per_device_kwh")) > 0)
    # p95 between tokens of Llama 3.1 70B on four H100: 23.1, 32.0, 44.5, 54.7, 92.9 ms; 50 wanted
    assert values(found, "workloads.chat.slow_frac") == [0.0, 0.0, 0.0, 1.0, 1.0]


def test_backfill_shortens_waits_and_changes_nothing_of_the_work() -> None:
    policies = "workloads.batch.demand.policy=fifo,easy"
    found = compare(*variants(FOLDER / "work" / "hpc_trace.yaml", policies, ()))
    wait = values(found, "workloads.batch.job_wait_mean_h")
    assert wait[1] < 0.3 * wait[0]
    done = values(found, "workloads.batch.served")
    assert done[1] == pytest.approx(done[0], rel=1e-9)
    assert values(found, "workloads.batch.jobs_unscheduled_count") == [2.0, 2.0]
