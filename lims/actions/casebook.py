"""A participant's casebook as a sealed paper, with copies of its own."""

from lims.actions.papers import (
    IssuedPaper,
    answered,
    check_may_print,
    issued_in,
    kept_paper,
    origin,
    paper_of,
    put_on_file,
    sealed,
)
from lims.actions.site import Site
from lims.actions.work import Actor, Ask, Scene
from lims.documents.casebook import TITLE, Case, Casebook, print_casebook
from lims.documents.papers import CASEBOOK, earlier, next_copy
from lims.domain.entries.envelope import stream_of
from lims.domain.entries.keys import DocumentIssued
from lims.domain.refusals import Refused
from lims.domain.rows import PersonRow
from lims.ledger.read_tables import find

ACT = "print_casebook"


def issue_casebook(site: Site, actor: Actor, request_id: str, *, case: Case, language: str) -> IssuedPaper:
    """Print what is on file about one woman; refused when something came on file since it was read."""
    code = case.participant.trial_id
    ask = Ask(
        request_id=request_id,
        act=ACT,
        on=stream_of("documents", code),
        asked={"participant": code, "language": language},
        read=(case.participant.stream,),
    )
    if (again := answered(site, actor, request_id)) is not None:
        return paper_of(site, put_on_file(site, actor, ask, again, place=_place), code=code)
    check_may_print(site, actor, act=ACT)
    copy = _copy(site, case, by=actor.person, language=language)
    content = sealed(
        site,
        print_casebook(copy),
        record=origin(site),
        title=f"{TITLE} {code}",
        language=language,
        now=copy.printed_at,
    )
    fact = kept_paper(
        site,
        content,
        paper=CASEBOOK,
        language=language,
        copy_number=copy.copy_number,
        made_from=case.head,
        supersedes=copy.supersedes.sha256 if copy.supersedes else None,
    )

    def place(scene: Scene, issued: tuple[DocumentIssued, ...]) -> tuple[int, DocumentIssued | None]:
        head = scene.book.head(case.head.stream)
        if head is None or head.hash != case.head.hash:
            raise Refused("request.again")
        return _place(scene, issued)

    return paper_of(site, put_on_file(site, actor, ask, fact, place=place), code=code)


def _place(_: Scene, issued: tuple[DocumentIssued, ...]) -> tuple[int, DocumentIssued | None]:
    return next_copy(CASEBOOK, issued)


def _copy(site: Site, case: Case, *, by: str, language: str) -> Casebook:
    code = case.participant.trial_id
    with site.ledger.reading() as book:
        issued = issued_in(book.entries(stream_of("documents", code)))
        people = {row.person: row.name for row in find(book, PersonRow)}
    number, before = next_copy(CASEBOOK, issued)
    return Casebook(
        case=case,
        language=language,
        kind=site.founded.instance_kind,
        site_name=site.founded.site,
        zone=site.founded.zone,
        printed_by=people[by],
        printed_at=site.clock.now(),
        copy_number=number,
        supersedes=next(
            (item for item in earlier(code, issued) if before and item.sha256 == before.sha256), None
        ),
    )
