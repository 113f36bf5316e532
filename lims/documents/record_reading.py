"""Reading record.json back, strictly: another spelling of the same content is no record file."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeVar

from lims.documents.record_file import (
    FORMAT,
    Chain,
    Checkpoint,
    ListedFile,
    Opened,
    Pair,
    Proof,
    RecordFile,
    Site,
    Withheld,
    compose,
)

T = TypeVar("T")
_FIELDS: Final = (
    "format",
    "site",
    "keys",
    "chains",
    "detached",
    "withheld",
    "checkpoints",
    "files",
)


class Misread(ValueError):
    """The bytes are no record file; the message says where."""


def read_record(content: bytes) -> RecordFile:
    """The record that these bytes are; raises Misread unless they are byte for byte what compose() writes."""
    try:
        value = json.loads(content.decode())
        record = _record_from(_fields(value, _FIELDS))
        if value["format"] != FORMAT:
            raise Misread(f"format {value['format']!r} is not {FORMAT!r}")
        again = compose(record)
    except Misread:
        raise
    except (ValueError, RecursionError) as fault:
        raise Misread(str(fault)) from None
    if again != content:
        at = next(
            (i for i, (a, b) in enumerate(zip(again, content, strict=False)) if a != b),
            len(again),
        )
        raise Misread(f"not the one layout of a record file, from byte {at}")
    return record


def _record_from(value: Mapping[str, Any]) -> RecordFile:
    site = _fields(value["site"], ("founding", "kind", "name", "root_kid", "zone"))
    founding = site.pop("founding")
    return RecordFile(
        site=Site(**{name: _typed(site[name], str) for name in site}, founding=_pair(founding)),
        keys=tuple(_pair(pair) for pair in _typed(value["keys"], list)),
        chains=tuple(_chain(item) for item in _typed(value["chains"], list)),
        detached=tuple(
            Opened(**_all_text(_fields(item, ("commitment", "salt", "value"))))
            for item in _typed(value["detached"], list)
        ),
        withheld=tuple(_withheld(item) for item in _typed(value["withheld"], list)),
        checkpoints=tuple(_checkpoint(item) for item in _typed(value["checkpoints"], list)),
        files=tuple(_file(item) for item in _typed(value["files"], list)),
    )


def _chain(value: object) -> Chain:
    item = _fields(value, ("stream", "entries"))
    entries = tuple(_pair(pair) for pair in _typed(item["entries"], list))
    return Chain(stream=_typed(item["stream"], str), entries=entries)


def _withheld(value: object) -> Withheld:
    item = _fields(value, ("commitment", "entry", "why"))
    entry = item["entry"]
    place = None
    if entry is not None:
        stream, seq = _row(entry, 2)
        place = (_typed(stream, str), _typed(seq, int))
    return Withheld(
        commitment=_typed(item["commitment"], str),
        why=_typed(item["why"], str),
        entry=place,
    )


def _checkpoint(value: object) -> Checkpoint:
    texts = ("kid", "previous_root", "root", "signature", "time")
    item = _fields(value, (*texts, "number", "proofs", "size"))
    return Checkpoint(
        **{name: _typed(item[name], str) for name in texts},
        number=_typed(item["number"], int),
        size=_typed(item["size"], int),
        proofs=tuple(_proof(proof) for proof in _typed(item["proofs"], list)),
    )


def _proof(value: object) -> Proof:
    item = _fields(value, ("index", "leaf", "path"))
    stream, seq, head = _row(item["leaf"], 3)
    return Proof(
        index=_typed(item["index"], int),
        leaf=(_typed(stream, str), _typed(seq, int), _typed(head, str)),
        path=tuple(_typed(step, str) for step in _typed(item["path"], list)),
    )


def _file(value: object) -> ListedFile:
    item = _fields(value, ("name", "present", "sha256", "size"))
    return ListedFile(
        name=_typed(item["name"], str),
        sha256=_typed(item["sha256"], str),
        size=_typed(item["size"], int),
        present=_typed(item["present"], bool),
    )


def _pair(value: object) -> Pair:
    body, head = _row(value, 2)
    return _typed(body, str), _typed(head, str)


def _row(value: object, length: int) -> list[Any]:
    row: list[Any] = _typed(value, list)
    if len(row) != length:
        raise Misread(f"a list of {len(row)} where {length} belong")
    return row


def _fields(value: object, names: Sequence[str]) -> dict[str, Any]:
    item: dict[str, Any] = _typed(value, dict)
    if set(item) != set(names):
        raise Misread(f"fields {sorted(item)} where {sorted(names)} belong")
    return dict(item)


def _all_text(item: Mapping[str, object]) -> dict[str, str]:
    return {name: _typed(value, str) for name, value in item.items()}


def _typed(value: object, sort: type[T]) -> T:
    if type(value) is not sort:
        raise Misread(f"a {type(value).__name__} where a {sort.__name__} belongs")
    return value
