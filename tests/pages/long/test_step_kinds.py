"""A step with branches, photos, files, labels of several containers; a milestone; a step of the other house."""

import io
import re
from collections.abc import Callable
from html import unescape
from uuid import uuid4

import pytest
from werkzeug.test import TestResponse

from lims.domain.entries.values import Attached, Branched
from lims.ledger.files import Files
from tests.long.play import LOGGER_FILE, PICTURE, SPLIT, TURBID, png
from tests.pages.long.conftest import Served
from tests.player.cast import PIN

At = Callable[[str], Served]
HTMX = {"HX-Request": "true"}


def base(served: Served, step: str) -> str:
    return f"/batches/{served.number}/steps/{step}"


def post(
    served: Served, path: str, *, by: str = "tech-a", plain: bool = False, **data: object
) -> TestResponse:
    sent = {"request_id": uuid4().hex, **data}
    headers = {} if plain else HTMX
    return served.by(by).post(path, data=sent, headers=headers, content_type="multipart/form-data")


def picture(content: bytes = PICTURE, name: str = "well 2.png") -> tuple[io.BytesIO, str]:
    return io.BytesIO(content), name


def words_of(page: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


def test_a_branch_says_what_follows_each_way_before_it_is_chosen(reading: At) -> None:
    served = reading("looking")
    page = words_of(served.by("tech-a").get(base(served, "look_d8") + "?slot=culture").text)
    assert (
        "Turbid or changed colour then: Gram stain of the turbid culture, day 8 · a deviation opens" in page
    )
    assert "Clear goes on without a further step" in page


def test_the_way_that_was_chosen_leads_to_its_own_step(writing: At) -> None:
    served = writing("looking")
    assert post(served, base(served, "look_d8") + "/record/confluence", value="50").status_code == 200
    answer = post(served, base(served, "look_d8") + "/record/culture", value="turbid")
    assert answer.status_code == 200, answer.text
    value = served.long.record.value("look_d8", "culture")
    assert isinstance(value, Branched) and value.way == "turbid"
    assert served.long.record.step("gram_d8") is not None


def test_what_is_not_required_does_not_stand_in_the_way(reading: At) -> None:
    served = reading("looking")
    page = served.by("tech-a").get(base(served, "look_d8")).text
    assert re.findall(r'<li id="slot-([a-z]+)" class="b-slot-now">', page) == ["confluence"]


def test_no_way_chosen_is_told_at_the_slot(writing: At) -> None:
    served = writing("looking")
    before = served.long.record.seq
    answer = post(served, base(served, "look_d8") + "/record/culture", value="")
    assert answer.status_code == 422
    assert "b-error" in answer.text
    assert served.long.record.seq == before


def test_a_computed_branch_shows_its_value_and_the_limit_that_decided(reading: At) -> None:
    served = reading("looking")
    page = words_of(served.by("tech-a").get(base(served, SPLIT)).text)
    assert "limit > 120.0 mL · 130.0 mL Divide Computed" in page


def test_a_way_can_be_corrected_and_its_empty_steps_are_asked_for_no_more(writing: At) -> None:
    served = writing("looking")
    post(served, base(served, "look_d8") + "/record/culture", value="turbid")
    seq = served.long.record.slots["look_d8", "culture"].last.seq
    answer = post(
        served,
        base(served, "look_d8") + "/correct/culture",
        value="clear",
        replaces_seq=str(seq),
        reason_code="wrong_field",
        pin=PIN,
    )
    assert answer.status_code == 200, answer.text
    assert served.long.record.step("gram_d8") is None


def test_a_step_on_a_way_that_was_not_taken_says_so(reading: At) -> None:
    served = reading("looking")
    page = words_of(served.by("tech-a").get(base(served, "gram_d3")).text)
    assert "Not asked for" in page
    assert "In step 26, Culture, the batch took the way “Clear”." in page
    assert "Record" not in page.split("Not asked for")[1].split("Go to the step")[0]


def test_a_step_behind_an_open_branch_says_what_decides_it(reading: At) -> None:
    served = reading("looking")
    page = words_of(served.by("tech-a").get(base(served, "gram_d9")).text)
    assert "is asked for only on the way “Turbid or changed colour”" in page


def test_a_photo_is_recorded_without_scripts_and_shown(writing: At) -> None:
    """A plain multipart form, as a browser without JavaScript sends it."""
    served = writing("looking")
    answer = post(served, base(served, "look_d8") + "/record/picture", plain=True, file=picture())
    assert answer.status_code == 303, answer.text
    assert isinstance(served.long.record.value("look_d8", "picture"), Attached)
    page = served.by("tech-a").get(base(served, "look_d8")).text
    assert re.search(r'<img src="/batches/\d+/files/[0-9a-f]{64}"', page)
    assert "well 2.png" in page


def test_an_upload_without_the_pages_token_is_refused(life: object, reading: At) -> None:
    served = Served(reading("looking").long, csrf=True)
    before = served.long.record.seq
    client = served.app.test_client()
    token = re.search(r'name="csrf-token" content="([^"]+)"', client.get("/sign-in").text)
    assert token
    from tests.player.cast import PASSWORD

    client.post("/sign-in", data={"user_id": "tech-a", "password": PASSWORD, "csrf_token": token[1]})
    url = base(served, "look_d8") + "/record/picture"
    answer = client.post(url, data={"file": picture()}, content_type="multipart/form-data")
    assert answer.status_code == 400
    assert served.long.record.seq == before


@pytest.mark.parametrize(
    ("content", "name", "says"),
    [
        (b"", "nothing.png", "No file came with the form."),
        (b"GIF89a....", "moving.gif", "A file of this kind cannot be kept here: gif."),
        (b"%PDF-1.7", "paper.png", "A file of this kind cannot be kept here: png."),
        (b"\x89PNG\r\n\x1a\n" + b"0" * 20_000_000, "large.png", "The file has 20.0 MB; 20 MB is the most."),
    ],
)
def test_a_photo_that_cannot_be_kept_is_told_at_its_field(
    writing: At, content: bytes, name: str, says: str
) -> None:
    served = writing("looking")
    before = served.long.record.seq
    answer = post(served, base(served, "look_d8") + "/record/picture", file=picture(content, name))
    assert answer.status_code == 422
    assert says in words_of(answer.text)
    assert served.long.record.seq == before


def test_what_is_larger_than_any_request_is_refused_by_the_server(writing: At) -> None:
    served = writing("looking")
    answer = post(served, base(served, "look_d8") + "/record/picture", file=picture(b"0" * (33 << 20)))
    assert answer.status_code == 413


def test_a_photo_is_corrected_and_the_first_one_stays(writing: At) -> None:
    served = writing("looking")
    url = base(served, TURBID)
    seq = served.long.record.slots[TURBID, "picture"].last.seq
    told = {"replaces_seq": str(seq), "pin": PIN, "file": picture(png(shade=7))}
    without = post(served, url + "/correct/picture", **told)
    assert without.status_code == 422
    told["file"] = picture(png(shade=7))
    made = post(served, url + "/correct/picture", **told, reason_code="wrong_field")
    assert made.status_code == 200, made.text
    found = re.findall(r"files/([0-9a-f]{64})", served.by("tech-a").get(url).text)
    assert len(set(found)) == 2


def _first_file(served: Served, step: str) -> str:
    found = re.search(r"/batches/\d+/files/[0-9a-f]{64}", served.by("tech-a").get(base(served, step)).text)
    assert found
    return found[0]


def test_an_attached_picture_is_shown_and_runs_nothing(reading: At) -> None:
    served = reading("looking")
    answer = served.by("inspector").get(_first_file(served, TURBID))
    assert answer.status_code == 200
    assert answer.data == PICTURE
    assert answer.headers["Content-Type"] == "image/png"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert not answer.headers["Content-Disposition"].startswith("attachment")


def test_an_attached_file_that_is_no_picture_is_only_to_be_kept(reading: At) -> None:
    served = reading("looking")
    page = served.by("tech-a").get(base(served, "papers")).text
    paths = list(dict.fromkeys(re.findall(r"/batches/\d+/files/[0-9a-f]{64}", page)))
    answers = [served.by("tech-a").get(path) for path in paths]
    kept = next(answer for answer in answers if answer.data == LOGGER_FILE)
    assert kept.headers["Content-Disposition"].startswith("attachment")
    assert kept.headers["X-Content-Type-Options"] == "nosniff"


def test_an_attached_file_is_for_those_who_may_read_the_batch(reading: At) -> None:
    served = reading("looking")
    path = _first_file(served, TURBID)
    assert served.app.test_client().get(path).status_code == 303
    elsewhere = path.replace(f"/batches/{served.number}/", "/batches/9999/")
    assert served.by("tech-a").get(elsewhere).status_code == 404
    assert served.by("tech-a").get(path[:-64] + "0" * 64).status_code == 404


def test_a_file_that_another_record_keeps_is_not_given_away_under_this_batch(writing: At) -> None:
    """Knowing a hash is not enough: an entry of this batch must name it."""
    served = writing("looking")
    sha256 = Files(served.long.stage.site.ledger.files).put(b"somebody else's paper")
    answer = served.by("tech-a").get(f"/batches/{served.number}/files/{sha256}")
    assert answer.status_code == 404
    assert b"somebody" not in answer.data


def test_labels_of_several_containers_are_printed_together_and_again_for_one(writing: At) -> None:
    served = writing("labels")
    url = base(served, "seed") + "/labels/labels/print"
    page = words_of(served.by("tech-a").get(base(served, "seed")).text)
    assert "2 copies for each of 2 containers" in page
    assert "Print 4 labels" in page
    printed = post(served, url)
    assert printed.status_code == 200, printed.text
    assert "Culture vessel 1/2" in printed.text and "Culture vessel 2/2" in printed.text
    assert len(served.long.record.labels) == 4
    unsaid = post(served, url, reason_code="damaged")
    assert unsaid.status_code == 422
    vessels = [code for code, item in served.long.record.containers.items() if item.container == "vessel"]
    again = post(served, url, reason_code="damaged", container=vessels[1])
    assert again.status_code == 200, again.text
    assert [label.container for label in served.long.record.labels.values()].count(vessels[1]) == 3


def test_a_milestone_says_what_brings_it_about_and_links_there(reading: At) -> None:
    served = reading("made")
    page = served.by("qc-a").get(base(served, "samples_in")).text
    assert "QC receives every sample that was taken." in page
    assert 'href="/qc/"' in page
    other = words_of(served.by("tech-a").get(base(served, "samples_in")).text)
    assert "Waits for another act" in other
    assert "Open samples" not in other


def test_a_milestone_that_was_reached_says_who_and_when(reading: At) -> None:
    served = reading("looking")
    page = words_of(served.by("tech-a").get(base(served, "is_issued")).text)
    assert "Quality issues the batch. QA officer B, 2026-11-02 08:20 +08:00 entry 1" in page


def test_a_milestone_takes_no_evidence_and_no_confirmation(writing: At) -> None:
    served = writing("made")
    answer = post(served, base(served, "samples_in") + "/confirm")
    assert answer.status_code == 409
    assert "is done by another act" in answer.text


def test_a_step_of_the_clinic_waits_for_the_clinic(reading: At) -> None:
    served = reading("clinic")
    bench = words_of(served.by("tech-a").get(base(served, "prepare")).text)
    assert "This step waits for the clinic." in bench
    assert "Record" not in bench
    clinic = words_of(served.by("clin-a").get(base(served, "prepare")).text)
    assert "Record" in clinic


def test_a_step_of_the_laboratory_waits_for_the_laboratory(reading: At) -> None:
    served = reading("looking")
    page = words_of(served.by("clin-a").get(base(served, "look_d8")).text)
    assert "This step waits for the laboratory." in page


def test_the_clinician_records_and_confirms_the_clinics_step(writing: At) -> None:
    served = writing("clinic")
    url = base(served, "prepare")
    assert post(served, url + "/record/well", by="clin-a", value="yes_fit").status_code == 200
    assert post(served, url + "/record/temperature", by="clin-a", value="36.6").status_code == 200
    shown = re.search(r'name="shown" value="([^"]+)"', served.by("clin-a").get(url).text)
    assert shown
    done = post(served, url + "/confirm", by="clin-a", pin=PIN, shown=shown[1])
    assert done.status_code == 303, done.text
    assert served.long.record.is_confirmed("prepare")


def test_a_technicians_hand_does_not_record_for_the_clinic(writing: At) -> None:
    served = writing("clinic")
    answer = post(served, base(served, "prepare") + "/record/well", value="yes_fit")
    assert answer.status_code == 403
    assert "This step is done by another role" in words_of(answer.text)
    assert ("prepare", "well") not in served.long.record.slots


def test_the_checks_of_the_bench_are_not_for_the_clinic(reading: At) -> None:
    served = reading("looking")
    assert "Look at the culture, day 7" in served.by("tech-b").get("/verify").text
    assert "Look at the culture, day 7" not in served.by("clin-a").get("/verify").text


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"operation": "look_again", "reason": "", "pin": PIN}, "reason"),
        ({"operation": "", "reason": "Clumps at the edge.", "pin": PIN}, "no such operation"),
        ({"operation": "look_again", "reason": "Clumps at the edge.", "pin": "000001"}, "PIN"),
    ],
)
def test_an_operation_needs_a_choice_a_reason_and_a_pin(
    writing: At, given: dict[str, str], says: str
) -> None:
    served = writing("looking")
    before = served.long.record.seq
    answer = post(served, f"/batches/{served.number}/operation", plain=True, **given)
    assert answer.status_code == 422
    assert "b-error" in answer.text
    if given["reason"]:
        assert given["reason"] in answer.text
    assert served.long.record.seq == before
    assert len(served.long.record.operations) == 1


def test_an_added_operation_is_marked_with_its_reason(writing: At) -> None:
    served = writing("looking")
    url = f"/batches/{served.number}/operation"
    told = {"operation": "look_again", "reason": "Clumps at the edge.", "pin": PIN}
    answer = post(served, url, plain=True, **told)
    assert answer.status_code == 303, answer.text
    page = words_of(served.by("tech-a").get(answer.headers["Location"]).text)
    assert "Added operation Clumps at the edge. Technician A" in page
    assert "Step 65a of 113" in page
    assert served.long.record.current is not None
    assert served.long.record.current.code == "look_again_2"


def test_who_may_not_add_an_operation_is_offered_none(reading: At) -> None:
    served = reading("looking")
    assert "/operation" not in served.by("qa-a").get(base(served, "look_d8")).text
    assert served.by("qa-a").get(f"/batches/{served.number}/operation").status_code == 403
