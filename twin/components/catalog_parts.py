"""The technologies that a plant or a power device can be made of: one word here for each file beside it."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from twin.components.plant.adiabatic_cooler import AdiabaticCooler
from twin.components.plant.chiller import Chiller
from twin.components.plant.chiller_air_cooled import AirCooledChiller
from twin.components.plant.chiller_central import CentralPlantWater
from twin.components.plant.chiller_cop_map import AirCooledCopMapChiller, CopMapChiller
from twin.components.plant.chiller_warm import WarmChiller
from twin.components.plant.dry_cooler import DryCooler
from twin.components.plant.economizer import WatersideEconomizer
from twin.components.plant.free_cooling_coil import FreeCoolingCoil
from twin.components.plant.heat_reuse import DirectReuse, HeatPumpReuse
from twin.components.plant.natural_water import NaturalWaterEconomizer, NaturalWaterRejection
from twin.components.plant.tower_merkel import MerkelTower
from twin.components.plant.tower_yorkcalc import YorkCalcTower
from twin.components.power.battery import LeadBattery, LithiumBattery
from twin.components.power.battery_shared import SharedLithiumBattery

AnyChiller = Annotated[
    Chiller | WarmChiller | AirCooledChiller | CopMapChiller | AirCooledCopMapChiller | CentralPlantWater,
    Field(discriminator="kind"),
]
AnyEconomizer = Annotated[WatersideEconomizer | FreeCoolingCoil | NaturalWaterEconomizer, Field(discriminator="kind")]
AnyHeatReuse = Annotated[DirectReuse | HeatPumpReuse, Field(discriminator="kind")]
AnyBattery = Annotated[LithiumBattery | LeadBattery | SharedLithiumBattery, Field(discriminator="kind")]
AnyRejection = Annotated[
    MerkelTower | YorkCalcTower | DryCooler | AdiabaticCooler | NaturalWaterRejection, Field(discriminator="kind")
]
