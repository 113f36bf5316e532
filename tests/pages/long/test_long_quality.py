"""Audit trail, record as it was, review, master record and zip of a batch of full size."""

import io
import re
import zipfile
from collections.abc import Callable
from html import unescape

import pytest

from lims.actions import release
from lims.documents.verifier import verify_file
from tests.long.play import LOGGER_FILE, PICTURE
from tests.pages.long.conftest import Served

At = Callable[[str], Served]


def words_of(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def trail(served: Served, query: str) -> str:
    return words_of(served.by("qa-a").get(f"/audit/batch/{served.number}?{query}").text)


def test_an_added_operation_is_a_change_and_says_why(reading: At) -> None:
    page = trail(reading("looking"), "view=changes")
    assert (
        "Technician A added the operation Look at the culture again before the next step:"
        " Small floating clumps at the edge of the vessel." in page
    )
    assert "Operation added" in page


def test_evidence_of_an_added_operation_has_its_number(reading: At) -> None:
    page = trail(reading("looking"), "view=all&start=100")
    assert "recorded What was seen, step 27a:" in page


def test_a_branch_and_a_file_are_told_as_what_they_are(reading: At) -> None:
    page = trail(reading("looking"), "view=all&sort=branch&sort=attached")
    assert "recorded Culture, step 34: Turbid or changed colour" in page
    assert re.search(
        r"recorded File of the logger, step 4: logger 1.csv \(1.kB, sha256 [0-9a-f]{12}…\)", page
    )


def test_the_new_kinds_are_told_in_chinese(reading: At) -> None:
    served = reading("looking")
    client = served.by("inspector")
    client.post("/session/language", data={"language": "zh_Hans"})
    page = words_of(client.get(f"/audit/batch/{served.number}?view=all&sort=operation&sort=branch").text)
    client.post("/session/language", data={"language": "en"})
    assert "追加操作" in page and "混浊或变色" in page


def test_the_trail_of_fifteen_hundred_entries_is_paged_and_answered_within_a_second(writing: At) -> None:
    """A long life of a batch: notes beside its four hundred entries; a page draws the newest hundred."""
    served = writing("made")
    stage = served.long.stage
    for at in range(30):
        release.annotate(
            stage.site,
            stage.actor("tech-a"),
            stage.request(),
            batch=served.number,
            step="seed",
            text=f"Note {at} of the shift.",
        )
    _repeat_last(served, 1500 - served.long.record.seq)
    assert served.long.record.seq == 1500
    client = served.by("qa-a")
    for view in ("changes", "people", "all"):
        page = client.get(f"/audit/batch/{served.number}?view={view}").text
        assert page.count('<div class="entry">') + page.count("<summary>") <= 101
    assert "Show earlier entries" in page


def _repeat_last(served: Served, times: int) -> None:
    """Append the last note so often again, in one transaction, as the ledger itself does it."""
    from dataclasses import replace

    from lims.domain.entries.envelope import Authorship, Draft

    site = served.long.stage.site
    stream = f"batch:{served.number}"
    last = served.long.record.entries[-1]
    with site.ledger.writing(write={stream}) as book:
        for at in range(times):
            by = Authorship(
                time=site.clock.now(),
                person=last.person,
                role=last.role,
                station=last.station,
                act=last.act,
                request=replace(last.request, id=f"again-{at}") if last.request else None,
            )
            book.append(Draft(stream=stream, fact=last.fact), by=by)


def test_the_record_as_it_was_is_folded_by_stage_with_the_current_one_open(reading: At) -> None:
    served = reading("made")
    html = served.by("qa-a").get(f"/audit/batch/{served.number}/as-of/150").text
    assert re.findall(r'<details class="b-card b-fold" id="([^"]+)" open>', html) == ["stage-day_4"]
    assert "stage-day_9" not in html
    assert "27a · Look at the culture again" in words_of(html)


def test_the_review_counts_the_steps_that_the_release_waits_for(reading: At) -> None:
    """What comes after the release cannot be done before it, and is not asked of the review."""
    served = reading("made")
    page = words_of(served.by("qa-a").get(f"/quality/{served.number}").text)
    assert "82 steps all complete" in page


def test_a_long_master_record_is_folded_by_stage(reading: At) -> None:
    html = reading("looking").by("qa-a").get("/masters/MBR-LONG-110").text
    assert len(re.findall(r'<details class="b-card b-fold" id="stage-', html)) == 20
    assert "113 · Record closed" in words_of(html)


@pytest.fixture
def packet(reading: At) -> bytes:
    served = reading("made")
    page = served.by("qa-a").get(f"/documents/{served.number}").text
    assert f'href="/documents/{served.number}/record.zip"' in page
    answer = served.by("qa-a").get(f"/documents/{served.number}/record.zip")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    return answer.data


def test_the_records_zip_carries_the_attached_photo_and_file(packet: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(packet)) as archive:
        contents = [archive.read(name) for name in archive.namelist() if name.startswith("files/")]
    assert PICTURE in contents and LOGGER_FILE in contents


def _states(content: bytes) -> dict[str, str]:
    return {check.name: str(check.status) for check in verify_file(content, None).checks}


def test_the_verifier_accepts_the_zip_and_finds_a_changed_photo(packet: bytes) -> None:
    whole = verify_file(packet, None)
    assert all("missing or was changed" not in check.sentence(str) for check in whole.checks)
    into = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(packet)) as archive, zipfile.ZipFile(into, "w") as changed:
        for name in archive.namelist():
            content = archive.read(name)
            changed.writestr(name, content[:-1] + b"x" if content == PICTURE else content)
    told = [check.sentence(str) for check in verify_file(into.getvalue(), None).checks]
    assert any("picture.png is missing or was changed" in text for text in told), told


def test_the_zip_is_for_those_who_may_print(reading: At) -> None:
    served = reading("made")
    assert served.by("tech-a").get(f"/documents/{served.number}/record.zip").status_code == 403
