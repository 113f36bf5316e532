"""Whose a thing is and what became of it: the graph of identity of a batch, and any code traced back and forward."""

from dataclasses import dataclass

from lims.domain.batch_record import BatchRecord
from lims.domain.entries.envelope import stream_of
from lims.domain.folds import Folded
from lims.domain.identity_graph import Drawn, IdentityGraph, Node, drawn, graph_of, joined
from lims.domain.rows import BatchRow, CodeRow
from lims.ledger.open_book import Book
from lims.ledger.read_tables import find
from lims.queries.look import NotOnFile, Reader

OF_A_PERSON = ("coi", "wristband", "waiting_wristband", "void_wristband", "order")
"""Sorts of codes that stand for the participant and lead to all her batches."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """The graph of one batch, its boxes, and what does not go back to one woman."""

    graph: IdentityGraph
    boxes: tuple[Drawn, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """One thing with everything it came from and everything that came from it."""

    node: Node
    back: tuple[Node, ...]
    forward: tuple[Node, ...]
    graph: IdentityGraph
    batches: tuple[BatchRow, ...]
    of: dict[str, str]
    """For each thing of a batch the batch's number."""


def identity_of(batch: BatchRecord) -> Identity:
    """The graph of a batch as it stands."""
    graph = graph_of(batch)
    return Identity(graph=graph, boxes=drawn(graph))


def trace(reader: Reader, code: str) -> Trace:
    """A code back to the participant and forward to all that came of it; refuses a code that no batch knows."""
    with reader.site.ledger.reading() as book:
        rows, key = _batches(book, code)
        graphs = {row.number: graph_of(_record(book, row.number)) for row in rows}
    graph = joined(graphs.values())
    node = graph.nodes.get(key)
    if node is None:
        raise NotOnFile("scan.unknown")
    return Trace(
        node=node,
        back=tuple(graph.nodes[at] for at in graph.back(key) if at in graph.nodes),
        forward=tuple(graph.nodes[at] for at in graph.forward(key)),
        graph=graph,
        batches=rows,
        of={at: number for number, one in graphs.items() for at in one.nodes},
    )


def _record(book: Book, number: str) -> BatchRecord:
    record = book.derived(stream_of("batch", number), Folded.of).record
    assert isinstance(record, BatchRecord)
    return record


def _batches(book: Book, code: str) -> tuple[tuple[BatchRow, ...], str]:
    """The batches that a code belongs to, its own or all of the participant it stands for, and the thing it names."""
    if found := find(book, BatchRow, number=code) or find(
        book, BatchRow, participant=code, order=("number",)
    ):
        return found, code
    row = next(iter(find(book, CodeRow, code=code, limit=1)), None)
    if row is None:
        return (), code
    sort, _, of = row.stream.partition(":")
    if row.what in OF_A_PERSON:
        who = row.participant or of
        return find(book, BatchRow, participant=who, order=("number",)), code if row.what == "coi" else who
    return (find(book, BatchRow, number=of) if sort == "batch" else ()), code
