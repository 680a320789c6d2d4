"""The technologies that a plant or a power device can be made of: one word here for each file beside it."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from twin.components.adiabatic_cooler import AdiabaticCooler
from twin.components.battery import LeadBattery, LithiumBattery
from twin.components.battery_shared import SharedLithiumBattery
from twin.components.chiller import Chiller
from twin.components.chiller_air_cooled import AirCooledChiller
from twin.components.chiller_central import CentralPlantWater
from twin.components.chiller_cop_map import AirCooledCopMapChiller, CopMapChiller
from twin.components.chiller_warm import WarmChiller
from twin.components.dry_cooler import DryCooler
from twin.components.economizer import WatersideEconomizer
from twin.components.free_cooling_coil import FreeCoolingCoil
from twin.components.heat_reuse import DirectReuse, HeatPumpReuse
from twin.components.natural_water import NaturalWaterEconomizer, NaturalWaterRejection
from twin.components.tower_merkel import MerkelTower
from twin.components.tower_yorkcalc import YorkCalcTower

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
