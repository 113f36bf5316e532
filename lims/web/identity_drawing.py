"""The graph of identity as a drawing: boxes from left to right, joined by lines; the table beside it says the same."""

from dataclasses import dataclass
from unicodedata import east_asian_width

from flask_babel import lazy_gettext as N_
from flask_babel import ngettext

from lims.domain.codes import grouped
from lims.domain.identity_graph import IdentityGraph, Kind, Node
from lims.queries.identity import Identity
from lims.web import filters

WIDE, HIGH = 142, 44
ACROSS, DOWN = 170, 56
"""From one column, and one row, to the next."""
LONGEST = 20
"""Latin signs of a title that fit a box, a Chinese one counted twice; the whole title is in the table."""

WORDS = {
    Kind.PARTICIPANT: N_("Participant"),
    Kind.COURSE: N_("Chain of identity"),
    Kind.BATCH: N_("Batch"),
    Kind.CONTAINER: N_("Container"),
    Kind.PRODUCT: N_("Product"),
    Kind.SAMPLE: N_("Sample"),
    Kind.LABEL: N_("Label"),
    Kind.TRANSPORT: N_("Box or logger"),
    Kind.SEAL: N_("Seal"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """One box with its place in units of the drawing."""

    x: int
    y: int
    kind: str
    title: str
    note: str
    unused: bool
    stray: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """Everything that the picture is made of."""

    width: int
    height: int
    boxes: tuple[Box, ...]
    lines: tuple[str, ...]
    """Paths from the right edge of a box to the left edge of what came from it."""


def drawing_of(identity: Identity) -> Drawing:
    """The picture of a batch's graph."""
    graph, boxes = identity.graph, identity.boxes
    strays = {node.key for node in graph.strays}
    made = tuple(
        Box(
            x=box.column * ACROSS,
            y=box.row * DOWN,
            kind=graph.nodes[box.keys[0]].kind.value,
            title=_short(title_of(graph.nodes[box.keys[0]], many=len(box.keys))),
            note=_note(graph, box.keys),
            unused=not any(graph.nodes[key].seen for key in box.keys),
            stray=bool(strays & set(box.keys)),
        )
        for box in boxes
    )
    return Drawing(
        width=max(box.x for box in made) + WIDE + 2,
        height=max(box.y for box in made) + HIGH + 2,
        boxes=made,
        lines=tuple(_line(made[at], made[to]) for to, box in enumerate(boxes) for at in box.parents),
    )


def title_of(node: Node, *, many: int = 1) -> str:
    """What a thing is called; one of several of its kind with its number."""
    name = filters.said(node.title) if node.title else str(WORDS[node.kind])
    if many > 1:
        return f"{many} × {name}"
    return f"{name} {node.index}/{node.of}" if node.of > 1 else name


def code_of(node: Node) -> str:
    """The code as people read it, in groups of four."""
    return grouped(node.code) if node.code.isdigit() and len(node.code) == 16 else node.code


def _note(graph: IdentityGraph, keys: tuple[str, ...]) -> str:
    """The code of a single thing, and how many labels are on what the box stands for."""
    labels = sum(graph.nodes[at].kind is Kind.LABEL for key in keys for at in graph.children[key])
    told = ngettext("%(num)s label", "%(num)s labels", labels) if labels else ""
    whole = graph.nodes[keys[0]].code
    code = "" if len(keys) > 1 else whole if len(whole) <= 10 else f"…{whole[-6:]}"
    return " · ".join(part for part in (code, told) if part)


def _short(title: str) -> str:
    room = LONGEST
    for at, sign in enumerate(title):
        room -= 2 if east_asian_width(sign) in "WF" else 1
        if room < 0:
            return title[: at - 1].rstrip() + "…"
    return title


def _line(left: Box, right: Box) -> str:
    """Out of the box, down the lane before the next column, and in; straight down to one that stands below."""
    if left.x == right.x:
        return f"M{left.x + WIDE // 2} {left.y + HIGH}V{right.y}"
    lane = right.x - (ACROSS - WIDE) // 2
    return f"M{left.x + WIDE} {left.y + HIGH // 2}H{lane}V{right.y + HIGH // 2}H{right.x}"
