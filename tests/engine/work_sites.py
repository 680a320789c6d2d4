"""Small sites with work, written in tests: one hall on direct-expansion units, rack groups and classes as given."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr

from tests.engine.scenarios import from_text
from twin.engine.simulate import simulate
from twin.scenario.model import Scenario
from twin.scenario.writing import dump

H100: dict[str, Any] = {
    "kind": "accelerators", "hardware": "data:hardware/h100_sxm.yaml", "racks_count": 5, "servers_per_rack_count": 4,
    "fed_by": "grid",
}  # fmt: skip
CPU: dict[str, Any] = {
    "kind": "shared_servers", "racks_count": 5, "servers_per_rack_count": 20, "fed_by": "grid", "peak_w": 500,
    "psu_rated_w": 1600, "load_power_frac": [0.2, 0.28, 0.36, 0.44, 0.52, 0.6, 0.68, 0.76, 0.84, 0.92, 1.0],
    "fan_rise_per_k": 0,
}  # fmt: skip
SITE: dict[str, Any] = {
    "name": "Work",
    "site": {"timezone": "America/New_York"},
    "weather": {"file": "pvlib:12839.tm2"},
    "run": {"calendar_year": 2025, "start": "2025-03-20", "duration": "2d", "warmup_h": 0},
    "halls": {
        "h": {
            "volume_m3": 1000, "rack_groups": {},
            "air": {"kind": "crac", "fed_by": "grid", "supply_air_c": 22, "units_count": 12, "airflow_m3_s": 8,
                    "airflow_ratio": 1.1, "capacity_kw": 125, "rated_cop": 3.2},
        },
    },
    "grid": {"tariff": {"kind": "table", "file": "data:tariffs/fpl_gsldt_1.yaml"},
             "carbon": {"kind": "subregion", "subregion": "FRCC"}},
}  # fmt: skip


def group(name: str) -> str:
    """Path of a rack group of the hall."""
    return f"halls.h.rack_groups.{name}"


def compute(rate_per_h: float = 100.0, *groups: str, **others: Any) -> dict[str, Any]:
    """A class of device hours at a constant rate on the named groups (``g`` alone if none is named)."""
    demand = {"kind": "constant", "rate_per_h": rate_per_h}
    return {"kind": "compute", "demand": demand, "runs_on": runs_on(*groups or ("g",)), **others}


def chat(rate_per_h: float, *groups: str, **others: Any) -> dict[str, Any]:
    """Requests of a thousand output tokens to the 8B model in batches of 64."""
    demand = {"kind": "constant", "rate_per_h": rate_per_h}
    model = {"model": "meta-llama/Llama-3.1-8B-Instruct", "precision": "bf16", "batch_count": 64}
    tokens = {"tokens_in_count": 500, "tokens_out_count": 1000}
    return {"kind": "inference", **model, **tokens, "demand": demand, "runs_on": runs_on(*groups or ("g",)), **others}


def runs_on(*groups: str) -> dict[str, Any]:
    """Places on groups of the hall, named as they are."""
    return {name: {"group": group(name)} for name in groups}


def work_site(groups: Mapping[str, Any], workloads: Mapping[str, Any], *overrides: str) -> Scenario:
    """A scenario with these rack groups and classes of work."""
    data = copy.deepcopy(SITE) | {"workloads": copy.deepcopy(dict(workloads))}
    data["halls"]["h"]["rack_groups"] = copy.deepcopy(dict(groups))
    return from_text(dump(data), *overrides)


class Run:
    """Results of a run, by path."""

    def __init__(self, scenario: Scenario, engine: Any = "auto") -> None:
        self.from_nothing = scenario.run.warmup_h == 0  # else work may wait when the run begins
        self.ds: xr.Dataset = simulate(scenario, engine=engine)
        hours = (self.ds["time"].values[1] - self.ds["time"].values[0]) / np.timedelta64(1, "s") / 3600
        self.dt_h = float(hours)

    def __getitem__(self, name: str) -> np.ndarray:
        return np.asarray(self.ds[name].values[0])

    def work(self, name: str) -> np.ndarray:
        """Series of a class of work: ``w.served_per_h``."""
        return self[f"workloads.{name}"]

    def place(self, work: str, place: str, name: str) -> np.ndarray:
        """Series of a place of a class."""
        return self[f"workloads.{work}.runs_on.{place}.{name}"]

    def group(self, name: str) -> np.ndarray:
        """Series of a rack group: ``g.power_kw``."""
        return self[group(name)]

    def conserves(self, name: str) -> float:
        """Largest share of the work of the run that came from nowhere or went there in a step."""
        queue = np.concatenate([[0.0], self.work(f"{name}.queue_count")])
        rates = {end: self.work(f"{name}.{end}_per_h") for end in ("arrived", "lost", "served", "dropped")}
        came = (rates["arrived"] + rates["lost"]) * self.dt_h
        went = (rates["served"] + rates["dropped"]) * self.dt_h + np.diff(queue)
        scale = max(float(came.sum()), float(queue.max()), 1e-300)
        return float(np.abs(came - went)[0 if self.from_nothing else 1 :].max() / scale)
