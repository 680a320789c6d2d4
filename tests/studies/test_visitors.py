"""What strangers hand in: faults with line numbers, bounds on size, and no way to a file of the machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from twin.errors import InputError
from twin.scenario.reading import read_scenario
from twin.scenario.resolved import resolved_yaml
from twin.studies.visitors import LARGEST_UPLOAD, files_beside, read_shipped, read_upload, shipped_names

SCENARIOS = Path(__file__).parents[2] / "scenarios"
QUICKSTART = (SCENARIOS / "quickstart.yaml").read_text(encoding="utf-8")


def faults_of(text: str, *overrides: str) -> list[str]:
    """Faults of an upload."""
    with pytest.raises(InputError) as caught:
        read_upload(text, "mine.yaml", overrides)
    return [str(fault) for fault in caught.value.faults]


def test_a_downloaded_scenario_reads_again_as_an_upload() -> None:
    scenario = read_scenario(SCENARIOS / "quickstart.yaml")
    assert read_upload(resolved_yaml(scenario), "mine.yaml") == scenario


def test_every_fault_of_an_upload_has_its_line() -> None:
    line = next(n for n, text in enumerate(QUICKSTART.splitlines(), 1) if "supply_air_c: 23" in text)
    (fault,) = faults_of(QUICKSTART.replace("supply_air_c: 23", "supply_air_c: 99", 1))
    assert fault.startswith(f"mine.yaml:{line}:")
    assert "halls.enterprise.air.supply_air_c" in fault


@pytest.mark.parametrize(
    "reference",
    ["/etc/passwd", "../secret.epw", "~/weather.epw", "weather.csv", "data:../../pyproject.toml", "pvlib:/etc/passwd"],
)
def test_an_upload_cannot_name_a_file_of_the_machine(reference: str) -> None:
    (fault,) = faults_of(QUICKSTART.replace("pvlib:12839.tm2", reference))
    assert "weather.file: may name only files that the twin brings along, pvlib:NAME or data:PATH" in fault


@pytest.mark.parametrize("reference", ["/etc/passwd", "data:../pyproject.toml"])
def test_neither_can_an_override_in_an_address(reference: str) -> None:
    for read in (lambda o: read_shipped(SCENARIOS, "quickstart.yaml", o), lambda o: read_upload(QUICKSTART, "m", o)):
        with pytest.raises(InputError, match="may name only files that the twin brings along"):
            read([f"weather.file={reference}"])


def test_an_upload_cannot_extend_a_file_of_the_machine() -> None:
    (fault,) = faults_of("extends: /etc/passwd\nname: x\n")
    assert fault.startswith("mine.yaml:1:1: extends: an uploaded scenario cannot extend a file")


def test_an_upload_that_is_too_large_is_not_parsed() -> None:
    (fault,) = faults_of("#" * (LARGEST_UPLOAD + 1))
    assert fault == "mine.yaml: is larger than 500 kB; a scenario holds settings, not series"


def test_tags_of_python_objects_are_faults_and_nothing_is_executed(tmp_path: Path) -> None:
    mark = tmp_path / "executed"
    faults = faults_of(f"name: !!python/object/apply:os.mkdir ['{mark}']\n")
    assert faults
    assert not mark.exists()


@pytest.mark.parametrize("name", ["../pyproject.toml", "/etc/passwd", "nothing.yaml", ""])
def test_only_listed_scenarios_are_shipped_ones(name: str) -> None:
    with pytest.raises(InputError, match="there is no shipped scenario"):
        read_shipped(SCENARIOS, name)


def test_the_list_begins_with_the_quickstart_and_holds_all_of_them() -> None:
    names = shipped_names(SCENARIOS)
    assert names[0] == "quickstart.yaml"
    assert len(names) == len(list(SCENARIOS.rglob("*.yaml"))) > 40


def test_a_shipped_scenario_keeps_the_files_beside_it() -> None:
    assert read_shipped(SCENARIOS, "work/hpc_trace.yaml", ["run.duration=2d"]).run.duration == "2d"


@pytest.mark.parametrize(
    ("name", "override", "told"),
    [
        (
            "grid/price_battery.yaml",
            "run.calendar_year=2023",
            "data:prices/ercot_dam_2021.csv: covers 2021-01-01T06:00Z",
        ),
        (
            "quickstart.yaml",
            "weather.file=pvlib:12838.tm2",
            "no file 'pvlib:12838.tm2' (did you mean 'pvlib:12839.tm2'",
        ),
        ("quickstart.yaml", "grid.tariff={kind: table, file: data:nothing.yaml}", "no file 'data:nothing.yaml'"),
    ],
)
def test_faults_of_a_file_name_it_as_the_scenario_does(name: str, override: str, told: str) -> None:
    for read in (
        lambda: read_shipped(SCENARIOS, name, [override]),
        lambda: read_upload(resolved_yaml(read_scenario(SCENARIOS / name)), "mine.yaml", [override]),
    ):
        with pytest.raises(InputError) as caught:
            read()
        said = str(caught.value)
        assert told in said
        assert str(SCENARIOS.parent) not in said
        assert "site-packages" not in said


def test_faults_of_files_beside_a_shipped_scenario_are_told_without_their_folder(tmp_path: Path) -> None:
    (tmp_path / "work").mkdir()
    text = (SCENARIOS / "work" / "llm_requests.yaml").read_text(encoding="utf-8")
    (tmp_path / "work" / "mine.yaml").write_text(text.replace("../", f"{SCENARIOS}/"), encoding="utf-8")
    for content in (None, "second,tokens\n1,x\n"):
        if content:
            (tmp_path / "work" / "made_up_requests.csv").write_text(content, encoding="utf-8")
        with pytest.raises(InputError, match=r"made_up_requests.csv") as caught:
            read_shipped(tmp_path, "work/mine.yaml")
        assert str(tmp_path) not in str(caught.value)
        assert str(caught.value).startswith("mine.yaml:")


def test_files_that_a_shipped_scenario_names_beside_it_are_found() -> None:
    found = {name: [file.name for file in files_beside(SCENARIOS, name)] for name in shipped_names(SCENARIOS)}
    assert {name: files for name, files in found.items() if files} == {
        "work/hpc_trace.yaml": ["made_up_cluster.swf"],
        "work/llm_requests.yaml": ["made_up_requests.csv"],
        "work/shift_policies.yaml": ["made_up_plan.csv"],
    }
