"""Forecasts of prices and emission factors as they could have been made: from what was known, and seeded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Kind = Literal["perfect", "persistence", "blend", "day_ahead"]
DAYS_PER_WEEK = 7


@dataclass(frozen=True)
class Forecast:
    """How the values ahead are foreseen.

    ``perfect``: as they come, with a relative error of ``noise_frac`` (standard deviation, independent in each step,
    seeded). ``persistence``: each hour as on the last day. ``blend``: the mean of the last day and of the same day a
    week ago. ``day_ahead``: as published for the next ``known_h`` hours, then the blend.
    """

    kind: Kind = "day_ahead"
    known_h: float = 24.0
    noise_frac: float = 0.0
    seed: int = 0

    def ahead(self, values: Floats, now: int, count: int, dt_h: float) -> Floats:
        """The forecast made at the start of step ``now`` for the next ``count`` steps.

        Before there is a day of history, the mean of what is published (or of the first day) stands for it.
        """
        actual = values[now : now + count]
        if self.kind == "perfect":
            if self.noise_frac == 0.0:
                return actual.copy()
            error = np.random.default_rng((self.seed, now)).standard_normal(actual.size)
            return np.asarray(actual * (1.0 + self.noise_frac * error))
        day = round(24.0 / dt_h)
        guess = _persistence(values, now, actual.size, day)
        if self.kind in ("blend", "day_ahead") and now >= DAYS_PER_WEEK * day:
            guess = 0.5 * (guess + _last_week(values, now, actual.size, day))
        if self.kind == "day_ahead":
            known = min(round(self.known_h / dt_h), actual.size)
            if now < day:
                guess[:] = actual[:known].mean()
            guess[:known] = actual[:known]
        return guess


def _persistence(values: Floats, now: int, count: int, day: int) -> Floats:
    if now < day:
        return np.full(count, float(values[:day].mean()))
    return values[now - day + np.arange(count) % day].copy()


def _last_week(values: Floats, now: int, count: int, day: int) -> Floats:
    week = DAYS_PER_WEEK * day
    return np.asarray(values[now - week + np.arange(count) % week])
