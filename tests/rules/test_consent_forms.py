"""Consent is to the version of the form that was in force; a newer version asks again, and what is named waits."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from lims.domain.entries.trial import ConsentRecorded
from lims.domain.participant import record_consent
from lims.domain.protocol import ConsentForm, StudyProtocol
from lims.domain.refusals import BadEntry, Refused
from lims.domain.trial.consent import asked_again, check_signed_for_batch, form_in_force
from lims.domain.trial.screening import collect, may_sample
from tests.screened_woman import PROTOCOL, Woman, collection

FIRST, SECOND, THIRD = date(2026, 1, 1), date(2026, 3, 1), date(2026, 6, 1)
DAY = timedelta(days=1)


def protocol(*, asks: bool = True, waits: tuple[str, ...] = ("sample", "round")) -> StudyProtocol:
    """Three versions; the third one asks again, or does not."""
    forms = (
        ConsentForm(version="1.0", in_force_from=FIRST),
        ConsentForm(version="2.0", in_force_from=SECOND),
        ConsentForm(version="3.0", in_force_from=THIRD, asked_again=asks, waits=waits),  # type: ignore[arg-type]
    )
    return replace(PROTOCOL, consent_forms=forms)


def sign(version: str, on: date, *, under: StudyProtocol | None = None) -> object:
    return record_consent(
        Woman().record,
        form_version=version,
        scopes=("treatment", "data"),
        signed_on=on,
        protocol=under or protocol(),
    )


def given(version: str, *scopes: str) -> dict[str, ConsentRecorded]:
    fact = ConsentRecorded(form_version=version, scopes=scopes, signed_on=FIRST)
    return dict.fromkeys(scopes, fact)


@pytest.mark.parametrize(
    ("version", "on"),
    [("1.0", FIRST), ("1.0", SECOND - DAY), ("2.0", SECOND), ("2.0", THIRD - DAY), ("3.0", THIRD)],
)
def test_the_version_of_the_day_is_taken(version: str, on: date) -> None:
    """A form signed before the change may be entered after it."""
    assert sign(version, on)


@pytest.mark.parametrize(
    ("version", "on", "rule"),
    [
        ("1.0", SECOND, "consent.superseded"),
        ("2.0", THIRD, "consent.superseded"),
        ("3.0", THIRD - DAY, "consent.not_yet"),
        ("1.0", FIRST - DAY, "consent.not_yet"),
        ("2.1", SECOND, "consent.unknown_form"),
        ("", SECOND, "consent.unknown_form"),
    ],
)
def test_any_other_version_is_refused_at_its_field(version: str, on: date, rule: str) -> None:
    """ICH E6(R3) 2.8: the current version that the ethics committee approved."""
    with pytest.raises(BadEntry) as refused:
        sign(version, on)
    assert (refused.value.rule, refused.value.field) == (rule, "form_version")


def test_a_protocol_that_names_no_version_takes_every_one() -> None:
    """Protocols that were approved before had no versions."""
    assert sign("anything", SECOND, under=replace(PROTOCOL, consent_forms=()))


def test_a_version_is_in_force_from_its_day_until_the_next_one_is() -> None:
    told = {on: form_in_force(protocol(), on) for on in (FIRST - DAY, FIRST, THIRD - DAY, THIRD)}
    assert [form.version if form else None for form in told.values()] == [None, "1.0", "2.0", "3.0"]


@pytest.mark.parametrize("version", ["1.0", "2.0", "ICF of the old hospital"])
def test_who_signed_an_earlier_version_is_asked_again_from_its_day_on(version: str) -> None:
    hers = given(version, "treatment", "data")
    assert asked_again(hers, protocol(), on=THIRD - DAY) is None
    due = asked_again(hers, protocol(), on=THIRD)
    assert due and (due.form.version, due.since, due.scopes) == ("3.0", THIRD, ("treatment", "data"))


def test_nobody_is_asked_again_who_signed_it_or_whom_the_protocol_does_not_ask() -> None:
    assert asked_again(given("3.0", "treatment"), protocol(), on=THIRD) is None
    assert asked_again(given("1.0", "treatment"), protocol(asks=False, waits=()), on=THIRD) is None
    assert asked_again({}, protocol(), on=THIRD) is None


def test_a_later_version_that_does_not_ask_leaves_what_an_earlier_one_asked() -> None:
    asking = protocol()
    last = ConsentForm(version="3.1", in_force_from=THIRD + DAY)
    due = asked_again(
        given("2.0", "data"), replace(asking, consent_forms=(*asking.consent_forms, last)), on=THIRD + DAY
    )
    assert due and (due.form.version, due.since, due.waits) == ("3.1", THIRD, {"sample", "round"})


def test_only_what_the_protocol_names_waits_and_only_for_its_own_scopes() -> None:
    hers = given("2.0", "treatment", "data")
    with pytest.raises(Refused) as refused:
        check_signed_for_batch(hers, protocol(), THIRD)
    assert refused.value.rule == "consent.asked_again"
    check_signed_for_batch(hers, protocol(waits=("sample",)), THIRD)
    check_signed_for_batch(
        {**given("3.0", "treatment", "data"), **given("2.0", "samples")}, protocol(), THIRD
    )


def test_no_sample_is_taken_before_she_signed_again() -> None:
    woman = Woman().pre_screened()
    woman.put(ConsentRecorded(form_version="2.0", scopes=("treatment", "data"), signed_on=SECOND))
    menses = collection(last_menses=THIRD - DAY)
    assert may_sample(woman.record, protocol(), THIRD - DAY)
    assert not may_sample(woman.record, protocol(), THIRD)
    with pytest.raises(Refused) as refused:
        collect(woman.record, menses, protocol=protocol(), today=THIRD)
    assert refused.value.rule == "consent.asked_again"
    woman.put(ConsentRecorded(form_version="3.0", scopes=("data",), signed_on=THIRD))
    assert collect(woman.record, menses, protocol=protocol(), today=THIRD)
