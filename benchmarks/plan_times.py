"""CPU time of plans beside their targets: ``python benchmarks/plan_times.py [PRICES.csv COLUMN]``.

A year at an hour of scenarios/load_shifting.yaml (three classes, a battery, demand charges) on its tariff by time of
use and at market prices with 10 for each kW and month (ERCOT's of 2021, mean of the hubs and West with its 281
negative hours, or a file's per MWh in UTC); the same with a tank of chilled water, photovoltaics that may export and
deadlines that may be missed at a price; the same year with ten calls of demand response of four hours in summer,
against a baseline of the days before; 365 rolling plans of 48 hours; the replay in the twin. Long plans whose site
would take and give at once state how far they may be from the best.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
SCENARIO = ROOT / "scenarios" / "load_shifting.yaml"
YEAR_S, ALL_S, ROLLING_S, REPLAY_S = 20.0, 45.0, 15.0, 60.0
ERCOT = "data:prices/ercot_dam_2021.csv"
COLUMNS = ("HB_HUBAVG", "HB_WEST")
MORE = (
    "plants.main.storage={volume_m3: 400, charge_kw: 500, discharge_kw: 1300, ua_kw_per_k: 0.2, head_kpa: 120}",
    "onsite.sun={kind: pv, dc_kw: 3000, tilt_deg: 20, azimuth_deg: 180}",
    "grid.meter={export_limit_kw: 500, export_per_kwh: 0.02}",
)
CALLED = ("06-05", "06-12", "06-19", "06-26", "07-10", "07-17", "07-24", "08-07", "08-14", "08-21")
LATE_PRICES = 50.0  # an hour's delay costs so many times the mean price


def timed(name: str, target_s: float, work: Callable[[], Any]) -> Any:
    """What ``work`` returns; its CPU and wall time are printed."""
    cpu, wall = time.process_time(), time.perf_counter()
    result = work()
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    verdict = "" if cpu <= target_s else "   above its target"
    print(f"{name:<60} {cpu:6.2f} s CPU {wall:6.2f} s wall, target {target_s:g}{verdict}", flush=True)
    return result


def tariffs() -> Iterator[tuple[str, tuple[str, ...]]]:
    """Overrides for the scenario's own tariff, and for market prices of a year."""
    yield "by time of use", ()
    given = len(sys.argv) == 3
    file, columns = (str(Path(sys.argv[1]).resolve()), sys.argv[2:]) if given else (ERCOT, COLUMNS)
    demand = "{demand_interval_min: 60, flat: [{base_per_kw: 10}]}"
    for column in columns:
        price = f"{{file: '{file}', column: {column}, timezone: UTC}}"
        tariff = f"grid.tariff={{kind: market, currency: USD, price: {price}, demand: {demand}}}"
        yield f"market {column}", (tariff, "run.calendar_year=2021", "run.start=2021-01-02", "run.duration=363d")


def programme(year: int) -> str:
    """Demand response of 300 kW: forty called hours."""
    events = ", ".join(f"{{at: {year}-{day} 14:00, duration_h: 4}}" for day in CALLED)
    terms = "committed_kw: 300, energy_per_kwh: 0.5, penalty_per_kwh: 0.5"
    return f"grid.contracts.demand_response={{{terms}, events: [{events}]}}"


def main() -> None:
    """Print all figures."""
    from twin.studies.inputs import read_for_run
    from twin.studies.planning.forecast import Forecast
    from twin.studies.planning.plan import Weights, problem_of, signals_of
    from twin.studies.planning.problem import PlannedBattery
    from twin.studies.planning.replay import run_plan
    from twin.studies.planning.rolling import Rolling, roll
    from twin.studies.planning.sampling import deferrable, sample
    from twin.studies.planning.settling import settled
    from twin.studies.planning.solve import solve
    from twin.studies.planning.tank import site_tank, tank_at_rest
    from twin.studies.planning.warm import highspy

    print("plans of a year start from their months" if highspy() else "highspy is not installed: plans have no start")
    battery = PlannedBattery(300.0, 600.0)
    for name, overrides in tariffs():
        scenario = read_for_run(SCENARIO, overrides)
        sample(scenario, levels=5)  # compiles
        samples = timed(f"{name}: a year sampled at nine levels", REPLAY_S, lambda s=scenario: sample(s))
        signals = signals_of(scenario, samples, Weights())
        problem = problem_of(samples, signals, battery)
        plan = timed(f"{name}: a year planned", YEAR_S, lambda p=problem: solve(p))
        rolling = Rolling(48.0, forecast=Forecast("perfect"))
        rolled = timed(f"{name}: 365 plans of 48 hours", ROLLING_S,
                       lambda a=(scenario, problem, signals, samples.axis, rolling): roll(*a))  # fmt: skip
        timed(f"{name}: replay in the twin", REPLAY_S, lambda s=scenario, r=rolled: run_plan(s, r.plan.served_per_h))
        print(f"{'':<4}objective {plan.objective:,.0f}, rolling {rolled.plan.objective / plan.objective - 1:+.2%}, "
              f"{plan.choices} choices", flush=True)  # fmt: skip
        called = read_for_run(SCENARIO, (*overrides, programme(int(str(samples.axis.start)[:4]))))
        calls = problem_of(samples, signals_of(called, samples, Weights()), battery)
        found = timed(f"{name}: with forty hours of demand response", ALL_S, lambda p=calls: settled(p))
        print(
            f"{'':<4}objective {found.objective:,.0f}, {found.choices} choices, within {found.gap_frac:.4%} of the best"
        )
        more = tank_at_rest(read_for_run(SCENARIO, (*overrides, *MORE)), "main")
        samples = sample(more)
        signals = signals_of(more, samples, Weights())
        tank = site_tank(more, "main", deferrable(more))
        whole = problem_of(samples, signals, battery, tank)
        mean = float(abs(whole.price_per_kwh).mean())
        late = {one.name: LATE_PRICES * mean * float(one.kw_per_rate.mean()) for one in whole.classes}
        whole = replace(whole, late_per_unit_h=late)
        found = timed(f"{name}: with tank, sun, export and elastic deadlines", ALL_S, lambda p=whole: solve(p))
        gap = f"within {found.gap_frac:.4%} of the best"
        print(f"{'':<4}objective {found.objective:,.0f}, {found.choices} choices, {gap}", flush=True)


if __name__ == "__main__":
    main()
