"""Where every container of a batch is, and how it came there."""

from flask import Blueprint

from lims.queries import custody as query
from lims.web import acting, doing, here

bp = Blueprint("custody", __name__)


@bp.get("/batches/<number>/custody")
def batch(number: str) -> str:
    """The chain of custody; handing over and taking over are done at the container."""
    chain = query.chain(here.reader(), number)
    return doing.draw(
        "custody/batch.html",
        chain=chain,
        batch=chain.batch,
        cannot_offer=acting.obstacle("offer_custody", chain.batch),
        me=here.me().id,
        minutes=lambda span: int(span.total_seconds()) // 60,
    )
