"""One printed copy of a paper about many batches: what it is pinned to, and how it is said in its language."""

from dataclasses import dataclass
from datetime import datetime

from lims.documents.batch_record_copy import Earlier
from lims.documents.paper_frame import BANDS
from lims.documents.parts_blocks import SMALL, facts, heading, plain_text
from lims.documents.parts_flow import Block, Furniture
from lims.documents.trial_words import STATEMENT
from lims.domain.sentences import at_site
from lims.language import words_in


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteCopy:
    """One printed copy."""

    language: str
    kind: str
    site_name: str
    zone: str
    printed_by: str
    printed_at: datetime
    copy_number: int
    made_from: str
    """The checkpoint over everything that was read."""
    made_from_hash: str
    supersedes: Earlier | None

    def say(self, text: str) -> str:
        """How a message id reads in the copy's language."""
        return words_in(self.language)(text) if text else ""

    def other(self, text: str) -> str:
        """How it reads in the other language."""
        return words_in("en" if self.language.startswith("zh") else "zh_Hans")(text)

    def at(self, moment: datetime, *, seconds: bool = True) -> str:
        """A time at the site, with its offset."""
        return at_site(moment, self.zone, seconds=seconds)


def furniture(
    copy: SiteCopy, *, code: str, who: str, about: str, title: str, state: str, state_word: str
) -> Furniture:
    """Head and foot of every page: what it is about instead of a batch, and the hash that it is pinned to."""
    _ = copy.say
    digest = " ".join(copy.made_from_hash[at : at + 4] for at in (0, 4, 8, 12))
    return Furniture(
        batch=code,
        who=who,
        coi=about,
        state=state,
        state_word=state_word,
        page_of=_("{page} of {pages}"),
        foot_left=(
            title,
            f"sha256 {digest} … {copy.made_from_hash[-4:]} · {_('verify: see the last page')}",
        ),
        foot_right=(
            f"{_('Copy')} {copy.copy_number} · {_('printed')} {copy.at(copy.printed_at, seconds=False)}",
            f"{_('by')} {copy.printed_by}",
        ),
        statement=_(STATEMENT),
        code=f"{code} {about} {copy.made_from_hash[:16]}",
        band=_(BANDS[copy.kind][0]) if copy.kind != "production" else None,
        watermark=BANDS[copy.kind][1] if copy.kind != "production" else None,
    )


def how_to_check(copy: SiteCopy, *more: str) -> list[Block]:
    """What the paper was made from, and what its seal shows; `more` are sentences of the paper's own."""
    _ = copy.say
    pairs = [
        (_("Made from"), copy.made_from),
        (_("Hash of that entry"), copy.made_from_hash),
        (_("Supersedes"), copy.supersedes.filename if copy.supersedes else _("nothing")),
    ]
    words = _(
        "The entry is a checkpoint over every stream of this instance. The site's seal in this file shows that no byte"
        " changed since it was printed; on the page Documents, Verify a file says whether something newer exists."
    )
    said = (words, *more, _(STATEMENT))
    return [
        *heading(_("How to check this paper"), section=True),
        *facts(pairs, columns=1),
        *(block for text in said for block in plain_text(text, SMALL)),
    ]
