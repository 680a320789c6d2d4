"""The examples in the docstrings of the physics hold."""

from __future__ import annotations

import doctest
import importlib
from pathlib import Path

import pytest

MODULES = sorted(p.stem for p in (Path(__file__).parent.parent.parent / "twin" / "physics").glob("[a-z]*.py"))


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_a_module_hold(name: str) -> None:
    assert doctest.testmod(importlib.import_module(f"twin.physics.{name}")).failed == 0


def test_the_physics_has_examples() -> None:
    found = sum(doctest.testmod(importlib.import_module(f"twin.physics.{name}")).attempted for name in MODULES)
    assert found > 60
