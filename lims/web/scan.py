"""Scanning when no step waits for it: the code leads to its thing."""

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from lims.actions import secrets
from lims.domain.acts import Role
from lims.domain.codes import CodeType, compose
from lims.domain.entered import entered_code
from lims.domain.entries.envelope import code_of
from lims.domain.refusals import Refused
from lims.domain.rows import CodeRow
from lims.queries import scan as query
from lims.queries.look import NotOnFile
from lims.web import here
from lims.web.pages import link, may
from lims.web.session import take_seat

bp = Blueprint("scan", __name__)

TEST_CODES = tuple(
    compose(CodeType.COMMAND, serial) for serial in ("012345678901", "987654321098", "112233445566")
)
"""Every digit in both directions, and pairs, which a hasty scanner drops. They name nothing."""


@bp.get("/scan")
def anywhere() -> Response:
    """Label and container: the batch's current step. Lot, equipment, person: their own page."""
    raw = request.args.get("code", "").strip()
    reader = here.reader()
    if raw and len(raw) < 16:
        found = query.batches_like(reader, raw.upper())
        if found:
            return _batch(found[0].number)
    row = query.code_row(reader, entered_code(raw, field="code"))
    if row is None:
        raise NotOnFile("scan.unknown")
    return _to(row)


@bp.get("/scan/test")
def tester() -> str:
    """What a scanner sends, told by the browser; nothing is sent to the server, nothing is recorded."""
    return here.render("scan/test.html", codes=TEST_CODES)


def _to(row: CodeRow) -> Response:
    code = code_of(row.stream)
    match row.what:
        case "container" | "label":
            return _batch(code)
        case "lot":
            return _go("supply.lot", code=code)
        case "equipment":
            return _go("supply.equipment", code=code)
        case "badge":
            return _badge(row)
        case "wristband" | "void_wristband":
            if may("clinic.band"):
                return _go("clinic.band", code=row.code)
            return _go("trial.participant", code=code)
        case "order" | "coi":
            return _go("trial.participant", code=row.participant or code)
        case _:
            raise NotOnFile("scan.unknown")


def _go(endpoint: str, **values: str) -> Response:
    url = link(endpoint, **values) if may(endpoint) else ""
    if not url:
        raise Refused("scan.unknown")
    return redirect(url, 303)


def _batch(number: str) -> Response:
    """The current step for those who work at it, the batch for everyone else."""
    row = query.batch_row(here.reader(), number)
    if row and row.current_step and Role.TECHNICIAN in here.roles():
        return redirect(url_for("step.page", number=number, code=row.current_step), 303)
    return redirect(url_for("batch.page", number=number), 303)


def _badge(row: CodeRow) -> Response:
    """A colleague's badge seats them as the second person; one's own badge leads to one's own page."""
    person = secrets.find_person(here.site(), badge=row.code)
    if person is None:
        raise NotOnFile("secret.unknown")
    if person.id == here.me().id:
        return redirect(url_for("session.mine"), 303)
    take_seat(person)
    came, own = request.referrer or "", request.host_url
    return redirect("/" + came[len(own) :] if came.startswith(own) else "/", 303)
