"""Studies in YAML: every fault with its line, wildcards, factors, files, alternatives, and samples that repeat."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.studies.studies import QUICKSTART, SMALL, written
from twin.errors import InputError
from twin.scenario.reading import read_scenario
from twin.studies.design import design_of, unit_sample
from twin.studies.distributions import Choice, Normal, Triangular, Uniform
from twin.studies.study import read_study
from twin.studies.variants import Variants

AT = "study.yaml:3:7: "
HEAD = f"name: s\nbase: {QUICKSTART}\n"


def variants(folder: Path, text: str) -> Variants:
    """Scenarios of a study written in a test."""
    study, source = read_study(written(folder, text))
    return Variants(design_of(study), source)


def check_all(folder: Path, text: str) -> None:
    """Check every run of a study."""
    found = variants(folder, text)
    list(found.all(found.design.count))


def faults(folder: Path, text: str) -> list[str]:
    """What is said of a study, without its folder."""
    with pytest.raises(InputError) as caught:
        check_all(folder, text)
    return [str(fault).replace(f"{folder}/", "") for fault in caught.value.faults]


def test_a_product_goes_through_all_values_the_last_path_fastest(tmp_path: Path) -> None:
    text = HEAD + (
        "vary:\n  - kind: product\n    values:\n      plants.main.supply_c: [7, 8]\n"
        "      halls.*.air.supply_air_c: [21, 23, 25]\n"
        "  - kind: zip\n    values: {run.calendar_year: [2024, 2025], run.duration: [5d, 6d]}\n"
    )
    found = variants(tmp_path, text)
    assert found.design.count == 12
    seen = [found.scenario(run) for run in range(12)]
    assert [s.plants["main"].supply_c for s in seen] == [7] * 6 + [8] * 6
    assert [s.halls["ai"].air.supply_air_c for s in seen] == [21, 21, 23, 23, 25, 25] * 2
    assert [s.halls["enterprise"].air.supply_air_c for s in seen] == [21, 21, 23, 23, 25, 25] * 2
    assert [(s.run.calendar_year, s.run.duration) for s in seen] == [(2024, "5d"), (2025, "6d")] * 6


def test_the_fast_way_gives_the_scenario_that_set_gives(tmp_path: Path) -> None:
    found = variants(tmp_path, SMALL)
    for run in range(found.design.count):
        settings = {path: value for path, value, _ in found.design.settings(run)}
        air = settings.pop("halls.*.air.supply_air_c")
        settings |= {f"halls.{hall}.air.supply_air_c": air for hall in ("enterprise", "ai")}
        assert found.scenario(run) == read_scenario(QUICKSTART, [f"{path}={value}" for path, value in settings.items()])
    assert len(found.templates) == 2, "one for each weather file: all other settings are numbers"


def test_cases_have_bases_and_settings_of_their_own(tmp_path: Path) -> None:
    other = QUICKSTART.parent / "greensboro.yaml"
    text = (
        HEAD + f"set: {{run.duration: 3d}}\ncompare:\n  here: {{}}\n  there: {{base: {other}, set: {{name: There}}}}\n"
    )
    found = variants(tmp_path, text)
    assert [found.scenario(run).name for run in range(2)] == ["Miami colocation", "There"]
    assert [found.design.case(run) for run in range(2)] == ["here", "there"]
    assert {found.scenario(run).run.duration for run in range(2)} == {"3d"}


def test_a_factor_multiplies_the_number_of_the_base(tmp_path: Path) -> None:
    found = variants(tmp_path, HEAD + "vary: [{kind: list, runs: [{halls.*.rack_groups.*.peak_w: {times: 1.5}}]}]\n")
    halls = found.scenario(0).halls
    assert (halls["ai"].rack_groups["gpu"].peak_w, halls["enterprise"].rack_groups["web"].peak_w) == (15300, 750)


CALLS = f"name: s\nbase: {QUICKSTART.parent / 'grid' / 'demand_response.yaml'}\n"
EVENTS = "onsite.generator.control.events"


def test_items_of_a_list_are_varied_by_their_index_and_all_of_them_by_a_star(tmp_path: Path) -> None:
    text = CALLS + (
        f"vary:\n  - {{kind: product, values: {{{EVENTS}.1.duration_h: [1, 3]}}}}\n"
        f"  - {{kind: product, values: {{'{EVENTS}[2].at': ['2025-08-01 15:00', '2025-08-02 15:00']}}}}\n"
        "  - {kind: list, runs: [{power.ups.battery.control.events.*.duration_h: {times: 0.5}}]}\n"
    )
    found = variants(tmp_path, text)
    runs = [found.scenario(run) for run in range(4)]
    calls = [run.onsite["generator"].control.events for run in runs]
    assert [[call.duration_h for call in one] for one in calls] == [[2, 1, 2, 2]] * 2 + [[2, 3, 2, 2]] * 2
    assert [one[2].at for one in calls] == ["2025-08-01 15:00", "2025-08-02 15:00"] * 2
    assert {call.duration_h for run in runs for call in run.power["ups"].battery.control.events} == {1}
    assert len(found.templates) == 2, "one for each text; durations are numbers, and take the fast way"


@pytest.mark.parametrize(
    ("path", "told"),
    [
        (f"{EVENTS}.4.duration_h", f"{EVENTS}: the list has no item '4' (its items: 0 to 3) (run 0)"),
        (f"{EVENTS}.0.duration", f"{EVENTS}[0].duration: unknown key (did you mean 'duration_h'?) (run 0)"),
        ("grid.contracts.demand_response.events.0.duration_h",
         "grid.contracts.demand_response.events: nothing stands here, so there is no item 0: "
         "give the list as a whole, grid.contracts.demand_response.events=[...] (run 0)"),
    ],
)  # fmt: skip
def test_an_item_that_is_not_there_is_told_with_those_that_are(tmp_path: Path, path: str, told: str) -> None:
    assert faults(tmp_path, CALLS + f"vary: [{{kind: product, values: {{{path}: [1, 2]}}}}]\n")[0].endswith(told)


def test_years_grow_from_the_number_of_the_base(tmp_path: Path) -> None:
    text = HEAD + "vary: [{kind: years, years_count: 3, growth: {halls.ai.rack_groups.gpu.peak_w: 0.1}}]\n"
    found = variants(tmp_path, text)
    peaks = [found.scenario(run).halls["ai"].rack_groups["gpu"].peak_w for run in range(3)]
    assert peaks == pytest.approx([10200, 11220, 12342])


def test_files_are_relative_to_the_study(tmp_path: Path) -> None:
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "base.yaml").write_text(f"extends: {QUICKSTART}\n")
    text = "name: s\nbase: here/base.yaml\nvary: [{kind: list, runs: [{weather.file: nowhere.epw}]}]\n"
    told = f"study.yaml:3:29: weather.file: no file 'nowhere.epw' in {tmp_path.resolve()} (run 0)"
    assert faults(tmp_path, text)[0] == told


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("vary: [{kind: prodct, values: {a: [1]}}]", "study.yaml:3:9: vary[0].kind: must be one of"),
        ("vary: [{kind: product, values: {a..b: [1]}}]", "must be a path such as halls.*.air.supply_air_c, got 'a..b'"),
        ("vary: [{kind: zip, values: {a: [1], b: [1, 2]}}]", "equally many values of each path, got a 1, b 2"),
        ("vary: [{kind: sobol, samples_count: 5, of: {a: {kind: uniform, low: 1, high: 2}}}]",
         "must be a power of two, got 5 (next: 4 and 8)"),
        ("vary: [{kind: random, samples_count: 5, of: {a: {kind: uniform, low: 2, high: 2}}}]",
         "must be above low, got 2 and 2"),
        ("vary:\n  - {kind: list, runs: [{a: 1}]}\n  - {kind: list, runs: [{a: 2}]}", "a is varied by vary[0], too"),
        ("constraints: {pue: {}}", "must state at_most, at_least or both"),
        ("plan: {refresh_months: [18], gain_ratio: [2], escalation_frac: [0.2], discount_frac: 0, hardware_per_kw: 1}",
         "study.yaml:3:1: plan: needs `vary` to be one part of kind years"),
        ("vry: []", "study.yaml:3:1: vry: unknown key (did you mean 'vary'?)"),
        ("set: {halls.ai.air.suply_air_c: 22}",
         AT + "halls.ai.air.suply_air_c: unknown key (did you mean 'supply_air_c'?) (run 0)"),
        ("set: {halls.*.air.supply_air_c: 99}", AT + "halls.ai.air.supply_air_c: must be <= 40, got 99 (run 0)"),
        ("set: {plants.main.supply_c: warm}", AT + "plants.main.supply_c: must be a number, got 'warm' (run 0)"),
        ("set: {towers.*.fan_kw: 9}", AT + "towers.*.fan_kw: the base has nothing that it stands for (run 0)"),
        ("set: {run.step: {times: 2}}", AT + "run.step: a factor needs a number in the base scenario (run 0)"),
        ("set: {halls.ai.air.supply_air_c: 12, plants.main.supply_c: 15}", "air of 12 degC cannot be had"),
    ],
)  # fmt: skip
def test_a_fault_is_told_with_its_line(tmp_path: Path, text: str, told: str) -> None:
    found = faults(tmp_path, HEAD + text + "\n")
    assert any(told in fault for fault in found), found


def test_faults_of_many_runs_are_told_once_and_counted(tmp_path: Path) -> None:
    found = faults(tmp_path, SMALL.replace("low: 6, high: 10", "low: 60, high: 100"))
    assert found[-1] == "16 of 16 runs cannot be run, the first 20 faults are shown" or found[-1].startswith("16 of 16")
    assert len(found) <= 21


def test_a_number_beyond_its_bound_takes_the_long_way_to_its_place(tmp_path: Path) -> None:
    text = HEAD + "vary:\n  - kind: product\n    values:\n      plants.main.supply_c:\n        - 8\n        - 99\n"
    assert faults(tmp_path, text)[0].startswith("study.yaml:8:11: plants.main.supply_c: must be <= ")


@pytest.mark.parametrize("kind", ["random", "latin_hypercube", "sobol"])
def test_a_sample_is_the_same_for_the_same_seed_and_lies_inside(kind: str) -> None:
    first, again, other = (unit_sample(kind, 64, 3, seed) for seed in (1, 1, 2))
    assert first.tobytes() == again.tobytes() != other.tobytes()
    assert first.shape == (64, 3)
    assert ((first > 0) & (first < 1)).all()
    assert np.abs(first.mean(axis=0) - 0.5).max() < (0.15 if kind == "random" else 0.02)


def test_a_latin_hypercube_has_one_point_in_each_stratum() -> None:
    points = unit_sample("latin_hypercube", 50, 4, 7)
    assert all(sorted((column * 50).astype(int)) == list(range(50)) for column in points.T)


def test_saltellis_design_exchanges_one_column_at_a_time() -> None:
    rows = unit_sample("sobol", 8, 2, 5, indices=True)
    a, b, first, second = rows.reshape(4, 8, 2)
    np.testing.assert_array_equal(first, np.stack([b[:, 0], a[:, 1]], axis=1))
    np.testing.assert_array_equal(second, np.stack([a[:, 0], b[:, 1]], axis=1))


def test_quantiles_of_distributions() -> None:
    shares = np.array([0.25, 0.5, 0.75])
    assert Uniform(kind="uniform", low=2, high=6).quantiles(shares) == [3, 4, 5]
    assert Triangular(kind="triangular", low=0, mode=1, high=2).quantiles(shares) == pytest.approx(
        [0.5**0.5, 1.0, 2 - 0.5**0.5]
    )
    normal = Normal(kind="normal", mean=10, deviation=2)
    assert normal.quantiles(shares) == pytest.approx([10 - 2 * 0.6744897501960817, 10, 10 + 2 * 0.6744897501960817])
    cut = Normal(kind="normal", mean=10, deviation=2, low=10)
    assert cut.quantiles(np.array([1e-12, 0.5])) == pytest.approx([10, 10 + 2 * 0.6744897501960817])
    assert Choice(kind="choice", values=["a", "b"], weights=[3, 1]).quantiles(np.array([0.1, 0.74, 0.76])) == [*"aab"]


def test_equal_contents_have_equal_addresses_and_others_do_not(tmp_path: Path) -> None:
    text = (
        HEAD
        + "vary: [{kind: list, runs: [{name: a}, {name: b}, {plants.main.supply_c: 8.5}, {plants.main.supply_c: 8}]}]\n"
    )
    found = variants(tmp_path, text)
    ids = [variant.run_id for variant in found.all(4)]
    assert ids[0] == ids[1] == ids[2] != ids[3]


def test_a_changed_input_file_changes_the_address(tmp_path: Path) -> None:
    from twin.series.files import resolve

    weather = tmp_path / "w.tm2"
    content = resolve("pvlib:12839.tm2").read_bytes()
    weather.write_bytes(content)
    text = HEAD + "set: {weather.file: w.tm2, run.duration: 2d}\n"
    before = variants(tmp_path, text).variant(0).run_id
    weather.write_bytes(content + b"\n")
    assert variants(tmp_path, text).variant(0).run_id != before
