"""Scenarios side by side: energy, money and carbon beside the work that was done for them, each against the first."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from twin.engine.simulate import simulate
from twin.errors import Fault, InputError, Place
from twin.scenario.model import Scenario
from twin.studies.inputs import read_for_run
from twin.studies.kpis import kpis, warnings
from twin.studies.sums import Metric
from twin.studies.work import kept_for_work

Better = Literal["less", "more", "neither"]
ROUNDING = 1e-6  # relative difference below which two figures are the same; absolute for shares and hours
_COMMAS = re.compile(r",(?![^\[{]*[\]}])")  # those outside of lists and mappings

SITE: dict[str, Better] = {
    "facility_energy_kwh": "less", "it_energy_kwh": "less", "peak_grid_kw": "less", "pue": "less",
    "water_use_m3": "less", "total_cost": "less", "emissions_kgco2": "less", "devices_busy_frac": "neither",
    "work_capped_h": "neither", "max_rack_inlet_c": "less", "unmet_cooling_kwh": "less",
}  # fmt: skip
CLASS: dict[str, Better] = {
    "served": "more", "dropped": "less", "waiting_at_end": "less", "lost": "less", "missed_frac": "less",
    "slow_frac": "less", "mean_delay_h": "less", "longest_delay_h": "less", "work_per_device_kwh": "more",
    "work_per_kwh": "more", "cost_per_unit": "less", "hourly_energy_cost_per_unit": "less", "kgco2_per_unit": "less",
    "kwh_per_job": "less", "cost_per_job": "less", "kgco2_per_job": "less", "jobs_unscheduled_count": "less",
    "jobs_unfinished_count": "less", "job_wait_mean_h": "less", "job_wait_p95_h": "less", "job_stretch_ratio": "less",
}  # fmt: skip
RATIOS: dict[str, Better] = {"wue_l_per_kwh": "less", "cue_kgco2_per_kwh": "less"}  # beside those in every row
ONLY_WHERE_ANY = {
    "dropped", "lost", "slow_frac", "longest_delay_h", "unmet_cooling_kwh", "work_capped_h", "water_use_m3",
    "jobs_unscheduled_count", "jobs_unfinished_count",
}  # fmt: skip


@dataclass(frozen=True)
class Row:
    """One figure of all scenarios; None where a scenario cannot state it."""

    name: str
    label: str
    unit: str
    values: tuple[float | None, ...]
    better: Better

    def change(self, at: int) -> float | None:
        """Difference to the first scenario, in the figure's unit; None where either does not state it."""
        first, value = self.values[0], self.values[at]
        return None if first is None or value is None else value - first

    def worse(self, at: int) -> bool:
        """Whether a scenario is worse than the first by more than rounding."""
        change, first = self.change(at), self.values[0]
        if change is None or first is None or self.better == "neither":
            return False
        against = change if self.better == "less" else -change
        least = ROUNDING if self.unit in ("1", "h") else 0.0
        return against > max(ROUNDING * max(abs(first), abs(first + change)), least)


@dataclass(frozen=True)
class Comparison:
    """Figures of scenarios, the first of which is compared with. ``axis`` says what the names are values of."""

    axis: str
    names: tuple[str, ...]
    rows: tuple[Row, ...]
    warnings: tuple[str, ...]

    def losses(self, at: int) -> list[Row]:
        """Figures of work in which a scenario is worse than the first."""
        return [row for row in self.rows if row.name.startswith("workloads.") and row.worse(at)]


def compare(scenarios: Sequence[Scenario], names: Sequence[str] = (), axis: str = "scenario") -> Comparison:
    """Run scenarios of the same period and step together and put their figures side by side.

    ``names`` are those of the scenarios where left out. Raises InputError where scenarios cannot be run together or
    are billed in different currencies, RunError where one ran away.
    """
    kept = dict.fromkeys(name for scenario in scenarios for name in kept_for_work(scenario))
    results = simulate(list(scenarios), keep=tuple(kept))
    figures = [kpis(results, at) for at in range(len(scenarios))]
    currencies = list(dict.fromkeys(one["total_cost"]["unit"] for one in figures))
    if len(currencies) > 1:
        raise InputError(f"scenarios compared must be billed in one currency, got {', '.join(currencies)}")
    told = dict.fromkeys(text for at in range(len(scenarios)) for text in warnings(results, at))
    labels = tuple(names) or tuple(str(name) for name in results["scenario"].values)
    return Comparison(axis, labels, tuple(_rows(figures)), tuple(told))


def alternatives(files: Sequence[Path], overrides: Sequence[str]) -> tuple[list[Scenario], list[str], str]:
    """Scenarios of files, all with the same overrides, for :func:`compare`."""
    scenarios = [read_for_run(file, overrides) for file in files]
    names = [scenario.name for scenario in scenarios]
    told = [name if names.count(name) == 1 else str(file) for name, file in zip(names, files, strict=True)]
    return scenarios, told, "scenario"


def variants(file: Path, vary: str, overrides: Sequence[str]) -> tuple[list[Scenario], list[str], str]:
    """One file at several values of a setting, ``a.b=V1,V2``, for :func:`compare`."""
    path, _, listed = vary.partition("=")
    values = [value.strip() for value in _COMMAS.split(listed)]
    if not path.strip() or len(values) < 2 or not all(values):
        fault = Fault("must be PATH=VALUE,VALUE,... with two values or more", place=Place(f"--vary {vary}"))
        raise InputError([fault])
    scenarios = [read_for_run(file, [*overrides, f"{path.strip()}={value}"]) for value in values]
    return scenarios, values, path.strip()


def _rows(figures: Sequence[Mapping[str, Metric]]) -> Iterator[Row]:
    for name, better in SITE.items():
        yield from _row(name, figures, better)
    for work in _classes(figures):
        for key, better in CLASS.items():
            yield from _row(f"workloads.{work}.{key}", figures, better)


def every_row(figures: Sequence[Mapping[str, Metric]]) -> list[Row]:
    """All key figures of several runs, the first of which is compared with; what has no better side has none here."""
    names = dict.fromkeys(name for one in figures for name in one)
    return [row for name in names for row in _row(name, figures, _better(name))]


def _better(name: str) -> Better:
    return (
        SITE.get(name)
        or RATIOS.get(name)
        or (CLASS.get(name.rpartition(".")[2], "neither") if "." in name else "neither")
    )


def _classes(figures: Sequence[Mapping[str, Metric]]) -> list[str]:
    names = (name.split(".") for one in figures for name in one if name.startswith("workloads."))
    return list(dict.fromkeys(parts[1] for parts in names))


def _row(name: str, figures: Sequence[Mapping[str, Metric]], better: Better) -> Iterator[Row]:
    stated = [one[name] for one in figures if name in one]
    values = tuple(one[name]["value"] if name in one else None for one in figures)
    if stated and (any(values) or name.rpartition(".")[2] not in ONLY_WHERE_ANY):
        yield Row(name, stated[0]["long_name"], stated[0]["unit"], values, better)
