"""A scenario with every file that its run reads: what is wrong with weather, profiles, prices or factors is told first.

Reading a scenario checks that its files are there and that its tables can be used. Here they are read as the run will
read them, on its own time axis; what was read is kept in memory for the run.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, get_args
from zoneinfo import ZoneInfo

from pydantic import BaseModel

from twin.components.grid.carbon import CarbonSeries, HourlyClaim, MarginalSeries
from twin.components.grid.contracts import PriceSeries
from twin.components.grid.pv import Photovoltaics
from twin.components.grid.tariffs import MarketPrice
from twin.components.profiles import ConstantProfile, DailyProfile, Outage, SeriesProfile, most_share
from twin.engine.forcing import axis_of, course, input_courses, weather_of, weather_on
from twin.engine.work_courses import work_per_h
from twin.errors import Fault, InputError, Place, SpecFault
from twin.scenario.checks import size_faults
from twin.scenario.layers import Source
from twin.scenario.model import Scenario
from twin.scenario.period import outage_faults
from twin.scenario.reading import read_document, validated
from twin.scenario.walk import components
from twin.series.axis import TimeAxis
from twin.series.carbon_intensity import intensity, marginal
from twin.series.energy_price import market, priced
from twin.series.series_file import SeriesFile
from twin.series.tables import read_series
from twin.series.tariff_tables import in_force
from twin.studies.clean_power import share_of_grid
from twin.units import SECONDS_PER_HOUR
from twin.yaml_source import DataPath, dotted


def read_for_run(path: str | Path, overrides: Sequence[str] = ()) -> Scenario:
    """The scenario of a file with ``PATH=VALUE`` overrides, whose files a run can read.

    Raises InputError with every fault, each where the scenario names the file, and with the line inside the file.
    """
    source = read_document(path, overrides, Scenario)
    if isinstance(source.data, dict) and "base" in source.data and "halls" not in source.data:
        command = "strategies" if "strategies" in source.data else "batch"
        raise InputError(f"{path}: is a study and no scenario; it runs with: twin {command} {path}")
    return for_run(source)


def for_run(source: Source, trusted: Collection[str] | None = None) -> Scenario:
    """The scenario of merged data, whose files a run can read; raises as above. ``trusted`` as in :func:`validated`."""
    scenario = validated(Scenario, source, trusted)
    faults = [Fault(fault.message, dotted(fault.path), source.place(fault.path)) for fault in input_faults(scenario)]
    if faults:
        raise InputError(sorted(faults, key=lambda fault: (fault.place or Place(""), fault.path)))
    return scenario


def input_faults(scenario: Scenario) -> Iterator[SpecFault]:
    """What keeps the files that a scenario names from serving its run."""
    year = scenario.run.calendar_year
    broken = list(_told(("weather", "file"), lambda: weather_of(scenario.weather, year)))
    offset_h = _standard_h(scenario) if broken else weather_of(scenario.weather, year).utc_offset_h
    axis = axis_of(scenario.run, offset_h)
    yield from broken or _told(("weather", "file"), lambda: weather_on(scenario.weather, year, axis))
    profiles = list(_profile_faults(scenario, axis))
    yield from profiles
    yield from _demand_faults(scenario, axis)
    yield from () if broken else _sun_faults(scenario, axis)
    yield from _grid_faults(scenario, axis)
    if not profiles and not _told_by_hours(scenario):
        zone = scenario.site.timezone
        yield from size_faults(scenario, lambda profile: course(profile, axis, zone))


def _told_by_hours(scenario: Scenario) -> bool:
    """Whether all profiles repeat the hours by which the scenario has told its sizes: no course has any others."""
    held = ((vars(one), field) for _, one in components(scenario) for field in one.profiles().values())
    return all(isinstance(fields[field], ConstantProfile | DailyProfile) for fields, field in held)


def _told(path: DataPath, read: Callable[[], Any]) -> Iterator[SpecFault]:
    try:
        read()
    except InputError as error:
        yield from (SpecFault(path, str(fault)) for fault in error.faults)


def _standard_h(scenario: Scenario) -> float:
    """Offset of the site's zone at the start of the year, where no weather tells that of its times."""
    offset = ZoneInfo(scenario.site.timezone).utcoffset(datetime(scenario.run.calendar_year, 1, 1))
    return offset.total_seconds() / SECONDS_PER_HOUR if offset else 0.0


def _reader(profile: SeriesProfile, axis: TimeAxis, zone: str, most_frac: float) -> Callable[[], object]:
    return lambda: course(profile, axis, zone, most_frac)


def _profile_faults(scenario: Scenario, axis: TimeAxis) -> Iterator[SpecFault]:
    for path, component in components(scenario):
        for field in component.profiles().values():
            profile = vars(component)[field]
            if isinstance(profile, SeriesProfile):
                read = _reader(profile, axis, scenario.site.timezone, most_share(field))
                yield from _told((*path, field, "file"), read)
        for field in _may_be_files(type(component)):
            value = vars(component)[field]
            if isinstance(value, SeriesFile) and not isinstance(value, SeriesProfile):
                yield from _told((*path, field, "file"), lambda v=value: read_series(v, axis))  # type: ignore[misc]


@functools.cache
def _may_be_files(kind: type[BaseModel]) -> tuple[str, ...]:
    """Fields of a component in which a file of values may stand."""
    return tuple(name for name, field in kind.model_fields.items() if _holds_file(field.annotation))


def _holds_file(annotation: Any) -> bool:
    if isinstance(annotation, type) and issubclass(annotation, SeriesFile):
        return True
    return any(_holds_file(one) for one in get_args(annotation))


def _demand_faults(scenario: Scenario, axis: TimeAxis) -> Iterator[SpecFault]:
    """Faults of the traces that classes of work are asked by, and of their schedulers."""
    zone = scenario.site.timezone
    for name, work in scenario.workloads.items():
        if not isinstance(work.demand, SeriesFile):
            yield from _told(("workloads", name, "demand"), lambda w=work: work_per_h(w, axis, zone, course))  # type: ignore[misc]


def _sun_faults(scenario: Scenario, axis: TimeAxis) -> Iterator[SpecFault]:
    """What the weather file lacks for photovoltaics."""
    arrays = {name: one for name, one in scenario.onsite.items() if isinstance(one, Photovoltaics)}
    for name, array in arrays.items():
        yield from _told(("onsite", name), lambda one=array: input_courses(one, scenario, axis))  # type: ignore[misc]


def _grid_faults(scenario: Scenario, axis: TimeAxis) -> Iterator[SpecFault]:
    tariff, carbon = scenario.grid.tariff, scenario.grid.carbon
    if isinstance(tariff, MarketPrice):
        yield from _told(("grid", "tariff", "price", "file"), lambda: market(tariff, axis, None))
    yield from _contract_faults(scenario, axis)
    yield from _factor_faults(scenario, axis)
    if isinstance(carbon, CarbonSeries):
        yield from _told(("grid", "carbon", "file"), lambda: intensity(carbon, axis))


def _factor_faults(scenario: Scenario, axis: TimeAxis) -> Iterator[SpecFault]:
    """Files of marginal factors, of claimed energy and of the grid's carbon-free share."""
    factors, clean = scenario.grid.marginal_carbon, scenario.grid.clean_power
    if isinstance(factors, MarginalSeries):
        yield from _told(("grid", "marginal_carbon", "file"), lambda: marginal(factors, axis))
    if clean is None:
        return
    for name, claim in clean.claims.items():
        if isinstance(claim, HourlyClaim):
            path = ("grid", "clean_power", "claims", name, "generation", "file")
            yield from _told(path, lambda c=claim: read_series(c.generation, axis))  # type: ignore[misc]
    share = clean.grid_cfe
    if share is not None:
        yield from _told(("grid", "clean_power", "grid_cfe", "file"), lambda: share_of_grid(share, axis))


def _contract_faults(scenario: Scenario, axis: TimeAxis) -> Iterator[SpecFault]:
    """Files of contracts, and calls of demand response outside the year."""
    contracts, currency = scenario.grid.contracts, getattr(in_force(scenario.grid.tariff), "currency", "")
    parts: list[tuple[DataPath, Any]] = []
    if contracts.two_settlement:
        parts.append((("two_settlement",), contracts.two_settlement))
    parts += [(("power_purchase", name), purchase) for name, purchase in contracts.power_purchase.items()]
    for path, part in parts:
        for field, value in part:
            here = ("grid", "contracts", *path, field)
            if isinstance(value, SeriesFile):
                yield from _told((*here, "file"), lambda v=value: read_series(v, axis))  # type: ignore[misc]
            elif isinstance(value, PriceSeries):
                read = lambda v=value: priced(v.price, currency, v.price_unit, axis, None)  # noqa: E731
                yield from _told((*here, "price", "file"), read)
    response = contracts.demand_response
    for index, event in enumerate(response.events if response else ()):
        span = Outage(at=event.at, duration_h=event.duration_h)
        for fault in outage_faults(span, scenario.run.calendar_year, scenario.site.timezone):
            path = ("grid", "contracts", "demand_response", "events", index, *fault.path)
            yield SpecFault(path, fault.message)
