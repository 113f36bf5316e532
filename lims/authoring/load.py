"""Loading a master batch record or a study protocol: text in, an approved-to-be domain value out.

Two hashes come with it: the bytes of the file, and the canonical JSON of what was understood.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, fields, is_dataclass
from decimal import Decimal
from functools import lru_cache
from json import dumps
from pathlib import Path
from typing import Generic, TypeVar, get_args

from pydantic import TypeAdapter, ValidationError

from lims.authoring.faults import AuthoringError, Fault, fault
from lims.authoring.findings import Finding, Place
from lims.authoring.lint import lint_master_batch_record
from lims.authoring.lint_protocol import lint_protocol
from lims.authoring.repeats import written_out
from lims.authoring.schema_faults import faults_of
from lims.authoring.yaml_source import Unreadable, YamlNode, decode, read_yaml
from lims.domain.canonical import file_hash
from lims.domain.master_batch_record import AnySlot, MasterBatchRecord
from lims.domain.protocol import StudyProtocol

Record = TypeVar("Record", MasterBatchRecord, StudyProtocol)

LONGEST_WORDS = 4000
MOST_HELD = 8
"""Texts whose reading is held; the same text is never understood in another way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded(Generic[Record]):
    """A record without faults, the text it was read from and the two hashes that approval covers."""

    record: Record
    text: str
    file_sha256: str
    canonical_sha256: str
    warnings: tuple[Fault, ...]


SLOT_KINDS: dict[str, str] = {
    str(next(field.default for field in fields(slot) if field.name == "kind")): slot.__name__
    for slot in get_args(AnySlot)
}
"""Every kind of evidence slot and the name of its class."""

MASTER_BATCH_RECORD: TypeAdapter[MasterBatchRecord] = TypeAdapter(MasterBatchRecord)
STUDY_PROTOCOL: TypeAdapter[StudyProtocol] = TypeAdapter(StudyProtocol)


def load_master_batch_record(
    source: Path | str, *, name: str = "master batch record"
) -> Loaded[MasterBatchRecord]:
    """Read a master batch record from a file (Path) or from its text (str; `name` then stands in messages).

    Raises AuthoringError with every fault as `FILE:LINE: message`, and OSError when the file can't be read.
    """
    return _read(source, name, _master)


def load_protocol(source: Path | str, *, name: str = "study protocol") -> Loaded[StudyProtocol]:
    """Read a study protocol; as `load_master_batch_record`."""
    return _read(source, name, _protocol)


def _read(source: Path | str, name: str, understood: Callable[[str], Loaded[Record]]) -> Loaded[Record]:
    shown = source.name if isinstance(source, Path) else name
    try:
        return understood(decode(source.read_bytes()) if isinstance(source, Path) else source)
    except Unreadable as unreadable:
        raise AuthoringError(shown, unreadable.faults) from None
    except AuthoringError as error:
        raise AuthoringError(shown, error.faults) from None


@lru_cache(maxsize=MOST_HELD)
def _master(text: str) -> Loaded[MasterBatchRecord]:
    return _load(text, MASTER_BATCH_RECORD, lint_master_batch_record, prepared=written_out)


@lru_cache(maxsize=MOST_HELD)
def _protocol(text: str) -> Loaded[StudyProtocol]:
    return _load(text, STUDY_PROTOCOL, lint_protocol)


def _load(
    text: str,
    adapter: TypeAdapter[Record],
    lint: Callable[[Record], Iterable[Finding]],
    *,
    prepared: Callable[[YamlNode], YamlNode] = lambda tree: tree,
) -> Loaded[Record]:
    tree = prepared(read_yaml(text))
    unknown = tuple(_unknown_kinds(tree))
    if unknown:
        raise AuthoringError("", unknown)
    try:
        record = adapter.validate_json(dumps(tree.json()), strict=True)
    except ValidationError as error:
        raise AuthoringError("", faults_of(error, tree, SLOT_KINDS)) from None
    as_written = tuple(_written_otherwise(record, tree, ()))
    if as_written:
        raise AuthoringError("", as_written)
    findings = tuple(lint(record))
    faults = [_fault_of(finding, tree) for finding in findings if not finding.is_warning]
    if faults:
        raise AuthoringError("", faults)
    return Loaded(
        record=record,
        text=text,
        file_sha256=file_hash(text.encode()),
        canonical_sha256=record.sha256,
        warnings=tuple(_fault_of(finding, tree) for finding in findings),
    )


def _fault_of(finding: Finding, tree: YamlNode) -> Fault:
    return Fault(line=line_of(tree, finding.place), message=finding.message, params=finding.params)


def line_of(tree: YamlNode, place: Place) -> int:
    """The line of the deepest part of `place` that is written in the file."""
    node = tree
    for key in place:
        below = node.child(key)
        if below is None:
            break
        node = below
    return node.line


def _unknown_kinds(tree: YamlNode) -> Iterator[Fault]:
    """Slots whose kind is missing or unknown, told before the schema tries them against every kind."""
    planned = [step for stage in _items(tree, "stages") for step in _items(stage, "steps")]
    for step in (*planned, *_items(tree, "operations")):
        for slot in _items(step, "evidence"):
            kind = slot.child("kind")
            if kind is None or str(kind.value) not in SLOT_KINDS:
                yield fault(
                    (kind or slot).line,
                    "“{kind}” is no kind of evidence. Known: {known}.",
                    kind="" if kind is None else str(kind.value)[:60],
                    known=", ".join(sorted(SLOT_KINDS)),
                )


def _items(node: YamlNode, key: str) -> list[YamlNode]:
    below = node.child(key)
    return [] if below is None else below.items or []


def _written_otherwise(value: object, node: YamlNode | None, place: Place) -> Iterator[Fault]:
    """Values that the schema took but that say something else as written: `1.10` as text, `"5"` as a number."""
    if node is None:
        return
    field = str(place[-1]) if place else ""
    if isinstance(value, Decimal):
        if not node.is_number:
            yield fault(node.line, "“{field}” must be a number, without quotes.", field=field)
    elif isinstance(value, str):
        if node.is_number:
            yield fault(node.line, "“{field}” is text: put the number in quotes.", field=field)
        elif not value.strip():
            yield fault(node.line, "“{field}” is empty.", field=field)
        elif len(value) > LONGEST_WORDS or not all(char.isprintable() or char == "\n" for char in value):
            yield fault(node.line, "“{field}” is too long or has unprintable signs.", field=field)
    elif isinstance(value, tuple):
        for at, item in enumerate(value):
            yield from _written_otherwise(item, node.child(at), (*place, at))
    elif is_dataclass(value):
        for part in fields(value):
            yield from _written_otherwise(
                getattr(value, part.name), node.child(part.name), (*place, part.name)
            )
