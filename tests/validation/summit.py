"""Summit (2020): weekly PUE from wet bulb and power, through ``simulate``, beside what the plant's meters gave."""

from __future__ import annotations

import csv
import datetime
import tempfile
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tests.engine.scenarios import shipped
from tests.validation.rows import Row, compared
from twin.engine.simulate import simulate

SITE = "sites/summit"
PEAK_MW = 256 * 18 * 2821e-6  # of the scenario's racks: the profile is power over it
SPREAD_K = 3.0  # dry bulb above the wet bulb, about the mean of the region; towers take their heat by the wet bulb
SETTLED_H = 6  # hours of each day left out, in which the water comes to its new temperature
WEEKS = Path(__file__).parents[1] / "reference" / "summit_weeks_2020.csv"
SOURCE = "Summit facility data of 2020, medians by week (sc21_summit_power_analysis_artifacts @ 0b8d878973, MIT)"
OUTAGE = 5  # week in which free cooling was out of service
WARM_C = 20.0  # wet bulb above which weeks are looked at apart
LIMIT = 0.03  # RMSE of the weekly PUE
START = datetime.datetime(2025, 1, 1)
RACKS = "halls.summit.rack_groups.cabinets"


@dataclass(frozen=True)
class Weeks:
    """Medians by week, each of shape (weeks,)."""

    week: NDArray[np.float64]
    power_mw: NDArray[np.float64]
    pue: NDArray[np.float64]
    wet_bulb_c: NDArray[np.float64]
    chiller_tons: NDArray[np.float64]


def measured() -> Weeks:
    """The odd weeks of 2020."""
    with WEEKS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(line for line in file if not line.startswith("#")))
    return Weeks(*(np.array([float(row[f.name]) for row in rows]) for f in fields(Weeks)))


def rmse(ours: NDArray[np.float64], pue: NDArray[np.float64]) -> float:
    """Root of the mean square difference."""
    return float(np.sqrt(np.mean((ours - pue) ** 2)))


def summit() -> tuple[list[Row], Weeks, NDArray[np.float64]]:
    """Rows of the year and of its warm weeks, what was measured, and our PUE of each week."""
    theirs = measured()
    ours = weekly_pue(theirs.wet_bulb_c, theirs.power_mw)
    kept = theirs.week != OUTAGE
    chosen = {"all": kept, "warm": kept & (theirs.wet_bulb_c > WARM_C)}
    names = {"all": "Weekly PUE, RMSE", "warm": f"Weekly PUE, RMSE of weeks above {WARM_C:g} °C wet bulb"}
    rows = [
        compared("facilities", f"summit_{key}", f"Summit: {names[key]}", "", SOURCE, 0.0,
                 rmse(ours[weeks], theirs.pue[weeks]), LIMIT, "abs",
                 f"{int(weeks.sum())} weeks; six stated parameters, none by week; week 5, an outage, left out")
        for key, weeks in chosen.items()
    ]  # fmt: skip
    return rows, theirs, ours


def weekly_pue(wet_bulb_c: NDArray[np.float64], power_mw: NDArray[np.float64], *overrides: str) -> NDArray[np.float64]:
    """PUE at given wet bulbs (degC) and IT powers (MW), each held for a day: ratio of facility to IT energy."""
    days = len(wet_bulb_c)
    with tempfile.TemporaryDirectory() as folder:
        weather, power = Path(folder) / "weather.csv", Path(folder) / "power.csv"
        _write(weather, ("dry_bulb_c", "wet_bulb_c"), [(t + SPREAD_K, t) for t in wet_bulb_c], 24)
        _write(power, ("power_frac",), [(p / PEAK_MW,) for p in power_mw], 0)
        scenario = shipped(
            SITE, f"weather={{file: {weather}, utc_offset_h: 0, latitude_deg: 35.93, longitude_deg: -84.31, "
            "elevation_m: 270, typical: false}", "site.timezone=UTC", f"run.duration={days}d", "run.warmup_h=24",
            f"{RACKS}.utilisation={{kind: csv, file: {power}, column: power_frac, time_column: time, timezone: UTC}}",
            *overrides)  # fmt: skip
        ds = simulate(scenario)
    by_day = [ds[name].values[0].reshape(days, 24)[:, SETTLED_H:].mean(1)
              for name in ("grid.meter.import_kw", f"{RACKS}.power_kw")]  # fmt: skip
    return by_day[0] / by_day[1]


def _write(path: Path, heads: tuple[str, ...], days: list[tuple[float, ...]], more_h: int) -> None:
    """Hourly rows that hold each day's values, and the last ones for ``more_h`` hours longer."""
    rows = [day for day in days for _ in range(24)] + [days[-1]] * more_h
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("time", *heads))
        for hour, row in enumerate(rows):
            writer.writerow((f"{START + datetime.timedelta(hours=hour):%Y-%m-%dT%H:%M}", *row))
