"""Exports, freezes, and questions about data: who does what, in which order, and what is on file."""

import pytest

from lims.actions import figures, outgoing
from lims.domain.acts import Role
from lims.domain.canonical import file_hash
from lims.domain.entries.outgoing import DataExported, DataFrozen
from lims.domain.refusals import Refused
from lims.domain.trial.outgoing import close_query
from lims.ledger.files import Files
from tests.actions.attempts import made
from tests.builders import At, Played, refuses
from tests.cast import CLIN_A, COORD, PERSON_OF, QA_A, QA_B

CONTENT = b"tables"
STAT = PERSON_OF[Role.STATISTICIAN]


def freeze(played: Played, purpose: str = "interim analysis", who: str = STAT) -> DataFrozen:
    done = outgoing.freeze_data(
        played.stage.site,
        played.actor(who),
        played.request(),
        content=CONTENT,
        made=made(played),
        purpose=purpose,
        open_queries=0,
    )
    return done.of(DataFrozen)


def ask(played: Played, place: str = "participants.randomisation_on") -> None:
    outgoing.raise_query(
        played.stage.site,
        played.actor(QA_A),
        played.request(),
        participant=played.anna,
        place=place,
        question="Is this the day of the list?",
    )


def answer(played: Played, who: str = COORD, number: int = 1) -> None:
    outgoing.answer_query(
        played.stage.site,
        played.actor(who),
        played.request(),
        participant=played.anna,
        number=number,
        answer="Yes, of the list.",
    )


def close(played: Played, who: str = QA_A, number: int = 1) -> None:
    outgoing.close_query(
        played.stage.site, played.actor(who), played.request(), participant=played.anna, number=number
    )


def state(played: Played) -> str:
    return played.participant().queries[1].state


def test_a_freeze_is_kept_under_the_hash_that_is_on_file(at: At) -> None:
    """Issue 6, point 9: freeze with hash."""
    played = at("staffed")
    fact = freeze(played)
    kept = Files(played.stage.site.ledger.files).get(fact.sha256)
    assert (file_hash(kept), kept, fact.number) == (fact.sha256, CONTENT, 1)
    assert freeze(played).number == 2
    assert played.verified().holds


def test_a_freeze_whose_file_was_changed_is_found_by_verification(at: At) -> None:
    played = at("staffed")
    fact = freeze(played)
    path = played.stage.site.ledger.files / fact.sha256[:2] / fact.sha256
    path.write_bytes(b"other tables")
    assert not played.verified().holds


def test_an_export_is_on_file_with_its_hash(at: At) -> None:
    """PIPL: what is transferred, when and by whom."""
    played = at("staffed")
    done = outgoing.export_data(
        played.stage.site, played.actor(STAT), played.request(), form="odm", made=made(played)
    )
    fact = done.of(DataExported)
    assert (fact.form, fact.sha256, done.entries[0].person) == ("odm", file_hash(CONTENT), STAT)


def test_a_form_that_does_not_exist_exports_nothing(at: At) -> None:
    played = at("staffed")
    with refuses(played, "choice.unknown", filed=None):
        outgoing.export_data(
            played.stage.site, played.actor(STAT), played.request(), form="sas", made=made(played)
        )


def test_before_the_lock_nothing_by_arm_goes_out_to_quality(at: At) -> None:
    """ICH E9 4.5: the tables tell outcomes by arm; until lock they are for the statistician."""
    played = at("staffed")
    with refuses(played, "figures.by_arm", filed="outgoing!refusals"):
        freeze(played, who=QA_A)
    with refuses(played, "figures.by_arm", filed="outgoing!refusals"):
        outgoing.export_data(
            played.stage.site, played.actor(QA_A), played.request(), form="csv", made=made(played)
        )
    figures.lock_trial(played.stage.site, played.actor(QA_A), played.request())
    assert freeze(played, who=QA_A).number == 1


def test_a_question_is_answered_and_closed(at: At) -> None:
    """Issue 6, point 9: queries and their answers."""
    played = at("staffed")
    ask(played)
    assert state(played) == "open"
    answer(played, CLIN_A)
    assert state(played) == "answered"
    close(played, QA_B)
    assert state(played) == "closed"
    assert played.verified().holds


def filed(played: Played) -> str:
    return f"participant:{played.anna}!refusals"


def test_nothing_is_closed_without_an_answer(at: At) -> None:
    played = at("staffed")
    ask(played)
    with refuses(played, "query.unanswered", filed=filed(played)):
        close(played)


def test_a_closed_question_is_not_answered_any_more(at: At) -> None:
    played = at("staffed")
    ask(played)
    answer(played)
    close(played)
    with refuses(played, "query.closed", filed=filed(played)):
        answer(played)


def test_a_question_that_nobody_asked_has_no_answer(at: At) -> None:
    played = at("staffed")
    with refuses(played, "query.unknown", filed=filed(played)):
        answer(played, number=7)


def test_nobody_closes_on_their_own_answer(at: At) -> None:
    """Whoever answers does not judge the answer, also where one person holds both roles."""
    played = at("staffed")
    ask(played)
    answer(played)
    held = played.participant().queries
    with pytest.raises(Refused) as refused:
        close_query(f"participant:{played.anna}", held, number=1, person=COORD)
    assert refused.value.rule == "query.own_answer"


@pytest.mark.parametrize("place", ["participants.name", "identities.name", "participants", ""])
def test_a_question_is_about_a_column_that_exists(at: At, place: str) -> None:
    played = at("staffed")
    with refuses(played, "choice.unknown", filed=None):
        ask(played, place)


def test_words_of_a_question_never_lie_in_the_chain(at: At) -> None:
    played = at("staffed")
    ask(played)
    with played.stage.site.ledger.reading() as book:
        rows = book.connection.exec_driver_sql("SELECT body FROM entries WHERE kind = 'query_raised.1'")
        stored = "".join(row[0] for row in rows)
    assert "query_raised" in stored and "day of the list" not in stored
