"""Several threads run sites at once: each gets its own figures, and code is compiled once, warm or cold."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from tests.engine.scenarios import shipped
from twin.compiled import has_numba
from twin.engine.simulate import simulate

ROOT = Path(__file__).parents[2]
DAYS = ("run.start=2025-07-07", "run.duration=3d")
FOURTH = (
    "plants.main.chillers.fourth={kind: water_cooled, curves: York_YT_1023, rated_kw: 500, condenser_flow_m3_s: 0.025}"
)
SECOND_TOWER = (
    "plants.main.condenser.towers.second={kind: yorkcalc, water_flow_m3_s: 0.05, air_flow_m3_s: 30, fan_kw: 10, "
    "design_wet_bulb_c: 26}"
)
SITES = {
    "miami": ("quickstart",),
    "greensboro": ("greensboro",),
    "no_economizer": ("greensboro", "plants.main.economizer=null"),
    "four_chillers": ("quickstart", FOURTH),
    "two_towers": ("quickstart", SECOND_TOWER),
    "plant": ("reference_plant", "run.step=1h"),
    "warmer": ("quickstart", "halls.ai.air.supply_air_c=26"),
    "no_lights": ("quickstart", "loads={}"),
}

# All at once in a process that has compiled nothing: figures, how many entries were compiled, numba's settings.
COLD = """
import json, sys, threading
from concurrent.futures import ThreadPoolExecutor
from tests.engine.test_threads import DAYS, SITES, totals
from twin.engine import kernel
from twin.engine.simulate import simulate
sys.setswitchinterval(1e-5)
barrier = threading.Barrier(4)
def run(name):
    barrier.wait(timeout=900)
    return totals(name)
with ThreadPoolExecutor(4) as pool:
    found = dict(zip(list(SITES)[:4], pool.map(run, list(SITES)[:4])))
made = kernel.entry.cache_info()
print(json.dumps({"found": found, "compiled": made.misses, "kept": made.currsize,
                  "cache": kernel.nb.config.CACHE_DIR}))
"""


def totals(name: str) -> list[float]:
    """Sums of all outputs over three days of a site."""
    return list(simulate(shipped(*SITES[name], *DAYS), keep="none")["total"].values[0])


@pytest.fixture(scope="module")
def one_by_one() -> dict[str, list[float]]:
    return {name: totals(name) for name in SITES}


def test_sites_differ(one_by_one: dict[str, list[float]]) -> None:
    assert len({json.dumps(values) for values in one_by_one.values()}) == len(SITES)


@pytest.mark.parametrize("threads", [2, 4])
def test_threads_that_simulate_at_once_get_what_each_gets_alone(
    threads: int, one_by_one: dict[str, list[float]]
) -> None:
    barrier, names = threading.Barrier(threads), list(SITES) * 3

    def run(name: str) -> list[float]:
        barrier.wait(timeout=900)
        return totals(name)

    with ThreadPoolExecutor(threads) as pool:
        found = list(pool.map(run, names))
    for name, values in zip(names, found, strict=True):
        np.testing.assert_array_equal(values, one_by_one[name], err_msg=name)


def test_batches_may_run_inside_threads(one_by_one: dict[str, list[float]]) -> None:
    """A pool of threads, each with a batch that has a pool of its own."""

    def run(names: tuple[str, str]) -> list[list[float]]:
        ds = simulate([shipped(*SITES[name], *DAYS) for name in names], keep="none")
        return [list(row[~np.isnan(row)]) for row in ds["total"].values]

    pairs = [("miami", "greensboro"), ("two_towers", "plant"), ("warmer", "miami"), ("no_lights", "four_chillers")]
    with ThreadPoolExecutor(4) as pool:
        for names, rows in zip(pairs, pool.map(run, pairs), strict=True):
            for name, row in zip(names, rows, strict=True):
                assert sorted(row) == sorted(one_by_one[name]), name


def test_plain_python_and_machine_code_may_run_beside_each_other() -> None:
    scenario = shipped("quickstart", "run.start=2025-07-07", "run.duration=6h", "run.warmup_h=2")
    alone = simulate(scenario, engine="plain")["total"].values
    with ThreadPoolExecutor(4) as pool:
        both = list(pool.map(lambda engine: simulate(scenario, engine=engine)["total"].values, ["plain", "auto"] * 3))
    for found in both:
        np.testing.assert_array_equal(found, alone)


@pytest.mark.slow
@pytest.mark.skipif(not has_numba(), reason="needs numba")
def test_threads_that_come_first_compile_each_step_once(tmp_path: Path, one_by_one: dict[str, list[float]]) -> None:
    """Two objects for one step would leave addresses of the one that is thrown away."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "XDG_CACHE_HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-P", "-c", COLD], env=environment, capture_output=True, text=True, timeout=900
    )
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["compiled"] == said["kept"] > 20
    assert said["cache"] == os.environ.get("NUMBA_CACHE_DIR", "")
    for name, values in said["found"].items():
        np.testing.assert_array_equal(values, one_by_one[name], err_msg=name)
