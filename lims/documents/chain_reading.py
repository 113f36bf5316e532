"""Reading a chain: canonical bodies, hashes, gapless numbers, times; what later checks build on."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from lims.documents.findings import N_, Notes
from lims.documents.record_file import Chain, Pair
from lims.domain.canonical import (
    GENESIS,
    Json,
    NotCanonical,
    entry_hash,
    parse,
    read_instant,
)

FIRST_SEQ = 1
MALFORMED = N_("The entry's field “%(field)s” is not what it must be.")
_ENVELOPE = {
    "act": str,
    "fact": dict,
    "kind": str,
    "person": str,
    "relied_on": list,
    "role": str,
    "seq": int,
    "station": str,
    "stream": str,
    "time": str,
}


class Malformed(ValueError):
    """A fact that is not shaped as its kind says; the message names the field."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryRead:
    """An entry as it stands in the file. `hash` is the stored one; the chain check compares it."""

    stream: str
    seq: int
    hash: str
    time: str
    person: str
    kind: str
    fact: dict[str, Any]
    request: tuple[str, str] | None
    relied_on: tuple[tuple[str, int, str], ...]

    @property
    def place(self) -> tuple[str, int]:
        """Stream and sequence number."""
        return self.stream, self.seq

    @property
    def name(self) -> str:
        """The kind without its version."""
        return self.kind.partition(".")[0]

    def text(self, field: str) -> str:
        """A text field of the fact; raises Malformed when it is not there or is no text."""
        value = self.fact.get(field)
        if not isinstance(value, str):
            raise Malformed(field)
        return value

    def number(self, field: str) -> int:
        """An integer field of the fact; raises Malformed when it is not there or is no integer."""
        value = self.fact.get(field)
        if type(value) is not int:
            raise Malformed(field)
        return value


def read_chain(notes: Notes, chain: Chain) -> tuple[EntryRead, ...]:
    """The entries of one stream, checked as a chain; reading stops at a body that cannot be read."""
    entries: list[EntryRead] = []
    previous, last_time = GENESIS, ""
    for seq, (body, stored) in enumerate(chain.entries, FIRST_SEQ):
        at = (chain.stream, seq)
        if entry_hash(previous, body) != stored:
            notes.fail(
                "chain",
                N_("The hash does not follow from the entry and the one before it."),
                at,
            )
        entry = _read_entry(notes, body, stored=stored, at=at)
        if entry is None:
            break
        if entry.stream != chain.stream:
            notes.fail(
                "stream",
                N_("The entry belongs to stream %(other)s."),
                at,
                other=entry.stream,
            )
        if entry.seq != seq:
            notes.fail(
                "sequence",
                N_("The entry says that it is number %(other)s."),
                at,
                other=entry.seq,
            )
        if entry.time < last_time:
            notes.fail("time", N_("The entry is earlier than the one before it."), at)
        previous, last_time = stored, entry.time
        entries.append(entry)
    return tuple(entries)


def read_founding(notes: Notes, pair: Pair) -> EntryRead | None:
    """The first entry of stream `system`, read as a chain of one."""
    entries = read_chain(notes, Chain(stream="system", entries=(pair,)))
    return entries[0] if entries else None


def tell_chains(notes: Notes, chains: Iterable[tuple[EntryRead, ...]]) -> None:
    """Says what held, once all chains are read."""
    count = sum(len(entries) for entries in chains)
    notes.ok("canonical", N_("%(count)s entries."), count=count)
    notes.ok("chain", N_("Each entry's hash covers it and all before it."))
    notes.ok("sequence", N_("Numbers run from 1 without a gap."))
    notes.ok("stream", N_("The stream's name is inside every hash."))
    notes.ok("time", N_("All times are the server's, in UTC."))


def _read_entry(notes: Notes, body: str, *, stored: str, at: tuple[str, int]) -> EntryRead | None:
    try:
        return _entry_from(parse(body), stored)
    except NotCanonical as fault:
        notes.fail(
            "canonical",
            N_("The entry is not in its one spelling: %(fault)s."),
            at,
            fault=str(fault),
        )
    except Malformed as fault:
        notes.fail("canonical", MALFORMED, at, field=str(fault))
    return None


def _entry_from(value: Json, stored: str) -> EntryRead:
    if not isinstance(value, dict) or set(value) != {*_ENVELOPE, "request"}:
        raise Malformed("*")
    for field, sort in _ENVELOPE.items():
        if type(value[field]) is not sort:
            raise Malformed(field)
    item: dict[str, Any] = dict(value)
    read_instant(item["time"])
    return EntryRead(
        stream=item["stream"],
        seq=item["seq"],
        hash=stored,
        time=item["time"],
        person=item["person"],
        kind=item["kind"],
        fact=item["fact"],
        request=_request(item["request"]),
        relied_on=tuple(_reliance(row) for row in item["relied_on"]),
    )


def _request(value: object) -> tuple[str, str] | None:
    match value:
        case None:
            return None
        case [str(mark), str(digest)]:
            return mark, digest
        case _:
            raise Malformed("request")


def _reliance(value: object) -> tuple[str, int, str]:
    match value:
        case [str(stream), int(seq), str(head)]:
            return stream, seq, head
        case _:
            raise Malformed("relied_on")


def check_reliance(notes: Notes, chains: Iterable[tuple[EntryRead, ...]]) -> None:
    """Entries relied on agree with the file where it holds them; others are told as pinned, not included."""
    chains = tuple(chains)
    on_file = {entry.place: entry.hash for entries in chains for entry in entries}
    streams = {stream for stream, _ in on_file}
    pinned = set()
    for entry in (entry for entries in chains for entry in entries):
        for stream, seq, head in entry.relied_on:
            if stream not in streams or (stream == "system" and seq > FIRST_SEQ):
                pinned.add((stream, seq))
            elif on_file.get((stream, seq)) != head or (stream == entry.stream and seq >= entry.seq):
                notes.fail(
                    "reliance",
                    N_("It relied on %(other)s, which is not so."),
                    entry.place,
                    other=f"{stream} {seq}",
                )
    notes.ok(
        "reliance",
        N_("%(count)s entries of other records are pinned, not included."),
        count=len(pinned),
    )
