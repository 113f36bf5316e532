"""Sealed papers about many batches: pinned to a checkpoint over every stream, on file under a code of their own."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from lims.actions.papers import (
    IssuedPaper,
    answered,
    check_may_print,
    issued_in,
    kept_paper,
    origin,
    paper_of,
    sealed,
)
from lims.actions.site import Site
from lims.actions.timers import make_checkpoint
from lims.actions.work import Actor, Ask, Decision, Scene, perform
from lims.documents.papers import TITLES, earlier, next_copy
from lims.documents.site_copy import SiteCopy
from lims.domain.entries.envelope import Draft, stream_of
from lims.domain.entries.keys import DocumentIssued
from lims.domain.folds import Told
from lims.domain.refusals import Refused
from lims.domain.rows import PersonRow
from lims.ledger.read_tables import find


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A paper that somebody asks for, and how it is drawn."""

    paper: str
    act: str
    code: str
    """Under which its copies are on file."""
    about: str
    """What stands behind the title."""
    language: str
    asked: Mapping[str, str]
    """What tells a repeated request from another one, beside the language."""
    draw: Callable[[SiteCopy], bytes]


def issue_site_paper(site: Site, actor: Actor, request_id: str, wanted: Wanted) -> IssuedPaper:
    """Print it from what is on file at the checkpoint; the same request gives the same paper again.

    Raises Refused when the person may not print.
    """
    fact = answered(site, actor, request_id)
    if fact is None:
        check_may_print(site, actor, act=wanted.act)
        fact = printed(site, wanted, by=actor.person)

    def rule(scene: Scene) -> Decision:
        check_next(scene, fact, code=wanted.code)
        return Decision(drafts=(Draft(stream=ask.on, fact=fact),))

    asked = {"language": wanted.language, **wanted.asked}
    ask = Ask(request_id=request_id, act=wanted.act, on=stream_of("documents", wanted.code), asked=asked)
    return paper_of(site, perform(site, actor, ask, rule), code=wanted.code)


def check_next(scene: Scene, fact: DocumentIssued, *, code: str) -> None:
    """Refuses a copy that another one has come before since it was drawn: it is to be asked for again."""
    record = scene.record(stream_of("documents", code))
    assert isinstance(record, Told)
    number, before = next_copy(fact.paper, issued_in(record.entries))
    if (number, before.sha256 if before else None) != (fact.copy_number, fact.supersedes):
        raise Refused("request.again")


def printed(site: Site, wanted: Wanted, *, by: str) -> DocumentIssued:
    """The next copy, drawn, sealed and kept; not on file yet. Pinned to a checkpoint that is made right before."""
    made_from = make_checkpoint(site)
    with site.ledger.reading() as book:
        issued = issued_in(book.entries(stream_of("documents", wanted.code)))
        people = {row.person: row.name for row in find(book, PersonRow)}
    number, before = next_copy(wanted.paper, issued)
    copy = SiteCopy(
        language=wanted.language,
        kind=site.founded.instance_kind,
        site_name=site.founded.site,
        zone=site.founded.zone,
        printed_by=people[by],
        printed_at=site.clock.now(),
        copy_number=number,
        made_from=f"{made_from.stream} #{made_from.seq}",
        made_from_hash=made_from.hash,
        supersedes=next(
            (item for item in earlier(wanted.code, issued) if before and item.sha256 == before.sha256), None
        ),
    )
    content = sealed(
        site,
        wanted.draw(copy),
        record=origin(site),
        title=f"{TITLES[wanted.paper]} {wanted.about}",
        language=wanted.language,
        now=copy.printed_at,
    )
    return kept_paper(
        site,
        content,
        paper=wanted.paper,
        language=wanted.language,
        copy_number=number,
        made_from=made_from,
        supersedes=before.sha256 if before else None,
    )
