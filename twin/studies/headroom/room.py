"""Headroom: how many kW of IT a hall or the site can still take, what binds first, and what lies idle then.

The twin runs with more racks (:func:`twin.studies.headroom.racks.with_more`) until a limit breaks
(:mod:`twin.studies.headroom.uses`). *At design conditions* all racks draw their full power in a steady hour of design
weather, with nothing on site to help; *over the year* the site runs as its scenario states, and only what is added
draws its full power all the time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from twin.components.profiles import ConstantProfile
from twin.engine.lowering import Lowered, lower
from twin.errors import InputError
from twin.scenario.model import Run, Scenario
from twin.studies.headroom.conditions import Condition, DesignWeather, design_weather
from twin.studies.headroom.racks import at_load, installed_kw, with_more
from twin.studies.headroom.running import Series, run_all, steady_hour
from twin.studies.headroom.search import Found, largest_load
from twin.studies.headroom.uses import Use, binding, needed, uses

WITHIN_FRAC = 1e-4  # of the IT that stands there, to which a headroom is found
YEAR_WITHIN_FRAC = 1e-3  # the same over a year, whose runs take longer
FIRST_FRAC = 1.0 / 16.0  # of the IT that stands there: the first load tried
BANDS = ("recommended", "allowable")
SITE = "site"
YEAR = "year"


@dataclass(frozen=True)
class Headroom:
    """IT that can be added at ``place`` (a hall, or the site); ``level`` is design, extreme or year.

    ``binds`` is the limit that breaks first; None where nothing limits the load. ``racks_kw`` is what each hall takes,
    ``at_limit`` the uses of all capacities at the headroom, the tightest first; ``overloaded`` tells that a limit is
    broken without any load added.
    """

    place: str
    level: str
    under: str
    installed_kw: float
    added_kw: float
    racks_kw: Mapping[str, float]
    binds: Use | None
    at_limit: tuple[Use, ...]
    overloaded: bool = False


@dataclass(frozen=True)
class Site:
    """What all searches of a site share."""

    scenario: Scenario
    weather: DesignWeather
    band: str = "recommended"

    @property
    def full(self) -> Scenario:
        """The site with all its racks at full power."""
        return at_load(self.scenario)


def site_of(scenario: Scenario, band: str = "recommended") -> Site:
    """Site to be searched. Raises InputError where there is no IT, no utility, or the band of inlet air is unknown."""
    if band not in BANDS:
        raise InputError(f"--inlet {band}: is one of {', '.join(BANDS)}")
    if not sum(installed_kw(scenario).values()) > 0.0:
        raise InputError(f"{scenario.name}: there are no racks to which more could be added")
    if _share_of(scenario.grid.meter.availability) < 1.0:
        raise InputError(
            f"{scenario.name}: no utility feeds all of it, and what an island's own sources carry is not searched;"
            " for what halls, plants and power devices take: --set grid.meter.availability.value_frac=1"
        )
    return Site(scenario, design_weather(scenario), band)


def _share_of(availability: object) -> float:
    """Share in service of a unit that is never all there; 1 of others."""
    return float(availability.value_frac) if isinstance(availability, ConstantProfile) else 1.0


def at_design(site: Site, level: str = "design", places: Sequence[str] | None = None) -> list[Headroom]:
    """Headroom of each place (all halls and the site) under all conditions of a level together."""
    conditions = site.weather.of(level)
    names = " / ".join(one.name for one in conditions)
    runs = _steady(site, conditions)
    return [_headroom(site, place, (level, names), runs, WITHIN_FRAC) for place in _places(site, places)]


def over_the_year(site: Site, places: Sequence[str] | None = None) -> list[Headroom]:
    """Headroom of each place over the hours of the scenario's year, as its loads run."""
    year = Run(calendar_year=site.scenario.run.calendar_year, warmup_h=site.scenario.run.warmup_h)
    base = site.scenario.model_copy(update={"run": year})

    def runs(variants: Sequence[Mapping[str, float]]) -> list[list[Use]]:
        lowered = [lower(with_more(base, kw)) for kw in variants]
        return [uses(one, site.band) for one in run_all(lowered, needed(lowered[0]))]

    return [_headroom(site, place, (YEAR, "the year"), runs, YEAR_WITHIN_FRAC) for place in _places(site, places)]


def _places(site: Site, places: Sequence[str] | None) -> list[str]:
    halls = list(site.scenario.halls)
    if places is None:
        return [*halls, SITE] if len(halls) > 1 else [SITE]
    for place in places:
        if place not in (*halls, SITE):
            raise InputError(f"there is no hall '{place}'; these are there: {', '.join(halls)}")
    return list(places)


Runs = Callable[[Sequence[Mapping[str, float]]], list[list[Use]]]


def _steady(site: Site, conditions: Sequence[Condition], full: Scenario | None = None) -> Runs:
    """Uses of variants at full power in a steady hour: of each capacity that of its worst condition."""
    whole = full or site.full

    def runs(variants: Sequence[Mapping[str, float]]) -> list[list[Use]]:
        lowered = [_hour(whole, kw, one, site.weather.pressure_pa) for kw in variants for one in conditions]
        done = [uses(one, site.band) for one in run_all(lowered)]
        count = len(conditions)
        return [worst_of(done[at * count : (at + 1) * count]) for at in range(len(variants))]

    return runs


def _hour(scenario: Scenario, kw: Mapping[str, float], condition: Condition, pressure_pa: float) -> Lowered:
    return steady_hour(with_more(scenario, kw) if kw else scenario, condition, pressure_pa)


def worst_of(found: Sequence[Sequence[Use]]) -> list[Use]:
    """Of each capacity the tightest of several runs, the tightest first."""
    worst: dict[tuple[str, str], Use] = {}
    for use in (use for run in found for use in run):
        key = (use.path, use.kind)
        if key not in worst or use.most_frac > worst[key].most_frac:
            worst[key] = use
    return sorted(worst.values(), key=lambda use: -use.most_frac)


def _headroom(site: Site, place: str, under: tuple[str, str], runs: Runs, within: float) -> Headroom:
    """Fill a hall, or all in proportion to what they have; halls that can take no more stop, the others go on."""
    own_kw = installed_kw(site.scenario)
    filling = dict(own_kw) if place == SITE else {place: own_kw[place]}
    total_kw = sum(filling.values())
    added = dict.fromkeys(filling, 0.0)
    last: Found[list[Use]] | None = None
    while filling:
        found = _filled(runs, added, filling, FIRST_FRAC * total_kw, within * total_kw)
        if last is not None and found.passed_kw <= within * total_kw:
            break
        added = _shared(added, filling, found.passed_kw)
        last = found
        if found.passed is None or found.broken_kw is None:
            break
        filling = _still_open(runs, added, filling, 2.0 * within * total_kw)
    assert last is not None
    return _told(place, under, total_kw, added, last)


def _filled(
    runs: Runs, added: Mapping[str, float], filling: Mapping[str, float], first_kw: float, within_kw: float
) -> Found[list[Use]]:
    def attempt(loads: Sequence[float]) -> list[list[Use]]:
        return runs([_shared(added, filling, kw) for kw in loads])

    return largest_load(attempt, lambda one: binding(one) is None, first_kw, within_kw)


def _shared(added: Mapping[str, float], filling: Mapping[str, float], kw: float) -> dict[str, float]:
    """What stands in each hall when so much more comes to those that are being filled, by what they have."""
    total_kw = sum(filling.values())
    return {hall: there + kw * filling.get(hall, 0.0) / total_kw for hall, there in added.items()}


def _still_open(
    runs: Runs, added: Mapping[str, float], filling: Mapping[str, float], step_kw: float
) -> dict[str, float]:
    """Halls that take a little more by themselves, where the last limit was another hall's."""
    if len(filling) == 1:
        return {}
    tried = runs([{**added, hall: added[hall] + step_kw} for hall in filling])
    return {hall: kw for (hall, kw), one in zip(filling.items(), tried, strict=True) if binding(one) is None}


def _told(
    place: str, under: tuple[str, str], total_kw: float, added: Mapping[str, float], found: Found[list[Use]]
) -> Headroom:
    at_limit = tuple(found.passed if found.passed is not None else found.broken or ())
    binds = binding(found.broken) if found.broken is not None else None
    return Headroom(place, *under, total_kw, sum(added.values()), added, binds, at_limit, found.passed is None)


def full_load_run(site: Site, condition: Condition, added_kw: Mapping[str, float] | None = None) -> Series:
    """The steady hour itself, for whoever wants to see it: all racks, and what is added, at full power."""
    return run_all([_hour(site.full, added_kw or {}, condition, site.weather.pressure_pa)])[0]
