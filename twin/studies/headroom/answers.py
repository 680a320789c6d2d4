"""All that is asked of a site's headroom in one go: what ``twin headroom`` tells, draws and writes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from twin.scenario.model import Scenario
from twin.studies.headroom.more import Freed, one_more, stranded
from twin.studies.headroom.n_minus import WINDOW_H, Search, check_losses, n_minus
from twin.studies.headroom.part_load import LoadTable, load_table
from twin.studies.headroom.ramp import RampYear, check_ramp, ramp
from twin.studies.headroom.risk import Point, points, redundancies
from twin.studies.headroom.room import Headroom, Site, at_design, over_the_year, site_of
from twin.studies.headroom.sizing import Sizing, sizing
from twin.studies.headroom.uses import Use


@dataclass(frozen=True)
class Asked:
    """What is wanted beside the headroom itself."""

    band: str = "recommended"
    year: bool = True
    part_load: bool = False
    ramp_years: int | None = None
    ramp_first_frac: float = 0.25
    lose: int = 0
    window_h: float = WINDOW_H
    redundancy: bool = False
    strategies: Mapping[str, Scenario] = field(default_factory=dict)


@dataclass(frozen=True)
class Answers:
    """Headroom of a site, and of what was asked beside it; what was not is empty."""

    site: Site
    headroom: tuple[Headroom, ...]
    stranded: tuple[Use, ...]
    freed: tuple[Freed, ...]
    sizing: Sizing
    part_load: LoadTable | None
    ramp: tuple[RampYear, ...]
    search: Search | None
    points: tuple[Point, ...]


def answers(scenario: Scenario, asked: Asked) -> Answers:
    """Answer what is asked. Raises InputError where it makes no sense, RunError where a run that is needed fails."""
    if asked.ramp_years is not None:
        check_ramp(asked.ramp_years, asked.ramp_first_frac)
    check_losses(asked.lose or 1, asked.window_h)
    site = site_of(scenario, asked.band)
    design = at_design(site)
    whole = design[-1]
    rooms = [*design, *at_design(site, "extreme"), *(over_the_year(site) if asked.year else ())]
    strategies = dict(asked.strategies) | (redundancies(scenario) if asked.redundancy else {})
    return Answers(
        site, tuple(rooms), tuple(stranded(whole)), tuple(one_more(site, whole)), sizing(site),
        load_table(scenario) if asked.part_load else None,
        tuple(ramp(scenario, asked.ramp_years, asked.ramp_first_frac)) if asked.ramp_years else (),
        n_minus(scenario, asked.lose, asked.window_h) if asked.lose else None,
        tuple(points(strategies, asked.window_h)) if strategies else (),
    )  # fmt: skip
