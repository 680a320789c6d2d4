"""Design day: what feeds, transformers, generators and cooling must carry with all racks at full power.

Demands come from steady hours of the twin at design and extreme weather. Transformers are rounded up to the next
preferred rating, with as many units as stand there; generators are stated in kW and in kVA at their rated power factor.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from twin.components.power.device import installed_count
from twin.components.power.transformer import Transformer
from twin.errors import InputError
from twin.studies.headroom.conditions import Condition
from twin.studies.headroom.racks import LEAST_KW, with_more
from twin.studies.headroom.room import Site
from twin.studies.headroom.running import Series, run_all, steady_hour
from twin.studies.headroom.uses import generators_kw
from twin.studies.kpis import COOLING

# Preferred continuous ratings of three-phase transformers, kVA: IEEE C57.12.00-2015, table 2.
PREFERRED_KVA = (15, 30, 45, 75, 112.5, 150, 225, 300, 500, 750, 1000, 1500, 2000, 2500, 3750, 5000, 7500, 10000,
                 12000, 15000, 20000, 25000, 30000, 37500, 50000, 60000, 75000, 100000)  # fmt: skip
GENERATOR_POWER_FACTOR = 0.8  # lagging, at which sets are rated: ISO 8528-1:2018, 3.5 and usual name plates
POWER_FACTOR = 0.95  # at the meter where the contract states none: an assumption, told beside every figure


@dataclass(frozen=True)
class DesignHour:
    """A steady hour at full power: outdoor air, and what it takes; ``failure`` where the site ran away in it."""

    condition: Condition
    it_kw: float
    site_kw: float
    cooling_kw: float
    heat_kw: float  # that chilled-water loops take up
    chillers_kw: float  # what all chillers could do then
    outputs_kw: Mapping[str, float]  # of each power device
    failure: str = ""


@dataclass(frozen=True)
class TransformerSize:
    """Load of a transformer stage in its worst design hour, and the rating that each needed unit would have."""

    name: str
    load_kw: float
    load_kva: float
    needed_count: int
    installed_count: int
    rated_kva: float
    preferred_kva: float | None


@dataclass(frozen=True)
class Sizing:
    """The design day of a site, with ``added_kw`` of IT beyond what stands there."""

    hours: tuple[DesignHour, ...]
    power_factor_frac: float
    power_factor_assumed: bool
    transformers: tuple[TransformerSize, ...]
    generators_kw: float  # that the site asks for
    generators_kva: float
    generators_rated_kw: float  # that stand there
    added_kw: float


def sizing(site: Site, added_kw: Mapping[str, float] | None = None) -> Sizing:
    """Demands of the worst design hour and what they ask of transformers and generators.

    Raises InputError where the site runs away in every design hour: nothing can be said of its size then.
    """
    full = with_more(site.full, {name: max(kw, LEAST_KW) for name, kw in added_kw.items()}) if added_kw else site.full
    lowered = [steady_hour(full, one, site.weather.pressure_pa) for one in site.weather.conditions]
    hours = tuple(_hour(one, run) for one, run in zip(site.weather.conditions, run_all(lowered), strict=True))
    sound = [hour for hour in hours if not hour.failure]
    if not sound:
        raise InputError(f"{site.scenario.name}: at full power the site runs away in every design hour: "
                         f"{hours[0].failure}")  # fmt: skip
    stated = site.scenario.grid.contracts.power_factor_frac
    factor = stated if stated is not None else POWER_FACTOR
    site_kw = max(hour.site_kw for hour in sound)
    stages = {name: device for name, device in site.scenario.power.items() if isinstance(device, Transformer)}
    sizes = [_transformer(name, one, max(hour.outputs_kw[name] for hour in sound), factor)
             for name, one in stages.items()]  # fmt: skip
    return Sizing(hours, factor, stated is None, tuple(sizes), site_kw, site_kw / GENERATOR_POWER_FACTOR,
                  generators_kw(site.scenario), sum((added_kw or {}).values()))  # fmt: skip


def _hour(condition: Condition, run: Series) -> DesignHour:
    if run.failure:
        nan = float("nan")
        return DesignHour(condition, nan, nan, nan, nan, nan, {}, run.failure)
    spec = run.scenario
    racks = [f"halls.{h}.rack_groups.{g}.power_kw" for h, hall in spec.halls.items() for g in hall.rack_groups]
    chillers = [f"plants.{p}.chillers.{c}" for p, plant in spec.plants.items() for c in plant.chillers]
    kinds = {member.path: member.kind for member in run.lowered.composition.members}
    cooling = [name for name in run.values if _is_cooling(name, kinds)]
    return DesignHour(
        condition, _sum(run, racks), float(run["grid.meter.import_kw"][-1]), _sum(run, cooling),
        _sum(run, [f"plants.{p}.load_kw" for p in spec.plants]), _sum(run, [f"{c}.capacity_kw" for c in chillers]),
        {name: float(run[f"power.{name}.output_kw"][-1]) for name in spec.power},
    )  # fmt: skip


def _is_cooling(name: str, kinds: Mapping[str, type]) -> bool:
    path, _, field = name.rpartition(".")
    kind = kinds[path]
    return field in kind.ledger.electric and kind.end_uses.get(field, kind.end_use) in COOLING  # type: ignore[attr-defined]


def _sum(run: Series, names: list[str]) -> float:
    return float(sum(run[name][-1] for name in names))


def _transformer(name: str, device: Transformer, load_kw: float, power_factor: float) -> TransformerSize:
    load_kva = load_kw / power_factor
    needed, installed = device.units_count, installed_count(device.units_count, device.redundancy)
    preferred = preferred_kva(load_kva / needed)
    return TransformerSize(name, load_kw, load_kva, needed, installed, device.rated_kva, preferred)


def preferred_kva(load_kva: float) -> float | None:
    """Next preferred rating; None beyond the largest.

    >>> preferred_kva(1000.0), preferred_kva(1000.1), preferred_kva(2e5)
    (1000.0, 1500.0, None)
    """
    return next((float(size) for size in PREFERRED_KVA if size >= load_kva * (1.0 - 1e-12)), None)
