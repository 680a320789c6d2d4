"""Time and memory of replaying traces, beside their targets: ``python benchmarks/traces.py``.

A year of the HPC machine KTH-SP2 (28,476 jobs; from ``../shared/data/workloads`` where it is there, else a made-up
trace of as many jobs), FIFO and EASY, warm; and 2.3 million made-up OpenDC fragments from Parquet files to the mean of
every hour, in a process of its own, whose peak memory counts.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
KTH = ROOT.parent / "shared" / "data" / "workloads" / "KTH-SP2-1996-2.1-cln.swf.gz"
JOBS, TASKS, FRAGMENTS = 28_476, 23_000, 2_300_000
REPETITIONS = 5


def told(name: str, value: float, target: float, unit: str) -> None:
    """Print one figure and what it may be at most."""
    verdict = "" if value <= target else "   above its target"
    print(f"{name:<52} {value:9.3g} {unit:<2}  {value / target:4.0%} of {target:g}{verdict}", flush=True)


def cpu_s(work: Callable[[], object]) -> float:
    """Least CPU time of a call, after one that warms up."""
    work()
    times = []
    for _ in range(REPETITIONS):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return min(times)


def made_up_jobs(folder: Path) -> Path:
    """A trace as long and as full as KTH-SP2: 28,476 jobs in eleven months on 100 nodes."""
    import numpy as np

    draw = np.random.default_rng(1996)
    submitted = np.sort(draw.integers(0, 29_000_000, JOBS))
    run_s = draw.lognormal(7.5, 1.9, JOBS).clip(1, 200_000).astype(int)
    units = np.minimum(2 ** draw.integers(0, 6, JOBS), 64)
    path = folder / "made_up.swf"
    rows = (f"{i} {at} 0 {run} {n} -1 -1 {n} {2 * run} -1 1 1 1 1 1 -1 -1 -1"
            for i, (at, run, n) in enumerate(zip(submitted, run_s, units, strict=True), 1))  # fmt: skip
    path.write_text("; UnixStartTime: 843480031\n; MaxProcs: 100\n" + "\n".join(rows) + "\n", encoding="utf-8")
    return path


def jobs(folder: Path) -> None:
    """Reading and replaying a year of jobs."""
    from twin.jobs.scheduler import replay
    from twin.jobs.swf import read_swf

    path = KTH if KTH.is_file() else made_up_jobs(folder)
    trace = read_swf(path)
    told(f"read {path.name}", cpu_s(lambda: read_swf(path)), 1.0, "s")
    for policy in ("fifo", "easy"):
        done = replay(trace, trace.capacity_count, policy)  # type: ignore[arg-type]
        name = f"replay {trace.count:,} jobs, {policy} (utilisation {done.utilisation_frac:.3f})"
        told(name, cpu_s(lambda: replay(trace, trace.capacity_count, policy)), 1.0, "s")  # type: ignore[arg-type]  # noqa: B023


def made_up_fragments(folder: Path) -> None:
    """2.3 million fragments of 23,000 tasks over a month, as OpenDC writes them."""
    import numpy as np
    import pyarrow
    from pyarrow import parquet

    draw = np.random.default_rng(2300)
    each = FRAGMENTS // TASKS
    length_ms = np.full((TASKS, each), 300_000)
    names = np.char.add("task-", np.arange(TASKS).astype(str))
    parquet.write_table(pyarrow.table({
        "id": names, "submission_time": draw.integers(0, 2_600_000_000, TASKS), "duration": length_ms.sum(axis=1),
        "cpu_count": np.ones(TASKS, int), "cpu_capacity": np.full(TASKS, 2600.0), "mem_capacity": np.ones(TASKS, int),
    }), folder / "tasks.parquet")  # fmt: skip
    parquet.write_table(pyarrow.table({
        "id": np.repeat(names, each), "duration": length_ms.ravel(), "cpu_usage": draw.uniform(0, 2600, FRAGMENTS),
    }), folder / "fragments.parquet")  # fmt: skip


def read_fragments(folder: Path) -> None:
    """What the child process does: read, and take means of hours, of quarters and of five minutes."""
    from twin.jobs.opendc import read_opendc

    start = time.process_time()
    trace = read_opendc(folder / "tasks.parquet", folder / "fragments.parquet")
    sums = [trace.mean_mhz(0.0, step_s, round(32 * 86400 / step_s)).sum() * step_s for step_s in (3600.0, 900.0, 300.0)]
    took = time.process_time() - start
    whole = float(((trace.end_s - trace.start_s) * trace.usage_mhz).sum())
    print(took, max(abs(total / whole - 1.0) for total in sums))


def fragments(folder: Path) -> None:
    """2.3 million fragments in a process of their own."""
    made = subprocess.run([sys.executable, __file__, "--make", str(folder)], check=True)
    assert made.returncode == 0
    child = subprocess.Popen([sys.executable, __file__, "--child", str(folder)], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    took, error = (float(word) for word in child.stdout.read().split())
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    told(f"{FRAGMENTS:,} fragments to means at 1h, 15min, 5min", took, 2.0, "s")
    told("    peak memory", usage.ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3), 600.0, "MB")
    told("    work that differs from the trace's, relative", error, 1e-6, "")


def main() -> None:
    """All figures, or one part in a child process."""
    if len(sys.argv) == 3 and sys.argv[1] in ("--child", "--make"):
        {"--child": read_fragments, "--make": made_up_fragments}[sys.argv[1]](Path(sys.argv[2]))
        return
    with tempfile.TemporaryDirectory() as folder:
        fragments(Path(folder))
        jobs(Path(folder))


if __name__ == "__main__":
    main()
