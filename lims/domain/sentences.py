"""The audit trail as sentences: each kind of entry in words, with named places, for pages and papers alike.

Entries hold codes and parameters; here they become a message id (English) and what stands in its places. Nothing is
translated here: `said` puts the words together in a language that the caller brings.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from types import MappingProxyType
from zoneinfo import ZoneInfo

from lims.domain.acts import ACTS
from lims.domain.attached import size_shown
from lims.domain.canonical import parse
from lims.domain.codes import CODE_DIGITS, grouped
from lims.domain.entries.batch import EvidenceCorrected, EvidenceRecorded, ResultEntered
from lims.domain.entries.envelope import SYSTEM, Detached, Entry, Fact, code_of
from lims.domain.entries.follow_up import Assessed, FollowUpPlanned
from lims.domain.entries.keys import ActRefused, SignatureMade
from lims.domain.entries.late import Touched
from lims.domain.entries.oos import OosJudged
from lims.domain.entries.stations import LineOpened
from lims.domain.entries.supply import (
    CalibrationRecorded,
    Component,
    ComponentTaken,
    LotRecalled,
    LotReceived,
    LotRejected,
    LotUsed,
)
from lims.domain.entries.values import Value
from lims.domain.master_batch_record import MasterBatchRecord, Step, Words
from lims.domain.quantities import plain
from lims.domain.refusals import RULES
from lims.domain.sentences_table import CODED, SENTENCES, TERMS
from lims.domain.sentences_values import Term, ValueInWords, titles, value_in_words


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """A message id and what stands in its places; a place can be a sentence of its own."""

    msgid: str
    places: Mapping[str, "Place"] = field(default_factory=lambda: MappingProxyType({}))


Place = str | Words | Term | datetime | Sentence
"""What can stand in a place: text as it is, text in both languages, a coded word, a time, or a sentence."""


def sentence(
    entry: Entry,
    *,
    names: Mapping[str, str],
    words: Mapping[str, str],
    master: MasterBatchRecord | None = None,
    before: Value | None = None,
    numbers: Mapping[str, str] | None = None,
) -> Sentence:
    """What an entry says. `names` by person's id, `words` by commitment (erased ones are missing), `numbers` by step.

    `before` is the value that a correction replaces, where the caller has it at hand; without it the sentence
    names the entry that is replaced.
    """
    fact = entry.fact
    msgid = SENTENCES[_kind_of_sentence(fact, before)]
    places: dict[str, Place] = {
        "person": Term("the system") if entry.person == SYSTEM else names.get(entry.person, entry.person),
        "thing": code_of(entry.stream),
    }
    assert is_dataclass(fact)
    for item in fields(fact):
        if f"{{{item.name}}}" in msgid:
            places[item.name] = _place(getattr(fact, item.name), coded=item.name in CODED, words=words)
    places |= _in_batch(fact, master=master, words=words, before=before, numbers=numbers or {})
    places |= _of_keys(entry)
    return Sentence(msgid=msgid, places=MappingProxyType(places))


def _kind_of_sentence(fact: Fact, before: Value | None) -> str:
    if isinstance(fact, FollowUpPlanned) and fact.start is None:
        return f"{fact.kind} not begun"
    if isinstance(fact, CalibrationRecorded) and not fact.passed:
        return f"{fact.kind} failed"
    if isinstance(fact, LotReceived) and fact.means is not None:
        return f"{fact.kind} by code"
    if isinstance(fact, LotUsed | ComponentTaken) and fact.short is not None:
        return f"{fact.kind} short"
    if isinstance(fact, LotRecalled | LotRejected) and fact.because_of:
        return f"{fact.kind} because"
    if isinstance(fact, LineOpened) and fact.cleared_at is not None:
        return f"{fact.kind} cleared"
    if isinstance(fact, OosJudged) and fact.reported:
        return f"{fact.kind} reported"
    if not isinstance(fact, EvidenceCorrected) or before is None:
        return fact.kind
    return f"{fact.kind} with before" + (" and reason" if fact.reason else "")


def _place(value: object, *, coded: bool, words: Mapping[str, str]) -> Place:
    """A field of a fact as it stands in a sentence."""
    match value:
        case Detached():
            return words_of(value, words)
        case Words() | datetime():
            return value
        case Assessed():
            return _judged(value)
        case bool():
            return Term("yes" if value else "no")
        case Decimal():
            return plain(value)
        case date():
            return value.isoformat()
        case Enum():
            return term(str(value.value))
        case None:
            return "–"
        case Component():
            return f"{value.supplier_lot} ({as_code(value.lot)}) {plain(value.amount)} {value.unit}"
        case tuple() if value and isinstance(value[0], Component):
            return ", ".join(str(_place(item, coded=False, words=words)) for item in value)
        case tuple():
            named = (item.batch if isinstance(item, Touched) else str(item) for item in value)
            return ", ".join(as_code(item) for item in named) or "–"
        case _:
            return term(str(value)) if coded else as_code(str(value))


def _judged(value: Assessed) -> Sentence:
    """How an adverse event was judged."""
    places: dict[str, Place] = {
        "grade": str(value.grade),
        "serious": Term("serious" if value.criteria else "not serious"),
        "causality": term(value.causality),
        "expected": Term("expected" if value.expected else "not expected"),
        "outcome": term(value.outcome),
    }
    return Sentence(
        msgid="grade {grade}, {serious}, {causality}, {expected}, {outcome}", places=MappingProxyType(places)
    )


def as_code(text: str) -> str:
    """A code of ours with its digits in groups; any other text as it is."""
    return grouped(text) if len(text) == CODE_DIGITS and text.isdecimal() else text


def words_of(value: Detached, words: Mapping[str, str]) -> Place:
    """The words behind a commitment, or that they are erased or not disclosed."""
    if value.commitment in words:
        return _file(words[value.commitment]) if value.sort == "file" else words[value.commitment]
    return Term("[not disclosed]" if value.sort == "identity" else "[erased or not disclosed]")


def _file(description: str) -> str:
    """An attached file by its name, its size and the beginning of its hash."""
    about = parse(description)
    assert isinstance(about, dict)
    return f"{about['name']} ({size_shown(int(str(about['size'])))}, sha256 {str(about['sha256'])[:12]}…)"


def term(code: str) -> Term:
    """A coded word as people say it: a message id of its own."""
    return Term(TERMS.get(code, code.replace("_", " ")))


def _in_batch(
    fact: Fact,
    *,
    master: MasterBatchRecord | None,
    words: Mapping[str, str],
    before: Value | None,
    numbers: Mapping[str, str],
) -> dict[str, Place]:
    """Titles and values of the master batch record that the fact points to."""
    if master is None:
        return {}
    step, slot, title = titles(fact, master)
    places: dict[str, Place] = {}
    if step is not None:
        places["step_number"] = numbers.get(getattr(fact, "step", "")) or _number(step, master)
        places["step_title"] = step.title
    if slot is not None:
        places["slot_title"] = slot.title
    if title is not None:
        places["title"] = title
    if isinstance(fact, ResultEntered):
        option = next((o.title for o in master.test(fact.test).options if o.code == fact.option), "–")
        places["shown"] = f"{fact.raw} {fact.unit or ''}".strip() if fact.raw else option
    if isinstance(fact, EvidenceRecorded | EvidenceCorrected):
        places["value"] = in_sentence(value_in_words(fact.value, slot, master), words)
        if before is not None:
            places["was"] = in_sentence(value_in_words(before, slot, master), words)
    return places


def _number(step: Step, master: MasterBatchRecord) -> str:
    """The step's number in the master batch record; an added operation's is known to its batch only."""
    return str(master.steps.index(step) + 1) if step in master.steps else "+"


def in_sentence(value: ValueInWords, words: Mapping[str, str]) -> Sentence:
    """A value's own words as a place of a sentence."""
    places: dict[str, Place] = {}
    for name, item in value.places.items():
        match item:
            case Detached():
                places[name] = words_of(item, words)
            case ValueInWords():
                places[name] = in_sentence(item, words)
            case _:
                places[name] = item
    return Sentence(msgid=value.msgid, places=MappingProxyType(places))


def _of_keys(entry: Entry) -> dict[str, Place]:
    match entry.fact:
        case SignatureMade() as fact:
            intent = parse(fact.intent)
            assert isinstance(intent, dict) and isinstance(intent["covers"], list)
            return {"sentence": str(intent["sentence"]), "covered": str(intent["covers"][1])}
        case ActRefused() as fact:
            rule = RULES.get(fact.rule)
            about = dict(fact.about)
            why = Sentence(msgid=rule.why, places=MappingProxyType(about)) if rule else fact.rule
            label = ACTS[entry.act].label if entry.act in ACTS else entry.act
            return {"why": why, "label": Term(label)}
        case _:
            return {}


def said(
    sentence: Sentence, *, translate: Callable[[str], str], language: str, zone: str, seconds: bool = False
) -> str:
    """The sentence in a language; times at the site, with their offset."""
    filled = {
        name: say_place(place, translate=translate, language=language, zone=zone, seconds=seconds)
        for name, place in sentence.places.items()
    }
    return translate(sentence.msgid).format(**filled)


def say_place(
    place: Place, *, translate: Callable[[str], str], language: str, zone: str, seconds: bool = False
) -> str:
    """What stands in one place, in a language."""
    match place:
        case Words():
            return place.zh if language.startswith("zh") else place.en
        case Term():
            return translate(place.msgid)
        case datetime():
            return at_site(place, zone, seconds=seconds)
        case Sentence():
            return said(place, translate=translate, language=language, zone=zone, seconds=seconds)
        case _:
            return place


def at_site(moment: datetime, zone: str, *, seconds: bool = True) -> str:
    """A time at the site with its offset, `2026-11-26 15:22:31 +08:00`."""
    text = moment.astimezone(ZoneInfo(zone)).isoformat(sep=" ", timespec="seconds" if seconds else "minutes")
    return f"{text[:-6]} {text[-6:]}"
