"""Measured files of GPUs: every row of the H100 leaderboard through a run, power limits of training jobs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.engine.work_sites import H100, chat, work_site
from twin.components.it.hardware_files import hardware_of
from twin.engine.simulate import simulate

FOLDER = Path(__file__).parents[2].parent / "shared" / "data" / "gpu"
pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="the measured files are not beside the project")
ENDLESS = 1e9
DEVICES = 160


def leaderboard() -> pd.DataFrame:
    """The 177 rows of chat; of two with the same batch the one with less energy for a token."""
    table = pd.read_csv(FOLDER / "mlenergy_v3_H100_configs.csv.gz").query("task == 'lm-arena-chat'")
    assert len(table) == 177
    point = ["model_id", "weight_precision", "num_gpus", "max_num_seqs"]
    return table.sort_values("energy_per_token_joules").drop_duplicates(point)


def test_every_row_of_the_h100_leaderboard_is_met_in_a_run() -> None:
    rows = list(leaderboard().itertuples())
    scenarios = [
        work_site({"g": H100}, {"w": chat(
            ENDLESS, model=row.model_id, precision={"bfloat16": "bf16"}.get(row.weight_precision, row.weight_precision),
            batch_count=row.max_num_seqs, devices_count=row.num_gpus,
        )}, "run.duration=2h")
        for row in rows
    ]  # fmt: skip
    ds = simulate(scenarios)
    watts = ds["workloads.w.runs_on.g.device_w"].values[:, -1]
    tokens_per_s = ds["workloads.w.served_per_h"].values[:, -1] * 1e6 / 3600 / DEVICES
    np.testing.assert_allclose(watts, [row.avg_power_watts / row.num_gpus for row in rows], rtol=1e-6)
    np.testing.assert_allclose(
        tokens_per_s, [row.output_throughput_tokens_per_sec / row.num_gpus for row in rows], rtol=1e-6)  # fmt: skip
    per_token = [row.energy_per_token_joules for row in rows]
    np.testing.assert_allclose(watts / tokens_per_s, per_token, rtol=0.01)


@pytest.mark.parametrize(("name", "limit_w"), [("v100", 250), ("a40", 300)])
def test_sweeps_are_medians_of_the_jobs_that_power_bounds(name: str, limit_w: int) -> None:
    jobs = pd.read_csv(FOLDER / f"summary_power_{name}.csv")
    job = ["dataset", "network", "batch_size", "optimizer"]
    full = jobs[jobs.power_limit == limit_w].set_index(job)
    bound = full.index[full.average_power >= 0.8 * limit_w]
    jobs = jobs[jobs.set_index(job).index.isin(bound)].set_index(job)
    jobs["throughput"] = full.time_per_epoch.reindex(jobs.index).values / jobs.time_per_epoch
    jobs["power"] = jobs.average_power / full.average_power.reindex(jobs.index).values
    medians = jobs.groupby("power_limit")[["throughput", "power"]].median()
    sweep = hardware_of(f"data:hardware/{'v100_pcie' if name == 'v100' else name}.yaml").power_limits
    assert sweep is not None
    at = medians.loc[list(sweep.limit_w)]
    np.testing.assert_allclose(sweep.throughput_frac, at.throughput, atol=1e-4)
    np.testing.assert_allclose(sweep.power_frac, at.power, atol=1e-4)
