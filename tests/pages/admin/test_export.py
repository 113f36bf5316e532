"""Data for statistics through the pages: nobody's name in any file, what went out on file, questions and answers."""

import json
from collections.abc import Callable
from hashlib import sha256
from io import BytesIO
from zipfile import ZipFile

import pytest

from lims.actions.site import Site
from lims.domain.entries.outgoing import DataExported, DataFrozen
from tests.pages.admin.test_trial import WHO, enrol
from tests.pages.quality.conftest import Desk, entries_of

Sit = Callable[[str], Desk]


def unpacked(content: bytes) -> str:
    """Every text in a file, also inside of zips."""
    if not content.startswith(b"PK"):
        return content.decode("utf-8", "ignore")
    with ZipFile(BytesIO(content)) as archive:
        return "".join(name + unpacked(archive.read(name)) for name in archive.namelist())


@pytest.mark.parametrize("form", ["csv", "xlsx", "odm"])
def test_an_export_goes_out_and_is_on_file(site: Site, sit: Sit, form: str) -> None:
    code = enrol(sit)
    answer = sit("stat-a").identify("/data/export", form=form)
    assert answer.status_code == 200
    fact = entries_of(site, "outgoing")[-1].fact
    assert isinstance(fact, DataExported)
    assert (fact.form, fact.sha256) == (form, sha256(answer.data).hexdigest())
    told = unpacked(answer.data)
    assert code in told
    assert not [value for value in WHO.values() if value in told]


def test_no_identity_code_or_free_text_of_anybody_is_in_a_file(site: Site, sit: Sit) -> None:
    """Pseudonymised: everything that lies beside the chain, every label code and every member of staff stays here."""
    told = unpacked(sit("stat-a").identify("/data/export", form="csv").data)
    with site.ledger.reading() as book:
        rows = book.connection.exec_driver_sql("SELECT value FROM detached WHERE value IS NOT NULL")
        beside = {row[0] for row in rows if len(row[0]) > 5}
        codes = {row[0] for row in book.connection.exec_driver_sql("SELECT code FROM codes")}
        staff = {row[0] for row in book.connection.exec_driver_sql("SELECT name FROM people")}
    assert beside and codes and staff
    assert not [value for value in beside | codes | staff if value in told]


def test_a_freeze_is_downloaded_as_it_was_kept(site: Site, sit: Sit) -> None:
    desk = sit("stat-a")
    assert desk.sign("/data/freeze", purpose="Interim analysis one").status_code == 303
    fact = entries_of(site, "outgoing")[0].fact
    assert isinstance(fact, DataFrozen)
    assert fact.sha256 in desk.get("/data").text and "Interim analysis one" in desk.get("/data").text
    enrol(sit)
    kept = desk.get("/data/freeze/1.zip")
    assert sha256(kept.data).hexdigest() == fact.sha256
    with ZipFile(BytesIO(kept.data)) as archive:
        assert json.loads(archive.read("manifest.json"))["sources"] == fact.sources


@pytest.mark.parametrize("user_id", ["coord-a", "clin-a", "tech-a", "admin"])
def test_who_enrols_or_treats_gets_no_data_by_arm(sit: Sit, user_id: str) -> None:
    """screens 2.18: no comparison by arm for who enrols or treats."""
    desk = sit(user_id)
    assert desk.get("/data").status_code == 403
    assert desk.identify("/data/export", form="csv").status_code == 403
    assert desk.get("/data/freeze/1.zip").status_code == 403


@pytest.mark.parametrize("user_id", ["qa-a", "inspector"])
def test_until_lock_the_page_says_why_nothing_goes_out(sit: Sit, user_id: str) -> None:
    """ICH E9 4.5: the tables tell outcomes by arm."""
    sit("stat-a").sign("/data/freeze", purpose="Interim analysis one")
    desk = sit(user_id)
    page = desk.get("/data").text
    assert "form-freeze_data" not in page and "/data/freeze/1.zip" not in page
    assert desk.get("/data/freeze/1.zip").status_code == 403
    assert desk.identify("/data/export", form="csv").status_code == 403


def test_a_form_that_is_not_chosen_is_said_at_its_field(site: Site, sit: Sit) -> None:
    answer = sit("stat-a").identify("/data/export", form="")
    assert answer.status_code == 422 and "export_data-form-error" in answer.text
    assert not entries_of(site, "outgoing")


def test_there_is_no_freeze_that_nobody_made(sit: Sit) -> None:
    assert sit("stat-a").get("/data/freeze/9.zip").status_code == 404


def test_the_dictionary_is_for_everybody_who_works_with_participants(sit: Sit) -> None:
    assert "participants" in sit("coord-a").get("/data/dictionary.csv").text


def test_a_question_goes_to_the_clinic_and_back(sit: Sit) -> None:
    code, quality, clinic = enrol(sit), sit("qa-a"), sit("coord-a")
    page = f"/participants/{code}/queries"
    asked = quality.post(page, place="participants.consented_on", question="Which form was signed?")
    assert asked.headers["Location"] == f"{page}/1"
    assert f"{page}/1" in clinic.get("/queries").text
    assert "Which form was signed?" in clinic.get(f"{page}/1").text
    assert clinic.identify(f"{page}/1/answer_query", answer="None yet; corrected.").status_code == 303
    assert "None yet; corrected." in quality.get(f"{page}/1").text
    assert quality.identify(f"{page}/1/close_query").status_code == 303
    assert f"{page}/1" not in quality.get("/queries").text
    assert f"{page}/1" in quality.get("/queries?all=yes").text


def test_a_question_without_words_keeps_what_was_chosen(sit: Sit) -> None:
    page = f"/participants/{enrol(sit)}/queries"
    answer = sit("qa-a").post(page, place="participants.consented_on", question="")
    assert answer.status_code == 422
    assert 'value="participants.consented_on" selected' in answer.text


def test_a_question_that_is_not_there_is_not_found(sit: Sit) -> None:
    assert sit("qa-a").get(f"/participants/{enrol(sit)}/queries/3").status_code == 404
