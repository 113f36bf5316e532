"""The bytes that are hashed and signed: canonical JSON, tagged hashes and Merkle trees.

Shared by the ledger, which writes them, and the documents, which prove them. The format is public:
docs/record-format.md.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Final, TypeAlias

Json: TypeAlias = "str | int | bool | list[Json] | dict[str, Json] | None"

GENESIS: Final = "0" * 64
"""What stands for the previous hash of a stream's first entry."""

SAFE_INTEGER: Final = 2**53 - 1
_FIELD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_INSTANT = "%Y-%m-%dT%H:%M:%S.%fZ"


class NotCanonical(ValueError):
    """A value or a text that has no place in a canonical body; the message says where and why."""


def canon(value: Json) -> str:
    """The one spelling of `value` (RFC 8785 for objects with ASCII field names and no fractions).

    Raises NotCanonical for a float, an integer beyond ±(2^53-1), a lone surrogate or a field name that is not
    an ASCII identifier: measured values are strings, and free keys are lists of pairs.
    """
    _inspect(value, "$")
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def parse(text: str) -> Json:
    """The value of a canonical text; raises NotCanonical when the text is not exactly the one spelling of it."""
    try:
        value: Json = json.loads(text)
    except (ValueError, RecursionError) as fault:
        raise NotCanonical(f"not JSON: {fault}") from None
    if canon(value) != text:
        raise NotCanonical("not the canonical spelling (duplicate or unsorted fields, spaces, escapes)")
    return value


def _inspect(value: Json, where: str) -> None:
    if value is None or isinstance(value, bool):
        return
    if isinstance(value, str):
        if not value.isascii() and any("\ud800" <= sign <= "\udfff" for sign in value):
            raise NotCanonical(f"{where}: a lone surrogate")
    elif isinstance(value, int):
        if abs(value) > SAFE_INTEGER:
            raise NotCanonical(f"{where}: an integer beyond 2^53-1")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            _inspect(item, f"{where}[{index}]")
    elif isinstance(value, dict):
        for name, item in value.items():
            if not isinstance(name, str) or not _FIELD.match(name):
                raise NotCanonical(f"{where}: {name!r} is no field name")
            _inspect(item, f"{where}.{name}")
    else:
        raise NotCanonical(f"{where}: a {type(value).__name__} has no canonical form")


def tagged_hash(tag: str, *parts: str) -> str:
    """Hex SHA-256 over the tag and the parts, one a line; a tag of its own keeps each purpose apart."""
    return hashlib.sha256("\n".join((tag, *parts)).encode()).hexdigest()


def entry_hash(previous: str, body: str) -> str:
    """The hash that chains an entry's body to the entry before it."""
    return tagged_hash("lims/entry/1", previous, body)


def commitment_of(salt: str, value: str) -> str:
    """The commitment that stands in the chain for a detached value; `salt` is 32 hex digits."""
    return tagged_hash("lims/detached/1", salt, value)


def file_hash(content: bytes) -> str:
    """The plain hex SHA-256 of a file, as any other tool computes it."""
    return hashlib.sha256(content).hexdigest()


def key_id(public: str) -> str:
    """The identifier of a public key given as 64 hex digits: 32 hex digits of its tagged hash."""
    return tagged_hash("lims/key/1", public)[:32]


_CODE_SIGNS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def site_code(root_public: str) -> str:
    """The 100-bit site code of the site's root key: 20 signs in groups of 4, as on the paper letter."""
    bits = int(tagged_hash("lims/site-code/1", root_public)[:25], 16)
    signs = "".join(_CODE_SIGNS[(bits >> shift) & 31] for shift in range(95, -1, -5))
    return "-".join(signs[at : at + 4] for at in range(0, 20, 4))


def read_site_code(typed: str) -> str:
    """A typed site code in its printed spelling; I and L read as 1, O as 0, spaces and dashes are free."""
    signs = re.sub(r"[\s-]", "", typed).upper().translate(str.maketrans("ILO", "110"))
    return "-".join(signs[at : at + 4] for at in range(0, len(signs), 4))


def leaf_hash(leaf: str) -> str:
    """RFC 6962 leaf hash of a canonical text, hex."""
    return hashlib.sha256(b"\x00" + leaf.encode()).hexdigest()


def node_hash(left: str, right: str) -> str:
    """RFC 6962 interior node of two hex hashes, hex."""
    return hashlib.sha256(b"\x01" + bytes.fromhex(left) + bytes.fromhex(right)).hexdigest()


def merkle_root(leaves: Sequence[str]) -> str:
    """RFC 6962 tree head over leaf hashes (hex); the empty tree is SHA-256 of nothing."""
    if not leaves:
        return hashlib.sha256(b"").hexdigest()
    level = list(leaves)
    while len(level) > 1:
        level = [
            node_hash(level[at], level[at + 1]) if at + 1 < len(level) else level[at]
            for at in range(0, len(level), 2)
        ]
    return level[0]


def merkle_path(leaves: Sequence[str], index: int) -> tuple[str, ...]:
    """The audit path of leaf `index`: for each level the sibling as `L<hex>` or `R<hex>`, bottom first."""
    level, path = list(leaves), []
    while len(level) > 1:
        sibling = index ^ 1
        if sibling < len(level):
            path.append(("L" if sibling < index else "R") + level[sibling])
        level = [
            node_hash(level[at], level[at + 1]) if at + 1 < len(level) else level[at]
            for at in range(0, len(level), 2)
        ]
        index //= 2
    return tuple(path)


def walk_path(leaf: str, path: Iterable[str]) -> str:
    """The root that a leaf hash and its audit path lead to."""
    for step in path:
        leaf = node_hash(step[1:], leaf) if step[0] == "L" else node_hash(leaf, step[1:])
    return leaf


def instant(moment: datetime) -> str:
    """An aware time as it is stored: UTC, fixed width, microseconds, `Z`."""
    if moment.tzinfo is None:
        raise NotCanonical("a time without a zone")
    return moment.astimezone(UTC).strftime(_INSTANT).rjust(27, "0")


def read_instant(text: str) -> datetime:
    """The aware time of a stored instant; raises NotCanonical for any other spelling."""
    try:
        moment = datetime.strptime(text, _INSTANT).replace(tzinfo=UTC)
    except ValueError:
        raise NotCanonical(f"{text!r} is no stored instant") from None
    if instant(moment) != text:
        raise NotCanonical(f"{text!r} is no stored instant")
    return moment
