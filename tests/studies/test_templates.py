"""A run that takes over sound parts of the first one is the scenario that its data alone give, faults included."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import ValidationError

from tests.studies.studies import COMPARED, ROOT, SMALL, written
from twin.scenario.model import Scenario
from twin.scenario.reading import read_scenario
from twin.studies.design import design_of
from twin.studies.study import read_study
from twin.studies.templates import Template
from twin.studies.variants import Variants

STUDIES = ("controls", "risk", "ten_years")


def of_data(template: Template, numbers: tuple[float | int, ...]) -> Scenario:
    """The scenario of all the data, read anew."""
    return Scenario.model_validate(template._with(template.data, numbers))


def some_runs(path: Path, count: int) -> Iterator[tuple[Template, tuple[float | int, ...]]]:
    """Templates and numbers of runs from the whole of a study."""
    study, source = read_study(path)
    found = Variants(design_of(study), source)
    for run in range(0, found.design.count, max(found.design.count // count, 1)):
        _, template, numbers = found._checked(run)
        yield found.templates[template], numbers


@pytest.mark.parametrize("name", [*STUDIES, "written"])
def test_runs_of_a_template_are_what_their_data_alone_give(name: str, tmp_path: Path) -> None:
    path = written(tmp_path, COMPARED) if name == "written" else ROOT / "scenarios" / "studies" / f"{name}.yaml"
    for template, numbers in some_runs(path, 6):
        quick, slow = template.scenario(numbers), of_data(template, numbers)
        assert quick == slow
        assert quick.model_dump_json() == slow.model_dump_json()
        assert quick.model_dump(exclude_unset=True) == slow.model_dump(exclude_unset=True)


def test_parts_that_no_number_reaches_are_read_once(tmp_path: Path) -> None:
    template, numbers = next(some_runs(written(tmp_path), 1))
    first, then = template.scenario(numbers), template.scenario(numbers)
    assert first.grid is then.grid
    assert first.plants["main"].condenser is then.plants["main"].condenser
    assert first.plants["main"] is not then.plants["main"]


@pytest.mark.parametrize("numbers", [(24, 60.0, 60.0, 8.0, 20), (24, 23.0, 23.0, 25.0, 20), (24, 23.0, 23.0, 8.0, 300)])
def test_a_number_that_does_not_hold_is_told_as_of_the_data(numbers: tuple[float | int, ...], tmp_path: Path) -> None:
    template, sound = next(some_runs(written(tmp_path, SMALL), 1))
    assert len(sound) == len(numbers)
    with pytest.raises(ValidationError) as quick:
        template.scenario(numbers)
    with pytest.raises(ValidationError) as slow:
        of_data(template, numbers)
    assert str(quick.value) == str(slow.value)


def test_a_template_travels_without_what_was_made_of_it(tmp_path: Path) -> None:
    template, numbers = next(some_runs(written(tmp_path), 1))
    fresh = len(pickle.dumps(template))
    scenario = template.scenario(numbers)
    assert len(pickle.dumps(template)) == fresh
    assert pickle.loads(pickle.dumps(template)).scenario(numbers) == scenario


def test_a_template_without_numbers_is_its_scenario() -> None:
    scenario = read_scenario(ROOT / "scenarios" / "quickstart.yaml")
    assert Template(scenario.model_dump(mode="json", by_alias=True), ()).scenario(()) == scenario
