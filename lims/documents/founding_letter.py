"""The founding letter: one page with the site code, by which anyone can later tell this site's records from others."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from lims.documents.paper_frame import BANDS
from lims.documents.parts import INK2, Pen, Style
from lims.documents.parts_blocks import BODY, SMALL, facts, heading, plain_text
from lims.documents.parts_flow import LEFT, RIGHT, TOP, WIDTH, Block
from lims.domain.sentences import at_site
from lims.language import words_in


@dataclass(frozen=True, slots=True, kw_only=True)
class Founder:
    """One of the two people whose keys the site's root key vouches for."""

    name: str
    kid: str


def print_founding_letter(
    *,
    site_code: str,
    kind: str,
    site_name: str,
    zone: str,
    profile: str,
    root_kid: str,
    seal_fingerprint: str,
    founders: Sequence[Founder],
    founded_at: datetime,
    language: str,
) -> bytes:
    """The letter as PDF, one page A4, in both languages; `site_code` as `domain.canonical.site_code` gives it.

    `seal_fingerprint` is the hex SHA-256 of the seal's certificate. Raises Unprintable for a sign without a font.
    """
    say, other = words_in(language), words_in("en" if language.startswith("zh") else "zh_Hans")
    _ = say
    pen = Pen(title=f"{say('Founding letter')} {site_name}", language=language, author=site_name)
    if kind in BANDS:
        pen.watermark(BANDS[kind][1])
        pen.centre(pen.width / 2, 28, _(BANDS[kind][0]), Style(size=8, weight=600, colour=INK2))
    pairs = [
        (_("Site"), site_name),
        (_("Kind of instance, for ever"), _(kind)),
        (_("Founded"), at_site(founded_at, zone)),
        (_("Time zone"), f"{zone} · {_('Legal profile')} {profile}"),
        *((_("Founding person"), f"{founder.name} · {founder.kid}") for founder in founders),
        (_("Root key"), root_kid),
    ]
    blocks = [
        *_title(say("Founding letter"), other("Founding letter")),
        *heading(_("Site code"), other("Site code")),
        _code(site_code),
        *facts(pairs),
        *facts([(_("SHA-256 of the seal's certificate"), grouped_hex(seal_fingerprint))], columns=1),
        *heading(_("What to do with this letter"), other("What to do with this letter")),
        *_instructions(language),
    ]
    y = TOP
    for block in blocks:
        block.draw(pen, LEFT, y)
        y += block.height
    pen.line(LEFT, 794, RIGHT, width=0.6)
    pen.text(LEFT, 806, f"{site_name} · {site_code}", Style(size=8, colour=INK2))
    pen.next_page()
    return pen.finish()


INSTRUCTIONS = (
    "Print this letter twice. Keep one in the site's safe and give one to the sponsor or the inspector.",
    "Whoever verifies a record types this code into the verifier. Without it the best verdict is: consistent,"
    " origin not confirmed.",
    "Never send the code together with a record: a forged record would bring its own code along.",
    "Keep the encrypted root key away from the server, apart from this letter. It is needed only to renew the site's"
    " own keys.",
    "If this letter is lost, print it again from the record of the founding; the code never changes.",
)


def _instructions(language: str) -> list[Block]:
    """Each instruction in the letter's language, and small in the other."""
    say, other = words_in(language), words_in("en" if language.startswith("zh") else "zh_Hans")
    blocks: list[Block] = []
    for at, text in enumerate(INSTRUCTIONS, start=1):
        blocks += plain_text(f"{at}. {say(text)}", BODY, below=1)
        if other(text) != say(text):
            blocks += plain_text(other(text), SMALL, indent=12, below=5)
    return blocks


def _title(main: str, beside: str) -> list[Block]:
    def draw(pen: Pen, x: float, y: float) -> None:
        end = pen.text(x, y + 20, main, Style(size=20, weight=600))
        if beside != main:
            pen.text(end + 12, y + 20, beside, Style(size=13, colour=INK2))
        pen.line(x, y + 32, RIGHT, width=1)

    return [Block(height=40, draw=draw)]


def _code(site_code: str) -> Block:
    """The site code in large groups, and as a square code."""

    def draw(pen: Pen, x: float, y: float) -> None:
        pen.box(x, y, WIDTH, 86, stroke=1.4, radius=4)
        groups = site_code.split("-")
        each = (WIDTH - 110) / len(groups)
        for at, group in enumerate(groups):
            pen.text(x + 14 + at * each, y + 53, group, Style(size=26, weight=600))
        pen.matrix(x + WIDTH - 76, y + 13, 60, site_code)

    return Block(height=100, draw=draw)


def grouped_hex(digest: str) -> str:
    """A digest in groups of four, so that it can be compared by eye."""
    return " ".join(digest[at : at + 4] for at in range(0, len(digest), 4))
