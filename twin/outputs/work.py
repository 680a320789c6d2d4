"""Work on the screen: a row for each class, waits of jobs, and what work was paid with. Reads a metrics document."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rich.table import Table
from rich.text import Text

from twin.outputs.numbers import figure, share

Metrics = Mapping[str, Mapping[str, Any]]
NOTICED_FRAC = 1e-4  # shares from here on are worth a look: they show as 0.0 % below half of a thousandth
JOBS = {"job_wait_mean_h": "mean wait", "job_wait_median_h": "median", "job_wait_p95_h": "p95"}


def classes_of(metrics: Metrics) -> list[str]:
    """Names of the classes of work."""
    return [name.split(".")[1] for name in metrics if name.startswith("workloads.") and name.endswith(".arrived")]


def work_table(metrics: Metrics) -> Table:
    """A row a class: work done, its share of what arrived, shares that were late or slow, mean delay."""
    table = _table(("", "left"), ("done", "right"), ("", "left"), ("share", "right"), ("late", "right"),
                   ("slow", "right"), ("mean delay", "right"))  # fmt: skip
    for name in classes_of(metrics):
        of = _Of(metrics, name)
        number, unit = figure(of.value("served"), metrics[of.path("served")]["unit"])
        done = share(of.value("served") / of.value("arrived")) if of.value("arrived") else "–"
        wait = " ".join(figure(metrics.get(of.path("mean_delay_h"), {}).get("value"), "h"))
        table.add_row(name, number, _dim(unit), done, share(of.value("missed_frac")), share(of.value("slow_frac")),
                      wait)  # fmt: skip
    return table


def unit_table(metrics: Metrics) -> Table:
    """A row a class: facility energy, bill and emissions for a unit of work, or for a job where one has a size."""
    table = _table(("", "left"), ("facility kWh", "right"), ("cost", "right"), ("", "left"), ("kg CO2e", "right"),
                   ("for each", "left"))  # fmt: skip
    for name in classes_of(metrics):
        of = _Of(metrics, name)
        unit = _one(metrics[of.path("served")]["unit"])
        for ending, one in (("unit", unit), ("job", "job")):
            if of.path(f"kwh_per_{ending}") in metrics:
                kwh, cost, carbon = (figure(of.value(f"{key}_per_{ending}"), "")[0] for key in ("kwh", "cost", "kgco2"))
                currency = metrics[of.path(f"cost_per_{ending}")]["unit"].partition("/")[0]
                table.add_row(name if ending == "unit" else "", kwh, cost, _dim(currency), carbon, _dim(one))
    return table


def job_table(metrics: Metrics) -> Table:
    """A row for each trace of jobs."""
    table = _table(("", "left"), ("jobs", "right"), ("no start", "right"), ("in use", "right"),
                   *((word, "right") for word in JOBS.values()), ("stretch", "right"))  # fmt: skip
    for name in classes_of(metrics):
        of = _Of(metrics, name)
        if of.path("jobs_count") in metrics:
            waits = [" ".join(figure(of.value(key), "h")) for key in JOBS]
            counts = [figure(of.value(key), "1")[0] for key in ("jobs_count", "jobs_unscheduled_count")]
            used, stretch = share(of.value("machine_utilisation_frac")), figure(of.value("job_stretch_ratio"), "1")[0]
            table.add_row(name, *counts, used, *waits, stretch)
    return table


def work_warnings(metrics: Metrics) -> Iterator[str]:
    """Sentences on work that was late, dropped, slow, or is not done."""
    for name in classes_of(metrics):
        of = _Of(metrics, name)
        arrived, unit = of.value("arrived"), metrics[of.path("arrived")]["unit"]
        if of.value("missed_frac") >= NOTICED_FRAC:
            yield f"{name}: {share(of.value('missed_frac'))} of the work missed its deadline"
        for key, text in (("dropped", "were dropped"), ("waiting_at_end", "still wait at the end")):
            if of.value(key) > NOTICED_FRAC * arrived:
                yield f"{name}: {' '.join(figure(of.value(key), unit))} {text}, {_percent(of.value(key), arrived)}"
        if of.value("slow_frac") >= NOTICED_FRAC:
            yield f"{name}: {share(of.value('slow_frac'))} of the work was done while its latency objective was missed"
        if of.value("jobs_unfinished_count"):
            yield f"{name}: {figure(of.value('jobs_unfinished_count'), '1')[0]} jobs of the trace end after the run"
        if of.value("lost") > NOTICED_FRAC * arrived:
            yield f"{name}: {' '.join(figure(of.value('lost'), unit))} must be done again after interruptions"


def _percent(part: float, arrived: float) -> str:
    return f"{share(part / arrived)} of what arrived" if arrived else "left from before the run"


class _Of:
    """Figures of one class; 0 for what is not stated."""

    def __init__(self, metrics: Metrics, name: str):
        self.metrics, self.name = metrics, name

    def path(self, key: str) -> str:
        return f"workloads.{self.name}.{key}"

    def value(self, key: str) -> float:
        return float(self.metrics.get(self.path(key), {}).get("value") or 0.0)


def _one(unit: str) -> str:
    """``device hours`` -> ``device hour``."""
    return unit.removesuffix("s") if unit.endswith("hours") else unit


def _table(*columns: tuple[str, str]) -> Table:
    table = Table(box=None, show_edge=False, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for title, justify in columns:
        table.add_column(title, justify="right" if justify == "right" else "left", no_wrap=True)
    return table


def _dim(text: str) -> Text:
    return Text(text, style="dim")
