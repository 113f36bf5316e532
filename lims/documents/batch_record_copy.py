"""One printed copy of a batch record: the record, who reads it in which language, and how its values read."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from zoneinfo import ZoneInfo

from lims.domain.acts import Stage
from lims.domain.batch_fold import as_of
from lims.domain.batch_record import BatchRecord
from lims.domain.canonical import parse
from lims.domain.capa import Capa
from lims.domain.entries.envelope import SYSTEM, Detached, Entry
from lims.domain.entries.keys import SignatureMade
from lims.domain.entries.values import Judged, Value
from lims.domain.master_batch_record import AnySlot, Who, Words
from lims.domain.numbering import numbers_of
from lims.domain.participant import Participant
from lims.domain.refusals import Reason
from lims.domain.sentences import at_site, in_sentence, said, say_place, sentence, term, words_of
from lims.domain.sentences_values import value_in_words
from lims.language import words_in


class State(StrEnum):
    """What a copy is worth as a record."""

    INTERIM = "interim"
    CONDITIONAL = "conditional"
    FINAL = "final"
    REJECTED = "rejected"
    HELD = "held"


SIGNS = {
    State.INTERIM: "none",
    State.CONDITIONAL: "due",
    State.FINAL: "done",
    State.REJECTED: "stop",
    State.HELD: "hold",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """A signature as it must be shown: printed name, time, meaning (21 CFR 11.50), and what it covers."""

    entry: Entry
    name: str
    sentence: str
    language: str
    meaning: str
    covers: int
    kid: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """A paper that went out before: which one, and by what its file is known."""

    paper: str
    """Its kind."""
    title: str
    """What it is called, as a message id."""
    copy_number: int
    filename: str
    sha256: str
    head_seq: int
    subject: str = ""
    """What within the batch it was about, if not the whole."""

    def named(self, say: Callable[[str], str]) -> str:
        """The paper by its title, copy, file name and whole hash."""
        _ = say
        title = f"{_(self.title)} {self.subject}" if self.subject else _(self.title)
        return _("{title}, copy {copy}, file {file}, SHA-256 {hash}").format(
            title=title, copy=self.copy_number, file=self.filename, hash=self.sha256
        )


@dataclass(frozen=True, kw_only=True)
class Copy:
    """A copy: everything a section needs to set its part."""

    record: BatchRecord
    participant: Participant
    """As her record stood when the batch was released; as it stands now, if it was not."""
    people: Mapping[str, str]
    words: Mapping[str, str]
    language: str
    kind: str
    site_name: str
    zone: str
    printed_by: str
    printed_at: datetime
    copy_number: int
    record_hash: str
    supersedes: Earlier | None
    """The paper that this one replaces."""
    refusals: tuple[Entry, ...]
    earlier: tuple[Earlier, ...] = ()
    """Every paper of this batch that went out before, oldest first."""
    subject: str = ""
    """The number of what the paper is about, where that is one thing within the batch."""
    capas: tuple[Capa, ...] = ()
    """Actions that came from deviations of this batch, as they stand when this is printed."""
    pictures: Mapping[str, bytes] = field(default_factory=dict)
    """Attached photos by the hash of their bytes; one that is erased or lost is absent."""

    @property
    def say(self) -> Callable[[str], str]:
        """How a message id reads in the copy's language."""
        return words_in(self.language)

    @property
    def other(self) -> Callable[[str], str]:
        """How it reads in the other language, small beside a title."""
        return words_in("en" if self.is_chinese else "zh_Hans")

    @property
    def is_chinese(self) -> bool:
        """The copy's main language is 中文."""
        return self.language.startswith("zh")

    def in_words(self, words: Words) -> str:
        """An approved text in the copy's language."""
        return words.zh if self.is_chinese else words.en

    def beside(self, words: Words) -> str:
        """The same text in the other language."""
        return words.en if self.is_chinese else words.zh

    def term(self, code: str) -> str:
        """A coded word as people say it."""
        return self.say(term(code).msgid)

    def name(self, person: str) -> str:
        """The printed name of a person."""
        return self.say("the system") if person == SYSTEM else self.people.get(person, person)

    def at(self, moment: datetime, *, seconds: bool = True) -> str:
        """A time at the site, with its offset."""
        return at_site(moment, self.zone, seconds=seconds)

    def clock(self, moment: datetime) -> str:
        """Only the time of day at the site, where the date stands above."""
        return moment.astimezone(ZoneInfo(self.zone)).strftime("%H:%M:%S")

    def day(self, moment: datetime) -> str:
        """Only the date at the site."""
        return moment.astimezone(ZoneInfo(self.zone)).date().isoformat()

    def free(self, value: Detached | None) -> str:
        """Free text, or that it is erased."""
        if value is None:
            return ""
        return say_place(
            words_of(value, self.words), translate=self.say, language=self.language, zone=self.zone
        )

    def value(self, value: Value, slot: AnySlot | None) -> str:
        """A value as it reads on file."""
        found = in_sentence(value_in_words(value, slot, self.record.master), self.words)
        return said(found, translate=self.say, language=self.language, zone=self.zone, seconds=True).strip()

    def sentence(self, entry: Entry) -> str:
        """What an entry says, with the value that a correction replaced."""
        before = self.before(entry)
        found = sentence(
            entry,
            names=self.people,
            words=self.words,
            master=self.record.master,
            before=before,
            numbers=self.numbers,
        )
        return said(found, translate=self.say, language=self.language, zone=self.zone, seconds=True)

    @cached_property
    def numbers(self) -> Mapping[str, str]:
        """The number of every step."""
        return numbers_of(self.record)

    def before(self, entry: Entry) -> Value | None:
        """The value that a correction replaced."""
        replaced = getattr(entry.fact, "replaces_seq", None)
        if replaced is None:
            return None
        value: Value | None = getattr(self.record.entries[replaced - 1].fact, "value", None)
        return value

    def result(self, judged: Judged) -> tuple[str, str]:
        """The sign and the word of a verdict."""
        signs = {
            Judged.UNJUDGED: ("none", "Recorded"),
            Judged.WITHIN: ("done", "Pass"),
            Judged.ALERT: ("due", "Alert"),
            Judged.OUTSIDE: ("stop", "Outside"),
            Judged.QA_DECIDES: ("stop", "Quality decides"),
            Judged.STOP: ("stop", "Stop"),
        }
        sign, word = signs[judged]
        return sign, self.say(word)

    @property
    def is_complete(self) -> bool:
        """Closed under a signature, and nothing came after."""
        closed = self.record.closed
        if closed is None:
            return False
        after = [entry for entry in self.record.entries if entry.seq > closed.seq]
        return len(after) == 1 and isinstance(after[0].fact, SignatureMade)

    @property
    def state(self) -> State:
        """What the copy is worth."""
        stage = self.record.stage
        if stage in (Stage.REJECTED, Stage.TERMINATED) or self.is_nonconforming:
            return State.REJECTED
        if self.is_complete:
            return State.FINAL
        if self.record.on_hold:
            return State.HELD
        return State.CONDITIONAL if stage is Stage.RELEASED else State.INTERIM

    @property
    def is_nonconforming(self) -> bool:
        """The final disposition is nonconforming."""
        final = self.record.disposition
        return final is not None and final.disposition != "conforming"

    def signature_of(self, entry: Entry | None) -> Manifest | None:
        """The signature that was made in the same request as an entry."""
        if entry is None or entry.request is None:
            return None
        for candidate in self.record.entries[entry.seq :]:
            same = candidate.request and candidate.request.id == entry.request.id
            if same and isinstance(candidate.fact, SignatureMade) and candidate.person == entry.person:
                return manifest(candidate, candidate.fact)
        return None

    @property
    def signatures(self) -> tuple[Manifest, ...]:
        """Every signature, first to last."""
        return tuple(
            manifest(entry, entry.fact)
            for entry in self.record.entries
            if isinstance(entry.fact, SignatureMade)
        )

    def newest(self, paper: str) -> Earlier | None:
        """The newest paper of a kind that went out before."""
        return next((item for item in reversed(self.earlier) if item.paper == paper), None)

    def named(self, earlier: Earlier) -> str:
        """A paper that went out before, in the copy's language."""
        return earlier.named(self.say)

    def why(self, reason: Reason) -> str:
        """Why a rule is not met, with titles in place of codes."""
        steps = {step.code: self.in_words(step.title) for step in self.record.master.steps}
        tests = {test.code: self.in_words(test.title) for test in self.record.master.tests}
        known = {"step": steps, "test": tests}
        about = {name: known.get(name, {}).get(value) or self.term(value) for name, value in reason.about}
        return self.say(reason.why).format(**about)

    def strength(self, entry: Entry, who: Who) -> str:
        """How strongly a person stands behind an entry."""
        if self.signature_of(entry) is not None:
            return self.say("signed with their own key")
        return self.say("PIN, attested by the server" if who is not Who.ATTRIBUTED else "seat at the station")

    def before_release(self) -> BatchRecord:
        """The record as it was when it was released; as it is now, if it was not."""
        released = self.record.released
        return as_of(self.record, released.seq - 1) if released else self.record


def manifest(entry: Entry, fact: SignatureMade) -> Manifest:
    """A signature entry in its parts."""
    intent = parse(fact.intent)
    assert isinstance(intent, dict) and isinstance(intent["covers"], list)
    covers = intent["covers"][1]
    assert isinstance(covers, int)
    return Manifest(
        entry=entry,
        name=str(intent["name"]),
        sentence=str(intent["sentence"]),
        language=str(intent["language"]),
        meaning=str(intent["meaning"]),
        covers=covers,
        kid=fact.kid,
    )
