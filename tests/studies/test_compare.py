"""Scenarios side by side: figures are those of single runs, differences have the right sign, losses are found."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from tests.engine.scenarios import FOLDER
from twin.engine.simulate import simulate
from twin.errors import InputError
from twin.outputs.comparison import comparison_csv, comparison_document
from twin.studies.compare import Comparison, Row, alternatives, compare, variants
from twin.studies.kpis import kpis

CLUSTER = FOLDER / "work" / "a100_cluster.yaml"
CAPPED = FOLDER / "work" / "cap_depth_a100.yaml"
WEEK = ("run.start=2025-07-07", "run.duration=7d")
DEPTH = "halls.ai.rack_groups.gpu.caps.depth.limit_frac"


@pytest.fixture(scope="module")
def depths() -> Comparison:
    return compare(*variants(CAPPED, f"{DEPTH}=1.0, 0.5,0.25", WEEK))


def row(comparison: Comparison, name: str) -> Row:
    return next(row for row in comparison.rows if row.name == name)


def test_figures_are_those_of_single_runs(depths: Comparison) -> None:
    scenarios, names, axis = variants(CAPPED, f"{DEPTH}=1.0, 0.5,0.25", WEEK)
    assert (depths.names, depths.axis) == (("1.0", "0.5", "0.25"), DEPTH)
    assert names == ["1.0", "0.5", "0.25"]
    for at, scenario in enumerate(scenarios):
        alone = kpis(simulate(scenario))
        for one in depths.rows:
            assert one.values[at] == alone[one.name]["value"], one.name
    assert axis == DEPTH


def test_a_cap_to_half_power_saves_and_loses_nothing(depths: Comparison) -> None:
    assert row(depths, "facility_energy_kwh").change(1) < 0  # type: ignore[operator]
    assert depths.losses(1) == []
    assert row(depths, "workloads.models.served").change(1) == pytest.approx(0.0, abs=1e-6)


def test_a_cap_to_a_quarter_hides_its_loss_behind_no_saving(depths: Comparison) -> None:
    assert row(depths, "total_cost").change(2) < 0  # type: ignore[operator]
    lost = {one.name.rpartition(".")[2] for one in depths.losses(2)}
    assert {"served", "dropped", "waiting_at_end", "missed_frac", "mean_delay_h", "cost_per_unit"} <= lost


def test_nothing_is_worse_than_itself(depths: Comparison) -> None:
    assert not [one for one in depths.rows if one.worse(0) or one.change(0)]


@pytest.mark.parametrize(
    ("better", "values", "worse"),
    [
        ("less", (10.0, 11.0), True), ("less", (10.0, 9.0), False), ("more", (10.0, 9.0), True),
        ("more", (10.0, 11.0), False), ("neither", (10.0, 99.0), False), ("less", (10.0, 10.0 + 1e-7), False),
        ("less", (0.0, 0.1), True), ("less", (None, 1.0), False), ("less", (1.0, None), False),
        ("more", (-10.0, -11.0), True),
    ],
)  # fmt: skip
def test_worse_means_in_the_direction_that_costs_and_more_than_rounding(
    better: str, values: tuple[float | None, ...], worse: bool
) -> None:
    assert Row("x", "x", "kWh", values, better).worse(1) is worse  # type: ignore[arg-type]


def test_rounding_of_shares_and_hours_is_no_loss() -> None:
    assert not Row("x_frac", "x", "1", (0.0, 1e-8), "less").worse(1)
    assert not Row("x_h", "x", "h", (0.0, 1e-8), "less").worse(1)


def test_files_are_told_by_name_or_by_path_where_names_are_equal() -> None:
    _, names, axis = alternatives([CLUSTER, CAPPED], WEEK)
    assert (names, axis) == (["256 A100", "A100, depth of a power cap"], "scenario")
    _, twice, _ = alternatives([CLUSTER, CLUSTER], WEEK)
    assert twice == [str(CLUSTER), str(CLUSTER)]


def test_a_scenario_without_a_class_states_none_of_its_figures() -> None:
    more = compare(*alternatives([CLUSTER, FOLDER / "quickstart.yaml"], WEEK))
    assert row(more, "workloads.models.served").values[1] is None
    assert row(more, "facility_energy_kwh").values[1] is not None


@pytest.mark.parametrize("vary", ["a.b", "a.b=1", "=1,2", "a.b=1,,2", "a.b=", "a.b=1,"])
def test_a_setting_with_less_than_two_values_is_refused(vary: str) -> None:
    with pytest.raises(InputError) as caught:
        variants(CAPPED, vary, ())
    assert str(caught.value.faults[0]) == f"--vary {vary}: must be PATH=VALUE,VALUE,... with two values or more"


def test_commas_inside_lists_and_mappings_do_not_part_values() -> None:
    listed = "weather={file: 'pvlib:723170TYA.CSV'},{file: 'pvlib:12839.tm2'}"
    assert variants(CLUSTER, listed, WEEK)[1] == ["{file: 'pvlib:723170TYA.CSV'}", "{file: 'pvlib:12839.tm2'}"]
    hours = "workloads.models.demand.rate_per_h=1,2"
    assert variants(CLUSTER, hours, WEEK)[1] == ["1", "2"]


def test_a_value_that_does_not_fit_is_a_fault_at_its_option() -> None:
    with pytest.raises(InputError) as caught:
        variants(CAPPED, f"{DEPTH}=1.0,2.0", WEEK)
    assert str(caught.value.faults[0]).startswith(f"--set {DEPTH}=2.0: {DEPTH}: must be ")


def test_bills_in_different_currencies_are_not_compared() -> None:
    flat = "{{kind: flat, currency: {}, energy_per_kwh: 0.11}}"
    flat = f"grid.tariff={flat.format('EUR')},{flat.format('USD')}"
    with pytest.raises(InputError, match="scenarios compared must be billed in one currency, got EUR, USD"):
        compare(*variants(CLUSTER, flat, WEEK))


def test_the_table_for_spreadsheets_has_a_line_a_scenario_and_a_column_a_figure(depths: Comparison) -> None:
    head, *lines = csv.reader(io.StringIO(comparison_csv(depths)))
    assert head[0] == DEPTH
    assert [line[0] for line in lines] == ["1.0", "0.5", "0.25"]
    at = head.index("workloads.models.served [device hours]")
    assert [float(line[at]) for line in lines] == list(row(depths, "workloads.models.served").values)
    assert {len(line) for line in lines} == {len(head)}


def test_the_document_says_where_a_figure_is_worse(depths: Comparison) -> None:
    document = comparison_document(depths)
    assert document["scenarios"] == ["1.0", "0.5", "0.25"]
    served = document["figures"]["workloads.models.served"]
    assert served["worse"] == [False, False, True]
    assert served["differences"][2] == served["values"][2] - served["values"][0]


def test_reading_both_ends_of_a_path(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        alternatives([CLUSTER, tmp_path / "absent.yaml"], ())
