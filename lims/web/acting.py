"""What stands in the way of an act, in words: the same table of acts that decides it greys its button."""

from lims.domain.acts import ACTS
from lims.domain.batch_record import BatchRecord
from lims.domain.master_batch_record import Who
from lims.domain.refusals import Reason
from lims.web import here


def obstacle(name: str, batch: BatchRecord | None = None) -> str:
    """Why the signed-in person cannot do the act now; nothing when they can try. The act itself checks again."""
    act = ACTS[name]
    reason = None
    if not here.roles() & act.by:
        roles = ", ".join(sorted(role.value for role in act.by))
        reason = Reason(rule="act.role", about=(("act", act.label), ("roles", roles)))
    elif batch and act.in_stages is not None and batch.stage not in act.in_stages:
        reason = Reason(rule="act.stage", about=(("stage", batch.stage.value),))
    elif batch and act.in_stages is not None and batch.on_hold and not act.despite_hold:
        reason = Reason(rule="act.hold", about=(("why", batch.hold_reason),))
    elif batch and act.not_if_took_part and here.me().id in batch.took_part:
        reason = Reason(rule="act.took_part")
    return here.words(reason)[0] if reason else ""


def asks_pin(who: Who) -> bool:
    """The strength is shown by PIN."""
    return who is Who.IDENTIFIED


def asks_signature(who: Who) -> bool:
    """The strength is shown by user id and password."""
    return who is Who.SIGNED
