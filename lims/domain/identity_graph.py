"""The graph of identity of a batch: every code, what it came from, and that all of it came from one woman (domain 4.1).

A node is a thing with a code; an edge leads from what a thing was made, taken or printed from. Nothing here is entered:
it follows from the record, and a thing whose origin is not on file has no ancestor and says so.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from lims.domain.batch_record import BatchRecord
from lims.domain.codes import CodeType
from lims.domain.entries.batch import CustodyOffered
from lims.domain.master_batch_record import Container, ScanEquipmentSlot, Words


class Kind(StrEnum):
    """What a node is."""

    PARTICIPANT = "participant"
    COURSE = "course"
    """The chain of identity: one course of treatment."""
    BATCH = "batch"
    CONTAINER = "container"
    PRODUCT = "product"
    SAMPLE = "sample"
    LABEL = "label"
    TRANSPORT = "transport"
    """A box or a temperature logger that it travelled with."""
    SEAL = "seal"


SHIPPING: frozenset[str] = frozenset({"transport_box", "temperature_logger"})
"""Classes of equipment that material travels in or with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One thing: `code` as it is scanned or printed, `title` for people, `index` of how many of its kind."""

    key: str
    kind: Kind
    code: str
    title: Words | None = None
    index: int = 1
    of: int = 1
    group: str = ""
    """Things of one group were made alike and are drawn as one."""
    seen: bool = True
    """It was scanned, printed or used; a code that was only prepared is not in use yet."""


@dataclass(frozen=True, kw_only=True)
class IdentityGraph:
    """Nodes by key in the order of the record, and for each node what it came from."""

    nodes: Mapping[str, Node]
    parents: Mapping[str, tuple[str, ...]]

    @cached_property
    def children(self) -> Mapping[str, tuple[str, ...]]:
        """For each node what was made, taken or printed from it."""
        found: dict[str, list[str]] = {key: [] for key in self.nodes}
        for key, parents in self.parents.items():
            for parent in parents:
                found.setdefault(parent, []).append(key)
        return {key: tuple(keys) for key, keys in found.items()}

    def back(self, key: str) -> tuple[str, ...]:
        """Everything that a thing came from, nearest first."""
        return tuple(self._walk(key, self.parents))

    def forward(self, key: str) -> tuple[str, ...]:
        """Everything that came from a thing, nearest first."""
        return tuple(self._walk(key, self.children))

    def _walk(self, key: str, step: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
        ahead, met = list(step.get(key, ())), {key}
        while ahead:
            at = ahead.pop(0)
            if at in met:
                continue
            met.add(at)
            yield at
            ahead += step.get(at, ())

    def participants(self, key: str) -> frozenset[str]:
        """The women that a thing goes back to; exactly one, or something is wrong."""
        node = self.nodes.get(key)
        if node is not None and node.kind is Kind.PARTICIPANT:
            return frozenset({key})
        return frozenset(
            at for at in self.back(key) if at in self.nodes and self.nodes[at].kind is Kind.PARTICIPANT
        )

    @cached_property
    def strays(self) -> tuple[Node, ...]:
        """Things that do not go back to exactly one woman through known parents only."""
        return tuple(node for key, node in self.nodes.items() if not self._is_rooted(key))

    def _is_rooted(self, key: str) -> bool:
        known = all(
            parent in self.nodes for at in (key, *self.back(key)) for parent in self.parents.get(at, ())
        )
        return known and len(self.participants(key)) == 1

    def is_split(self, key: str) -> bool:
        """Several containers were filled from it."""
        return sum(self.nodes[at].kind in (Kind.CONTAINER, Kind.PRODUCT) for at in self.children[key]) > 1

    def is_pool(self, key: str) -> bool:
        """It was filled from several containers."""
        return len(self.parents[key]) > 1


def joined(graphs: Iterable[IdentityGraph]) -> IdentityGraph:
    """Several batches' graphs as one; what they share, such as the participant, is one node."""
    nodes: dict[str, Node] = {}
    parents: dict[str, tuple[str, ...]] = {}
    for graph in graphs:
        nodes |= graph.nodes
        for key, of in graph.parents.items():
            parents[key] = tuple(dict.fromkeys((*parents.get(key, ()), *of)))
    return IdentityGraph(nodes=nodes, parents=parents)


def graph_of(batch: BatchRecord) -> IdentityGraph:
    """The graph of a batch as its record stands."""
    issue = batch.issue
    roots = (
        (Node(key=issue.participant, kind=Kind.PARTICIPANT, code=issue.participant), ()),
        (Node(key=issue.coi, kind=Kind.COURSE, code=issue.coi), (issue.participant,)),
        (Node(key=batch.number, kind=Kind.BATCH, code=batch.number), (issue.coi,)),
    )
    made = (*roots, *_containers(batch), *_labels(batch), *_transport(batch), *_seals(batch))
    return IdentityGraph(
        nodes={node.key: node for node, _ in made}, parents={node.key: parents for node, parents in made}
    )


Made = tuple[Node, tuple[str, ...]]


def _containers(batch: BatchRecord) -> Iterator[Made]:
    kinds = {kind.code: kind for kind in batch.master.containers}
    seen = {scan.code for slot in batch.slots.values() for scan in slot.scans} | batch.samples.keys()
    for code, item in batch.containers.items():
        node = Node(
            key=code,
            kind=_kind(kinds[item.container]),
            code=code,
            title=kinds[item.container].title,
            index=item.index,
            of=item.of,
            group=item.container,
            seen=code in seen or code in batch.custody,
        )
        yield node, item.parents or (batch.number,)


def _kind(container: Container) -> Kind:
    match CodeType[container.code_type]:
        case CodeType.PRODUCT_UNIT:
            return Kind.PRODUCT
        case CodeType.QC_SAMPLE:
            return Kind.SAMPLE
        case _:
            return Kind.CONTAINER


def _labels(batch: BatchRecord) -> Iterator[Made]:
    for serial, label in batch.labels.items():
        group = f"label/{label.container}"
        node = Node(key=serial, kind=Kind.LABEL, code=serial, group=group, seen=label.fate is not None)
        yield node, (label.container,)


def _transport(batch: BatchRecord) -> Iterator[Made]:
    """Boxes and loggers: each belongs to the batch whose step it was scanned in."""
    met: set[str] = set()
    for step in batch.plan:
        for slot in step.evidence:
            if not isinstance(slot, ScanEquipmentSlot) or slot.equipment_class not in SHIPPING:
                continue
            record = batch.slots.get((step.code, slot.code))
            for scan in record.scans if record else ():
                if scan.code not in met:
                    met.add(scan.code)
                    words = Words(en=scan.name, zh=scan.name)
                    yield (
                        Node(key=scan.code, kind=Kind.TRANSPORT, code=scan.code, title=words),
                        (batch.number,),
                    )


def _seals(batch: BatchRecord) -> Iterator[Made]:
    """Seals that were written down at a hand-over, each on what was handed over."""
    on: dict[str, list[str]] = {}
    for entry in batch.handovers:
        fact = entry.fact
        if isinstance(fact, CustodyOffered) and fact.seal:
            held = on.setdefault(fact.seal, [])
            if fact.container not in held:
                held.append(fact.container)
    for seal, containers in on.items():
        yield Node(key=f"seal/{seal}", kind=Kind.SEAL, code=seal), tuple(containers)


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """What is drawn as one box: things of one group with the same parents, in a column and a row from 0."""

    keys: tuple[str, ...]
    column: int
    row: int
    parents: tuple[int, ...]
    """Places of the boxes that it came from, in the list of boxes."""


STACKED = (Kind.PARTICIPANT, Kind.COURSE, Kind.BATCH)
"""Drawn one under another in the first column: each has one before it and, in a batch, one after."""


def drawn(graph: IdentityGraph) -> tuple[Drawn, ...]:
    """The graph as boxes from left to right, each right of what it came from; labels are left to the table."""
    groups = _groups(graph)
    place = {key: at for at, keys in enumerate(groups) for key in keys}
    columns: list[int] = []
    rows: dict[int, int] = {}
    boxes = []
    for keys in groups:
        parents = tuple(sorted({place[p] for p in graph.parents[keys[0]] if p in place}))
        stacked = graph.nodes[keys[0]].kind in STACKED
        column = 0 if stacked else 1 + max((columns[at] for at in parents), default=-1)
        columns.append(column)
        row = rows.get(column, 0)
        rows[column] = row + 1
        boxes.append(Drawn(keys=keys, column=column, row=row, parents=parents))
    return tuple(boxes)


def _groups(graph: IdentityGraph) -> list[tuple[str, ...]]:
    """Things in an order in which parents come first; those made alike stand together."""
    found: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for key in _parents_first(graph):
        node = graph.nodes[key]
        if node.kind is not Kind.LABEL:
            found.setdefault((node.group or key, graph.parents[key]), []).append(key)
    return [tuple(keys) for keys in found.values()]


def _parents_first(graph: IdentityGraph) -> Iterable[str]:
    done: dict[str, None] = {}

    def visit(key: str) -> None:
        if key in done or key not in graph.nodes:
            return
        for parent in graph.parents[key]:
            visit(parent)
        done[key] = None

    for key in graph.nodes:
        visit(key)
    return done
