"""Traces in the forms that people have: what is read, and what is refused with the row that is wrong."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest

from twin.errors import InputError
from twin.jobs.job_csv import read_job_csv
from twin.jobs.requests import read_requests
from twin.jobs.sacct import read_sacct
from twin.jobs.swf import read_swf

SWF = """; UnixStartTime: 843480031
; MaxProcs: 100
1 0 5 60 4 -1 -1 8 600 -1 1 1 1 1 1 -1 -1 -1
2 30 0 -1 -1 -1 -1 8 600 -1 5 1 1 1 1 -1 -1 -1
3 90 2 120 -1 -1 -1 16 -1 -1 1 1 1 1 1 -1 -1 -1
"""
SACCT = """JobID|Submit|Start|End|Elapsed|Timelimit|AllocCPUS|AllocTRES|State
12|2025-03-01T12:00:00|2025-03-01T12:01:00|2025-03-02T15:01:00|1-03:00:00|2-00:00:00|64|cpu=64,gres/gpu:h100=8,node=1|COMPLETED
12.batch|2025-03-01T12:00:00|2025-03-01T12:01:00|2025-03-02T15:01:00|1-03:00:00||64||COMPLETED
11|2025-03-01T11:30:00|2025-03-01T12:01:00|2025-03-01T12:02:00|00:01:00|UNLIMITED|4|cpu=4|FAILED
13|2025-03-01T13:00:00|Unknown|Unknown|00:00:00|01:00:00|0||CANCELLED by 7
"""


def written(folder: Path, text: str, name: str = "trace.txt") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def faults(read: object, *arguments: object) -> list[str]:
    with pytest.raises(InputError) as refused:
        read(*arguments)  # type: ignore[operator]
    return [str(fault) for fault in refused.value.faults]


def test_swf_gives_units_allocated_and_leaves_out_what_never_ran(tmp_path: Path) -> None:
    for path in (written(tmp_path, SWF), tmp_path / "trace.swf.gz"):
        if path.suffix == ".gz":
            path.write_bytes(gzip.compress(SWF.encode()))
        jobs = read_swf(path)
        np.testing.assert_array_equal(jobs.units_count, [4, 16])
        np.testing.assert_array_equal(jobs.requested_s, [600, 120])
        assert (list(jobs.names), jobs.never_count, jobs.capacity_count) == (["1", "3"], 1, 100)
        assert jobs.start_utc == np.datetime64("1996-09-23T12:00:31")
        assert jobs.work_unit_s == 4 * 60 + 16 * 120


BAD_SWF = {
    "12 fields": ("1 0 5 60 4 -1 -1 8 600 -1 1 1\n", ["{f}:1: 12 fields, SWF has 18"]),
    "text": ("1 0 5 x 4 -1 -1 8 600 -1 1 1 1 1 1 -1 -1 -1\n", ["{f}:1: field 4: 'x' is no number"]),
    "empty": ("; Version: 2\n", ["{f}: holds no jobs"]),
    "negative": ("1 0 5 -7 4 -1 -1 8 600 -1 1 1 1 1 1 -1 -1 -1\n", ["{f}:1: run time is negative: -7 s"]),
    "unsorted": (
        "1 50 5 6 4 -1 -1 8 600 -1 1 1 1 1 1 -1 -1 -1\n2 20 5 6 4 -1 -1 8 600 -1 1 1 1 1 1 -1 -1 -1\n",
        ["{f}:2: was submitted 30 s before the line above it: sort the trace by submission"],
    ),
    "twice": (
        "1 0 5 6 4 -1 -1 8 600 -1 1 1 1 1 1 -1 -1 -1\n\n1 20 5 6 4 -1 -1 8 600 -1 1 1 1 1 1 -1 -1 -1\n",
        ["{f}:3: names a job that stands in line 1 already"],
    ),
}


@pytest.mark.parametrize(("text", "said"), BAD_SWF.values(), ids=BAD_SWF)
def test_a_bad_swf_file_is_refused_by_line(text: str, said: list[str], tmp_path: Path) -> None:
    path = written(tmp_path, text)
    assert faults(read_swf, path) == [line.format(f=path) for line in said]


def test_many_equal_faults_are_counted(tmp_path: Path) -> None:
    rows = "".join(f"{n} {n} 5 -7 4 -1 -1 8 600 -1 1 1 1 1 1 -1 -1 -1\n" for n in range(1, 31))
    said = faults(read_swf, written(tmp_path, rows))
    assert len(said) == 6
    assert said[-1].endswith(":6: 25 more like line 1")


def test_a_damaged_gzip_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "trace.gz"
    path.write_bytes(gzip.compress(SWF.encode())[:-9])
    assert faults(read_swf, path) == [
        f"{path}: damaged gzip file: Compressed file ended before the end-of-stream marker was reached"
    ]


def test_sacct_gives_jobs_in_order_of_submission_without_their_steps(tmp_path: Path) -> None:
    jobs = read_sacct(written(tmp_path, SACCT), "cpus", "America/New_York")
    assert (list(jobs.names), jobs.never_count) == (["11", "12"], 1)
    np.testing.assert_array_equal(jobs.submit_s, [0, 1800])
    np.testing.assert_array_equal(jobs.run_s, [60, 27 * 3600])
    np.testing.assert_array_equal(jobs.requested_s, [60, 48 * 3600])
    assert jobs.start_utc == np.datetime64("2025-03-01T16:30:00")
    gpus = read_sacct(written(tmp_path, SACCT), "gpus", "UTC")
    assert (list(gpus.names), list(gpus.units_count)) == (["12"], [8.0])


def test_a_bad_sacct_export_is_refused_by_line(tmp_path: Path) -> None:
    text = SACCT.replace("1-03:00:00|2-", "long|2-", 1)
    path = written(tmp_path, text)
    assert faults(read_sacct, path, "cpus", "UTC") == [f"{path}:2: 'long' is no time span such as 1-02:30:00"]
    path = written(tmp_path, SACCT.replace("Elapsed", "Duration"))
    there = SACCT.splitlines()[0].replace("Elapsed", "Duration").replace("|", ", ")
    assert faults(read_sacct, path, "cpus", "UTC") == [f"{path}: no column ElapsedRaw or Elapsed: there are {there}"]
    path = written(tmp_path, SACCT.replace("2025-03-01T13:00:00", "yesterday"))
    assert faults(read_sacct, path, "cpus", "UTC") == [
        f"{path}:5: Submit: 'yesterday' is no time such as 2025-03-01T12:00:00"
    ]


CSV = "job,arrival_time,length,gpus,deadline\na,0.5,2,8,1\nb,0.75,0.5,1,1\n"


def test_a_plain_table_is_read_by_its_usual_names_or_by_those_given(tmp_path: Path) -> None:
    jobs = read_job_csv(written(tmp_path, CSV), {}, "h", "UTC")
    np.testing.assert_array_equal(jobs.submit_s, [1800, 2700])
    np.testing.assert_array_equal(jobs.run_s, [7200, 1800])
    np.testing.assert_array_equal(jobs.units_count, [8, 1])
    jobs = read_job_csv(written(tmp_path, CSV), {"run": "deadline", "priority": "gpus"}, "min", "UTC")
    np.testing.assert_array_equal(jobs.run_s, [60, 60])
    np.testing.assert_array_equal(jobs.priority, [8, 1])


def test_a_table_with_start_and_end_leaves_out_rows_without_a_start(tmp_path: Path) -> None:
    text = "name,creation_time,scheduled_time,deletion_time,num_gpu\np,0,5,65,1\nq,1,,70,1\nr,2,3,9,0\n"
    jobs = read_job_csv(written(tmp_path, text), {}, "s", "UTC")
    assert (list(jobs.names), list(jobs.run_s), jobs.never_count) == (["p"], [60.0], 1)
    assert jobs.notes == ("1 jobs that never ran left out", "1 jobs with 0 in column 'num_gpu' left out")


def test_a_bad_table_is_refused_by_name_and_line(tmp_path: Path) -> None:
    path = written(tmp_path, CSV)
    assert faults(read_job_csv, path, {"run": "lenght"}, "s", "UTC") == [
        f"{path}: no column 'lenght' (did you mean 'length'?)"
    ]
    path = written(tmp_path, "a,b\n1,2\n")
    assert faults(read_job_csv, path, {}, "s", "UTC") == [
        f"{path}: no column for submission (`submit_column`) and run time (`run_column`, or `start_column` and"
        " `end_column`): there are a, b"]  # fmt: skip
    path = written(tmp_path, CSV.replace("0.5,1,1", "soon,1,1"))
    assert faults(read_job_csv, path, {}, "s", "UTC") == [f"{path}:3: length: 'soon' is no number"]
    path = written(tmp_path, CSV.replace("0.5,1,1\n", "0.5,-1,1\n"))
    assert faults(read_job_csv, path, {}, "s", "UTC") == [f"{path}:3: asks for -1 units, above 0 wanted"]


def test_requests_are_read_from_csv_and_json_lines(tmp_path: Path) -> None:
    azure = "TIMESTAMP,ContextTokens,GeneratedTokens\n2023-11-16 18:15:46.5,374,44\n2023-11-16 18:15:50.0,396,109\n"
    mooncake = '{"timestamp": 0, "input_length": 374, "output_length": 44, "hash_ids": [1]}\n' \
               '{"timestamp": 3500, "input_length": 396, "output_length": 109}\n'  # fmt: skip
    for text in (azure, mooncake):
        requests = read_requests(written(tmp_path, text))
        np.testing.assert_array_equal(requests.arrival_s, [0, 3.5])
        counts, tokens_in, tokens_out = requests.per_step(2.0, 3)
        np.testing.assert_array_equal(counts, [1, 1, 0])
        np.testing.assert_array_equal(tokens_in, [374, 396, 0])
        np.testing.assert_array_equal(tokens_out, [44, 109, 0])


def test_bad_requests_are_refused_by_line(tmp_path: Path) -> None:
    path = written(tmp_path, "time,tokens_in,tokens_out\n1,2,3\n0,2,-3\n")
    assert faults(read_requests, path) == [
        f"{path}:3: -3 tokens out, at least 0 wanted",
        f"{path}:3: came before the line above it: sort the trace by arrival",
    ]
    path = written(tmp_path, '{"timestamp": 0, "input_length": 374, "output_length": 44}\n{"timestamp": 5}\n')
    assert faults(read_requests, path) == [
        f"{path}:2: is no JSON object with timestamp, input_length and output_length"
    ]
    path = written(tmp_path, "time,tokens_out\n1,2\n")
    names = "ContextTokens, input_length, tokens_in or prompt_tokens"
    assert faults(read_requests, path) == [f"{path}: no column {names}: there are time, tokens_out"]
