"""Final release certificate: the final disposition, every result, what was given, and what it supersedes."""

from lims.documents.analysis_certificate import results_table
from lims.documents.batch_record_bedside import given
from lims.documents.batch_record_copy import Copy
from lims.documents.batch_record_quality import decided
from lims.documents.certificate_parts import deviations_table, front
from lims.documents.paper_frame import about, against_the_record, furniture, print_paper, replaces
from lims.documents.parts_blocks import heading, plain_text
from lims.documents.parts_boxes import banner
from lims.documents.parts_flow import Block

TITLE = "Final release certificate"
NO_RELEASE = "Final disposition: nonconforming"
CONDITIONAL = "conditional_release"


def print_final_certificate(copy: Copy) -> bytes:
    """The certificate of a batch with a final disposition; LookupError for any other."""
    _, record = copy.say, copy.record
    final, fact = record.disposed, record.disposition
    if final is None or fact is None:
        raise LookupError("the batch has no final disposition")
    good = not copy.is_nonconforming
    name, sign = (TITLE, "done") if good else (NO_RELEASE, "stop")
    word, chip = ("FINAL – CONFORMING", "Final") if good else ("NONCONFORMING", "Nonconforming")
    reason = copy.free(fact.reason)
    blocks = [
        *front(copy, name),
        *banner(sign, _(word), copy.other(word), _says(copy, good=good)),
        *about(copy),
        *replaces(copy),
        *heading(_("What quality signed")),
        *decided(copy, final, sign, "Conforming" if good else "Nonconforming"),
        *(plain_text(f"{_('Reason')}: {reason}") if reason else ()),
        *heading(_("What it follows")),
        *_conditional(copy),
        *heading(_("Perfusion"), _("given, left and wasted make up what was filled")),
        *(given(copy) if record.perfusion else plain_text(_("Not done."))),
        *heading(_("Results"), _("pending is never pass; a second result never replaces the first")),
        *results_table(copy),
        *heading(_("Deviations"), _("as they stand when this is printed")),
        *deviations_table(copy),
        *against_the_record(copy, title=_(name)),
    ]
    mark = "" if good else _("NONCONFORMING")
    frame = furniture(copy, title=_(name), state=sign, state_word=_(chip), mark=mark)
    return print_paper(copy, blocks, frame, title=_(name))


def _says(copy: Copy, *, good: bool) -> str:
    _ = copy.say
    if good:
        return _("Every test that decides passed and was reviewed; no deviation rejects the batch.")
    return _(
        "This is no release. The product does not conform; what follows for the participant is decided and recorded"
        " with her."
    )


def _conditional(copy: Copy) -> list[Block]:
    """The conditional release that came before, and its newest certificate, which this one supersedes."""
    _, released, paper = copy.say, copy.record.released, copy.newest(CONDITIONAL)
    if released is None:
        return plain_text(_("The batch was never conditionally released."))
    text = _("Conditional release signed by {name}, {at}, #{seq}.").format(
        name=copy.name(released.person), at=copy.at(released.time), seq=released.seq
    )
    if paper is None:
        text += " " + _("No conditional certificate was printed before this one.")
    else:
        text += " " + _("It supersedes: {paper}.").format(paper=copy.named(paper))
    return plain_text(text)
