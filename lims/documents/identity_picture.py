"""The graph of identity on paper: whose everything is, drawn as boxes from left to right."""

from lims.documents.batch_record_copy import Copy
from lims.documents.findings import N_
from lims.documents.parts import INK2, Pen, Style, width_of
from lims.documents.parts_flow import WIDTH, Block
from lims.domain.identity_graph import Drawn, IdentityGraph, Kind, Node, drawn

NAME, CODE = Style(size=6.2, weight=600), Style(size=5.8, colour=INK2)
KINDS = {
    Kind.PARTICIPANT: N_("Participant"),
    Kind.COURSE: N_("Chain of identity"),
    Kind.BATCH: N_("Batch"),
    Kind.SEAL: N_("Seal"),
}
"""Things without a title of their own in the master batch record."""


def whose(copy: Copy, graph: IdentityGraph) -> str:
    """The sentence that must hold of every batch, or what is wrong."""
    _, record = copy.say, copy.record
    if graph.strays:
        return _("{count} things do not go back to exactly one participant").format(count=len(graph.strays))
    return _("each of {count} things goes back to exactly one participant: {who}").format(
        count=len(graph.nodes), who=record.issue.participant
    )


def graph_block(copy: Copy, graph: IdentityGraph) -> list[Block]:
    """The graph as boxes from left to right; every code of it stands in the table below."""
    boxes, strays = drawn(graph), {node.key for node in graph.strays}
    across = WIDTH / (1 + max(box.column for box in boxes))
    wide, high, down = across - 12, 19.0, 23.5

    def place(box: Drawn) -> tuple[float, float]:
        return box.column * across, box.row * down

    def draw(pen: Pen, x: float, y: float) -> None:
        for box in boxes:
            for parent in box.parents:
                _join(pen, place(boxes[parent]), place(box), x=x, y=y, wide=wide, high=high)
        for box in boxes:
            left, top = place(box)
            node = graph.nodes[box.keys[0]]
            stray = bool(strays & set(box.keys))
            corner = 9.0 if node.kind is Kind.PARTICIPANT else 3.0
            pen.box(
                x + left, y + top, wide, high, fill="#FFFFFF", stroke=2.0 if stray else 0.8, radius=corner
            )
            name, code = _named(copy, node, many=len(box.keys))
            pen.centre(x + left + wide / 2, y + top + 8, _fit(name, wide - 4, NAME), NAME)
            pen.centre(x + left + wide / 2, y + top + 15.5, code, CODE)

    return [Block(height=(1 + max(box.row for box in boxes)) * down + 4, draw=draw)]


def _join(
    pen: Pen,
    left: tuple[float, float],
    right: tuple[float, float],
    *,
    x: float,
    y: float,
    wide: float,
    high: float,
) -> None:
    """Out of one box, down the lane before the next column, and in; straight down to one that stands below."""
    if left[0] == right[0]:
        pen.line(x + left[0] + wide / 2, y + left[1] + high, x + left[0] + wide / 2, y + right[1], width=0.6)
        return
    middle, lane, end = y + left[1] + high / 2, x + right[0] - 6, y + right[1] + high / 2
    pen.line(x + left[0] + wide, middle, lane, middle, width=0.6)
    pen.line(lane, middle, lane, end, width=0.6)
    pen.line(lane, end, x + right[0], end, width=0.6)


def _named(copy: Copy, node: Node, *, many: int) -> tuple[str, str]:
    """What a box is called, and the code of a single thing."""
    name = copy.in_words(node.title) if node.title else copy.say(KINDS[node.kind])
    if many > 1:
        return f"{many} × {name}", ""
    return name, node.code if len(node.code) <= 10 else f"…{node.code[-6:]}"


def _fit(text: str, room: float, style: Style) -> str:
    while width_of(text, style) > room:
        text = text.rstrip("…")[:-1] + "…"
    return text
