"""How each act of the table is done, with arguments that suit its instance: one row an act."""

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import flowio

from lims.actions import (
    aftercare,
    capa,
    casebook,
    clock,
    culture,
    custody,
    deviations,
    evidence,
    figures,
    instruments,
    machines,
    master_paper,
    masters,
    notices,
    oos,
    outgoing,
    papers,
    people,
    perfusion,
    preparations,
    qc,
    quality_review,
    randomisation,
    recall,
    receipt,
    redaction,
    register,
    release,
    stations,
    storage,
    supply,
    temperature_log,
    trial,
    trial_report,
)
from lims.actions.attaching import Upload
from lims.actions.evidence import Entered
from lims.actions.work import Actor
from lims.authoring.load import load_master_batch_record, load_protocol
from lims.documents.casebook import Case
from lims.domain.acts import Role
from lims.domain.canonical import file_hash
from lims.domain.entries.envelope import Detached
from lims.domain.entries.values import Means
from lims.domain.oos import CHECKS as OOS_CHECKS
from lims.domain.stations import CHECKS
from lims.domain.trial.figures import compose
from lims.domain.trial.outgoing import Made
from lims.queries.casebook import case
from lims.queries.look import Reader
from lims.queries.quality_review import quality_review as period_review
from lims.queries.register import register as year_register
from tests.actions import attempts_follow_up, attempts_screening
from tests.builders import Played
from tests.cast import PERSON_OF
from tests.player.cast import PASSWORD, PIN
from tests.player.stage import TEMPLATES

Attempt = Callable[[Played, Actor, str], object]
"""Does the act on the instance as the actor, under a request id."""


@dataclass(frozen=True)
class Row:
    """An act done at a point of the play; `filed` is the stream whose refusals a refusal joins."""

    point: str
    filed: Callable[[Played], str]
    attempt: Attempt


def _batch(played: Played) -> str:
    return f"batch:{played.batch}"


def _anna(played: Played) -> str:
    return f"participant:{played.anna}"


def _person(name: str) -> Callable[[Played], str]:
    return lambda played: f"person:{name}"


def _stream(name: str) -> Callable[[Played], str]:
    return lambda played: name


def _lot(played: Played) -> str:
    return f"lot:{played.stage.lots['wash_buffer']}"


def _thing(played: Played) -> str:
    return f"equipment:{played.stage.things['centrifuge']}"


def _until(played: Played) -> date:
    return (played.now + timedelta(days=30)).date()


def _a_kid(played: Played) -> str:
    signer = played.stage.signers["tech-b"]
    return signer.kid


def _events() -> bytes:
    """A cytometer's file with two events."""
    target = io.BytesIO()
    flowio.create_fcs(target, [1.0, 2.0, 3.0, 4.0], ["FSC", "SSC"], metadata_dict={"cyt": "Simulated"})
    return target.getvalue()


def some_words(played: Played) -> tuple[str, str]:
    """A stream of the trial and the commitment of a value that lies beside it."""
    enrolled = played.participant().enrolled
    assert enrolled is not None and isinstance(enrolled.name, Detached)
    return f"participant:{played.anna}", enrolled.name.commitment


def new_protocol() -> str:
    """The protocol's text as a version that is not on file."""
    return (TEMPLATES / "PROTOCOL-DNK.yaml").read_text().replace('version: "1"', 'version: "2"', 1)


def new_master() -> str:
    """The master batch record's text as a version that is not on file."""
    return (TEMPLATES / "MBR-DNK-010.yaml").read_text().replace('version: "1"', 'version: "2"', 1)


def _approve_protocol(p: Played, who: Actor, request: str) -> object:
    loaded = load_protocol(new_protocol())
    return masters.approve_protocol(
        p.stage.site,
        who,
        request,
        code=loaded.record.code,
        version="2",
        file_sha256=loaded.file_sha256,
        canonical_sha256=loaded.canonical_sha256,
    )


def _approve_master(p: Played, who: Actor, request: str) -> object:
    loaded = load_master_batch_record(new_master())
    return masters.approve_master(
        p.stage.site,
        who,
        request,
        code=loaded.record.code,
        version="2",
        file_sha256=loaded.file_sha256,
        canonical_sha256=loaded.canonical_sha256,
    )


def made(played: Played) -> Made:
    """A file that was made from the data."""
    return Made(sha256=file_hash(b"tables"), size=6, women=5, taken_at=played.now, sources="ab" * 32)


def case_of(played: Played, who: Actor) -> Case:
    """What the casebook of `anna` is printed from."""
    reader = Reader(person=who.person, roles=frozenset(), language="en", site=played.stage.site)
    return case(reader, played.anna)


SITE: dict[str, Row] = {
    "propose_clock_correction": Row(
        "staffed",
        _stream("system"),
        lambda p, who, request: clock.propose_clock_correction(
            p.stage.site, who, request, reason="The radio clock says the same."
        ),
    ),
    "countersign_clock_correction": Row(
        "staffed",
        _stream("system"),
        lambda p, who, request: clock.countersign_clock_correction(
            p.stage.site, who, request, proposed_seq=1
        ),
    ),
    "add_person": Row(
        "staffed",
        _person("new.person"),
        lambda p, who, request: people.add_person(
            p.stage.site,
            who,
            request,
            user_id="new.person",
            name="New Person",
            identity_checked_by="passport",
        ),
    ),
    "grant_role": Row(
        "staffed",
        _person("qc-b"),
        lambda p, who, request: people.grant_role(
            p.stage.site, who, request, person="qc-b", role=Role.COORDINATOR, until=_until(p)
        ),
    ),
    "end_role": Row(
        "staffed",
        _person("qc-b"),
        lambda p, who, request: people.end_role(
            p.stage.site, who, request, person="qc-b", role=Role.QC_ANALYST, reason_code="moved"
        ),
    ),
    "record_training": Row(
        "staffed",
        _person("tech-b"),
        lambda p, who, request: people.record_training(
            p.stage.site,
            who,
            request,
            person="tech-b",
            subject="X",
            version="1",
            until=_until(p),
            evidence="file",
        ),
    ),
    "delegate_task": Row(
        "staffed",
        _person("clin-b"),
        lambda p, who, request: people.delegate_task(
            p.stage.site, who, request, person="clin-b", task="order_perfusion", until=_until(p)
        ),
    ),
    "set_credentials": Row(
        "staffed",
        _person("tech-a"),
        lambda p, who, request: people.change_password(
            p.stage.site, who, request, password=PASSWORD + " too", pin=PIN
        ),
    ),
    "sign_undertaking": Row(
        "staffed",
        _person("tech-a"),
        lambda p, who, request: people.sign_undertaking(p.stage.site, who, request),
    ),
    "attest_key": Row(
        "staffed",
        _stream("keys"),
        lambda p, who, request: people.attest_key(p.stage.site, who, request, kid=_a_kid(p)),
    ),
    "reset_credentials": Row(
        "staffed",
        _person("tech-b"),
        lambda p, who, request: people.reset_credentials(
            p.stage.site, who, request, person="tech-b", reason_code="forgotten"
        ),
    ),
    "close_person": Row(
        "staffed",
        _person("tech-b"),
        lambda p, who, request: people.close_person(
            p.stage.site, who, request, person="tech-b", reason_code="left"
        ),
    ),
    "end_lock_out": Row(
        "staffed",
        _stream("security:tech-b"),
        lambda p, who, request: people.end_lock_out(
            p.stage.site, who, request, person="tech-b", reason_code="identified"
        ),
    ),
    "register_station": Row(
        "staffed",
        _stream("station:NEW-1"),
        lambda p, who, request: people.register_station(
            p.stage.site, who, request, code="NEW-1", name="New", room="R", setting="lab"
        ),
    ),
    "clear_line": Row(
        "staffed",
        _stream("station:BSC-2"),
        lambda p, who, request: stations.clear_line(
            p.stage.site,
            who,
            request,
            station="BSC-2",
            cleared="",
            following=p.batch,
            checks=tuple(CHECKS),
            witness=p.actor("tech-b" if who.person == "tech-a" else "tech-a"),
        ),
    ),
    "propose_protocol": Row(
        "staffed",
        _stream("study"),
        lambda p, who, request: masters.propose_protocol(p.stage.site, who, request, text=new_protocol()),
    ),
    "approve_protocol": Row("staffed", _stream("study"), _approve_protocol),
    "propose_master": Row(
        "staffed",
        _stream("master:MBR-DNK-010"),
        lambda p, who, request: masters.propose_master(p.stage.site, who, request, text=new_master()),
    ),
    "approve_master": Row("staffed", _stream("master:MBR-DNK-010"), _approve_master),
    "propose_redaction": Row(
        "staffed",
        _anna,
        lambda p, who, request: redaction.propose_redaction(
            p.stage.site,
            who,
            request,
            stream=some_words(p)[0],
            commitment=some_words(p)[1],
            reason_code="law",
        ),
    ),
    "countersign_redaction": Row(
        "staffed",
        _anna,
        lambda p, who, request: redaction.countersign_redaction(
            p.stage.site, who, request, stream=some_words(p)[0], proposed_seq=1, reason_code="law"
        ),
    ),
}

SUPPLY: dict[str, Row] = {
    "receive_lot": Row(
        "staffed",
        _stream("lot:"),
        lambda p, who, request: supply.receive_lot(
            p.stage.site,
            who,
            request,
            item="wash_buffer",
            supplier="S",
            supplier_lot="L-9",
            expires=_until(p),
            quantity="10",
            unit="mL",
        ),
    ),
    "release_lot": Row(
        "staffed",
        _lot,
        lambda p, who, request: supply.release_lot(
            p.stage.site, who, request, lot=p.stage.lots["wash_buffer"], certificate="CoA"
        ),
    ),
    "prepare_lot": Row(
        "staffed",
        _stream("lot:"),
        lambda p, who, request: preparations.prepare_lot(
            p.stage.site,
            who,
            request,
            recipe="wash_buffer",
            lots={"saline": p.stage.lots["wash_buffer"], "hsa": p.stage.lots["medium_a"]},
            amounts={"saline": "475", "hsa": "25"},
        ),
    ),
    "check_preparation": Row(
        "staffed",
        _lot,
        lambda p, who, request: preparations.check_preparation(
            p.stage.site, who, request, lot=p.stage.lots["wash_buffer"]
        ),
    ),
    "open_container": Row(
        "staffed",
        _lot,
        lambda p, who, request: supply.open_container(
            p.stage.site, who, request, lot=p.stage.lots["wash_buffer"]
        ),
    ),
    "count_stock": Row(
        "staffed",
        _lot,
        lambda p, who, request: supply.count_stock(
            p.stage.site,
            who,
            request,
            lot=p.stage.lots["wash_buffer"],
            counted="12",
            reason_code="spilled",
        ),
    ),
    "reject_lot": Row(
        "staffed",
        _lot,
        lambda p, who, request: recall.reject_lot(
            p.stage.site, who, request, lot=p.stage.lots["wash_buffer"], reason_code="damaged"
        ),
    ),
    "recall_lot": Row(
        "staffed",
        _lot,
        lambda p, who, request: recall.recall_lot(
            p.stage.site, who, request, lot=p.stage.lots["wash_buffer"], reference="R-1"
        ),
    ),
    "register_equipment": Row(
        "staffed",
        _stream("equipment:"),
        lambda p, who, request: machines.register_equipment(
            p.stage.site, who, request, equipment_class="centrifuge", name="CF-9", room="R"
        ),
    ),
    "record_calibration": Row(
        "staffed",
        _thing,
        lambda p, who, request: machines.record_calibration(
            p.stage.site,
            who,
            request,
            equipment=p.stage.things["centrifuge"],
            passed=True,
            until=_until(p),
            certificate="C-1",
        ),
    ),
    "record_cleaning": Row(
        "staffed",
        _thing,
        lambda p, who, request: machines.record_cleaning(
            p.stage.site, who, request, equipment=p.stage.things["centrifuge"], procedure="SOP-CL-4"
        ),
    ),
    "withdraw_equipment": Row(
        "staffed",
        _thing,
        lambda p, who, request: machines.withdraw_equipment(
            p.stage.site, who, request, equipment=p.stage.things["centrifuge"], reason_code="broken"
        ),
    ),
}


def _print_trial_report(p: Played, who: Actor, request: str) -> object:
    found = compose(
        (), load_protocol(new_protocol()).record, on=p.now.date(), locked=False, by_arm=False, may=False
    )
    return trial_report.issue_trial_report(p.stage.site, who, request, found=found, language="en")


def _print_quality_review(p: Played, who: Actor, request: str) -> object:
    reader = Reader(site=p.stage.site, person=who.person, roles=frozenset(), language="en")
    found = period_review(reader, date(2026, 1, 1), date(2026, 12, 31))
    return quality_review.issue_quality_review(p.stage.site, who, request, found=found, language="en")


def _print_register(p: Played, who: Actor, request: str) -> object:
    found = year_register(Reader(site=p.stage.site, person=who.person, roles=frozenset(), language="en"))
    return register.issue_register(p.stage.site, who, request, found=found, language="en")


FIGURES: dict[str, Row] = {
    "see_by_arm": Row(
        "staffed",
        _stream("figures"),
        lambda p, who, request: figures.see_by_arm(p.stage.site, who, request),
    ),
    "lock_trial": Row(
        "staffed",
        _stream("figures"),
        lambda p, who, request: figures.lock_trial(p.stage.site, who, request),
    ),
    "print_quality_review": Row("staffed", _stream("documents:2026-01-01-2026-12-31"), _print_quality_review),
    "print_register": Row("staffed", _stream("documents:register-2026"), _print_register),
    "print_trial_report": Row("staffed", _stream("documents:PROTOCOL-DNK"), _print_trial_report),
}

TRIAL: dict[str, Row] = {
    "enrol_participant": Row(
        "staffed",
        _stream("participant:DNK-006"),
        lambda p, who, request: trial.enrol_participant(
            p.stage.site, who, request, name="Demo 演示", birth_date=date(1990, 1, 1), hospital_number="D-9"
        ),
    ),
    "see_identity": Row(
        "staffed",
        lambda p: f"looks:{p.anna}",
        lambda p, who, request: trial.see_identity(p.stage.site, who, request, participant=p.anna),
    ),
    "record_consent": Row(
        "staffed",
        _anna,
        lambda p, who, request: trial.give_consent(
            p.stage.site,
            who,
            request,
            participant=p.anna,
            form_version="3",
            scopes=("treatment",),
            signed_on=p.now.date(),
        ),
    ),
    "withdraw_consent": Row(
        "staffed",
        _anna,
        lambda p, who, request: trial.withdraw_consent(
            p.stage.site, who, request, participant=p.anna, scopes=("treatment",), reason="asked"
        ),
    ),
    "record_allocation": Row(
        "staffed",
        lambda played: f"participant:{played.unallocated}",
        lambda p, who, request: trial.record_allocation(
            p.stage.site,
            who,
            request,
            participant=p.unallocated,
            arm="perfusion",
            source="list",
            reference="R-9",
            allocated_at=p.now,
        ),
    ),
    "open_randomisation": Row(
        "staffed",
        _stream("randomisation"),
        lambda p, who, request: randomisation.open_randomisation(p.stage.site, who, request),
    ),
    "import_allocation_list": Row(
        "staffed",
        _stream("randomisation"),
        lambda p, who, request: randomisation.import_allocation_list(
            p.stage.site, who, request, text="arm\nperfusion\ncontrol\n"
        ),
    ),
    "randomise": Row(
        "staffed",
        lambda played: f"participant:{played.unallocated}",
        lambda p, who, request: randomisation.randomise(
            p.stage.site, who, request, participant=p.unallocated
        ),
    ),
    "mark_randomised_in_error": Row(
        "staffed",
        _anna,
        lambda p, who, request: randomisation.mark_randomised_in_error(
            p.stage.site, who, request, participant=p.anna, reason="Age was outside the protocol."
        ),
    ),
    "close_randomisation": Row(
        "staffed",
        _stream("randomisation"),
        lambda p, who, request: randomisation.close_randomisation(p.stage.site, who, request),
    ),
    "raise_query": Row(
        "staffed",
        _anna,
        lambda p, who, request: outgoing.raise_query(
            p.stage.site,
            who,
            request,
            participant=p.anna,
            place="participants.consented_on",
            question="Is this the first form?",
        ),
    ),
    "answer_query": Row(
        "staffed",
        _anna,
        lambda p, who, request: outgoing.answer_query(
            p.stage.site, who, request, participant=p.anna, number=1, answer="Yes."
        ),
    ),
    "close_query": Row(
        "staffed",
        _anna,
        lambda p, who, request: outgoing.close_query(
            p.stage.site, who, request, participant=p.anna, number=1
        ),
    ),
    "export_data": Row(
        "staffed",
        _stream("outgoing"),
        lambda p, who, request: outgoing.export_data(p.stage.site, who, request, form="csv", made=made(p)),
    ),
    "freeze_data": Row(
        "staffed",
        _stream("outgoing"),
        lambda p, who, request: outgoing.freeze_data(
            p.stage.site,
            who,
            request,
            content=b"tables",
            made=made(p),
            purpose="interim analysis",
            open_queries=0,
        ),
    ),
    "issue_wristband": Row(
        "staffed",
        _anna,
        lambda p, who, request: trial.put_on_wristband(
            p.stage.site,
            who,
            request,
            participant=p.anna,
            identity_document="passport",
            witness=p.actor("clin-b" if who.person == "clin-a" else "clin-a"),
        ),
    ),
    "scan_wristband": Row(
        "staffed",
        _anna,
        lambda p, who, request: trial.scan_wristband(
            p.stage.site, who, request, participant=p.anna, code=p.stage.things["centrifuge"]
        ),
    ),
    "void_wristband": Row(
        "staffed",
        _anna,
        lambda p, who, request: trial.void_wristband(
            p.stage.site, who, request, participant=p.anna, reason="Torn."
        ),
    ),
    "order_perfusion": Row(
        "staffed",
        _anna,
        lambda p, who, request: trial.order_perfusion(
            p.stage.site, who, request, participant=p.anna, number=1, planned_at=p.now, ward="Ward 3"
        ),
    ),
    "issue_batch": Row(
        "staffed",
        _anna,
        lambda p, who, request: receipt.issue_batch(
            p.stage.site, who, request, participant=p.anna, round_number=1, master="MBR-DNK-010"
        ),
    ),
}

BENCH: dict[str, Row] = {
    "record_evidence": Row(
        "counting",
        _batch,
        lambda p, who, request: evidence.record_evidence(
            p.stage.site,
            who,
            request,
            batch=p.batch,
            step="count",
            slot="pool",
            entered=Entered(counts=(("152", "8"), ("148", "6")), dilution="20"),
        ),
    ),
    "correct_evidence": Row(
        "counting",
        _batch,
        lambda p, who, request: evidence.correct_evidence(
            p.stage.site,
            who,
            request,
            batch=p.batch,
            step="count",
            slot="volume",
            replaces_seq=p.record().slots["count", "volume"].last.seq,
            reason_code="typing",
            entered=Entered(raw="10.5"),
        ),
    ),
    "witness_step": Row(
        "filling",
        _batch,
        lambda p, who, request: _witness(p, who, request),
    ),
    "add_operation": Row(
        "counting",
        _batch,
        lambda p, who, request: culture.add_operation(
            p.stage.site,
            who,
            request,
            batch=p.batch,
            operation="look_again",
            reason="A second look was asked for.",
        ),
    ),
    "confirm_step": Row(
        "counting",
        _batch,
        lambda p, who, request: culture.confirm_step(p.stage.site, who, request, batch=p.batch, step="count"),
    ),
    "verify_step": Row(
        "seeded",
        _batch,
        lambda p, who, request: culture.verify_step(
            p.stage.site,
            who,
            request,
            batch=p.batch,
            step="seed",
            seen_seq=p.record().steps["seed"].last_seq,
        ),
    ),
    "send_step_back": Row(
        "seeded",
        _batch,
        lambda p, who, request: culture.send_step_back(
            p.stage.site, who, request, batch=p.batch, step="seed", reason="The volume reads otherwise."
        ),
    ),
    "print_labels": Row(
        "filling",
        _batch,
        lambda p, who, request: culture.print_labels(
            p.stage.site, who, request, batch=p.batch, step="fill", slot="labels"
        ),
    ),
    "account_label": Row(
        "seeded",
        _batch,
        lambda p, who, request: culture.account_label(
            p.stage.site,
            who,
            request,
            batch=p.batch,
            step="seed",
            slot="labels",
            serial=next(iter(p.record().labels)),
            fate="destroyed",
        ),
    ),
    "open_deviation": Row(
        "counting",
        _batch,
        lambda p, who, request: deviations.open_deviation(
            p.stage.site, who, request, batch=p.batch, step="count", text="The lamp flickered twice."
        ),
    ),
    "explain_deviation": Row(
        "counting",
        _batch,
        lambda p, who, request: deviations.explain_deviation(
            p.stage.site,
            who,
            request,
            batch=p.batch,
            number=f"{p.batch}-1",
            happened="It fell.",
            did="Took it up.",
            go_on="go_on",
        ),
    ),
    "decide_deviation": Row(
        "counting",
        _batch,
        lambda p, who, request: deviations.decide_deviation(
            p.stage.site,
            who,
            request,
            batch=p.batch,
            number=f"{p.batch}-1",
            severity="minor",
            decision="accepted",
            impact="None.",
        ),
    ),
    "offer_custody": Row(
        "counting",
        _batch,
        lambda p, who, request: custody.offer_custody(
            p.stage.site,
            who,
            request,
            batch=p.batch,
            container=p.container("vessel"),
            to_role="technician",
            to_place="Room 2",
            condition="good",
        ),
    ),
    "take_custody": Row(
        "counting",
        _batch,
        lambda p, who, request: custody.take_custody(
            p.stage.site,
            who,
            request,
            batch=p.batch,
            scanned=p.container("vessel"),
            means=Means.SCANNED,
            condition="good",
        ),
    ),
    "refuse_custody": Row(
        "counting",
        _batch,
        lambda p, who, request: custody.refuse_custody(
            p.stage.site, who, request, batch=p.batch, container=p.container("vessel"), reason="Wet."
        ),
    ),
    "record_temperature_log": Row(
        "counting",
        _batch,
        lambda p, who, request: temperature_log.record_temperature_log(
            p.stage.site,
            who,
            request,
            batch=p.batch,
            offered_seq=1,
            logger=p.container("vessel"),
            model="comma_utc",
            upload=Upload(name="log.csv", content=b"Time,Temperature (C)\n"),
        ),
    ),
    "keep_flow_file": Row(
        "counting",
        _batch,
        lambda p, who, request: instruments.keep_flow_file(
            p.stage.site,
            who,
            request,
            batch=p.batch,
            test="identity",
            instrument=p.stage.things["centrifuge"],
            upload=Upload(name="events.fcs", content=_events()),
        ),
    ),
    "take_results_file": Row(
        "counting",
        _thing,
        lambda p, who, request: instruments.take_results_file(
            p.stage.site,
            who,
            request,
            instrument=p.stage.things["centrifuge"],
            model="cell_counter",
            upload=Upload(name="run.csv", content=b"Sample ID,Viability (%)\nnobody,91.5\n"),
        ),
    ),
    "settle_file_line": Row(
        "counting",
        _thing,
        lambda p, who, request: instruments.dismiss_file_line(
            p.stage.site,
            who,
            request,
            instrument=p.stage.things["centrifuge"],
            taken_seq=1,
            line=2,
            test="viability",
            reason="A control.",
        ),
    ),
    "put_into_storage": Row(
        "counting",
        _batch,
        lambda p, who, request: storage.put_into_storage(
            p.stage.site,
            who,
            request,
            batch=p.batch,
            container=p.container("vessel"),
            means=Means.SCANNED,
            position=p.stage.things["incubator"],
            position_means=Means.SCANNED,
        ),
    ),
    "take_from_storage": Row(
        "counting",
        _batch,
        lambda p, who, request: storage.take_from_storage(
            p.stage.site,
            who,
            request,
            batch=p.batch,
            container=p.container("vessel"),
            means=Means.SCANNED,
            position=p.container("vessel"),
            position_means=Means.SCANNED,
        ),
    ),
    "annotate": Row(
        "closed",
        _batch,
        lambda p, who, request: release.annotate(
            p.stage.site, who, request, batch=p.batch, text="Seen by the monitor."
        ),
    ),
    "issue_document": Row(
        "closed",
        lambda played: f"documents:{played.batch}",
        lambda p, who, request: papers.issue_paper(p.stage.site, who, request, batch=p.batch, language="en"),
    ),
    "print_casebook": Row(
        "closed",
        lambda played: f"documents:{played.anna}",
        lambda p, who, request: casebook.issue_casebook(
            p.stage.site, who, request, case=case_of(p, who), language="en"
        ),
    ),
    "print_blank_master": Row(
        "closed",
        lambda played: "documents:MBR-DNK-010/1",
        lambda p, who, request: master_paper.issue_blank_master(
            p.stage.site, who, request, code="MBR-DNK-010", version="1", language="en"
        ),
    ),
}

CAPA: dict[str, Row] = {
    "investigate_deviation": Row(
        "counting",
        _batch,
        lambda p, who, request: capa.investigate_deviation(
            p.stage.site,
            who,
            request,
            batch=p.batch,
            number=f"{p.batch}-1",
            impact_on="nothing",
            impact="None.",
            cause="equipment",
            root_cause="A worn catch.",
        ),
    ),
    "close_deviation": Row(
        "counting",
        _batch,
        lambda p, who, request: capa.close_deviation(
            p.stage.site, who, request, batch=p.batch, number=f"{p.batch}-1", conclusion="Done."
        ),
    ),
    "open_capa": Row(
        "counting",
        lambda p: "capas",
        lambda p, who, request: capa.open_capa(
            p.stage.site,
            who,
            request,
            deviations=(f"{p.batch}-1",),
            action="corrective",
            description="Replace the catch.",
            owner=PERSON_OF[Role.TECHNICIAN],
            due=date(2099, 1, 1),
            criterion="No open door.",
            check_on=date(2099, 2, 1),
        ),
    ),
    "finish_capa": Row(
        "counting",
        lambda p: "capas",
        lambda p, who, request: capa.finish_capa(
            p.stage.site, who, request, number="CAPA-2026-0001", done="Replaced."
        ),
    ),
    "verify_capa": Row(
        "counting",
        lambda p: "capas",
        lambda p, who, request: capa.verify_capa(
            p.stage.site, who, request, number="CAPA-2026-0001", agreed=True, finding="Seen."
        ),
    ),
    "check_effectiveness": Row(
        "counting",
        lambda p: "capas",
        lambda p, who, request: capa.check_effectiveness(
            p.stage.site, who, request, number="CAPA-2026-0001", effective=True, finding="No open door."
        ),
    ),
}

QUALITY: dict[str, Row] = {
    "receive_sample": Row(
        "made",
        _batch,
        lambda p, who, request: qc.receive_sample(
            p.stage.site, who, request, batch=p.batch, code=p.container("qc_final"), means=Means.SCANNED
        ),
    ),
    "enter_result": Row(
        "released",
        _batch,
        lambda p, who, request: qc.enter_result(
            p.stage.site, who, request, batch=p.batch, test="sterility_b", option="no_growth"
        ),
    ),
    "review_result": Row(
        "released",
        _batch,
        lambda p, who, request: qc.review_result(
            p.stage.site, who, request, batch=p.batch, test="sterility_b", agreed=True
        ),
    ),
    "acknowledge_notice": Row(
        "perfused",
        _batch,
        lambda p, who, request: notices.acknowledge_notice(
            p.stage.site, who, request, batch=p.batch, notice=f"{p.batch}-N1"
        ),
    ),
    "acknowledge_as_investigator": Row(
        "perfused",
        _batch,
        lambda p, who, request: notices.acknowledge_as_investigator(
            p.stage.site, who, request, batch=p.batch, notice=f"{p.batch}-N2"
        ),
    ),
    "examine_oos": Row(
        "perfused",
        _batch,
        lambda p, who, request: oos.examine_oos(
            p.stage.site,
            who,
            request,
            batch=p.batch,
            number=f"{p.batch}-1",
            checks=dict.fromkeys(OOS_CHECKS, "in_order"),
            findings="Nothing.",
        ),
    ),
    "judge_oos": Row(
        "perfused",
        _batch,
        lambda p, who, request: oos.judge_oos(
            p.stage.site, who, request, batch=p.batch, number=f"{p.batch}-1", decision="confirmed", why="So."
        ),
    ),
    "report_organism": Row(
        "perfused",
        _batch,
        lambda p, who, request: qc.report_organism(
            p.stage.site, who, request, batch=p.batch, test="sterility_b", news="gram", finding="Cocci."
        ),
    ),
    "place_hold": Row(
        "tested",
        _batch,
        lambda p, who, request: release.place_hold(
            p.stage.site, who, request, batch=p.batch, reason_code="question"
        ),
    ),
    "lift_hold": Row(
        "tested",
        _batch,
        lambda p, who, request: release.lift_hold(
            p.stage.site, who, request, batch=p.batch, placed_seq=1, reason="Answered."
        ),
    ),
    "review_record": Row(
        "tested",
        _batch,
        lambda p, who, request: release.review_record(
            p.stage.site, who, request, batch=p.batch, seen_seq=p.record().seq
        ),
    ),
    "release_conditionally": Row(
        "reviewed",
        _batch,
        lambda p, who, request: release.release_conditionally(
            p.stage.site, who, request, batch=p.batch, seen_seq=p.record().seq
        ),
    ),
    "reject_batch": Row(
        "tested",
        _batch,
        lambda p, who, request: release.reject_batch(
            p.stage.site, who, request, batch=p.batch, reason="Not fit."
        ),
    ),
    "terminate_batch": Row(
        "tested",
        _batch,
        lambda p, who, request: release.terminate_batch(
            p.stage.site, who, request, batch=p.batch, reason_code="participant_withdrew"
        ),
    ),
    "dispose_finally": Row(
        "waiting",
        _batch,
        lambda p, who, request: release.dispose_finally(
            p.stage.site, who, request, batch=p.batch, disposition="conforming"
        ),
    ),
    "close_record": Row(
        "disposed",
        _batch,
        lambda p, who, request: release.close_record(p.stage.site, who, request, batch=p.batch),
    ),
}

BEDSIDE: dict[str, Row] = {
    "match_identity": Row(
        "delivered",
        _batch,
        lambda p, who, request: perfusion.match_identity(
            p.stage.site,
            who,
            request,
            batch=p.batch,
            legs=p.legs(),
            patient_stated=True,
            checks=p.checks(),
            appearance="normal",
        ),
    ),
    "report_mismatch": Row(
        "delivered",
        _batch,
        lambda p, who, request: perfusion.report_mismatch(
            p.stage.site, who, request, batch=p.batch, legs=p.legs()
        ),
    ),
    "confirm_identity": Row(
        "matched",
        _batch,
        lambda p, who, request: perfusion.confirm_identity(
            p.stage.site, who, request, batch=p.batch, legs=p.legs()
        ),
    ),
    "record_perfusion": Row(
        "confirmed",
        _batch,
        lambda p, who, request: perfusion.record_perfusion(
            p.stage.site,
            who,
            request,
            batch=p.batch,
            started_at=p.now,
            ended_at=p.now,
            catheter="C-11",
            given="1.05",
            residual="0.15",
            wasted="0",
            reaction="none",
        ),
    ),
    "end_observation": Row(
        "perfused",
        _batch,
        lambda p, who, request: aftercare.end_observation(
            p.stage.site, who, request, batch=p.batch, outcome="well"
        ),
    ),
    "judge_dose": Row(
        "perfused",
        _batch,
        lambda p, who, request: aftercare.judge_dose(
            p.stage.site, who, request, batch=p.batch, decision="stands", reason="As given."
        ),
    ),
    "settle_dose": Row(
        "perfused",
        _batch,
        lambda p, who, request: aftercare.settle_dose(
            p.stage.site, who, request, batch=p.batch, decision="stands", reason="As given."
        ),
    ),
}


def _witness(p: Played, who: Actor, request: str) -> object:
    """A quality officer can stand by as witness but never performs; everybody else is tried as the performer."""
    quality = p.stage.roles[who.person] is Role.QA
    performer, witness = (p.actor("tech-a"), who) if quality else (who, p.actor("tech-b"))
    return evidence.record_evidence(
        p.stage.site, performer, request, batch=p.batch, step="fill", slot="seen", witness=witness
    )


FOLLOW_UP: Mapping[str, Row] = {
    name: Row("staffed", lambda played: f"participant:{played.control}", attempt)
    for name, attempt in attempts_follow_up.ATTEMPTS.items()
}

SCREENING: Mapping[str, Row] = {
    name: Row("staffed", lambda played: f"participant:{played.unallocated}", attempt)
    for name, attempt in attempts_screening.ATTEMPTS.items()
}

ATTEMPTS: Mapping[str, Row] = (
    SITE | SUPPLY | TRIAL | FOLLOW_UP | SCREENING | FIGURES | BENCH | CAPA | QUALITY | BEDSIDE
)

SYSTEM_ACTS = frozenset(
    {
        "found_instance",
        "switch_clock",
        "make_checkpoint",
        "make_backup",
        "restore_backup",
        "watch_hold_time",
        "watch_expiry",
        "watch_handover",
        "watch_notice",
        "deliver_mail",
        "plan_follow_up",
        "note_secret",
    }
)
"""Done by the system itself; no person's role allows one."""

CREATE = ("lot:", "equipment:")
"""Acts that make a thing under a fresh code: its refusals stream has a fresh name as well."""
