"""How a fact that does not hold is said: what is found, and what was expected."""

from collections.abc import Iterator

from lims.domain.entries.envelope import refusals_of
from lims.domain.entries.keys import ActRefused
from lims.rehearsal.instance import Stage


def differs(what: str, found: object, expected: object) -> Iterator[str]:
    """One sentence, or none when both are the same."""
    if found != expected:
        yield f"{what} is {said(found)}, expected {said(expected)}"


def said(value: object) -> str:
    """A value in a sentence."""
    if isinstance(value, list | tuple):
        return f"[{', '.join(str(item) for item in value)}]"
    return "none" if value is None else str(value)


def refusals_on_file(stage: Stage, stream: str) -> list[str]:
    """Rules that refused an act there, in their order."""
    with stage.site.ledger.reading() as book:
        entries = book.entries(refusals_of(stream))
    return [entry.fact.rule for entry in entries if isinstance(entry.fact, ActRefused)]
