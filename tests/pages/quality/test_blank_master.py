"""The blank print of a master batch record, from its own page."""

import re
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest

from lims.actions import master_paper, masters, secrets
from lims.actions.master_paper import issue_blank_master
from lims.actions.site import Site
from lims.actions.work import Actor
from lims.domain.entries.keys import DocumentIssued
from lims.domain.masters import Version, fold_versions
from lims.domain.refusals import NotAllowed, Refused
from tests.documents.printed import squeezed, text_of
from tests.pages.quality.conftest import Desk, entries_of
from tests.pages.quality.test_papers import actor
from tests.pages.quality.test_papers import print_out as print_batch
from tests.player.cast import PASSWORD

Sit = Callable[[str], Desk]
CODE = "MBR-DNK-010"


def print_out(site: Site, *, who: str = "tech-a", request: str = "r1", version: str = "1") -> bytes:
    person = actor(site, who)
    return issue_blank_master(site, person, request, code=CODE, version=version, language="en").content


def facts_of(site: Site) -> list[DocumentIssued]:
    facts = [entry.fact for entry in entries_of(site, f"documents:{CODE}/1")]
    return [fact for fact in facts if isinstance(fact, DocumentIssued)]


def test_it_is_sealed_and_on_file_with_the_entry_it_was_made_from(site: Site) -> None:
    print_out(site)
    (fact,) = facts_of(site)
    assert (fact.paper, fact.copy_number, fact.supersedes) == ("blank_master", 1, None)
    on_file = entries_of(site, f"master:{CODE}")[fact.head_seq - 1]
    assert (fact.head_stream, fact.head_hash) == (f"master:{CODE}", on_file.hash)
    assert type(on_file.fact).__name__ == "MasterApproved"


def test_a_second_print_supersedes_the_first_by_file_name_and_hash(site: Site) -> None:
    print_out(site)
    text = squeezed(text_of(print_out(site, request="r2")))
    first, second = facts_of(site)
    assert (second.copy_number, second.supersedes) == (2, first.sha256)
    assert f"master-{CODE}-v1-copy-1-en.pdf" in text and first.sha256 in text


def test_the_same_request_gives_the_same_print(site: Site) -> None:
    assert print_out(site) == print_out(site)
    assert len(facts_of(site)) == 1


def test_a_version_that_is_not_on_file_is_refused(site: Site) -> None:
    with pytest.raises(Refused) as refused:
        print_out(site, version="99")
    assert refused.value.rule == "act.unknown_target"


@pytest.mark.parametrize("who", ["qc-a", "clin-a", "admin"])
def test_who_may_not_read_masters_prints_none(site: Site, sit: Sit, who: str) -> None:
    with pytest.raises(NotAllowed):
        print_out(site, who=who)
    assert sit(who).post(f"/masters/{CODE}/blank", version="1", language="en").status_code == 403
    assert facts_of(site) == []


@pytest.mark.parametrize("who", ["tech-a", "qa-a", "coord-a", "inspector"])
def test_who_reads_masters_prints_and_downloads_it(site: Site, sit: Sit, who: str) -> None:
    desk = sit(who)
    assert desk.post(f"/masters/{CODE}/blank", version="1", language="zh_Hans").status_code == 303
    page = desk.get(f"/masters/{CODE}").text
    link = re.search(r'href="(/masters/blank/[0-9a-f]{64}\.pdf)"', page)
    assert link
    paper = desk.get(link[1])
    assert paper.data.startswith(b"%PDF-") and "zh_Hans.pdf" in paper.headers["Content-Disposition"]


def test_the_page_of_blank_prints_gives_no_paper_of_a_batch(site: Site, sit: Sit) -> None:
    """A technician may read masters, but no certificates."""
    print_batch(site, batch="0003")
    fact = next(e.fact for e in entries_of(site, "documents:0003") if isinstance(e.fact, DocumentIssued))
    assert sit("tech-a").get(f"/masters/blank/{fact.sha256}.pdf").status_code == 404


def test_an_unknown_language_is_asked_back(sit: Sit) -> None:
    assert sit("qa-a").post(f"/masters/{CODE}/blank", version="1", language="xx").status_code == 422


def test_it_is_recognised_and_leads_back_to_its_page(site: Site, sit: Sit) -> None:
    content, desk = print_out(site), sit("qa-a")
    fields = {"file": (BytesIO(content), "paper.pdf")}
    page = desk.client.post("/documents/verify", data=fields, content_type="multipart/form-data").text
    assert f"exactly Blank master batch record {CODE} v1, copy 1, the newest" in page
    assert f"/masters/{CODE}?version=1" in page and "NOT INTACT" not in page
    assert f"Blank master batch record {CODE} v1, copy 1" in desk.get("/documents/").text


def signing(site: Site, user_id: str) -> Actor:
    return secrets.signing(site, actor(site, user_id), PASSWORD, user_id=user_id)


def propose_second(site: Site) -> Version:
    stream = f"master:{CODE}"
    text = fold_versions(stream, entries_of(site, stream)).versions[0].text
    text = text.replace('version: "1"', 'version: "2"', 1)
    masters.propose_master(site, signing(site, "qa-a"), "propose", text=text)
    return fold_versions(stream, entries_of(site, stream)).versions[1]


def test_a_proposed_version_prints_as_not_approved_and_the_approved_one_supersedes_it(site: Site) -> None:
    version = propose_second(site)
    early = text_of(print_out(site, version="2"))
    assert early.count("NOT APPROVED") > 5 and "Approved by" in early
    approve(site, version)
    late = squeezed(text_of(print_out(site, version="2", request="r2")))
    assert "NOTAPPROVED" not in late and squeezed(f"master-{CODE}-v2-copy-1-en.pdf") in late
    assert facts_of(site) == []


def approve(site: Site, version: Version) -> None:
    masters.approve_master(
        site,
        signing(site, "qa-b"),
        "approve",
        code=CODE,
        version=version.version,
        file_sha256=version.file_sha256,
        canonical_sha256=version.canonical_sha256,
    )


def test_a_version_approved_while_it_prints_never_goes_out_as_not_approved(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = propose_second(site)
    seal = master_paper.sealed

    def slowly(*args: Any, **kwargs: Any) -> bytes:
        approve(site, version)
        return seal(*args, **kwargs)

    monkeypatch.setattr(master_paper, "sealed", slowly)
    with pytest.raises(Refused) as refused:
        print_out(site, version="2")
    assert refused.value.rule == "request.again"
    assert [e for e in entries_of(site, f"documents:{CODE}/2") if isinstance(e.fact, DocumentIssued)] == []
