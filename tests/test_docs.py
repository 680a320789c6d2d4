"""Scenarios in the documentation are sound, and what it names is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from twin.cli import commands
from twin.scenario.model import Scenario
from twin.scenario.reading import read_model

DOCS = Path(__file__).parents[1] / "docs"
TEXT = (DOCS / "own_site.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```yaml\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("text", BLOCKS, ids=[block.splitlines()[1] for block in BLOCKS])
def test_a_scenario_of_the_guide_is_sound(text: str) -> None:
    assert read_model(Scenario, DOCS / "own_site.yaml", (), text).name in text


def test_commands_and_options_that_the_guide_names_exist() -> None:
    said = re.findall(r"(?:^|`|\n)twin ([a-z]+)([^`\n#]*)", TEXT)
    assert len(said) >= 8
    for name, rest in said:
        command = commands.commands[name]
        known = {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)}
        assert set(re.findall(r"--[a-z-]+", rest)) <= known, name
