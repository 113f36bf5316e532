"""A version of a master batch record as a sealed paper: blank, for reading; never a record of any batch."""

from lims.actions.masters import master_of
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
from lims.documents.batch_record_copy import Manifest, manifest
from lims.documents.blank_master import TITLE, Blank, print_blank_master
from lims.documents.papers import BLANK_MASTER, earlier, next_copy, version_code
from lims.domain.entries.envelope import Entry, stream_of
from lims.domain.entries.keys import DocumentIssued, SignatureMade
from lims.domain.masters import Version, Versions, fold_versions
from lims.domain.refusals import Refused
from lims.domain.rows import PersonRow
from lims.ledger.open_book import Book
from lims.ledger.read_tables import find

ACT = "print_blank_master"


def issue_blank_master(
    site: Site, actor: Actor, request_id: str, *, code: str, version: str, language: str
) -> IssuedPaper:
    """Print one version, approved or marked as not approved; each version counts its own copies.

    The same request gives the same paper again. Raises Refused when the person may not, or for a version that is not
    on file.
    """
    key = version_code(code, version)
    asked = {"code": code, "version": version, "language": language}
    ask = Ask(
        request_id=request_id,
        act=ACT,
        on=stream_of("documents", key),
        asked=asked,
        read=(stream_of("master", code),),
    )
    if (again := answered(site, actor, request_id)) is not None:
        return paper_of(site, put_on_file(site, actor, ask, again, place=_place), code=key)
    check_may_print(site, actor, act=ACT)
    with site.ledger.reading() as book:
        blank, head, number, before = _blank(site, book, code, version, language=language, by=actor.person)
    content = sealed(
        site,
        print_blank_master(blank),
        record=origin(site),
        title=f"{TITLE} {code} v{version}",
        language=language,
        now=blank.printed_at,
    )
    fact = kept_paper(
        site,
        content,
        paper=BLANK_MASTER,
        language=language,
        copy_number=number,
        made_from=head,
        supersedes=before.sha256 if before else None,
    )

    def place(scene: Scene, issued: tuple[DocumentIssued, ...]) -> tuple[int, DocumentIssued | None]:
        # Approved meanwhile, it must not go out as not approved.
        now = _version(scene.load(stream_of("master", code), Versions), code, version)
        if _head(now) != head:
            raise Refused("request.again")
        return _place(scene, issued)

    return paper_of(site, put_on_file(site, actor, ask, fact, place=place), code=key)


def _place(_: Scene, issued: tuple[DocumentIssued, ...]) -> tuple[int, DocumentIssued | None]:
    return next_copy(BLANK_MASTER, issued)


def _blank(
    site: Site, book: Book, code: str, version: str, *, language: str, by: str
) -> tuple[Blank, Entry, int, DocumentIssued | None]:
    stream, key = stream_of("master", code), version_code(code, version)
    entries = book.entries(stream)
    versions = fold_versions(stream, entries)
    chosen = _version(versions, code, version)
    issued = issued_in(book.entries(stream_of("documents", key)))
    number, before = next_copy(BLANK_MASTER, issued)
    named = earlier(key, issued)
    people = {row.person: row.name for row in find(book, PersonRow)}
    blank = Blank(
        master=master_of(chosen),
        version=chosen,
        in_force=versions.effective.version if versions.effective else None,
        signatures=_signatures(entries),
        people=people,
        language=language,
        kind=site.founded.instance_kind,
        site_name=site.founded.site,
        zone=site.founded.zone,
        printed_by=people[by],
        printed_at=site.clock.now(),
        copy_number=number,
        supersedes=next((item for item in named if before and item.sha256 == before.sha256), None),
    )
    return blank, _head(chosen), number, before


def _version(versions: Versions, code: str, version: str) -> Version:
    found = next((item for item in versions.versions if item.version == version), None)
    if found is None:
        raise Refused("act.unknown_target", sort="master", code=f"{code} {version}")
    return found


def _head(version: Version) -> Entry:
    """The last entry that says something about a version."""
    return version.approved or version.proposed


def _signatures(entries: tuple[Entry, ...]) -> tuple[Manifest, ...]:
    return tuple(manifest(entry, entry.fact) for entry in entries if isinstance(entry.fact, SignatureMade))
