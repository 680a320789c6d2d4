"""What twin headroom prints, writes and draws."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from twin.cli import commands
from twin.errors import InputError

SITE = str(Path(__file__).parent.parent.parent / "scenarios" / "loss_of_cooling.yaml")
CALM = ("--set", "halls.hall.air.availability={kind: constant, value_frac: 1}")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(commands, ["headroom", SITE, *CALM, *arguments], catch_exceptions=False)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> tuple[Result, Path]:
    folder = tmp_path_factory.mktemp("headroom")
    asked = ("--no-year", "--part-load", "--ramp", "2,0.5", "--lose", "1", "--window", "1", "--out", str(folder))
    period = ("--set", "run={calendar_year: 2025, start: 2025-07-14, duration: 6h}")
    vary = ("--vary", "halls.hall.air.supply_air_c=20,24")
    return run(*asked, *period, *vary), folder


def test_tables_tell_what_fits_what_binds_and_what_a_loss_does(written: tuple[Result, Path]) -> None:
    text = written[0].stdout
    assert written[0].exit_code == 0
    for words in ("IT that can still be deployed", "would free", "Design day", "While the site fills", "Worst hour"):
        assert words in text


def test_the_file_holds_every_table_and_null_for_what_never_happens(written: tuple[Result, Path]) -> None:
    document = json.loads((written[1] / "headroom.json").read_text())
    assert document["headroom"][0]["level"] == "design"
    assert document["headroom"][0]["added_kw"] > 0.0
    assert len(document["part_load"]["curves"]) == 4
    assert [one["fill_frac"] for one in document["ramp"]] == [0.5, 1.0]
    assert [one["name"] for one in document["strategies"]] == ["supply_air_c 20", "supply_air_c 24"]
    minutes = [one["allowable_min"] for one in document["n_minus"]["worst"]]
    assert all(value is None or math.isfinite(value) for value in minutes)


def test_the_page_shows_a_picture_for_each_question_and_needs_no_network(written: tuple[Result, Path]) -> None:
    page = (written[1] / "headroom.html").read_text()
    assert page.count('id="figure') == 7
    assert 'src="http' not in page


def test_answers_come_as_json_alone() -> None:
    assert json.loads(run("--no-year", "--json").stdout)["schema_version"] == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--inlet", "warm"), "--inlet warm: is one of recommended, allowable"),
        (("--ramp", "five"), "--ramp five: must be YEARS or YEARS,FIRST, such as 5,0.25"),
        (("--no-year", "--lose", "1", "--window", "0.5"), "--window 0.5: must be whole hours, at least 1"),
    ],
)
def test_what_makes_no_sense_is_told(arguments: tuple[str, ...], message: str) -> None:
    with pytest.raises(InputError) as told:
        run(*arguments)
    assert str(told.value) == message
