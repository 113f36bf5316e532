"""The library through the pages: a file is read, handed in by one person, approved by another (21 CFR 211.186(a))."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from re import search

import pytest
from werkzeug.test import TestResponse

from lims.actions.site import Site
from lims.domain.masters import Versions, fold_versions
from tests.pages.quality.conftest import Desk, entries_of

Sit = Callable[[str], Desk]
TEXT = Path("batch_templates/MBR-DNK-010.yaml").read_text(encoding="utf-8")
NEXT = TEXT.replace('version: "1"', 'version: "2"', 1)


def versions(site: Site) -> Versions:
    stream = "master:MBR-DNK-010"
    return fold_versions(stream, entries_of(site, stream))


def read(desk: Desk, text: str) -> TestResponse:
    """Choose a file on the page and have it read."""
    return desk.client.post(
        "/masters/read/propose_master", data={"file": (BytesIO(text.encode()), "MBR-DNK-010.yaml")}
    )


def propose(desk: Desk) -> TestResponse:
    found = search(r'name="content" value="([^"]+)"', read(desk, NEXT).text)
    assert found
    return desk.sign("/masters/propose_master", content=found[1])


def approve(desk: Desk, site: Site, **changed: str) -> TestResponse:
    version = versions(site).versions[-1]
    fields = {
        "version": version.version,
        "file_sha256": version.file_sha256,
        "canonical_sha256": version.canonical_sha256,
    } | changed
    return desk.sign("/masters/MBR-DNK-010/approve_master", **fields)


def test_a_version_is_read_handed_in_and_approved_by_another_person(site: Site, sit: Sit) -> None:
    page = read(sit("qa-a"), NEXT)
    assert page.status_code == 200
    assert "I wrote version 2 of master batch record MBR-DNK-010 and propose it." in page.text
    assert propose(sit("qa-a")).status_code == 303
    assert "Waits for approval" in sit("qa-b").get("/masters").text
    assert approve(sit("qa-b"), site).status_code == 303
    effective = versions(site).effective
    assert effective and effective.version == "2"
    assert effective.text == NEXT


def test_the_author_does_not_approve(site: Site, sit: Sit) -> None:
    propose(sit("qa-a"))
    assert approve(sit("qa-a"), site).status_code == 403
    assert versions(site).versions[-1].approved is None


def test_what_is_approved_is_what_was_shown(site: Site, sit: Sit) -> None:
    propose(sit("qa-a"))
    assert approve(sit("qa-b"), site, canonical_sha256="0" * 64).status_code == 409


def test_every_fault_of_a_file_is_named_by_its_line(site: Site, sit: Sit) -> None:
    at = next(n for n, line in enumerate(NEXT.splitlines(), start=1) if line.startswith("shelf_life_hours"))
    answer = read(sit("qa-a"), NEXT.replace("\nshelf_life_hours", "\nshelf_life_days", 1))
    assert answer.status_code == 422
    assert f"line {at}" in answer.text
    assert len(versions(site).versions) == 1


@pytest.mark.parametrize("content", ["", "no such file", "bm90aGluZw==", "/w=="])
def test_a_damaged_form_is_told_as_a_fault_of_its_file(site: Site, sit: Sit, content: str) -> None:
    answer = sit("qa-a").sign("/masters/propose_master", content=content)
    assert answer.status_code == 422, answer.text
    assert len(versions(site).versions) == 1


def test_a_file_that_is_no_text_is_refused_at_its_line(sit: Sit) -> None:
    desk = sit("qa-a")
    answer = desk.client.post(
        "/masters/read/propose_master", data={"file": (BytesIO(b"code: x\n\xff\xfe"), "x.yaml")}
    )
    assert answer.status_code == 422
    assert "line 2" in answer.text


def test_no_file_says_so(sit: Sit) -> None:
    answer = sit("qa-a").post("/masters/read/propose_master")
    assert answer.status_code == 422
    assert "Choose a file." in answer.text


def test_a_wrong_password_keeps_the_file_and_says_so(site: Site, sit: Sit) -> None:
    desk = sit("qa-a")
    found = search(r'name="content" value="([^"]+)"', read(desk, NEXT).text)
    assert found
    answer = desk.sign("/masters/propose_master", content=found[1], password="not my password")
    assert answer.status_code == 422
    assert found[1] in answer.text
    assert len(versions(site).versions) == 1
