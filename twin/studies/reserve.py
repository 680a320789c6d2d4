"""What stands by: how long batteries would carry the load, how they have aged, what test runs of generators burn."""

from __future__ import annotations

from collections.abc import Sequence

from twin.components.power.battery import Battery
from twin.components.power.battery_shared import SharedLithiumBattery
from twin.components.power.generator import Generator
from twin.components.power.rectifier import Rectifier
from twin.components.power.ups import Ups
from twin.components.profiles import NEVER
from twin.physics.generators import DIESEL_KWH_PER_L, fuel_volume
from twin.scenario.model import Scenario
from twin.studies.redundancy import spreads
from twin.studies.sums import Metric, Sums, figure
from twin.units import MINUTES_PER_HOUR

WITHOUT_LOAD_MIN = 1e9 * MINUTES_PER_HOUR  # what a battery states that has nothing to carry


def reserve(sums: Sums, spec: Scenario) -> dict[str, Metric]:
    """Figures of batteries, generators and redundant units; each only where there are such."""
    return _batteries(sums, spec) | _generators(sums, spec) | _redundancy(sums, spec)


def _batteries(sums: Sums, spec: Scenario) -> dict[str, Metric]:
    found = {name: device.battery for name, device in spec.power.items()
             if isinstance(device, Ups | Rectifier) and device.battery is not None}  # fmt: skip
    if not found:
        return {}
    figures = {}
    minutes = min(sums.low[f"power.{name}.battery.ride_through_min"] for name in found)
    if minutes < WITHOUT_LOAD_MIN:
        shared = any(isinstance(battery, SharedLithiumBattery) for battery in found.values())
        charged = "full (shared ones: as charged)" if shared else "full"
        basis = f"shortest of all batteries and steps, each from {charged} at its stated age"
        figures["ride_through_min"] = figure(minutes, "min", "Ride-through of batteries", basis)
    left = min(battery.capacity_frac for battery in found.values())
    figures["battery_capacity_frac"] = figure(left, "1", "Capacity of batteries", "over rated, at their stated age")
    return figures | _lives(list(found.values()))


def _lives(batteries: Sequence[Battery]) -> dict[str, Metric]:
    lives = [battery.life_years for battery in batteries if battery.life_years is not None]
    if not lives:
        return {}
    basis = "lead cells on float to 80 %: halved per 8.3 K above 25 degC"
    return {"battery_life_years": figure(min(lives), "year", "Life of batteries", basis)}


def _generators(sums: Sums, spec: Scenario) -> dict[str, Metric]:
    sets = [
        f"loads.{name}" for name, load in spec.loads.items() if isinstance(load, Generator) and load.running != NEVER
    ]
    if not sets:
        return {}
    generated, fuel = (sum(sums.total[f"{path}.{name}_kw"] for path in sets) for name in ("generated", "fuel"))
    litres = fuel_volume(fuel, DIESEL_KWH_PER_L)
    apart = "not in facility energy, which is at the grid meter"
    return {
        "generator_energy_kwh": figure(generated, "kWh", "Energy of generators", f"to a load bank; {apart}"),
        "fuel_energy_kwh": figure(fuel, "kWh", "Energy of fuel", f"lower heating value; {apart}"),
        "fuel_l": figure(litres, "L", "Fuel", f"diesel of {DIESEL_KWH_PER_L:g} kWh/L, lower heating value"),
    }


def _redundancy(sums: Sums, spec: Scenario) -> dict[str, Metric]:
    devices = {name: one for name, one in spreads(sums, spec).items() if spec.power[name].needed_share_frac < 1.0}
    if not devices:
        return {}
    price = sum(one.price_kwh for one in devices.values())
    basis = f"own losses of {', '.join(devices)} less those with the units that the load needs"
    return {"redundancy_loss_kwh": figure(price, "kWh", "Losses due to redundant units", basis)}
