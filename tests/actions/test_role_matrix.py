"""Every act of the table × every role: who is not named there is refused, and it stays on file (21 CFR 11.10(g))."""

import pytest

from lims.actions.work import Ask, Decision, Scene, perform
from lims.domain.acts import ACTS, Role
from lims.domain.entries.keys import ActRefused
from lims.domain.refusals import NotAllowed, Refused
from tests.actions.attempts import ATTEMPTS, CREATE, SYSTEM_ACTS
from tests.builders import At, SharedAt, on_file
from tests.cast import PERSON_OF

BARRED = [(name, role) for name in ATTEMPTS for role in PERSON_OF if role not in ACTS[name].by]
ALLOWED = [(name, role) for name in ATTEMPTS for role in PERSON_OF if role in ACTS[name].by]


def test_every_act_of_the_table_has_a_row() -> None:
    assert {*ATTEMPTS, *SYSTEM_ACTS} == set(ACTS)


def test_every_role_that_a_person_can_hold_is_in_the_cast() -> None:
    assert set(PERSON_OF) == set(Role) - {Role.SYSTEM}


@pytest.mark.parametrize(("name", "role"), BARRED)
def test_who_is_not_named_is_refused(shared_at: SharedAt, name: str, role: Role) -> None:
    row = ATTEMPTS[name]
    played = shared_at(row.point)
    actor, request, filed = played.actor(PERSON_OF[role]), played.request(), row.filed(played)
    before = on_file(played)
    with pytest.raises(NotAllowed) as refused:
        row.attempt(played, actor, request)
    assert (refused.value.rule, refused.value.status) == ("act.role", 403)
    after = on_file(played)
    assert after.rows == before.rows
    changed = [stream for stream, head in after.heads.items() if before.heads.get(stream) != head]
    if name in (
        "issue_document",
        "print_blank_master",
        "print_casebook",
        "print_trial_report",
        "print_quality_review",
        "print_register",
    ):  # refused before a paper is rendered for nothing
        assert changed == []
        return
    if filed in CREATE:
        assert len(changed) == 1
        assert changed[0].startswith(filed) and changed[0].endswith("!refusals")
    else:
        assert changed == [f"{filed}!refusals"]
    last = played.entries(changed[0])[-1]
    assert isinstance(last.fact, ActRefused)
    assert (last.fact.rule, last.person, last.act) == ("act.role", PERSON_OF[role], name)


@pytest.mark.parametrize(("name", "role"), ALLOWED)
def test_who_is_named_is_not_refused_for_the_role(at: At, name: str, role: Role) -> None:
    row = ATTEMPTS[name]
    played = at(row.point)
    try:
        row.attempt(played, played.actor(PERSON_OF[role]), played.request())
    except Refused as refused:
        assert refused.rule not in ("act.role", "act.strength", "act.key_not_attested", "act.undertaking")


@pytest.mark.parametrize("role", PERSON_OF)
@pytest.mark.parametrize("name", sorted(SYSTEM_ACTS))
def test_nobody_does_what_only_the_system_does(shared_at: SharedAt, name: str, role: Role) -> None:
    played = shared_at("counting")
    ask = Ask(request_id=played.request(), act=name, on=f"batch:{played.batch}", asked={})
    with pytest.raises(NotAllowed) as refused:
        perform(played.stage.site, played.actor(PERSON_OF[role]), ask, _must_not_be_asked)
    assert refused.value.rule == "act.role"


def _must_not_be_asked(scene: Scene) -> Decision:
    raise AssertionError("the rule was asked although the role does not allow the act")
