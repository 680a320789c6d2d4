"""Carbon-free energy: the share by the hour (24/7) and by volume, from the run or from hourly meters."""

from __future__ import annotations

from collections.abc import Sequence

from twin.studies.reporting.fact import Fact, derived
from twin.studies.reporting.measures import carbon_free_score
from twin.studies.reporting.quantities import Interval, ReportingPeriod

CFE = "24/7 carbon-free energy"


def carbon_free(period: ReportingPeriod) -> list[Fact]:
    """Score by the hour and share by volume; what is contracted or generated is the run's or the hourly meters'."""
    words = {"cfe.score": ("cfe_score", "24/7 carbon-free score"),
             "cfe.by_volume": ("cfe_by_volume", "Carbon-free energy by volume")}  # fmt: skip
    told = [taken(period, CFE, name, text, period.figures[own], own) for name, (own, text) in words.items()
             if period.figures and own in period.figures]  # fmt: skip
    if told:
        return told
    hours, why = told_hours(period, ("edc_kwh", "clean_kwh", "grid_cfe_frac"))
    score = None
    if hours:
        load, clean, share = ([at_hour(h, key) for h in hours] for key in ("edc_kwh", "clean_kwh", "grid_cfe_frac"))
        score = carbon_free_score(load, clean, share) if sum(load) > 0 else None
    parts = ("quantity.edc_kwh", "quantity.clean_kwh", "quantity.grid_cfe_frac")
    formula = "sum(min(C, L) + max(0, L - C) g) / sum(L) over hours"
    return [
        Fact("cfe.score", CFE, "24/7 carbon-free score", score, "1", formula, parts, quality=period.nature,
             reason=why or "no energy was used", verified=False),
        derived(period, "cfe.by_volume", CFE, "Carbon-free energy by volume", "1", "min(1, sum(C) / sum(L))",
                ("clean_kwh", "edc_kwh"), lambda c, x: min(1.0, c / x)),
    ]  # fmt: skip


def taken(period: ReportingPeriod, standard: str, name: str, words: str, figure: object, own: str) -> Fact:
    """A figure that the run has computed itself."""
    told = dict(figure) if isinstance(figure, dict) else {}
    return Fact(name, standard, words, told.get("value"), told.get("unit", ""), "as the run computed it", inputs=(),
                basis=str(told.get("basis", "")), quality=period.nature, source=f"metrics.json of the run, {own}",
                reason=str(told.get("reason", "")))  # fmt: skip


def told_hours(period: ReportingPeriod, keys: Sequence[str]) -> tuple[list[Interval], str]:
    """Hours (or finer) that tell all keys, or why there are none."""
    if not period.intervals or any(one.hours > 1.0 for one in period.intervals):
        return [], "no hourly values are told"
    lacking = [key for key in keys if any(one.values.get(key) is None for one in period.intervals)]
    return ([], f"hourly values lack {', '.join(lacking)}") if lacking else (list(period.intervals), "")


def at_hour(interval: Interval, key: str) -> float:
    """Value of a quantity that :func:`told_hours` has found."""
    return float(interval.values[key] or 0.0)
