"""From what the loop leaves to a labelled Dataset: series by path and output, sums, extremes, ledgers, provenance."""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import xarray as xr

from twin.components.nodes import Weather
from twin.engine.composition import WEATHER, Composition
from twin.quantities import unit_of
from twin.scenario.resolved import resolved_yaml
from twin.scenario.walk import file_references
from twin.series.files import content_of, resolve
from twin.version import VERSION

if TYPE_CHECKING:
    from twin.engine.simulate import Outcome

LEDGERS = ("electric", "air", "water")
Output = tuple[str, str]  # path, field


def dataset(outcomes: Sequence[Outcome], kept: Sequence[tuple[tuple[str, str, int], ...]]) -> xr.Dataset:
    """One Dataset for all outcomes; what a scenario does not have is NaN there. ``kept``: outputs of each series."""
    outputs = tuple(dict.fromkeys((path, f) for o in outcomes for path, f, _ in o.lowered.composition.outputs))
    data = _weather(outcomes) | _series(outcomes, kept) | _sums(outcomes, outputs) | _ledgers(outcomes)
    data["failure"] = (("scenario",), np.array([failure(o) for o in outcomes], dtype=object), _label("", "Failure"))
    texts = np.array([resolved_yaml(o.lowered.scenario) for o in outcomes], dtype=object)
    data["scenario_yaml"] = (("scenario",), texts, _label("", "Resolved scenario"))
    data["notes"] = (("scenario",), np.array(["\n".join(o.lowered.notes) for o in outcomes], dtype=object),
                     _label("", "Notes on the files read, one a line"))  # fmt: skip
    coordinates: dict[str, Any] = {
        "time": ("time", outcomes[0].lowered.times(), {"long_name": "Start of the interval, UTC"}),
        "scenario": ("scenario", _unique([o.lowered.scenario.name for o in outcomes]), {"long_name": "Scenario"}),
        "output": ("output", [f"{path}.{f}" for path, f in outputs], {"long_name": "Output of a component"}),
        "end_use": (("scenario", "output"), _end_uses(outcomes, outputs), {"long_name": "End use of its electricity"}),
        "ledger": ("ledger", list(LEDGERS), {"long_name": "Balance"}),
    }
    if outcomes[0].lowered.steps is not None:
        coordinates["step_length_h"] = (("time",), outcomes[0].lowered.hours, _label("h", "Length of the interval"))
    return xr.Dataset(_variables(data), coords=_variables(coordinates), attrs=_attributes(outcomes))


def _variables(data: Mapping[str, tuple[Any, ...]]) -> dict[str, Any]:
    """Labelled values, taken as they are: to ask whether they need a conversion xarray loads dask where it is there."""
    return {
        name: (xr.IndexVariable if dims == name else xr.Variable)(dims, np.asarray(values), about, fastpath=True)
        for name, (dims, values, about) in data.items()
    }


def _label(unit: str, long_name: str) -> dict[str, str]:
    return {"units": unit, "long_name": long_name}


def _unique(names: list[str]) -> list[str]:
    seen: dict[str, int] = {}
    for name in names:
        seen[name] = seen.get(name, 0) + 1
    repeated = {name for name, count in seen.items() if count > 1}
    return [f"{name} [{i}]" if name in repeated else name for i, name in enumerate(names)]


def _weather(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    data = {}
    for name, long_name in Weather.held.items():
        # copied, so that the inputs of all components are not held for the sake of some columns
        columns = [o.lowered.u[:, o.lowered.composition.u.index(WEATHER, name)].copy() for o in outcomes]
        data[f"weather.{name}"] = (("scenario", "time"), _rows(columns), _label(unit_of(name) or "1", long_name))
    return data


def _rows(columns: list[np.ndarray]) -> np.ndarray:
    return columns[0][np.newaxis] if len(columns) == 1 else np.stack(columns)


def _series(outcomes: Sequence[Outcome], kept: Sequence[tuple[tuple[str, str, int], ...]]) -> dict[str, Any]:
    data: dict[str, Any] = {}
    places = [{(path, f): k for k, (path, f, _) in enumerate(one)} for one in kept]
    for path, f in dict.fromkeys(name for one in places for name in one):
        columns = [
            o.series[:, p[path, f]] if (path, f) in p else np.full(o.series.shape[0], np.nan)
            for o, p in zip(outcomes, places, strict=True)
        ]
        data[f"{path}.{f}"] = (("scenario", "time"), _rows(columns), _output_label(outcomes, path, f))
    return data


def _output_label(outcomes: Sequence[Outcome], path: str, name: str) -> dict[str, str]:
    kind = next(k for o in outcomes if (k := _kinds(o.lowered.composition).get(path)) and name in k.outputs)
    return _label(unit_of(name) or "1", f"{kind.outputs[name]} ({path})")


@functools.lru_cache(maxsize=256)
def _kinds(composition: Composition) -> Mapping[str, Any]:
    return {m.path: m.kind for m in composition.members}


def _sums(outcomes: Sequence[Outcome], outputs: tuple[Output, ...]) -> dict[str, Any]:
    """Sum over time (unit h), largest, smallest and last value of every output."""
    places = {name: k for k, name in enumerate(outputs)}
    arrays = {name: np.full((len(outcomes), len(outputs)), np.nan) for name in ("sums", "peaks", "lows", "last")}
    for i, o in enumerate(outcomes):
        at = [places[path, f] for path, f, _ in o.lowered.composition.outputs]
        position = [p for _, _, p in o.lowered.composition.outputs]
        for name, array in arrays.items():
            array[i, at] = getattr(o, name)[position]
    dims = ("scenario", "output")
    return {
        "total": (dims, arrays["sums"], _label("unit of the output times h", "Sum over the run")),
        "peak": (dims, arrays["peaks"], _label("unit of the output", "Largest value")),
        "low": (dims, arrays["lows"], _label("unit of the output", "Smallest value")),
        "last": (dims, arrays["last"], _label("unit of the output", "Value in the last step")),
    }


def _end_uses(outcomes: Sequence[Outcome], outputs: tuple[Output, ...]) -> np.ndarray:
    """By scenario and output: scenarios of one batch may have different technologies under one path."""
    uses = np.full((len(outcomes), len(outputs)), "", dtype=object)
    for i, o in enumerate(outcomes):
        kinds = _kinds(o.lowered.composition)
        for k, (path, f) in enumerate(outputs):
            if path in kinds and f in kinds[path].ledger.electric:
                uses[i, k] = kinds[path].end_uses.get(f, kinds[path].end_use)
    return uses


def _ledgers(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    residual = np.array([residuals_kwh(o) for o in outcomes])
    stored = np.array([[stored_change_kwh(o, ledger) for ledger in LEDGERS] for o in outcomes])
    dims = ("scenario", "ledger")
    return {
        "residual_kwh": (dims, residual, _label("kWh", "What a balance misses over the run")),
        "stored_kwh": (dims, stored, _label("kWh", "Change of stored energy over the run")),
    }


def residuals_kwh(o: Outcome) -> tuple[float, float, float]:
    """What each ledger misses: in less out less the change of stores, from their own states, in kWh."""
    c = o.lowered.composition
    entered = o.sums[c.supplies].sum() - o.sums[c.gives].sum()
    electric = entered - o.sums[c.electric].sum() - stored_change_kwh(o, "electric")
    air = o.sums[c.to_air].sum() - o.sums[c.from_air].sum() - stored_change_kwh(o, "air")
    water = o.sums[c.to_water].sum() - o.sums[c.from_water].sum() - stored_change_kwh(o, "water")
    return float(electric), float(air), float(water)


def stored_change_kwh(o: Outcome, ledger: str) -> float:
    """Energy stored at the end less at the start of the run, in kWh, from temperatures and charge of the stores."""
    total = 0.0
    for state, capacity, name in o.lowered.composition.stores:
        if name == ledger:
            factor = o.lowered.p[capacity] if capacity >= 0 else 1.0
            total += factor * (o.end[state] - o.start[state])
    return float(total)


def failure(o: Outcome) -> str:
    """Why a scenario failed: when, where, which value; empty if it did not."""
    if o.failed_at < 0:
        return ""
    c = o.lowered.composition
    when = o.lowered.times()[o.failed_at] + pd.Timedelta(hours=o.lowered.axis.utc_offset_h)
    names = {position: f"{path}.{f}" for path, f, position in c.outputs}
    beyond = [
        f"{names[w]} = {o.last[w]:.4g}" for w, limit in zip(c.watch, c.limits, strict=True) if not o.last[w] < limit
    ]
    scenario = o.lowered.scenario.name
    return f"{scenario}: ran away at {when} local standard time (step {o.failed_at}): {', '.join(beyond)}"


def _attributes(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    first = outcomes[0].lowered
    inputs = {ref: content_of(resolve(ref)) for o in outcomes for ref in file_references(o.lowered.scenario)}
    return {
        "title": "Data center energy and cooling twin",
        "package_version": VERSION,
        "step_h": first.axis.dt_h,
        "utc_offset_h": first.axis.utc_offset_h,
        "inputs": json.dumps(inputs, sort_keys=True),
    }
