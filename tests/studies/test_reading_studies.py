"""What is read off a study: fronts, indices, effects, bands, waterfalls that add up, plans over years by hand."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest

from tests.engine.scenarios import FOLDER
from tests.studies.studies import COMPARED, QUICKSTART, SMALL, written
from twin.cli import _run_command
from twin.outputs.batch import prepared, run_batch
from twin.outputs.store import Store
from twin.outputs.waterfall import print_waterfall
from twin.scenario.reading import read_scenario
from twin.studies.design import design_of
from twin.studies.kpis import figures_of
from twin.studies.planning.sampling import deferrable
from twin.studies.planning.strategy_study import read_strategies
from twin.studies.ranking import pareto, ranked, with_work
from twin.studies.runs import Record, simulated
from twin.studies.sensitivity import bands, effects, independent, sobol_indices
from twin.studies.study import Study
from twin.studies.tenyears import Plan, Year, option, options
from twin.studies.waterfall import QUANTITIES, Step, Waterfall, waterfall


def test_a_front_holds_what_no_other_run_beats() -> None:
    table = pd.DataFrame({"total_cost": [1, 2, 3, 2, 1, np.nan], "water_use_m3": [3, 2, 1, 3, 3, 0]})
    assert list(pareto(table, ["total_cost", "water_use_m3"])) == [True, True, True, False, True, False]


def test_of_work_more_is_better() -> None:
    table = with_work(pd.DataFrame({"workloads.a.served": [1, 5], "workloads.b.served": [1, 1], "total_cost": [1, 1]}))
    assert list(pareto(table, ["total_cost", "work_served"])) == [False, True]
    assert list(ranked(table, "work_served").index) == [1, 0]


def ishigami(x: np.ndarray) -> np.ndarray:
    """sin x1 + 7 sin^2 x2 + .1 x3^4 sin x1 (Ishigami and Homma, 1990), whose indices are known."""
    return np.sin(x[:, 0]) + 7 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])


def test_sobol_indices_of_ishigamis_function() -> None:
    uniform = {"kind": "uniform", "low": -math.pi, "high": math.pi}
    part = {"kind": "sobol", "samples_count": 4096, "indices": True, "of": dict.fromkeys("abc", uniform)}
    study = Study.model_validate({"name": "s", "base": "x", "vary": [part]})
    design = design_of(study)
    x = np.array([[value for _, value, _ in design.varied(run)] for run in range(design.count)])
    table = pd.DataFrame({"run": range(design.count), "y": ishigami(x)})
    found = {one.path: one for one in sobol_indices(study, table, "y")}
    # Ishigami and Homma (1990) with a = 7, b = .1: first order .3139, .4424, 0; total .5576, .4424, .2437
    assert [found[path].first for path in "abc"] == pytest.approx([0.3139, 0.4424, 0.0], abs=0.02)
    assert [found[path].total for path in "abc"] == pytest.approx([0.5576, 0.4424, 0.2437], abs=0.02)
    for path, first, total in zip("abc", (0.3139, 0.4424, 0.0), (0.5576, 0.4424, 0.2437), strict=True):
        assert abs(found[path].first - first) < 4.0 * found[path].first_error < 0.2
        assert abs(found[path].total - total) < 4.0 * found[path].total_error < 0.2
    assert len(independent(study, table)) == 2 * 4096
    assert sobol_indices(study, table.assign(y=table["y"].where(table["run"] != 7)), "y") == []


def test_effects_are_means_over_the_other_settings() -> None:
    table = pd.DataFrame({"a": [1.0, 1.0, 2.0, 2.0], "b": ["x", "y", "x", "y"], "c": [0.0] * 4, "f": [1, 2, 11, 12]})
    first, second = effects(table, ["b", "a", "c"], "f")
    assert (first.path, first.low, first.high, first.at_low, first.at_high) == ("a", 1.5, 11.5, "1", "2")
    assert (second.path, second.span) == ("b", 1.0)
    many = pd.DataFrame({"a": np.linspace(0, 1, 101), "f": np.linspace(0, 100, 101)})
    assert effects(many, ["a"], "f")[0].at_high == "0.8 to 1"


def test_bands_are_percentiles() -> None:
    found = bands(pd.DataFrame({"f": np.arange(101.0)}), ["f"])
    assert list(found.loc["f"]) == [5, 25, 50, 75, 95]


DAYS = ["run.start=2025-07-01", "run.duration=4d"]
FLAT = "grid.tariff={kind: flat, currency: USD, energy_per_kwh: .2}"


def test_a_waterfall_adds_up_in_energy_cost_and_carbon() -> None:
    first = read_scenario(QUICKSTART, DAYS)
    second = read_scenario(QUICKSTART, [*DAYS, "weather.file=pvlib:723170TYA.CSV", "plants.main.supply_c=10", FLAT,
                                        "halls.ai.rack_groups.gpu.racks_count=20"])  # fmt: skip
    fall = waterfall(first, second)
    for name in QUANTITIES:
        whole = fall.second[name] - fall.first[name]
        assert sum(step.change[name] for step in fall.steps) == pytest.approx(whole, abs=1e-9 * fall.first[name])
    steps = {step.cause: step.change for step in fall.steps}
    assert {"weather", "it", "chiller", "price", "hours and peaks"} <= set(steps)
    assert steps["price"]["facility_energy_kwh"] == 0.0
    assert steps["it"]["facility_energy_kwh"] < -10_000
    assert abs(steps.get("on-site supply and stores", {"facility_energy_kwh": 0.0})["facility_energy_kwh"]) < 1e-6


def test_a_waterfall_with_photovoltaics_a_battery_and_another_price_adds_up() -> None:
    days = ["run.start=2021-06-01", "run.duration=3d"]
    first = read_scenario(FOLDER / "grid" / "texas_2021.yaml", days)
    second = read_scenario(FOLDER / "grid" / "solar_battery.yaml", [*days, FLAT, "grid.meter.export_per_kwh=0.05"])
    fall = waterfall(first, second)
    for name in QUANTITIES:
        whole = fall.second[name] - fall.first[name]
        assert sum(step.change[name] for step in fall.steps) == pytest.approx(whole, abs=1e-9 * fall.first[name])
    steps = {step.cause: step.change for step in fall.steps}
    assert len(steps) == len(fall.steps), "each cause once"
    bought = figures_of(simulated(second), second)["grid_import_kwh"]["value"]
    used = sum(step.change["facility_energy_kwh"] for step in fall.steps if step.cause != "on-site supply and stores")
    supplied = fall.first["facility_energy_kwh"] + used - bought
    factor = fall.first["emissions_kgco2"] / fall.first["facility_energy_kwh"]
    assert steps["on-site supply and stores"]["emissions_kgco2"] == pytest.approx(-supplied * factor, rel=1e-6)
    assert supplied > 0.3 * fall.first["facility_energy_kwh"], "the sun of three days of June"
    assert steps["battery"]["facility_energy_kwh"] > 0.0, "what it loses"
    assert steps["price"]["total_cost"] > 0.0


def test_a_waterfall_of_weather_or_price_alone_has_that_one_step() -> None:
    first = read_scenario(QUICKSTART, DAYS)
    warmer = waterfall(first, read_scenario(QUICKSTART, [*DAYS, "weather.dry_bulb_shift_k=2"]))
    assert [step.cause for step in warmer.steps] == ["weather"]
    dearer = waterfall(first, read_scenario(QUICKSTART, [*DAYS, FLAT]))
    assert [step.cause for step in dearer.steps] == ["price"]


def test_a_plan_by_hand() -> None:
    years = [Year(100.0, 1200.0, 10.0), Year(110.0, 1320.0, 11.0)]
    plan = Plan(refresh_months=[18], gain_ratio=[2.0], escalation_frac=[0.2], discount_frac=0.0, hardware_per_kw=7.0,
                site_capex_per_kw=3.0)  # fmt: skip
    found = option(plan, years, 18, 2.0, 0.2)
    assert found.electricity == pytest.approx(100 + 110 * 1.2)
    assert found.hardware == pytest.approx(7 * (10 + 1 + 11)), "at the start, what grows, all after 18 months"
    assert found.site == pytest.approx(3 * 11)
    assert found.work == pytest.approx(1200 + 660 + 2 * 660)
    assert found.cost_per_work == pytest.approx((232 + 154 + 33) / 3180)


def test_discounting_takes_the_middle_of_each_month() -> None:
    plan = Plan(refresh_months=[36], gain_ratio=[1.0], escalation_frac=[0.0], discount_frac=0.1, hardware_per_kw=0.0)
    found = option(plan, [Year(12.0, 12.0, 1.0)], 36, 1.0, 0.0)
    assert found.electricity == pytest.approx(sum(1.1 ** (-(month + 0.5) / 12) for month in range(12)))
    assert found.cost_per_work == pytest.approx(1.0)


def test_a_plan_ranks_its_alternatives_and_more_gain_is_never_dearer() -> None:
    years = [Year(100.0, 1200.0, 10.0)] * 10
    plan = Plan(refresh_months=[18, 36], gain_ratio=[2.0, 3.0], escalation_frac=[0.15, 0.25], discount_frac=0.08,
                hardware_per_kw=20.0)  # fmt: skip
    found = options(plan, years)
    assert len(found) == 8
    assert [one.cost_per_work for one in found] == sorted(one.cost_per_work for one in found)
    assert (found[0].gain_ratio, found[0].escalation_frac) == (3.0, 0.15)


def test_compare_show_and_diff_read_a_store(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    store = tmp_path / "store"
    text = SMALL + "constraints: {max_rack_inlet_c: {at_most: 25.5}}\n"
    assert _run_command(["batch", str(written(tmp_path, text)), "--out", str(store), "-q"]) == 0
    assert _run_command(["compare", str(store), "--json"]) == 0
    told = json.loads(capfd.readouterr().out)
    table = pd.read_parquet(store / "runs.parquet")
    good = table[table["violations"] == ""]
    assert 0 < len(good) < 16
    assert [row["run"] for row in told["ranks"]] == list(good.sort_values("total_cost")["run"])
    assert told["ranks"][0]["run"] in told["front"]
    assert set(told["percentiles"]["total_cost"]) == {"p5", "p25", "p50", "p75", "p95"}
    picture = ElementTree.parse(store / "pareto.svg").getroot()
    assert sum(1 for one in picture.iter() if one.tag.endswith("circle")) >= 16
    assert any(one.text == str(told["ranks"][0]["run"]) for one in picture.iter()), "the best run is named"
    assert _run_command(["compare", str(store), "--by", "pue"]) == 0
    assert "Best" in capfd.readouterr().out
    assert _run_command(["show", str(store), "3", "--json", "--out", str(tmp_path / "run")]) == 0
    document = json.loads(capfd.readouterr().out)
    assert document["metrics"]["total_cost"]["value"] == table["total_cost"][3]
    assert _run_command(["diff", f"{store}:0", str(tmp_path / "run"), "--json"]) == 0
    fall = json.loads(capfd.readouterr().out)
    whole = table["total_cost"][3] - table["total_cost"][0]
    assert sum(step["total_cost"] for step in fall["steps"]) == pytest.approx(whole, rel=1e-9)


def test_what_is_no_choice_has_ranks_and_fronts_of_its_own(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    text = SMALL + "rank: {by: pue, objectives: [pue, wue_l_per_kwh], within: weather.file}\n"
    store = tmp_path / "store"
    assert _run_command(["batch", str(written(tmp_path, text)), "--out", str(store), "-q"]) == 0
    assert _run_command(["compare", str(store), "--json"]) == 0
    told = json.loads(capfd.readouterr().out)
    table = pd.read_parquet(store / "runs.parquet")
    best = [int(part["pue"].idxmin()) for _, part in table.groupby("weather.file", sort=False)]
    assert told["by"] == "pue"
    assert [told["ranks"][0]["run"], told["ranks"][8]["run"]] == best, "the first of each climate"
    assert set(best) <= set(told["front"])
    written_again = SMALL + "rank: {within: site.timezone}\n"
    assert _run_command(["batch", str(written(tmp_path, written_again)), "--out", str(store)]) == 2
    assert "rank.within: must be one of case, weather.file, halls.*.air.supply_air_c" in capfd.readouterr().err


def test_what_is_only_drawn_is_shown_as_bands(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    text = SMALL.replace(
        "  - kind: list\n    runs: [{weather.file: 'pvlib:12839.tm2'}, {weather.file: 'pvlib:723170TYA.CSV'}]\n", ""
    )
    store = tmp_path / "store"
    assert _run_command(["batch", str(written(tmp_path, text)), "--out", str(store), "-q"]) == 0
    assert _run_command(["compare", str(store)]) == 0
    out = capfd.readouterr().out
    assert "Pareto" not in out
    assert "Percentiles over the sample" in out
    words = {one.text for one in ElementTree.parse(store / "pareto.svg").getroot().iter()}
    assert {"Cost of the run", "Carbon of the run", "Water of the run", "Peak", "% of the median"} <= words


def test_a_plan_is_read_off_the_years_of_a_store(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    text = (
        f"name: p\nbase: {QUICKSTART}\nset: {{run.step: 6h}}\n"
        "vary: [{kind: years, years_count: 2, growth: {halls.ai.rack_groups.gpu.peak_w: 0.01}}]\n"
        "plan: {refresh_months: [12], gain_ratio: [2], escalation_frac: [0.2], discount_frac: 0.1, "
        "hardware_per_kw: 9}\n"
    )
    store = tmp_path / "store"
    assert _run_command(["batch", str(written(tmp_path, text)), "--out", str(store), "-q"]) == 0
    assert _run_command(["compare", str(store), "--json"]) == 0
    told = json.loads(capfd.readouterr().out)["plans"][""]
    table = pd.read_parquet(store / "runs.parquet")
    plan = Plan(refresh_months=[12], gain_ratio=[2], escalation_frac=[0.2], discount_frac=0.1, hardware_per_kw=9)
    energy = table["it_energy_kwh"]
    years = [Year(*one) for one in zip(table["total_cost"], energy, energy / 8760, strict=True)]
    assert [one["cost_per_work"] for one in told] == [one.cost_per_work for one in options(plan, years)]
    assert energy[1] > energy[0]
    words = {one.text for one in ElementTree.parse(store / "pareto.svg").getroot().iter()}
    assert {"12 months, x 2, +20 %/a", "hardware", f"{told[0]['cost_per_work']:.4g}"} <= words


@pytest.mark.parametrize(
    ("command", "told"),
    [
        (["compare", "STORE", "--by", "puе"], "the table has no such figure (did you mean 'pue'?)"),
        (["show", "STORE", "99"], "there is no run '99' (it has runs 0 to 1)"),
        (["diff", "STORE", "STORE:0"], "is a store; name one of its runs"),
        (["compare", "EMPTY"], "holds no finished batch (runs.parquet is missing); run twin batch first"),
    ],
)
def test_what_is_not_in_a_store_is_a_fault(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], command: list[str], told: str
) -> None:
    store = tmp_path / "store"
    (tmp_path / "empty").mkdir()
    _run_command(["batch", str(written(tmp_path)), "--out", str(store), "-q", "--limit", "2"])
    words = [word.replace("STORE", str(store)).replace("EMPTY", str(tmp_path / "empty")) for word in command]
    assert _run_command(words) == 2
    assert told in capfd.readouterr().err


def test_a_failed_run_is_shown_with_its_cause_its_settings_and_its_last_steps(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    store, out = tmp_path / "store", tmp_path / "run"
    text = COMPARED.replace("samples_count: 8", "samples_count: 1")
    assert _run_command(["batch", str(written(tmp_path, text)), "--out", str(store), "-q"]) == 1
    row = pd.read_parquet(store / "runs.parquet").iloc[2]
    assert (row["case"], row["cause"][:8]) == ("no_chillers", "ran away")
    capfd.readouterr()
    assert _run_command(["show", str(store), "2"]) == 1
    told = " ".join(capfd.readouterr().out.split())
    why, supply = "why Miami colocation: ran away at 2025-07-02", f"{row['halls.*.air.supply_air_c']:.6g}"
    for words in (f"run 2 of {store} failed", why, "case = no_chillers", f"supply_air_c = {supply}", "next --out"):
        assert words.replace(" ", "") in told.replace(" ", ""), words
    assert _run_command(["show", str(store), row["run_id"][:8], "--json", "--out", str(out)]) == 1
    document = json.loads(capfd.readouterr().out)
    assert document["error"] == row["error"]
    assert len(document["last_steps"]) == 6
    hottest = re.search(r"(\S+) = ([\d.]+)", row["error"])
    assert hottest is not None
    assert document["last_steps"][-1][hottest[1]] == pytest.approx(float(hottest[2]), rel=1e-3)
    assert sorted(path.name for path in out.iterdir()) == ["results.nc", "scenario.yaml"]


def test_a_run_that_could_not_start_says_so(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    batch, store = prepared(written(tmp_path)), Store(tmp_path / "store")
    with store.writing():
        run_batch(batch, store, lambda jobs, series: (Record(job[0], "no such thing", "none") for job in jobs))
    assert _run_command(["show", str(store.folder), "3"]) == 2
    assert "run '3' cannot be opened: it failed before it could start: no such thing" in capfd.readouterr().err


@pytest.mark.slow
@pytest.mark.parametrize("path", sorted((FOLDER / "studies").glob("*.yaml")), ids=lambda path: path.stem)
def test_every_run_of_a_shipped_study_can_be_run(path: Path) -> None:
    if "\nstrategies:" in path.read_text():
        study, scenario = read_strategies(path)
        assert deferrable(scenario) == ["summaries", "batch"]
        assert study.strategies.choices().battery is not None
    else:
        assert len(prepared(path).runs) >= 6


def test_a_difference_tells_runs_of_one_name_apart_and_fits_a_screen(capsys: pytest.CaptureFixture[str]) -> None:
    step = Step("on-site supply and stores", dict.fromkeys(QUANTITIES, 1.0))
    most = dict.fromkeys(QUANTITIES, -123456.0)
    fall = Waterfall(most, most, (step, Step("chiller", most)), "USD")
    print_waterfall(fall, "A long name of a site, at noon (runs/a)", "A long name of a site, at noon (runs/b)")
    lines = capsys.readouterr().out.splitlines()
    assert lines[:2] == [
        "first   A long name of a site, at noon (runs/a)",
        "second  A long name of a site, at noon (runs/b)",
    ]
    rows = {line.strip().partition("  ")[0]: line for line in lines[2:]}
    assert rows["chiller"].rstrip().endswith("-" * 8)
    assert {"first", "second", "on-site supply and"} < set(rows)
    assert max(map(len, lines)) <= 80
