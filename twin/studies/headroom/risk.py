"""Efficiency against risk: what a year costs with a set-point or a strategy, and how long the site lives without it.

Each point is a scenario: PUE and bill of its year, and minutes from the loss of cooling in its worst hour until the
first rack draws air above its allowable limit, with the same thermal masses, the same state, the same hour's load.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from twin.errors import InputError
from twin.scenario.model import Scenario
from twin.studies.design import Design, design_of
from twin.studies.headroom.more import changed
from twin.studies.headroom.n_minus import WINDOW_H, loss_of_cooling, n_minus
from twin.studies.headroom.outcome import Outcome
from twin.studies.headroom.units import cases_of, units_of
from twin.studies.kpis import figures_of
from twin.studies.redundancy import Spread, spreads
from twin.studies.runs import simulated
from twin.studies.study import read_study
from twin.studies.sums import sums_of
from twin.studies.variants import Variants

MOST_POINTS = 60
AIR, CHILLERS = "all air handling lost", "all chillers lost"
ONE_CHILLER = "one chiller lost"


@dataclass(frozen=True)
class Point:
    """A way to run the site: what a year takes, and the worst hour of each way to lose cooling."""

    name: str
    pue_ratio: float
    facility_kwh: float
    cost: float
    currency: str
    worst: Mapping[str, Outcome]
    spreads: Mapping[str, Spread]  # power devices: price of their redundant units


def points(strategies: Mapping[str, Scenario], window_h: float = WINDOW_H) -> list[Point]:
    """A point for each strategy. Raises InputError where they are too many, RunError where a site runs away."""
    if len(strategies) > MOST_POINTS:
        raise InputError(f"efficiency against risk: {len(strategies)} strategies, {MOST_POINTS} at most")
    return [_point(name, scenario, window_h) for name, scenario in strategies.items()]


def _point(name: str, scenario: Scenario, window_h: float) -> Point:
    run: Any = simulated(scenario)
    found = figures_of(run, scenario)
    worst = {_word(one): one for one in loss_of_cooling(scenario, window_h).worst}
    chillers = [case for case in cases_of(units_of(scenario), 1) if ".chillers." in case.name]
    if len(chillers) > 1:
        worst[ONE_CHILLER] = n_minus(scenario, 1, window_h, chillers).worst[0]
    return Point(
        name, float(found["pue"]["value"]), float(found["facility_energy_kwh"]["value"]),
        float(found["total_cost"]["value"]), str(found["total_cost"]["unit"]), worst, spreads(sums_of(run), scenario),
    )  # fmt: skip


def _word(one: Outcome) -> str:
    return AIR if one.case.lost[0][0].path.endswith(".air") else CHILLERS


def strategies_of(file: Path) -> dict[str, Scenario]:
    """Scenarios of a study by what each sets. Raises InputError with the study's faults, or where they are too many."""
    study, source = read_study(file)
    design = design_of(study)
    if design.count > MOST_POINTS:
        raise InputError(f"{file}: {design.count} runs, {MOST_POINTS} at most can be held against risk")
    variants = Variants(design, source)
    names = [_setting_words(design, run) for run in range(design.count)]
    return {name: variants.scenario(run) for run, name in enumerate(names)}


def _setting_words(design: Design, run: int) -> str:
    """Case and values of a run, such as ``cold supply_air_c 21``."""
    values = [f"{path.rpartition('.')[2]} {value}" for path, value, _ in design.varied(run)]
    return " ".join([*([design.case(run)] if design.case(run) else []), *values]) or "as it is"


def redundancies(scenario: Scenario) -> dict[str, Scenario]:
    """A site as operated with chillers and UPS at N, N+1 and 2N: how many chillers run, how many modules share.

    N chillers are the most that a year calls for; N+1 and 2N keep one more, and twice as many, running all the time,
    as far as there are so many. Raises RunError where the year runs away.
    """
    run: Any = simulated(scenario)
    peak = sums_of(run).peak
    needed = {name: round(peak[f"plants.{name}.stage_count"]) for name in scenario.plants}
    return {
        "N": _operated(scenario, dict.fromkeys(needed, 0), "N"),
        "N+1": _operated(scenario, {name: count + 1 for name, count in needed.items()}, "N+1"),
        "2N": _operated(scenario, {name: 2 * count for name, count in needed.items()}, "2N"),
    }


def _operated(scenario: Scenario, kept: Mapping[str, int], redundancy: str) -> Scenario:
    for name, plant in scenario.plants.items():
        running = min(kept[name], len(plant.chillers))
        scenario = changed(scenario, ("plants", name), {"minimum_running_count": running})
    for name, device in scenario.power.items():
        if device.kind in ("ups", "rectifier"):
            scenario = changed(scenario, ("power", name), {"redundancy": redundancy})
    return scenario
