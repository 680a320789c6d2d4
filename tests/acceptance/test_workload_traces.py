"""Real traces: an HPC machine's year, a GPU cluster's pods, resampled jobs, an hour of requests to a language model."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from twin.jobs.job_csv import read_job_csv
from twin.jobs.requests import read_requests
from twin.jobs.scheduler import replay
from twin.jobs.swf import read_swf

FOLDER = Path(__file__).parents[2].parent / "shared" / "data" / "workloads"
pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="the real traces are not beside the project")


@pytest.mark.parametrize("policy", ["fifo", "easy"])
def test_a_year_of_an_hpc_machine_replays_to_its_own_utilisation(policy: str) -> None:
    jobs = read_swf(FOLDER / "KTH-SP2-1996-2.1-cln.swf.gz")
    assert (jobs.count, jobs.never_count, jobs.capacity_count) == (28475, 1, 100)
    done = replay(jobs, jobs.capacity_count, policy)  # type: ignore[arg-type]
    assert not done.unscheduled.any()
    assert done.utilisation_frac == pytest.approx(0.687, abs=0.005)


def test_pods_that_were_never_scheduled_are_reported() -> None:
    jobs = read_job_csv(FOLDER / "openb_pod_list_default.csv.gz", {}, "s", "UTC")
    assert jobs.never_count == 897


def test_a_hundred_thousand_jobs_of_a_year_are_read_and_run() -> None:
    jobs = read_job_csv(FOLDER / "pai-100k.csv.gz", {}, "h", "UTC")
    done = replay(jobs, 400, "easy")
    assert jobs.count == 99_998
    assert not done.unscheduled.any()


def test_an_hour_of_requests_has_the_published_mean_lengths() -> None:
    requests = read_requests(FOLDER / "AzureLLMInferenceTrace_conv.csv.gz")
    assert requests.arrival_s.size == 19_366
    assert requests.tokens_in.mean() == pytest.approx(1155, abs=1)
    assert requests.tokens_out.mean() == pytest.approx(211, abs=1)
    assert np.sum(requests.per_step(60.0, 60)[0]) == 19_366
