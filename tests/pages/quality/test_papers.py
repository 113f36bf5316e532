"""Sealed papers: printed, fetched, recognised."""

import re
from collections.abc import Callable
from io import BytesIO

import pytest

from lims.actions.papers import issue_record
from lims.actions.site import Site
from lims.actions.work import Actor
from lims.documents.findings import Verdict
from lims.documents.verifier import verify_pdf
from lims.domain.entries.keys import DocumentIssued
from lims.domain.refusals import NotAllowed
from lims.domain.rows import PersonRow
from lims.ledger.read_tables import find
from tests.pages.conftest import Demo
from tests.pages.quality.conftest import Desk, entries_of

Sit = Callable[[str], Desk]


def actor(site: Site, user_id: str) -> Actor:
    with site.ledger.reading() as book:
        return Actor(person=find(book, PersonRow, user_id=user_id)[0].person, station="")


def print_out(site: Site, *, request: str = "r1", language: str = "en") -> bytes:
    paper = issue_record(site, actor(site, "qa-b"), request, batch="0001", language=language)
    return paper.content


def ask(desk: Desk, content: bytes) -> str:
    fields = {"file": (BytesIO(content), "paper.pdf")}
    return desk.client.post("/documents/verify", data=fields, content_type="multipart/form-data").text


def test_the_paper_proves_itself_with_the_site_code(site: Site, demo: Demo) -> None:
    findings = verify_pdf(print_out(site), demo.code)
    assert findings.verdict is Verdict.INTACT


def test_a_copy_in_chinese_proves_itself_too(site: Site, demo: Demo) -> None:
    assert verify_pdf(print_out(site, language="zh_Hans"), demo.code).verdict is Verdict.INTACT


def test_the_same_request_gives_the_same_paper(site: Site) -> None:
    assert print_out(site) == print_out(site)
    assert len(entries_of(site, "documents:0001")) == 1


def test_a_second_copy_supersedes_the_first(site: Site) -> None:
    print_out(site)
    print_out(site, request="r2")
    first, second = (entry.fact for entry in entries_of(site, "documents:0001"))
    assert isinstance(first, DocumentIssued) and isinstance(second, DocumentIssued)
    assert (second.copy_number, second.supersedes) == (2, first.sha256)


def test_printing_never_moves_the_batch(site: Site) -> None:
    before = entries_of(site, "batch:0001")
    print_out(site)
    assert entries_of(site, "batch:0001") == before


def test_who_may_not_print_gets_nothing_rendered(site: Site) -> None:
    with pytest.raises(NotAllowed):
        issue_record(site, actor(site, "tech-a"), "r1", batch="0001", language="en")
    assert entries_of(site, "documents:0001") == ()


def test_the_page_prints_and_gives_the_same_bytes_back(site: Site, sit: Sit) -> None:
    desk = sit("inspector")
    answer = desk.post("/documents/0004", language="en")
    assert answer.status_code == 303
    sha256 = re.search(r"issued=([0-9a-f]{64})", answer.headers["Location"])
    assert sha256
    paper = desk.get(f"/documents/file/{sha256[1]}")
    assert paper.data.startswith(b"%PDF-") and paper.mimetype == "application/pdf"


def test_the_newest_paper_is_recognised(site: Site, sit: Sit) -> None:
    assert "exactly copy 1 of batch record 0001, the newest" in ask(sit("tech-a"), print_out(site))


def test_a_superseded_paper_names_the_newer_one(site: Site, sit: Sit) -> None:
    old = print_out(site)
    print_out(site, request="r2")
    assert "Copy 2 supersedes it." in ask(sit("tech-a"), old)


def test_a_changed_file_is_unknown_and_not_intact(site: Site, sit: Sit) -> None:
    changed = print_out(site).replace(b"0001", b"0009", 1)
    page = ask(sit("tech-a"), changed)
    assert "Unknown: no paper with exactly these bytes was issued here." in page
    assert "NOT INTACT" in page


def test_a_file_that_is_no_record_is_answered_in_words(sit: Sit) -> None:
    assert "NOT INTACT" in ask(sit("tech-a"), b"no record at all")


def test_no_file_is_asked_for(sit: Sit) -> None:
    answer = sit("tech-a").post("/documents/verify")
    assert answer.status_code == 422 and "Choose a file" in answer.text


def test_the_offline_verifier_can_be_taken_away(sit: Sit) -> None:
    answer = sit("tech-a").get("/documents/verify.html")
    assert answer.headers["Content-Disposition"].startswith("attachment")


def test_the_bench_prints_no_sealed_records(sit: Sit) -> None:
    assert sit("tech-a").post("/documents/0001", language="en").status_code == 403
