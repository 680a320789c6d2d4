"""What a run stands on, in sentences for a screen: weather, period, price, carbon factor, what figures count."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePath

import numpy as np

from twin.components.grid.tariffs import MarketPrice
from twin.outputs.headline import LABELS, sentence
from twin.references import scheme_of
from twin.series.tariff_tables import in_force
from twin.studies.portrait import Portrait

BASES = ("total_cost", "emissions_kgco2", "water_use_m3", "pue", "peak_grid_kw")  # figures whose basis is told
SECONDS = {3600.0: "h", 60.0: "min", 1.0: "s"}


def assumed(run: Portrait) -> list[str]:
    """Sentences, each of them one assumption with where it comes from.

    >>> named("pvlib:12839.tm2"), named("/tmp/upload/own.epw")
    ('pvlib:12839.tm2', 'own.epw')
    """
    return [*_told(run), *map(sentence, run.notes)]


def _told(run: Portrait) -> Iterator[str]:
    scenario = run.scenario
    step_s = run.dt_h * 3600.0
    size = next(size for size in SECONDS if step_s % size == 0.0 or size == 1.0)
    yield f"Weather: `{named(scenario.weather.file)}`."
    ends = run.civil[0], run.civil[-1] + np.timedelta64(round(step_s), "s")
    first, end = (str(moment.astype("datetime64[m]")).replace("T", " ") for moment in ends)
    yield (f"Period: {first} to {end}, {run.civil.size:,} steps of {step_s / size:g} {SECONDS[size]}, local time of "
           f"{scenario.site.timezone}.")  # fmt: skip
    yield f"Price: {_price(run)}."
    for name in BASES:
        if name in run.metrics:
            yield f"{LABELS[name]}: {run.metrics[name]['basis']}."
    if "pue" in run.bands:
        yield f"Band of PUE: {run.bands['pue'].note}."


def _price(run: Portrait) -> str:
    tariff = run.scenario.grid.tariff
    terms = in_force(tariff)
    called = terms.name or {"flat": "one price", "tou": "prices by time of use"}.get(terms.kind, "market price")
    if isinstance(tariff, MarketPrice):
        called += f", column {tariff.price.column} of `{named(tariff.price.file)}`"
    source = f"; {terms.source}" if terms.source else ""
    return f"{called}, {terms.currency}{source}".rstrip(".")


def named(reference: str) -> str:
    """A file as a scenario names it, without the folder where it has no scheme."""
    return reference if scheme_of(reference) else PurePath(reference).name
