"""ERF and ERE against worked examples and each other."""

from __future__ import annotations

import pytest

from twin.studies.reuse import reuse
from twin.studies.sums import Sums

HEAT = "plants.main.heat_reuse.reused_kw"
TAKEN = "plants.main.heat_reuse.source_kw"


def figures(reused: float, facility: float, it: float) -> dict[str, float]:
    sums = Sums({HEAT: reused, TAKEN: reused}, {}, {}, 1.0, 8760.0)
    return {name: metric["value"] for name, metric in reuse(sums, facility, it).items()}


# EN 50600-4-6 card: 79/147; energy efficiency directive, guide of the German register: 1.5 of 10 GWh
@pytest.mark.parametrize(("reused", "facility", "erf"), [(79, 147, 0.537), (1_500_000, 10_000_000, 0.15)])
def test_erf_is_that_of_worked_examples(reused: float, facility: float, erf: float) -> None:
    assert figures(reused, facility, 100.0)["erf"] == pytest.approx(erf, abs=5e-4)


def test_ere_is_pue_times_what_erf_leaves() -> None:
    """The Green Grid; NREL ESIF states PUE 1.034 and ERE .929, hence 10.2 % of its energy reused."""
    it, facility = 7_776.0, 7_776.0 * 1.034
    found = figures(facility * (1 - 0.929 / 1.034), facility, it)
    assert found["ere"] == pytest.approx(0.929, rel=1e-12)
    assert found["ere"] == pytest.approx(facility / it * (1 - found["erf"]), rel=1e-12)
    assert found["erf"] == pytest.approx(0.1015, abs=1e-4)


def test_without_heat_reuse_there_is_no_figure_of_it() -> None:
    assert reuse(Sums({}, {}, {}, 1.0, 8760.0), 100.0, 80.0) == {}


def test_without_it_load_there_is_no_ere() -> None:
    found = figures(10.0, 100.0, 0.0)
    assert "ere" not in found
    assert found["erf"] == 0.1
