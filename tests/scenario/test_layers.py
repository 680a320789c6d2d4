"""A file that extends others holds what differs; every part keeps the place where it is written."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.scenario.toy import Battery, Chiller, DryCooler, Site
from twin.errors import InputError
from twin.scenario.reading import read_document, read_model

BASE = """\
name: base
halls:
  a: {racks_kw: 5, label: first, cooling: {kind: chiller, low_c: 7}}
  b: {racks_kw: 6}
tariff:
- {kind: flat, price_per_kwh: 1}
- {kind: flat, price_per_kwh: 2}
battery: {energy_kwh: 100, power_kw: 50}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with a base file in it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "base.yaml").write_text(BASE)
    return tmp_path


def read(text: str, name: str = "child.yaml") -> Site:
    """The site of a file that is written first."""
    Path(name).parent.mkdir(exist_ok=True)
    Path(name).write_text(text)
    return read_model(Site, name)


def faults(text: str, name: str = "child.yaml") -> list[str]:
    """Faults of a file that is written first."""
    with pytest.raises(InputError) as error:
        read(text, name)
    return [str(fault) for fault in error.value.faults]


@pytest.mark.usefixtures("folder")
def test_mappings_merge_and_anything_else_replaces() -> None:
    site = read("extends: base.yaml\nname: child\nhalls:\n  a: {racks_kw: 9}\n  c: {racks_kw: 1}\ntariff: []\n")
    assert site.name == "child"
    assert {name: (hall.racks_kw, hall.label) for name, hall in site.halls.items()} == {
        "a": (9, "first"),
        "b": (6, ""),
        "c": (1, ""),
    }
    assert site.tariff == []
    assert site.battery == Battery(energy_kwh=100, power_kw=50)


@pytest.mark.usefixtures("folder")
def test_another_kind_replaces_the_whole_mapping_and_the_same_kind_merges() -> None:
    other = read("extends: base.yaml\nhalls: {a: {cooling: {kind: dry_cooler, approach_k: 5}}}")
    assert other.halls["a"].cooling == DryCooler(kind="dry_cooler", approach_k=5)
    same = read("extends: base.yaml\nhalls: {a: {cooling: {kind: chiller, high_c: 14}}}")
    assert same.halls["a"].cooling == Chiller(low_c=7, high_c=14)


@pytest.mark.usefixtures("folder")
def test_null_takes_an_inherited_value_away() -> None:
    site = read("extends: base.yaml\nhalls: {b: null, a: {label: null}}\nbattery: {power_kw: null}\ntariff: null\n")
    assert list(site.halls) == ["a"], "a named thing is gone"
    assert site.halls["a"].label == "", "a field that may not be None is back at its default"
    assert site.battery == Battery(energy_kwh=100, power_kw=None), "a field that may be None is None"
    assert len(site.tariff) == 1
    assert read("extends: base.yaml\nbattery: ~").battery is None


@pytest.mark.usefixtures("folder")
def test_null_that_takes_nothing_away_is_a_fault() -> None:
    assert faults("extends: base.yaml\nhalls:\n  c:\n") == ["child.yaml:3:3: halls.c: must be a mapping, got null"]
    assert faults("name: x\nhalls: {a: {racks_kw: }}\n") == [
        "child.yaml:2:13: halls.a.racks_kw: must be a number, got null"
    ]


@pytest.mark.usefixtures("folder")
def test_taking_away_what_is_required_is_a_fault() -> None:
    assert faults("extends: base.yaml\nhalls:\n  a:\n    racks_kw: null\n") == [
        "child.yaml:4:5: halls.a.racks_kw: is required"
    ]


@pytest.mark.usefixtures("folder")
def test_of_several_files_the_later_wins_and_the_file_itself_wins_over_all() -> None:
    Path("two.yaml").write_text("name: two\nhalls: {a: {racks_kw: 2, label: two}}\n")
    site = read("extends: [base.yaml, two.yaml]\nhalls: {a: {racks_kw: 3}}\n")
    assert (site.name, site.halls["a"].racks_kw, site.halls["a"].label) == ("two", 3, "two")
    assert site.halls["b"].racks_kw == 6


@pytest.mark.usefixtures("folder")
def test_a_file_that_two_others_extend_is_read_once() -> None:
    Path("base.yaml").write_text("name: x\nname: y\nhalls: {a: {racks_kw: 1}}\n")
    Path("left.yaml").write_text("extends: base.yaml\n")
    Path("right.yaml").write_text("extends: base.yaml\n")
    assert faults("extends: [left.yaml, right.yaml]\n") == ["base.yaml:2:1: name: duplicate key (first at line 1)"]


@pytest.mark.usefixtures("folder")
def test_a_fault_points_into_the_file_that_holds_it() -> None:
    Path("base.yaml").write_text(BASE.replace("racks_kw: 6", "racks_kw: -6").replace("label", "lable"))
    assert faults("extends: base.yaml\nhalls: {a: {racks_kw: 0}}\n") == [
        "base.yaml:3:20: halls.a.lable: unknown key (did you mean 'label'?)",
        "base.yaml:4:7: halls.b.racks_kw: must be > 0, got -6",
        "child.yaml:2:13: halls.a.racks_kw: must be > 0, got 0",
    ]


@pytest.mark.usefixtures("folder")
def test_a_replaced_mapping_leaves_no_place_behind() -> None:
    Path("child.yaml").write_text("extends: base.yaml\nhalls: {a: {cooling: {kind: dry_cooler}}}\n")
    source = read_document("child.yaml")
    assert ("halls", "a", "cooling", "low_c") not in source.places
    assert source.place(("halls", "a", "cooling", "low_c")).file == "child.yaml"
    assert source.place(("halls", "b", "racks_kw")).file == "base.yaml"


def test_paths_are_relative_to_the_file_that_holds_them(folder: Path) -> None:
    (folder / "bases").mkdir()
    (folder / "bases" / "load.csv").write_text("")
    (folder / "spot.csv").write_text("")
    (folder / "bases" / "deep.yaml").write_text(BASE + "weather: load.csv\n")
    (folder / "bases" / "mid.yaml").write_text("extends: deep.yaml\n")
    (folder / "studies").mkdir()
    site = read(
        "extends: ../bases/mid.yaml\ntariff: [{kind: spot, file: ../spot.csv}]\n"
        "halls: {a: {trace: ../bases/load.csv}}\n",
        "studies/child.yaml",
    )
    root = folder.resolve()
    assert site.weather == str(root / "bases" / "load.csv")
    assert site.halls["a"].trace == str(root / "bases" / "load.csv")
    assert site.tariff[0].model_dump()["file"] == str(root / "spot.csv")
    assert read_document("studies/child.yaml").place(("name",)).file == "bases/deep.yaml"


@pytest.mark.usefixtures("folder")
def test_a_circle_of_files_is_shown_as_a_chain() -> None:
    Path("a.yaml").write_text("extends: b.yaml\n")
    Path("b.yaml").write_text("name: b\nextends: [base.yaml, child.yaml]\n")
    assert faults("extends: a.yaml\n") == [
        "b.yaml:2:22: extends[1]: files extend each other: child.yaml -> a.yaml -> b.yaml -> child.yaml"
    ]
    assert faults("extends: child.yaml\n") == [
        "child.yaml:1:1: extends: files extend each other: child.yaml -> child.yaml"
    ]


@pytest.mark.usefixtures("folder")
def test_a_base_that_cannot_be_opened_is_a_fault_where_it_is_named() -> None:
    assert faults("name: x\nextends: bsae.yaml\n") == [
        "child.yaml:2:1: extends: bsae.yaml: no such file (did you mean 'base.yaml'?)"
    ]
    assert faults("extends: [base.yaml, ., 3]\n") == [
        "child.yaml:1:22: extends[1]: .: is a folder, not a file",
        "child.yaml:1:25: extends[2]: must be a file name or a list of file names, got 3",
    ]
    assert faults('extends: "a\\0b"\n')[0].startswith("child.yaml:1:1: extends: must be a file name or a list")
    assert faults("extends: {a: b}\n")[0].startswith("child.yaml:1:1: extends: must be a file name or a list")


@pytest.mark.usefixtures("folder")
def test_a_base_with_broken_text_is_a_fault_inside_it_and_the_others_are_still_read() -> None:
    Path("base.yaml").write_text("name: x\nhalls: @\n")
    Path("two.yaml").write_text("a: [1\n")
    found = faults("extends: [base.yaml, two.yaml]\nnonsense: 1\n")
    assert found[0] == "base.yaml:2:8: a value cannot start with '@' (quote it)"
    assert [fault.split(":")[0] for fault in found] == ["base.yaml", "two.yaml"]


def test_a_chain_that_never_ends_is_refused(folder: Path) -> None:
    for number in range(40):
        (folder / f"f{number}.yaml").write_text(f"extends: f{number + 1}.yaml\n")
    assert faults("extends: f0.yaml\n") == ["f30.yaml:1:1: extends: more than 32 files extend one another"]


@pytest.mark.usefixtures("folder")
def test_no_extends_and_an_empty_one_are_the_same() -> None:
    text = "name: x\nhalls: {a: {racks_kw: 1}}\n"
    assert read(text) == read("extends:\n" + text) == read("extends: []\n" + text)
