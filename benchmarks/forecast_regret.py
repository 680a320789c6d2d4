"""What not knowing the prices costs: ``python benchmarks/forecast_regret.py [DAYS [a.b=VALUE ...]]``.

A year (or its first days) of scenarios/load_shifting.yaml at ERCOT's day-ahead prices of 2021 with a battery
of its own and 10 USD for each kW and month. Plans are made every day with each forecast and horizon and replayed in
the full twin; the regret is the objective over that of one plan with all known, less one.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
MARKET = (
    "grid.tariff={kind: market, currency: USD, price: {file: 'data:prices/ercot_dam_2021.csv', column: HB_HUBAVG}, "
    "demand: {demand_interval_min: 60, flat: [{base_per_kw: 10}]}}",
    "onsite.battery={kind: battery, energy_kwh: 600, rate_per_h: 0.5, control: {kind: schedule}}",
    "run.calendar_year=2021", "run.start=2021-01-02",
)  # fmt: skip
WAYS = (  # forecast, relative error, horizon in hours (None: the longest slack and a day)
    ("perfect", 0.0, None), ("perfect", 0.2, None), ("day_ahead", 0.0, None), ("blend", 0.0, None),
    ("persistence", 0.0, None), ("perfect", 0.0, 48.0), ("perfect", 0.0, 168.0), ("day_ahead", 0.0, 48.0),
    ("day_ahead", 0.0, 168.0),
)  # fmt: skip


def main() -> None:
    """Print a row for each forecast."""
    from twin.studies.inputs import read_for_run
    from twin.studies.planning.forecast import Forecast
    from twin.studies.planning.plan import Weights, planned, problem_of, signals_of
    from twin.studies.planning.replay import outcome, run_plan, run_submitted
    from twin.studies.planning.rolling import Rolling, roll
    from twin.studies.planning.sampling import deferrable, sample
    from twin.studies.planning.site_battery import at_rest, orders_of, site_battery

    days = int(sys.argv[1]) if len(sys.argv) > 1 else 363
    overrides = (*MARKET, f"run.duration={days}d", *sys.argv[2:])
    scenario = read_for_run(ROOT / "scenarios" / "load_shifting.yaml", overrides)
    battery, names = site_battery(scenario, "battery"), deferrable(scenario)
    resting = at_rest(scenario, battery)
    samples = sample(resting, names)
    signals = signals_of(scenario, samples, Weights())
    problem = problem_of(samples, signals, battery)
    before = outcome("as submitted", run_submitted(resting, names), scenario, samples, signals, own=battery)

    def realised(plan):  # type: ignore[no-untyped-def]
        ds = run_plan(resting, plan.served_per_h, orders_of(battery, plan))
        return outcome("realised", ds, scenario, samples, signals, (battery, plan))

    best = realised(planned(problem, samples))
    print(f"{days} days: as submitted {before.objective:,.0f} USD; all known {best.objective:,.0f} "
          f"({best.objective / before.objective - 1:+.2%})", flush=True)  # fmt: skip
    for kind, noise, horizon in WAYS:
        start = time.process_time()
        rolling = Rolling(horizon, forecast=Forecast(kind, noise_frac=noise))  # type: ignore[arg-type]
        rolled = roll(scenario, problem, signals, samples.axis, rolling)
        found = realised(rolled.plan)
        name = f"{kind}{f', error {noise:.0%}' if noise else ''}, {rolling.horizon(problem):g} h"
        print(f"{name:<32} {found.objective:>12,.0f}  regret {found.objective / best.objective - 1:7.2%}  gain "
              f"{1 - found.objective / before.objective:7.2%}  demand {found.demand_cost:>9,.0f}  "
              f"{time.process_time() - start:5.1f} s CPU  {rolled.late_cycles} late", flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
