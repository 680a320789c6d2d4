"""The order of a time step is made from the technologies' phases; one whose place does not exist is an error."""

from __future__ import annotations

import pytest

from tests.engine.scenarios import shipped
from twin.components.base import Phase
from twin.components.power.loads import Lighting
from twin.engine.composition import compose, members_of
from twin.engine.program import SUPPLY, Member, build


class Misspelt(Lighting):
    """Lighting whose step would never come."""

    phases = (Phase("demands", Lighting.phases[0].run, Lighting.phases[0].nodes),)


def test_a_phase_whose_name_is_misspelt_is_an_error_that_tells_the_nearest() -> None:
    member = Member("loads.lamp", Misspelt, tuple((role, "x") for role in Misspelt.phases[0].nodes), fed_by="grid")
    with pytest.raises(
        TypeError, match=r"^Misspelt: there is no 'demands' in a time step \(did you mean 'demand'\?\)$"
    ):
        build([member])


def test_each_phase_of_each_member_stands_in_the_program() -> None:
    members = members_of(shipped("quickstart"))
    program = compose(members).program
    for member in members:
        own = sorted(i.phase.at for i in program if i.member == member)
        left = {*SUPPLY, *(() if "release" in own else ("release",))}  # nothing can fail here
        wanted = sorted(phase.at for phase in member.kind.phases if phase.at not in left)
        assert own == wanted, member.path
