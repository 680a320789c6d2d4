"""The ten archetypes of Lei & Masanet 2022: their files, what is published of them, and years of them by climate."""

from __future__ import annotations

import csv
import functools
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pytest
import xarray as xr

from tests.reference.energyplus import EnergyPlusUnavailable, weather_file
from twin.engine.simulate import simulate
from twin.physics.fluids import station_pressure_pa
from twin.scenario.model import Scenario
from twin.scenario.reading import read_scenario
from twin.series.weather import read_weather
from twin.studies.kpis import kpis
from twin.units import L_PER_M3, SEA_LEVEL_PA, SECONDS_PER_HOUR, WATER_CP_KJ_KG_K, WATER_KG_M3

HERE = Path(__file__).parent
FOLDER = HERE.parents[1] / "scenarios" / "archetypes"
BANDS, MIDPOINTS = "archetype_bands.csv", "archetype_midpoints.csv"
MEDIANS, BESIDE = "archetype_medians.csv", "archetype_beside.csv"
YEAR = 2025
GREENSBORO, SAND_POINT = "pvlib:723170TYA.CSV", "pvlib:703165TY.csv"
# Weather at hand by climate zone: files of pvlib, or parts of the names of those of EnergyPlus; none for zone 6A. Sand
# Point is in zone 7, but maritime: reported, not held against the band.
SITES = {
    "Tampa": "2A", "Orlando": "2A", "Las.Vegas": "3B", "Fresno": "3B", GREENSBORO: "4A", "Sterling": "4A",
    "Newark": "4A", "Chicago": "5A", "Univ": "5A", "Denver": "5B", "Boulder": "5B", "Golden": "5B",
}  # fmt: skip
TYPICAL = {
    "2A": "Tampa",
    "3B": "Las.Vegas",
    "4A": "Sterling",
    "5A": "Chicago",
    "5B": "Boulder",
}  # one city of each zone
APART = "wue_windage_apart_l_per_kwh"  # WUE with windage and all of the blowdown
WITH_WATER = (2, 4, 5, 8)  # cases whose water the authors and we count alike, up to the heat that evaporates it
WINDAGE_FRAC = 0.002525  # of the water flow, middle of the range
CONDENSER_RANGE_K = 5.0  # middle of the range
CYCLES = {2: 9.0, 4: 7.5, 5: 7.5, 8: 7.5}  # cycles of concentration, middle of the ranges
SENSIBLE_FRAC = 0.97  # sensible heat ratio, middle of the range .95-.99
HUMIDIFIED_KJ_KG = 2266.0  # heat with which they turn latent heat into the humidifiers' water (simulation_funs_DC.py)


@dataclass(frozen=True)
class Band:
    """5th and 95th percentile of what the authors' samples of one case give in one climate zone."""

    low: float
    high: float

    def holds(self, value: float) -> bool:
        """Whether a value lies in it."""
        return self.low <= value <= self.high

    @property
    def middle(self) -> float:
        """Halfway between its ends."""
        return (self.low + self.high) / 2.0

    @property
    def half(self) -> float:
        """Half its width."""
        return (self.high - self.low) / 2.0


def rows(table: str) -> list[dict[str, str]]:
    """Rows of a table beside this file."""
    with (HERE / table).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@functools.cache
def bands() -> dict[tuple[str, int, str], Band]:
    """(quantity, case, zone) -> band."""
    return {
        (row["quantity"], int(row["case"]), row["climate_zone"]): Band(float(row["p5"]), float(row["p95"]))
        for row in rows(BANDS)
    }


@functools.cache
def beside() -> dict[tuple[str, int, str], dict[str, str]]:
    """(quantity, case, site) -> figure that is not inside its band, and why."""
    return {(row["quantity"], int(row["case"]), row["site"]): row for row in rows(BESIDE)}


@functools.cache
def files() -> dict[int, Path]:
    """The scenario of each case."""
    return {int(path.stem[:2]): path for path in sorted(FOLDER.glob("*.yaml"))}


def places(cases: Iterable[int], sites: tuple[str, ...] = tuple(SITES)) -> list[object]:
    """Parameters (case, site) of a test; skipped where the weather is not there."""
    missing = pytest.mark.skip(reason="the weather comes with pyenergyplus-lbnl, which is not installed")
    return [
        pytest.param(case, site, id=f"{case}-{site.removeprefix('pvlib:')}", marks=() if available(site) else missing)
        for case in cases
        for site in sites
    ]


def scenario(case: int, site: str = GREENSBORO, *overrides: str) -> Scenario:
    """A case in the weather of a site, its fans sized there; EnergyPlusUnavailable where that weather is not there."""
    weather = site if site.startswith("pvlib:") else str(weather_file(site))
    pressure_ratio = station_pressure_pa(read_weather(weather, YEAR).elevation_m) / SEA_LEVEL_PA
    thin = thin_air(files()[case], pressure_ratio)
    return read_scenario(files()[case], (f"weather.file={weather}", *thin, *overrides))


def thin_air(path: Path, pressure_ratio: float) -> list[str]:
    """Overrides that keep temperature rise, fan pressure and liquid-to-gas ratio at their midpoints at altitude.

    Air flows are volumes and rated at sea level: the same heat at the same rise takes more of thinner air.
    """
    site = read_scenario(path)
    hall = site.halls["hall"]
    changed = {"halls.hall.rack_groups.racks.air_rise_k": hall.rack_groups["racks"].air_rise_k * pressure_ratio}
    for field in ("airflow_m3_s", "fan_pressure_pa"):
        changed[f"halls.hall.air.{field}"] = getattr(hall.air, field) / pressure_ratio
    for name, coil in (("", hall.air), (".trim", getattr(hall.air, "trim", None))):
        if hasattr(coil, "coil_capacity_kw"):  # stated at the air flow of sea level, too
            changed[f"halls.hall.air{name}.coil_capacity_kw"] = coil.coil_capacity_kw / pressure_ratio
    if site.plants and site.plants["main"].condenser:
        for field in ("air_flow_m3_s", "fan_kw"):
            value = getattr(site.plants["main"].condenser.towers["cells"], field) / pressure_ratio
            changed[f"plants.main.condenser.towers.cells.{field}"] = value
    return [f"{name}={value!r}" for name, value in changed.items()]


def available(site: str) -> bool:
    """Whether the weather of a site is there."""
    try:
        return site.startswith("pvlib:") or weather_file(site).exists()
    except EnergyPlusUnavailable:
        return False


@functools.cache
def year(case: int, site: str) -> dict[str, float]:
    """Key figures of a year, and its WUE on the heat that the authors count."""
    return figures(simulate(scenario(case, site), keep="none"), case)


@functools.cache
def steady(case: int, dry_bulb_c: float, humidity_pct: float) -> dict[str, float]:
    """Key figures of a day in one weather at sea level."""
    hours = (f"{YEAR}-01-{day:02d} {hour:02d}:00" for day in (1, 2, 3) for hour in range(24))
    lines = [f"{hour},{dry_bulb_c},{humidity_pct},{SEA_LEVEL_PA:g}" for hour in hours]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "steady.csv"
        path.write_text("\n".join(["time,dry_bulb_c,rh_pct,pressure_pa", *lines, ""]), encoding="utf-8")
        weather = f"weather={{file: {path}, utc_offset_h: -5, typical: false}}"
        return figures(simulate(read_scenario(files()[case], (weather, "run.duration=24h"))), case)


def figures(results: xr.Dataset, case: int) -> dict[str, float]:
    """Key figures of a run, and its WUE on the heat that the authors count."""
    found = {name: metric["value"] for name, metric in kpis(results).items()}
    if case in WITH_WATER:
        found["wue_on_their_heat_l_per_kwh"] = wue_on_their_heat(results, found, case)
        whole_m3 = found["water_evaporated_m3"] / (CYCLES[case] - 1.0) - found["water_blowdown_m3"]
        found[APART] = found["wue_l_per_kwh"] + whole_m3 * L_PER_M3 / found["it_energy_kwh"]
    return found


def wue_on_their_heat(results: xr.Dataset, found: dict[str, float], case: int) -> float:
    """WUE if only the heat that the authors count evaporated, and the water ran at the middle of its stated range.

    They count IT, UPS, PDU, lighting, what coils take beside as moisture (sensible heat ratio), and compressors; fans
    and pumps are left out. To it comes what humidifiers give back (2266 kJ/kg). Blowdown is what windage leaves of
    evaporation / (cycles - 1).
    """
    total = dict(zip(results["output"].values.tolist(), results["total"].values[0].tolist(), strict=True))
    it_kwh, rejected_kwh = found["it_energy_kwh"], total["plants.main.condenser.heat_kw"]
    compressors = 1.0 + found.get("chiller_energy_kwh", 0.0) / total["plants.main.load_kw"]
    hall_kwh = sum(found[f"{name}_kwh"] for name in ("it_energy", "ups_loss", "pdu_loss", "lighting_energy"))
    heat_kwh = hall_kwh / SENSIBLE_FRAC * compressors
    evaporated_m3 = heat_kwh / rejected_kwh * found["water_evaporated_m3"]
    windage_m3 = WINDAGE_FRAC * heat_kwh * SECONDS_PER_HOUR / (WATER_CP_KJ_KG_K * CONDENSER_RANGE_K * WATER_KG_M3)
    blown_m3 = max(evaporated_m3 / (CYCLES[case] - 1.0) - windage_m3, 0.0)
    humidified_m3 = hall_kwh * (1.0 / SENSIBLE_FRAC - 1.0) * SECONDS_PER_HOUR / HUMIDIFIED_KJ_KG / WATER_KG_M3
    return (evaporated_m3 + windage_m3 + blown_m3 + humidified_m3) * L_PER_M3 / it_kwh
