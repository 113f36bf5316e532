"""The envelope of every entry: who put which fact on file, when, where, by which act, relying on what."""

from dataclasses import dataclass
from datetime import datetime

from lims.domain.canonical import Json, canon, instant
from lims.domain.master_batch_record import Frozen
from lims.domain.plain import to_plain


class Fact(Frozen):
    """The part of an entry that says what is so; every subclass carries a literal, versioned `kind`."""

    __slots__ = ()
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Detached(Frozen):
    """A value that does not lie in the chain in clear: free text, a file, a name, an identifier.

    The chain holds the salted commitment; the value lies in an erasable store. `sort` is `words`, `file` or
    `identity`; `size` counts the value's UTF-8 bytes, so that a reader knows that something was there.
    """

    commitment: str
    sort: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Reliance(Frozen):
    """An entry of another stream whose facts this entry copied and relied on."""

    stream: str
    seq: int
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestMark(Frozen):
    """Which request an entry answers: its id and a keyed digest of what was asked."""

    id: str
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """An entry before it has its place in a stream: what a rule decides."""

    stream: str
    fact: Fact
    relied_on: tuple[Reliance, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Authorship:
    """Who stands behind the entries of one request, and when the server took them."""

    time: datetime
    person: str
    role: str
    station: str
    act: str
    request: RequestMark | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One immutable entry as it is on file, with its hash."""

    stream: str
    seq: int
    time: datetime
    person: str
    role: str
    station: str
    act: str
    request: RequestMark | None
    relied_on: tuple[Reliance, ...]
    fact: Fact
    hash: str

    @property
    def reference(self) -> Reliance:
        """How another stream relies on this entry."""
        return Reliance(stream=self.stream, seq=self.seq, hash=self.hash)


def body_of(draft: Draft, *, by: Authorship, seq: int) -> str:
    """The canonical envelope, exactly as it is hashed and stored. Fields: docs/record-format.md."""
    fact = to_plain(draft.fact)
    assert isinstance(fact, dict)
    kind = fact.pop("kind")
    envelope: dict[str, Json] = {
        "act": by.act,
        "fact": fact,
        "kind": kind,
        "person": by.person,
        "relied_on": [[item.stream, item.seq, item.hash] for item in draft.relied_on],
        "request": [by.request.id, by.request.digest] if by.request else None,
        "role": by.role,
        "seq": seq,
        "station": by.station,
        "stream": draft.stream,
        "time": instant(by.time),
    }
    return canon(envelope)


SYSTEM = "system"
"""The person as whom timers act: no key, own acts only."""


def stream_of(sort: str, code: str) -> str:
    """The name of a thing's stream, `sort:code`."""
    return f"{sort}:{code}"


def sort_of(stream: str) -> str:
    """The sort of thing whose life a stream tells: batch, participant, person, lot, …"""
    return stream.partition(":")[0]


def code_of(stream: str) -> str:
    """The code of the thing, without its sort and without the mark of a refusals stream."""
    return stream.partition(":")[2].removesuffix("!refusals")


def refusals_of(stream: str) -> str:
    """The linked stream where refused acts on this thing are on file, so that they never move its head."""
    return stream if stream.endswith("!refusals") else f"{stream}!refusals"
