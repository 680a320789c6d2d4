"""Time of the search for the worst hour of losing any one unit, and any two: ``python benchmarks/n_minus_one.py``.

A year of the quickstart by the hour: every unit in every hour is screened, the worst are simulated in steps of 20 s
and of 1 s. Held against the target of 60 s is the CPU time of all threads, the most that it takes on a machine that
does nothing else; wall-clock time on two cores stands beside it. The least of some repetitions.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
TARGET_S = 60.0
REPETITIONS = 2


def main() -> None:
    """Print times and what was done in them."""
    from twin.scenario.reading import read_scenario
    from twin.studies.headroom.n_minus import n_minus

    scenario = read_scenario(ROOT / "scenarios" / "quickstart.yaml")
    n_minus(scenario, 1)  # compiles on a new machine
    for together in (1, 2):
        times = []
        for _ in range(REPETITIONS):
            wall, cpu = time.perf_counter(), time.process_time()
            found = n_minus(scenario, together, workers=2)
            times.append((time.perf_counter() - wall, time.process_time() - cpu))
        wall_s, cpu_s = (min(values) for values in zip(*times, strict=True))
        print(f"N-{together}: {len(found.worst)} losses in {found.hours:,} hours: {found.screened:,} screened,"
              f" {found.coarse:,} simulated at 20 s, {found.fine:,} at 1 s")  # fmt: skip
        print(f"     CPU {cpu_s:.1f} s ({cpu_s / TARGET_S:.0%} of {TARGET_S:g} s), {wall_s:.1f} s by the clock")
        worst = found.worst[0]
        print(f"     worst: {worst.case.name} in hour {worst.step}: {worst.minutes:.2f} min until IT is in trouble")


if __name__ == "__main__":
    main()
