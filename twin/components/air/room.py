"""Electrical rooms: the heat of UPS and switchgear, carried to a chilled-water loop by fan coils."""

from __future__ import annotations

from typing import ClassVar, Self

from pydantic import Field, model_validator

from twin.compiled import compilable
from twin.components.base import Component, Fields, Ledger, Phase, Store, Surroundings
from twin.components.plant.chilled_water_loop import take_water
from twin.components.profiles import ALWAYS, Availability
from twin.errors import SpecFault
from twin.units import AIR_CP_KJ_KG_K, SECONDS_PER_HOUR, WATER_CP_KJ_KG_K

LEAST_SPAN_K = 1.0  # of room over water: fan coils for less would be a wall of them
AIR_KG_M3 = 1.2  # density of room air at which the volume's heat capacity is stated


@compilable
def room_step(p, u, w, s, x, y, room, loop, dt_h):  # type: ignore[no-untyped-def]
    """Well-mixed room, implicit in time: fan coils hold the set-point until their conductance is used up."""
    y.fan_kw = p.fan_kw * u.availability_frac
    coil_kw_per_k = p.coil_kw_per_k * u.availability_frac * loop.flow_frac
    gain_kw = room.extra_heat_kw + y.fan_kw
    store_kw_per_k = p.capacity_kwh_per_k / dt_h
    on_set_kw = max(gain_kw + store_kw_per_k * (s.temperature_c - p.set_c), 0.0)
    if on_set_kw <= coil_kw_per_k * (p.set_c - loop.supply_c):
        y.coil_kw = on_set_kw
    else:
        reach_c = (store_kw_per_k * s.temperature_c + gain_kw + coil_kw_per_k * loop.supply_c) / (
            store_kw_per_k + coil_kw_per_k
        )
        y.coil_kw = max(coil_kw_per_k * (reach_c - loop.supply_c), 0.0)
    dew_c = w.dew_point_c if p.of_outdoors > 0.5 else p.dew_point_c
    y.wet_coil = 1.0 if y.coil_kw > 0.0 and loop.supply_c < dew_c else 0.0
    y.temperature_c = s.temperature_c + (gain_kw - y.coil_kw) / store_kw_per_k
    y.unmet_kw = p.coil_kw_per_k * max(y.temperature_c - p.set_c, 0.0)
    x.temperature_c = y.temperature_c
    flow_kg_s = y.coil_kw / (WATER_CP_KJ_KG_K * p.water_rise_k)
    take_water(loop, y.coil_kw, flow_kg_s, loop.supply_c + p.water_rise_k)


class Room(Component):
    """A room without racks whose heat goes to a chilled-water plant through fan coils.

    Its moisture is not tracked: coils are dry, and the hours in which their water is below the dew point count.
    """

    plant: str
    """Plant whose chilled water the fan coils use."""
    fed_by: str = "grid"
    """Power device that feeds the fans, or grid."""
    set_c: float = Field(26.0, ge=10, le=50)
    """Room temperature held."""
    capacity_kw: float = Field(gt=0, le=1e6)
    """Cooling capacity of the fan coils at ``set_c`` with water of ``design_water_c``."""
    design_water_c: float = Field(10.0, ge=2, le=45)
    """Entering water at which the capacity is stated."""
    water_rise_k: float = Field(6.0, gt=0, le=20)
    """Temperature rise of the water through the fan coils."""
    fan_kw: float = Field(0.0, ge=0, le=1e5)
    """Power of the fans, running all the time."""
    volume_m3: float = Field(300.0, gt=0, le=1e6)
    """Air volume."""
    solid_kwh_per_k: float = Field(0.5, ge=0, le=1e6)
    """Heat capacity of equipment and walls that follow the air."""
    dew_point_c: float | None = Field(None, ge=-30, le=30)
    """Dew point of its air, which tells when its coils would condense; that of outdoor air if left out."""
    parallel_count: int = Field(1, ge=1, le=1000)
    """Equal fan coils that the figures of all stand for; each of them can be lost."""
    availability: Availability = ALWAYS
    """Share of the fan coils in service over time."""

    inputs: ClassVar[Fields] = {"availability_frac": "Share of the fan coils in service"}
    derived: ClassVar[dict[str, int]] = {
        "coil_kw_per_k": 0,
        "capacity_kwh_per_k": 0,
        "dew_point_c": 0,
        "of_outdoors": 0,
    }
    state: ClassVar[Fields] = {"temperature_c": "Room temperature at the end of the step"}
    outputs: ClassVar[Fields] = {
        "temperature_c": "Room temperature at the end of the step",
        "coil_kw": "Heat to chilled water",
        "fan_kw": "Power of the fan coils",
        "unmet_kw": "Cooling short of the room's set-point",
        "wet_coil": "1: the water that enters the coils is below the dew point of the room's air",
    }
    watched: ClassVar[dict[str, float]] = {"temperature_c": 100.0}
    phases: ClassVar[tuple[Phase, ...]] = (Phase("load", room_step, ("room", "loop")),)
    ledger: ClassVar[Ledger] = Ledger(
        electric=("fan_kw",), to_air=("fan_kw",), from_air=("coil_kw",), to_water=("coil_kw",)
    )
    stores: ClassVar[tuple[Store, ...]] = (Store("temperature_c", "air", "capacity_kwh_per_k"),)
    draws: ClassVar[str | None] = "fan_kw"
    end_use: ClassVar[str] = "crah_fan"

    @model_validator(mode="after")
    def _water_is_colder_than_the_room(self) -> Self:
        if self.design_water_c > self.set_c - LEAST_SPAN_K:
            raise SpecFault(("design_water_c",), f"must be at least {LEAST_SPAN_K:g} K below set_c ({self.set_c:g}),"
                            f" got {self.design_water_c:g}")  # fmt: skip
        return self

    def derive(self, around: Surroundings) -> dict[str, float]:
        """Conductance of the coils and heat capacity of the room."""
        air_kwh_per_k = self.volume_m3 * AIR_KG_M3 * AIR_CP_KJ_KG_K / SECONDS_PER_HOUR
        return {
            "coil_kw_per_k": self.capacity_kw / (self.set_c - self.design_water_c),
            "capacity_kwh_per_k": air_kwh_per_k + self.solid_kwh_per_k,
            "dew_point_c": 0.0 if self.dew_point_c is None else self.dew_point_c,
            "of_outdoors": float(self.dew_point_c is None),
        }

    def initial(self, around: Surroundings) -> dict[str, float]:
        """At set-point."""
        return {"temperature_c": self.set_c}
