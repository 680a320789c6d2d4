"""One run as key figures read it: the names of the Dataset, without the Dataset.

Making an ``xarray.Dataset`` of a single run costs more than its key figures do. What a batch of thousands needs of
each is sums, extremes, a few series and the ledgers; they stand here under the names that ``dataset`` in
``twin.engine.results`` gives them, so that the same functions read both and give the same bits.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from twin.components.nodes import Weather
from twin.engine.composition import WEATHER, Composition
from twin.engine.refining import mean_of_pieces
from twin.engine.results import LEDGERS, failure, residuals_kwh, stored_change_kwh
from twin.engine.simulate import Keep, Outcome, kept_outputs
from twin.series.axis import TimeAxis


class Values:
    """An array under the attribute by which one reads it off a DataArray."""

    __slots__ = ("values",)

    def __init__(self, values: Any) -> None:
        self.values = values

    @property
    def dtype(self) -> Any:
        """Kind of number."""
        return self.values.dtype


class OneRun:
    """What ``dataset([outcome]).isel(scenario=0)`` holds of a run that key figures read; made when it is asked for."""

    def __init__(self, outcome: Outcome, keep: Keep) -> None:
        axis = outcome.lowered.axis
        self.attrs: Mapping[str, Any] = {"step_h": axis.dt_h, "utc_offset_h": axis.utc_offset_h}
        self.sizes: Mapping[str, int] = {"time": axis.count}
        self.coords: Mapping[str, Any] = {}  # no steps of unequal length: series are read on the steps of the run
        self._outcome = outcome
        self._kept = {f"{path}.{f}": k for k, (path, f, _) in enumerate(_kept(outcome.lowered.composition, keep))}

    def __contains__(self, name: object) -> bool:
        return name in self._kept or name in _READ or (isinstance(name, str) and name.startswith("weather."))

    def __getitem__(self, name: str) -> Values:
        if name in self._kept:
            return Values(_on_axis(self._outcome, self._outcome.series[:, self._kept[name]]))
        if name in _READ:
            return Values(_READ[name](self._outcome))
        field = name.removeprefix("weather.")
        if field == name or field not in Weather.held:
            raise KeyError(name)
        lowered = self._outcome.lowered
        return Values(_on_axis(self._outcome, lowered.u[:, lowered.composition.u.index(WEATHER, field)]))


def _on_axis(outcome: Outcome, values: np.ndarray) -> np.ndarray:
    """Values over the steps of the axis: means where they were divided."""
    steps = outcome.lowered.steps
    return values if steps is None else mean_of_pieces(values, steps.hours, steps.base)


def _kept(composition: Composition, keep: Keep) -> tuple[tuple[str, str, int], ...]:
    return _kept_once(composition, keep if isinstance(keep, str) else tuple(keep))


@functools.lru_cache(maxsize=256)
def _kept_once(composition: Composition, keep: Any) -> tuple[tuple[str, str, int], ...]:
    return kept_outputs(composition, keep)


@functools.lru_cache(maxsize=256)
def _columns(composition: Composition) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Names, end uses and positions of all outputs."""
    kinds = {m.path: m.kind for m in composition.members}
    uses = [
        kinds[path].end_uses.get(f, kinds[path].end_use) if f in kinds[path].ledger.electric else ""
        for path, f, _ in composition.outputs
    ]
    names = [f"{path}.{f}" for path, f, _ in composition.outputs]
    positions = np.array([position for _, _, position in composition.outputs], dtype=np.int64)
    return np.array(names, dtype=object), np.array(uses, dtype=object), positions


@functools.lru_cache(maxsize=8)
def _times(axis: TimeAxis) -> np.ndarray:
    return np.asarray(axis.utc().to_numpy())


def _column(at: int) -> Callable[[Outcome], np.ndarray]:
    return lambda o: _columns(o.lowered.composition)[at]


def _of_outputs(name: str) -> Callable[[Outcome], np.ndarray]:
    return lambda o: getattr(o, name)[_columns(o.lowered.composition)[2]]


_READ: dict[str, Callable[[Outcome], Any]] = {
    "output": _column(0),
    "end_use": _column(1),
    "total": _of_outputs("sums"),
    "peak": _of_outputs("peaks"),
    "low": _of_outputs("lows"),
    "last": _of_outputs("last"),
    "residual_kwh": lambda o: np.array(residuals_kwh(o)),
    "stored_kwh": lambda o: np.array([stored_change_kwh(o, ledger) for ledger in LEDGERS]),
    "failure": failure,
    "time": lambda o: _times(o.lowered.axis),
    "notes": lambda o: "\n".join(o.lowered.notes),
}
