"""Corners of the schema, found in the schema itself: every number that a shipped scenario states, at both its bounds.

A technology that is new in the catalog and stands in a shipped scenario is covered without a word here.
"""

from __future__ import annotations

import functools
import types
import typing
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import annotated_types
import numpy as np
from pydantic import ValidationError

from tests.engine.scenarios import FOLDER
from twin.components.profiles import ConstantProfile
from twin.engine import results
from twin.engine import simulate as simulating
from twin.engine.lowering import lower
from twin.engine.simulate import Outcome
from twin.errors import InputError
from twin.quantities import Spec
from twin.scenario.model import Scenario
from twin.scenario.reading import read_scenario

PARTS = ("halls", "rooms", "plants", "power", "loads")  # what is built; site, run, prices and weather are the frame
SHIPPED = tuple(
    path.relative_to(FOLDER).with_suffix("").as_posix()
    for path in [*sorted(FOLDER.glob("*.yaml")), *sorted((FOLDER / "technologies").glob("*.yaml"))]
)
WHOLE = tuple(  # sites built from what stands in SHIPPED
    path.relative_to(FOLDER).with_suffix("").as_posix()
    for path in [*sorted((FOLDER / "archetypes").glob("*.yaml")), *sorted((FOLDER / "sites").glob("*.yaml"))]
)
OPEN = 1e-3  # where a bound is open: this share of the way to the value that the scenario states
CLOSED = 1e-9  # of IT energy or of what went through
SIGNED = (".outdoor_moisture_kg_s",)  # goes either way: what outdoor air brings, less what leaves with the hall's
HOURS = 48
AIR = {  # altitude, then what comes one after another: dry bulb in degC and relative humidity
    "low": (0.0, ((-45, 1.0), (-45, 0.02), (20, 1.0), (20, 0.02), (40, 0.1), (55, 0.02))),
    "high": (3000.0, ((55, 0.02), (-45, 1.0), (30, 1.0), (-45, 0.02))),
    "wet": (0.0, ((35, 1.0), (45, 1.0), (55, 1.0))),
}
Keys = tuple[str, ...]


@dataclass(frozen=True)
class Corner:
    """A number of a scenario at one end of what its schema allows."""

    path: Keys
    owner: type[Spec]
    value: Any

    def __str__(self) -> str:
        shown = self.value if not isinstance(self.value, dict) else self.value["value_frac"]
        return f"{'.'.join(self.path)} = {shown:g}"


@functools.cache
def frame(name: str) -> Scenario:
    """A shipped scenario."""
    return read_scenario(FOLDER / f"{name}.yaml")


def corners(name: str) -> tuple[Corner, ...]:
    """Every number of a shipped scenario's parts at its low and at its high bound."""
    return of_site(frame(name))


def of_site(scenario: Scenario) -> tuple[Corner, ...]:
    """Every number of a site's parts at its low and at its high bound."""
    return tuple(c for part in PARTS for c in _below(getattr(scenario, part), (part,)))


def _below(value: Any, path: Keys) -> Iterator[Corner]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _below(inner, (*path, key))
    elif isinstance(value, Spec):
        for name, field in type(value).model_fields.items():
            inner, kinds = getattr(value, name), _kinds(field.annotation)
            at, owner = (*path, name), type(value)
            if ConstantProfile in kinds:  # a course: the same all the time
                for end in _ends(ConstantProfile.model_fields["value_frac"].metadata, 1.0):
                    yield Corner(at, owner, {"kind": "constant", "value_frac": end})
            elif int in kinds or float in kinds:
                for end in _ends([*field.metadata, *_marks(field.annotation)], inner):
                    yield Corner(at, owner, round(end) if int in kinds else end)
            else:
                yield from _below(inner, at)


def bounds(spec: type[Spec], name: str) -> tuple[float, ...]:
    """The bounds of a number."""
    field = spec.model_fields[name]
    return tuple(_ends([*field.metadata, *_marks(field.annotation)], None))


def _kinds(annotation: Any) -> list[Any]:
    """The plain types that an annotation is made of."""
    parts = typing.get_args(annotation)
    if typing.get_origin(annotation) in (typing.Union, types.UnionType, typing.Annotated):
        return [kind for part in parts for kind in _kinds(part)]
    return [annotation]


def _marks(annotation: Any) -> list[Any]:
    """Bounds that stand inside an annotation, as in ``Share | None``."""
    inner = [mark for part in typing.get_args(annotation) for mark in _marks(part)]
    own = getattr(annotation, "__metadata__", ())
    return inner + [one for mark in own for one in getattr(mark, "metadata", [mark])]


def _ends(metadata: Iterable[Any], stated: float | None) -> Iterator[float]:
    """The bounds, where there are any; an open one is approached from the stated value."""
    bounds = {type(mark): mark for mark in metadata}
    near = stated if isinstance(stated, int | float) and stated else 1.0
    if annotated_types.Ge in bounds:
        yield bounds[annotated_types.Ge].ge
    elif annotated_types.Gt in bounds:
        low = bounds[annotated_types.Gt].gt
        yield low + OPEN * (near - low)
    if annotated_types.Le in bounds:
        yield bounds[annotated_types.Le].le
    elif annotated_types.Lt in bounds:
        high = bounds[annotated_types.Lt].lt
        yield high - OPEN * (high - near)


@dataclass(frozen=True)
class Place:
    """Air outside: a weather file of two days, and how high the site lies."""

    file: Path
    elevation_m: float


def place(folder: Path, name: str) -> Place:
    """One of :data:`AIR`, at the altitude that stands there, as a file in ``folder``."""
    return of_air(folder, name, *AIR[name])


def of_air(folder: Path, name: str, elevation_m: float, states: Sequence[tuple[float, float]]) -> Place:
    """Dry bulb in degC and relative humidity, each for an equal part of the run, as a file in ``folder``."""
    file = folder / f"{name}.csv"
    if not file.exists():
        first = datetime(2025, 2, 28, 18, tzinfo=UTC)
        rows = ["time_utc,dry_bulb_c,rh_frac"]
        for hour in range(HOURS + 32):
            dry_bulb_c, rh_frac = states[min(max((hour - 6) * len(states) // HOURS, 0), len(states) - 1)]
            rows.append(f"{first + timedelta(hours=hour):%Y-%m-%dT%H:%MZ},{dry_bulb_c},{rh_frac}")
        file.write_text("\n".join(rows) + "\n")
    return Place(file, elevation_m)


def built(name: str, place: Place, changed: Iterable[Corner]) -> Scenario:
    """A shipped scenario at a place with some numbers changed; InputError or ValidationError where it is refused."""
    data = frame(name).model_dump(exclude_unset=True)
    data["weather"] = {"file": str(place.file), "elevation_m": place.elevation_m}
    data["run"] = {"calendar_year": 2025, "start": "2025-03-01", "duration": f"{HOURS}h", "warmup_h": 12}
    for corner in changed:
        _put(data, corner.path, corner.value)
    return Scenario.model_validate(data)


def _put(data: dict[str, Any], path: Keys, value: Any) -> None:
    for key in path[:-1]:
        data = data.setdefault(key, {})
    data[path[-1]] = value


def run(name: str, place: Place, changed: Iterable[Corner]) -> Outcome | None:
    """What the loop leaves of it; None where the scenario is refused at reading."""
    try:
        scenario = built(name, place, changed)
    except (ValidationError, InputError):
        return None
    return simulating._run(lower(scenario), "none", plain=False)


def faults(outcome: Outcome) -> list[str]:
    """What must not be in the books of a run, whatever its numbers."""
    if outcome.failed_at >= 0:
        return _untold(results.failure(outcome))
    c, sums = outcome.lowered.composition, outcome.sums
    named = {position: f"{path}.{field}" for path, field, position in c.outputs}
    odd = ~np.isfinite(sums) | ~np.isfinite(outcome.peaks) | ~np.isfinite(outcome.lows)
    found = [f"{name} is not finite" for i, name in named.items() if odd[i]]
    return found or [*_negative(outcome, named), *_leaks(outcome)]


def _negative(outcome: Outcome, named: dict[int, str]) -> Iterator[str]:
    """Power, water and counts that are never below zero."""
    electric = outcome.lowered.composition.electric
    least = -1e-9 * max(1.0, float(outcome.peaks[electric].max(initial=0.0)))
    ends = ("_m3_h", "_kg_s", "unmet_kw", "clamped_count", "unsolved_count")
    for i, name in named.items():
        if outcome.lows[i] < least and (i in electric or name.endswith(ends)) and not name.endswith(SIGNED):
            yield f"{name} falls to {outcome.lows[i]:.4g}"


def _leaks(outcome: Outcome) -> Iterator[str]:
    """Balances that do not close, and a site that takes less from the grid than its servers use."""
    c, sums = outcome.lowered.composition, outcome.sums
    imported = sums[c.y.index("grid.meter", "import_kw")]
    through = max(imported, *(np.abs(sums[x]).sum() for x in (c.electric, c.to_air, c.to_water)), 1e-6)
    for ledger, missed in zip(results.LEDGERS, results.residuals_kwh(outcome), strict=True):
        if abs(missed) > CLOSED * through:
            yield f"{ledger} ledger misses {missed:.3g} of {through:.3g} kWh"
    racks = sum(sums[c.y.index(m.path, "power_kw")] for m in c.members if m.kind.end_use == "it")
    if sums[c.electric].sum() < racks * (1.0 - CLOSED):
        yield f"the site uses {sums[c.electric].sum():.4g} kWh and its servers {racks:.4g}"


def _untold(text: str) -> list[str]:
    """A failure has to say when, and which finite value ran away where."""
    when, _, what = text.partition("): ")
    told = " ran away at 2025-03-0" in when and " = " in what
    return [] if told and "nan" not in what and "inf" not in what else [text]
