"""After a mismatch: what is locked, what is kept, and how quality alone ends it; and codes that were typed."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from lims.actions import deviations, perfusion, release, trial
from lims.actions.perfusion import TypedCode
from lims.actions.work import Outcome
from lims.domain.batch_fold import fold_on
from lims.domain.entries.batch import (
    HoldLifted,
    HoldPlaced,
    IdentityConfirmed,
    IdentityMatched,
    IdentityMismatched,
)
from lims.domain.entries.trial import WristbandIssued
from lims.domain.entries.values import Means
from lims.domain.perfusion import Legs
from lims.domain.refusals import BadEntry
from tests.actions.test_refusals_bedside import _offer, confirm, give, match, wrong_legs
from tests.builders import At, Played, SharedAt, refusals, refuses
from tests.cast import CLIN_A, CLIN_B, QA_A


def stopped(at: At, *, leg: str = "product", point: str = "delivered") -> Played:
    """The play after a hard stop at the bedside."""
    played = at(point)
    perfusion.report_mismatch(
        played.stage.site,
        played.actor(CLIN_A),
        played.request(),
        batch=played.batch,
        legs=wrong_legs(played)[leg],
    )
    return played


def decide(played: Played, *, decision: str = "accepted", batch: str = "") -> None:
    """Quality decides the deviation of the stop."""
    record = played.record(batch or played.batch)
    deviations.decide_deviation(
        played.stage.site,
        played.actor(QA_A),
        played.request(),
        batch=record.number,
        number=record.open_deviations[-1].number,
        severity="critical",
        decision=decision,
        impact="Both labels were read again by two people.",
    )


def lift(
    played: Played,
    *,
    finding: str = "right_labels",
    evidence: str = "labels_and_custody",
    reference: str = "check 14",
) -> Outcome:
    """Quality ends the hold of the stop."""
    return release.lift_hold(
        played.stage.site,
        played.actor(QA_A),
        played.request(),
        batch=played.batch,
        placed_seq=played.record().holds[0].seq,
        reason="The order sheet of the next bed was picked up.",
        finding=finding,
        evidence=evidence,
        reference=reference,
    )


@pytest.mark.parametrize(
    ("missing", "field"),
    [({"finding": ""}, "finding"), ({"evidence": ""}, "evidence"), ({"reference": ""}, "reference")],
)
def test_a_mismatch_ends_only_with_evidence(at: At, missing: dict[str, str], field: str) -> None:
    """Domain 4.5: a reason alone is what every other hold asks for."""
    played = stopped(at)
    decide(played)
    with refuses(played, "choice.unknown" if field != "reference" else "text.empty", filed=None) as caught:
        lift(played, **missing)
    assert isinstance(caught.value, BadEntry)
    assert caught.value.field == field


def test_a_mismatch_ends_only_after_its_deviation_is_decided(at: At) -> None:
    played = stopped(at)
    with refuses(played, "deviation.undecided", filed=refusals(played.batch)):
        lift(played)


def test_a_mismatch_whose_deviation_rejects_the_batch_never_ends(at: At) -> None:
    played = stopped(at)
    decide(played, decision="rejects_batch")
    with refuses(played, "deviation.rejecting", filed=refusals(played.batch)):
        lift(played)


def test_a_wrong_label_is_cleared_by_a_genetic_result_only(at: At) -> None:
    """Domain 4.5: a genetic identity result, or the product is discarded."""
    played = stopped(at)
    decide(played)
    with refuses(played, "mismatch.genetic", filed=refusals(played.batch)):
        lift(played, finding="mislabelled")
    fact = lift(played, finding="mislabelled", evidence="genetic_identity").of(HoldLifted)
    assert (fact.finding, fact.evidence) == ("mislabelled", "genetic_identity")
    assert fact.reference is not None
    assert played.record().on_hold is None


def test_what_proves_it_stays_out_of_the_chain(at: At) -> None:
    """A report's number can name a person."""
    played = stopped(at)
    decide(played)
    assert "check 14" not in repr(lift(played).entries)
    assert played.verified().findings == ()


@pytest.mark.parametrize("point", ["matched", "confirmed"])
def test_a_check_from_before_the_stop_counts_for_nothing_after_it(at: At, point: str) -> None:
    """I6: also within its fifteen minutes."""
    played = stopped(at, point=point)
    decide(played)
    lift(played)
    with refuses(played, "bedside.no_match", filed=refusals(played.batch)):
        give(played)


def test_a_check_counts_for_nothing_once_its_product_was_seen_elsewhere(at: At) -> None:
    """The stop was at the other woman's bed; this batch was locked with it, and its check is void."""
    played = at("confirmed")
    record = played.record()
    held = HoldPlaced(reason_code="identity_mismatch", reference=f"{record.number}-1")
    after = fold_on(record, [replace(record.entries[-1], seq=record.seq + 1, fact=held)])
    assert record.second_match is not None
    assert after.match is None and after.second_match is None


def test_every_code_of_a_stop_is_kept_beside_the_chain(at: At) -> None:
    """Domain 4.5: raw scans are kept; a foreign band is nobody's business in this batch's record."""
    played = at("delivered")
    legs = wrong_legs(played)["wristband"]
    outcome = match(played, legs=legs)
    fact = outcome.of(IdentityMismatched)
    assert fact.scans is not None and fact.scans.sort == "identity"
    assert legs.wristband not in repr(outcome.entries)
    with played.stage.site.ledger.reading() as book:
        kept = book.values([fact.scans.commitment])[fact.scans.commitment]
    assert f"wristband {legs.wristband} scanned" in kept.value


def _typed(played: Played, leg: str) -> Legs:
    return replace(played.legs(), **{f"{leg}_means": Means.TYPED})


WAYS: dict[str, tuple[str, str, Callable[..., Outcome]]] = {
    "first": ("delivered", CLIN_A, match),
    "second": ("matched", CLIN_B, confirm),
}


@pytest.mark.parametrize("leg", ["product", "order"])
@pytest.mark.parametrize("way", WAYS)
def test_a_typed_code_is_not_taken_from_one_person_alone(shared_at: SharedAt, way: str, leg: str) -> None:
    """N3: scanned, or typed with a reason and a second reader."""
    point, _, act = WAYS[way]
    played = shared_at(point)
    with refuses(played, "bedside.typed_alone", filed=refusals(played.batch)):
        act(played, legs=_typed(played, leg))


def test_a_typed_code_read_by_two_people_says_who_and_why(at: At) -> None:
    played = at("delivered")
    typed = TypedCode(reason="The label is wet.", witness=played.actor(CLIN_B))
    site, legs = played.stage.site, _typed(played, "product")
    matched = perfusion.match_identity(
        site,
        played.actor(CLIN_A),
        played.request(),
        batch=played.batch,
        legs=legs,
        patient_stated=True,
        checks=played.checks(),
        appearance="normal",
        typed=typed,
    ).of(IdentityMatched)
    assert (matched.product_means, matched.typed_witness) == (Means.TYPED, CLIN_B)
    assert matched.typed_reason is not None
    again = perfusion.confirm_identity(
        site,
        played.actor(CLIN_B),
        played.request(),
        batch=played.batch,
        legs=legs,
        typed=TypedCode(reason="The label is wet.", witness=played.actor(CLIN_A)),
    ).of(IdentityConfirmed)
    assert (again.product_means, again.typed_witness) == (Means.TYPED, CLIN_A)


def test_a_second_reader_does_not_make_a_typed_wristband_one(shared_at: SharedAt) -> None:
    """N3: the band on her wrist is scanned; one that cannot be read is replaced."""
    played = shared_at("delivered")
    with refuses(played, "bedside.typed", filed=refusals(played.batch)):
        perfusion.match_identity(
            played.stage.site,
            played.actor(CLIN_A),
            played.request(),
            batch=played.batch,
            legs=_typed(played, "wristband"),
            patient_stated=True,
            checks=played.checks(),
            appearance="normal",
            typed=TypedCode(reason="The band is torn.", witness=played.actor(CLIN_B)),
        )


def _new_band(played: Played) -> None:
    made = trial.put_on_wristband(
        played.stage.site,
        played.actor(CLIN_A),
        played.request(),
        participant=played.anna,
        identity_document="passport",
        witness=played.actor(CLIN_B),
    )
    trial.scan_wristband(
        played.stage.site,
        played.actor(CLIN_A),
        played.request(),
        participant=played.anna,
        code=made.of(WristbandIssued).serial,
    )


def test_a_second_check_does_not_rest_on_a_band_that_is_void_now(at: At) -> None:
    """I6: the two people matched the same band."""
    played = at("matched")
    _new_band(played)
    with refuses(played, "bedside.changed", filed=refusals(played.batch)):
        confirm(played)


def test_nothing_is_given_on_a_band_that_is_void_now(at: At) -> None:
    """I6: the band in force at the perfusion is the one that was matched."""
    played = at("confirmed")
    _new_band(played)
    with refuses(played, "bedside.changed", filed=refusals(played.batch)):
        give(played)


def test_a_product_that_is_being_handed_over_is_not_matched(at: At) -> None:
    """Domain 4.2: it is in nobody's hands for certain until the receiver has taken it."""
    played = at("delivered")
    _offer(played, CLIN_A)
    with refuses(played, "bedside.not_here", filed=refusals(played.batch)):
        match(played)
