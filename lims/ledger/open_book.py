"""The book: entries read and appended inside one transaction, with the streams of the act locked."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import TypeVar

from sqlalchemy import Connection, bindparam, insert, select, text, update

from lims.domain.canonical import GENESIS, commitment_of, entry_hash, instant, read_instant
from lims.domain.entries.envelope import Authorship, Draft, Entry
from lims.ledger import locks
from lims.ledger.cache import EntryCache, Make
from lims.ledger.codec import decode, encode
from lims.ledger.faults import EntryUnreadable, LedgerFault, StreamNotLocked, TimeWentBack
from lims.ledger.tables import detached, entries, heads

T = TypeVar("T")

_HEAD = (
    select(entries.c.seq, entries.c.hash, entries.c.time)
    .where(entries.c.stream == bindparam("stream"))
    .order_by(entries.c.seq.desc())
    .limit(1)
)
_ENTRIES = (
    select(entries.c.seq, entries.c.hash, entries.c.prev_hash, entries.c.kind, entries.c.body)
    .where(entries.c.stream == bindparam("stream"))
    .where(entries.c.seq > bindparam("after"))
    .where(entries.c.seq <= bindparam("upto"))
    .order_by(entries.c.seq)
)
_BODIES = (
    select(entries.c.body, entries.c.hash)
    .where(entries.c.stream == bindparam("stream"))
    .order_by(entries.c.seq)
)
_SET_HEAD = text(
    "INSERT INTO heads (stream, seq, hash, time) VALUES (:stream, :seq, :hash, :time)"
    " ON CONFLICT (stream) DO UPDATE SET seq = excluded.seq, hash = excluded.hash, time = excluded.time"
)
_LOCK = text(
    "SELECT CASE WHEN exclusive THEN pg_advisory_xact_lock(number) ELSE pg_advisory_xact_lock_shared(number) END"
    " FROM unnest(CAST(:numbers AS bigint[]), CAST(:exclusive AS boolean[])) AS wanted(number, exclusive)"
)


@dataclass(frozen=True, slots=True)
class Head:
    """The last entry of a stream."""

    seq: int
    hash: str
    time: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A detached value beside the chain; salt and value are None once it was redacted."""

    commitment: str
    salt: str | None
    value: str | None
    sort: str


class Book:
    """What is on file, as one transaction sees it; made by `Ledger.writing` and `Ledger.reading` only."""

    def __init__(self, connection: Connection, cache: EntryCache, *, writable: bool) -> None:
        self.connection = connection
        self.writable = writable
        self._cache = cache
        self._write: set[str] = set()
        self._read: set[str] = set()
        self._heads: dict[str, Head | None] = {}
        self._seen: dict[str, tuple[Entry, ...]] = {}
        self.erased = False

    def lock(self, *, write: Collection[str], read: Collection[str] = ()) -> None:
        """Lock more streams until the act ends; what is already locked is left out.

        Raises StreamNotLocked when a stream stands before one that is already locked, for two acts could then wait
        for each other, and when a stream that is locked for reading is wanted for writing.
        """
        if not self.writable:
            raise LedgerFault("a book that is only read locks nothing")
        late = self._read & set(write)
        if late:
            raise StreamNotLocked(f"{min(late)} is locked for reading only: announce it for writing")
        wanted = locks.in_order((set(write) | set(read)) - self._write - self._read)
        held = self._write | self._read
        if wanted and held and locks.place(wanted[0]) < max(map(locks.place, held)):
            raise StreamNotLocked(f"{wanted[0]} must be locked before {max(held, key=locks.place)}")
        if wanted and self.connection.dialect.name == "postgresql":
            numbers = [locks.lock_number(stream) for stream in wanted]
            exclusive = [stream in write for stream in wanted]
            self.connection.execute(_LOCK, {"numbers": numbers, "exclusive": exclusive})
        self._write.update(stream for stream in wanted if stream in write)
        self._read.update(stream for stream in wanted if stream not in write)

    def head(self, stream: str) -> Head | None:
        """The stream's last entry, or None when nothing is on file."""
        if stream in self._heads:
            return self._heads[stream]
        row = self.connection.execute(_HEAD, {"stream": stream}).first()
        head = Head(row.seq, row.hash, read_instant(row.time)) if row else None
        if stream in self._write or stream in self._read:
            self._heads[stream] = head
        return head

    def entries(self, stream: str, *, after: int = 0, upto: int | None = None) -> tuple[Entry, ...]:
        """The stream's entries with `after` < seq <= `upto`, oldest first, each checked against its hash.

        Raises EntryUnreadable at the first entry that is not what was written.
        """
        head = self.head(stream)
        if head is None:
            return ()
        held = self._seen.get(stream) or self._cache.get(stream, seq=head.seq, head_hash=head.hash)
        if len(held) < head.seq:
            held += self._decoded(stream, after=held[-1] if held else None, upto=head.seq)
            if len(held) != head.seq or held[-1].hash != head.hash:
                raise EntryUnreadable(stream, len(held) + 1, "missing")
            self._seen[stream] = held
        return held[after:upto]

    def derived(self, stream: str, make: Make[T]) -> T:
        """What `make` makes of the whole stream, made once for each head; it must be pure and give frozen values."""
        return self._cache.derived.get(stream, make, self.entries(stream))

    def _decoded(self, stream: str, *, after: Entry | None, upto: int) -> tuple[Entry, ...]:
        previous = after.hash if after else GENESIS
        seq = after.seq if after else 0
        found = []
        for row in self.connection.execute(_ENTRIES, {"stream": stream, "after": seq, "upto": upto}):
            seq += 1
            if row.seq != seq:
                raise EntryUnreadable(stream, seq, "missing")
            if row.prev_hash != previous or entry_hash(previous, row.body) != row.hash:
                raise EntryUnreadable(stream, seq, "its hash does not fit")
            entry = decode(row.body, hash=row.hash, kind=row.kind)
            if (entry.stream, entry.seq) != (stream, seq):
                raise EntryUnreadable(stream, seq, f"its body says {entry.stream} entry {entry.seq}")
            found.append(entry)
            previous = row.hash
        return tuple(found)

    def bodies(self, stream: str) -> tuple[tuple[str, str], ...]:
        """The stream's entries as stored, (body, hash), oldest first: what a sealed record embeds."""
        return tuple((row.body, row.hash) for row in self.connection.execute(_BODIES, {"stream": stream}))

    def answers(self, person: str, request_id: str) -> tuple[Entry, ...]:
        """The entries with which a request was answered, by stream and seq; empty when it was never seen."""
        rows = self.connection.execute(
            select(entries)
            .where(entries.c.person == person, entries.c.request == request_id)
            .order_by(entries.c.stream, entries.c.seq)
        )
        found = []
        for row in rows:
            if entry_hash(row.prev_hash, row.body) != row.hash:
                raise EntryUnreadable(row.stream, row.seq, "its hash does not fit")
            found.append(decode(row.body, hash=row.hash, kind=row.kind))
        return tuple(found)

    def streams(self, sort: str | None = None) -> tuple[str, ...]:
        """The names of all streams of a sort (of every sort) that have an entry, refusals streams too, in order.

        `system`, `keys`, `study` and `checkpoints` are streams by themselves and have no sort.
        """
        question = select(heads.c.stream).order_by(heads.c.stream)
        if sort is not None:
            question = question.where(heads.c.stream >= f"{sort}:", heads.c.stream < f"{sort};")
        return tuple(row.stream for row in self.connection.execute(question))

    def append(self, draft: Draft, by: Authorship) -> Entry:
        """Put the next entry of a stream on file and return it as it reads.

        Raises StreamNotLocked when the act did not lock the stream for writing, TimeWentBack when the stream's last
        entry is later, LedgerFault when the entry would not read back as it was given.
        """
        stream = draft.stream
        if stream not in self._write:
            raise StreamNotLocked(f"{stream} is not locked for writing")
        head = self.head(stream)
        if head and by.time < head.time:
            raise TimeWentBack(f"{stream} ends at {instant(head.time)}, after {instant(by.time)}")
        seq, previous = (head.seq + 1, head.hash) if head else (1, GENESIS)
        body = encode(draft, by=by, seq=seq)
        hashed = entry_hash(previous, body)
        kind = draft.fact.kind
        entry = decode(body, hash=hashed, kind=kind)
        if entry.fact != draft.fact or entry.time != by.time:
            raise LedgerFault(f"{kind} does not read back as it was given: {entry.fact} for {draft.fact}")
        time = instant(by.time)
        self.connection.execute(
            insert(entries),
            {
                "stream": stream,
                "seq": seq,
                "hash": hashed,
                "prev_hash": previous,
                "time": time,
                "kind": kind,
                "person": by.person,
                "act": by.act,
                "request": by.request.id if by.request else None,
                "body": body,
            },
        )
        self.connection.execute(_SET_HEAD, {"stream": stream, "seq": seq, "hash": hashed, "time": time})
        self._heads[stream] = Head(seq, hashed, by.time)
        if len(self._seen.get(stream, ())) == seq - 1 and (seq == 1 or stream in self._seen):
            self._seen[stream] = (*self._seen.get(stream, ()), entry)
        return entry

    def keep(self, *, commitment: str, salt: str, value: str, sort: str) -> None:
        """Store the value behind a commitment; the entry that carries the commitment comes in the same act."""
        if commitment_of(salt, value) != commitment:
            raise LedgerFault("the commitment is not that of the value")
        self._must_write()
        self.connection.execute(
            insert(detached), {"commitment": commitment, "salt": salt, "value": value, "sort": sort}
        )

    def values(self, commitments: Iterable[str]) -> Mapping[str, Kept]:
        """What lies behind the commitments; one that was never kept is absent."""
        wanted = sorted(set(commitments))
        found: dict[str, Kept] = {}
        for at in range(0, len(wanted), 500):
            rows = self.connection.execute(
                select(detached).where(detached.c.commitment.in_(wanted[at : at + 500]))
            )
            for row in rows:
                found[row.commitment] = Kept(
                    commitment=row.commitment, salt=row.salt, value=row.value, sort=row.sort
                )
        return MappingProxyType(found)

    def erase(self, commitment: str) -> None:
        """Erase the value behind a commitment for good; the database refuses it unless its redaction is on file."""
        self._must_write()
        self.connection.execute(
            update(detached).where(detached.c.commitment == commitment).values(salt=None, value=None)
        )
        self.erased = True

    def _must_write(self) -> None:
        if not self.writable:
            raise LedgerFault("this book is only read")

    def publish(self) -> None:
        """Let other transactions use what this one read; called once it is committed."""
        for stream, seen in self._seen.items():
            self._cache.put(stream, seen)
