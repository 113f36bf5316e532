"""What every paper of a batch has in common: head and foot of the page, what it replaces, how it is checked."""

from dataclasses import replace

from lims.documents.batch_record_copy import Copy
from lims.documents.parts import Pen
from lims.documents.parts_blocks import SMALL, facts, heading, plain_text
from lims.documents.parts_boxes import Identity, identity
from lims.documents.parts_flow import Block, Furniture, print_pages
from lims.documents.trial_words import STATEMENT
from lims.domain.codes import grouped

BANDS = {
    "demo": ("DEMO · fictional data · not for clinical use", "DEMO"),
    "training": ("TRAINING · not for clinical use", "TRAINING"),
}
"""For an instance that is not production: the line at the top edge and the word behind everything."""


def furniture(copy: Copy, *, title: str, state: str, state_word: str, mark: str = "") -> Furniture:
    """Head and foot of every page; `mark` is a word behind everything that says what the paper is worth."""
    _, record = copy.say, copy.record
    band = BANDS[copy.kind] if copy.kind != "production" else None
    digest = " ".join(copy.record_hash[at : at + 4] for at in (0, 4, 8, 12))
    return Furniture(
        batch=record.number,
        who=f"{record.issue.participant} · {_('round {round}').format(round=record.issue.round)}",
        coi=grouped(record.issue.coi),
        state=state,
        state_word=state_word,
        page_of=_("{page} of {pages}"),
        foot_left=(
            f"{title} · {_('record')} r{record.seq}",
            f"sha256 {digest} … {copy.record_hash[-4:]} · {_('verify: see the last page')}",
        ),
        foot_right=(
            f"{_('Copy')} {copy.copy_number} · {_('printed')} {copy.at(copy.printed_at, seconds=False)}",
            f"{_('by')} {copy.printed_by}",
        ),
        statement=_(STATEMENT),
        code=f"{record.number} r{record.seq} {copy.record_hash[:16]}",
        band=_(band[0]) if band else None,
        watermark=band[1] if band else None,
        mark=mark or None,
    )


def print_paper(copy: Copy, blocks: list[Block], frame: Furniture, *, title: str) -> bytes:
    """The pages of a paper; the same copy gives the same bytes."""
    pen = Pen(title=f"{title} {copy.record.number}", language=copy.language, author=copy.site_name)
    return print_pages(pen, blocks, frame, {})


def about(copy: Copy) -> list[Block]:
    """Whom and what the paper is about. The square code is the chain of identity: never the unit's own."""
    _, record = copy.say, copy.record
    issue, expiry, unit = record.issue, record.expires_at, record.unit_code
    not_yet = _("not yet")
    rounds = _("{round} of {rounds}").format(round=issue.round, rounds=record.protocol.rounds)
    master = f"{record.master.code}, {_('version')} {record.master.version}"
    block = Identity(
        first=(
            (_("Participant"), issue.participant),
            (_("Round"), rounds),
            (_("Attempt"), str(issue.attempt)),
            (_("Batch"), record.number),
        ),
        rows=(
            ((_("Product"), copy.in_words(record.master.product)), (_("Master batch record"), master)),
            (
                (_("Product unit"), grouped(unit) if unit else not_yet),
                (_("Expires"), copy.at(expiry) if expiry else not_yet),
            ),
            (
                (_("Site"), copy.site_name),
                (_("Trial"), f"{record.protocol.registry} · {record.protocol.code}"),
            ),
        ),
        code=issue.coi,
        code_caption=_("Chain of identity"),
        code_shown=grouped(issue.coi),
    )
    return identity(block)


def replaces(copy: Copy) -> list[Block]:
    """Which paper this one supersedes, by file name and hash."""
    _ = copy.say
    if copy.supersedes is None:
        return []
    text = _("It supersedes: {paper}.").format(paper=copy.named(copy.supersedes))
    return plain_text(text, SMALL, below=0)


def against_the_record(copy: Copy, *, title: str) -> list[Block]:
    """From which entries the paper was made, and how a reader holds it against the record."""
    _, record = copy.say, copy.record
    pairs = [
        (_("Made from"), f"{record.stream} #{record.seq}"),
        (_("Hash of that entry"), copy.record_hash),
        (_("Supersedes"), copy.named(copy.supersedes) if copy.supersedes else _("nothing")),
    ]
    steps = [
        _(
            "On the page Documents choose Verify a file and give this PDF. It says whether this is exactly {title},"
            " copy {copy}, and whether something newer supersedes it."
        ).format(title=title, copy=copy.copy_number),
        _(
            "Print or fetch the sealed batch record {number} and verify it, by verify.html or lims verify. In its"
            " record.json, entry {seq} of {stream} bears the hash above, and every entry named here by # says what"
            " this paper says."
        ).format(number=record.number, seq=record.seq, stream=record.stream),
        _(
            "The site's seal in this file shows that no byte changed since it was printed. The record itself is not"
            " inside; the sealed batch record carries it."
        ),
    ]
    blocks = [
        *heading(_("How to check this paper against the record"), section=True),
        *facts(pairs, columns=1),
        *(block for at, text in enumerate(steps, start=1) for block in plain_text(f"{at}. {text}", SMALL)),
    ]
    return [*(replace(block, keep=True) for block in blocks[:-1]), blocks[-1]]
