"""Jobs of traces one by one: when each was submitted, ran and ended on its machine, and how long they waited."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from twin.components.work.demand import JobTrace
from twin.engine.work_courses import schedule_of
from twin.jobs.scheduler import Schedule
from twin.scenario.model import Scenario
from twin.studies.sums import Metric, figure
from twin.units import SECONDS_PER_HOUR

COLUMNS = ("workload", "job", "submit_s", "start_s", "end_s", "wait_s", "stretch_ratio", "units_count", "energy_kwh")
HIGH = 95.0  # percentile that is told beside mean and median


def schedules(spec: Scenario) -> Iterator[tuple[str, JobTrace, Schedule]]:
    """Classes of work whose demand is a trace of jobs, with the trace as it was replayed."""
    for name, work in spec.workloads.items():
        if isinstance(work.demand, JobTrace):
            yield name, work.demand, schedule_of(work.demand)


def job_table(spec: Scenario) -> pd.DataFrame | None:
    """A row for each job of all traces, in the order of submission; None where there is no trace.

    Columns are :data:`COLUMNS`: times in seconds after the start of the trace, empty for jobs that never start;
    ``energy_kwh`` at the stated power of a unit, empty where none is stated.
    """
    tables = [_table(name, demand, done) for name, demand, done in schedules(spec)]
    return pd.concat(tables, ignore_index=True) if tables else None


def _table(name: str, demand: JobTrace, done: Schedule) -> pd.DataFrame:
    jobs = done.jobs
    each_kw = demand.unit_kw or np.nan
    energy_kwh = np.where(done.unscheduled, np.nan, each_kw * jobs.units_count * jobs.run_s / SECONDS_PER_HOUR)
    columns = (np.full(jobs.count, name, dtype=object), jobs.names, jobs.submit_s, done.start_s, done.end_s,
               done.wait_s, done.stretch_ratio, jobs.units_count, energy_kwh)  # fmt: skip
    return pd.DataFrame(dict(zip(COLUMNS, columns, strict=True)))


def job_figures(spec: Scenario, run_h: float) -> dict[str, Metric]:
    """Waits, stretch and use of the machine of every trace of jobs, for a run of ``run_h`` hours."""
    figures: dict[str, Metric] = {}
    for name, demand, done in schedules(spec):
        found = _counts(done) | _unfinished(done, demand, run_h)
        found |= _waits(done, demand) if not done.unscheduled.all() else {}
        figures |= {f"workloads.{name}.{key}": metric for key, metric in found.items()}
    return figures


def _counts(done: Schedule) -> dict[str, Metric]:
    unscheduled = float(np.count_nonzero(done.unscheduled))
    basis = f"on {done.capacity_count:g} units, {done.policy}"
    return {
        "jobs_count": figure(done.jobs.count, "1", "Jobs of the trace", "with those that never start"),
        "jobs_unscheduled_count": figure(unscheduled, "1", "Jobs that never start", f"ask for too much {basis}"),
        "jobs_never_count": figure(done.jobs.never_count, "1", "Jobs without a run", "cancelled, failed or pending"),
        "machine_utilisation_frac": figure(
            done.utilisation_frac, "1", "Use of the trace's machine", f"to the last end, {basis}"
        ),
    }


def _unfinished(done: Schedule, demand: JobTrace, run_h: float) -> dict[str, Metric]:
    """Jobs whose work lies beyond the run, in part or wholly; the loop does not see it."""
    if demand.repeat:
        return {}
    late = float(np.count_nonzero(done.end_s > run_h * SECONDS_PER_HOUR * (1.0 + 1e-12)))
    basis = "their work is in the run in part or not at all"
    return {"jobs_unfinished_count": figure(late, "1", "Jobs that end after the run", basis)}


def _waits(done: Schedule, demand: JobTrace) -> dict[str, Metric]:
    ran = ~done.unscheduled
    wait_h, basis = done.wait_s[ran] / SECONDS_PER_HOUR, f"jobs that ran, {done.policy}"
    figures = {
        "job_wait_mean_h": figure(wait_h.mean(), "h", "Mean wait of jobs", basis),
        "job_wait_median_h": figure(float(np.median(wait_h)), "h", "Median wait of jobs", basis),
        "job_wait_p95_h": figure(float(np.percentile(wait_h, HIGH)), "h", "95th percentile of waits", basis),
        "job_stretch_ratio": figure(
            done.stretch_ratio[ran].mean(), "1", "Mean stretch of jobs", f"(wait + run) / run, at least 10 s; {basis}"
        ),
    }
    if demand.unit_kw:
        work_h = float(np.dot(done.jobs.units_count[ran], done.jobs.run_s[ran])) / SECONDS_PER_HOUR
        text = f"{demand.unit_kw:g} kW for a busy unit, as stated with the trace"
        figures["job_energy_kwh"] = figure(demand.unit_kw * work_h, "kWh", "Energy of jobs on their machine", text)
    return figures
