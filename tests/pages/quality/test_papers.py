"""Sealed papers: printed, fetched, recognised."""

import re
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest

from lims.actions import papers, secrets
from lims.actions.papers import issue_paper
from lims.actions.release import reject_batch
from lims.actions.site import Site
from lims.actions.work import Actor
from lims.documents.findings import State, Verdict
from lims.documents.papers import PAPERS
from lims.documents.seal import read_seal
from lims.documents.verifier import verify_pdf
from lims.domain.canonical import file_hash
from lims.domain.entries.keys import ActRefused, DocumentIssued
from lims.domain.refusals import NotAllowed, Refused
from lims.domain.rows import PersonRow
from lims.ledger.read_tables import find
from tests.documents.printed import squeezed, text_of
from tests.pages.conftest import Demo
from tests.pages.quality.conftest import Desk, batch_of, entries_of
from tests.pages.quality.test_qc import perfused
from tests.player.cast import PASSWORD

Sit = Callable[[str], Desk]


def actor(site: Site, user_id: str) -> Actor:
    with site.ledger.reading() as book:
        return Actor(person=find(book, PersonRow, user_id=user_id)[0].person, station="")


def print_out(
    site: Site,
    *,
    request: str = "r1",
    language: str = "en",
    batch: str = "0001",
    paper: str = "batch_record",
    subject: str = "",
) -> bytes:
    who = actor(site, "qa-b")
    return issue_paper(
        site, who, request, batch=batch, language=language, paper=paper, subject=subject
    ).content


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
        issue_paper(site, actor(site, "tech-a"), "r1", batch="0001", language="en")
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
    assert "exactly Batch record 0001, copy 1, the newest" in ask(sit("tech-a"), print_out(site))


def test_a_superseded_paper_names_the_newer_one(site: Site, sit: Sit) -> None:
    old = print_out(site)
    print_out(site, request="r2")
    assert "Batch record, copy 2, supersedes it." in ask(sit("tech-a"), old)


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


def facts_of(site: Site, batch: str) -> list[DocumentIssued]:
    facts = [entry.fact for entry in entries_of(site, f"documents:{batch}")]
    return [fact for fact in facts if isinstance(fact, DocumentIssued)]


def test_a_certificate_is_sealed_and_on_file_under_its_own_name_and_number(site: Site) -> None:
    content = print_out(site, batch="0003")
    content = print_out(site, batch="0003", paper="conditional_release", request="r2")
    record, certificate = facts_of(site, "0003")
    assert (certificate.paper, certificate.copy_number, certificate.supersedes) == (
        "conditional_release",
        1,
        None,
    )
    assert certificate.sha256 == file_hash(content) != record.sha256
    head = entries_of(site, "batch:0003")[-1]
    assert (certificate.head_stream, certificate.head_seq, certificate.head_hash) == (
        "batch:0003",
        head.seq,
        head.hash,
    )
    certificate_pem = site.keys.seal_certificate
    read = read_seal(content, certificate_pem)
    assert read.intact and read.whole_file and read.changes_forbidden


def test_the_final_certificate_supersedes_the_conditional_one_by_its_hash(site: Site) -> None:
    print_out(site, paper="conditional_release")
    content = print_out(site, paper="final_release", request="r2")
    conditional, final = facts_of(site, "0001")
    assert (final.copy_number, final.supersedes) == (1, conditional.sha256)
    assert conditional.sha256 in squeezed(text_of(content))


def test_the_conditional_certificate_can_still_be_printed_after_and_says_what_replaced_it(site: Site) -> None:
    print_out(site, paper="conditional_release")
    print_out(site, paper="final_release", request="r2")
    late = print_out(site, paper="conditional_release", request="r3")
    first, final, second = facts_of(site, "0001")
    assert (second.copy_number, second.supersedes) == (2, first.sha256)
    text = squeezed(text_of(late))
    assert "SUPERSEDED" in text and final.sha256 in text and first.sha256 in text


@pytest.mark.parametrize(
    ("batch", "paper", "rule"),
    [
        ("0004", "conditional_release", "paper.not_released"),
        ("0002", "final_release", "paper.not_disposed"),
        ("0007", "analysis", "paper.no_result"),
    ],
)
def test_a_paper_before_its_moment_is_refused_and_the_refusal_is_on_file(
    site: Site, batch: str, paper: str, rule: str
) -> None:
    with pytest.raises(Refused) as refused:
        print_out(site, batch=batch, paper=paper)
    assert refused.value.rule == rule
    assert facts_of(site, batch) == []
    filed = entries_of(site, f"documents:{batch}!refusals")[-1].fact
    assert isinstance(filed, ActRefused) and filed.rule == rule


def test_a_rejected_batch_prints_no_release_certificate_and_says_why(site: Site, sit: Sit) -> None:
    quality = secrets.signing(site, actor(site, "qa-b"), PASSWORD, user_id="qa-b")
    reject_batch(site, quality, "reject", batch="0003", reason="Torn bag.")
    with pytest.raises(Refused) as refused:
        print_out(site, batch="0003", paper="conditional_release")
    assert refused.value.rule == "paper.ended"
    page = sit("qa-b").get("/documents/0003").text
    assert "it never gets a release certificate" in page
    assert print_out(site, batch="0003", request="r2").startswith(b"%PDF-")


def test_what_changes_between_printing_and_the_lock_counts(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A release certificate that is being rendered while quality rejects the batch never goes out."""
    quality = secrets.signing(site, actor(site, "qa-b"), PASSWORD, user_id="qa-b")
    seal = papers.sealed

    def slowly(*args: Any, **kwargs: Any) -> bytes:
        reject_batch(site, quality, "reject", batch="0003", reason="Torn bag.")
        return seal(*args, **kwargs)

    monkeypatch.setattr(papers, "sealed", slowly)
    with pytest.raises(Refused) as refused:
        print_out(site, batch="0003", paper="conditional_release")
    assert refused.value.rule == "paper.ended"
    assert facts_of(site, "0003") == []


def test_there_are_only_papers_of_the_table(site: Site, sit: Sit) -> None:
    with pytest.raises(Refused) as refused:
        print_out(site, paper="diploma")
    assert refused.value.rule == "paper.unknown"
    assert sit("qa-b").post("/documents/0001", language="en", paper="diploma").status_code == 422


def test_the_page_prints_the_paper_that_was_chosen(site: Site, sit: Sit) -> None:
    desk = sit("coord-a")
    assert desk.post("/documents/0003", language="zh_Hans", paper="custody").status_code == 303
    (fact,) = facts_of(site, "0003")
    assert (fact.paper, fact.language) == ("custody", "zh_Hans")
    name = desk.get(f"/documents/file/{fact.sha256}").headers["Content-Disposition"]
    assert "batch-0003-custody-copy-1-zh_Hans.pdf" in name


def test_the_page_shows_every_sort_of_paper_and_why_one_cannot_be_printed(site: Site, sit: Sit) -> None:
    page = sit("qa-a").get("/documents/0004?paper=analysis").text
    for paper in PAPERS.values():
        assert (paper.title in page) == bool(paper.subjects_of(batch_of(site, "0004")))
    assert "The batch is not released, so there is no release certificate." in page
    assert re.search(r'value="conditional_release" disabled', page)
    assert re.search(r'value="analysis" checked', page)


def test_the_page_shows_the_older_paper_as_superseded(site: Site, sit: Sit) -> None:
    print_out(site, paper="conditional_release")
    print_out(site, paper="final_release", request="r2")
    print_out(site, request="r3")
    print_out(site, request="r4")
    page = sit("qa-a").get("/documents/0001").text
    assert "superseded by the final release certificate, copy 1" in page
    assert "superseded by copy 2" in page


def test_a_certificate_is_recognised_and_told_apart_from_a_record(site: Site, sit: Sit) -> None:
    page = ask(sit("tech-a"), print_out(site, batch="0003", paper="conditional_release"))
    assert "exactly Conditional release certificate 0003, copy 1, the newest" in page
    assert "its last page says against what to hold it" in page and "NOT INTACT" not in page
    assert "a paper under this site's seal" in page and "The PDF has exactly one seal" in page


def test_every_sort_of_paper_is_proved_with_the_server_switched_off(site: Site, sit: Sit, demo: Demo) -> None:
    """The file and the site's code are enough, with a record inside and without (21 CFR 11.10(b))."""
    grown = perfused(site)
    sit("qc-a").identify(f"/qc/{grown}/sterility_b", option="growth")
    printable = [paper for paper in PAPERS.values() if not paper.unmet(batch_of(site, "0001"))]
    assert {paper.kind for paper in PAPERS.values()} - {paper.kind for paper in printable} == {
        "collection_form"
    }
    for paper in printable:
        number = next(each for each in ("0001", grown) if paper.subjects_of(batch_of(site, each)))
        about = paper.subjects_of(batch_of(site, number))[0]
        content = print_out(site, batch=number, paper=paper.kind, subject=about, request=paper.kind)
        found = verify_pdf(content, demo.code)
        assert found.verdict is Verdict.INTACT, (paper.kind, found.checks)
        assert (found.state is State.PAPER) == (not paper.holds_record)


def test_a_certificate_that_a_final_one_ended_is_recognised_as_superseded(site: Site, sit: Sit) -> None:
    old = print_out(site, paper="conditional_release")
    print_out(site, paper="final_release", request="r2")
    assert "Final release certificate, copy 1, supersedes it." in ask(sit("tech-a"), old)


def test_a_changed_certificate_is_unknown(site: Site, sit: Sit) -> None:
    content = print_out(site, batch="0003", paper="conditional_release")
    page = ask(sit("tech-a"), content.replace(b"/Title", b"/Titel", 1))
    assert "Unknown: no paper with exactly these bytes was issued here." in page and "NOT INTACT" in page


def test_the_custody_page_leads_to_its_report_for_who_may_print(sit: Sit) -> None:
    assert "/documents/0003?paper=custody" in sit("qa-a").get("/batches/0003/custody").text
    assert "/documents/0003?paper=custody" not in sit("tech-a").get("/batches/0003/custody").text
