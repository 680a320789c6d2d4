"""Every technology that a scenario can name: an example, a reference value, books that balance, names with units."""

from __future__ import annotations

import csv
import dataclasses
import functools
import re
import types
import typing
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
import pytest
import xarray as xr
from pydantic import Field, create_model

from tests.engine.scenarios import shipped
from twin.compiled import compilable
from twin.components import catalog, catalog_parts, nodes
from twin.components.base import Component, Phase, Surroundings
from twin.components.grid import carbon, tariffs
from twin.components.plant.chilled_water import ChilledWaterPlant
from twin.components.plant.condenser import Condenser
from twin.components.plant.rejection import rejection_offer
from twin.components.plant.tower import Tower, fan_and_water
from twin.components.power.service import Service
from twin.components.profiles import Profile
from twin.engine import program, results
from twin.engine import simulate as simulating
from twin.engine.composition import NODES, Composition, compose, members_of
from twin.engine.lowering import lower
from twin.engine.program import AFTER, BATTERY, BEFORE, GROUPS, LAST, PLANT, WITH_DEVICE
from twin.physics.cop_maps import water_cooled_cop
from twin.physics.towers import FAN_CUBE
from twin.quantities import Spec, unit_of
from twin.scenario.model import Scenario
from twin.scenario.reading import read_model, read_scenario
from twin.scenario.walk import components
from twin.studies.kpis import COOLING, END_USES, LOSSES, kpis

ROOT = Path(__file__).parent.parent
SHIPPED = ROOT / "scenarios"
SCENARIOS = {
    path.relative_to(SHIPPED).with_suffix("").as_posix(): path
    for folder in (
        SHIPPED,
        SHIPPED / "technologies",
        SHIPPED / "sites",
        SHIPPED / "work",
        SHIPPED / "grid",
        SHIPPED / "failures",
    )
    for path in sorted(folder.glob("*.yaml"))
}
DAYS = ("run.start=2025-03-20", "run.duration=8d", "run.step=1h")  # free, partial and mechanical cooling in Greensboro

TEXAS = ("run.start=2021-02-10", "run.duration=8d", "run.step=1h")  # the storm
DAYS_OF = {
    "loss_of_cooling": (),
    "grid/peak_shaving": ("run.start=2025-07-07", "run.duration=8d"),
    **{
        f"failures/{name}": ("run.start=2025-07-14", "run.duration=8d", "run.step=1h", "run.refine=null")
        for name in ("utility_outage", "chiller_lost", "tower_service", "cdu_pump_lost", "air_handlers_lost")
    },
    **{f"grid/{name}": TEXAS for name in ("texas_2021", "solar_battery", "price_battery")},
}


def parts(annotation: Any) -> Iterator[type[Spec]]:
    """Specs that a field's annotation holds."""
    if isinstance(annotation, type) and issubclass(annotation, Spec):
        yield annotation
    for part in typing.get_args(annotation):
        yield from parts(part)


def reachable(spec: type[Spec], seen: dict[type[Spec], None] | None = None) -> list[type[Spec]]:
    """Every Spec that can stand in a scenario, each once."""
    seen = {} if seen is None else seen
    if spec not in seen:
        seen[spec] = None
        for field in spec.model_fields.values():
            for part in parts(field.annotation):
                reachable(part, seen)
    return list(seen)


SPECS = reachable(Scenario)
TECHNOLOGIES = [spec for spec in SPECS if issubclass(spec, Component)]
each_technology = pytest.mark.parametrize("kind", TECHNOLOGIES, ids=lambda kind: kind.__name__)
each_spec = pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.__name__)


@functools.cache
def shipped_kinds() -> dict[type[Component], list[str]]:
    """Technologies that stand in shipped scenarios, and in which."""
    found: dict[type[Component], list[str]] = {}
    for name, path in SCENARIOS.items():
        for _, component in components(read_scenario(path)):
            found.setdefault(type(component), []).append(name)
    return found


STRESS = {  # nothing settled: chillers out for part of an hour, fan coils too small
    name: (
        *(f"plants.main.chillers.{chiller}.availability={{kind: outages, outages: [{{at: '2025-03-22 12:00', "
          "duration_h: 0.6}]}" for chiller in chillers),
        f"rooms.electrical.capacity_kw={room_kw}",
    )
    for name, chillers, room_kw in (
        ("quickstart", ("large", "medium", "small"), 20), ("greensboro", ("ch1", "ch2", "ch3"), 150),
    )
}  # fmt: skip


@functools.cache
def outcome(name: str, stressed: bool = False) -> simulating.Outcome:
    """What the loop leaves of eight days of a shipped scenario (of all of it, where it is shorter)."""
    scenario = shipped(name, *DAYS_OF.get(name, DAYS), *(STRESS.get(name, ()) if stressed else ()))
    found = simulating._run(lower(scenario), "all", plain=False)
    assert found.failed_at == -1
    return found


def place_of(kind: type[Component]) -> tuple[str, str]:
    """A shipped scenario with this technology, and the path at which it stands there."""
    name = next(n for n in ("quickstart", "greensboro", *SCENARIOS) if n in shipped_kinds()[kind])
    return name, next(m.path for m in outcome(name).lowered.composition.members if m.kind is kind)


# --- the catalog ------------------------------------------------------------------------------------------------


def test_the_walk_finds_what_the_unions_name() -> None:
    unions = (catalog.RackGroup, catalog.AirCooling, catalog.LiquidCooling, catalog.Plant, catalog.PowerDevice,
              catalog.Load, catalog_parts.AnyRejection, catalog.Work, Profile, tariffs.Tariff,
              carbon.Carbon)  # fmt: skip
    named = {part for union in unions for part in parts(union)}
    assert len(named) > 15
    assert named <= set(SPECS)
    assert len(TECHNOLOGIES) >= 18


@pytest.mark.parametrize(
    "union",
    [
        catalog.AirCooling,
        catalog.RackGroup,
        catalog.LiquidCooling,
        catalog.PowerDevice,
        catalog.Load,
        catalog_parts.AnyRejection,
        Profile,
        tariffs.Tariff,
    ],
)
def test_the_kinds_of_a_union_are_told_apart_by_their_word(union: Any) -> None:
    words = [typing.get_args(part.model_fields["kind"].annotation) for part in typing.get_args(union)[0].__args__]
    assert all(len(word) == 1 for word in words)
    assert len(set(words)) == len(words) > 1


@each_technology
def test_a_technology_stands_in_a_shipped_scenario(kind: type[Component]) -> None:
    assert shipped_kinds().get(kind), "no file in scenarios/ shows it"


REFERENCES = {  # technology -> where its figures are held against others': rows of a table, or a test
    "Servers": ("checks_servers.csv: table", "checks_servers.csv: fan_model"),
    "Blades": (
        "checks_rectifiers.csv: system_mw",
        "components/it/test_blades.py: test_frontier_draws_the_published_power",
    ),
    "Crah": ("checks_exchangers.csv: counterflow", "checks_halls.csv: seconds_to_32", "checks_halls.csv: inlet_c"),
    "Crac": ("checks_direct_expansion.csv: coil_power", "checks_direct_expansion.csv: dx"),
    "OutdoorAir": (
        "checks_evaporative.csv: direct_c",
        "checks_evaporative.csv: outdoor_share",
        "checks_airside.csv: per_moisture",
    ),
    "IndirectEvaporative": (
        "checks_evaporative.csv: indirect_wet",
        "checks_evaporative.csv: indirect_dry",
        "checks_evaporative.csv: indirect_water",
    ),
    "Cdu": ("checks_liquid.csv: cdu_supply", "checks_liquid.csv: cdu_effectiveness"),
    "Immersion": (
        "checks_liquid.csv: cdu_supply",
        "components/liquid/test_immersion.py: test_a_settled_bath_by_hand",
    ),
    "RearDoor": (
        "checks_exchangers.csv: counterflow",
        "components/air/test_rear_door.py: test_an_open_door_takes_the_heat_of_the_textbook",
    ),
    "TrackedHumidity": (
        "checks_moist_coils.csv: steam_kw",
        "checks_moist_coils.csv: hall_end",
        "components/air/test_humidity.py: test_a_ventilated_hall_comes_to_its_steady_humidity_by_the_exponential",
    ),
    "Room": ("test_catalog.py: test_a_room_beyond_its_coils_settles_at_gain_over_conductance",),
    "ChilledWaterPlant": ("reference/test_reference_plant.py: test_the_reference_plant_agrees_with_energyplus",),
    "Chiller": ("checks_chillers.csv: power_w", "checks_chillers.csv: cop"),
    "WarmChiller": (
        "physics/test_chillers.py: test_warmer_chilled_water_beyond_the_curves_saves_energy_as_carnot_does",
    ),
    "AirCooledChiller": ("checks_chillers.csv: power_w", "checks_chillers.csv: cop"),
    "CopMapChiller": ("checks_cop_maps.csv: water_map",),
    "AirCooledCopMapChiller": ("checks_direct_expansion.csv: map",),
    "CentralPlantWater": ("acceptance/test_facilities.py: test_summit_without_free_cooling_has_the_pue_of_the_outage",),
    "Precooler": ("checks_dry_coolers.csv: worthwhile_air", "checks_dry_coolers.csv: design_ua"),
    "FreeCoolingCoil": ("checks_dry_coolers.csv: leaving", "checks_dry_coolers.csv: design_ua"),
    "DryCooler": ("checks_dry_coolers.csv: leaving", "checks_dry_coolers.csv: design_ua"),
    "AdiabaticCooler": ("checks_dry_coolers.csv: leaving", "checks_dry_coolers.csv: pad_water"),
    "NaturalWaterRejection": ("checks_natural_water.csv: supply", "checks_natural_water.csv: pump"),
    "NaturalWaterEconomizer": ("checks_natural_water.csv: intake", "checks_natural_water.csv: pump"),
    "ChilledWaterStorage": ("checks_storage.csv: capacity", "checks_storage.csv: moved", "checks_storage.csv: gained"),
    "ChilledWaterPump": ("checks_movers.csv: power_w",),
    "CondenserPump": ("checks_movers.csv: power_w",),
    "Condenser": ("reference/test_reference_plant.py: test_the_reference_plant_agrees_with_energyplus",),
    "MerkelTower": ("checks_merkel.csv: leaving_c", "checks_merkel.csv: design_ua_kw_per_k"),
    "YorkCalcTower": ("checks_towers.csv: approach_k", "checks_towers.csv: calibrated_ratio"),
    "WatersideEconomizer": ("checks_exchangers.csv: counterflow",),
    "ProcessLoad": ("reference/test_reference_plant.py: test_the_reference_plant_agrees_with_energyplus",),
    "Pdu": ("test_catalog.py: test_a_power_device_has_the_efficiency_of_its_coefficients",),
    "Panel": ("test_catalog.py: test_a_power_device_has_the_efficiency_of_its_coefficients",),
    "Rectifier": (
        "checks_rectifiers.csv: curve_efficiency",
        "components/power/test_rectifier.py: test_a_rectifier_has_the_efficiency_of_its_curve",
    ),
    "Generator": ("checks_generators.csv: standby", "checks_generators.csv: litres_h"),
    "LithiumBattery": ("checks_batteries.csv: lithium_h", "checks_batteries.csv: calendar"),
    "SharedLithiumBattery": ("engine/test_onsite.py: test_ups_batteries_leave_the_ride_through_that_they_keep",),
    "StationaryBattery": (
        "engine/test_onsite.py: test_a_battery_adds_what_it_stores_and_nothing_else",
        "engine/test_onsite.py: test_a_daily_cycle_ages_a_battery_as_published",
    ),
    "Photovoltaics": ("engine/test_solar.py: test_a_kilowatt_in_golden_gives_the_published_year",),
    "SiteGenerator": ("engine/test_onsite.py: test_a_generator_burns_what_the_chart_says_and_exports_nothing",),
    "ScheduleRule": ("engine/test_onsite.py: test_a_daily_cycle_ages_a_battery_as_published",),
    "PriceRule": ("engine/test_onsite.py: test_a_battery_on_prices_buys_below_one_and_gives_above_the_other",),
    "EventRule": ("engine/test_onsite.py: test_a_generator_takes_its_time_to_start",),
    "PeakRule": ("engine/test_onsite.py: test_a_peak_is_shaved_in_the_step_in_which_it_occurs",),
    "SelfConsumptionRule": (
        "engine/test_onsite.py: test_self_consumption_neither_buys_nor_exports_what_it_could_keep",
    ),
    "RunSchedule": ("engine/test_onsite.py: test_a_generator_burns_what_the_chart_says_and_exports_nothing",),
    "RunPrice": ("engine/test_onsite.py: test_generators_run_in_the_dear_hours_alone",),
    "BackupRule": ("engine/test_supply.py: test_batteries_carry_the_load_until_the_generators_do",),
    "ChargeRule": ("engine/test_islands.py: test_sets_of_an_island_start_and_rest_by_the_charge_of_its_battery",),
    "Protection": (
        "engine/test_ride_through.py: test_servers_slow_down_then_shut_down_and_start_again_when_it_is_cool",
    ),
    "DeviceProtection": ("engine/test_ride_through.py: test_work_waits_while_protection_has_shut_its_devices_down",),
    "LeadBattery": ("checks_batteries.csv: lead_h", "checks_batteries.csv: lead_life"),
    "DirectReuse": ("checks_heat_pumps.csv: direct", "studies/test_reuse.py: test_erf_is_that_of_worked_examples"),
    "HeatPumpReuse": ("checks_heat_pumps.csv: cop", "checks_heat_pumps.csv: electricity"),
    "Ups": ("checks_losses.csv: ups_efficiency", "checks_losses.csv: ups_input_ratio"),
    "Transformer": ("checks_losses.csv: transformer_full_load", "checks_losses.csv: transformer_nll"),
    "Accelerators": (
        "engine/test_work.py: test_a_group_draws_what_its_devices_and_hosts_do",
        "components/it/test_hardware.py: test_public_figures_are_those_of_the_data_sheets",
    ),
    "SharedServers": ("engine/test_work.py: test_shared_servers_follow_their_table_with_their_own_load_and_the_work",),
    "StaticCap": (
        "engine/test_caps.py: test_a_v100_at_150_w_does_what_was_measured",
        "engine/test_caps.py: test_an_a100_under_a_cap_is_that_of_a_measured_cluster",
    ),
    "HourlyCap": ("engine/test_caps.py: test_a_cap_by_the_hour_follows_its_profile_in_civil_time",),
    "PriceCap": ("engine/test_caps.py: test_a_cap_by_price_limits_in_the_dear_hours_alone",),
    "CarbonCap": ("engine/test_caps.py: test_a_cap_by_carbon_limits_while_the_grid_emits_more",),
    "InletCap": ("engine/test_caps.py: test_hot_inlet_air_throttles_before_it_runs_away",),
    "FacilityCap": ("engine/test_caps.py: test_import_exceeds_a_facility_limit_by_no_more_than_overhead_grows",),
    "EventCap": ("engine/test_caps.py: test_the_facility_follows_the_grids_request_within_one_step",),
    "Inference": ("acceptance/test_hardware_data.py: test_every_row_of_the_h100_leaderboard_is_met_in_a_run",),
    "Compute": ("engine/test_work.py: test_delay_and_drops_are_those_of_a_plain_queue",),
    "Training": ("engine/test_work.py: test_gangs_run_whole_or_not_at_all",),
    "Placement": ("engine/test_work.py: test_places_are_filled_as_listed_by_work_per_joule_or_by_cost",),
    "PlannedShift": ("engine/test_shift.py: test_a_plan_is_followed_as_by_a_plain_queue",),
    "PriceShift": ("engine/test_shift.py: test_a_quantile_is_that_of_the_hours_ahead",),
    "CarbonShift": ("engine/test_shift.py: test_work_runs_in_the_clean_hours_that_the_window_knows",),
    "ValleyShift": ("engine/test_shift.py: test_a_valley_is_filled_to_its_target",),
    "SurplusShift": ("engine/test_shift.py: test_work_follows_what_the_sun_leaves_over",),
    "Lighting": ("engine/test_ledgers.py: test_all_power_leaves_as_heat",),
    "Auxiliary": ("engine/test_ledgers.py: test_all_power_leaves_as_heat",),
    "Meter": ("studies/test_kpis.py: test_energy_is_the_sum_of_the_series",),
}


@each_technology
def test_a_technology_has_a_reference_value(kind: type[Component]) -> None:
    assert REFERENCES.get(kind.__name__), "name the rows of a table, or a test, that hold its figures against others'"
    for reference in REFERENCES[kind.__name__]:
        file, _, name = reference.partition(": ")
        if file.endswith(".csv"):
            with (ROOT / "tests" / "reference" / file).open(encoding="utf-8", newline="") as table:
                assert name in {row["quantity"] for row in csv.DictReader(table)}, reference
        else:
            assert f"def {name}" in (ROOT / "tests" / file).read_text(encoding="utf-8"), reference


def test_references_are_of_technologies_that_exist() -> None:
    assert set(REFERENCES) == {kind.__name__ for kind in TECHNOLOGIES}


# --- energy balances --------------------------------------------------------------------------------------------

SIDES = ("electric", "supplies", "gives", "to_air", "from_air", "to_water", "from_water")


@each_technology
def test_what_enters_a_ledger_are_outputs_in_kw(kind: type[Component]) -> None:
    named = [name for side in SIDES for name in getattr(kind.ledger, side)]
    for name in filter(None, [*named, kind.draws, kind.loses]):
        assert name in kind.outputs, name
        assert unit_of(name) == "kW", name
    for store in kind.stores:
        assert store.state in kind.state
        assert unit_of(store.state) == ("degC" if store.capacity else "kWh")
        assert store.capacity is None or store.capacity in kind.parameter_shapes()
    if kind.draws and not kind.loses and not kind.end_uses:
        assert kind.draws in kind.ledger.electric, "what is drawn and not passed on is turned into heat here"
    assert set(kind.end_uses) <= set(kind.ledger.electric)


LEDGER_ENTRIES = [
    pytest.param(kind, side, id=f"{kind.__name__}-{side}")
    for kind in TECHNOLOGIES
    for side in SIDES
    if getattr(kind.ledger, side)
]


@pytest.mark.parametrize(("kind", "side"), LEDGER_ENTRIES)
def test_the_books_close_with_a_technology_and_not_without_it(kind: type[Component], side: str) -> None:
    for name in shipped_kinds()[kind]:
        o = outcome(name)
        c, sums = o.lowered.composition, o.sums
        lost = [c.y.index(m.path, f) for m in c.members if m.kind is kind for f in getattr(kind.ledger, side)]
        if sums[lost].sum() > 0:
            break
    through = sums[c.electric].sum()
    kept = np.array([i for i in getattr(c, side) if i not in lost], dtype=np.int64)
    dropped = dataclasses.replace(c, **{side: kept})
    broken = dataclasses.replace(o, lowered=dataclasses.replace(o.lowered, composition=dropped))
    assert max(map(abs, results.residuals_kwh(o))) < 1e-9 * through
    assert sums[lost].sum() > 0, "it takes no part in this case"
    assert max(map(abs, results.residuals_kwh(broken))) == pytest.approx(sums[lost].sum(), rel=1e-6)


@dataclasses.dataclass(frozen=True)
class Books:
    """Series and parameters of one run, by path."""

    o: simulating.Outcome

    def y(self, path: str, field: str) -> np.ndarray:
        return self.o.series[:, self.c.y.index(path, field)]

    def u(self, path: str, field: str) -> np.ndarray:
        return self.o.lowered.u[:, self.c.u.index(path, field)]

    def p(self, path: str, field: str) -> float:
        return float(self.o.lowered.p[self.c.p.index(path, field)])

    @property
    def c(self) -> Composition:
        return self.o.lowered.composition

    def at(self, *fields: str, below: str = "", **where: str) -> np.ndarray:
        """Sum over members below a path, or whose ``heat_to`` or ``fed_by`` is the given one."""
        found = [
            m for m in self.c.members if m.path.startswith(below) and all(getattr(m, k) == v for k, v in where.items())
        ]
        return sum(
            (self.y(m.path, f) for m in found for f in fields if f in m.kind.outputs), np.zeros(len(self.o.series))
        )

    def rise(self, path: str, field: str) -> np.ndarray:
        """Change of a store's temperature over each step, from the second on (the first is 0)."""
        return np.diff(self.y(path, field), prepend=self.y(path, field)[0])

    def into(self, place: str) -> np.ndarray:
        """Losses and loads that heat a place; those of devices that feed plants a step later."""
        heat = np.zeros(len(self.o.series))
        for m in self.c.members:
            if m.heat_to == place:
                heat = heat + self.y(m.path, "released_kw" if m.path in self.c.late else m.kind.loses)
        return heat


def hall_books(b: Books, path: str) -> tuple[np.ndarray, np.ndarray]:
    hall, dt_h = path.removesuffix(".air"), b.o.lowered.axis.dt_h
    heat = b.at("power_kw", below=f"{hall}.rack_groups.") + b.into(hall) + b.y(path, "fan_kw")
    stored = b.p(path, "air_kwh_per_k") * b.rise(path, "air_c") + b.p(path, "solid_kwh_per_k") * b.rise(path, "solid_c")
    return heat, b.y(path, "coil_kw") + stored / dt_h


def open_hall_books(b: Books, path: str) -> tuple[np.ndarray, np.ndarray]:
    """Exhaust, evaporation and mechanical cooling take what racks and fans give and stores do not keep."""
    heat, gone = hall_books(b, path)
    taken = b.y(path, "outdoor_kw") + b.y(path, "evaporation_kw") + b.y(path, "trim_kw")
    return heat, gone - b.y(path, "coil_kw") + taken


def exchanger_hall_books(b: Books, path: str) -> tuple[np.ndarray, np.ndarray]:
    """Exchanger and mechanical cooling take what racks and fans give and stores do not keep."""
    heat, gone = hall_books(b, path)
    return heat, gone - b.y(path, "coil_kw") + b.y(path, "exchanger_kw") + b.y(path, "trim_kw")


def moisture_books(b: Books, path: str) -> tuple[np.ndarray, np.ndarray]:
    """Water: what humidifiers and outdoor air bring leaves by the coil or stays in the air."""
    air = path.replace(".humidity", ".air")
    came = b.y(path, "humidifier_kg_s") + b.y(path, "outdoor_moisture_kg_s")
    stored_kg = b.p(air, "dry_air_kg") * b.rise(air, "humidity_kg_kg")
    return came, b.y(air, "condensate_kg_s") + stored_kg / (3600.0 * b.o.lowered.axis.dt_h)


def room_books(b: Books, path: str) -> tuple[np.ndarray, np.ndarray]:
    stored = b.p(path, "capacity_kwh_per_k") * b.rise(path, "temperature_c") / b.o.lowered.axis.dt_h
    return b.into(path) + b.y(path, "fan_kw"), b.y(path, "coil_kw") + stored


def plant_books(b: Books, path: str) -> tuple[np.ndarray, np.ndarray]:
    plant = path.split(".")[1]
    loads = [m for m in b.c.members if m.plant == plant and {p.at for p in m.kind.phases} & {"precool", "load"}]
    names = [(m.path, next(f for f in ("coil_kw", "load_kw", "heat_kw") if f in m.kind.outputs)) for m in loads]
    taken = sum(b.y(*one) for one in names)
    stored = b.p(path, "capacity_kwh_per_k") * b.rise(path, "supply_c") / b.o.lowered.axis.dt_h
    return taken + b.y(f"{path}.pump", "water_heat_kw"), b.y(path, "removed_kw") + stored


def condenser_books(b: Books, path: str) -> tuple[np.ndarray, np.ndarray]:
    plant = path.removesuffix(".condenser")
    free = b.at("heat_kw", below=f"{plant}.economizer")
    heat = b.at("cooling_kw", "water_heat_kw", below=f"{plant}.chillers.") + free + b.y(f"{path}.pump", "water_heat_kw")
    return heat, b.at("rejected_kw", below=f"{path}.towers.")


def chiller_books(b: Books, path: str) -> tuple[np.ndarray, np.ndarray]:
    return b.y(path, "power_kw") * b.p(path, "motor_frac"), b.y(path, "water_heat_kw")


def mapped_books(b: Books, path: str) -> tuple[np.ndarray, np.ndarray]:
    """Cooling over the map's COP is the power, and all of it goes to the condenser water."""
    load_frac = b.y(path, "cooling_kw") / b.p(path, "rated_kw")
    read = zip(load_frac.tolist(), b.y(path, "entering_c").tolist(), strict=True)
    cop = np.array([water_cooled_cop(plr, entering_c)[0] for plr, entering_c in read])
    return b.y(path, "cooling_kw") / cop / (1.0 + b.p(path, "cop_error_frac")), b.y(path, "water_heat_kw")


def economizer_books(b: Books, path: str) -> tuple[np.ndarray, np.ndarray]:
    return b.y(path, "heat_kw"), b.y(path.removesuffix(".economizer"), "free_kw")


def chilled_books(b: Books, path: str) -> tuple[np.ndarray, np.ndarray]:
    """Chillers whose heat goes straight outdoors: what they take is what the plant removes without free cooling."""
    plant = path.split(".chillers.")[0]
    return b.y(plant, "removed_kw") - b.y(plant, "free_kw"), b.at("cooling_kw", below=f"{plant}.chillers.")


def precooler_books(b: Books, path: str) -> tuple[np.ndarray, np.ndarray]:
    """What it takes is what the plant removes without economizer and heat reuse (and, here, without chillers)."""
    plant = path.removesuffix(".precooler")
    others = b.y(plant, "free_kw") + b.at("source_kw", below=f"{plant}.heat_reuse")
    return b.y(plant, "removed_kw") - others, b.y(path, "heat_kw")


def central_books(b: Books, path: str) -> tuple[np.ndarray, np.ndarray]:
    """Power of the central plant for what the site's plant removes without free cooling."""
    plant = path.split(".chillers.")[0]
    return (b.y(plant, "removed_kw") - b.y(plant, "free_kw")) / b.p(path, "plant_cop"), b.y(path, "power_kw")


def coolant_books(b: Books, path: str) -> tuple[np.ndarray, np.ndarray]:
    stored = b.p(path, "coolant_kwh_per_k") * b.rise(path, "supply_c") / b.o.lowered.axis.dt_h
    racks = b.at("liquid_heat_kw", below=path.removesuffix("liquid"))
    return racks + b.y(path, "pump_kw"), b.y(path, "heat_kw") + stored


def cooler_books(b: Books, path: str) -> tuple[np.ndarray, np.ndarray]:
    return b.y(path.split(".towers.")[0], "heat_kw"), b.at("rejected_kw", below=path.rsplit(".", 1)[0])


def storage_books(b: Books, path: str) -> tuple[np.ndarray, np.ndarray]:
    cold = b.y(path, "cold_frac")
    heat = b.p(path, "tank_kwh_per_k") * (cold * b.y(path, "cold_c") + (1.0 - cold) * b.y(path, "warm_c"))
    came = b.y(path, "gain_kw") + b.y(path, "discharge_kw") - b.y(path, "charge_kw")
    return came, np.diff(heat, prepend=heat[0]) / b.o.lowered.axis.dt_h


def pad_books(b: Books, path: str) -> tuple[np.ndarray, np.ndarray]:
    return b.y(path, "make_up_m3_h"), b.y(path, "evaporation_m3_h") + b.y(path, "blowdown_m3_h")


def pump_books(b: Books, path: str) -> tuple[np.ndarray, np.ndarray]:
    return b.y(path, "power_kw") * b.p(path, "heat_to_water_frac"), b.y(path, "water_heat_kw")


def tower_books(b: Books, path: str) -> tuple[np.ndarray, np.ndarray]:
    """Water: what is made up leaves as vapour, drift and blowdown. Its heat is in the condenser's books."""
    return b.y(path, "make_up_m3_h"), sum(b.y(path, f"{w}_m3_h") for w in ("evaporation", "drift", "blowdown"))


def device_books(b: Books, path: str) -> tuple[np.ndarray, np.ndarray]:
    drawn = [(m.path, m.kind.draws) for m in b.c.members if m.fed_by == path.removeprefix("power.") and m.kind.draws]
    return b.y(path, "input_kw"), sum(b.y(*one) for one in drawn) + b.y(path, "loss_kw")


def meter_books(b: Books, path: str) -> tuple[np.ndarray, np.ndarray]:
    used = [(m.path, name) for m in b.c.members for name in m.kind.ledger.electric]
    return b.y(path, "import_kw"), sum(b.y(*one) for one in used)


def load_books(b: Books, path: str) -> tuple[np.ndarray, np.ndarray]:
    return b.y(path, "power_kw"), np.full(len(b.o.series), b.p(path, "power_kw"))


def standby_books(b: Books, path: str) -> tuple[np.ndarray, np.ndarray]:
    """Sets that do not run draw standby power; fuel of those that do is power and heat."""
    resting = b.p(path, "units_count") - b.y(path, "running_count")
    drawn_kw = b.p(path, "rated_kw") * b.p(path, "standby_frac") * resting
    burnt = b.y(path, "generated_kw") + b.y(path, "waste_heat_kw")
    return b.y(path, "power_kw") + b.y(path, "fuel_kw"), drawn_kw + burnt


def lithium_books(b: Books, path: str) -> tuple[np.ndarray, np.ndarray]:
    """Energy between the limits of charge is the load's over the ride-through, and what the discharge loses."""
    window = b.p(path, "float_soc_frac") - b.p(path, "least_soc_frac")
    load_kwh = b.y(path.removesuffix(".battery"), "output_kw") * b.y(path, "ride_through_min") / 60
    kept_kwh = np.full(len(b.o.series), b.p(path, "available_kwh") * window)
    return kept_kwh, load_kwh / b.p(path, "discharge_efficiency_frac")


def lead_books(b: Books, path: str) -> tuple[np.ndarray, np.ndarray]:
    """Peukert: time times power to the exponent is the same at every load."""
    cells_kw = b.y(path.removesuffix(".battery"), "output_kw") / b.p(path, "discharge_efficiency_frac")
    rated_h, exponent = b.p(path, "rated_duration_h"), b.p(path, "exponent")
    constant = rated_h * (b.p(path, "available_kwh") / rated_h) ** exponent
    return np.full(len(b.o.series), constant), b.y(path, "ride_through_min") / 60 * cells_kw**exponent


def reuse_books(b: Books, path: str) -> tuple[np.ndarray, np.ndarray]:
    """The loop gives what goes to the network less electricity; the plant removes the rest by other ways."""
    plant = path.removesuffix(".heat_reuse")
    chilled = b.at("cooling_kw", below=f"{plant}.chillers.")
    source = b.y(plant, "removed_kw") - b.y(plant, "free_kw") - chilled
    return b.y(path, "reused_kw"), source + b.at("power_kw", below=path)


def limit_books(told: Callable[[Books, str], np.ndarray]) -> Callable[[Books, str], tuple[np.ndarray, np.ndarray]]:
    """A cap's limit is what its rule says of what it follows."""
    return lambda b, path: (told(b, path), b.y(path, "limit_frac"))


def threshold(field: str, bound: str) -> Callable[[Books, str], np.ndarray]:
    """The limit while an input is above a bound."""
    return lambda b, path: np.where(b.u(path, field) > b.p(path, bound), b.p(path, "limit_frac"), 1.0)


def inlet_limit(b: Books, path: str) -> np.ndarray:
    """Throttling with the air of the step before: none at the start, the limit at the end of the span."""
    air_c = np.roll(b.y(f"{path.split('.rack_groups.')[0]}.air", "air_c"), 1)
    share = np.clip((air_c - b.p(path, "start_c")) / b.p(path, "span_k"), 0.0, 1.0)
    return 1.0 - (1.0 - b.p(path, "limit_frac")) * share


def import_before(b: Books) -> np.ndarray:
    return np.roll(b.y("grid.meter", "import_kw"), 1)


def facility_books(b: Books, path: str) -> tuple[np.ndarray, np.ndarray]:
    return np.maximum(import_before(b) - b.p(path, "import_kw"), 0.0), b.y(path, "over_kw")


def event_books(b: Books, path: str) -> tuple[np.ndarray, np.ndarray]:
    """Import of the step before above what the grid leaves of the baseline; nothing without an event."""
    wanted = b.y(path, "baseline_kw") * (1.0 - b.u(path, "depth_frac"))
    return b.y(path, "called") * np.maximum(import_before(b) - wanted, 0.0), b.y(path, "over_kw")


def work_books(b: Books, path: str) -> tuple[np.ndarray, np.ndarray]:
    """What arrives, and what is lost and done again, is done, dropped or waits."""
    waits = b.rise(path, "queue_count") / b.o.lowered.axis.dt_h
    came = b.y(path, "arrived_per_h") + b.y(path, "lost_per_h")
    return came, b.y(path, "served_per_h") + b.y(path, "dropped_per_h") + waits


def place_books(b: Books, path: str) -> tuple[np.ndarray, np.ndarray]:
    work = path.split(".runs_on.")[0]
    return b.y(work, "served_per_h"), b.at("served_per_h", below=f"{work}.runs_on.")


def stationary_books(b: Books, path: str) -> tuple[np.ndarray, np.ndarray]:
    """What is taken less given less lost is stored."""
    stored = b.p(path, "energy_kwh") * b.rise(path, "soc_frac") / b.o.lowered.axis.dt_h
    return b.y(path, "charge_kw"), b.y(path, "discharge_kw") + b.y(path, "loss_kw") + stored


def shared_books(b: Books, path: str) -> tuple[np.ndarray, np.ndarray]:
    """What the feed gives and the load gets not is monitoring, loss or stored."""
    stored = b.p(path, "available_kwh") * b.rise(path, "soc_frac") / b.o.lowered.axis.dt_h
    kept = b.y(path, "float_kw") + b.y(path, "loss_kw") + stored
    return b.y(path, "net_kw") + b.y(path, "support_kw"), kept + b.y(path, "support_kw")


def running_books(b: Books, path: str) -> tuple[np.ndarray, np.ndarray]:
    """Fuel is power and heat; sets that did not run in the last step are kept warm."""
    resting = b.p(path, "units_count") - np.roll(b.y(path, "running_count"), 1)
    warm = b.p(path, "rated_kw") * b.p(path, "standby_frac") * resting
    burnt = b.y(path, "generated_kw") + b.y(path, "waste_heat_kw")
    return b.y(path, "standby_kw") + b.y(path, "fuel_kw"), warm + burnt


def solar_books(b: Books, path: str) -> tuple[np.ndarray, np.ndarray]:
    return b.o.lowered.u[:, b.c.u.index(path, "available_kw")], b.y(path, "generated_kw")


def order_books(b: Books, path: str) -> tuple[np.ndarray, np.ndarray]:
    """What a battery does is what its rule orders, but for what it is short of and what there is no room for."""
    battery = path.removesuffix(".control")
    unit = "ordered_kw" if "ordered_kw" in dict(b.c.y.types[path].fields) else "ordered_frac"
    scale = 1.0 if unit == "ordered_kw" else b.p(battery, "rate_per_h") * b.p(battery, "energy_kwh")
    wanted = np.minimum(b.y(path, unit) * scale, 0.0)
    return wanted, -b.y(battery, "discharge_kw") - b.y(battery, "short_kw")


def call_books(b: Books, path: str) -> tuple[np.ndarray, np.ndarray]:
    """Sets that run are those that are called, but for the time that they take to start."""
    sets = path.removesuffix(".control")
    if "support_kw" in dict(b.c.y.types[sets].fields):  # a UPS: share of its load
        load_kw = b.y(sets.removesuffix(".battery"), "output_kw")
        return b.y(path, "called_frac") * load_kw, b.y(sets, "support_kw") + b.y(sets, "short_kw")
    called, dt_h = b.y(path, "called_frac"), b.o.lowered.axis.dt_h
    starting = np.where(np.roll(called, 1) > 0.0, 0.0, np.minimum(b.p(sets, "start_min") / 60 / dt_h, 1.0))
    return called * b.p(sets, "units_count") * (1.0 - starting), b.y(sets, "running_count")


def protection_books(b: Books, path: str) -> tuple[np.ndarray, np.ndarray]:
    """What is not lost of a group's work is its share that runs, at its speed."""
    return np.ones(len(b.o.series)), b.y(path, "lost_frac") + b.y(path, "running_frac") * b.y(path, "speed_frac")


def process_books(b: Books, path: str) -> tuple[np.ndarray, np.ndarray]:
    plant = path.split(".process.")[0]
    return b.y(path, "heat_kw"), b.y(plant, "load_kw") - b.y(f"{plant}.pump", "water_heat_kw")


def rack_books(b: Books, path: str) -> tuple[np.ndarray, np.ndarray]:
    """All power leaves with coolant or with air: flow x 1.006 kJ/kgK x rise (ASHRAE Fundamentals 2017 ch. 1)."""
    rise = b.y(path, "outlet_c") - b.y(path, "inlet_c")
    return b.y(path, "power_kw"), b.y(path, "flow_kg_s") * 1.006 * rise + b.y(path, "liquid_heat_kw")


def blade_books(b: Books, path: str) -> tuple[np.ndarray, np.ndarray]:
    """Power is that of the nodes and switches, and what their converters and rectifiers lose."""
    cpu, gpu = (
        b.p(path, f"{part}_idle_w")
        + (b.p(path, f"{part}_peak_w") - b.p(path, f"{part}_idle_w")) * b.y(path, f"{part}_utilisation_frac")
        for part in ("cpu", "gpu")
    )
    fixed_w = b.p(path, "memory_w") + b.p(path, "network_cards_count") * b.p(path, "network_card_w")
    node_w = b.p(path, "cpus_count") * cpu + b.p(path, "gpus_count") * gpu + fixed_w + b.p(path, "drives_w")
    switches_w = b.p(path, "switches_per_chassis_count") * b.p(path, "switch_w")
    used_kw = b.p(path, "chassis_count") * (b.p(path, "nodes_per_chassis_count") * node_w + switches_w) / 1000
    return b.y(path, "power_kw"), used_kw + b.y(path, "psu_loss_kw")


def bath_books(b: Books, path: str) -> tuple[np.ndarray, np.ndarray]:
    came, went = coolant_books(b, path)
    return came, went + b.y(path, "tank_loss_kw")


def door_books(b: Books, path: str) -> tuple[np.ndarray, np.ndarray]:
    """What the racks' air gives up on its way through the doors, and what the plant gets of it."""
    assert b.p(path, "racks_frac") == 1.0
    hall = path.removesuffix("rear_doors")
    air_kw_per_k = b.at("flow_kg_s", below=f"{hall}rack_groups.") * (1.006 + 1.86 * b.y(f"{hall}air", "humidity_kg_kg"))
    cooled = air_kw_per_k * (b.y(path, "exhaust_c") - b.y(path, "leaving_c"))
    return cooled + b.y(path, "pump_kw"), b.y(path, "load_kw")


def shift_books(
    wanted: Callable[[Books, str, np.ndarray], np.ndarray],
) -> Callable[[Books, str], tuple[np.ndarray, np.ndarray]]:
    """What is there is held back, but for what the policy wants and what would be late; steps of an hour."""

    def books(b: Books, path: str) -> tuple[np.ndarray, np.ndarray]:
        work = path.removesuffix(".shift")
        there = np.roll(b.y(work, "queue_count"), 1) + b.y(work, "arrived_per_h")
        due = np.maximum(there - b.u(work, "recent_count"), 0.0)
        released = np.minimum(np.maximum(wanted(b, path, there), due), there)
        return there, b.y(path, "held_count") + released

    return books


def by_plan(b: Books, path: str, there: np.ndarray) -> np.ndarray:
    return b.u(path, "planned_per_h") + np.roll(b.y(path, "behind_count"), 1)


def by_window(b: Books, path: str, there: np.ndarray) -> np.ndarray:
    return b.u(path, "allowed_frac") * there


def by_room(b: Books, path: str, there: np.ndarray) -> np.ndarray:
    served, seen = (
        np.roll(b.y(path.removesuffix(".shift"), "served_per_h"), 1),
        np.roll(b.y("grid.meter", "import_kw"), 1),
    )
    room = b.p(path, "share_frac") * (b.p(path, "import_kw") - seen)
    return np.maximum(served + room / b.p(path, "kw_per_rate"), 0.0)


def by_surplus(b: Books, path: str, there: np.ndarray) -> np.ndarray:
    served = np.roll(b.y(path.removesuffix(".shift"), "served_per_h"), 1)
    net = b.y("grid.meter", "import_kw") - b.y("grid.meter", "export_kw") - b.y("grid.meter", "curtailed_kw")
    return np.maximum(served - b.p(path, "share_frac") * np.roll(net, 1) / b.p(path, "kw_per_rate"), 0.0)


BALANCES: dict[str, Callable[[Books, str], tuple[np.ndarray, np.ndarray]]] = {
    "Servers": rack_books, "Blades": blade_books, "Rectifier": device_books, "Generator": standby_books,
    "Crah": hall_books,
    "Crac": hall_books, "OutdoorAir": open_hall_books,
    "IndirectEvaporative": exchanger_hall_books, "Room": room_books, "ChilledWaterPlant": plant_books,
    "Condenser": condenser_books, "Chiller": chiller_books, "WarmChiller": chiller_books,
    "WatersideEconomizer": economizer_books,
    "ChilledWaterPump": pump_books, "CondenserPump": pump_books, "MerkelTower": tower_books,
    "YorkCalcTower": tower_books, "Pdu": device_books, "Panel": device_books, "Ups": device_books,
    "Transformer": device_books, "Meter": meter_books, "Lighting": load_books, "Auxiliary": load_books,
    "CopMapChiller": mapped_books, "AirCooledCopMapChiller": chilled_books,
    "ProcessLoad": process_books, "AirCooledChiller": chilled_books, "FreeCoolingCoil": economizer_books,
    "NaturalWaterRejection": cooler_books, "NaturalWaterEconomizer": economizer_books,
    "ChilledWaterStorage": storage_books,
    "DryCooler": cooler_books, "AdiabaticCooler": pad_books, "Cdu": coolant_books, "Immersion": bath_books,
    "LithiumBattery": lithium_books, "LeadBattery": lead_books, "DirectReuse": reuse_books,
    "HeatPumpReuse": reuse_books,
    "Accelerators": rack_books, "SharedServers": rack_books,
    "StaticCap": limit_books(lambda b, path: np.full(len(b.o.series), b.p(path, "limit_frac"))),
    "HourlyCap": limit_books(lambda b, path: b.u(path, "limit_frac")),
    "PriceCap": limit_books(threshold("price_per_kwh", "above_per_kwh")),
    "CarbonCap": limit_books(threshold("carbon_kgco2_per_kwh", "above_kgco2_per_kwh")),
    "InletCap": limit_books(inlet_limit), "FacilityCap": facility_books, "EventCap": event_books,
    "Inference": work_books, "Compute": work_books, "Training": work_books, "Placement": place_books,
    "StationaryBattery": stationary_books, "SharedLithiumBattery": shared_books, "SiteGenerator": running_books,
    "Photovoltaics": solar_books, "ScheduleRule": order_books, "PriceRule": order_books, "PeakRule": order_books,
    "SelfConsumptionRule": order_books, "EventRule": call_books, "RunSchedule": call_books, "RunPrice": call_books,
    "BackupRule": call_books, "ChargeRule": call_books,
    "Protection": protection_books, "DeviceProtection": protection_books,
    "PlannedShift": shift_books(by_plan), "PriceShift": shift_books(by_window),
    "CarbonShift": shift_books(by_window), "ValleyShift": shift_books(by_room), "SurplusShift": shift_books(by_surplus),
    "RearDoor": door_books,
    "TrackedHumidity": moisture_books,
    "Precooler": precooler_books,
    "CentralPlantWater": central_books,
}  # fmt: skip


@pytest.mark.parametrize("stressed", [False, True], ids=["calm", "stressed"])
@each_technology
def test_a_technologys_own_books_balance_in_every_step(kind: type[Component], stressed: bool) -> None:
    assert kind.__name__ in BALANCES, "state what comes in and what goes out"
    name, path = place_of(kind)
    came, went = (side[1:] for side in BALANCES[kind.__name__](Books(outcome(name, stressed)), path))
    assert np.abs(came).max() > 0
    np.testing.assert_allclose(went, came, rtol=1e-9, atol=1e-9 * np.abs(came).max())


def test_a_room_beyond_its_coils_settles_at_gain_over_conductance() -> None:
    """Closed form: T = T_water + gain / UA, with UA from the capacity at its design point (26 and 8.5 degC)."""
    ds = simulating.simulate(shipped("quickstart", *DAYS, "rooms.electrical.capacity_kw=8", "run.warmup_h=400"))
    found = {name: ds[name].values[0, 0] for name in ds.data_vars if ds[name].dims == ("scenario", "time")}
    gain = found["power.ups.loss_kw"] + found["power.mechanical.released_kw"] + found["rooms.electrical.fan_kw"]
    expected = found["plants.main.supply_c"] + gain / (8 / (26 - 8.5))
    assert found["rooms.electrical.temperature_c"] == pytest.approx(expected, abs=0.02)
    assert expected > 60


EFFICIENCY = {  # device -> its efficiency at half load: output / (output + loss), coefficients as shipped
    "power.pdu_ai": 0.5 / (0.5 + 0.0025 + 0.0125 * 0.25),
    "power.mechanical": 0.5 / (0.5 + 0.005 * 0.25),
    "power.ups": 0.5 / (0.5 * 1.03345),  # checks_losses.csv, ups_modern_input
    "power.main": 0.5 / (0.5 + 0.00126914 + 0.0103603 * 0.25),  # checks_losses.csv, transformer_nll and _ll
}
HALF = {"power.pdu_ai": "rated_kw", "power.mechanical": "rated_kw", "power.ups": "module_kw", "power.main": "rated_kva"}


@pytest.mark.parametrize("path", EFFICIENCY)
def test_a_power_device_has_the_efficiency_of_its_coefficients(path: str) -> None:
    """Rated so that it is half loaded in one hour of the run; that hour has the published efficiency."""
    size = {"power.ups": 7, "power.main": 2}.get(path, 1)
    loads = ("run.start=2025-07-07", "run.duration=1h", "run.warmup_h=30")
    first = simulating.simulate(shipped("quickstart", *loads))
    rating = 2 * float(first[f"{path}.output_kw"].values[0, 0]) / size
    ds = simulating.simulate(shipped("quickstart", *loads, f"{path}.{HALF[path]}={rating!r}"))
    output, input_kw = (float(ds[f"{path}.{end}_kw"].values[0, 0]) for end in ("output", "input"))
    assert float(ds[f"{path}.load_frac"].values[0, 0]) == pytest.approx(0.5, abs=2e-3)
    assert output / input_kw == pytest.approx(EFFICIENCY[path], abs=5e-5)


# --- names, units, words ----------------------------------------------------------------------------------------

FLAG = re.compile(r"^1: ")
SUMS = {"return_sum", "leaving_sum", "unused"}  # flow times temperature while a pass adds them up; nobody sees them
FIELDS = [
    pytest.param(owner, name, text, id=f"{owner.__name__}.{name}")
    for owner in [*TECHNOLOGIES, *nodes.Node.__subclasses__()]
    for group in ("inputs", "state", "outputs", "accumulated", "held")
    for name, text in getattr(owner, group, {}).items()
]


@pytest.mark.parametrize(("owner", "name", "text"), FIELDS)
def test_a_field_has_a_unit_or_is_a_flag_and_says_what_it_is(owner: type, name: str, text: str) -> None:
    assert unit_of(name) is not None or FLAG.match(text) or name in SUMS, (
        "state a unit as suffix, or `1: what it tells`"
    )
    assert len(text) > 4
    assert text[0].isupper() or text[0].isdigit()
    assert not text.endswith(".")
    assert text.replace(" ", "_").lower() != name, "the name once more says nothing"


@pytest.mark.parametrize("name", ["quickstart", "greensboro"])
def test_flags_are_0_or_1_and_fractions_stay_between_them(name: str) -> None:
    o = outcome(name)
    c = o.lowered.composition
    flags = {(m.path, f) for m in c.members for f, text in m.kind.outputs.items() if FLAG.match(text)}
    flags -= {(m.path, "stage_direction_count") for m in c.members}  # -1: down
    assert len(flags) > 15
    for path, field in flags:
        assert set(np.unique(o.series[:, c.y.index(path, field)])) <= {0.0, 1.0}, (path, field)
    fractions = [(m.path, f) for m in c.members for f in m.kind.outputs if f.endswith("_frac")]
    for path, field in fractions:
        values = o.series[:, c.y.index(path, field)]
        assert values.min() >= 0.0, (path, field)
        assert values.max() <= 1.2, (path, field)


def numbers(annotation: Any) -> Iterator[tuple[Any, ...]]:
    """Metadata of every number that an annotation holds."""
    if annotation in (int, float):
        yield ()
    elif typing.get_origin(annotation) is Annotated:
        inner, *marks = typing.get_args(annotation)
        spread = tuple(m for mark in marks for m in getattr(mark, "metadata", [mark]))
        yield from ((*spread, *more) for more in numbers(inner))
    elif typing.get_origin(annotation) in (typing.Union, types.UnionType, tuple, list):
        for part in typing.get_args(annotation):
            yield from numbers(part)


def is_bounded(marks: tuple[Any, ...]) -> bool:
    return any(hasattr(mark, bound) for mark in marks for bound in ("ge", "gt", "le", "lt"))


NO_UNIT = {  # numbers that are not quantities
    "FlatDemand.months", "Window.months", "Ratchet.counted_months", "Ratchet.lookback_months", "MonthlyProfile.day",
    "YearlyIntake.coldest_day", "FailureProfile.seed",
}  # fmt: skip


@each_spec
def test_a_spec_and_each_of_its_fields_say_what_they_are(spec: type[Spec]) -> None:
    assert spec.__doc__
    assert spec.__doc__.strip().splitlines()[0].endswith(".")
    assert spec.__doc__ != Spec.__doc__
    for name, field in spec.model_fields.items():
        assert field.description, f"{spec.__name__}.{name} has no docstring"
        assert field.description[0].isupper() or field.description[0].isdigit(), f"{spec.__name__}.{name}"
        assert field.description.rstrip().endswith((".", ")", ":")), f"{spec.__name__}.{name}: {field.description}"


@each_spec
def test_a_number_has_bounds_and_a_unit(spec: type[Spec]) -> None:
    for name, field in spec.model_fields.items():
        for marks in numbers(field.annotation):
            assert is_bounded((*marks, *field.metadata)), f"{spec.__name__}.{name} has no bounds"
            assert unit_of(name) or f"{spec.__name__}.{name}" in NO_UNIT, f"{spec.__name__}.{name} states no unit"


@each_spec
def test_a_default_satisfies_its_own_bounds(spec: type[Spec]) -> None:
    stated = {
        name: field for name, field in spec.model_fields.items() if isinstance(field.default, int | float | str | tuple)
    }
    if stated:
        fields = {name: (field.rebuild_annotation(), field) for name, field in stated.items()}
        one = create_model("Stated", __base__=Spec, **fields)
        read = one.model_validate({field.alias or name: field.default for name, field in stated.items()})
        assert all(getattr(read, name) == field.default for name, field in stated.items())


def test_exceptions_from_units_are_fields_that_exist() -> None:
    assert {f"{spec.__name__}.{name}" for spec in SPECS for name in spec.model_fields} >= NO_UNIT


# --- the engine knows them --------------------------------------------------------------------------------------


@each_technology
def test_its_phases_and_nodes_are_those_that_the_engine_knows(kind: type[Component]) -> None:
    known = {
        *program.FIRST,
        *program.SUPPLY,
        *BEFORE,
        *PLANT,
        *AFTER,
        *WITH_DEVICE,
        *LAST,
        *BATTERY,
        "convert",
        "meter",
    }
    assert kind.phases
    for phase in kind.phases:
        assert phase.at in known, f"the engine never comes to '{phase.at}'"
        assert 1 <= len(phase.nodes) <= 3
        assert set(phase.nodes) <= set(NODES)
        assert phase.run.__doc__, phase.run.__name__


def test_a_place_in_the_time_step_has_one_name_of_its_own() -> None:
    assert len(set(program.KNOWN)) == len(program.KNOWN)


@each_technology
def test_every_phase_of_a_technology_is_run(kind: type[Component]) -> None:
    """A loss is released from the last step only where it is known too late in this one; supply where it can fail."""
    name, path = place_of(kind)
    c = outcome(name).lowered.composition
    run = [i.phase.at for i in c.program if i.member.path == path]
    late = {m.path for m in program.late_devices(c.members)}
    left = {*(() if path in late else ("release",)), *(() if c.cut_at >= 0 else program.SUPPLY)}
    assert sorted(run) == sorted(phase.at for phase in kind.phases if phase.at not in left)


def test_every_place_of_a_time_step_is_taken_by_a_technology() -> None:
    used = {phase.at for kind in (*TECHNOLOGIES, Service) for phase in kind.phases}
    assert used >= {*BEFORE, *PLANT, *AFTER, *WITH_DEVICE, *LAST, *BATTERY, *GROUPS}
    assert all(to in PLANT and role in NODES for to, role, _ in GROUPS.values())
    assert all(name in {**NODES[role].held, **NODES[role].accumulated} for _, role, name in GROUPS.values())


def test_end_uses_of_all_technologies_are_figures() -> None:
    """A word that no figure takes up would be energy that the table does not show."""
    shown = {use for use, _ in END_USES.values()} | {"it"}
    used = {kind.end_uses.get(name, kind.end_use) for kind in TECHNOLOGIES for name in kind.ledger.electric}
    assert used == shown
    assert {*COOLING, *LOSSES} < shown


# --- one file and one word --------------------------------------------------------------------------------------


@compilable
def dream_reject(p, u, w, s, x, y, condenser, dt_h):  # type: ignore[no-untyped-def]
    """Water always leaves a stated number of kelvins above the wet bulb, at full fan."""
    share = y.design_kg_s / condenser.design_flow_kg_s
    y.water_kg_s = condenser.flow_kg_s * share
    y.rejected_kw = condenser.heat_kw * share
    y.leaving_c = w.wet_bulb_c + p.always_k
    y.air_ratio, y.fan_on_frac, y.clamped_count = 1.0, 1.0, 0.0
    condenser.leaving_sum += y.design_kg_s * y.leaving_c


class DreamTower(Tower):
    """A tower that no one can buy: its approach is what it says."""

    kind: Literal["dream"] = "dream"
    """Kind of heat rejection."""
    always_k: float = Field(3.0, ge=0, le=20)
    """Approach at any load and weather."""

    derived: ClassVar[dict[str, int]] = dict(Tower.shared)
    phases: ClassVar[tuple[Phase, ...]] = (
        Phase("rejection_offer", rejection_offer, ("condenser",)),
        Phase("reject", dream_reject, ("condenser",)),
        Phase("observe", fan_and_water, ("condenser",)),
    )

    def derive(self, around: Surroundings) -> dict[str, object]:
        """Nothing of its own."""
        return self.shared_parameters(FAN_CUBE)


def with_dream_tower() -> type[Scenario]:
    """The scenario's model with one word more in the union of towers."""
    union = Annotated[catalog_parts.AnyRejection | DreamTower, Field(discriminator="kind")]
    words = "Towers by name."
    towers = create_model("Condenser", __base__=Condenser, towers=(dict[str, union], Field(description=words)))
    plant = create_model("Plant", __base__=ChilledWaterPlant, condenser=(towers, Field(description="Condenser loop.")))
    plants = (dict[str, plant], Field(description="Plants by name."))  # type: ignore[valid-type]
    return create_model("Scenario", __base__=Scenario, plants=plants)


TOWERS = """
{cells: {kind: dream, always_k: 5, water_flow_m3_s: 0.087, air_flow_m3_s: 52.5, fan_kw: 20, design_wet_bulb_c: 26}}
"""


@pytest.fixture
def dream(monkeypatch: pytest.MonkeyPatch) -> xr.Dataset:
    model = with_dream_tower()
    monkeypatch.setattr("twin.scenario.resolved.Scenario", model)
    overrides = (*DAYS, f"plants.main.condenser.towers={TOWERS.strip()}")
    return simulating.simulate(read_model(model, SCENARIOS["quickstart"], overrides))


def test_a_new_technology_runs_with_one_class_and_one_word(dream: xr.Dataset) -> None:
    cells = "plants.main.condenser.towers.cells"
    np.testing.assert_allclose(dream[f"{cells}.leaving_c"], dream["weather.wet_bulb_c"] + 5.0, rtol=1e-12)
    assert dream[f"{cells}.leaving_c"].attrs == {"units": "degC", "long_name": f"Water leaving ({cells})"}
    assert "always_k: 5.0" in str(dream["scenario_yaml"].values[0])


def test_a_new_technologys_books_close_and_its_energy_is_in_the_figures(dream: xr.Dataset) -> None:
    figures = {name: metric["value"] for name, metric in kpis(dream).items()}
    assert figures["energy_balance_residual_frac"] < 1e-9
    assert figures["tower_fan_energy_kwh"] == pytest.approx(20 * 8 * 24, rel=1e-6)
    assert figures["water_use_m3"] > 100


def test_a_new_technology_gives_the_same_bits_in_plain_python() -> None:
    scenario = read_model(with_dream_tower(), SCENARIOS["quickstart"], (
        "run.start=2025-03-20", "run.duration=12h", "run.warmup_h=2", f"plants.main.condenser.towers={TOWERS.strip()}",
    ))  # fmt: skip
    plain, compiled = (simulating.simulate(scenario, engine=engine) for engine in ("plain", "auto"))
    np.testing.assert_array_equal(plain["total"].values, compiled["total"].values)


def test_without_the_word_it_is_refused_by_name() -> None:
    with pytest.raises(simulating.InputError, match=r"must be one of merkel, yorkcalc.*got 'dream'"):
        read_scenario(SCENARIOS["quickstart"], (f"plants.main.condenser.towers={TOWERS.strip()}",))


def test_a_composition_is_built_once_for_equal_sites() -> None:
    one, two = (members_of(shipped("quickstart", f"halls.ai.air.supply_air_c={t}")) for t in (21, 24))
    assert compose(one) is compose(two)
    assert len(program.build(one)) == len(compose(one).program)
