"""The shared blocks at which components meet: bus, hall air, room, chilled-water loop, condenser loop.

``accumulated`` fields are set to zero at the start of every time step; the others keep their last value.
Fields that are accumulated inside an iterated group are set to zero by the step that opens the group.
"""

from __future__ import annotations

from typing import ClassVar

from twin.components.base import Fields


class Node:
    """A shared block of numbers."""

    accumulated: ClassVar[Fields] = {}
    held: ClassVar[Fields] = {}


class Weather(Node):
    """Outdoor air, the mean over the step; shared by all components as ``w``."""

    held: ClassVar[Fields] = {
        "dry_bulb_c": "Outdoor dry bulb",
        "wet_bulb_c": "Outdoor wet bulb",
        "dew_point_c": "Outdoor dew point",
        "humidity_ratio_kg_kg": "Outdoor humidity ratio",
        "pressure_pa": "Station pressure",
        "density_kg_m3": "Density of moist outdoor air",
    }


class Bus(Node):
    """Electrical node on the load side of a power device."""

    accumulated: ClassVar[Fields] = {"load_kw": "Power drawn from this bus"}
    held: ClassVar[Fields] = {
        "wanted_kw": "Power that would be drawn with all of it served",
        "unfed_frac": "Share of it that the feeder cannot give",
        "gap_frac": "Share of it that a battery may carry",
        "carried_frac": "Share of what is served that a battery carries",
        "off_frac": "Share of it that cannot be served",
    }


class HallAir(Node):
    """Air of a hall. ``inlet_c`` is the cold aisle's mean, which the racks draw."""

    accumulated: ClassVar[Fields] = {
        "rack_heat_kw": "Heat from racks to hall air",
        "rack_flow_kg_s": "Air that racks draw from the cold aisle, net of what each re-breathes",
        "extra_heat_kw": "Heat of losses, lighting and other loads",
    }
    held: ClassVar[Fields] = {
        "inlet_c": "Cold-aisle air at the end of the step",
        "inlet_mean_c": "Cold-aisle air, mean of the step",
        "supply_c": "Supply air, mean of the step",
        "humidity_kg_kg": "Humidity ratio at the end of the step",
        "humidity_mean_kg_kg": "Humidity ratio, mean of the step",
        "outdoor_kw_per_k": "Capacity rate of the outdoor air that ventilates the cold aisle or leaks in",
        "outdoor_c": "Temperature of that air",
        "outdoor_kg_s": "Dry air in it",
        "outdoor_ratio": "Its humidity ratio",
        "least_ratio": "Humidity ratio below which humidifiers work",
        "most_ratio": "Humidity ratio above which coils dry",
        "humidifier_most_kg_s": "Water that humidifiers can give",
        "moistening_kj_kg": "Sensible heat that each kg of it brings: electricity and feed water, less that of vapour",
        "moistening_kw": "Heat that humidifiers give to the cold aisle, less what their mist takes to evaporate",
        "humidifier_kg_s": "Water that humidifiers give to the air",
        "reheat_kw": "Heat that warms air again behind a coil that dries it",
        "air_c": "Cold-aisle air at the start of the step",
        "solid_c": "Racks and other solids at the start of the step",
        "flow_kw_per_k": "Capacity rate of the handlers' air",
        "rack_kw_per_k": "Capacity rate of the racks' air",
        "set_c": "Supply air that the handlers hold while they can",
        "fan_k": "Rise of the supply air by the handlers' fans",
        "law_c": "Supply air of handlers at their limit, what of it does not follow the return air",
        "law_frac": "Supply air of handlers at their limit, the share that follows the return air",
        "exhaust_c": "Air that leaves the racks, mean of the step",
        "door_frac": "Share by which rear doors bring the racks' air to their temperature",
        "door_c": "Temperature to which rear doors bring the racks' air",
        "door_fan_kw": "Heat of the rear doors' fans",
        "door_kg_s": "Water that rear doors take over what the humidity ratio is above ``door_ratio``",
        "door_ratio": "Humidity ratio at which rear doors take none",
        "coil_kg_s": "The same of the handlers' coils, or of the air that they supply, as this step has come to",
        "coil_ratio": "Humidity ratio at which these take none",
    }


class Liquid(Node):
    """Coolant of a hall's liquid-cooled racks."""

    accumulated: ClassVar[Fields] = {"rack_heat_kw": "Heat of the racks to the coolant"}
    held: ClassVar[Fields] = {"supply_c": "Coolant supply at the end of the step"}


class Room(Node):
    """An electrical or other room whose heat a fan coil takes away."""

    accumulated: ClassVar[Fields] = {"extra_heat_kw": "Heat of losses and other loads"}


class WaterLoop(Node):
    """Chilled-water loop. Everything below ``pass_count`` is set by the loop's own steps in every pass."""

    held: ClassVar[Fields] = {
        "supply_c": "Supply water of this pass",
        "set_c": "Supply set-point",
        "flow_frac": "Share of the water that loads ask for which the pumps in service can move",
        "flow_kg_s": "Water flow through loads",
        "load_kw": "Heat taken up from loads",
        "return_sum": "Flow times leaving temperature, summed over loads",
        "return_c": "Return water, cooled by heat reuse and dry section where there are any",
        "base_kw": "Heat to remove to end the step at set-point",
        "demand_kw": "Heat that is left to free cooling and chillers, that of charging a store included",
        "reused_kw": "Heat taken for reuse before all other cooling",
        "precooled_kw": "Heat removed by the dry section before economizer and chillers",
        "free_kw": "Heat removed without chillers",
        "stored_kw": "Heat removed by storage, negative while it is charged",
        "start_c": "Supply water at the start of the step",
        "alone": "1: free cooling runs alone, chillers are kept off",
        "stage_count": "Chillers called for",
        "capacity_kw": "Capacity of the chillers called for",
        "capacity_less_kw": "Capacity with one chiller fewer",
        "plr_frac": "Load of each running chiller as a fraction of its capacity",
        "chilled_kw": "Heat removed by chillers",
        "again": "1: repeat the pass",
        "restage": "1: repeat the offers",
        "pass_count": "Passes in this step",
        "cold_c": "Warmest trial that was too cold",
        "warm_c": "Coldest trial that was too warm",
        "cold_residual_k": "What it missed, halved while that end stays",
        "warm_residual_k": "What that one missed, likewise",
        "low_c": "Earlier trial of the secant",
        "low_residual_k": "Residual there",
    }


class CondenserLoop(Node):
    """Condenser-water loop between chillers, waterside economizer and heat rejection."""

    held: ClassVar[Fields] = {
        "supply_c": "Water leaving heat rejection, of this pass",
        "target_c": "Set-point of water leaving heat rejection",
        "flow_frac": "Share of the water that chillers and economizer ask for which the pumps in service can move",
        "flow_kg_s": "Condenser water flow",
        "heat_kw": "Heat to reject",
        "design_flow_kg_s": "Design water flow of all heat rejection",
        "leaving_sum": "Design flow times leaving temperature, summed over heat rejection",
        "again": "1: repeat the pass",
        "pass_count": "Passes in this step",
        "cold_c": "Warmest trial that was too cold",
        "warm_c": "Coldest trial that was too warm",
        "cold_residual_k": "What it missed, halved while that end stays",
        "warm_residual_k": "What that one missed, likewise",
        "low_c": "Earlier trial of the secant",
        "low_residual_k": "Residual there",
        "approach_k": "Leaving water above wet bulb at the end of the last step",
        "off_target": "1: the last step missed the set-point",
    }


class Site(Node):
    """The site's side of the grid connection. ``import_kw`` is what the meter read at the end of the last step."""

    accumulated: ClassVar[Fields] = {
        "supply_kw": "Power that generation and batteries on site give",
        "charge_kw": "Power that batteries on site take",
        "ready_kw": "Power that what can carry an island can give in this step",
        "forming_kw": "What of it batteries that form a grid can give",
        "sun_kw": "Power that photovoltaics follow with where there is a grid, or an island",
        "held_kwh": "Energy in batteries that form a grid, at the start of the step",
        "room_kwh": "Energy that these hold when they are full",
    }
    held: ClassVar[Fields] = {
        "import_kw": "Power imported",
        "net_kw": "Power imported, below zero what generation leaves over, at the end of the last step",
        "load_kw": "Power that all loads on the grid's bus draw",
        "lost_frac": "Share of the load that the utility cannot feed",
    }


class Unit(Node):
    """A unit that draws power, as its service sees it."""

    accumulated: ClassVar[Fields] = {"power_kw": "Power that it draws"}


class Orders(Node):
    """What a rule tells a battery or a generator to do in this step."""

    held: ClassVar[Fields] = {
        "share_frac": "Share of the rated power: charge above zero, discharge below",
        "wish_kw": "Power beside it: charge above zero, discharge below",
        "call_frac": "Share of a generator's sets that is called",
    }


class Devices(Node):
    """Processors of a rack group, which workloads share."""

    accumulated: ClassVar[Fields] = {
        "busy_frac": "Share of the devices' time that is used",
        "wanted_frac": "Share of it that would be used if power did not run out",
        "device_w": "Power of a device above idle, mean over all and the whole step",
    }
    held: ClassVar[Fields] = {
        "devices_count": "Devices in service",
        "idle_w": "Power of an idle device",
        "host_span_kw": "Power of all hosts with all devices busy above that with none",
        "limit_frac": "Power limit over the device's highest",
        "free_frac": "Share of the devices' time that is left",
        "budget_kw": "Power that is left above that of idle servers",
    }


class Limits(Node):
    """Limits on the power of a rack group or of a class of work, gathered from its caps."""

    held: ClassVar[Fields] = {
        "limit_frac": "Power limit of each device over the device's highest",
        "allowed_kw": "Power that the group may draw",
        "power_kw": "Power that the group drew in the last step",
    }


class Work(Node):
    """What a class of work still has to do in this step. Units are those of the class."""

    held: ClassVar[Fields] = {
        "left_count": "Work that waits and may run",
        "held_count": "Work that waits and is held back",
        "due_count": "Work that would be late if it were left at the end of the step",
        "served_count": "Work done in this step",
        "slow_count": "Work done while the latency objective was missed",
    }


class Unused(Node):
    """Stands in where a step is joined to fewer nodes than the signature holds."""

    held: ClassVar[Fields] = {"unused": "Nothing"}
