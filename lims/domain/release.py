"""Quality's decisions: holds, record review, conditional release, rejection, final disposition, closure."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from lims.domain.aftercare import unmet_after
from lims.domain.batch_record import BatchRecord
from lims.domain.custody_chain import owed
from lims.domain.entries.batch import (
    BatchRejected,
    BatchTerminated,
    DisposedFinally,
    HoldLifted,
    HoldPlaced,
    PendingTest,
    RecordClosed,
    RecordReviewed,
    ReleasedConditionally,
)
from lims.domain.entries.envelope import Detached, Draft
from lims.domain.entries.trial import RoundBatchEnded, RoundFinalised
from lims.domain.master_batch_record import Gate, LabelSlot, Milestone, Test
from lims.domain.milestones import check_steps_before
from lims.domain.notices import unanswered
from lims.domain.oos import unconcluded
from lims.domain.participant import Participant, check_arm, check_consent, check_not_reopened
from lims.domain.protocol import StudyProtocol
from lims.domain.refusals import BadEntry, NotAllowed, Reason, Refused, Unmet
from lims.domain.replay import Replay


def unmet_release(
    batch: BatchRecord, participant: Participant, *, now: datetime, justified: bool = False
) -> tuple[Reason, ...]:
    """Everything that stands between the batch and its conditional release, one reason each.

    The same reasons grey the button, explain it, and print on the certificate.
    """
    return (
        *_unmet_record(batch),
        *_unmet_tests(batch),
        *_unmet_participant(batch, participant, justified=justified),
        *_unmet_shelf_life(batch, now=now),
        *_unmet_custody(batch),
    )


def _unmet_record(batch: BatchRecord) -> list[Reason]:
    reasons = [
        Reason(rule="release.steps", about=(("step", step.code), ("state", state)))
        for step in batch.production
        if not batch.is_finished(step)
        for state in ("verified" if batch.is_confirmed(step.code) else "confirmed",)
    ]
    for deviation in batch.deviations.values():
        if deviation.decision is None:
            reasons.append(Reason(rule="deviation.undecided", about=(("number", deviation.number),)))
        elif deviation.decision.decision == "rejects_batch":
            reasons.append(Reason(rule="deviation.rejecting", about=(("number", deviation.number),)))
    for step in batch.plan:
        for slot in step.evidence:
            if isinstance(slot, LabelSlot):
                balance = batch.label_balance(step.code, slot.code)
                left = balance.printed - balance.applied - balance.attached - balance.destroyed
                if left:
                    reasons.append(Reason(rule="label.unbalanced", about=(("left", str(left)),)))
    if batch.on_hold:
        reasons.append(Reason(rule="act.hold", about=(("why", batch.hold_reason),)))
    if not is_reviewed(batch):
        reasons.append(Reason(rule="release.review"))
    return reasons


def _unmet_tests(batch: BatchRecord) -> list[Reason]:
    return [
        Reason(rule="test.not_passed", about=(("test", test.code), ("state", batch.test_state(test))))
        for test in batch.tests
        if (test.gate is Gate.CONDITIONAL and batch.test_state(test) != "pass")
        or (test.gate is Gate.FINAL and batch.test_state(test) == "fail")
    ]


def _unmet_participant(batch: BatchRecord, participant: Participant, *, justified: bool) -> list[Reason]:
    reasons = []
    for check in (check_consent, check_arm, _check_rounds):
        try:
            check(participant, batch.protocol)
        except Refused as refused:
            reasons.append(refused.reason)
    number = batch.issue.round
    this = participant.round(number)
    if this.order is None:
        reasons.append(Reason(rule="round.no_order", about=(("round", str(number)),)))
    if this.perfused:
        reasons.append(Reason(rule="round.perfused", about=(("round", str(number)),)))
    return reasons if justified else [*reasons, *unmet_round_before(participant, number)]


def _check_rounds(participant: Participant, _: StudyProtocol) -> None:
    check_not_reopened(participant)


def unmet_round_before(participant: Participant, number: int) -> tuple[Reason, ...]:
    """What the round before leaves open or lost: draw and culture go on at risk of it, a release does not (TR-3)."""
    if number == 1:
        return ()
    about = (("round", str(number - 1)),)
    match participant.round(number - 1).finalised:
        case None:
            return (Reason(rule="release.previous_round", about=about),)
        case RoundFinalised(disposition="conforming"):
            return ()
        case _:
            return (Reason(rule="release.previous_nonconforming", about=about),)


def _unmet_shelf_life(batch: BatchRecord, *, now: datetime) -> list[Reason]:
    expiry = batch.expires_at
    if expiry is None:
        return [Reason(rule="release.no_product")]
    least = batch.protocol.least_hours_at_release
    if now >= expiry:
        return [Reason(rule="release.expired", about=(("expiry", _local(batch, expiry)),))]
    if expiry - now < timedelta(hours=least):
        left = f"{(expiry - now) // timedelta(minutes=1)} min"
        return [Reason(rule="release.shelf_life", about=(("left", left), ("least", str(least))))]
    return []


def _unmet_custody(batch: BatchRecord) -> list[Reason]:
    """The chain is contiguous, or quality decided its gaps (domain 4.2)."""
    return [Reason(rule="release.custody", about=(("what", code),)) for code in owed(batch)]


def is_reviewed(batch: BatchRecord) -> bool:
    """A record review has seen the last change (A11D-12f)."""
    fact = batch.reviewed.fact if batch.reviewed else None
    return isinstance(fact, RecordReviewed) and fact.through_seq >= batch.last_change


def check_replay(replayed: Replay) -> None:
    """Every verdict made again from what is stored comes out as it stands on file; else nothing was reviewed."""
    for difference in replayed.differences:
        raise Refused("review.replay", entry=difference.entry.seq, what=difference.what)


def review(batch: BatchRecord, replayed: Replay, *, seen_seq: int, person: str) -> tuple[Draft, ...]:
    """Quality read the record and its audit trail through the last entry, and made none of the changes."""
    check_replay(replayed)
    # Beyond the last entry nothing was seen: such a review would cover changes to come.
    if not batch.last_change <= seen_seq <= batch.seq:
        raise Refused("step.stale")
    changes = [
        entry
        for entry in batch.entries
        if entry.seq <= seen_seq and type(entry.fact).__name__ == "EvidenceCorrected"
    ]
    if any(entry.person == person for entry in changes):
        raise NotAllowed("act.took_part")
    fact = RecordReviewed(through_seq=seen_seq, changes_seen=len(changes))
    return (Draft(stream=batch.stream, fact=fact),)


def release_conditionally(
    batch: BatchRecord,
    participant: Participant,
    replayed: Replay,
    *,
    justification: Detached | None,
    seen_seq: int,
    now: datetime,
) -> tuple[Draft, ...]:
    """Stage 1: released for perfusion with named tests pending, if nothing at all is unmet (Part IV 11.3.2)."""
    check_replay(replayed)
    if seen_seq != batch.seq:
        raise Refused("step.stale")
    unmet = unmet_release(batch, participant, now=now, justified=justification is not None)
    if unmet:
        raise Unmet("release.unmet", unmet, count=len(unmet))
    expiry, unit = batch.expires_at, batch.unit_code
    assert expiry is not None and unit is not None
    fact = ReleasedConditionally(
        unit=unit,
        expires_at=expiry,
        pending=tuple(PendingTest(test=test.code, due=due) for test, due in pending(batch, now=now)),
        previous_round_open=justification,
    )
    return (Draft(stream=batch.stream, fact=fact),)


def pending(batch: BatchRecord, *, now: datetime) -> tuple[tuple[Test, date], ...]:
    """Tests that the final disposition still waits for, each with its due day at the site."""
    from_day = now.astimezone(ZoneInfo(batch.issue.zone)).date()
    return tuple(
        (test, from_day + timedelta(days=test.due_days))
        for test in batch.tests
        if test.gate is Gate.FINAL and batch.test_state(test) != "pass"
    )


def hold(batch: BatchRecord, *, reason_code: str, reference: str) -> tuple[Draft, ...]:
    """The batch is held."""
    return (Draft(stream=batch.stream, fact=HoldPlaced(reason_code=reason_code, reference=reference)),)


FINDINGS = ("right_labels", "mislabelled")
EVIDENCE = ("labels_and_custody", "genetic_identity")


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What quality found after an identity mismatch, what shows it, and where that lies."""

    finding: str = ""
    evidence: str = ""
    reference: Detached | None = None


def lift_hold(
    batch: BatchRecord, *, placed_seq: int, reason: Detached | None, proof: Proof
) -> tuple[Draft, ...]:
    """Quality lifts one hold and says why; after an identity mismatch only with evidence (domain 4.5)."""
    placed = next((entry for entry in batch.holds if entry.seq == placed_seq), None)
    if placed is None:
        raise Refused("hold.none")
    if reason is None:
        raise BadEntry("text.empty", field="reason", least=1)
    assert isinstance(placed.fact, HoldPlaced)
    if placed.fact.reason_code != "identity_mismatch":
        return (Draft(stream=batch.stream, fact=HoldLifted(placed_seq=placed_seq, reason=reason)),)
    _check_proof(batch, placed.fact, proof)
    fact = HoldLifted(
        placed_seq=placed_seq,
        reason=reason,
        finding=proof.finding,
        evidence=proof.evidence,
        reference=proof.reference,
    )
    return (Draft(stream=batch.stream, fact=fact),)


def _check_proof(batch: BatchRecord, placed: HoldPlaced, proof: Proof) -> None:
    """The deviation is decided, the evidence is named, and a wrong label has a genetic result or no way on."""
    if proof.finding not in FINDINGS:
        raise BadEntry("choice.unknown", field="finding")
    if proof.evidence not in EVIDENCE:
        raise BadEntry("choice.unknown", field="evidence")
    if proof.reference is None:
        raise BadEntry("text.empty", field="reference", least=1)
    if proof.finding == "mislabelled" and proof.evidence != "genetic_identity":
        raise Refused("mismatch.genetic")
    deviation = batch.deviations.get(placed.reference)
    if deviation is None or deviation.decision is None:
        raise Refused("deviation.undecided", number=placed.reference)
    if deviation.decision.decision == "rejects_batch":
        raise Refused("deviation.rejecting", number=placed.reference)


def reject(batch: BatchRecord, participant: Participant, *, reason: Detached | None) -> tuple[Draft, ...]:
    """The batch must not reach any person; its round may have another attempt."""
    if reason is None:
        raise BadEntry("text.empty", field="reason", least=1)
    rejected = Draft(stream=batch.stream, fact=BatchRejected(reason=reason))
    return (rejected, _round_ended(batch, participant, "rejected"))


def terminate(
    batch: BatchRecord, participant: Participant, *, reason_code: str, reason: Detached | None
) -> tuple[Draft, ...]:
    """The batch ends without a perfusion; a coded reason, words if it is `other`."""
    if not reason_code or (reason_code == "other" and reason is None):
        raise BadEntry("correction.reason", field="reason_code")
    ended = Draft(stream=batch.stream, fact=BatchTerminated(reason_code=reason_code, reason=reason))
    return (ended, _round_ended(batch, participant, reason_code))


def _round_ended(batch: BatchRecord, participant: Participant, how: str) -> Draft:
    fact = RoundBatchEnded(round=batch.issue.round, batch=batch.number, how=how)
    return Draft(stream=participant.stream, fact=fact)


def dispose_finally(
    batch: BatchRecord, participant: Participant, *, disposition: str, reason: Detached | None
) -> tuple[Draft, ...]:
    """Stage 2: the final disposition, also of a product that is already used (Part IV 11.3.2, I15).

    Conforming only if every gating test is reviewed and passed and no deviation rejects; a perfused batch waits
    for every test, a rejected or terminated one does not.
    """
    if disposition not in ("conforming", "nonconforming"):
        raise BadEntry("choice.unknown", field="disposition")
    gating = [test for test in batch.tests if test.gate is not Gate.NONE]
    states = {test.code: batch.test_state(test) for test in gating}
    if batch.perfused:
        check_steps_before(batch, Milestone.DISPOSED)
        for code, state in states.items():
            if state in ("pending", "to_review", "invalid"):
                raise Refused("final.tests", test=code)
    for owed_after in unmet_after(batch):
        raise Refused(owed_after.rule)
    for investigation in unconcluded(batch):
        raise Refused("final.oos", number=investigation.number)
    for deviation in batch.open_deviations:
        raise Refused("deviation.undecided", number=deviation.number)
    rejecting = any(d.decision and d.decision.decision == "rejects_batch" for d in batch.deviations.values())
    failed = any(state != "pass" for state in states.values()) or rejecting or batch.perfused is None
    if disposition == "conforming" and failed:
        raise Refused("final.not_conforming")
    if not is_reviewed(batch):
        raise Refused("release.review")
    if disposition == "nonconforming" and reason is None:
        raise BadEntry("text.empty", field="reason", least=1)
    drafts = [Draft(stream=batch.stream, fact=DisposedFinally(disposition=disposition, reason=reason))]
    if batch.perfused:
        final = RoundFinalised(round=batch.issue.round, batch=batch.number, disposition=disposition)
        drafts.append(Draft(stream=participant.stream, fact=final))
    return tuple(drafts)


def close(batch: BatchRecord) -> tuple[Draft, ...]:
    """The record is complete: everybody who had to be told knows, and the count of entries before is on file."""
    for notice in unanswered(batch):
        raise Refused("close.notices", number=notice.number)
    return (Draft(stream=batch.stream, fact=RecordClosed(count=batch.seq)),)


def _local(batch: BatchRecord, moment: datetime) -> str:
    return moment.astimezone(ZoneInfo(batch.issue.zone)).isoformat(sep=" ", timespec="minutes")
