"""Into storage and out of it, by scanning the container and its place."""

from flask import Blueprint, make_response, redirect, request, url_for
from werkzeug.wrappers import Response
from wtforms import HiddenField, StringField

from lims.actions import storage
from lims.domain.codes import CodeType
from lims.domain.entries.values import Means
from lims.queries import handover as query
from lims.web import acting, here
from lims.web.forms import ActForm, read_means

PLACES = (CodeType.EQUIPMENT.value, CodeType.LOCATION.value)

bp = Blueprint("storage", __name__)


class StorageForm(ActForm):
    """The container and its place, both scanned."""

    container = StringField()
    means = HiddenField()
    position = StringField()
    position_means = HiddenField()


@bp.get("/batches/<number>/storage/<container>")
def page(number: str, container: str) -> Response:
    """Where it lies, and the one thing that can be done next."""
    return _page(number, container, StorageForm())


@bp.post("/batches/<number>/storage/<container>/scan")
def scan(number: str, container: str) -> Response:
    """A code was scanned: a place by its type, anything else is the container; nothing is on file yet."""
    form = StorageForm()
    code = request.form.get("code", "").strip()
    if code.startswith(PLACES):
        form.position.data, form.position_means.data = code, Means.SCANNED.value
    else:
        form.container.data, form.means.data = code, Means.SCANNED.value
    return _page(number, container, form)


@bp.post("/batches/<number>/storage/<container>/put")
def put(number: str, container: str) -> Response:
    """The holder puts it into a place."""
    form = StorageForm()
    outcome = here.attempt(
        form,
        lambda: storage.put_into_storage(
            here.site(),
            here.actor(),
            here.request_id(),
            batch=number,
            container=form.container.data or "",
            means=read_means(form.means.data),
            position=form.position.data or "",
            position_means=read_means(form.position_means.data),
        ),
    )
    if outcome:
        return redirect(url_for("storage.page", number=number, container=container), 303)
    return _page(number, container, form)


@bp.post("/batches/<number>/storage/<container>/take")
def take(number: str, container: str) -> Response:
    """It comes out of the place where it was put."""
    form = StorageForm()
    outcome = here.attempt(
        form,
        lambda: storage.take_from_storage(
            here.site(),
            here.actor(),
            here.request_id(),
            batch=number,
            container=form.container.data or "",
            means=read_means(form.means.data),
            position=form.position.data or "",
            position_means=read_means(form.position_means.data),
        ),
    )
    if outcome:
        return redirect(url_for("storage.page", number=number, container=container), 303)
    return _page(number, container, form)


def _page(number: str, container: str, form: StorageForm) -> Response:
    found = query.handover(here.reader(), batch=number, container=container)
    stored = bool(found.custody and found.custody.stored)
    html = here.render(
        "custody/storage.html",
        found=found,
        form=form,
        stored=stored,
        cannot=acting.obstacle("take_from_storage" if stored else "put_into_storage", found.batch),
    )
    return make_response(html, 422 if form.problems else 200)
