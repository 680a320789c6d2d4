"""A run that another thread looks at and may stop: for screens that show how far a long one is."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from twin.engine.lowering import Lowered


@dataclass(eq=False)
class Watch:
    """Passed to ``simulate`` with one scenario; ``done_frac`` and ``stop`` may be called from any thread.

    The loop knows nothing of it: it writes rows of series, which are counted here, and ends where a watched output is
    not below its limit, which stopping lowers. The limits are the run's own copy.
    """

    stopped: bool = False
    _limits: np.ndarray = field(default_factory=lambda: np.empty(0))
    _series: np.ndarray = field(default_factory=lambda: np.empty((0, 0)))

    def over(self, one: Lowered) -> Lowered:
        """The same scenario with limits that only this run has."""
        self._limits = one.composition.limits.copy()
        if self.stopped:
            self.stop()
        return replace(one, composition=replace(one.composition, limits=self._limits))

    def begins(self, series: np.ndarray) -> None:
        """The loop is about to fill ``series`` (steps, kept outputs)."""
        series.fill(np.nan)
        self._series = series

    @property
    def done_frac(self) -> float:
        """Share of the steps that are done."""
        series = self._series
        low, high = 0, len(series)
        while low < high:  # rows are filled in order
            middle = (low + high) // 2
            low, high = (low, middle) if np.isnan(series[middle]).all() else (middle + 1, high)
        return low / max(len(series), 1)

    def stop(self) -> None:
        """Let the run end at its next step."""
        self.stopped = True
        self._limits.fill(-np.inf)
