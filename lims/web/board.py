"""The batches side by side: by state, by culture day, by date, as a table."""

from datetime import date, timedelta

from flask import Blueprint, request
from flask_babel import gettext
from flask_babel import lazy_gettext as N_

from lims.queries import board as query
from lims.queries.board import FIRST_DAY, LAST_DAY, Cell, Line
from lims.web import filters, here, sitting
from lims.web.pages import link

bp = Blueprint("board", __name__)

VIEWS = ("culture", "days", "states", "table")
_WORDS = {
    "done": "done",
    "due": "due",
    "now": "Now",
    "stop": "Overdue",
    "hold": "On hold",
    "verify": "to verify",
    "open": "not started",
    "collection": "received",
}
MARKS = {
    "done": N_("Done"),
    "due": N_("Due"),
    "now": N_("Next"),
    "stop": N_("Needs a decision"),
    "hold": N_("On hold"),
    "verify": N_("To verify"),
    "open": N_("Not started"),
}


@bp.get("/batches")
def page() -> str:
    """The board; the culture days are what planners look at first."""
    view = request.args.get("view", "")
    view = view if view in VIEWS else VIEWS[0]
    number = request.args.get("page", "")
    found = query.board(
        here.reader(),
        view=view,
        first=_first_day(request.args.get("from", "")),
        page=int(number) if number.isdecimal() and len(number) < 6 else 0,
    )
    days = [(filters.day(day), day == found.today, day.weekday() >= 5) for day in found.days]
    return here.render(
        "board/page.html",
        board=found,
        view=view,
        days=days,
        culture_days=_heads(),
        mark_words={state: str(word) for state, word in MARKS.items()},
        lines=[_line(line) for line in found.lines] if view == "days" else found.lines,
        earlier=(found.days[0] - timedelta(days=7)).isoformat() if found.days else "",
        later=(found.days[0] + timedelta(days=7)).isoformat() if found.days else "",
    )


def _heads() -> list[str]:
    """D−7 … D14, and the days behind."""
    days = [f"\N{MINUS SIGN}{-day}" if day < 0 else str(day) for day in range(FIRST_DAY, LAST_DAY + 1)]
    return [*days, f"{LAST_DAY}+"]


def _first_day(text: str) -> date | None:
    """A day from the address; none when it is not one, or so far off that days beside it do not exist."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if 1900 < found.year < 2200 else None


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
    what = title or (str(gettext(cell.what)) if cell.what else "")
    verb = f"D{cell.step_day} {what}".strip() if cell.step_day is not None else what
    time = f"{filters.moment(cell.at):%m-%d %H:%M}" if cell.at else ""
    return {
        "state": cell.state,
        "word": str(gettext(_WORDS.get(cell.state, cell.state))),
        "verb": verb,
        "time": time,
        "track": "from" if cell.state == "collection" else "through",
    }
