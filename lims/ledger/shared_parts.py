"""Parts that many entries carry word for word: a text that was read before is not read again, nor held twice.

Every batch of a version has the same master batch record and study protocol frozen into its first entry. A part's
text is cut out, read by the same strict reader, and kept by its text; the rest of the entry is read without it. A body
that is not laid out as the canonical form lays it out is read as a whole.
"""

from collections.abc import Mapping
from dataclasses import replace
from functools import cache, lru_cache
from types import MappingProxyType
from typing import Any, Final, cast

from pydantic import TypeAdapter
from pydantic_core import SchemaValidator

from lims.domain.entries.envelope import Fact
from lims.domain.master_batch_record import MasterBatchRecord
from lims.domain.protocol import StudyProtocol
from lims.ledger.tagged import tagged

MOST_PARTS: Final = 64

_PARTS: Final[Mapping[str, tuple[tuple[str, str, type], ...]]] = MappingProxyType(
    {
        "batch_issued.1": (
            ("master", "master_file_sha256", MasterBatchRecord),
            ("protocol", "protocol_sha256", StudyProtocol),
        )
    }
)
"""By kind: the field, the field that follows it in the canonical form, and what the field is."""


def cut(kind: str, body: str) -> tuple[str, Mapping[str, str]] | None:
    """The body with null for its shared parts, and their texts; None where it has none, or is laid out otherwise.

    Quotes within a string are escaped, so that a field's name with its colon is found as a field only.
    """
    texts: dict[str, str] = {}
    for name, following, _ in _PARTS.get(kind, ()):
        begin = body.find(f'"{name}":{{')
        start = begin + len(name) + 3
        end = body.find(f',"{following}":"', start)
        if begin < 0 or end < 0:
            return None
        texts[name] = body[start:end]
        body = f"{body[:start]}null{body[end:]}"
    return (body, texts) if texts else None


def filled(fact: Fact, kind: str, texts: Mapping[str, str]) -> Fact:
    """The fact with its parts. Raises ValidationError where a part cannot be read."""
    parts: dict[str, Any] = {name: _part(of, texts[name]) for name, _, of in _PARTS[kind]}
    return cast(Fact, replace(cast(Any, fact), **parts))


@lru_cache(maxsize=MOST_PARTS)
def _part(of: type, text: str) -> object:
    return _reader(of).validate_json(text, strict=True)


@cache
def _reader(of: type) -> SchemaValidator:
    adapter: TypeAdapter[Any] = TypeAdapter(of)
    return SchemaValidator(tagged(dict(adapter.core_schema)))


def without(kind: str, schema: Any) -> Any:
    """The schema of a kind's envelope in which every shared part is null."""
    names = {name for name, _, _ in _PARTS[kind]}

    def rewritten(part: Any) -> Any:
        if isinstance(part, list | tuple):
            return type(part)(rewritten(item) for item in part)
        if not isinstance(part, dict):
            return part
        if part.get("type") == "dataclass-field" and part.get("name") in names:
            return {**part, "schema": {"type": "none"}}
        return {name: rewritten(item) for name, item in part.items()}

    return rewritten(schema)
