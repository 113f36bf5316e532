"""What the QC laboratory sees: its worklist, and every sample and test of one batch."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from lims.domain.acts import Role
from lims.domain.batch_record import BatchRecord, Investigation, Result
from lims.domain.entries.batch import SampleTaken
from lims.domain.entries.envelope import Entry, code_of, sort_of
from lims.domain.entries.late import OrganismReported
from lims.domain.late_failure import late_failure_of
from lims.domain.master_batch_record import Sample, Test
from lims.domain.oos import first_result, open_for
from lims.domain.qc import may_enter, sample_for
from lims.domain.rows import CodeRow, TaskRow
from lims.ledger.read_tables import find
from lims.queries.look import Reader, batch_of, free_text, people_names


@dataclass(frozen=True, slots=True, kw_only=True)
class Worklist:
    """What waits in the laboratory; a result that the reader entered is not theirs to review."""

    to_receive: tuple[TaskRow, ...]
    to_test: tuple[TaskRow, ...]
    to_review: tuple[TaskRow, ...]
    for_others: tuple[TaskRow, ...]
    """Results that wait for somebody other than the reader."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleState:
    """A line of the sample plan: planned, taken or received."""

    sample: Sample
    code: str
    taken: Entry | None
    received: Entry | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TestState:
    """A test of the batch with what is on file, and whether something can be entered or reviewed now."""

    __test__ = False

    test: Test
    sample: SampleState
    state: str
    """pass, fail, reported, invalid, not_done, to_review or pending."""
    result: Result | None
    """What waits for a review, else what stands."""
    others: tuple[Result, ...]
    """What else was ever entered: not agreed, invalid, not done, void, or retests."""
    oos: tuple[Investigation, ...]
    """Its results outside the specification, each with how far the question has come."""
    reason: str
    """Why it is invalid or was not done; empty when it was erased."""
    earliest: datetime | None
    """A result before this moment cannot be true."""
    can_enter: bool
    can_review: bool
    own: bool
    """The reader entered the result that waits for a review."""
    late: Entry | None = None
    """It failed after the release: what that touched."""
    news: tuple[tuple[Entry, str], ...] = ()
    """What the laboratory found out later, with its words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchTests:
    """Samples and tests of one batch."""

    batch: BatchRecord
    samples: tuple[SampleState, ...]
    tests: tuple[TestState, ...]
    people: Mapping[str, str]

    def test(self, code: str) -> TestState | None:
        """The test of that code."""
        return next((item for item in self.tests if item.test.code == code), None)


def worklist(reader: Reader) -> Worklist:
    """Samples to receive, tests to do and results to review, the oldest first."""
    with reader.site.ledger.reading() as book:
        rows = find(book, TaskRow, role=Role.QC_ANALYST.value, order=("since",))
    mine = [row for row in rows if f"|{reader.person}|" not in row.not_by]
    return Worklist(
        to_receive=tuple(row for row in mine if row.what == "receive_sample"),
        to_test=tuple(row for row in mine if row.what == "enter_result"),
        to_review=tuple(row for row in mine if row.what == "review_result"),
        for_others=tuple(row for row in rows if row.what == "review_result" and row not in mine),
    )


def batch_of_code(reader: Reader, raw: str) -> str | None:
    """The batch that a scanned or typed container code belongs to; none for any other code."""
    digits = "".join(unicodedata.normalize("NFKC", raw).split())
    with reader.site.ledger.reading() as book:
        rows = find(book, CodeRow, code=digits, what="container", limit=1)
    return code_of(rows[0].stream) if rows and sort_of(rows[0].stream) == "batch" else None


def batch_tests(reader: Reader, number: str) -> BatchTests:
    """Every sample and test of the batch; refuses a batch that is not on file."""
    with reader.site.ledger.reading() as book:
        batch = batch_of(reader, book, number)
        reasons = [
            item.fact.reason.commitment
            for entered in batch.results.values()
            for item in entered
            if item.fact.reason
        ]
        found = [e.fact.finding.commitment for e in batch.entries if isinstance(e.fact, OrganismReported)]
        words = free_text(reader, book, [*reasons, *found])
        people = people_names(reader, book, {entry.person for entry in batch.entries})
    samples = {sample.code: _sample(batch, sample) for sample in batch.master.samples}
    tests = tuple(
        _test(batch, test, samples[test.sample], reader=reader, words=words) for test in batch.master.tests
    )
    return BatchTests(batch=batch, samples=tuple(samples.values()), tests=tests, people=people)


def _sample(batch: BatchRecord, sample: Sample) -> SampleState:
    for code, entry in batch.samples.items():
        if isinstance(entry.fact, SampleTaken) and entry.fact.sample == sample.code:
            return SampleState(sample=sample, code=code, taken=entry, received=batch.received.get(code))
    planned = (code for code, item in batch.containers.items() if item.container == sample.container)
    return SampleState(sample=sample, code=next(planned, ""), taken=None, received=None)


def _test(
    batch: BatchRecord, test: Test, sample: SampleState, *, reader: Reader, words: Mapping[str, str | None]
) -> TestState:
    waiting = batch.unreviewed(test)
    result = waiting or batch.result_of(test)
    taken = sample_for(batch, test)
    investigation = open_for(batch, test)
    barred = investigation is not None and first_result(batch, investigation).entry.person == reader.person
    kept = result.fact.reason if result else None
    return TestState(
        test=test,
        sample=sample,
        state=batch.test_state(test),
        result=result,
        others=tuple(item for item in batch.results.get(test.code, ()) if item is not result),
        oos=tuple(item for item in batch.investigations.values() if item.test == test.code),
        reason=(words.get(kept.commitment) or "") if kept else "",
        earliest=taken.time + timedelta(hours=test.least_hours) if taken and test.least_hours else None,
        can_enter=sample.received is not None and may_enter(batch, test) and not barred,
        can_review=waiting is not None and waiting.entry.person != reader.person,
        own=waiting is not None and waiting.entry.person == reader.person,
        late=late_failure_of(batch, test.code),
        news=tuple(
            (entry, words.get(entry.fact.finding.commitment) or "")
            for entry in batch.entries
            if isinstance(entry.fact, OrganismReported) and entry.fact.test == test.code
        ),
    )
