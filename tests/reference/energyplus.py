"""EnergyPlus 25.2 as an independent witness: runs the reference plant for a year and reads the answers back.

The engine comes with ``pip install pyenergyplus-lbnl`` (26.1.0 reports EnergyPlus 25.2.0), together with 16 TMY3
files. It runs in a child process and in a temporary folder; nothing stays behind.

Command line::

    python -m tests.reference.energyplus chicago                      # annual figures of one site
    python -m tests.reference.energyplus chicago --load-kw 500 --tower merkel --converged
    python -m tests.reference.energyplus --store                      # run all cases, write the table of answers
"""

from __future__ import annotations

import argparse
import importlib.util
import io
import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pandas as pd

from tests.reference.energyplus_plant import TOWER_MIN_AIR_RATIO, Plant, epjson

ANSWERS = Path(__file__).parent / "energyplus_reference_plant.csv"
STORE_COMMAND = "python -m tests.reference.energyplus --store"
SITE, CHILLER, TOWER, PUMP = "Environment|Site Outdoor Air", "CHILLER|Chiller", "TOWER|Cooling Tower", "Pump"
# column: (key|EnergyPlus variable, factor to the unit in the column's name)
VARIABLES = {
    "outdoor_dry_bulb_c": (f"{SITE} Drybulb Temperature", 1.0),
    "outdoor_wet_bulb_c": (f"{SITE} Wetbulb Temperature", 1.0),
    "outdoor_humidity_kg_kg": (f"{SITE} Humidity Ratio", 1.0),
    "outdoor_pressure_pa": (f"{SITE} Barometric Pressure", 1.0),
    "chiller_electricity_kw": (f"{CHILLER} Electricity Rate", 1e-3),
    "chiller_cop": (f"{CHILLER} COP", 1.0),
    "evaporator_heat_kw": (f"{CHILLER} Evaporator Cooling Rate", 1e-3),
    "condenser_heat_kw": (f"{CHILLER} Condenser Heat Transfer Rate", 1e-3),
    "entering_chilled_water_c": (f"{CHILLER} Evaporator Inlet Temperature", 1.0),
    "leaving_chilled_water_c": (f"{CHILLER} Evaporator Outlet Temperature", 1.0),
    "entering_condenser_water_c": (f"{CHILLER} Condenser Inlet Temperature", 1.0),
    "leaving_condenser_water_c": (f"{CHILLER} Condenser Outlet Temperature", 1.0),
    "condenser_water_kg_s": (f"{CHILLER} Condenser Mass Flow Rate", 1.0),
    "chilled_water_pump_kw": (f"CHW PUMP|{PUMP} Electricity Rate", 1e-3),
    "condenser_water_pump_kw": (f"CW PUMP|{PUMP} Electricity Rate", 1e-3),
    "tower_set_point_c": ("CW SUPPLY OUT|System Node Setpoint Temperature", 1.0),
    "tower_entering_water_c": (f"{TOWER} Inlet Temperature", 1.0),
    "tower_leaving_water_c": (f"{TOWER} Outlet Temperature", 1.0),
    "tower_heat_kw": (f"{TOWER} Heat Transfer Rate", 1e-3),
    "tower_fan_kw": (f"{TOWER} Fan Electricity Rate", 1e-3),
    "tower_air_ratio": (f"{TOWER} Air Flow Rate Ratio", 1.0),
    "make_up_m3": (f"{TOWER} Make Up Water Volume", 1.0),
    "evaporation_m3": (f"{TOWER} Water Evaporation Volume", 1.0),
    "drift_m3": (f"{TOWER} Water Drift Volume", 1.0),
    "blowdown_m3": (f"{TOWER} Water Blowdown Volume", 1.0),
}
MERKEL_NAMES = {"tower_air_ratio": (f"{TOWER} Fan Speed Ratio", 1.0)}  # the same quantity under another name
_CHILD = """
import sys
from pyenergyplus.api import EnergyPlusAPI
api = EnergyPlusAPI()
state = api.state_manager.new_state()
api.runtime.set_console_output_status(state, False)
sys.exit(api.runtime.run_energyplus(state, sys.argv[1:]))
"""


class EnergyPlusUnavailable(RuntimeError):
    """The wheel ``pyenergyplus-lbnl`` is not installed."""


class EnergyPlusFailed(RuntimeError):
    """EnergyPlus ended early; the message is the end of its error file."""


def weather_files() -> dict[str, Path]:
    """The TMY3 files that come with the wheel, by the stem of their names, sorted."""
    found = importlib.util.find_spec("pyenergyplus")
    if found is None or found.origin is None:
        raise EnergyPlusUnavailable("pip install pyenergyplus-lbnl==26.1.0 brings EnergyPlus 25.2")
    folder = Path(found.origin).parent / "data" / "weather"
    return {path.stem: path for path in sorted(folder.glob("*.epw"))}


def weather_file(part_of_name: str) -> Path:
    """The one weather file of the wheel whose name contains ``part_of_name`` (any case)."""
    matches = [path for name, path in weather_files().items() if part_of_name.lower() in name.lower()]
    if len(matches) != 1:
        raise ValueError(f"{len(matches)} weather files match {part_of_name!r}: {[path.stem for path in matches]}")
    return matches[0]


def run_year(plant: Plant, weather: Path, frequency: str = "Timestep") -> pd.DataFrame:
    """One year of the reference plant.

    Parameters
    ----------
    plant
        What varies.
    weather
        An EPW file.
    frequency
        ``Timestep``: 35 040 rows of 15 minutes; ``Hourly``: 8 760 rows. Rates, temperatures and ratios are means of
        the interval, volumes are sums. Row 0 begins at 00:00 on 1 January, local standard time.

    Returns
    -------
    pandas.DataFrame
        Columns as in :data:`VARIABLES`, and ``tower_fan_cycling_ratio`` (share of the interval that the fan runs);
        ``attrs`` holds ``severe_error_count`` and ``warning_count``.
    """
    weather_files()  # raises when the wheel is absent
    variables = VARIABLES | (MERKEL_NAMES if plant.tower == "merkel" else {})
    outputs = {column: (name.partition("|")[0], name.partition("|")[2]) for column, (name, _) in variables.items()}
    with tempfile.TemporaryDirectory(prefix="energyplus_") as folder:
        model = Path(folder) / "plant.epJSON"
        model.write_text(json.dumps(epjson(plant, outputs, frequency)))
        command = [sys.executable, "-c", _CHILD, "-d", folder, "-w", str(weather), str(model)]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        errors = Path(folder, "eplusout.err")
        log = errors.read_text(errors="replace") if errors.exists() else done.stderr
        counts = re.search(r"Completed Successfully-- (\d+) Warning; (\d+) Severe", log)
        if done.returncode != 0 or counts is None:
            raise EnergyPlusFailed(log[-2000:])
        read = _read_eso(Path(folder, "eplusout.eso"))
    frame = pd.DataFrame({column: read[name.upper()] * factor for column, (name, factor) in variables.items()})
    if plant.tower == "yorkcalc":  # below the smallest air ratio the fan cycles there; the reported ratio is the mean
        frame["tower_fan_cycling_ratio"] = np.minimum(frame["tower_air_ratio"] / TOWER_MIN_AIR_RATIO, 1.0)
    else:  # the Merkel tower never cycles: it holds the smallest air ratio and overcools
        frame["tower_fan_cycling_ratio"] = (frame["tower_air_ratio"] > 0.0).astype(float)
    frame.attrs |= {"warning_count": int(counts[1]), "severe_error_count": int(counts[2])}
    return frame


def _read_eso(path: Path) -> dict[str, np.ndarray]:
    """Values of every output variable of an ESO file, by ``KEY|VARIABLE`` in capitals."""
    names: dict[str, str] = {}
    values: dict[str, list[float]] = {}
    with path.open() as lines:
        for line in lines:
            if line.startswith("End of Data Dictionary"):
                break
            number, _, rest = line.rstrip().partition(",")
            entry = re.match(r"1,([^,]+),(.+?) \[.*\] !", rest)
            if entry:
                names[number] = f"{entry[1]}|{entry[2]}".upper()
                values[number] = []
        for line in lines:
            number, _, value = line.partition(",")
            if number in values:
                values[number].append(float(value))
    return {names[number]: np.asarray(column) for number, column in values.items()}


def annual_figures(frame: pd.DataFrame) -> dict[str, float]:
    """Energy (kWh), water (m3), means and counts of a year from :func:`run_year`."""
    hours = 8760.0 / len(frame)
    figures = {
        name.removesuffix("_kw") + "_kwh": float(frame[name].sum() * hours)
        for name in frame.columns
        if name.endswith("_kw")
    }
    drives = ("chiller_electricity", "chilled_water_pump", "condenser_water_pump", "tower_fan")
    figures["plant_electricity_kwh"] = sum(figures[f"{name}_kwh"] for name in drives)
    figures |= {name: float(frame[name].sum()) for name in frame.columns if name.endswith("_m3")}
    means = ("outdoor_dry_bulb_c", "outdoor_wet_bulb_c", "entering_condenser_water_c", "tower_leaving_water_c")
    figures |= {f"mean_{name}": float(frame[name].mean()) for name in means}
    figures["full_fan_h"] = float((frame["tower_air_ratio"] >= 1.0).sum() * hours)
    figures["cycling_fan_h"] = float((frame["tower_fan_cycling_ratio"] < 1.0).sum() * hours)
    figures["severe_error_count"] = float(frame.attrs["severe_error_count"])
    return figures


def cases() -> Iterator[tuple[str, Plant]]:
    """Everything that the table of answers holds: (stem of the weather file, plant)."""
    plants = [Plant(tower="yorkcalc"), Plant(tower="yorkcalc", converged=True), Plant(tower="merkel", converged=True)]
    for stem in weather_files():
        yield from ((stem, plant) for plant in plants)
    chicago = weather_file("chicago").stem
    for load_kw, chilled_water_c in ((250.0, 7.0), (500.0, 7.0), (750.0, 7.0), (1000.0, 5.0), (1000.0, 8.8)):
        for plant in plants:
            yield chicago, Plant(load_kw, chilled_water_c, plant.tower, plant.converged)


def answer(stem: str, plant: Plant) -> dict[str, object]:
    """One row of the table of answers, from a run."""
    return {"weather": stem, **asdict(plant), **annual_figures(run_year(plant, weather_files()[stem]))}


def stored_answers() -> pd.DataFrame:
    """The table of answers: one row per weather file and plant; see its first line for how it was made."""
    return pd.read_csv(ANSWERS, comment="#")


def store_answers() -> None:
    """Run every case and write the table of answers."""
    rows = []
    for stem, plant in cases():
        rows.append(answer(stem, plant))
        print(stem, plant, f"{rows[-1]['chiller_electricity_kwh']:.1f} kWh", flush=True)
    text = io.StringIO()
    pd.DataFrame(rows).to_csv(text, index=False, float_format="%.10g", lineterminator="\n")
    head = f"# EnergyPlus 25.2.0 (pyenergyplus-lbnl 26.1.0), made by: {STORE_COMMAND}\n"
    ANSWERS.write_text(head + text.getvalue())


def main(arguments: Sequence[str] | None = None) -> None:
    """Command line: annual figures of one site, or the whole table."""
    parser = argparse.ArgumentParser(prog="python -m tests.reference.energyplus", description=__doc__.split("\n")[0])
    parser.add_argument("site", nargs="?", help="part of the name of a weather file of the wheel, or a path to an EPW")
    parser.add_argument("--load-kw", type=float, default=1000.0)
    parser.add_argument("--chilled-water-c", type=float, default=7.0)
    parser.add_argument("--tower", choices=("yorkcalc", "merkel"), default="yorkcalc")
    parser.add_argument("--converged", action="store_true", help="let the plant loops iterate until they agree")
    parser.add_argument("--store", action="store_true", help=f"run all cases and write {ANSWERS.name}")
    given = parser.parse_args(arguments)
    if given.store:
        return store_answers()
    if given.site is None:
        parser.error("name a site, or --store")
    weather = Path(given.site) if Path(given.site).is_file() else weather_file(given.site)
    plant = Plant(given.load_kw, given.chilled_water_c, given.tower, given.converged)
    print(f"{weather.stem}: {plant}")
    for name, value in annual_figures(run_year(plant, weather)).items():
        print(f"  {name:36s} {value:16.3f}")
    return None


if __name__ == "__main__":
    main()
