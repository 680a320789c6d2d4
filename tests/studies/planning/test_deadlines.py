"""A plan that cannot be says which work, when it came, by when it was due, and what binds."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.studies.planning.cases import GROUP, one_class, problem
from twin.series.axis import TimeAxis
from twin.studies.planning.deadlines import explained
from twin.studies.planning.solve import Infeasible, solve

AXIS = TimeAxis(np.datetime64("2025-03-04T00:00", "ns"), 3600.0, 6)


def test_the_words_are_those_of_the_scenario() -> None:
    full = problem([0.1] * 6, one_class([0, 13, 0, 0, 0, 0], 2, most_kw=4.0, name="summaries"))
    assert explained(full, AXIS) == (
        "workloads.summaries: work that arrives 2025-03-04 01:00 (standard time) must be done by the end of the hour "
        f"from 2025-03-04 03:00 (slack_h 2), and {GROUP} is full until then "
        "(100% of its devices are free of other work); it may be late where late_per_kwh_h states what that costs"
    )  # fmt: skip


def test_its_own_share_is_named_where_that_binds() -> None:
    narrow = replace(one_class([0, 9, 0, 0, 0, 0], 4, most_kw=4.0, name="summaries"), most_share=0.25)
    assert "its `most_frac` of 0.25 of" in str(explained(problem([0.1] * 6, narrow), AXIS))


def test_devices_out_of_service_and_power_limits_are_named() -> None:
    full = one_class([0, 9, 0, 0, 0, 0], 1, most_kw=4.0)
    some = replace(full, in_service_frac=np.full(6, 0.3), limit_frac=np.full(6, 0.5))
    said = (
        "(100% of its devices in service, which are 30% of all, are free of other work, and held to 50% of their power)"
    )
    assert said in str(explained(problem([0.1] * 6, some), AXIS))
    whole = replace(full, in_service_frac=np.ones(6), limit_frac=np.ones(6))
    assert explained(problem([0.1] * 6, whole), AXIS) == explained(problem([0.1] * 6, full), AXIS)


def test_the_end_of_the_run_is_a_deadline() -> None:
    last = problem([0.1] * 6, one_class([0, 0, 0, 0, 0, 9], 24, most_kw=4.0))
    assert "by the end of the run" in str(explained(last, AXIS))
    assert explained(replace(last, ends=False), AXIS) is None


@given(st.lists(st.integers(0, 6), min_size=6, max_size=6), st.lists(st.integers(0, 6), min_size=6, max_size=6),
       st.integers(0, 4), st.integers(0, 4))  # fmt: skip
@settings(max_examples=80, deadline=None)
def test_earliest_deadline_first_and_the_program_agree_on_what_is_possible(
    first: list[int], second: list[int], slack: int, other: int
) -> None:
    case = problem([0.1] * 6, one_class(first, slack, 6.0, "one"), one_class(second, other, 6.0, "two"))
    try:
        solve(case)
    except Infeasible:
        assert explained(case, AXIS) is not None
    else:
        assert explained(case, AXIS) is None


def test_nothing_to_explain_where_all_fits() -> None:
    assert explained(problem([0.1] * 6, one_class([1] * 6, 2)), AXIS) is None
    with pytest.raises(Infeasible):
        solve(problem([0.1] * 6, one_class([0, 9, 0, 0, 0, 0], 1, most_kw=4.0)))
