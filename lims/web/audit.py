"""The audit trail in sentences, of a batch, a person or the whole instance, and a record as it was."""

from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, request, url_for
from flask_babel import lazy_gettext as N_

from lims.domain.acts import Role
from lims.domain.entries.envelope import Entry
from lims.queries import audit as queries
from lims.queries.audit import PAGE, SORTS, Everything, Line, Sort, Trail, Wanted
from lims.web import filters, here, telling

bp = Blueprint("audit", __name__, url_prefix="/audit")

ICONS = {
    Sort.REFUSED: "alert-triangle",
    Sort.CORRECTED: "pencil",
    Sort.TYPED: "keyboard",
    Sort.LATE: "clock",
    Sort.REPRINTED: "printer",
    Sort.DEVIATION: "alert-triangle",
    Sort.OPERATION: "list-check",
    Sort.DECIDED: "signature",
    Sort.SENT_BACK: "user-check",
    Sort.VERIFIED: "user-check",
    Sort.RESULT: "test-pipe",
    Sort.BRANCH: "route",
    Sort.ATTACHED: "camera",
    Sort.LABEL: "printer",
    Sort.CUSTODY: "route",
    Sort.BEDSIDE: "building-hospital",
    Sort.NOTE: "note",
    Sort.PRINTED: "file-text",
    Sort.SIGNED: "signature",
    Sort.CHECKPOINT: "shield-check",
    Sort.RECORDED: "list-check",
}

VIEWS = (
    ("changes", N_("Changes only")),
    ("people", N_("Everything people did")),
    ("all", N_("With system")),
)

STREAMS = {
    "batch": N_("Batches"),
    "participant": N_("Participants"),
    "looks": N_("Looks at identity"),
    "lot": N_("Lots"),
    "equipment": N_("Equipment"),
    "master": N_("Master batch records"),
    "study": N_("Study protocol"),
    "randomisation": N_("Randomisation"),
    "outgoing": N_("Data sent out"),
    "person": N_("Accounts"),
    "security": N_("Sign-ins"),
    "keys": N_("Signing keys"),
    "documents": N_("Papers"),
    "figures": N_("Figures of the trial"),
    "checkpoints": N_("Checkpoints"),
    "station": N_("Stations"),
    "system": N_("Instance"),
}
"""What the streams of an instance are about."""


@bp.get("/")
def page() -> str:
    """The newest entries of the whole instance."""
    person, sort = request.args.get("person", ""), request.args.get("sort", "")
    trail = queries.everything(here.reader(), person=person, sort=sort, before=_moment("before"))
    return here.render(
        "audit/page.html",
        trail=trail,
        lines=trail.lines,
        person=person,
        sort=sort,
        streams=[(code, STREAMS[code]) for code in SORTS],
        older=url_for("audit.page", person=person, sort=sort, before=trail.more.isoformat())
        if trail.more
        else "",
        **_tools(),
    )


@bp.get("/batch/<number>")
def batch(number: str) -> str:
    """The audit trail of one batch."""
    wanted = _wanted()
    trail = queries.batch_trail(here.reader(), number, wanted)
    return _trail(trail, wanted)


@bp.get("/person/<person>")
def person(person: str) -> str:
    """Everything that one person did."""
    wanted = _wanted(view="people")
    trail = queries.person_trail(here.reader(), person, wanted)
    return _trail(trail, wanted, whose=person)


@bp.get("/batch/<number>/as-of/<int:seq>")
def as_of(number: str, seq: int) -> str:
    """The record of a batch as it was after one of its entries."""
    then = queries.as_it_was(here.reader(), number, seq)
    return here.render("audit/as_of.html", then=then, batch=then.batch, **_tools())


def _trail(trail: Trail, wanted: Wanted, *, whose: str = "") -> str:
    links = [
        (_filter_url(wanted, view=view, sort=[], start=""), word, view == wanted.view and not wanted.sorts)
        for view, word in VIEWS
    ]
    chosen = [str(telling.AUDIT_WORDS[sort.value]) for sort in Sort if sort in wanted.sorts]
    shown = ", ".join(chosen) or str(dict(VIEWS)[wanted.view])
    if wanted.person:
        shown += f" · {telling.person(trail.people, wanted.person)}"
    return here.render(
        "audit/trail.html",
        trail=trail,
        lines=trail.lines,
        wanted=wanted,
        whose=whose,
        view_links=links,
        shown=shown,
        heading=shown if chosen else str(dict(VIEWS)[wanted.view]),
        **_tools(),
    )


def _tools() -> dict[str, object]:
    return {
        "telling": telling,
        "icons": ICONS,
        "words": telling.AUDIT_WORDS,
        "views": VIEWS,
        "all_sorts": tuple(Sort),
        "page_size": PAGE,
        "inside": _inside,
        "filter_url": _filter_url,
        "may_sign": Role.QA in here.roles(),
    }


def _inside(line: Line, trail: Trail | Everything) -> tuple[str, str, str, str, str] | None:
    """Was, by whom, now, by whom, and the link to the record as it was, of a correction."""
    batch = trail.batch if isinstance(trail, Trail) else None
    if line.before is None or batch is None:
        return None

    def stamp(entry: Entry) -> str:
        return f"{filters.clock(entry.time)}, {telling.person(trail.people, entry.person)}"

    return (
        telling.value_of(batch, line.before, {}),
        stamp(line.before),
        telling.value_of(batch, line.entry, {}),
        stamp(line.entry),
        url_for("audit.as_of", number=batch.number, seq=line.entry.seq - 1),
    )


def _wanted(view: str = "changes") -> Wanted:
    """What the address asks for; anything unknown is left out."""
    start = request.args.get("start", "")
    known = {sort.value for sort in Sort}
    asked = request.args.get("view", view)
    return Wanted(
        view=asked if asked in dict(VIEWS) else view,
        sorts=frozenset(Sort(name) for name in request.args.getlist("sort") if name in known),
        person=request.args.get("person", ""),
        refused=request.args.get("refused") == "1",
        start=int(start) if start.isascii() and start.isdigit() and len(start) < 8 else 0,
    )


def _filter_url(wanted: Wanted, **changed: object) -> str:
    """This page with the same filter, but for what changed."""
    values: dict[str, Any] = {
        "view": wanted.view,
        "sort": sorted(sort.value for sort in wanted.sorts),
        "person": wanted.person,
        "refused": "1" if wanted.refused else "",
        "start": wanted.start or "",
    } | changed
    kept = {name: value for name, value in values.items() if value not in ("", [], None)}
    return url_for(str(request.endpoint), **(request.view_args or {}), **kept)


def _moment(name: str) -> datetime | None:
    """A time from the address, or none when it is not one."""
    text = request.args.get(name, "")
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found.astimezone(UTC) if found.tzinfo and 1900 < found.year < 2200 else None
