"""Release certificate for the clinic: what may be given, to whom, until when, how it came, what is pending."""

from lims.documents.batch_record_copy import Copy
from lims.documents.batch_record_quality import decided
from lims.documents.certificate_parts import deviations_table, front
from lims.documents.clinic_parts import product_way
from lims.documents.conditional_certificate import pending_table, unit_facts, worth_of
from lims.documents.paper_frame import about, against_the_record, furniture, print_paper, replaces
from lims.documents.parts_blocks import facts, heading
from lims.documents.parts_boxes import banner
from lims.documents.parts_flow import Block

TITLE = "Release certificate for the clinic"


def print_clinic_release(copy: Copy) -> bytes:
    """What the ward needs of the release on paper; LookupError for a batch that was never released."""
    _, released, release = copy.say, copy.record.released, copy.record.release
    if released is None or release is None:
        raise LookupError("the batch was never released")
    worth = worth_of(copy, release)
    blocks = [
        *front(copy, TITLE),
        *banner(worth.sign, _(worth.word), copy.other(worth.word), worth.says),
        *about(copy),
        *replaces(copy),
        *heading(_("The product unit"), _("as filled")),
        *unit_facts(copy, released, release),
        *heading(_("What quality signed")),
        *decided(copy, released, "due", "Conditional release"),
        *heading(_("Pending tests"), _("pending is never pass")),
        *pending_table(copy, release),
        *heading(_("How it came"), _("giver and receiver of the product, as on file")),
        *product_way(copy),
        *heading(_("Deviations"), _("as they stand when this is printed")),
        *deviations_table(copy),
        *heading(_("At the bedside"), _("without these nothing is given")),
        *_bedside(copy),
        *against_the_record(copy, title=_(TITLE)),
    ]
    frame = furniture(
        copy,
        title=_(TITLE),
        state=worth.sign,
        state_word=_(worth.chip),
        mark=_(worth.mark) if worth.mark else "",
    )
    return print_paper(copy, blocks, frame, title=_(TITLE))


def _bedside(copy: Copy) -> list[Block]:
    _, protocol = copy.say, copy.record.protocol
    valid = _(
        "Two people, each on their own login: wristband, product and order are scanned; valid {minutes} min."
    )
    pairs = [
        (_("Identity"), valid.format(minutes=protocol.bedside_valid_minutes)),
        (_("Server"), _("This paper opens nothing: what counts is the answer of the bedside check.")),
        (_("If anything differs"), _("Stop. Give nothing, keep both, call quality and the laboratory.")),
    ]
    return facts(pairs, columns=1)
