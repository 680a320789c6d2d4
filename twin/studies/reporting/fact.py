"""A reported figure: value or reason, and all that an auditor asks of it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from twin.errors import InputError
from twin.studies.reporting.factors import Factor
from twin.studies.reporting.quantities import COVERAGE, KEYS, Quality, Quantity, ReportingPeriod

NOT_VERIFIED = "; not verified"  # end of a line on a factor that was not checked against its source
Value = float | str | bool | None
NO_RANGE: dict[Quality, str] = {
    "simulated": "none: one run tells no range; report the store of an uncertainty study for percentiles",
    "metered": "none: no uncertainty of its meters is stated (uncertainty_frac, in the site's file)",
    "estimated": "none: no range of the estimate is stated",
}


@dataclass(frozen=True)
class Fact:
    """One figure of one standard. ``inputs`` are names of other figures, ``factors`` lines on factors used in it."""

    name: str
    standard: str
    long_name: str
    value: Value
    unit: str = ""
    formula: str = ""
    inputs: tuple[str, ...] = ()
    factors: tuple[str, ...] = ()
    boundary: str = "data centre"
    basis: str = ""
    category: str | None = None
    quality: Quality = "simulated"
    source: str = ""
    reason: str = ""
    verified: bool = True
    low: float | None = None
    high: float | None = None
    spread: str = ""

    def __post_init__(self) -> None:
        if isinstance(self.value, float) and not math.isfinite(self.value):
            raise InputError(f"{self.name}: {self.value} is no figure; what is missing is None with a reason")

    @property
    def number(self) -> float | None:
        """The value where it is a number."""
        return None if isinstance(self.value, str | bool) else self.value

    def as_quantity(self) -> Quantity:
        """The same as an input of another figure."""
        return Quantity(self.number, self.quality, self.name, self.reason, self.low, self.high, self.spread)

    @property
    def factors_verified(self) -> bool | None:
        """Whether all factors in it were checked against their sources; None where it has none."""
        return not any(one.endswith(NOT_VERIFIED) for one in self.factors) if self.factors else None

    @property
    def uncertainty(self) -> str:
        """What low and high are, or why there are none; nothing for what is no number."""
        if self.number is None or self.low is not None:
            return self.spread
        return self.spread or NO_RANGE[self.quality]

    def metric(self, ends: Mapping[str, str]) -> dict[str, Any]:
        """What ``metrics.json`` holds of it."""
        full: dict[str, Any] = {
            "value": self.value,
            "unit": self.unit,
            "long_name": self.long_name,
            "basis": self.basis or self.formula,
            "period": dict(ends),
            "boundary": self.boundary,
            "category": self.category,
            "quality": "missing" if self.value is None else self.quality,
            "low": self.low,
            "high": self.high,
            "uncertainty": self.uncertainty,
            "source": self.source or f"computed from {', '.join(self.inputs) or 'what is stated'}",
            "standard": self.standard,
            "formula": self.formula,
            "inputs": list(self.inputs),
            "factors": list(self.factors),
            "verified": self.verified,
            "factors_verified": self.factors_verified,
        }
        return full | ({"reason": self.reason or "not stated"} if self.value is None else {})


def derived(
    period: ReportingPeriod,
    name: str,
    standard: str,
    long_name: str,
    unit: str,
    formula: str,
    parts: Mapping[str, Quantity] | tuple[str, ...],
    compute: Callable[..., float],
    within: tuple[float, float] = (-math.inf, math.inf),
    **more: Any,
) -> Fact:
    """A figure computed from others: by ``compute`` of their values in this order, or missing with their reasons.

    ``parts`` are names of the period's quantities, or quantities by the name under which they are reported. A figure is
    estimated where one of its parts is. A value that is not ``within`` what it can be is no value: its parts are wrong.
    """
    given = {f"quantity.{key}": period.quantities[key] for key in parts} if isinstance(parts, tuple) else dict(parts)
    gone = [f"{label(key)}: {one.reason or 'missing'}" for key, one in given.items() if one.value is None]
    quality: Quality = "estimated" if any(one.quality == "estimated" for one in given.values()) else period.nature
    rest: dict[str, Any] = {"inputs": tuple(given), "quality": quality} | more
    if gone:
        return Fact(name, standard, long_name, None, unit, formula, reason="; ".join(gone), **rest)
    try:
        value = float(compute(*[one.value for one in given.values()]))
    except ZeroDivisionError:
        return Fact(name, standard, long_name, None, unit, formula, reason="the denominator is zero", **rest)
    if not math.isfinite(value):
        return Fact(name, standard, long_name, None, unit, formula, reason="not a finite number", **rest)
    if not within[0] <= value <= within[1]:
        reason = f"{value:.6g} lies outside {within[0]:g} to {within[1]:g}: {', '.join(map(label, given))} do not agree"
        return Fact(name, standard, long_name, None, unit, formula, reason=reason, **rest)
    return Fact(name, standard, long_name, value, unit, formula, **_range(value, given, compute, within), **rest)


def _range(
    value: float, given: Mapping[str, Quantity], compute: Callable[..., float], within: tuple[float, float]
) -> dict[str, Any]:
    """Range of a figure from those of its parts, taken as independent: JCGM 100:2008 (GUM), 5.1.2 and 5.1.3 note 2.

    Each part is moved to its ends while the others stay; half the changes are added in quadrature.
    """
    parts = list(given.items())
    known = [k for k, (_, one) in enumerate(parts) if one.low is not None and one.high is not None]
    if not known:
        return {}
    values = [one.value for _, one in parts]
    halves = []
    for k in known:
        ends = [compute(*values[:k], end, *values[k + 1 :]) for end in (parts[k][1].low, parts[k][1].high)]
        halves.append((ends[1] - ends[0]) / 2.0)
    half = math.hypot(*halves)
    exact = [label(key) for k, (key, _) in enumerate(parts) if k not in known]
    spread = f"{COVERAGE}; from {', '.join(label(parts[k][0]) for k in known)}, taken as independent (GUM 5.1)"
    spread += f"; {', '.join(exact)} and factors taken as exact" if exact else "; factors taken as exact"
    return {"low": max(value - half, within[0]), "high": min(value + half, within[1]), "spread": spread}


def with_factors_of_inputs(facts: Sequence[Fact]) -> list[Fact]:
    """The figures, each with the factors in its inputs and in theirs, so that every factor stands at each figure."""
    known = {one.name: one for one in facts}

    def gathered(one: Fact) -> dict[str, None]:
        found = dict.fromkeys(one.factors)
        for name in one.inputs:
            if name in known and name != one.name:
                found |= gathered(known[name])
        return found

    return [replace(one, factors=tuple(gathered(one))) if one.inputs else one for one in facts]


def label(key: str) -> str:
    """Short name of an input for a sentence."""
    plain = key.removeprefix("quantity.")
    return KEYS[plain].long_name if plain in KEYS else plain.removeprefix("eed.")


def quantity_facts(period: ReportingPeriod) -> list[Fact]:
    """The quantities themselves, as figures."""
    return [
        Fact(
            f"quantity.{key}", "quantities of the period", kind.long_name, period.quantities[key].value, kind.unit,
            "sum over the period" if kind.adds else "mean over the period",
            boundary=kind.boundary, basis=kind.boundary, quality=period.quantities[key].quality,
            source=period.quantities[key].source, reason=period.quantities[key].reason,
            low=period.quantities[key].low, high=period.quantities[key].high, spread=period.quantities[key].spread,
        )
        for key, kind in KEYS.items()
    ]  # fmt: skip


def year_of(one: Factor) -> str:
    """Year of a factor's data in words."""
    return f"data of {one.data_year}" if one.data_year else "year as its source states"


def cited(*factors: Factor) -> tuple[str, ...]:
    """Lines on factors: name, value, table, year, basis, report, source, licence, checksum."""
    return tuple(
        f"{one.label}; {year_of(one)}; basis {one.basis or 'none'}; GWP {one.gwp_set or 'not stated'}; "
        f"{one.source}; {one.licence}; sha256 {one.sha256[:12]}" + ("" if one.verified else NOT_VERIFIED)
        for one in factors
    )
