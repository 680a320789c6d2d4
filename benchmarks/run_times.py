"""CPU time and memory of a year of the shipped sites, beside their targets: ``python benchmarks/run_times.py``.

In process and warm: the compiled loop alone and all of ``simulate``, the best of some repetitions, of the quickstart
at two steps and of every shipped site at steps of an hour (the most complex is that with the most instructions). As
processes: the whole command with an empty cache of compiled code, then with a full one, and ``twin --help``. CPU time
of all threads, so that a busy machine does not change the verdict much.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
SCENARIOS = ROOT / "scenarios"
QUICKSTART = SCENARIOS / "quickstart.yaml"
YEAR = ("run.step=1h", "run.start=null", "run.duration=null")
YEAR_MS = 60.0  # an hourly year of the most complex site, all of ``simulate``
REPETITIONS = 7


@dataclass(frozen=True)
class Measure:
    """One figure and what it may be at most."""

    name: str
    value: float
    target: float
    unit: str

    def __str__(self) -> str:
        ratio = self.value / self.target
        verdict = "" if ratio <= 1.0 else "   above its target"
        return f"{self.name:<52} {self.value:9.3g} {self.unit:<2}  {ratio:4.0%} of {self.target:g}{verdict}"


def cpu_ms(work: Callable[[], object]) -> float:
    """Least CPU time of a call in milliseconds, after one call that warms up."""
    work()
    times = []
    for _ in range(REPETITIONS):
        start = time.process_time()
        work()
        times.append(1000.0 * (time.process_time() - start))
    return min(times)


def in_process() -> Iterator[Measure]:
    """Loop and ``simulate`` at an hour and at five minutes."""
    from twin.engine.lowering import lower
    from twin.engine.simulate import runner, simulate
    from twin.scenario.reading import read_scenario

    for step, loop_ms, all_ms in (("1h", 20.0, 36.0), ("5min", 250.0, 320.0)):
        scenario = read_scenario(QUICKSTART, [f"run.step={step}"])
        loop, lowered = runner("compiled"), lower(scenario)
        yield Measure(f"loop, a year at {step}", cpu_ms(partial(loop, lowered, "all")), loop_ms, "ms")
        yield Measure(f"simulate, a year at {step}", cpu_ms(partial(simulate, scenario)), all_ms, "ms")


def shipped() -> Iterator[Measure]:
    """Loop and ``simulate`` of an hourly year of every shipped site, the least complex first."""
    from twin.engine.lowering import lower
    from twin.engine.simulate import runner, simulate
    from twin.errors import RunError
    from twin.scenario.reading import read_scenario

    paths = [*SCENARIOS.glob("*.yaml"), *(SCENARIOS / "technologies").glob("*.yaml")]
    sites = {path.stem: lower(read_scenario(path, YEAR)) for path in sorted(paths)}
    for name, lowered in sorted(sites.items(), key=lambda site: len(site[1].composition.program)):
        try:
            all_ms = cpu_ms(partial(simulate, lowered.scenario))
        except RunError:  # a site that is made to lose its cooling has no year
            continue
        loop_ms = cpu_ms(partial(runner("compiled"), lowered, "all"))
        steps = len(lowered.composition.program)
        yield Measure(f"loop, {name}, {steps} instructions", loop_ms, YEAR_MS, "ms")
        yield Measure(f"simulate, {name}", all_ms, YEAR_MS, "ms")


def process(arguments: list[str], cache: Path) -> tuple[float, float]:
    """CPU seconds and peak memory in MB of the command ``twin`` with ``arguments``."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "XDG_CACHE_HOME": str(cache)}
    command = [sys.executable, "-m", "twin", *arguments]
    child = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise SystemExit(f"{' '.join(command)} exited {child.returncode}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)


def as_processes() -> Iterator[Measure]:
    """The command: the very first run, later runs, and help."""
    with tempfile.TemporaryDirectory() as folder:
        cache, out = Path(folder) / "cache", str(Path(folder) / "out")
        run = ["run", str(QUICKSTART), "--out", out]
        for name, more, target in (
            ("twin run, the very first (compiles)", [], 30.0),
            ("twin run, warm", [], 4.0),
            ("twin run, warm, 5min", ["--set", "run.step=5min"], None),
        ):
            seconds, memory = process([*run, *more], cache)
            if target is not None:
                yield Measure(name, seconds, target, "s")
            yield Measure(f"{name}: peak memory", memory, 450.0, "MB")
        yield Measure("twin --help", min(process(["--help"], cache)[0] for _ in range(5)), 0.3, "s")


def main() -> None:
    """Print every measure; as JSON with ``--json``; exit 1 where one is above its target and ``--strict`` is given."""
    measures = []
    # Processes first: a child's peak memory counts the parent's at the moment that it was forked.
    for measure in (m for source in (as_processes, in_process, shipped) for m in source()):
        measures.append(measure)
        if "--json" not in sys.argv:
            print(measure, flush=True)
    if "--json" in sys.argv:
        print(json.dumps([vars(measure) for measure in measures], indent=2))
    if "--strict" in sys.argv and any(m.value > m.target for m in measures):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
