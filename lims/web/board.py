"""The batches side by side: by state, by culture day, as a table."""

from datetime import date, timedelta

from flask import Blueprint, request
from flask_babel import gettext

from lims.queries import board as query
from lims.queries.board import Cell, Line
from lims.web import filters, here, sitting
from lims.web.pages import link

bp = Blueprint("board", __name__)

VIEWS = ("days", "states", "table")
_WORDS = {
    "done": "done",
    "due": "due",
    "stop": "Overdue",
    "hold": "On hold",
    "verify": "to verify",
    "open": "not started",
    "collection": "received",
}


@bp.get("/batches")
def page() -> str:
    """The board; the culture days are what planners look at first."""
    view = request.args.get("view", "")
    view = view if view in VIEWS else "days"
    first = _first_day(request.args.get("from", ""))
    found = query.board(here.reader(), first=first)
    days = [(filters.day(day), day == found.today, day.weekday() >= 5) for day in found.days]
    return here.render(
        "board/page.html",
        board=found,
        view=view,
        days=days,
        lines=[_line(line) for line in found.lines],
        earlier=(found.days[0] - timedelta(days=7)).isoformat(),
        later=(found.days[0] + timedelta(days=7)).isoformat(),
    )


def _first_day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _line(line: Line) -> tuple[str, str, str, str, list[dict[str, str] | str]]:
    """A row as the board macro takes it."""
    row = line.card.row
    url = link("batch.page", number=row.number)
    note = f"r{row.round} · {row.steps_done}/{row.steps}"
    return row.number, row.participant, note, url, [_cell(cell) for cell in line.cells]


def _cell(cell: Cell | None) -> dict[str, str] | str:
    if cell is None:
        return ""
    if cell.state == "through":
        return {"track": "through"}
    english = sitting.language() == "en"
    title = cell.title_en if english else cell.title_zh
    what = title or str(gettext(cell.what))
    verb = f"D{cell.step_day} {what}" if cell.step_day is not None else what
    time = f"{filters.moment(cell.at):%m-%d %H:%M}" if cell.at else ""
    return {
        "state": cell.state,
        "word": str(gettext(_WORDS.get(cell.state, cell.state))),
        "verb": verb,
        "time": time,
        "track": "from" if cell.state == "collection" else "through",
    }
