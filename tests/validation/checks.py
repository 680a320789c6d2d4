"""The list of published checks, ``tests/reference/check_ids.csv``: each id once, evaluated or with a reason why not."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np

from tests.studies.test_billing import DEMAND, tou, worked_year
from tests.validation.rows import Row, compared
from tests.validation.tables import Evaluated, read
from twin.components.grid.carbon import FlatCarbon
from twin.series.axis import TimeAxis
from twin.studies import kpis
from twin.studies.billing import bill
from twin.studies.carbon_figures import carbon_figures
from twin.studies.reporting.metered import read_metered
from twin.studies.reporting.report import all_facts, with_site
from twin.studies.reporting.site import read_site
from twin.studies.sums import Sums

IDS = "check_ids.csv"
W_PER_KW = 1000.0


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


def _of_meters(name: str, **meters: float) -> Callable[[], float]:
    """A figure of ISO/IEC 30134 from a year of a site's meters, as ``twin report`` reads them."""

    def figure() -> float:
        with tempfile.TemporaryDirectory() as folder:
            path, told = Path(folder) / "meters.csv", read_site(None)
            first, year = ",".join(["start", "end", *meters]), "2025-01-01,2026-01-01,"
            path.write_text(f"{first}\n{year}{','.join(map(repr, meters.values()))}\n", encoding="utf-8")
            facts, _ = all_facts(with_site(read_metered(path, told.timezone), told), told, Path(folder))
        return float(next(fact.number for fact in facts if fact.name == f"iso30134.{name}"))  # type: ignore[arg-type]

    return figure


HERE: dict[str, Callable[[], float]] = {
    "tariff_total_usd": _total_usd,
    "tariff_ratchet80_flat_usd": _ratchet_usd,
    "metric_WUE": _wue_l_per_kwh,
    "metric_CUE": _cue_kgco2_per_kwh,
    "metric_CER": _of_meters("cer", heat_removed_kwh=95.0, cooling_kwh=44.0),
    "metric_REF": _of_meters("ref", edc_kwh=147.0, eres_goo_kwh=0.0, eres_ppa_kwh=0.0, eres_os_kwh=99.0),
    "metric_ERF": _of_meters("erf", edc_kwh=147.0, ereuse_kwh=79.0),
}


def checks(found: list[Evaluated]) -> list[Row]:
    """One row per id, in the order of the list."""
    by_id: dict[str, Evaluated] = {}
    for row in found:
        by_id.setdefault(row.id, row)
    return [_check(row, by_id) for row in read(IDS)]


def _check(row: dict[str, str], by_id: dict[str, Evaluated]) -> Row:
    name = row["id"]
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
