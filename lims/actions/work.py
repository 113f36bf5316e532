"""The corridor: the one door through which every change walks.

Parse and unlock, lock, seen before?, the time, load and authorise and decide, append and sign, commit
(architecture 3). A refusal by rule or authority changes nothing and is itself on file.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

from lims.actions.authority import check_authority, strength
from lims.actions.detach import Kept
from lims.actions.signing import Signer, sign
from lims.actions.site import Site
from lims.domain.acts import ACTS, Act, Role
from lims.domain.batch_record import BatchRecord
from lims.domain.clock import SLACK, is_held, last_correction
from lims.domain.entries.envelope import (
    SYSTEM,
    Authorship,
    Draft,
    Entry,
    RequestMark,
    refusals_of,
    stream_of,
)
from lims.domain.entries.keys import ActRefused
from lims.domain.folds import Folded, Record
from lims.domain.master_batch_record import Who
from lims.domain.people import Person
from lims.domain.refusals import NOT_ALLOWED, BadEntry, NotAllowed, Refused
from lims.domain.statements import digest, statement
from lims.language import words_in
from lims.ledger.book import Book
from lims.ledger.read_tables import write_difference

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who asks, from where; secrets are proved before this is made (actions/secrets)."""

    person: str
    station: str
    language: str = "en"
    signer: Signer | None = None
    """The person's unlocked key, for a signed act."""
    identified: bool = False
    """The person's PIN was right, for this act."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One request: its id, the act, what it is about, and which streams it touches."""

    request_id: str
    act: str
    on: str
    """The stream that decides."""
    asked: Mapping[str, str]
    """Everything that was asked, as strings: what tells a repeated request from another one."""
    about: tuple[tuple[str, str], ...] = ()
    """What the signature's sentence and the statement are made of."""
    write: tuple[str, ...] = ()
    """Further streams that the act may write."""
    read: tuple[str, ...] = ()
    """Streams that the rule reads and that must not change meanwhile."""
    refusals: str | None = None
    """Where a refusal is filed, if not beside `on`."""
    shown: str | None = None
    """The digest of the statement that the person saw; none where nothing was shown before."""
    kept: tuple[Kept | None, ...] = ()
    """Detached values that come with the request."""
    witness: Actor | None = None
    performed_as: str = ""
    """For an act of the witness: what the person at the station does meanwhile."""
    who: Who | None = None
    """The strength that the master batch record asks for, if it is more than the act's own."""
    training: tuple[str, str] | None = None
    """Subject and version that the act needs training on."""
    sets_clock: bool = False
    """The act sets the clock right, so that it goes on while the clock stands back."""
    makes: bool = False
    """`on` is a thing that this act makes: asked again, it would have another fresh code."""

    @property
    def everything(self) -> dict[str, str]:
        """What tells a repeated request from another one: the act and its thing count as well."""
        return {"act": self.act, "on": "" if self.makes else self.on} | {
            f"asked_{name}": value for name, value in self.asked.items()
        }


@dataclass(slots=True, kw_only=True)
class Scene:
    """What a rule sees under the lock: the time, the person, and records folded from what is on file."""

    site: Site
    book: Book
    now: datetime
    actor: Actor
    role: Role = Role.SYSTEM
    witness_role: Role = Role.SYSTEM

    @property
    def today(self) -> date:
        """The calendar day at the site."""
        return self.now.astimezone(ZoneInfo(self.site.founded.zone)).date()

    def record(self, stream: str) -> Record:
        """The record of a stream as it stands, with what this act has appended."""
        return self.book.derived(stream, Folded.of).record

    def load(self, stream: str, kind: type[T]) -> T:
        """The record of a stream about which something is on file; refuses when there is nothing."""
        if self.book.head(stream) is None:
            sort, _, code = stream.partition(":")
            raise Refused("act.unknown_target", sort=sort, code=code)
        record = self.record(stream)
        if not isinstance(record, kind):
            raise TypeError(f"{stream} is no {kind.__name__}")
        return record

    def person(self, person: str) -> Person:
        """A member of staff."""
        return self.load(stream_of("person", person), Person)

    def append(self, drafts: Iterable[Draft], by: Authorship) -> tuple[Entry, ...]:
        """Put drafts on file and bring the read tables of their streams up to date."""
        drafts = tuple(drafts)
        streams = list(dict.fromkeys(draft.stream for draft in drafts))
        before = {stream: self.book.derived(stream, Folded.of).rows for stream in streams}
        entries = tuple(self.book.append(draft, by) for draft in drafts)
        for stream in streams:
            write_difference(self.book, stream, before[stream], self.book.derived(stream, Folded.of).rows)
        return entries


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What a rule decides: the actor's entries, or those that the witness stands behind."""

    drafts: tuple[Draft, ...] = ()
    by_witness: tuple[Draft, ...] = ()
    kept: tuple[Kept, ...] = ()
    erased: tuple[str, ...] = ()
    """Commitments whose values go with these entries."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What is on file after an act."""

    entries: tuple[Entry, ...]
    replayed: bool = False
    """The same request was answered before; nothing was added."""

    def of(self, kind: type[T]) -> T:
        """The first fact of a kind among the entries; LookupError when there is none."""
        for entry in self.entries:
            if isinstance(entry.fact, kind):
                return entry.fact
        raise LookupError(kind.__name__)

    def has(self, kind: type) -> bool:
        """A fact of the kind is among the entries."""
        return any(isinstance(entry.fact, kind) for entry in self.entries)


Rule = Callable[[Scene], Decision]

LINE_SIGNS = "\n\r\t\u00a0\u3000"
"""Signs that only set text apart; they are read as such."""


def perform(site: Site, actor: Actor, ask: Ask, rule: Rule) -> Outcome:
    """Walk one act through the corridor; raises the Refused that is then on file."""
    _check_readable(ask)
    answer = site.ledger.retrying(lambda: _attempt(site, actor, ask, rule))
    if isinstance(answer, Refused):
        raise answer
    return answer


def _check_readable(ask: Ask) -> None:
    """No control or invisible sign comes into the record: nobody reads it there, and PostgreSQL takes no NUL."""
    for name, value in {"request_id": ask.request_id, "form": ask.on, **ask.asked}.items():
        if value.isprintable():
            continue
        unread = next((sign for sign in value if not (sign.isprintable() or sign in LINE_SIGNS)), None)
        if unread is not None:
            raise BadEntry("text.unprintable", field=name, sign=f"U+{ord(unread):04X}")


def _attempt(site: Site, actor: Actor, ask: Ask, rule: Rule) -> Outcome | Refused:
    act = ACTS[ask.act]
    filed = ask.refusals or refusals_of(ask.on)
    write = {ask.on, filed, *ask.write}
    people = {stream_of("person", who.person) for who in (actor, ask.witness) if who and who.person != SYSTEM}
    mark = RequestMark(id=ask.request_id, digest=site.request_digest(ask.everything))
    # An act that makes a thing locks a fresh stream each time: only this lock lets its double wait for the first.
    once = stream_of("request", f"{actor.person}/{ask.request_id}")
    with site.ledger.writing(write={*write, once}, read=(people | {*ask.read}) - write) as book:
        if (answered := _answered(book, actor, ask, mark)) is not None:
            return answered
        by = Authorship(
            time=site.clock.now(),
            person=actor.person,
            role="",
            station=actor.station,
            act=act.name,
            request=mark,
        )
        scene = Scene(site=site, book=book, now=by.time, actor=actor)
        try:
            scene.now = _time(by.time, book, write, despite=ask.sets_clock)
            decision = _decide(scene, actor, ask, act, rule)
            # Streams that the rule locked late may have gone on since the time was read.
            late = {draft.stream for draft in decision.drafts} - write
            now = max(scene.now, site.clock.now()) if late else scene.now
            by = replace(by, time=_time(now, book, late))
        except BadEntry:
            raise
        except Refused as refused:
            if actor.person != SYSTEM:  # a timer asks again under the same request, until it can act
                _file(scene, filed, refused, by)
            return refused
        return _commit(scene, ask, act, decision, replace(by, role=scene.role.value))


def _decide(scene: Scene, actor: Actor, ask: Ask, act: Act, rule: Rule) -> Decision:
    """May everybody who asks do this, what does the rule say, and is it what they saw?"""
    scene.role = check_authority(scene, actor, ask, ACTS[ask.performed_as or ask.act])
    if ask.witness:
        scene.witness_role = check_authority(scene, ask.witness, ask, act)
    decision = rule(scene)
    _check_shown(scene, ask)
    return decision


def _file(scene: Scene, filed: str, refused: Refused, by: Authorship) -> None:
    """Put a refusal on file, also where the clock stands before what is on file."""
    head = scene.book.head(filed)
    time = max(scene.now, head.time) if head else scene.now
    fact = ActRefused(rule=refused.rule, about=refused.reason.about)
    scene.append([Draft(stream=filed, fact=fact)], replace(by, time=time))


def _answered(book: Book, actor: Actor, ask: Ask, mark: RequestMark) -> Outcome | Refused | None:
    """The first answer of a request that was seen before, rebuilt from its entries."""
    entries = book.answers(actor.person, mark.id)
    if not entries and ask.witness:
        entries = book.answers(ask.witness.person, mark.id)
    if not entries:
        return None
    if any(entry.request is None or entry.request.digest != mark.digest for entry in entries):
        return RequestReused("request.reused")
    for entry in entries:
        if isinstance(entry.fact, ActRefused):
            kind = NotAllowed if entry.fact.rule in NOT_ALLOWED else Refused
            return kind(entry.fact.rule, **dict(entry.fact.about))
    return Outcome(entries=entries, replayed=True)


class TakenMeanwhile(Exception):
    """What the act was to take or to lock is another by now; it is asked again from its start."""


MOST_NUMBERS = 50
"""Numbers that may be taken from under an act before it gives up; more people never do this at once."""


def with_next_number(act: Callable[[], Outcome]) -> Outcome:
    """What `act` returns once it got a number of its own."""
    for _ in range(MOST_NUMBERS):
        try:
            return act()
        except TakenMeanwhile:
            continue
    raise Refused("request.again")


class RequestReused(Refused):
    """The same request id came with something else."""

    status = 422


def _time(now: datetime, book: Book, write: Iterable[str], *, despite: bool = False) -> datetime:
    """The server's time, read once under the lock; never before what is on file (N15).

    Where the clock stands back, acts stop until two people have signed a correction; under it an act is given the
    last moment on file of its streams, `max(head, now)`, if that is one which the correction waits for (domain.clock).
    """
    heads = [head.time for stream in write if (head := book.head(stream))]
    last = max([now, *heads])
    ahead = {head for head in heads if head - now > SLACK}
    if ahead and not despite:
        correction = last_correction(book.entries("system"))
        if not all(is_held(correction, now=now, head=head) for head in ahead):
            raise Refused("clock.backwards", seconds=int((last - now).total_seconds()))
    return last


def _check_shown(scene: Scene, ask: Ask) -> None:
    """What was on the screen is still what is on file."""
    if ask.shown is not None and ask.shown != digest(statement(ask.act, scene.record(ask.on), ask.about)):
        raise Refused("step.stale")


def _commit(scene: Scene, ask: Ask, act: Act, decision: Decision, by: Authorship) -> Outcome:
    shown = digest(statement(ask.act, scene.record(ask.on), ask.about))
    for kept in (*ask.kept, *decision.kept):
        if kept is not None:
            sort = kept.detached.sort
            scene.book.keep(commitment=kept.detached.commitment, salt=kept.salt, value=kept.value, sort=sort)
    entries = scene.append(decision.drafts, by)
    for commitment in decision.erased:
        scene.book.erase(commitment)
    if decision.by_witness and ask.witness:
        seconded = replace(by, person=ask.witness.person, role=scene.witness_role.value)
        entries += scene.append(decision.by_witness, seconded)
    who = strength(ask, act)
    if who is Who.SIGNED and scene.actor.signer is not None:
        entries += scene.append([_signature(scene, ask, act, entries, shown, by)], by)
    return Outcome(entries=entries)


def _signature(
    scene: Scene, ask: Ask, act: Act, entries: tuple[Entry, ...], shown: str, by: Authorship
) -> Draft:
    """The signature over the act's own fact: its first entry in the stream that decided it."""
    assert scene.actor.signer is not None
    covered = next(entry for entry in entries if entry.stream == ask.on)
    return sign(
        scene.actor.signer,
        covered,
        meaning=act.name,
        sentence=sentence(act, ask.about, language=scene.actor.language),
        language=scene.actor.language,
        shown=shown,
        time=by.time,
        zone=scene.site.founded.zone,
    )


def sentence(act: Act, about: tuple[tuple[str, str], ...], *, language: str) -> str:
    """The exact words that a signature of this act stands for."""
    return words_in(language)(act.meaning or act.label).format(**dict(about))


def batch_of(scene: Scene, number: str) -> BatchRecord:
    """The batch record under the lock."""
    return scene.load(stream_of("batch", number), BatchRecord)
