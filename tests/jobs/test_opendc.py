"""OpenDC traces: real Parquet files, read whole or refused by row."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from twin.errors import InputError
from twin.jobs.opendc import read_opendc

pa = pytest.importorskip("pyarrow")
TASKS = {"id": ["b", "a", "c"], "submission_time": [60_000, 0, 5_000], "duration": [20_000, 30_000, 9_000],
         "cpu_count": [2, 4, 1], "cpu_capacity": [2500.0, 2000.0, 1000.0], "mem_capacity": [1, 1, 1]}  # fmt: skip
FRAGMENTS = {"id": ["a", "b", "a", "b"], "duration": [10_000, 5_000, 20_000, 15_000],
             "cpu_usage": [1000.0, 3000.0, 500.0, 0.0]}  # fmt: skip


def written(folder: Path, **changes: dict[str, list[Any]]) -> tuple[Path, Path]:
    from pyarrow import parquet

    for name, table in (("tasks", TASKS), ("fragments", FRAGMENTS)):
        columns = {key: value for key, value in (table | changes.get(name, {})).items() if value is not None}
        parquet.write_table(pa.table(columns), folder / f"{name}.parquet")
    return folder / "tasks.parquet", folder / "fragments.parquet"


def test_fragments_of_a_task_follow_each_other_from_its_submission(tmp_path: Path) -> None:
    trace = read_opendc(*written(tmp_path))
    order = np.argsort(trace.start_s)
    np.testing.assert_array_equal(trace.start_s[order], [0, 10, 60, 65])
    np.testing.assert_array_equal(trace.end_s[order], [10, 30, 65, 80])
    np.testing.assert_array_equal(trace.usage_mhz[order], [1000, 500, 3000, 0])
    assert (trace.tasks_count, trace.capacity_mhz, trace.notes) == (3, 14000.0, ("1 tasks without fragments",))


@pytest.mark.parametrize("step_s", [7.0, 60.0, 600.0])
def test_the_work_of_a_trace_does_not_depend_on_the_step(step_s: float, tmp_path: Path) -> None:
    trace = read_opendc(*written(tmp_path))
    count = int(np.ceil(100 / step_s))
    work = trace.mean_mhz(0.0, step_s, count).sum() * step_s
    assert work == pytest.approx(10 * 1000 + 20 * 500 + 5 * 3000, rel=1e-12)


def test_submission_may_be_a_timestamp(tmp_path: Path) -> None:
    stamps = pa.array([60_000, 0, 5_000], type=pa.timestamp("ms"))
    assert read_opendc(*written(tmp_path, tasks={"submission_time": stamps})).start_s.max() == 65.0


BAD = {
    "unknown column": ({"fragments": {"cpu_usage": None, "cpu_usag": [1.0] * 4}},
                       ["{f}: no column 'cpu_usage' (did you mean 'cpu_usag'?)"]),
    "unknown task": ({"fragments": {"id": ["a", "b", "x", "b"]}}, ["{f}:3: belongs to no task"]),
    "task twice": ({"tasks": {"id": ["b", "a", "b"]}}, ["{t}:3: names the task of row 1 again"]),
    "negative": ({"fragments": {"cpu_usage": [1.0, -2.0, 1.0, 1.0]}}, ["{f}:2: cpu_usage is -2, at least 0 wanted"]),
    "overlap": ({"tasks": {"duration": [20_000, 12_000, 9_000]}},
                ["{t}:2: its fragments run 18 s longer than the task"]),
    "empty": ({"fragments": {"id": pa.array([], pa.string()), "duration": pa.array([], pa.int64()),
                             "cpu_usage": pa.array([], pa.float64())}}, ["{f}: holds no rows"]),
}  # fmt: skip


@pytest.mark.parametrize(("changes", "said"), BAD.values(), ids=BAD)
def test_a_bad_trace_is_refused_by_row(changes: dict[str, Any], said: list[str], tmp_path: Path) -> None:
    tasks, fragments = written(tmp_path, **changes)
    with pytest.raises(InputError) as refused:
        read_opendc(tasks, fragments)
    assert [str(fault) for fault in refused.value.faults] == [line.format(t=tasks, f=fragments) for line in said]


def test_what_is_no_parquet_file_is_named(tmp_path: Path) -> None:
    tasks, fragments = written(tmp_path)
    fragments.write_text("id,duration\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"fragments\.parquet: is no Parquet file"):
        read_opendc(tasks, fragments)
