"""What follows a deviation: each rule refuses once, changes nothing, and the refusal is on file (211.192)."""

from datetime import date, timedelta

import pytest

from lims.actions import capa, deviations
from lims.domain.acts import Role
from lims.domain.capa import STREAM, Capas, fold_capas
from lims.domain.entries.capa import DeviationInvestigated
from lims.domain.rows import DeviationRow, TaskRow
from lims.ledger.read_tables import find
from lims.queries.capa import register
from lims.queries.look import Reader
from lims.queries.today import today as today_of
from tests.builders import At, Played, refusals, refuses
from tests.cast import PERSON_OF, QA_A, QA_B, TECH_A, TECH_B

FILED = f"{STREAM}!refusals"


def decided(at: At, severity: str = "major") -> tuple[Played, str]:
    """A batch with one decided deviation, and its number."""
    played = at("counting")
    site, number = played.stage.site, f"{played.batch}-1"
    deviations.open_deviation(
        site, played.actor(TECH_A), played.request(), batch=played.batch, step=None, text="A door stood open."
    )
    deviations.decide_deviation(
        site,
        played.actor(QA_A),
        played.request(),
        batch=played.batch,
        number=number,
        severity=severity,
        decision="accepted",
        impact="None.",
    )
    return played, number


def investigate(played: Played, cause: str = "equipment", on: str = "nothing") -> DeviationInvestigated:
    done = capa.investigate_deviation(
        played.stage.site,
        played.actor(QA_A),
        played.request(),
        batch=played.batch,
        number=f"{played.batch}-1",
        impact_on=on,
        impact="None.",
        cause=cause,
        root_cause="A worn catch.",
    )
    return done.of(DeviationInvestigated)


def today(played: Played) -> date:
    return played.stage.site.clock.now().date()


def plan(
    played: Played, *numbers: str, owner: str = TECH_B, due: int = 3, check: int = 10, **more: str
) -> None:
    capa.open_capa(
        played.stage.site,
        played.actor(QA_A),
        played.request(),
        deviations=numbers,
        action=more.get("action", "corrective"),
        description="Replace the catch.",
        owner=owner,
        due=today(played) + timedelta(days=due),
        criterion="No open door in seven days.",
        check_on=today(played) + timedelta(days=check),
        follows=more.get("follows", ""),
    )


def only(played: Played) -> str:
    return next(iter(capas(played).by_number))


def capas(played: Played) -> Capas:
    return fold_capas(STREAM, played.entries(STREAM))


def finish(played: Played, number: str, who: str = TECH_B) -> None:
    capa.finish_capa(played.stage.site, played.actor(who), played.request(), number=number, done="Replaced.")


def verify(played: Played, number: str, who: str = QA_B, agreed: bool = True) -> None:
    capa.verify_capa(
        played.stage.site, played.actor(who), played.request(), number=number, agreed=agreed, finding="Seen."
    )


def check(played: Played, number: str, who: str = QA_B, effective: bool = True) -> None:
    capa.check_effectiveness(
        played.stage.site,
        played.actor(who),
        played.request(),
        number=number,
        effective=effective,
        finding="Counted.",
    )


def close(played: Played, who: str = QA_B, conclusion: str = "Nothing is left.") -> None:
    capa.close_deviation(
        played.stage.site,
        played.actor(who),
        played.request(),
        batch=played.batch,
        number=f"{played.batch}-1",
        conclusion=conclusion,
    )


def tasks(played: Played) -> list[tuple[str, str, str]]:
    with played.stage.site.ledger.reading() as book:
        return [(row.what, row.role, row.person) for row in find(book, TaskRow, stream=STREAM)]


def test_an_action_waits_for_its_owner_then_for_quality_then_for_its_day(at: At) -> None:
    played, number = decided(at)
    plan(played, number)
    assert tasks(played) == [("finish_capa", "", TECH_B)]
    finish(played, only(played))
    assert tasks(played) == [("verify_capa", "qa", "")]
    verify(played, only(played), agreed=False)
    assert tasks(played) == [("finish_capa", "", TECH_B)]
    finish(played, only(played))
    verify(played, only(played))
    assert tasks(played) == [("check_effectiveness", "qa", "")]
    assert played.verified().holds


def test_an_action_past_its_day_is_overdue_on_its_list_and_on_the_owners_today(at: At) -> None:
    played, number = decided(at)
    plan(played, number, due=1)
    site = played.stage.site
    owner = Reader(person=TECH_B, roles=frozenset({Role.TECHNICIAN}), language="en", site=site)
    assert register(owner, "open").counts == {"open": 1, "overdue": 0, "closed": 0}
    played.wait(days=3)
    assert [row.owner for row in register(owner, "overdue").capas] == [TECH_B]
    shown = today_of(owner)
    tasks = [task for task in (shown.first, *shown.due) if task and task.what == "finish_capa"]
    assert [task.overdue for task in tasks] == [True]


def test_an_action_is_planned_only_because_of_decided_deviations(at: At) -> None:
    played, number = decided(at)
    with refuses(played, "capa.no_deviation", filed=None):
        plan(played)
    with refuses(played, "deviation.unknown", filed=FILED):
        plan(played, f"{played.batch}-9")
    deviations.open_deviation(
        played.stage.site,
        played.actor(TECH_A),
        played.request(),
        batch=played.batch,
        step=None,
        text="Another door stood open.",
    )
    with refuses(played, "deviation.undecided", filed=FILED):
        plan(played, number, f"{played.batch}-2")


@pytest.mark.parametrize("owner", [PERSON_OF[role] for role in PERSON_OF if role.value == "inspector"])
def test_an_action_has_an_owner_who_works_here(at: At, owner: str) -> None:
    played, number = decided(at)
    with refuses(played, "capa.owner_unfit", filed=None):
        plan(played, number, owner=owner)


def test_the_days_of_an_action_are_ahead_and_in_order(at: At) -> None:
    played, number = decided(at)
    with refuses(played, "capa.due_past", filed=None):
        plan(played, number, due=-1)
    with refuses(played, "capa.check_before_due", filed=None):
        plan(played, number, due=3, check=3)
    with refuses(played, "choice.unknown", filed=None):
        plan(played, number, action="none")


def test_only_the_owner_says_that_it_is_done_and_once(at: At) -> None:
    played, number = decided(at)
    plan(played, number)
    with refuses(played, "capa.owner", filed=FILED):
        finish(played, only(played), who=TECH_A)
    with refuses(played, "capa.unknown", filed=FILED):
        finish(played, "CAPA-1999-0001")
    finish(played, only(played))
    with refuses(played, "capa.done", filed=FILED):
        finish(played, only(played))


def test_nobody_verifies_or_judges_their_own_action(at: At) -> None:
    """21 CFR 211.22: who judges took no part."""
    played, number = decided(at)
    plan(played, number, owner=QA_B)
    finish(played, only(played), who=QA_B)
    with refuses(played, "capa.own", filed=FILED):
        verify(played, only(played), who=QA_B)
    verify(played, only(played), who=QA_A)
    with refuses(played, "capa.own", filed=FILED):
        check(played, only(played), who=QA_B)


def test_verification_and_effect_come_in_order_and_not_before_the_day(at: At) -> None:
    played, number = decided(at)
    plan(played, number)
    with refuses(played, "capa.not_done", filed=FILED):
        verify(played, only(played))
    with refuses(played, "capa.not_verified", filed=FILED):
        check(played, only(played))
    finish(played, only(played))
    verify(played, only(played))
    with refuses(played, "capa.verified", filed=FILED):
        verify(played, only(played))
    with refuses(played, "capa.too_early", filed=FILED):
        check(played, only(played))


def test_without_effect_another_action_follows_once(at: At) -> None:
    played, number = decided(at)
    investigate(played)
    plan(played, number, due=0, check=1)
    first = only(played)
    with refuses(played, "capa.not_followed", filed=FILED):
        plan(played, number, follows=first)
    finish(played, first)
    verify(played, first)
    played.wait(minutes=60 * 24 * 2)
    check(played, first, effective=False)
    assert tasks(played) == [("open_capa", "qa", "")]
    with refuses(played, "capa.checked", filed=FILED):
        check(played, first)
    with refuses(played, "deviation.capa_open", filed=refusals(played.batch)):
        close(played)
    plan(played, number, follows=first)
    with refuses(played, "capa.not_followed", filed=FILED):
        plan(played, number, follows=first)
    assert [item.is_open for item in capas(played).of(number)] == [False, True]


def test_a_deviation_closes_with_a_root_cause_by_another_than_its_opener(at: At) -> None:
    played, number = decided(at)
    with refuses(played, "deviation.not_investigated", filed=refusals(played.batch)):
        close(played)
    investigate(played)
    close(played)
    with refuses(played, "deviation.closed", filed=refusals(played.batch)):
        close(played)
    with refuses(played, "deviation.closed", filed=refusals(played.batch)):
        investigate(played)
    with refuses(played, "deviation.closed", filed=FILED):
        plan(played, number)
    with played.stage.site.ledger.reading() as book:
        assert [row.closed for row in find(book, DeviationRow, number=number)] == [True]


def test_the_opener_never_closes(at: At) -> None:
    """Issue: never closed by the opener."""
    played = at("counting")
    site, number = played.stage.site, f"{played.batch}-1"
    deviations.open_deviation(
        site, played.actor(QA_A), played.request(), batch=played.batch, step=None, text="A door stood open."
    )
    deviations.decide_deviation(
        site,
        played.actor(QA_B),
        played.request(),
        batch=played.batch,
        number=number,
        severity="major",
        decision="accepted",
        impact="None.",
    )
    investigate(played)
    with refuses(played, "deviation.opener_decides", filed=refusals(played.batch)):
        close(played, who=QA_A)


def test_a_critical_deviation_without_an_action_says_why(at: At) -> None:
    played, _ = decided(at, severity="critical")
    investigate(played)
    with refuses(played, "deviation.no_capa", filed=None):
        close(played, conclusion="")
    close(played, conclusion="The door is gone with the incubator.")


def test_an_investigation_names_its_categories(at: At) -> None:
    played, _ = decided(at)
    for cause, on in (("fate", "nothing"), ("equipment", "mood")):
        with refuses(played, "choice.unknown", filed=None):
            investigate(played, cause=cause, on=on)
    first = investigate(played)
    assert investigate(played, cause="people").cause == "people"
    entries = [e.fact for e in played.record().entries if isinstance(e.fact, DeviationInvestigated)]
    assert entries[0] == first and len(entries) == 2
