"""E-mail as the administrator sees to it: settings and letters that have not left."""

from flask import Blueprint

from lims.domain.notices import NEWS
from lims.queries import mail as queries
from lims.web import here

bp = Blueprint("mail", __name__)


@bp.get("/mail")
def page() -> str:
    """Where e-mail goes, and what has not left."""
    return here.render("mail/page.html", found=queries.outbox(here.reader()), news=NEWS)
