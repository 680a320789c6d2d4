"""The list of published checks, ``tests/reference/check_ids.csv``: each id once, evaluated or with a reason why not."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import numpy as np

from tests.studies.test_billing import DEMAND, tou, worked_year
from tests.validation.rows import Row, compared, not_run
from tests.validation.tables import Evaluated, read
from twin.components.grid.carbon import FlatCarbon
from twin.series.axis import TimeAxis
from twin.studies import kpis
from twin.studies.billing import bill
from twin.studies.carbon_figures import carbon_figures
from twin.studies.sums import Sums

IDS = "check_ids.csv"
W_PER_KW = 1000.0
ABSENT = {
    "metric_CER": "needs a key figure for heat removed per cooling energy, not built yet",
    "metric_REF": "needs renewable energy in the site's ledger, not built yet",
    "metric_ERF": "needs reused heat in the site's ledger, not built yet",
}


def _total_usd() -> float:
    load, axis = worked_year()
    return bill(load, axis, tou(fixed_per_month=250.0), "UTC").total


def _ratchet_usd() -> float:
    load, axis = worked_year()
    lines = bill(load, axis, tou(demand={**DEMAND, "ratchet": {"peak_frac": 0.8}}), "UTC").by_line()
    return lines["flat_demand"] + lines["ratchet"]


def _it(energy_kwh: float) -> dict[str, dict[str, float]]:
    return {"it_energy_kwh": {"value": energy_kwh}}


def _wue_l_per_kwh() -> float:
    """928 m3 of make-up water for 582.6 MWh of IT, through the key figures' own function."""
    sums = Sums({"plants.main.condenser.towers.a.make_up_m3_h": 928.0}, {}, {}, 1.0, 8760.0)
    return float(kpis._water(sums, _it(582.6e3))["wue_l_per_kwh"]["value"])


def _cue_kgco2_per_kwh() -> float:
    """1500 t of CO2 from 3000 MWh imported in an hour at .5 kg/kWh, for 2500 MWh of IT."""
    axis = TimeAxis(np.datetime64("2025-01-01", "ns"), 3600.0, 1, 0.0)
    carbon = FlatCarbon(kind="flat", average_kgco2_per_kwh=0.5)
    grid = SimpleNamespace(carbon=carbon, marginal_carbon=None, clean_power=None)
    figures = carbon_figures(np.array([3.0e6]), axis, grid, 2.5e6, "")  # type: ignore[arg-type]
    return float(figures["cue_kgco2_per_kwh"]["value"])


HERE: dict[str, Callable[[], float]] = {
    "tariff_total_usd": _total_usd,
    "tariff_ratchet80_flat_usd": _ratchet_usd,
    "metric_WUE": _wue_l_per_kwh,
    "metric_CUE": _cue_kgco2_per_kwh,
}


def checks(found: list[Evaluated]) -> list[Row]:
    """One row per id, in the order of the list."""
    by_id: dict[str, Evaluated] = {}
    for row in found:
        by_id.setdefault(row.id, row)
    return [_check(row, by_id) for row in read(IDS)]


def _check(row: dict[str, str], by_id: dict[str, Evaluated]) -> Row:
    name = row["id"]
    if name in ABSENT:
        return not_run("checks", name, row["quantity"], row["source"], ABSENT[name], row["expected"])
    if name in HERE:
        ours = HERE[name]()
    else:
        same = by_id[row["same_as"]]
        ours = same.ours * (W_PER_KW if row["unit"] == "W" and same.quantity.endswith("_kw") else 1.0)
    return compared(
        "checks",
        name,
        row["quantity"],
        row["unit"],
        row["source"],
        float(row["expected"]),
        ours,
        float(row["tolerance"]),
        row["kind"],
    )
