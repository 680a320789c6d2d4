"""Offsets are right: canaries between records stay as they were laid."""

from __future__ import annotations

import numpy as np
import pytest

from tests.engine.scenarios import SHIPPED, shipped
from twin.components.base import Component
from twin.engine import simulate as simulating
from twin.engine.kernel import addresses, compiled_loop
from twin.engine.layout import component_records, record_type
from twin.engine.lowering import lower

CANARY = -7.25e77
GAP = 3


def gaps(block) -> np.ndarray:
    covered = np.zeros(block.size, dtype=bool)
    for name, start in block.offsets.items():
        covered[start : start + block.types[name].itemsize // 8] = True
    return np.flatnonzero(~covered)


@pytest.mark.parametrize("name", SHIPPED)
def test_no_step_writes_outside_its_records(name: str) -> None:
    one = lower(shipped(name, "run.duration=3d", "run.warmup_h=0"), gap=GAP)
    c = one.composition
    arrays = {k: np.zeros(getattr(c, k).size) for k in "psyn"}
    arrays["p"][:], arrays["s"][:] = one.p, one.s
    x, u = one.s.copy(), one.u.copy()
    for k in "psyn":
        arrays[k][gaps(getattr(c, k))] = CANARY
    x[gaps(c.s)] = CANARY
    u[:, gaps(c.u)] = CANARY
    kept = np.array([p for _, _, p in c.outputs])
    series = np.empty((one.axis.count, kept.size))
    sums = np.zeros(c.y.size)
    failed = compiled_loop()(
        addresses(c), c.offsets, c.back, c.flag, c.gather_end, c.gather_from, c.gather_to, c.cut_at, c.cut_from,
        c.cut_to, c.zero, c.begins, kept, c.watch, c.limits, arrays["p"], u, arrays["s"], x, arrays["y"], arrays["n"],
        series, one.s.copy(), sums, sums.copy(), sums.copy(), one.hours, 1.0, 0)  # fmt: skip
    assert failed == -1
    for k in "psyn":
        assert (arrays[k][gaps(getattr(c, k))] == CANARY).all(), k
    assert (x[gaps(c.s)] == CANARY).all()
    plain = simulating._run(lower(shipped(name, "run.duration=3d", "run.warmup_h=0")), "all", plain=False)
    np.testing.assert_array_equal(series, plain.series)


def test_a_field_named_like_an_attribute_of_a_record_is_refused() -> None:
    with pytest.raises(TypeError, match=r"\['mean'\]"):
        record_type({"mean": 0})


def test_an_empty_record_has_a_field_that_nothing_uses() -> None:
    class Bare(Component):
        pass

    assert component_records(Bare)["s"].names == ("unused",)
