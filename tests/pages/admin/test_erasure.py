"""Erasing a value through the pages: one asks, another agrees, the value goes, the gap stays (ICH E6(R3) 4.2.2)."""

from collections.abc import Callable

from lims.actions.site import Site
from lims.domain.entries.batch import DeviationExplained
from lims.domain.entries.keys import RedactionProposed, ValueRedacted
from tests.pages.quality.conftest import Desk, entries_of

Sit = Callable[[str], Desk]
STREAM = "batch:0001"


def some_value(site: Site) -> tuple[str, str]:
    """The commitment and the words of how somebody explained a deviation."""
    facts = [entry.fact for entry in entries_of(site, STREAM)]
    happened = next(fact.happened for fact in facts if isinstance(fact, DeviationExplained))
    with site.ledger.reading() as book:
        return happened.commitment, str(book.values([happened.commitment])[happened.commitment].value)


def ask(site: Site, sit: Sit, *, reason: str = "personal data") -> int:
    answer = sit("qa-a").sign(f"/erasure/{STREAM}", commitment=some_value(site)[0], reason_code=reason)
    return answer.status_code


def proposed(site: Site) -> int:
    return next(e.seq for e in entries_of(site, STREAM) if isinstance(e.fact, RedactionProposed))


def agree(site: Site, sit: Sit, person: str) -> int:
    answer = sit(person).sign(
        "/erasure", stream=STREAM, proposed_seq=str(proposed(site)), reason_code="personal data"
    )
    return answer.status_code


def test_two_people_erase_a_value_and_the_gap_stays(site: Site, sit: Sit) -> None:
    commitment, words = some_value(site)
    assert ask(site, sit) == 303
    assert words in sit("qa-b").get("/erasure").text
    assert agree(site, sit, "qa-b") == 303
    with site.ledger.reading() as book:
        assert book.values([commitment])[commitment].value is None
    assert words not in sit("qa-a").get(f"/erasure/{STREAM}").text
    assert "Erased" in sit("qa-a").get(f"/erasure/{STREAM}").text


def test_nobody_agrees_to_their_own_request(site: Site, sit: Sit) -> None:
    ask(site, sit)
    assert agree(site, sit, "qa-a") == 403
    assert not any(isinstance(e.fact, ValueRedacted) for e in entries_of(site, STREAM))


def test_the_words_on_the_page_are_the_words_that_are_signed(site: Site, sit: Sit) -> None:
    page = sit("qa-a").get(f"/erasure/{STREAM}").text
    ask(site, sit)
    signed = entries_of(site, STREAM)[-1].fact
    assert "I ask that this value be erased: personal data." in page
    assert "I ask that this value be erased: personal data." in repr(signed)


def test_a_request_without_a_reason_says_so_and_records_nothing(site: Site, sit: Sit) -> None:
    before = entries_of(site, STREAM)
    assert ask(site, sit, reason="") == 422
    assert entries_of(site, STREAM) == before


def test_an_identity_is_named_but_not_shown(site: Site, sit: Sit) -> None:
    page = sit("qa-a").get("/erasure/participant:DNK-001").text
    assert "identity, not shown" in page
    assert "Demo participant" not in page


def test_only_batches_and_participants_have_values_here(sit: Sit) -> None:
    assert sit("qa-a").get("/erasure/person:qa-a").status_code == 404


def test_a_word_that_the_template_itself_holds_is_in_the_language_of_each_reader(sit: Sit) -> None:
    """A template is compiled for the first reader; what it says must not stay in that reader's language."""
    english = sit("qa-a").get(f"/erasure/{STREAM}").text
    desk = sit("qa-a")
    desk.post("/session/language", language="zh_Hans")
    chinese = desk.get(f"/erasure/{STREAM}").text
    assert "Propose redaction" in english
    assert "Propose redaction" not in chinese
