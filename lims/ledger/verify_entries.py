"""Verification of the entries as stored: each byte against its hash, each column against the body."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final, NoReturn

from sqlalchemy import Connection, select
from sqlalchemy.exc import DatabaseError

from lims.domain.canonical import GENESIS, SAFE_INTEGER, entry_hash
from lims.domain.entries.envelope import Entry
from lims.ledger.codec import decode
from lims.ledger.faults import EntryUnreadable
from lims.ledger.tables import entries

_QUESTION: Final = select(
    entries.c.stream,
    entries.c.seq,
    entries.c.hash,
    entries.c.prev_hash,
    entries.c.time,
    entries.c.kind,
    entries.c.person,
    entries.c.act,
    entries.c.request,
    entries.c.body,
).order_by(entries.c.stream, entries.c.seq)

_DETACHED: Final = re.compile(r'"commitment":"([^"]*)","size":(\d+),"sort":"([a-z]+)"')
"""A detached value in a canonical body: its fields are sorted, and quotes inside strings are escaped."""


class _NotCanonical(ValueError):
    pass


def _refuse_number(text: str) -> NoReturn:
    raise _NotCanonical(f"{text} is no canonical number")


def _integer(text: str) -> int:
    number = int(text)
    if abs(number) > SAFE_INTEGER:
        _refuse_number(text)
    return number


# The same judgement as `lims.domain.canonical.parse`, which the strict classes make cheaper: a body that decodes has
# no field that is not declared, so that names need no look of their own. Held together by a test.
_parse = json.JSONDecoder(
    parse_float=_refuse_number, parse_int=_integer, parse_constant=_refuse_number
).decode
_spell = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode


@dataclass(slots=True)
class StreamRead:
    """One stream as it was found; `fault` is its first bad entry, after which nothing of it is believed."""

    stream: str
    entries: list[Entry] = field(default_factory=list)
    fault: EntryUnreadable | None = None
    detached: list[tuple[int, str, int, str]] = field(default_factory=list)
    """Seq, commitment, size and sort of every detached value."""


def read_streams(connection: Connection, *, only: str | None = None) -> Iterator[StreamRead]:
    """Every stream (or one) with its entries checked, in the order of their names."""
    current: StreamRead | None = None
    question = _QUESTION if only is None else _QUESTION.where(entries.c.stream == only)
    for row in connection.execute(question, execution_options={"yield_per": 1000}):
        if current is None or row.stream != current.stream:
            if current is not None:
                yield current
            current = StreamRead(row.stream)
        if current.fault is None:
            _read_row(current, row)
    if current is not None:
        yield current


def _read_row(found: StreamRead, row: Any) -> None:
    try:
        entry = _checked(row, found.entries[-1] if found.entries else None)
    except EntryUnreadable as fault:
        found.fault = fault
        return
    found.entries.append(entry)
    if '"commitment":"' in row.body:
        for commitment, size, sort in _DETACHED.findall(row.body):
            found.detached.append((entry.seq, commitment, int(size), sort))


def _checked(row: Any, before: Entry | None) -> Entry:
    """The entry of a row that follows `before`; raises EntryUnreadable with the first reason not to believe it."""
    stream, seq, hashed, previous, time, kind, person, act, request, body = row
    wanted = before.seq + 1 if before else 1
    if seq != wanted:
        raise EntryUnreadable(stream, wanted, "missing")
    if previous != (before.hash if before else GENESIS):
        raise EntryUnreadable(stream, seq, "prev_hash is not the hash of the entry before")
    try:
        if entry_hash(previous, body) != hashed:
            raise EntryUnreadable(stream, seq, "hash is not that of the body")
        plain = _parse(body)
        if _spell(plain) != body:
            raise EntryUnreadable(stream, seq, "body is not canonical")
    except (TypeError, ValueError, RecursionError) as fault:
        raise EntryUnreadable(stream, seq, f"body is not canonical: {fault}") from None
    try:
        entry = decode(body, hash=hashed, kind=kind)
    except EntryUnreadable as fault:
        raise EntryUnreadable(stream, seq, fault.why) from None
    asked = plain["request"]
    told = (
        plain["stream"],
        plain["seq"],
        plain["time"],
        plain["kind"],
        plain["person"],
        plain["act"],
        asked and asked[0],
    )
    if told != (stream, seq, time, kind, person, act, request):
        names = ("stream", "seq", "time", "kind", "person", "act", "request")
        wrong = [name for name, a, b in zip(names, told, row[:2] + row[4:9], strict=True) if a != b]
        raise EntryUnreadable(stream, seq, f"column {', '.join(wrong)} differs from the body")
    if before and entry.time < before.time:
        raise EntryUnreadable(stream, seq, "its time is before that of the entry before")
    return entry


def first_undecodable(connection: Connection) -> str:
    """Where storage no longer gives text (SQLite only): the stream and seq of the first such entry."""
    raw: Any = connection.connection.dbapi_connection
    factory = raw.text_factory
    raw.text_factory = bytes
    try:
        for row in connection.exec_driver_sql("SELECT * FROM entries ORDER BY stream, seq"):
            try:
                for cell in row:
                    if isinstance(cell, bytes):
                        cell.decode()
            except UnicodeDecodeError:
                return f"{row[0].decode(errors='replace')} entry {row[1]}"
    except DatabaseError as fault:
        return f"the database file is damaged: {fault.orig}"
    finally:
        raw.text_factory = factory
    return "not among the entries"
