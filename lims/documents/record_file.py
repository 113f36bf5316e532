"""record.json: one record with the keys, free text and proofs that a stranger needs to verify it offline.

In a paper that is no record it has no chain: it holds the keys that vouch for the paper's seal.

The layout is public and exact: docs/record-format.md. A body is carried as a string and never re-encoded.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from lims.domain.canonical import Json, canon

FORMAT: Final = "lims/record/1"
RECORD_NAME: Final = "record.json"

Pair = tuple[str, str]
"""One entry: its body exactly as stored, and its hash."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """The site as it was founded; `founding` is entry 1 of stream `system`, whose words the others repeat."""

    name: str
    zone: str
    kind: str
    root_kid: str
    founding: Pair


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """One whole stream: the batch's or its refusals'."""

    stream: str
    entries: tuple[Pair, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A detached value that is disclosed; of a file, the value is canonical {name, sha256, size, type}."""

    commitment: str
    salt: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Withheld:
    """A detached value that is not disclosed: why is identity, foreign, redacted or file.

    `entry` names the `value_redacted` entry of a redacted value as (stream, seq), and is None otherwise.
    """

    commitment: str
    why: str
    entry: tuple[str, int] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """That a head was a leaf of a checkpoint: its place, the leaf (stream, seq, hash), the path bottom first."""

    index: int
    leaf: tuple[str, int, str]
    path: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """What a checkpoint signed, without its list of changed heads: those name other people's records."""

    number: int
    root: str
    size: int
    previous_root: str
    time: str
    kid: str
    signature: str
    proofs: tuple[Proof, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedFile:
    """An attached file: present in the zip beside the PDF, or listed as absent."""

    name: str
    sha256: str
    size: int
    present: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordFile:
    """Everything in record.json. The batch's chain comes first, then its refusals (also when empty); or no chain."""

    site: Site
    keys: tuple[Pair, ...]
    chains: tuple[Chain, ...]
    detached: tuple[Opened, ...]
    withheld: tuple[Withheld, ...]
    checkpoints: tuple[Checkpoint, ...]
    files: tuple[ListedFile, ...]


def compose(record: RecordFile) -> bytes:
    """The bytes of record.json: UTF-8, fields in fixed order, one array element a line, each in canonical form.

    Detached and withheld values are put in order of their commitments, files in order of name and hash,
    checkpoints in order of number. Raises NotCanonical for text that has no canonical form.
    """
    site: Json = {
        "founding": list(record.site.founding),
        "kind": record.site.kind,
        "name": record.site.name,
        "root_kid": record.site.root_kid,
        "zone": record.site.zone,
    }
    parts = (
        f'"format":{canon(FORMAT)}',
        f'"site":{canon(site)}',
        _lines("keys", (canon(list(pair)) for pair in record.keys)),
        _lines("chains", (_chain_text(chain) for chain in record.chains)),
        _lines(
            "detached",
            map(_opened_text, sorted(record.detached, key=lambda item: item.commitment)),
        ),
        _lines(
            "withheld",
            map(
                _withheld_text,
                sorted(record.withheld, key=lambda item: item.commitment),
            ),
        ),
        _lines(
            "checkpoints",
            map(
                _checkpoint_text,
                sorted(record.checkpoints, key=lambda item: item.number),
            ),
        ),
        _lines(
            "files",
            map(
                _file_text,
                sorted(record.files, key=lambda item: (item.name, item.sha256)),
            ),
        ),
    )
    return ("{" + ",\n".join(parts) + "}\n").encode()


def _lines(name: str, elements: Iterable[str]) -> str:
    return f'"{name}":[\n' + ",\n".join(elements) + "\n]"


def _chain_text(chain: Chain) -> str:
    entries = _lines("entries", (canon(list(pair)) for pair in chain.entries))
    return f'{{"stream":{canon(chain.stream)},{entries}}}'


def _opened_text(item: Opened) -> str:
    return canon({"commitment": item.commitment, "salt": item.salt, "value": item.value})


def _withheld_text(item: Withheld) -> str:
    entry: Json = list(item.entry) if item.entry else None
    return canon({"commitment": item.commitment, "entry": entry, "why": item.why})


def _checkpoint_text(item: Checkpoint) -> str:
    proofs: list[Json] = [
        {"index": proof.index, "leaf": list(proof.leaf), "path": list(proof.path)} for proof in item.proofs
    ]
    return canon(
        {
            "kid": item.kid,
            "number": item.number,
            "previous_root": item.previous_root,
            "proofs": proofs,
            "root": item.root,
            "signature": item.signature,
            "size": item.size,
            "time": item.time,
        }
    )


def _file_text(item: ListedFile) -> str:
    return canon(
        {
            "name": item.name,
            "present": item.present,
            "sha256": item.sha256,
            "size": item.size,
        }
    )
