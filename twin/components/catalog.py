"""The technologies that a scenario can name: one word here for each file beside it."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from twin.components.accelerators import Accelerators, MoistAccelerators
from twin.components.base import Component
from twin.components.blades import Blades, MoistBlades
from twin.components.cdu import Cdu
from twin.components.chilled_water import ChilledWaterPlant
from twin.components.crac import Crac
from twin.components.crac_moist import MoistCrac
from twin.components.crah import Crah
from twin.components.crah_moist import MoistCrah
from twin.components.generator import Generator
from twin.components.humidity import HeldHumidity, TrackedHumidity
from twin.components.immersion import Immersion
from twin.components.indirect_evaporative import IndirectEvaporative
from twin.components.loads import Auxiliary, Lighting
from twin.components.onsite_battery import StationaryBattery
from twin.components.onsite_generator import SiteGenerator
from twin.components.outdoor_air import OutdoorAir
from twin.components.pdu import Panel, Pdu
from twin.components.pv import Photovoltaics
from twin.components.rear_door import RearDoor
from twin.components.rectifier import Rectifier
from twin.components.servers import MoistServers, Servers
from twin.components.shared_servers import MoistSharedServers, SharedServers
from twin.components.transformer import Transformer
from twin.components.ups import Ups
from twin.components.workload import Compute, Inference, Training

# one member each so far: the discriminator is there for the day of the second
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
    Accelerators: MoistAccelerators, Blades: MoistBlades,
}  # fmt: skip
