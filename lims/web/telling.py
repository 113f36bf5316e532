"""How facts of the record read on a page: sentences, values, limits and times in the language and zone of the page."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

from flask_babel import gettext
from flask_babel import lazy_gettext as N_

from lims.domain.batch_record import BatchRecord
from lims.domain.canonical import parse
from lims.domain.entries.batch import EvidenceCorrected, EvidenceRecorded, ResultEntered
from lims.domain.entries.envelope import SYSTEM, Entry
from lims.domain.entries.keys import SignatureMade
from lims.domain.master_batch_record import Step, Test
from lims.domain.numbering import numbers_of
from lims.domain.sentences import Sentence, in_sentence, said, term
from lims.domain.sentences_values import LONG_NUMBER, measured, value_in_words
from lims.web import filters, here

STATES = {
    "pass": N_("Pass"),
    "fail": N_("Fail"),
    "reported": N_("Reported"),
    "invalid": N_("Invalid"),
    "not_done": N_("Not done"),
    "to_review": N_("To review"),
    "pending": N_("Pending"),
}
"""Words for what a test has come to."""

SIGNS = {
    "pass": "done",
    "reported": "done",
    "fail": "stop",
    "invalid": "stop",
    "not_done": "stop",
    "to_review": "verify",
    "pending": "open",
}
"""The sign that stands beside each of them."""

SEVERITIES = {
    "minor": N_("Minor"),
    "major": N_("Major"),
    "critical": N_("Critical"),
}

HOLD_REASONS = {
    "deviation": N_("a deviation"),
    "quality": N_("quality looks into it"),
    "complaint": N_("a complaint or a recall"),
    "identity": N_("a doubt about identity"),
    "other": N_("another reason"),
}

ENDS = {
    "withdrawal": N_("the participant withdrew"),
    "cancelled_cycle": N_("the cycle was cancelled"),
    "failed_culture": N_("the culture failed"),
    "expired": N_("the product expired"),
    "other": N_("another reason"),
}
"""Why a batch ends without a perfusion."""


def tell(sentence: Sentence) -> str:
    """A sentence of the audit trail in the language of the page."""
    return said(
        sentence, translate=gettext, language=here.language(), zone=here.site().founded.zone, seconds=False
    )


def code_word(code: str) -> str:
    """A coded word in the language of the page."""
    return str(gettext(term(code).msgid))


def person(people: Mapping[str, str], of: str) -> str:
    """The name of who did it; the system by its word."""
    return gettext("the system") if of == SYSTEM else people.get(of, of)


def step_of(batch: BatchRecord, code: str | None) -> tuple[str, Step] | None:
    """A step with its number."""
    step = batch.step(code) if code else None
    return (numbers_of(batch)[step.code], step) if step else None


def place(batch: BatchRecord, code: str | None) -> str:
    """`Step 6`, or nothing for what belongs to no step."""
    found = step_of(batch, code)
    return gettext("Step %(number)s", number=found[0]) if found else ""


def value_of(batch: BatchRecord, entry: Entry | None, words: Mapping[str, str]) -> str:
    """What an entry of evidence says, with its unit; nothing for another entry."""
    fact = entry.fact if entry else None
    if not isinstance(fact, EvidenceRecorded | EvidenceCorrected):
        return ""
    slot = batch.slot_of(fact.step, fact.slot)
    return unbroken(tell(in_sentence(value_in_words(fact.value, slot, batch.master), words)))


def unbroken(text: str) -> str:
    """A number and its unit stay on one line."""
    return text.replace(" %", "\N{NO-BREAK SPACE}%")


def slot_title(batch: BatchRecord, step: str | None, slot: str | None) -> str:
    """The title of a slot in the language of the page."""
    found = batch.slot_of(step or "", slot or "")
    return filters.said(found.title) if found else ""


def result_value(test: Test, fact: ResultEntered) -> str:
    """A test result as it is read: `< 0.05 EU/mL`, an answer, or that there is none."""
    if fact.outcome in ("invalid", "not_done"):
        return str(STATES[fact.outcome])
    if fact.option:
        option = next((item for item in test.options if item.code == fact.option), None)
        return filters.said(option.title) if option else fact.option
    raw = fact.raw.strip()
    if fact.value is not None and abs(fact.value) >= LONG_NUMBER:
        raw = measured(fact.value, 0)
    number = f"{fact.qualifier}\N{NO-BREAK SPACE}{raw.lstrip('<>＜＞ ')}" if fact.qualifier else raw
    return f"{number}\N{NO-BREAK SPACE}{fact.unit}" if fact.unit else number


def limit_of(test: Test) -> str:
    """What a test must be: its limit, or its acceptable answers."""
    if test.limit:
        return test.limit.shown().replace(" ", "\N{NO-BREAK SPACE}")
    return " / ".join(filters.said(option.title) for option in test.options if option.acceptable)


@dataclass(frozen=True, slots=True, kw_only=True)
class Countdown:
    """Time left until a deadline, as the macro `signs.countdown` takes it."""

    state: str
    word: str
    absolute: str
    deadline: str
    begins: str


def countdown(deadline: datetime, *, begins: datetime | None, now: datetime) -> Countdown:
    """Plain above a quarter of the time, amber below, then how long it is over."""
    left = deadline - now
    whole = deadline - begins if begins else timedelta(hours=24)
    state = "stop" if left <= timedelta(0) else "due" if left * 4 <= whole else "open"
    span = duration(abs(left))
    word = (
        gettext("Expired %(span)s ago", span=span) if state == "stop" else gettext("%(span)s left", span=span)
    )
    return Countdown(
        state=state,
        word=word,
        absolute=gettext("expires %(time)s", time=filters.local(deadline)),
        deadline=deadline.isoformat(),
        begins=begins.isoformat() if begins else "",
    )


def duration(span: timedelta) -> str:
    """`43 min`, `6 h 38`, `3 d`."""
    minutes = span // timedelta(minutes=1)
    if minutes < 60:
        return str(gettext("%(minutes)s min", minutes=minutes))
    if minutes < 48 * 60:
        return str(gettext("%(hours)s h %(minutes)s", hours=minutes // 60, minutes=f"{minutes % 60:02d}"))
    return str(gettext("%(days)s d", days=minutes // (24 * 60)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifestation:
    """A signature as it must be shown: printed name, date and time with zone, meaning (21 CFR 11.50)."""

    name: str
    at: datetime
    sentence: str
    covers: int
    seq: int


def manifestation(signature: Entry) -> Manifestation | None:
    """What a signature entry says of itself."""
    if not isinstance(signature.fact, SignatureMade):
        return None
    intent = parse(signature.fact.intent)
    assert isinstance(intent, dict) and isinstance(intent["covers"], list)
    return Manifestation(
        name=str(intent["name"]),
        at=signature.time,
        sentence=str(intent["sentence"]),
        covers=int(str(intent["covers"][1])),
        seq=signature.seq,
    )


AUDIT_WORDS: Mapping[str, object] = MappingProxyType(
    {
        "refused": N_("Refused"),
        "corrected": N_("Corrected"),
        "typed": N_("Typed, not scanned"),
        "late": N_("Late entry"),
        "reprinted": N_("Label printed again"),
        "deviation": N_("Deviation"),
        "operation": N_("Operation added"),
        "branch": N_("Branch"),
        "attached": N_("Photo or file"),
        "decided": N_("Decided"),
        "sent_back": N_("Sent back"),
        "verified": N_("Verified"),
        "result": N_("Test result"),
        "label": N_("Label"),
        "custody": N_("Custody"),
        "bedside": N_("Bedside"),
        "note": N_("Note"),
        "printed": N_("Paper printed"),
        "signed": N_("Signed"),
        "checkpoint": N_("Checkpoint"),
        "recorded": N_("Recorded"),
    }
)
"""What an entry is, for the filter of the audit trail."""
