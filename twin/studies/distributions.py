"""Distributions of uncertain inputs, as a study states them: each is a course of quantiles."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import AfterValidator, Field, model_validator

from twin.errors import SpecFault, refuse
from twin.quantities import Spec

Shares = NDArray[np.float64]


def _number(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float) or not np.isfinite(value):
        raise ValueError(f"must be a number, got {value!r}")
    return value


Number = Annotated[Any, AfterValidator(_number)]  # in the unit of the path that it is for, so no name can state it


class _Drawn(Spec):
    relative: bool = False
    """Whether numbers are factors on the value of the base scenario."""


class Uniform(_Drawn):
    """Equally likely everywhere between two values."""

    kind: Literal["uniform"]
    low: Number
    """Least value."""
    high: Number
    """Largest value."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        refuse(_order(self.low, self.high))
        return self

    def quantiles(self, shares: Shares) -> list[Any]:
        """Values below which the given shares lie."""
        return (self.low + (self.high - self.low) * shares).tolist()


class Triangular(_Drawn):
    """Between two values, most likely at a third."""

    kind: Literal["triangular"]
    low: Number
    """Least value."""
    mode: Number
    """Most likely value."""
    high: Number
    """Largest value."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        refuse(_order(self.low, self.high))
        if not self.low <= self.mode <= self.high:
            raise SpecFault(("mode",), f"must lie between low and high, got {self.mode:g}")
        return self

    def quantiles(self, shares: Shares) -> list[Any]:
        """Values below which the given shares lie: inverse of the piecewise quadratic distribution function."""
        span = self.high - self.low
        at_mode = (self.mode - self.low) / span
        rising = self.low + np.sqrt(shares * span * (self.mode - self.low))
        falling = self.high - np.sqrt((1.0 - shares) * span * (self.high - self.mode))
        return np.where(shares < at_mode, rising, falling).tolist()


class Normal(_Drawn):
    """Normal, cut off at ``low`` and ``high`` where given (what lies beyond is spread over what is left)."""

    kind: Literal["normal"]
    mean: Number
    """Mean before the cut."""
    deviation: Number
    """Standard deviation before the cut."""
    low: Number | None = None
    """Least value, or none."""
    high: Number | None = None
    """Largest value, or none."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not self.deviation > 0:
            raise SpecFault(("deviation",), f"must be above 0, got {self.deviation:g}")
        refuse(_order(-np.inf if self.low is None else self.low, np.inf if self.high is None else self.high))
        return self

    def quantiles(self, shares: Shares) -> list[Any]:
        """Values below which the given shares lie."""
        from scipy.special import ndtr, ndtri  # takes time to load

        first = 0.0 if self.low is None else ndtr((self.low - self.mean) / self.deviation)
        last = 1.0 if self.high is None else ndtr((self.high - self.mean) / self.deviation)
        values = self.mean + self.deviation * ndtri(first + (last - first) * shares)
        return np.asarray(values).tolist()


class Choice(_Drawn):
    """One of several values: files, words or numbers."""

    kind: Literal["choice"]
    values: list[Any] = Field(min_length=1, max_length=10_000)
    """What may come."""
    weights: list[Number] | None = None
    """How likely each is, in any unit; equally if left out."""

    @model_validator(mode="after")
    def _weights_fit(self) -> Self:
        weights = self.weights
        if weights is not None and (len(weights) != len(self.values) or min(weights) < 0 or not sum(weights) > 0):
            raise SpecFault(("weights",), "needs a weight of 0 or more for each value, and one above 0")
        return self

    def quantiles(self, shares: Shares) -> list[Any]:
        """The value of each share, in the order of the list."""
        weights = np.ones(len(self.values)) if self.weights is None else np.asarray(self.weights, float)
        ends = np.cumsum(weights / weights.sum())[:-1]
        return [self.values[at] for at in np.searchsorted(ends, shares, side="right")]


def _order(low: float, high: float) -> list[SpecFault]:
    return [] if low < high else [SpecFault(("high",), f"must be above low, got {low:g} and {high:g}")]


Distribution = Annotated[Uniform | Triangular | Normal | Choice, Field(discriminator="kind")]
