"""The invariants of requirements 1.15 told a second time, from the entries alone: what no run of acts may break."""

from collections import Counter

from lims.domain.batch_fold import as_of
from lims.domain.batch_record import BatchRecord
from lims.domain.entries.batch import (
    DisposedFinally,
    EvidenceRecorded,
    IdentityConfirmed,
    IdentityMatched,
    Perfused,
    RecordReviewed,
    ReleasedConditionally,
    StepConfirmed,
    StepSentBack,
)
from lims.domain.entries.envelope import SYSTEM
from lims.domain.entries.values import Calculated, Controlled, Elapsed, HandedOver, Labelled, Witnessed
from lims.domain.participant import Participant
from lims.ledger.read_tables import find, row_classes
from tests.builders import Played, rows_from

COMPUTED = (Calculated, Controlled, Elapsed, Labelled, HandedOver)


def check_batch(batch: BatchRecord) -> None:
    """Everything that one batch's entries must satisfy."""
    check_chain(batch)
    check_order(batch)
    check_separation(batch)
    check_release(batch)
    check_perfusion(batch)
    check_disposition(batch)


def check_chain(batch: BatchRecord) -> None:
    """I3, I4: an actor, a time and a number each; gapless, and time never goes back."""
    times = [entry.time for entry in batch.entries]
    assert times == sorted(times)
    assert [entry.seq for entry in batch.entries] == list(range(1, len(times) + 1))
    assert all(entry.person and entry.act and entry.hash for entry in batch.entries)


def check_order(batch: BatchRecord) -> None:
    """I2: evidence and confirmations come in the order of the frozen master batch record."""
    order = [step.code for step in batch.master.steps]
    confirmed: set[str] = set()
    for entry in batch.entries:
        match entry.fact:
            case EvidenceRecorded() as fact if not isinstance(fact.value, COMPUTED):
                assert confirmed.issuperset(order[: order.index(fact.step)])
                assert fact.step not in confirmed
            case StepConfirmed() as fact:
                assert confirmed.issuperset(order[: order.index(fact.step)])
                assert fact.step not in confirmed
                confirmed.add(fact.step)
            case StepSentBack() as fact:
                confirmed.discard(fact.step)
            case _:
                pass


def check_separation(batch: BatchRecord) -> None:
    """I1: nobody is both performer and second person of a step; who certifies was neither, anywhere."""
    worked: dict[str, set[str]] = {}
    stood_by: dict[str, set[str]] = {}
    for entry in batch.entries:
        step = getattr(entry.fact, "step", None)
        if step is None or entry.person == SYSTEM:
            continue
        value = getattr(entry.fact, "value", None)
        kind = type(entry.fact).__name__
        if isinstance(value, Witnessed) or kind in ("StepVerified", "StepSentBack"):
            stood_by.setdefault(step, set()).add(entry.person)
        elif kind == "StepConfirmed" or (kind.startswith("Evidence") and not isinstance(value, COMPUTED)):
            worked.setdefault(step, set()).add(entry.person)
    for step in worked.keys() & stood_by.keys():
        assert not worked[step] & stood_by[step], step
    makers = {person for people in (*worked.values(), *stood_by.values()) for person in people}
    for entry in batch.entries:
        if isinstance(entry.fact, ReleasedConditionally | DisposedFinally | RecordReviewed):
            before = as_of(batch, entry.seq)
            assert entry.person not in before.took_part
            if isinstance(entry.fact, ReleasedConditionally):
                assert entry.person not in makers


def check_release(batch: BatchRecord) -> None:
    """I17 and more: nothing undecided, held, unverified, untested or unreviewed when it was released."""
    if batch.released is None:
        return
    before = as_of(batch, batch.released.seq - 1)
    assert before.open_deviations == ()
    assert before.on_hold is None
    assert all(before.is_finished(step) for step in batch.master.steps)
    assert all(before.test_state(test) == "pass" for test in batch.master.tests if test.gate == "conditional")
    assert before.reviewed is not None
    fact = before.reviewed.fact
    assert isinstance(fact, RecordReviewed) and before.last_change <= fact.through_seq < batch.released.seq


def check_perfusion(batch: BatchRecord) -> None:
    """I6: released before, begun before expiry, two people matched, the band and the product were hers."""
    given = [entry for entry in batch.entries if isinstance(entry.fact, Perfused)]
    assert len(given) <= 1
    if not given:
        return
    fact = given[0].fact
    assert isinstance(fact, Perfused)
    before = as_of(batch, given[0].seq - 1)
    assert before.released is not None and before.on_hold is None
    assert before.expires_at is not None and fact.started_at < before.expires_at
    first, second = batch.entries[fact.matched_seq - 1], batch.entries[fact.confirmed_seq - 1]
    assert isinstance(first.fact, IdentityMatched) and isinstance(second.fact, IdentityConfirmed)
    assert first.person != second.person
    assert first.fact.product == second.fact.product == batch.unit_code
    assert first.fact.wristband == second.fact.wristband
    assert second.time <= fact.started_at <= first.fact.valid_until


def check_disposition(batch: BatchRecord) -> None:
    """I15: conforming only when every gating test is reviewed, agreed and passed."""
    if batch.disposition is None or batch.disposition.disposition != "conforming":
        return
    for test in batch.master.tests:
        if test.gate != "none":
            result = batch.result_of(test)
            assert result is not None and result.counts and result.fact.outcome == "pass"
    assert batch.perfused is not None


def check_trial(participants: list[Participant], batches: list[BatchRecord], *, control: str) -> None:
    """I11, I12, I13 over all batches."""
    assert all(batch.issue.participant != control for batch in batches)
    perfused = Counter(
        (batch.issue.participant, batch.issue.round) for batch in batches if batch.perfused is not None
    )
    assert all(count == 1 for count in perfused.values())
    assert all(count <= 2 for count in Counter(person for person, _ in perfused).values())
    for person in participants:
        mine = [batch for batch in batches if batch.issue.participant == person.trial_id]
        assert {batch.issue.coi for batch in mine} <= {person.coi}
        alive = [batch for batch in mine if batch.ended is None and batch.perfused is None]
        assert len(alive) <= len({batch.issue.round for batch in alive})
    codes = [code for batch in batches for code in batch.containers]
    assert len(codes) == len(set(codes))


def check_rows(played: Played, streams: set[str]) -> None:
    """The read tables say what the fold says."""
    with played.stage.site.ledger.reading() as book:
        for stream in streams:
            wanted = {(row.table, row.key): row for row in rows_from(stream, book.entries(stream)).values()}
            kept = {
                (row.table, row.key): row
                for row_class in row_classes()
                for row in find(book, row_class, stream=stream)
            }
            assert kept == wanted, stream
