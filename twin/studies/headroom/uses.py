"""How much of each capacity a run takes: the capacity at the temperatures of the same step, and what is asked of it.

A use above 1 breaks a limit. Capacities are those that remain when the redundant units of a device are kept for
failures (N of N+1 or 2N); those of chillers, coils and exchangers are what they can do at the waters and airs of the
step; air of handlers counts less what leaks past the racks.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from twin.compiled import elementwise
from twin.components.air.crac import Crac
from twin.components.air.crah import Crah
from twin.components.base import Surroundings
from twin.components.power.generator import Generator
from twin.components.power.rectifier import Rectifier
from twin.engine.forcing import weather_of
from twin.engine.lowering import Lowered
from twin.physics.envelopes import allowable_c, recommended_c
from twin.physics.exchangers import effectiveness_counterflow
from twin.scenario.model import Hall, Scenario
from twin.studies.headroom.running import Series
from twin.units import AIR_CP_KJ_KG_K, VAPOUR_CP_KJ_KG_K

Values = NDArray[np.float64]
KINDS = (
    "utility feed", "transformer", "UPS", "rectifier", "PDU", "panel", "generator", "chiller", "pump", "coil",
    "compressors", "airflow", "CDU", "CDU flow", "room coil", "inlet temperature", "cooling",
)  # fmt: skip
DEVICES = {"transformer": "transformer", "ups": "UPS", "rectifier": "rectifier", "pdu": "PDU", "panel": "panel"}
ROUNDING = 1e-6  # a limit that is met to rounding is not broken
NOTHING = 1e-9
FIELDS = (  # outputs that uses are made of
    "output_kw", "import_kw", "shortfall_kw", "capacity_kw", "cooling_kw", "removed_kw", "flow_kg_s", "coil_kw",
    "unmet_kw", "free_kw", "fan_speed_frac", "return_c", "supply_c", "humidity_kg_kg", "heat_kw", "rack_heat_kw",
    "inlet_c",
)  # fmt: skip
_effectiveness = elementwise(effectiveness_counterflow)


@dataclass(frozen=True)
class Use:
    """Share of a capacity that each step takes, shape (steps,), and the capacity in ``unit``."""

    path: str
    kind: str
    used_frac: Values
    capacity: Values
    unit: str

    @property
    def worst(self) -> int:
        """Step that takes most."""
        return int(np.argmax(self.used_frac))

    @property
    def most_frac(self) -> float:
        """Largest share."""
        return float(self.used_frac[self.worst])

    @property
    def left(self) -> float:
        """Capacity that is not taken in the worst step, in ``unit``; not below zero."""
        return max(1.0 - self.most_frac, 0.0) * float(self.capacity[self.worst])


def needed(lowered: Lowered) -> list[str]:
    """Names of the outputs that :func:`uses` reads."""
    return [f"{path}.{field}" for path, field, _ in lowered.composition.outputs if field in FIELDS]


def uses(run: Series, band: str = "recommended") -> list[Use]:
    """Every capacity of a site that a run shows, the tightest first; ``band`` of inlet air: recommended or allowable.

    A run that ran away has one use, of infinite size, that names what ran away.
    """
    if run.failure:
        endless = np.array([np.inf])
        return [Use(run.failure.partition("): ")[2].partition(" = ")[0], "cooling", endless, np.zeros(1), "kW")]
    found = [*_power(run), *_plants(run), *_halls(run, band), *_rooms(run)]
    return sorted(found, key=lambda use: -use.most_frac)


def binding(found: list[Use]) -> Use | None:
    """The limit that is broken by most, or None where all hold."""
    return found[0] if found and found[0].most_frac > 1.0 + ROUNDING else None


def _share(asked: Values, able: Values) -> Values:
    """Asked over able; endless where something is asked of nothing, 0 where nothing is."""
    share = np.divide(asked, able, out=np.full(len(asked), np.inf), where=able > NOTHING)
    return np.where(asked <= NOTHING, 0.0, share)


def _use(path: str, kind: str, asked: Values, able: Values | float, unit: str = "kW") -> Use:
    most = np.broadcast_to(np.asarray(able, dtype=np.float64), asked.shape)
    return Use(path, kind, _share(asked, most), most, unit)


def _power(run: Series) -> Iterator[Use]:
    """Devices by what is left without their redundant units, the contracted import, generators under all of it."""
    spec = run.scenario
    for name, device in spec.power.items():
        yield _use(f"power.{name}", DEVICES[device.kind], run[f"power.{name}.output_kw"], needed_kw(device))
    drawn_kw = run["grid.meter.import_kw"]
    if spec.grid.meter.limit_kw is not None:
        yield _use("grid.meter", "utility feed", drawn_kw, spec.grid.meter.limit_kw)
    rated_kw = generators_kw(spec)
    if rated_kw:
        yield _use("generators", "generator", drawn_kw, rated_kw)


def needed_kw(device: Any) -> float:
    """Rated power of a device without its redundant units."""
    rated_kw = float(device.rating()[0])
    if isinstance(device, Rectifier):
        return rated_kw * device.modules_count / device.installed_count
    return rated_kw * float(device.needed_share_frac)


def generators_kw(spec: Scenario) -> float:
    """Rated power of all generators that can carry the site."""
    sets = [*spec.loads.values(), *spec.onsite.values()]
    return sum(one.rated_kw * one.units_count for one in sets if isinstance(one, Generator) or one.kind == "generator")


def _plants(run: Series) -> Iterator[Use]:
    for name, plant in run.scenario.plants.items():
        path = f"plants.{name}"
        short_kw = np.maximum(run[f"{path}.shortfall_kw"], 0.0)
        able_kw = sum(run[f"{path}.chillers.{c}.capacity_kw"] for c in plant.chillers)
        if plant.chillers:
            chilled_kw = sum(run[f"{path}.chillers.{c}.cooling_kw"] for c in plant.chillers)
            yield _use(path, "chiller", chilled_kw + short_kw, able_kw)
        else:
            removed_kw = run[f"{path}.removed_kw"]
            yield _use(path, "cooling", np.where(short_kw > 0.0, removed_kw + short_kw, 0.0), removed_kw)
        yield _pump(run, f"{path}.pump", plant.pump)
        if plant.condenser is not None:
            yield _pump(run, f"{path}.condenser.pump", plant.condenser.pump)


def _pump(run: Series, path: str, pump: Any) -> Use:
    rated_kg_s = float(pump.derive(Surroundings())["rated_kg_s"])
    return _use(path, "pump", run[f"{path}.flow_kg_s"], rated_kg_s, "kg/s")


def _halls(run: Series, band: str) -> Iterator[Use]:
    for name, hall in run.scenario.halls.items():
        path = f"halls.{name}"
        yield _coil(run, path, hall)
        yield _airflow(run, path, hall)
        if hall.liquid is not None:
            yield from _coolant(run, f"{path}.liquid", hall.liquid)
        yield from _inlets(run, path, hall, band)


def _coil(run: Series, path: str, hall: Hall) -> Use:
    """Heat that the set-point asks of coils or compressors, over what they can do in this air."""
    air = f"{path}.air"
    short_kw = run[f"{air}.unmet_kw"]
    asked_kw = run[f"{air}.coil_kw"] + short_kw
    if isinstance(hall.air, Crah):
        able_kw = _at_limit(run[f"{air}.coil_kw"], short_kw, coil_most_kw(run, path, hall.air))
        return _use(air, "coil", asked_kw, able_kw)
    if isinstance(hall.air, Crac):
        free_kw = run[f"{air}.free_kw"]
        able_kw = _at_limit(run[f"{air}.coil_kw"] - free_kw, short_kw, run[f"{air}.capacity_kw"])
        return _use(air, "compressors", asked_kw - free_kw, able_kw)
    return _use(air, "cooling", np.where(short_kw > NOTHING, asked_kw, 0.0), run[f"{air}.coil_kw"])


def _at_limit(done_kw: Values, short_kw: Values, able_kw: Values) -> Values:
    """What can be done: where the set-point is missed, just what is done."""
    return np.where(short_kw > ROUNDING * np.maximum(done_kw, 1.0), done_kw, np.maximum(able_kw, done_kw))


def coil_most_kw(run: Series, path: str, air: Crah) -> Values:
    """Heat that the open coils take from the return air of each step, at its air flow and chilled water."""
    at = f"{path}.air"
    around = Surroundings(run.scenario.halls[path.removeprefix("halls.")])
    p, units = air.derive(around), air.units_count * run.input(at, "availability_frac")
    cp = AIR_CP_KJ_KG_K + VAPOUR_CP_KJ_KG_K * run[f"{at}.humidity_kg_kg"]
    resistance = air.coil_air_resistance_frac * run[f"{at}.fan_speed_frac"] ** -air.coil_air_exponent_ratio
    conductance = units * p["coil_kw_per_k"] / (resistance + 1.0 - air.coil_air_resistance_frac)  # valve open
    gas, water = run[f"{at}.flow_kg_s"] * cp, units * p["water_kw_per_k"]
    least, most = np.maximum(np.minimum(gas, water), NOTHING), np.maximum(np.maximum(gas, water), NOTHING)
    span_k = run[f"{at}.return_c"] - run[f"plants.{air.plant}.supply_c"]
    return np.maximum(_effectiveness(conductance / least, least / most) * least * span_k, 0.0)


def _airflow(run: Series, path: str, hall: Hall) -> Use:
    """Air that the racks draw past their own recirculation, over what handlers at full speed bring past the leaks."""
    drawn_kg_s = [
        run[f"{path}.rack_groups.{name}.flow_kg_s"] * (1.0 - group.recirculation_frac)
        for name, group in hall.rack_groups.items()
    ]
    racks_kg_s = np.sum(drawn_kg_s, axis=0) * (1.0 - hall.recirculation_frac)
    flow_kg_s, speed = run[f"{path}.air.flow_kg_s"], run[f"{path}.air.fan_speed_frac"]
    full = np.divide(flow_kg_s, speed, out=np.zeros_like(flow_kg_s), where=speed > NOTHING)
    return _use(f"{path}.air", "airflow", racks_kg_s, full * (1.0 - hall.bypass_frac), "kg/s")


def _coolant(run: Series, path: str, liquid: Any) -> Iterator[Use]:
    """Heat against what the exchanger carries at this facility water; heat of the racks against the design flow."""
    done_kw, short_kw = run[f"{path}.heat_kw"], run[f"{path}.unmet_kw"]
    p = liquid.derive(Surroundings())
    water_c = run[f"plants.{liquid.plant}.supply_c"]
    rise_k = done_kw / p["coolant_kw_per_k"]
    able_kw = np.maximum(p["full_kw_per_k"] * (liquid.supply_set_c + rise_k - water_c), 0.0)
    yield _use(path, "CDU", done_kw + short_kw, _at_limit(done_kw, short_kw, able_kw))
    yield _use(path, "CDU flow", run[f"{path}.rack_heat_kw"], liquid.capacity_kw)


def _inlets(run: Series, path: str, hall: Hall, band: str) -> Iterator[Use]:
    """Inlet above the lowest temperature of the band, over the width of the band."""
    low_c, high_c = band_c(run, hall, band)
    for name in hall.rack_groups:
        inlet_c = run[f"{path}.rack_groups.{name}.inlet_c"]
        yield _use(f"{path}.rack_groups.{name}", "inlet temperature", inlet_c - low_c, high_c - low_c, "K")


def band_c(run: Series, hall: Hall, band: str) -> tuple[float, float]:
    """Lowest and highest inlet of a hall's class: recommended, or allowable at the site's altitude."""
    weather = weather_of(run.scenario.weather, run.scenario.run.calendar_year)
    return recommended_c(hall.envelope) if band == "recommended" else allowable_c(hall.envelope, weather.elevation_m)


def _rooms(run: Series) -> Iterator[Use]:
    for name, room in run.scenario.rooms.items():
        path = f"rooms.{name}"
        done_kw, short_kw = run[f"{path}.coil_kw"], run[f"{path}.unmet_kw"]
        span_k = room.set_c - run[f"plants.{room.plant}.supply_c"]
        able_kw = room.derive(Surroundings())["coil_kw_per_k"] * np.maximum(span_k, 0.0)
        yield _use(path, "room coil", done_kw + short_kw, _at_limit(done_kw, short_kw, able_kw))
