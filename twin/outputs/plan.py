"""What ``twin plan`` prints and writes: one table of four ways to run the site, plan.csv and metrics of the plan."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from twin.outputs.files import metrics_text, write_whole
from twin.studies.planning.lateness import Late
from twin.studies.planning.plan import Weights
from twin.studies.planning.replay import Outcome
from twin.studies.planning.study import PlanStudy

LEFT_FRAC = 1e-6  # of the work done: more than that left at the end is told
TOLD_GAP_FRAC = 1e-6  # what a plan leaves open that need not be told: rounding of the solver
ROWS = (  # label, figure, decimals
    ("Objective", "objective", 0), ("Bill", "total_cost", 0), ("  energy", "energy_cost", 0),
    ("  demand", "demand_cost", 0), ("  contracts, carbon, water", "contracts_cost", 0),
    ("Fuel", "fuel_cost", 0),
    ("Generated, MWh", "generated_kwh", 1), ("Export income", "export_credit", 0), ("Net cost", "net_cost", 0),
    ("Price of delay", "late_cost", 0),
    ("Emissions by average, t CO2e", "emissions_kgco2", 1), ("Emissions by marginal, t CO2e", "marginal_kgco2", 1),
    ("Emissions of planned fuel, t CO2", "generator_kgco2", 1),
    ("Peak, kW", "peak_kw", 1),
    ("Water, m3", "water_m3", 0), ("Grid energy, MWh", "import_kwh", 1),
    ("Exported, MWh", "export_kwh", 1), ("Battery gained, kWh", "stored_kwh", 1), ("Work done, MWh", "work_kwh", 1),
    ("Work left at the end, MWh", "unserved_kwh", 2), ("Work late, MWh", "late_kwh", 2),
    ("Mean delay, h", "delay_h", 2),
)  # fmt: skip
WHERE_ANY = {  # rows only if not all zero
    "contracts_cost", "fuel_cost", "export_credit", "export_kwh", "stored_kwh", "cooling_kwh", "marginal_kgco2",
    "late_cost", "generated_kwh", "generator_kgco2",
}  # fmt: skip
THOUSANDS = {
    "generated_kwh",
    "generator_kgco2",
    "emissions_kgco2",
    "marginal_kgco2",
    "import_kwh",
    "export_kwh",
    "work_kwh",
    "unserved_kwh",
    "late_kwh",
}


def outcome_table(title: str, outcomes: Sequence[Outcome], bound: float | None = None) -> Table:
    """Ways to run a site, one in each column; the bound is one of the objective."""
    table = Table(title=title, title_justify="left")
    table.add_column("")
    for one in outcomes:
        table.add_column(one.name, justify="right")
    if bound is not None:
        table.add_column("bound", justify="right")
    traded = any(one.net_cost != one.total_cost for one in outcomes)
    for label, name, decimals in ROWS:
        if name in WHERE_ANY and not any(round(getattr(one, name), 6) for one in outcomes):
            continue
        if name == "net_cost" and not traded:
            continue
        last = [] if bound is None else [f"{bound:,.0f}" if name == "objective" else ""]
        table.add_row(label, *(_cell(one, name, decimals) for one in outcomes), *last)
    return table


def _cell(one: Outcome, name: str, decimals: int) -> str:
    value = getattr(one, name) * (1e-3 if name in THOUSANDS else 1.0)
    return f"{value:,.{decimals}f}"


def sentences(study: PlanStudy) -> list[str]:
    """What the table comes to, and what a reader has to know."""
    left = study.realised.unserved_kwh > LEFT_FRAC * max(study.realised.work_kwh, 1e-9)
    over = "not compared, it does all work" if left else f"{study.realised.objective / study.bound - 1.0:+.2%}"
    lines = [
        f"gain against as submitted: {study.gain_frac:.2%}; realised over plan: "
        f"{study.realised.objective / study.planned.objective - 1.0:+.2%}; over the bound: {over}",
        f"hull below the sampled twin: {study.samples.gap_frac():.3%} on average, "
        f"{study.samples.gap_kw().max():.1f} kW at most",
    ]
    if study.regret_frac is not None:
        beside = ", beside the work left at the end" if left else ""
        regret = f"{study.regret_frac:.2%}{beside}"
        lines.append(f"regret of {study.cycles} rolling plans against perfect foresight: {regret}")
    for name, gap in study.job_gaps_frac.items():
        lines.append(f"workloads.{name}: whole jobs do {gap:.1%} of the work in other steps than planned")
    if study.plan.choices:
        lines.append(f"the site was kept from taking and giving at once in {study.plan.choices} steps: a battery that "
                     "charges and discharges, import beside a surplus")  # fmt: skip
    if study.plan.gap_frac > TOLD_GAP_FRAC:
        lines.append(f"the plan of these steps was made day by day: it costs at most {study.plan.gap_frac:.4%} more "
                     "than the best one on the same lines")  # fmt: skip
    lines += _not_planned(study)
    lines += _late(study)
    if left:
        lines.append(
            f"work left at the end is in the objective at its mean price: {study.realised.unserved_value:,.2f}"
        )
    return [*lines, *study.notes]


def _not_planned(study: PlanStudy) -> list[str]:
    """What the net cost has and the objective has not."""
    if study.signals.weights != Weights():
        return [f"the objective is not the bill; of this it would not have: {', '.join(study.signals.outside)}"
                ] if study.signals.outside and study.signals.weights.cost else []  # fmt: skip
    before, after = (one.net_cost + one.wear_cost - one.objective + one.unserved_value + one.stored_value
                     + one.late_cost for one in (study.submitted, study.realised))  # fmt: skip
    if not study.signals.outside and abs(before) + abs(after) < 0.5:
        return ["the objective is the net cost"]
    said = ", ".join(study.signals.outside)
    return [f"in the net cost and not in the objective ({said}): {before:,.0f} as submitted, {after:,.0f} realised"]


def _late(study: PlanStudy) -> Iterator[str]:
    """Delay of each class that has a price: as planned and as realised."""
    for name, price in study.signals.late_per_kwh_h.items():
        planned, realised = (_late_text(way.lateness[name]) for way in (study.planned, study.realised))
        yield f"workloads.{name}, late at {price:g} for each kWh and hour: planned {planned}; realised {realised}"


def _late_text(late: Late) -> str:
    if late.missed_kwh <= 0.0:
        return "none"
    return f"{late.missed_kwh:,.1f} kWh by {late.mean_h:.1f} h on average, for {late.cost:,.2f}"


def print_plan(study: PlanStudy, title: str) -> None:
    """Table and sentences on stdout."""
    console = Console()
    ways = [study.submitted, study.planned, study.realised]
    if study.foresight is not None:
        ways.append(replace(study.foresight, name="perfect foresight"))
    if study.jobs is not None:
        ways.append(replace(study.jobs, name="whole jobs"))
    console.print(outcome_table(title, ways, study.bound))
    for line in sentences(study):
        console.print(line, highlight=False)


def plan_csv(study: PlanStudy) -> str:
    """A row per step: start in UTC, work served per hour by class, battery, planned and realised import.

    A class column is a plan that ``shift: {kind: planned, plan: {file: plan.csv, column: NAME_per_h}}`` reads (with
    ``late: as_planned`` where delay has a price); columns named by a path are profiles of that input, such as
    ``onsite.battery.control.charge_frac``.
    """
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    plan, names = study.plan, list(study.plan.served_per_h)
    rows.writerow(["time", *(f"{name}_per_h" for name in names), "charge_kw", "discharge_kw", "stored_kwh",
                   "planned_import_kw", "realised_import_kw", *study.orders])  # fmt: skip
    columns = [*(plan.served_per_h[name] for name in names), plan.charge_kw, plan.discharge_kw, plan.stored_kwh,
               study.planned.import_kw, study.realised.import_kw, *study.orders.values()]  # fmt: skip
    stamps = study.samples.axis.utc().strftime("%Y-%m-%dT%H:%M:%SZ")
    for i, stamp in enumerate(stamps):
        rows.writerow([stamp, *(repr(float(column[i])) for column in columns)])
    return text.getvalue()


def plan_metrics(study: PlanStudy) -> dict[str, Any]:
    """Figures of all ways, for a file."""
    ways = {"submitted": study.submitted, "planned": study.planned, "realised": study.realised}
    if study.foresight is not None:
        ways["perfect_foresight"] = study.foresight
    if study.jobs is not None:
        ways["whole_jobs"] = study.jobs
    figures = {way: {k: v for k, v in vars(one).items() if isinstance(v, int | float)} for way, one in ways.items()}
    return {
        "figures": figures, "bound": study.bound, "gain_frac": study.gain_frac, "regret_frac": study.regret_frac,
        "hull_gap_frac": study.samples.gap_frac(), "cycles": study.cycles, "choices": study.plan.choices,
        "plan_gap_frac": study.plan.gap_frac,
        "lateness": {way: {name: vars(late) for name, late in one.lateness.items()} for way, one in ways.items()},
        "job_gaps_frac": study.job_gaps_frac, "outside_the_objective": list(study.signals.outside),
        "notes": list(study.notes),
    }  # fmt: skip


def write_plan(folder: Path, study: PlanStudy) -> list[Path]:
    """plan.csv and plan.json; each is written whole and then renamed."""
    texts = {"plan.csv": plan_csv(study), "plan.json": metrics_text(plan_metrics(study))}
    for name, text in texts.items():
        write_whole(folder / name, text.encode())
    return [folder / name for name in texts]
