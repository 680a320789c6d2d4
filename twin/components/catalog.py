"""The technologies that a scenario can name: one word here for each file beside it."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from twin.components.air.crac import Crac
from twin.components.air.crac_moist import MoistCrac
from twin.components.air.crah import Crah
from twin.components.air.crah_moist import MoistCrah
from twin.components.air.humidity import HeldHumidity, TrackedHumidity
from twin.components.air.indirect_evaporative import IndirectEvaporative
from twin.components.air.outdoor_air import OutdoorAir
from twin.components.air.rear_door import RearDoor
from twin.components.air.rear_door_moist import MoistRearDoor
from twin.components.base import Component
from twin.components.grid.onsite_battery import StationaryBattery
from twin.components.grid.onsite_generator import SiteGenerator
from twin.components.grid.pv import Photovoltaics
from twin.components.it.accelerators import Accelerators, MoistAccelerators
from twin.components.it.blades import Blades, MoistBlades
from twin.components.it.servers import MoistServers, Servers
from twin.components.it.shared_servers import MoistSharedServers, SharedServers
from twin.components.liquid.cdu import Cdu
from twin.components.liquid.immersion import Immersion
from twin.components.plant.chilled_water import ChilledWaterPlant
from twin.components.power.generator import Generator
from twin.components.power.loads import Auxiliary, Lighting
from twin.components.power.pdu import Panel, Pdu
from twin.components.power.rectifier import Rectifier
from twin.components.power.transformer import Transformer
from twin.components.power.ups import Ups
from twin.components.work.workload import Compute, Inference, Training

# what each part of a site may be, told apart by its word `kind`
RackGroup = Annotated[Servers | SharedServers | Accelerators | Blades, Field(discriminator="kind")]
AirCooling = Annotated[Crah | Crac | OutdoorAir | IndirectEvaporative, Field(discriminator="kind")]
LiquidCooling = Annotated[Cdu | Immersion, Field(discriminator="kind")]
Humidity = Annotated[HeldHumidity | TrackedHumidity, Field(discriminator="kind")]
RearDoors = RearDoor
Plant = ChilledWaterPlant
PowerDevice = Annotated[Pdu | Panel | Ups | Rectifier | Transformer, Field(discriminator="kind")]
Load = Annotated[Lighting | Auxiliary | Generator, Field(discriminator="kind")]
OnSite = Annotated[Photovoltaics | StationaryBattery | SiteGenerator, Field(discriminator="kind")]
Work = Annotated[Inference | Training | Compute, Field(discriminator="kind")]
MOIST: dict[type[Component], type[Component]] = {  # how these run in a hall whose moisture is tracked
    Crah: MoistCrah, Crac: MoistCrac, Servers: MoistServers, SharedServers: MoistSharedServers,
    Accelerators: MoistAccelerators, Blades: MoistBlades, RearDoor: MoistRearDoor,
}  # fmt: skip
