"""Model-predictive planning: each day a plan over a horizon with a forecast, of which the first day is carried out."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from twin.components.grid.carbon import CarbonSeries
from twin.components.grid.tariffs import MarketPrice
from twin.scenario.model import Scenario
from twin.series.axis import TimeAxis
from twin.series.tariff_tables import in_force
from twin.studies.planning.charges import DemandCharges
from twin.studies.planning.forecast import Forecast
from twin.studies.planning.hull import Floats
from twin.studies.planning.lateness import late_value
from twin.studies.planning.lowest import LowestBills
from twin.studies.planning.plan import Signals
from twin.studies.planning.problem import Problem
from twin.studies.planning.progress import Report, silent
from twin.studies.planning.settling import settled
from twin.studies.planning.solve import Infeasible, Solution, solve

BEYOND_SLACK_H = 24.0  # by default the horizon reaches so far beyond the longest slack
FIRST = np.zeros(0)  # nothing has been drawn before the first plan
TANK = ("tank_charge_kw", "tank_discharge_kw", "tank_kwh", "tank_kw")
LATE_PRICES = 1e3  # an hour's delay beyond the deadline costs so many times the mean price, where there is no other way


@dataclass(frozen=True)
class Rolling:
    """Horizon (the longest slack and a day, if left out), how often a plan is made, and how prices are foreseen."""

    horizon_h: float | None = None
    every_h: float = 24.0
    forecast: Forecast = field(default_factory=Forecast)

    def horizon(self, problem: Problem) -> float:
        """Hours that each plan looks ahead."""
        longest = max((one.slack_h for one in problem.classes), default=0.0)
        return longest + BEYOND_SLACK_H if self.horizon_h is None else self.horizon_h


@dataclass(frozen=True, eq=False)
class Rolled:
    """The parts of all plans that were carried out, as one plan; ``late_cycles`` had to miss a deadline."""

    plan: Solution
    cycles: int
    late_cycles: int
    notes: tuple[str, ...]


def roll(scenario: Scenario, problem: Problem, signals: Signals, axis: TimeAxis, rolling: Rolling,
         report: Report = silent) -> Rolled:  # fmt: skip
    """Plan in cycles. Work and weather are known; prices and factors that come from series are foreseen.

    ``report`` is told of each cycle, and may raise to end the work.
    """
    horizon = max(round(rolling.horizon(problem) / axis.dt_h), 1)
    every = min(max(round(rolling.every_h / axis.dt_h), 1), horizon)  # no plan is carried out beyond what it saw
    queues = {one.name: one.queue_count for one in problem.classes}
    stored = problem.battery.start_kwh if problem.battery else None
    held = problem.tank.start_kwh if problem.tank else 0.0
    peaks = tuple(np.zeros(n) for n in problem.demand.counts) if problem.demand else ()
    parts: list[Solution] = []
    drawn: list[Floats] = []
    late = 0
    for begin in range(0, problem.count, every):
        report("MPC, day by day", begin // every, -(-problem.count // every), late)
        end = min(begin + horizon, problem.count)
        worth = _worth(scenario, signals, rolling, begin, end, axis)
        window, past = _window(problem, begin, end, queues, stored, peaks, worth), np.concatenate([FIRST, *drawn])
        if problem.response is not None:
            window = replace(window, response=problem.response.window(begin, end, past))
        if problem.lowest is not None:
            foreseen = _price_ahead(problem.lowest.price_per_kwh, scenario, rolling, begin, end, axis)
            window = replace(window, lowest=_lowest(problem, begin, foreseen, past, window.month_share))
        if problem.tank is not None:
            window = replace(window, tank=problem.tank.window(begin, end, held))
        try:
            found = settled(window)
        except Infeasible:
            found, late = solve(_elastic(window)), late + 1
        done = _first(found, every)
        parts.append(done)
        queues = {name: float(values[-1]) for name, values in done.queue_count.items()}
        stored = float(done.stored_kwh[-1]) if problem.battery else None
        held = float(done.tank_kwh[-1])
        drawn.append(_on_hull(problem, done, begin))
        peaks = _carried(problem.demand, peaks, begin, drawn[-1])
    return Rolled(_joined(problem, parts), len(parts), late, _notes(rolling, problem, late))


def _worth(scenario: Scenario, signals: Signals, rolling: Rolling, begin: int, end: int, axis: TimeAxis) -> Floats:
    """What a kWh is thought to be worth; a tariff's own rates are known, market prices and factors are foreseen."""
    price = _price_ahead(signals.energy_per_kwh, scenario, rolling, begin, end, axis)
    carbon = signals.carbon_kgco2_per_kwh
    varying = isinstance(scenario.grid.carbon, CarbonSeries) or np.ptp(carbon) > 0
    ahead = rolling.forecast.ahead(carbon, begin, end - begin, axis.dt_h) if varying else carbon[begin:end]
    return np.asarray(signals.weights.cost * price + signals.weights.carbon_per_kgco2 * ahead)


def _price_ahead(values: Floats, scenario: Scenario, rolling: Rolling, begin: int, end: int, axis: TimeAxis) -> Floats:
    """A tariff's price in the steps ahead: its own rates are known, market prices are foreseen."""
    if isinstance(in_force(scenario.grid.tariff), MarketPrice):
        return rolling.forecast.ahead(values, begin, end - begin, axis.dt_h)
    return values[begin:end]


def _lowest(problem: Problem, begin: int, price: Floats, past_kw: Floats, share: Floats | None) -> LowestBills:
    """Lowest bills of the months ahead, less what the energy drawn so far was charged."""
    lowest, dt = problem.lowest, problem.dt_h
    assert lowest is not None
    assert share is not None
    drawn = np.concatenate([past_kw, np.zeros(problem.count - begin)])
    saved = sum((o.values(drawn, dt) for o in problem.offers if o.tariff), np.zeros(share.size))
    return lowest.window(begin, price, lowest.charges(drawn, dt, np.zeros(share.size), saved), share)


def _window(problem: Problem, begin: int, end: int, queues: dict[str, float], stored: float | None,
            peaks: tuple[Floats, ...], worth: Floats) -> Problem:  # fmt: skip
    """The problem from one step up to another, with what waits, what is stored and the peaks so far."""
    demand = problem.demand.steps(begin, end) if problem.demand else None
    return replace(
        problem,
        classes=tuple(one.steps(begin, end, queues[one.name]) for one in problem.classes),
        facility=problem.facility.steps(begin, end),
        ceiling=problem.ceiling.steps(begin, end),
        water=problem.water.steps(begin, end) if problem.water else None,
        price_per_kwh=worth,
        free_share={name: values[begin:end] for name, values in problem.free_share.items()},
        demand=demand,
        month_share=_month_share(demand, begin, end) if demand else None,
        carried_peak_kw=peaks[0] if peaks else None,
        carried_month_kw=peaks[1] if peaks else None,
        start_kwh=stored,
        offers=tuple(offers.window(begin, end) for offers in problem.offers),
        lowest=None,
        generator=problem.generator.steps(begin, end) if problem.generator else None,
        ends=end == problem.count,
    )


def _month_share(demand: DemandCharges, begin: int, end: int) -> Floats:
    """Share of what is left of each month that the horizon sees: by it the month's rate is scaled."""
    left = demand.ends - np.maximum(demand.begins, begin)
    seen = np.minimum(demand.ends, end) - np.maximum(demand.begins, begin)
    return np.asarray(np.clip(seen / np.maximum(left, 1), 0.0, 1.0), dtype=float)


def _elastic(window: Problem) -> Problem:
    """The same with deadlines that may be missed, where delay has no price at one far above all others."""
    mean = max(float(np.abs(window.price_per_kwh).mean()), 1e-9)
    late = {one.name: LATE_PRICES * mean * float(one.kw_per_rate.mean()) for one in window.classes}
    stated = {} if window.ends else window.late_per_unit_h  # at the study's end nothing may gain by being left
    return replace(window, late_per_unit_h=late | stated, rest_kwh=np.inf, ends=False)


def _first(plan: Solution, count: int) -> Solution:
    return replace(
        plan,
        served_per_h={name: values[:count] for name, values in plan.served_per_h.items()},
        queue_count={name: values[:count] for name, values in plan.queue_count.items()},
        **{name: getattr(plan, name)[:count]
           for name in ("work_kw", "facility_kw", "charge_kw", "discharge_kw", "stored_kwh", *TANK, "generated_kw")},
    )  # fmt: skip


def _on_hull(problem: Problem, done: Solution, begin: int) -> Floats:
    """Import of the part that is carried out, at the true sign of prices."""
    end = begin + done.work_kw.size
    facility = problem.facility.steps(begin, end).at(done.work_kw)
    return np.maximum(facility + done.tank_kw + done.charge_kw - done.discharge_kw - done.generated_kw, 0.0)


def _carried(
    demand: DemandCharges | None, peaks: tuple[Floats, ...], begin: int, import_kw: Floats
) -> tuple[Floats, ...]:
    """The peaks so far."""
    if demand is None:
        return ()
    found = demand.steps(begin, begin + import_kw.size).measured_kw(import_kw)
    return tuple(np.maximum(old, new) for old, new in zip(peaks, found, strict=True))


def _joined(problem: Problem, parts: list[Solution]) -> Solution:
    """All parts as one plan; its objective is that of its own schedule at the prices that came."""
    served = {one.name: np.concatenate([p.served_per_h[one.name] for p in parts]) for one in problem.classes}
    queue = {one.name: np.concatenate([p.queue_count[one.name] for p in parts]) for one in problem.classes}
    work, charge, discharge, stored = (
        np.concatenate([getattr(p, name) for p in parts])
        for name in ("work_kw", "charge_kw", "discharge_kw", "stored_kwh")
    )
    facility = np.where(problem.price_per_kwh < 0.0, problem.ceiling.at(work), problem.facility.at(work))
    tank = {name: np.concatenate([getattr(p, name) for p in parts]) for name in TANK if problem.tank is not None}
    net = facility + charge - discharge + tank.get("tank_kw", 0.0)
    value = 0.0
    if problem.generator is not None:
        tank["generated_kw"] = np.concatenate([p.generated_kw for p in parts])
        net, value = net - tank["generated_kw"], problem.fuel_worth_per_kwh * float(tank["generated_kw"].sum())
    value = value * problem.dt_h + problem.value(work, net, discharge)
    value += late_value(problem, queue)
    choices, seconds, gap = sum(p.choices for p in parts), sum(p.seconds for p in parts), max(p.gap_frac for p in parts)
    return Solution(served, queue, work, facility, charge, discharge, stored, value, -np.inf, choices, seconds,
                    gap, **tank)  # fmt: skip


def _notes(rolling: Rolling, problem: Problem, late: int) -> tuple[str, ...]:
    longest = max((one.slack_h for one in problem.classes), default=0.0)
    notes = ["rolling plans know weather and work ahead; prices and factors are foreseen"]
    if rolling.horizon(problem) < longest + BEYOND_SLACK_H:
        hours = longest + BEYOND_SLACK_H
        notes.append(
            f"the horizon of {rolling.horizon(problem):g} h is shorter than the longest slack and a day ({hours:g} h)"
        )
    if problem.demand is not None and problem.demand.ratchet.size:
        notes.append("rolling plans see the ratchet of months past, and of theirs only on months within the horizon")
    if any(np.diff(offers.steps.indptr).max(initial=0) > 1 for offers in problem.offers):
        notes.append("rolling plans share each month's blocks of energy out evenly over its steps")
    if problem.lowest is not None:
        year = ", that of the year they do not know" if problem.lowest.year_floor is not None else ""
        notes.append(f"rolling plans have of each month's lowest bill the share that they see of the month{year}")
    if problem.response is not None:
        notes.append("rolling plans see calls of demand response within their horizon")
    if late:
        cycles = "1 cycle" if late == 1 else f"{late} cycles"
        notes.append(f"{cycles} had no plan within all deadlines: what was missed was kept least")
    return tuple(notes)
