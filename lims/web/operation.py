"""Adding an operation that nobody planned to a running batch: which of the master record's list, why, and by whom."""

from flask import Blueprint, make_response, redirect, url_for
from werkzeug.wrappers import Response

from lims.actions import culture
from lims.domain.entries.batch import OperationAdded
from lims.queries import batch as query
from lims.web import acting, here
from lims.web.step_forms import OperationForm

bp = Blueprint("operation", __name__)


@bp.route("/batches/<number>/operation", methods=["GET", "POST"])
def page(number: str) -> Response:
    """The list of the master batch record, and the reason; the operation comes before the step that waits."""
    found = query.batch_page(here.reader(), batch=number)
    form = OperationForm()
    if form.is_sent():
        outcome = here.attempt(
            form,
            lambda: culture.add_operation(
                here.site(),
                here.identified(form),
                here.request_id(),
                batch=number,
                operation=form.operation.data or "",
                reason=form.reason.data or "",
            ),
        )
        if outcome:
            step = outcome.of(OperationAdded).step
            return redirect(url_for("step.page", number=number, code=step), 303)
    html = here.render(
        "operation/page.html",
        page=found,
        form=form,
        obstacle=acting.obstacle("add_operation", found.batch),
    )
    return make_response(html, 422 if form.problems else 200)
