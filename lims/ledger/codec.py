"""Stored bodies back into domain values, strictly: an unknown kind, field or type is refused, never guessed."""

import importlib
import json
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import datetime
from functools import cache
from types import MappingProxyType
from typing import Any, ClassVar, Final, Generic, TypeVar, get_args, get_origin, get_type_hints

from pydantic import TypeAdapter, ValidationError
from pydantic_core import SchemaValidator

from lims.domain import entries as catalogue
from lims.domain.canonical import canon
from lims.domain.entries.envelope import Authorship, Draft, Entry, Fact, Reliance, RequestMark, body_of
from lims.ledger import shared_parts
from lims.ledger.faults import EntryUnreadable
from lims.ledger.tagged import tagged

Plain = dict[str, Any]
Upcaster = Callable[[Plain], tuple[str, Plain]]
"""From the fact of an old kind to the next kind's name and its fact."""

UPCASTERS: Final[Mapping[str, Upcaster]] = MappingProxyType({})
"""By old kind, for ever. A kind whose meaning changed is a new kind and has no way here."""

F = TypeVar("F", bound=Fact)


@dataclass(frozen=True, kw_only=True)
class Envelope(Generic[F]):
    """The body of an entry as it is stored (docs/record-format.md)."""

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    act: str
    fact: F
    kind: str
    person: str
    relied_on: tuple[tuple[str, int, str], ...]
    request: tuple[str, str] | None
    role: str
    seq: int
    station: str
    stream: str
    time: datetime


def kind_of(fact_class: type[Fact]) -> str:
    """The kind that a class of facts is stored as; raises TypeError for a class without one literal kind."""
    kinds = get_args(get_type_hints(fact_class).get("kind"))
    if len(kinds) != 1 or not isinstance(kinds[0], str):
        raise TypeError(f"{fact_class.__name__} carries no literal kind")
    return kinds[0]


@cache
def kinds() -> Mapping[str, type[Fact]]:
    """Every kind of fact that the domain knows, from all modules of `lims.domain.entries`."""
    known: dict[str, type[Fact]] = {}
    for found in pkgutil.iter_modules(catalogue.__path__, f"{catalogue.__name__}."):
        for value in vars(importlib.import_module(found.name)).values():
            if isinstance(value, type) and issubclass(value, Fact) and value is not Fact:
                kind = kind_of(value)
                if known.setdefault(kind, value) is not value:
                    raise TypeError(f"{kind} is the kind of two classes of facts")
    return MappingProxyType(known)


@cache
def reader(kind: str) -> SchemaValidator:
    """The strict reader of one kind; raises TypeError when a field of its facts could be changed after reading."""
    fact_class = kinds()[kind]
    _refuse_mutable(fact_class, fact_class.__name__, set())
    envelope: TypeAdapter[Any] = TypeAdapter(Envelope[fact_class])  # type: ignore[valid-type]  # known at run time only
    return SchemaValidator(tagged(dict(envelope.core_schema)))


def _refuse_mutable(annotation: object, where: str, seen: set[object]) -> None:
    """A frozen class is not deep-frozen: a list, dict or set in it could be changed after the hash was taken."""
    if annotation in seen:
        return
    seen.add(annotation)
    origin = get_origin(annotation) or annotation
    if isinstance(origin, type) and issubclass(origin, list | set | dict | Mapping):
        raise TypeError(f"{where}: use a tuple (of pairs) instead of {annotation}")
    for part in get_args(annotation):
        if not isinstance(part, str):
            _refuse_mutable(part, where, seen)
    if isinstance(origin, type) and is_dataclass(origin):
        hints = get_type_hints(origin)
        for field in fields(origin):
            _refuse_mutable(hints[field.name], f"{where}.{field.name}", seen)


def decode(
    body: str, *, hash: str, kind: str | None = None, upcasters: Mapping[str, Upcaster] = UPCASTERS
) -> Entry:
    """The entry of a stored body; `kind` is its projection, if at hand (then the body need not be read twice).

    Raises EntryUnreadable, naming stream and seq as far as they can be read.
    """
    known = kinds()
    if kind is None or kind not in known:
        body, kind = _upcast(body, upcasters)
    if kind not in known:
        raise EntryUnreadable(*_place(body), f"no kind of entry is called {kind!r}")
    try:
        read = _read(kind, body)
    except ValidationError as fault:
        first = fault.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise EntryUnreadable(*_place(body), f"{where}: {first['msg']}") from None
    if read.kind != kind:
        raise EntryUnreadable(read.stream, read.seq, f"its kind is {read.kind!r}, filed as {kind!r}")
    return Entry(
        stream=read.stream,
        seq=read.seq,
        time=read.time,
        person=read.person,
        role=read.role,
        station=read.station,
        act=read.act,
        request=RequestMark(id=read.request[0], digest=read.request[1]) if read.request else None,
        relied_on=tuple(Reliance(stream=item[0], seq=item[1], hash=item[2]) for item in read.relied_on),
        fact=read.fact,
        hash=hash,
    )


def _read(kind: str, body: str) -> Envelope[Fact]:
    parts = shared_parts.cut(kind, body)
    if parts is None:
        whole: Envelope[Fact] = reader(kind).validate_json(body, strict=True)
        return whole
    rest, texts = parts
    read: Envelope[Fact] = _reader_of_rest(kind).validate_json(rest, strict=True)
    return replace(read, fact=shared_parts.filled(read.fact, kind, texts))


@cache
def _reader_of_rest(kind: str) -> SchemaValidator:
    """The strict reader of what stands beside the parts that many entries share."""
    fact_class = kinds()[kind]
    envelope: TypeAdapter[Any] = TypeAdapter(Envelope[fact_class])  # type: ignore[valid-type]  # as above
    return SchemaValidator(tagged(shared_parts.without(kind, dict(envelope.core_schema))))


def _upcast(body: str, upcasters: Mapping[str, Upcaster]) -> tuple[str, str]:
    """The body with its fact brought to the newest kind, and that kind."""
    try:
        plain = json.loads(body)
        kind, fact = plain["kind"], plain["fact"]
    except (ValueError, TypeError, KeyError, RecursionError):
        raise EntryUnreadable("?", 0, "not the body of an entry") from None
    changed = False
    while isinstance(kind, str) and kind in upcasters:
        kind, fact = upcasters[kind](fact)
        changed = True
    return (canon({**plain, "kind": kind, "fact": fact}) if changed else body), str(kind)


def _place(body: str) -> tuple[str, int]:
    """Stream and seq of a body that could not be read as a whole."""
    try:
        plain = json.loads(body)
        return str(plain["stream"]), int(plain["seq"])
    except (ValueError, TypeError, KeyError, RecursionError):
        return "?", 0


def encode(draft: Draft, *, by: Authorship, seq: int) -> str:
    """The body of an entry that is not yet on file."""
    return body_of(draft, by=by, seq=seq)
