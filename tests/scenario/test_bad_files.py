"""Each bad file says, all at once, what the text file beside it holds.

``--set PATH=VALUE`` on the first line of a bad file are overrides that it is read with. After a change of wording,
``python -m tests.scenario.test_bad_files`` writes the texts anew: read the difference before it is kept.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.scenario.toy import Site
from twin.errors import InputError
from twin.scenario.reading import read_model
from twin.series.files import data_folder, pvlib_folder
from twin.studies.inputs import read_for_run

HERE = Path(__file__).parent
READERS: dict[str, Callable[[Path, list[str]], Any]] = {  # folder -> how its files are read
    "bad": lambda path, overrides: read_model(Site, path, overrides),
    "bad_scenarios": lambda path, overrides: read_for_run(path, overrides),  # as `twin check` reads them
}
PAIRS = [path for folder in READERS for path in sorted((HERE / folder).glob("*.yaml"))]


def said(path: Path) -> str:
    """What is said about a file that is read from its own folder, one fault to a line."""
    first = path.read_text(encoding="utf-8", errors="replace").partition("\n")[0]
    overrides = first.removeprefix("# --set ").split(" --set ") if first.startswith("# --set ") else []
    try:
        READERS[path.parent.name](Path(path.name), overrides)
    except InputError as error:
        text = "".join(f"{fault}\n" for fault in error.faults)
        for folder, shown in ((path.parent.resolve(), "."), (data_folder(), "DATA"), (pvlib_folder(), "PVLIB")):
            text = text.replace(str(folder), shown)
        return text
    return "nothing is wrong\n"


@pytest.mark.parametrize("path", PAIRS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_bad_file_says_all_that_is_wrong_with_it(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(path.parent)
    assert said(path) == path.with_suffix(".txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("folder", READERS)
def test_every_text_has_its_bad_file(folder: str) -> None:
    texts = {path.stem for path in (HERE / folder).glob("*.txt")}
    assert texts == {path.stem for path in PAIRS if path.parent.name == folder}
    assert texts


@pytest.mark.parametrize("path", PAIRS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_each_fault_stands_in_one_line_with_its_place(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(path.parent)
    with pytest.raises(InputError) as error:
        READERS[path.parent.name](Path(path.name), [])
    assert all(fault.place is not None and "\n" not in str(fault) for fault in error.value.faults)


if __name__ == "__main__":
    for bad in PAIRS:
        os.chdir(bad.parent)
        bad.with_suffix(".txt").write_text(said(bad), encoding="utf-8")
