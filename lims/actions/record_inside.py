"""record.json of a sealed paper: a batch record has its chains and what proves them, any other what proves its seal."""

from collections.abc import Iterable, Iterator

from lims.actions.site import Site
from lims.documents.record_file import (
    Chain,
    Checkpoint,
    ListedFile,
    Opened,
    Pair,
    Proof,
    RecordFile,
    Withheld,
)
from lims.documents.record_file import Site as RecordSite
from lims.domain.canonical import Json, instant, parse
from lims.domain.entries.envelope import refusals_of
from lims.ledger import checkpoints
from lims.ledger.open_book import Book


def record_file(site: Site, book: Book, stream: str) -> RecordFile:
    """record.json of one record: chain, refusals, keys, the values that may be told, the newest checkpoint."""
    return _file(site, book, (stream, refusals_of(stream)))


def origin_file(site: Site, book: Book) -> RecordFile:
    """record.json of a paper that is no record: no chain, only the keys that vouch for the seal on its pages."""
    return _file(site, book, ())


def _file(site: Site, book: Book, streams: tuple[str, ...]) -> RecordFile:
    chains = tuple(Chain(stream=name, entries=book.bodies(name)) for name in streams)
    keys = book.bodies("keys")
    told = [pair for chain in chains for pair in chain.entries]
    detached, withheld = _disclosed(book, (*told, *keys))
    founded = site.founded
    return RecordFile(
        site=RecordSite(
            name=founded.site,
            zone=founded.zone,
            kind=founded.instance_kind,
            root_kid=founded.root_kid,
            founding=book.bodies("system")[0],
        ),
        keys=keys,
        chains=chains,
        detached=detached,
        withheld=withheld,
        checkpoints=_newest_checkpoint(book, (*streams, "keys")),
        files=tuple(_listed(detached, told)),
    )


def _disclosed(book: Book, pairs: Iterable[Pair]) -> tuple[tuple[Opened, ...], tuple[Withheld, ...]]:
    """Each value that the entries committed to: told, or withheld because it is an identity or was redacted."""
    sorts: dict[str, str] = {}
    redacted: dict[str, tuple[str, int]] = {}
    for body, _ in pairs:
        entry = parse(body)
        assert isinstance(entry, dict)
        fact = entry["fact"]
        for commitment, sort in _commitments(fact):
            sorts[commitment] = sort
        if entry["kind"] == "value_redacted.1":
            assert isinstance(fact, dict)
            redacted[str(fact["commitment"])] = (str(entry["stream"]), int(str(entry["seq"])))
    kept = book.values(sorts)
    opened, withheld = [], []
    for commitment, sort in sorts.items():
        value = kept.get(commitment)
        if commitment in redacted:
            withheld.append(Withheld(commitment=commitment, why="redacted", entry=redacted[commitment]))
        elif sort == "identity":
            withheld.append(Withheld(commitment=commitment, why="identity"))
        elif value is not None and value.salt is not None and value.value is not None:
            opened.append(Opened(commitment=commitment, salt=value.salt, value=value.value))
    return tuple(opened), tuple(withheld)


def _commitments(value: Json) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        if set(value) == {"commitment", "size", "sort"}:
            yield str(value["commitment"]), str(value["sort"])
        for item in value.values():
            yield from _commitments(item)
    elif isinstance(value, list):
        for item in value:
            yield from _commitments(item)


def _listed(opened: Iterable[Opened], pairs: Iterable[Pair]) -> Iterator[ListedFile]:
    """Attached files by their description; their bytes travel in a zip, not in the PDF."""
    files = {
        commitment for body, _ in pairs for commitment, sort in _commitments(parse(body)) if sort == "file"
    }
    for item in opened:
        if item.commitment in files:
            told = parse(item.value)
            assert isinstance(told, dict)
            yield ListedFile(
                name=str(told["name"]),
                sha256=str(told["sha256"]),
                size=int(str(told["size"])),
                present=False,
            )


def _newest_checkpoint(book: Book, streams: Iterable[str]) -> tuple[Checkpoint, ...]:
    found = [proof for stream in streams if (proof := checkpoints.proof(book, stream)) is not None]
    if not found:
        return ()
    point = found[0].checkpoint
    proofs = tuple(
        Proof(index=item.index, leaf=(item.stream, item.seq, item.hash), path=item.path) for item in found
    )
    return (
        Checkpoint(
            number=point.number,
            root=point.root,
            size=point.size,
            previous_root=point.previous_root,
            time=instant(point.made_at),
            kid=point.kid,
            signature=point.signature,
            proofs=proofs,
        ),
    )
