"""One line for each exception of a batch: what it is, where, and what has become of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as N_
from markupsafe import Markup, escape

from lims.documents.charts_control import TRENDS
from lims.documents.quality_review_words import REFUSED
from lims.domain.entries.batch import (
    CustodyRefused,
    DeviationDecided,
    DeviationOpened,
    HoldPlaced,
    IdentityMismatched,
    LabelsPrinted,
    ResultEntered,
    ResultReviewed,
    StepSentBack,
)
from lims.domain.entries.envelope import Entry
from lims.domain.entries.oos import OosJudged
from lims.domain.exceptions import ExceptionFound, Sort, Standing
from lims.domain.sentences import sentence as sentence_of
from lims.queries.quality import Review
from lims.web import filters, telling

KINDS = {
    Sort.DEVIATION: N_("Deviation"),
    Sort.RESULT: N_("Test result"),
    Sort.HOLD: N_("Hold"),
    Sort.LABELS: N_("Labels left over"),
    Sort.MISMATCH: N_("Identity mismatch"),
    Sort.TYPED: N_("Typed, not scanned"),
    Sort.LATE: N_("Late entry"),
    Sort.CORRECTION: N_("Correction"),
    Sort.SENT_BACK: N_("Sent back"),
    Sort.REPRINT: N_("Label reprint"),
    Sort.CUSTODY: N_("Custody refused"),
    Sort.UNVERIFIED: N_("Not verified"),
    Sort.VOIDED: N_("Verification void"),
    Sort.OPERATION: N_("Unplanned operation"),
    Sort.TREND: N_("Out of trend"),
    Sort.CONSENT: N_("Consent or arm changed"),
    Sort.VERSION: N_("Master record changed"),
    Sort.CLOCK: N_("Clock stood back"),
}


RULES = {
    "limit.outside": N_("Limit exceeded"),
    "answer.not_acceptable": N_("Answer not acceptable"),
    "answer.stops": N_("Answer that stops"),
    "hold_time.exceeded": N_("Hold time"),
    "hold_time.stop": N_("Hold time"),
    "control.qa_decides": N_("In-process control"),
    "control.stop": N_("In-process control"),
    "identity.mismatch": N_("Identity mismatch"),
    "dose.outside": N_("Dose"),
    "observation.adverse_event": N_("Observation"),
    "yield.outside": N_("Yield outside its limit"),
    "test.failed": N_("Out of specification"),
    "test.failed_late": N_("Failed after release"),
    "product.expired": N_("Product expired"),
    "custody.gap": N_("Gap in custody"),
    "custody.excursion": N_("Temperature on the way"),
    "equipment.failed": N_("Failed calibration"),
    "lot.recalled": N_("Recalled lot"),
    "lot.rejected": N_("Rejected lot"),
    "reported": N_("Deviation"),
}
"""What a deviation is called in the list, by the rule that opened it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExceptionRow:
    """An exception as `desk.exception_row` draws it; `chip` only where somebody must still act."""

    key: str
    state: str
    kind: str
    what: Markup | str
    by: str
    result: str
    chip: tuple[str, str] | None


def row_of(review: Review, found: ExceptionFound) -> ExceptionRow:
    """The line of one exception."""
    decided = found.standing is Standing.DECIDED
    chip = {
        Standing.OPEN: ("due", gettext("Open")),
        Standing.TO_SEE: ("verify", gettext("To see")),
        Standing.DECIDED: None,
    }[found.standing]
    return ExceptionRow(
        key=found.key,
        state="done" if decided else _state(found),
        kind=_kind(found),
        what=_WHAT[found.sort](review, found),
        by=_by(review, found),
        result=_result(found) if decided else "",
        chip=chip,
    )


def _state(found: ExceptionFound) -> str:
    if found.standing is Standing.TO_SEE:
        return "verify"
    if found.sort is Sort.HOLD:
        return "hold"
    if found.sort is Sort.RESULT:
        return "verify"
    return "due" if found.severity == "minor" else "stop"


def _kind(found: ExceptionFound) -> str:
    if isinstance(found.entry.fact, DeviationOpened):
        return str(RULES.get(found.entry.fact.rule, KINDS[Sort.DEVIATION]))
    if found.sort is Sort.REFUSED:
        return str(gettext(REFUSED[found.classed]))
    return str(KINDS[found.sort])


def _by(review: Review, found: ExceptionFound) -> str:
    if found.decided:
        return telling.person(review.people, found.decided.person)
    if found.sort is Sort.DEVIATION:
        severity = str(telling.SEVERITIES.get(found.severity, found.severity))
        return f"{found.code} · {severity}"
    return telling.person(review.people, found.entry.person)


def _result(found: ExceptionFound) -> str:
    match found.decided.fact if found.decided else None:
        case DeviationDecided(decision="accepted"):
            return str(gettext("Accepted"))
        case DeviationDecided():
            return str(gettext("Rejects"))
        case OosJudged():
            return str(gettext("Void"))
        case ResultReviewed(agreed=agreed):
            return str(gettext("Agreed") if agreed else gettext("Not agreed"))
        case _:
            return str(gettext("Lifted") if found.sort is Sort.HOLD else gettext("Seen"))


def _joined(*parts: str) -> str:
    return " · ".join(part for part in parts if part)


def _deviation(review: Review, found: ExceptionFound) -> str:
    batch, fact = review.batch, found.entry.fact
    assert isinstance(fact, DeviationOpened)
    about = dict(fact.about)
    value, limit = about.get("value", ""), about.get("limit", "")
    if "test" in about:
        test = batch.master.test(about["test"])
        entered = batch.result_of(test)
        value = telling.result_value(test, entered.fact) if entered else value
        limit = limit or telling.limit_of(test)
        title = filters.said(test.title)
    elif "yield" in about:
        title = next(
            (filters.said(one.title) for one in batch.master.yields if one.code == about["yield"]), ""
        )
    else:
        value = telling.value_of(batch, _entry_behind(review, found), review.words) or value
        title = telling.slot_title(batch, fact.step, fact.slot)
    against = gettext("%(value)s against %(limit)s", value=value, limit=limit) if value and limit else value
    words = review.words.get(fact.words.commitment, "") if fact.words else ""
    return telling.unbroken(_joined(telling.place(batch, fact.step), title, against, words[:80]))


def _entry_behind(review: Review, found: ExceptionFound) -> Entry | None:
    """The entry of evidence that opened a deviation: the last one of its slot before it."""
    record = review.batch.slots.get((found.step or "", found.slot or ""))
    before = [entry for entry in record.history if entry.seq < found.entry.seq] if record else []
    return before[-1] if before else None


def _evidence(review: Review, found: ExceptionFound) -> str:
    batch = review.batch
    title = telling.slot_title(batch, found.step, found.slot)
    value = telling.value_of(batch, found.entry, review.words)
    return _joined(telling.place(batch, found.step), f"{title}: {value}" if title else value)


def _typed(review: Review, found: ExceptionFound) -> str:
    return _evidence(review, found) or telling.code_word(found.entry.act)


def _correction(review: Review, found: ExceptionFound) -> Markup:
    batch = review.batch
    where = _joined(telling.place(batch, found.step), telling.slot_title(batch, found.step, found.slot))
    was = telling.value_of(batch, found.was, review.words)
    now = telling.value_of(batch, found.entry, review.words)
    return Markup(
        '{} <del><span class="b-sr">{} </span>{}</del> <span aria-hidden="true">→</span> {}'
    ).format(escape(where), gettext("was"), was, now)


def _result_what(review: Review, found: ExceptionFound) -> str:
    fact = found.entry.fact
    assert isinstance(fact, ResultEntered)
    test = review.batch.master.test(fact.test)
    outcome = str(telling.STATES.get(fact.outcome, fact.outcome))
    again = gettext("retest under %(number)s", number=fact.oos) if fact.oos else ""
    return _joined(filters.said(test.title), telling.result_value(test, fact), outcome, again)


def _hold(review: Review, found: ExceptionFound) -> str:
    fact = found.entry.fact
    assert isinstance(fact, HoldPlaced)
    word = str(telling.HOLD_REASONS.get(fact.reason_code, fact.reason_code))
    person = review.people.get(fact.reference)
    return _joined(word, "" if person else fact.reference)


def _labels(review: Review, found: ExceptionFound) -> str:
    left = int(found.code)
    return _joined(
        telling.place(review.batch, found.step),
        ngettext("%(num)s label is not accounted for", "%(num)s labels are not accounted for", left),
    )


def _reprint(review: Review, found: ExceptionFound) -> str:
    fact = found.entry.fact
    assert isinstance(fact, LabelsPrinted)
    count = ngettext("%(num)s label again", "%(num)s labels again", len(fact.serials))
    return _joined(telling.place(review.batch, fact.step), count, telling.code_word(fact.reason_code or ""))


def _mismatch(review: Review, found: ExceptionFound) -> str:
    fact = found.entry.fact
    assert isinstance(fact, IdentityMismatched)
    return str(gettext("did not match: %(legs)s", legs=", ".join(gettext(leg) for leg in fact.legs)))


def _sent_back(review: Review, found: ExceptionFound) -> str:
    fact = found.entry.fact
    assert isinstance(fact, StepSentBack | CustodyRefused)
    words = review.words.get(fact.reason.commitment, gettext("[erased]"))
    return _joined(telling.place(review.batch, found.step), f"“{words}”")


def _step(review: Review, found: ExceptionFound) -> str:
    return _joined(
        telling.place(review.batch, found.step), str(gettext("work went on without a second person"))
    )


def _trend(review: Review, found: ExceptionFound) -> str:
    why = ", ".join(gettext(TRENDS[trend]) for trend in found.trends)
    return _joined(_result_what(review, found), why)


def _told(review: Review, found: ExceptionFound) -> str:
    """The sentence of the audit trail, and how often the same was refused."""
    told = telling.tell(
        sentence_of(found.entry, names=review.people, words=review.words, master=review.batch.master)
    )
    return told if found.times == 1 else _joined(gettext("%(n)s times", n=found.times), told)


_WHAT: Mapping[Sort, Callable[[Review, ExceptionFound], Markup | str]] = {
    Sort.DEVIATION: _deviation,
    Sort.RESULT: _result_what,
    Sort.HOLD: _hold,
    Sort.LABELS: _labels,
    Sort.MISMATCH: _mismatch,
    Sort.TYPED: _typed,
    Sort.LATE: _evidence,
    Sort.CORRECTION: _correction,
    Sort.SENT_BACK: _sent_back,
    Sort.REPRINT: _reprint,
    Sort.CUSTODY: _sent_back,
    Sort.UNVERIFIED: _step,
    Sort.VOIDED: _evidence,
    Sort.OPERATION: _told,
    Sort.TREND: _trend,
    Sort.CONSENT: _told,
    Sort.VERSION: _told,
    Sort.CLOCK: _told,
    Sort.REFUSED: _told,
}
