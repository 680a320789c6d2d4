"""Bills of imported URDB records against NREL's PySAM (Utilityrate5), month by month, on measured power of a server.

SAM bills 8,760 hours of a year that begins on a Monday, without daylight saving: so does this, as 2018 in UTC. It
wants equal ends of demand tiers in all periods of a month; where a record has them in one period only, the same ends
are written into the others, at their own price, which changes no bill.
"""

from __future__ import annotations

import copy
import csv
import gzip
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from twin.components.grid.tariffs import TimeOfUseTariff
from twin.series.axis import year_axis
from twin.series.urdb import read_urdb
from twin.studies.billing import bill

DATA = Path(__file__).parents[3] / "shared" / "data"
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason=f"the real data at {DATA} are not here")
pytest.importorskip("PySAM", reason="NREL-PySAM is not installed (it is among the test dependencies)")

RECORDS = sorted(path.name for path in (DATA / "tariffs").glob("*.json"))
CENT = 0.01
MONDAY_YEAR = 2018


def measured_kw(mean_kw: float) -> NDArray[np.float64]:
    """Power of a GPU server, the latest 8,760 hours that were recorded, scaled to a mean."""
    with gzip.open(DATA / "facility" / "cbsugpu07_usage_stats.tsv.gz", "rt", encoding="utf-8-sig") as file:
        rows = [row["powerave"] for row in csv.DictReader(file, delimiter="\t") if row["powerave"]]
    load = np.array(rows[:8760], np.float64)[::-1]
    return load * (mean_kw / load.mean())


def record_of(name: str) -> dict[str, Any]:
    data = json.loads((DATA / "tariffs" / name).read_text(encoding="utf-8"))
    data = data["items"] if isinstance(data, dict) and "items" in data else data
    return data[0] if isinstance(data, list) else data


def with_equal_ends(record: dict[str, Any]) -> dict[str, Any]:
    structure = record.get("demandratestructure", [])
    ends = next(([tier["max"] for tier in tiers[:-1]] for tiers in structure if len(tiers) > 1), [])
    padded = [
        tiers if len(tiers) > 1 else [*({**tiers[0], "max": end} for end in ends), tiers[0]] for tiers in structure
    ]
    return {**record, "demandratestructure": padded} if structure else record


def pysam_bills(record: dict[str, Any], load: NDArray[np.float64]) -> NDArray[np.float64]:
    """Bill of each month."""
    from PySAM import Utilityrate5, UtilityRateTools

    # SAM's converter adds 1 to matrices in place; net metering settles nothing here, for nothing is generated
    plain = {key.lower(): copy.deepcopy(value) for key, value in with_equal_ends(record).items() if key != "dgrules"}
    model = Utilityrate5.new()
    model.ElectricityRates.assign(UtilityRateTools.URDBv8_to_ElectricityRates(plain))
    model.ElectricityRates.assign(
        {"ur_metering_option": 0, "ur_sell_eq_buy": 0, "ur_nm_yearend_sell_rate": 0.0, "rate_escalation": [0.0]}
    )
    model.Lifetime.assign({"system_use_lifetime_output": 0, "analysis_period": 1, "inflation_rate": 0.0})
    model.SystemOutput.assign({"gen": [0.0] * 8760, "degradation": [0.0]})
    model.Load.assign({"load": load.tolist()})
    model.execute(0)
    return np.array(model.Outputs.year1_monthly_utility_bill_wo_sys)


def our_bills(tariff: TimeOfUseTariff, load: NDArray[np.float64]) -> NDArray[np.float64]:
    return bill(load, year_axis(MONDAY_YEAR, 3600.0), tariff, "UTC").cost.sum(axis=0)


@pytest.mark.parametrize("mean_kw", [900.0, 40.0])  # the second is below tiers, and below the lowest bill of GSLD-1
@pytest.mark.parametrize("name", RECORDS)
def test_every_month_agrees_with_pysam_within_a_cent(name: str, mean_kw: float) -> None:
    load = measured_kw(mean_kw)
    data, _ = read_urdb(str(DATA / "tariffs" / name))
    ours, theirs = our_bills(TimeOfUseTariff.model_validate(data), load), pysam_bills(record_of(name), load)
    assert theirs.min() > 0.0
    assert np.abs(ours - theirs).max() < CENT


EVENING = [[1 if hour >= 12 else 0 for hour in range(24)] for _ in range(12)]


@pytest.mark.parametrize(("unit", "end"), [("kWh", 200_000), ("kWh/kW", 250), ("kWh daily", 9000)])
def test_tiers_shared_by_two_periods_agree_with_pysam_within_a_cent(tmp_path: Path, unit: str, end: float) -> None:
    prices = ((0.11, 0.07), (0.23, 0.19))
    record = {
        "fixedchargefirstmeter": 100,
        "fixedchargeunits": "$/month",
        "energyweekdayschedule": EVENING,
        "energyweekendschedule": copy.deepcopy(EVENING),
        "energyratestructure": [
            [{"rate": first, "max": end, "unit": unit}, {"rate": then, "unit": unit}] for first, then in prices
        ],
        "demandweekdayschedule": copy.deepcopy(EVENING),
        "demandweekendschedule": copy.deepcopy(EVENING),
        "demandratestructure": [[{"rate": 9, "max": 500}, {"rate": 4}], [{"rate": 12, "max": 500}, {"rate": 15}]],
        "mincharge": 1.0e6,
        "minchargeunits": "$/year",
    }
    (tmp_path / "record.json").write_text(json.dumps(record))
    data, _ = read_urdb(str(tmp_path / "record.json"))
    load = measured_kw(900.0)
    ours, theirs = our_bills(TimeOfUseTariff.model_validate(data), load), pysam_bills(record, load)
    assert np.abs(ours - theirs).max() < CENT
