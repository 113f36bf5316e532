"""QC samples and test results: received by scan, entered by an analyst, reviewed by a second person."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from lims.domain import oos
from lims.domain.batch_record import BatchRecord, Investigation
from lims.domain.deviations import opened
from lims.domain.entered import entered_result
from lims.domain.entries.batch import ResultEntered, ResultReviewed, SampleReceived, SampleTaken
from lims.domain.entries.envelope import Detached, Draft, Entry
from lims.domain.entries.values import Means
from lims.domain.late_failure import RULE, is_late
from lims.domain.limits import assess
from lims.domain.master_batch_record import Gate, Test
from lims.domain.quantities import Reported
from lims.domain.refusals import BadEntry, NotAllowed, Refused

NO_RESULT = ("invalid", "not_done")
"""Outcomes that the analyst states, with a reason; every other one is computed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FromFile:
    """Where a result came from that nobody typed: the instrument's own file, by its hash, and the line in it."""

    instrument: str
    sha256: str
    line: int


def receive_sample(batch: BatchRecord, *, code: str, means: Means) -> tuple[Draft, ...]:
    """The QC laboratory has the sample in hand."""
    taken = batch.samples.get(code)
    if taken is None:
        raise Refused("sample.not_taken", sample=code)
    fact = taken.fact
    assert isinstance(fact, SampleTaken)
    if code in batch.received:
        raise Refused("sample.received", sample=fact.sample)
    return (Draft(stream=batch.stream, fact=SampleReceived(sample=fact.sample, code=code, means=means)),)


def sample_for(batch: BatchRecord, test: Test) -> Entry | None:
    """The entry by which the sample of a test was taken."""
    for entry in batch.samples.values():
        if isinstance(entry.fact, SampleTaken) and entry.fact.sample == test.sample:
            return entry
    return None


def received_sample(batch: BatchRecord, test_code: str) -> Entry:
    """The entry by which the sample of a test was taken; refuses one that the laboratory does not have in hand."""
    test = _test(batch, test_code)
    taken = sample_for(batch, test)
    if taken is None or not isinstance(taken.fact, SampleTaken):
        raise Refused("sample.not_taken", sample=test.sample)
    if taken.fact.code not in batch.received:
        raise Refused("sample.not_received", sample=test.sample)
    return taken


def enter_result(
    batch: BatchRecord,
    *,
    test_code: str,
    raw: str,
    option: str,
    outcome: str,
    instrument: str | None,
    reason: Detached | None,
    now: datetime,
    person: str,
    source: FromFile | None = None,
    drafts: Sequence[Draft] = (),
) -> tuple[Draft, ...]:
    """The analyst's result, judged at once. A failure opens a critical deviation; nothing replaces a result.

    `outcome` is `invalid` or `not_done` when the test gave no result, with a reason; otherwise it is computed.
    Refuses a result before the test can have ended (growth is told whenever it is seen), on a sample not received,
    and a second result, unless the first was reviewed as invalid, not done or not agreed (domain 3.1); after one
    outside its specification another follows only as the investigation allows. `drafts` go before it in the same act.
    """
    test = _test(batch, test_code)
    sample, taken, retest_of = _check_testable(batch, test, person=person)
    reported: Reported | None = None
    if outcome in NO_RESULT:
        if reason is None:
            raise BadEntry("result.reason", field="reason")
        raw, option = "", ""
    elif test.options:
        if option not in {item.code for item in test.options}:
            raise BadEntry("choice.unknown", field="option")
        outcome = judge(test, option=option, reported=None)
    else:
        reported = entered_result(raw, field="raw")
        outcome = judge(test, option=None, reported=reported)
    # Growth is told when it is seen; that nothing grew is known only when the test has ended.
    if outcome not in NO_RESULT and not (test.options and outcome == "fail"):
        _check_ended(test, taken=taken, now=now)
    fact = ResultEntered(
        test=test.code,
        sample_code=sample.code,
        raw=raw,
        qualifier=reported.qualifier.value if reported and reported.qualifier else None,
        value=reported.value if reported else None,
        unit=test.unit,
        option=option or None,
        outcome=outcome,
        limit=test.limit.shown() if test.limit else None,
        method=test.method,
        instrument=instrument,
        reason=reason,
        file=source.sha256 if source else "",
        line=source.line if source else 0,
        oos=retest_of.number if retest_of else "",
    )
    found = [Draft(stream=batch.stream, fact=fact)]
    if outcome == "fail" and retest_of is None:
        about = (("test", test.code), ("value", raw or option), ("limit", fact.limit or ""))
        rule = RULE if is_late(batch) else "test.failed"
        found.append(opened(batch, rule=rule, severity="critical", about=about, drafts=drafts))
    return tuple(found)


def _check_ended(test: Test, *, taken: datetime, now: datetime) -> None:
    """The test can have ended by now (DI-7)."""
    earliest = taken + timedelta(hours=test.least_hours)
    if now < earliest:
        raise Refused("result.too_early", test=test.title.en, earliest=earliest.isoformat(timespec="minutes"))


def _check_testable(
    batch: BatchRecord, test: Test, *, person: str
) -> tuple[SampleTaken, datetime, Investigation | None]:
    """The sample of a test that can have a result, when it was taken, and the investigation that wants a retest."""
    taken = received_sample(batch, test.code)
    assert isinstance(taken.fact, SampleTaken)
    investigation = oos.open_for(batch, test)
    if investigation is not None:
        oos.check_retest(batch, investigation, person=person)
    elif not may_enter(batch, test):
        raise Refused("result.exists", test=test.title.en)
    return taken.fact, taken.time, investigation


def may_enter(batch: BatchRecord, test: Test) -> bool:
    """A test with its sample in the laboratory can have a result, another one, or a retest."""
    investigation = oos.open_for(batch, test)
    if investigation is not None:
        return oos.retests_left(batch, investigation) > 0
    before = batch.result_of(test)
    if before is None or before.void is not None:
        return True
    outside = before.fact.outcome == "fail"
    gave_nothing = not before.agreed or before.fact.outcome in NO_RESULT
    return before.review is not None and gave_nothing and not outside


def judge(test: Test, *, option: str | None, reported: Reported | None) -> str:
    """The outcome of a result by the test's own limit or options; `reported` where nothing is asked of it."""
    if test.gate is Gate.NONE or (test.limit is None and not test.options):
        return "reported"
    if option is not None:
        return "pass" if next(o for o in test.options if o.code == option).acceptable else "fail"
    assert reported is not None and test.limit is not None
    crossed = assess(reported.value, limit=test.limit, qualifier=reported.qualifier)
    return "fail" if crossed.opens_deviation else "pass"


def review_result(batch: BatchRecord, *, test_code: str, agreed: bool, person: str) -> tuple[Draft, ...]:
    """A second person stands behind the result, or does not (21 CFR 211.194(a)(8))."""
    test = _test(batch, test_code)
    result = batch.unreviewed(test)
    if result is None:
        raise Refused("result.reviewed" if batch.result_of(test) else "result.none", test=test.title.en)
    if result.entry.person == person:
        raise NotAllowed("result.own")
    fact = ResultReviewed(test=test.code, result_seq=result.entry.seq, agreed=agreed)
    return (Draft(stream=batch.stream, fact=fact),)


def _test(batch: BatchRecord, code: str) -> Test:
    try:
        return batch.master.test(code)
    except KeyError:
        raise Refused("step.unknown", what=code) from None


def purity(batch: BatchRecord) -> Decimal | None:
    """The reviewed purity result, in percent, that the NK dose is computed with."""
    test = batch.master.test(batch.master.dose.purity_test)
    result = batch.result_of(test)
    return result.fact.value if result and result.counts else None
