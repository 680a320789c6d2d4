"""CPU time and memory of a batch of hourly site-years, beside its targets: ``python benchmarks/batch.py [--runs N]``.

The quickstart varied in supply air, chilled-water set-point, IT load and weather file, key figures only, no result
cached: each measure is a process of its own with an empty store. Printed: CPU time per 1,000 years and for 10,000 (of
``--runs`` of them, 1,000 by default; the start of the process apart), peak memory, CPU per year with two threads over
that with one, and of twice the runs over that of once. With ``--dask`` what Dask adds: CPU of client, scheduler and two
worker processes over that of one thread, the least of ``--times`` turns each. With ``--energyplus`` a rival on equal
work instead: the plant-only year of ``tests/reference`` in EnergyPlus (wheel ``pyenergyplus-lbnl``) beside the same
plant in the twin, CPU seconds and their ratio. Exact steps: ``pip install -c constraints.txt -e .[dev]``, then this
command.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
CPU_10K_S, MEMORY_MB, WITHIN, DASK = 330.0, 500.0, 0.10, 0.02

STUDY = """\
name: benchmark
base: {base}
seed: 1
vary:
  - kind: list
    runs: [{{weather.file: 'pvlib:12839.tm2'}}, {{weather.file: 'pvlib:723170TYA.CSV'}}]
  - kind: latin_hypercube
    samples_count: {samples}
    of:
      halls.*.air.supply_air_c: {{kind: uniform, low: 20, high: 27}}
      plants.main.supply_c: {{kind: uniform, low: 6, high: 10}}
      halls.ai.rack_groups.gpu.racks_count: {{kind: choice, values: [16, 18, 20, 22, 24]}}
"""


def one(runs: int, workers: int) -> dict[str, float]:
    """CPU seconds of a batch, from the study's text to its table, and peak memory in MB; in this process."""
    from twin.outputs.batch import in_threads, prepared, run_batch
    from twin.outputs.store import Store

    with tempfile.TemporaryDirectory() as folder:
        study = Path(folder) / "study.yaml"
        study.write_text(STUDY.format(base=ROOT / "scenarios" / "quickstart.yaml", samples=max(runs // 2, 1)))
        warm = prepared(study, 1)  # what any process pays once: imports, machine code, weather
        with Store(Path(folder) / "warm").writing() as store:
            run_batch(warm, store, in_threads(1))
        start, clock = time.process_time(), time.perf_counter()
        batch = prepared(study)
        with Store(Path(folder) / "store").writing() as store:
            outcome = run_batch(batch, store, in_threads(workers))
        seconds, clock = time.process_time() - start, time.perf_counter() - clock
    assert outcome.fresh == len(batch.runs)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)
    return {"runs": outcome.fresh, "cpu_s": seconds, "clock_s": clock, "memory_mb": peak}


def one_on_dask(runs: int, workers: int) -> dict[str, float]:
    """CPU seconds of the same batch on worker processes: of this process, which schedules, and of the workers."""
    from twin.outputs.batch import prepared, run_batch
    from twin.outputs.batch_dask import dask_client, on_dask
    from twin.outputs.store import Store

    with tempfile.TemporaryDirectory() as folder, dask_client(None, workers) as client:
        study = Path(folder) / "study.yaml"
        study.write_text(STUDY.format(base=ROOT / "scenarios" / "quickstart.yaml", samples=max(runs // 2, 1)))
        warm = prepared(study, 4 * workers)
        with Store(Path(folder) / "warm").writing() as store:
            run_batch(warm, store, on_dask(client, 1))
        start = time.process_time() + sum(client.run(time.process_time).values())
        batch = prepared(study)
        with Store(Path(folder) / "store").writing() as store:
            outcome = run_batch(batch, store, on_dask(client))
        seconds = time.process_time() + sum(client.run(time.process_time).values()) - start
    assert outcome.fresh == len(batch.runs)
    return {"runs": outcome.fresh, "cpu_s": seconds}


def apart(runs: int, workers: int, way: str = "--one") -> dict[str, float]:
    """The same in a process of its own."""
    command = [sys.executable, __file__, way, str(runs), str(workers)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=True)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def verdict(name: str, value: float, unit: str, target: float | None) -> None:
    """A line with a figure and its target."""
    beside = "" if target is None else f"  target {target:g}" + ("" if value <= target else "   above its target")
    print(f"{name:<58} {value:9.4g} {unit:<3}{beside}", flush=True)


def batches(runs: int) -> None:
    """Print the measures of batches."""
    half, whole, threads = apart(runs // 2, 1), apart(runs, 1), apart(runs, 2)
    per_year = whole["cpu_s"] / whole["runs"]
    verdict(f"CPU per 1,000 years ({runs} runs, one thread)", 1e3 * per_year, "s", None)
    verdict("CPU of 10,000 years, from these", 1e4 * per_year, "s", CPU_10K_S)
    verdict("by the clock on two threads, of 10,000 years", 1e4 * threads["clock_s"] / threads["runs"], "s", None)
    verdict(f"peak memory, {runs // 2} runs", half["memory_mb"], "MB", MEMORY_MB)
    verdict(f"peak memory, {runs} runs", whole["memory_mb"], "MB", MEMORY_MB)
    verdict(f"peak memory, {runs} runs in two threads", threads["memory_mb"], "MB", MEMORY_MB)
    verdict("CPU per year, two threads over one, less 1", abs(threads["cpu_s"] / whole["cpu_s"] - 1), "", WITHIN)
    verdict("CPU of twice the runs over twice the CPU, less 1", abs(whole["cpu_s"] / half["cpu_s"] / 2 - 1), "", WITHIN)


def dask(runs: int, times: int) -> None:
    """Print what Dask adds to the CPU time of a batch; turns alternate, so that a busy machine is busy for both."""
    found = [(apart(runs, 1)["cpu_s"], apart(runs, 2, "--one-on-dask")["cpu_s"]) for _ in range(times)]
    threads, processes = (min(column) for column in zip(*found, strict=True))
    verdict(f"CPU of {runs} runs in one thread", threads, "s", None)
    verdict(f"CPU of {runs} runs on two Dask workers", processes, "s", None)
    verdict("Dask over one thread, less 1", processes / threads - 1.0, "", DASK)


def rival() -> None:
    """Print CPU seconds of a plant-only year in steps of 15 minutes in EnergyPlus and in the twin, and their ratio.

    EnergyPlus: the least of three runs of its process, with what it takes to start and without reading its answers. The
    twin: the least of three of ``simulate`` and the key figures in a warm process, and of the whole command.
    """
    from tests.reference.energyplus import run_year, weather_files
    from tests.reference.energyplus_plant import Plant
    from twin.engine.simulate import simulate
    from twin.scenario.reading import read_scenario
    from twin.studies.kpis import kpis

    name, weather = next((name, path) for name, path in weather_files().items() if "Chicago" in name)
    scenario = ROOT / "scenarios" / "reference_plant.yaml"
    settings = f"weather.file={weather}"
    theirs = min(_children_cpu_s(lambda: run_year(Plant(), weather, "Hourly")) for _ in range(3))
    ready = read_scenario(scenario, [settings])
    kpis(simulate(ready, keep="none"))
    ours = min(_cpu_s(lambda: kpis(simulate(ready, keep="none"))) for _ in range(3))
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "twin", "run", str(scenario), "--set", settings, "--out", folder, "-q"]
        whole = min(_children_cpu_s(lambda: subprocess.run(command, check=True)) for _ in range(3))
    verdict(f"EnergyPlus, plant-only year, {name}", theirs, "s", None)
    verdict("the twin, same plant, its process warm", ours, "s", None)
    verdict("the twin, same plant, the whole command", whole, "s", None)
    verdict("EnergyPlus over the twin, warm", theirs / ours, "x", None)
    verdict("EnergyPlus over the whole command", theirs / whole, "x", None)


def _cpu_s(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def _children_cpu_s(work: Callable[[], object]) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    work()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """See the top of the file."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--one", nargs=2, type=int, metavar=("RUNS", "WORKERS"), help="one measure, as JSON")
    parser.add_argument("--one-on-dask", nargs=2, type=int, metavar=("RUNS", "WORKERS"), help="the same on Dask")
    parser.add_argument("--dask", action="store_true")
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--energyplus", action="store_true")
    options = parser.parse_args()
    if options.one:
        print(json.dumps(one(*options.one)))
        return
    if options.one_on_dask:
        print(json.dumps(one_on_dask(*options.one_on_dask)))
        return
    if options.energyplus:
        rival()
    elif options.dask:
        dask(options.runs, options.times)
    else:
        batches(options.runs)


if __name__ == "__main__":
    main()
