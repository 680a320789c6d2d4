"""CPU time of plans beside their targets: ``python benchmarks/plan_times.py [PRICES.csv COLUMN]``.

A year at an hour of scenarios/load_shifting.yaml (three classes, a battery, demand charges) on its tariff by time of
use and, where a file of hourly market prices of 2021 is given (per MWh, UTC), at these with 10 for each kW and month;
365 rolling plans of 48 hours; the replay in the twin.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
SCENARIO = ROOT / "scenarios" / "load_shifting.yaml"
YEAR_S, ROLLING_S, REPLAY_S = 20.0, 15.0, 60.0


def timed(name: str, target_s: float, work: Callable[[], Any]) -> Any:
    """What ``work`` returns; its CPU and wall time are printed."""
    cpu, wall = time.process_time(), time.perf_counter()
    result = work()
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    verdict = "" if cpu <= target_s else "   above its target"
    print(f"{name:<52} {cpu:6.2f} s CPU {wall:6.2f} s wall, target {target_s:g}{verdict}", flush=True)
    return result


def scenarios() -> Iterator[tuple[str, Any]]:
    """The shipped scenario, and the same at market prices."""
    from twin.components.grid.tariffs import Demand, FlatDemand, MarketPrice
    from twin.series.series_file import SeriesFile
    from twin.studies.inputs import read_for_run

    shipped = read_for_run(SCENARIO)
    yield "by time of use", shipped
    if len(sys.argv) == 3:
        prices = SeriesFile(file=str(Path(sys.argv[1]).resolve()), column=sys.argv[2], timezone="UTC")
        demand = Demand(demand_interval_min=60, flat=(FlatDemand(base_per_kw=10.0),))
        tariff = MarketPrice(currency="USD", price=prices, demand=demand)
        window = ("run.calendar_year=2021", "run.start=2021-01-02", "run.duration=363d")
        other = read_for_run(SCENARIO, window)
        yield "at market prices", other.model_copy(update={"grid": other.grid.model_copy(update={"tariff": tariff})})


def main() -> None:
    """Print all figures."""
    from twin.studies.planning.forecast import Forecast
    from twin.studies.planning.plan import Weights, problem_of, signals_of
    from twin.studies.planning.problem import PlannedBattery
    from twin.studies.planning.replay import run_plan
    from twin.studies.planning.rolling import Rolling, roll
    from twin.studies.planning.sampling import sample
    from twin.studies.planning.solve import solve

    for name, scenario in scenarios():
        sample(scenario, levels=5)  # compiles
        samples = timed(f"{name}: a year sampled at nine levels", REPLAY_S, lambda s=scenario: sample(s))
        signals = signals_of(scenario, samples, Weights())
        problem = problem_of(samples, signals, PlannedBattery(300.0, 600.0))
        plan = timed(f"{name}: a year planned", YEAR_S, lambda p=problem: solve(p))
        rolling = Rolling(48.0, forecast=Forecast("perfect"))
        rolled = timed(f"{name}: 365 plans of 48 hours", ROLLING_S,
                       lambda a=(scenario, problem, signals, samples.axis, rolling): roll(*a))  # fmt: skip
        timed(f"{name}: replay in the twin", REPLAY_S, lambda s=scenario, r=rolled: run_plan(s, r.plan.served_per_h))
        print(f"{'':<4}objective {plan.objective:,.0f}, rolling {rolled.plan.objective / plan.objective - 1:+.2%}, "
              f"{plan.choices} choices of the battery")  # fmt: skip


if __name__ == "__main__":
    main()
