"""Break each guard once and see its test go red: `python -m tests.properties.break_guards [part of a name]`.

Not part of the suite: a run a guard. Nothing in the checkout is changed; the altered module is only in memory.
"""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
BENCH, BEDSIDE = "tests/actions/test_refusals_bench.py", "tests/actions/test_refusals_bedside.py"
RELEASE, PEOPLE = "tests/actions/test_refusals_release.py", "tests/actions/test_refusals_people.py"
TRIAL, REQUESTS = "tests/actions/test_refusals_trial.py", "tests/actions/test_requests.py"
MATRIX, FORGERY = "tests/actions/test_role_matrix.py", "tests/attacks/test_forgery.py"
MISMATCH = "tests/actions/test_mismatch.py"
WRISTBAND, AFTERCARE = "tests/rules/test_wristband.py", "tests/rules/test_aftercare.py"
RIGHT_WOMAN = "tests/properties/test_right_woman.py"
DRAW = "tests/journey/test_rehearsals.py::test_a_disaster_comes_out_as_it_says[before-the-draw.yaml]"
BAD, CROWD = "tests/attacks/test_bad_entries.py", "tests/attacks/test_crowd_of_people.py"
OOS = "tests/rules/test_oos.py"
OOS_PLAYED = (
    "tests/journey/test_rehearsals.py::test_a_disaster_comes_out_as_it_says[out-of-specification.yaml]"
)


@dataclass(frozen=True)
class Guard:
    """A guard in the source, what stands there instead, and the test that must notice."""

    module: str
    old: str
    new: str
    test: str


FOLLOWED = (
    ("lims.domain.capa", "    if capa.fact.owner != person:", "    if False:"),
    ("lims.domain.capa", "    if capa.fact.owner == person:", "    if False:"),
    ("lims.domain.capa", "    if now < capa.check_from:", "    if False:"),
    ("lims.domain.capa", "    if wanted.check_on <= wanted.due:", "    if False:"),
    ("lims.domain.investigation", "    if deviation.investigated is None:", "    if False:"),
    ("lims.domain.investigation", "    if waiting:", "    if False:"),
    ("lims.domain.investigation", "    if deviation.opened.person == person and", "    if False and"),
)
"""What follows a deviation; each falls to `tests/actions/test_capa.py`."""

FAULTS = "tests/properties/test_fault_set.py::test_every_planted_fault_appears_with_its_class_and_nothing_else_does"
SEEN = (
    ("lims.domain.exceptions", "        *_refused(batch, around.refusals),", "", "OtherRole"),
    ("lims.domain.exceptions", "        *_unverified(batch),", "", "Unverified"),
    ("lims.domain.exceptions", "        *_beside(batch, around),", "", "ConsentChanged"),
    (
        "lims.domain.exceptions",
        "            if fact.step in verified:",
        "            if False:",
        "VerifiedThenCorrected",
    ),
    ("lims.domain.exceptions", "            times=len(entries),", "", "OutOfOrder"),
    ("lims.domain.exceptions", "            yield Sort.OPERATION", "            pass", "UnplannedOperation"),
    ("lims.domain.exceptions", "        yield Sort.TYPED", "        pass", "Typed"),
    ("lims.domain.exceptions", "        yield Sort.LATE", "        pass", "Late"),
    (
        "lims.domain.culture",
        "    if left := sum(label.step == code and",
        "    if left := sum(False and",
        "LabelsLeftOver",
    ),
)
"""What quality's review must see; each falls to an operator of the fault set."""
LINE = (
    ("lims.domain.stations", "    if station.batch and station.batch != batch.number:", "    if False:"),
    ("lims.domain.stations", "    if person[0] == second[0]:", "    if False:"),
    ("lims.domain.stations", "    if station.batch != cleared:", "    if False:"),
    ("lims.domain.stations", "        if check not in checks:", "        if False:"),
    ("lims.actions.stations", "        if actor.station != station:", "        if False:"),
    ("lims.domain.culture", "    if wanted not in found:", "    if False:"),
)
"""Line clearance; each falls to `tests/actions/test_line_clearance.py`."""
BESIDE = Guard(
    "lims.actions.release",
    "            if beside != digest_beside(",
    "            if False and beside != digest_beside(",
    "tests/pages/quality/test_review.py",
)

WAITED_FOR = (
    ("lims.domain.release", "        *_unmet_custody(batch),", ""),
    ("lims.domain.release", "        *_unmet_shelf_life(batch, now=now),", ""),
    (
        "lims.domain.release",
        "    for check in (check_consent, check_arm, _check_rounds):",
        "    for check in ():",
    ),
    ("lims.domain.release", '        reasons.append(Reason(rule="release.review"))', "        pass"),
    ("lims.domain.release_conditions", ', "round.reopened"', ""),
)
"""What a conditional release waits for; each falls to `tests/properties/test_release_subsets.py`."""

SWAP = (
    ("lims.queries.swap", "day=day.isoformat())} - {batch.number}", ")} - {batch.number}"),
    ("lims.queries.swap", "if when == day]", "]"),
    ("lims.domain.handled", "in_hand = rule in IDENTITY", "in_hand = False"),
    ("lims.domain.handled", "entry.time.astimezone(zone).date(), entry", "entry.time.date(), entry"),
)
"""The search for the other half of a swap; each falls to `tests/actions/test_swap_search.py`."""

I6 = (
    ("lims.domain.perfusion", "if scanned[leg] and scanned[leg] != wanted[leg])", "if False)"),
    ("lims.domain.perfusion", "    if not patient_stated:", "    if False:"),
    ("lims.domain.perfusion", "        if not code:", "        if False:"),
    ("lims.domain.perfusion", "    if legs.wristband_means is Means.TYPED:", "    if False:"),
    ("lims.domain.perfusion", "(legs.product_means, legs.order_means) and typed is None:", "() and False:"),
    ("lims.domain.perfusion", "    if batch.matched.person == person:", "    if False:"),
    ("lims.domain.perfusion", "        if not option.acceptable:", "        if False:"),
    ("lims.domain.perfusion", '    if appearance != "normal":', "    if False:"),
    ("lims.domain.perfusion", "    if started_at > matched.valid_until:", "    if False:"),
    ("lims.domain.perfusion", "expiry is None or started_at >= expiry:", "expiry is None:"),
    (
        "lims.domain.perfusion",
        "    if not batch.confirmed.time <= started_at <= ended_at <= now:",
        "    if False:",
    ),
    ("lims.domain.perfusion", "    _check_still_here(batch, started_at=started_at)", "    pass"),
    ("lims.domain.perfusion", "    check_not_pregnant(participant.screening)", "    pass"),
    (
        "lims.domain.perfusion",
        "    check_consent(participant, batch.protocol)\n    check_steps_before",
        "    check_steps_before",
    ),
    (
        "lims.domain.perfusion",
        "    _check_unchanged(batch, participant, matched)\n    check_consent",
        "    check_consent",
    ),
    ("lims.domain.wristband", "    if participant.wristband is None:", "    if False:"),
    ("lims.actions.authority", "    if batch.on_hold and not act.despite_hold:", "    if False:"),
    ("lims.actions.authority", "    if act.needs_delegation and not person", "    if False and not person"),
    (
        "lims.domain.people",
        "if not (held := person.roles_on(today) & act.by):",
        "held = person.roles_on(today)\n    if not held:",
    ),
)
"""For each part of I6 that one guard alone holds: where it is, and what stands there instead."""

GUARDS = (
    *(Guard(module, old, new, RIGHT_WOMAN) for module, old, new in I6),
    *(Guard(module, old, new, "tests/actions/test_capa.py") for module, old, new in FOLLOWED),
    *(Guard(module, old, new, "tests/properties/test_release_subsets.py") for module, old, new in WAITED_FOR),
    *(Guard(module, old, new, "tests/actions/test_swap_search.py") for module, old, new in SWAP),
    BESIDE,
    *(Guard(module, old, new, "tests/actions/test_line_clearance.py") for module, old, new in LINE),
    *(Guard(module, old, new, f"{FAULTS}[{operator}]") for module, old, new, operator in SEEN),
    Guard(
        "lims.domain.participant",
        "(None, fact.serial) if fact.awaits_scan else (fact.serial, None)",
        "(fact.serial, None)",
        f"{WRISTBAND}::test_a_band_counts_when_it_was_scanned_back",
    ),
    Guard(
        "lims.domain.wristband",
        "    if person == second:",
        "    if False:",
        f"{WRISTBAND}::test_one_person_alone_makes_no_band",
    ),
    Guard(
        "lims.domain.dose_given",
        "    if found != fill:",
        "    if False:",
        f"{AFTERCARE}::test_a_volume_that_is_unaccounted_for_is_refused_at_its_field",
    ),
    Guard(
        "lims.domain.aftercare",
        "    if batch.judged.person == person:",
        "    if False:",
        f"{AFTERCARE}::test_clinician_and_investigator_decide_in_this_order_and_are_two_people",
    ),
    Guard(
        "lims.domain.aftercare",
        "    if now < until:",
        "    if False:",
        f"{AFTERCARE}::test_nobody_is_well_before_the_time_has_passed",
    ),
    Guard(
        "lims.domain.people",
        "if not (held := person.roles_on(today) & act.by):",
        "held = person.roles_on(today)\n    if not held:",
        f"{MATRIX}::test_who_is_not_named_is_refused",
    ),
    Guard(
        "lims.domain.evidence",
        "    check_not_foreign(found)\n    step = _open_step",
        "    step = _open_step",
        f"{TRIAL}::test_a_foreign_tube_is_stopped_even_where_a_slot_is_full",
    ),
    Guard("lims.domain.wristband", "    if code != participant.wristband:", "    if False:", DRAW),
    Guard("lims.domain.wristband", "    if code in participant.void_wristbands:", "    if False:", DRAW),
    Guard(
        "lims.domain.wristband",
        '    if means is Means.TYPED:\n        raise Refused("bedside.typed")',
        "    pass",
        DRAW,
    ),
    Guard(
        "lims.domain.readings",
        "    return Judged.STOP if option.stops else Judged.OUTSIDE",
        "    return Judged.OUTSIDE",
        DRAW,
    ),
    Guard(
        "lims.domain.evidence",
        "    check_qa_first(batch, batch.earlier_than(code))",
        "    pass",
        DRAW.replace("before-the-draw", "positive-found-late"),
    ),
    Guard(
        "lims.domain.culture",
        "    if person in record.performers:",
        "    if False:",
        f"{BENCH}::test_the_performer_does_not_verify",
    ),
    Guard(
        "lims.domain.evidence",
        "    if current is not None and batch.plan.index(current) < batch.plan.index(wanted):",
        "    if False:",
        f"{BENCH}::test_a_step_waits_for_the_one_before",
    ),
    Guard(
        "lims.domain.materials",
        "    if lot.status is not LotStatus.RELEASED:",
        "    if False:",
        f"{TRIAL}::test_nobody_uses_a_recalled_lot",
    ),
    Guard(
        "lims.domain.materials",
        "    if lot.expires < today:",
        "    if False:",
        f"{TRIAL}::test_nobody_uses_an_expired_lot",
    ),
    Guard(
        "lims.domain.materials",
        "    if lot.use_until is not None and lot.use_until < now:",
        "    if False:",
        "tests/actions/test_stock.py::test_the_first_use_opens_a_container_and_its_life_ends_by_itself",
    ),
    Guard(
        "lims.domain.materials",
        "    return replace(lot, left=lot.left - amount + short, short=lot.short + short)",
        "    return replace(lot, left=max(lot.left - amount, Decimal(0)))",
        "tests/actions/test_stock.py::test_nothing_is_lost_between_what_came_and_what_was_taken",
    ),
    Guard(
        "lims.actions.recall",
        "        open_ends += [",
        "        [] or [",
        "tests/attacks/test_recall.py::test_no_preparation_escapes_a_recall",
    ),
    Guard(
        "lims.domain.preparations",
        "    if person == lot.prepared_by:",
        "    if False:",
        "tests/attacks/test_recall.py::test_who_prepared_it_does_not_check_it_and_unchecked_it_is_not_used",
    ),
    Guard(
        "lims.domain.preparations",
        "    check_usable(given.lot,",
        "    dict(lot=given.lot,",
        "tests/attacks/test_recall.py::test_no_preparation_escapes_a_recall",
    ),
    Guard(
        "lims.domain.recall",
        "        if batch.stage in ALIVE:",
        "        if False:",
        "tests/attacks/test_recall.py::test_a_rejected_lot_in_use_holds_its_batches_like_a_recall",
    ),
    Guard(
        "lims.domain.equipment",
        "    if item.occupant is not None and item.occupant.participant != participant:",
        "    if False:",
        "tests/actions/test_equipment.py::test_another_participant_comes_in_only_after_cleaning",
    ),
    Guard(
        "lims.domain.equipment",
        "    for batch in () if passed else batches:",
        "    for batch in ():",
        "tests/actions/test_equipment.py::test_a_failed_calibration_gives_every_batch_since_the_last_good_one_a_deviation",
    ),
    Guard(
        "lims.domain.participant",
        "    if not arm.receives_product:",
        "    if False:",
        f"{TRIAL}::test_no_batch_exists_for_who_may_not_have_one",
    ),
    Guard(
        "lims.domain.perfusion",
        "    if batch.matched.person == person:",
        "    if False:",
        f"{BEDSIDE}::test_one_person_is_not_both",
    ),
    Guard(
        "lims.domain.perfusion",
        "    if expiry is None or now >= expiry:",
        "    if expiry is None:",
        f"{BEDSIDE}::test_expired_by_a_second_is_expired",
    ),
    Guard(
        "lims.actions.perfusion",
        "        if other.stage in ALIVE:\n            drafts +=",
        "        if False:\n            drafts +=",
        f"{BEDSIDE}::test_a_leg_that_is_anothers_stops_and_holds",
    ),
    Guard(
        "lims.domain.perfusion",
        "    return tuple(leg for leg in LEGS if scanned[leg] and scanned[leg] != wanted[leg])",
        "    return ()",
        f"{BEDSIDE}::test_a_leg_that_is_anothers_stops_and_holds",
    ),
    Guard(
        "lims.domain.perfusion",
        "    if not patient_stated:",
        "    if False:",
        f"{BEDSIDE}::test_the_patient_says_who_she_is",
    ),
    Guard(
        "lims.domain.perfusion",
        "    if legs.wristband_means is Means.TYPED:",
        "    if False:",
        f"{BEDSIDE}::test_a_typed_wristband_is_not_taken",
    ),
    Guard(
        "lims.domain.perfusion",
        "(legs.product_means, legs.order_means) and typed is None:",
        "(legs.product_means, legs.order_means) and False:",
        f"{MISMATCH}::test_a_typed_code_is_not_taken_from_one_person_alone",
    ),
    Guard(
        "lims.domain.perfusion",
        "    if differing(batch, participant, seen):",
        "    if False:",
        f"{MISMATCH}::test_a_second_check_does_not_rest_on_a_band_that_is_void_now",
    ),
    Guard(
        "lims.domain.perfusion",
        "    _check_unchanged(batch, participant, matched)\n    check_consent",
        "    check_consent",
        f"{MISMATCH}::test_nothing_is_given_on_a_band_that_is_void_now",
    ),
    Guard(
        "lims.domain.perfusion",
        "        if not option.acceptable:",
        "        if False:",
        f"{BEDSIDE}::test_an_answer_that_forbids_the_perfusion",
    ),
    Guard(
        "lims.domain.perfusion",
        "    if custody is None or custody.offer is not None or Role.CLINICIAN not in holder_roles:",
        "    if False:",
        f"{BEDSIDE}::test_nothing_is_matched_before_the_clinic_has_it",
    ),
    Guard(
        "lims.domain.perfusion",
        "custody is None or custody.offer is not None or",
        "custody is None or",
        f"{MISMATCH}::test_a_product_that_is_being_handed_over_is_not_matched",
    ),
    Guard(
        "lims.domain.perfusion",
        "    if now > matched.valid_until:",
        "    if False:",
        f"{BEDSIDE}::test_a_check_lapses",
    ),
    Guard(
        "lims.domain.perfusion",
        "    if started_at > matched.valid_until:",
        "    if False:",
        f"{BEDSIDE}::test_a_perfusion_that_began_after_the_check_lapsed_is_refused",
    ),
    Guard(
        "lims.domain.perfusion",
        "    if expiry is None or started_at >= expiry:",
        "    if expiry is None:",
        f"{BEDSIDE}::test_a_perfusion_begins_before_expiry",
    ),
    Guard(
        "lims.domain.perfusion",
        "    if matched is None or second is None or batch.matched is None or batch.confirmed is None:",
        "    if matched is None or batch.matched is None:",
        f"{BEDSIDE}::test_one_check_alone_is_not_enough",
    ),
    Guard(
        "lims.domain.perfusion",
        "    check_consent(participant, batch.protocol)\n    check_arm",
        "    check_arm",
        f"{BEDSIDE}::test_who_withdrew_is_not_given_anything",
    ),
    Guard(
        "lims.domain.batch_fold",
        'if fact.reason_code == "identity_mismatch" and self.once.get("perfused") is None:',
        "if False:",
        f"{MISMATCH}::test_a_check_counts_for_nothing_once_its_product_was_seen_elsewhere",
    ),
    Guard(
        "lims.domain.release",
        '    if placed.fact.reason_code != "identity_mismatch":',
        "    if True:",
        f"{MISMATCH}::test_a_mismatch_ends_only_with_evidence",
    ),
    Guard(
        "lims.domain.release",
        '    if proof.finding == "mislabelled" and proof.evidence != "genetic_identity":',
        "    if False:",
        f"{MISMATCH}::test_a_wrong_label_is_cleared_by_a_genetic_result_only",
    ),
    Guard(
        "lims.domain.release",
        "    if deviation is None or deviation.decision is None:",
        "    if deviation is None:",
        f"{MISMATCH}::test_a_mismatch_ends_only_after_its_deviation_is_decided",
    ),
    Guard(
        "lims.domain.release",
        '    if deviation.decision.decision == "rejects_batch":\n        raise Refused("deviation.rejecting"',
        '    if False:\n        raise Refused("deviation.rejecting"',
        f"{MISMATCH}::test_a_mismatch_whose_deviation_rejects_the_batch_never_ends",
    ),
    Guard(
        "lims.domain.release",
        "    if not batch.last_change <= seen_seq <= batch.seq:",
        "    if seen_seq < batch.last_change:",
        f"{RELEASE}::test_a_review_covers_what_was_seen_and_nothing_to_come",
    ),
    Guard(
        "lims.actions.authority",
        "    if act.not_if_took_part and person in batch.took_part:",
        "    if False:",
        f"{RELEASE}::test_who_took_part_does_not_certify",
    ),
    Guard(
        "lims.actions.authority",
        "    if batch.on_hold and not act.despite_hold:",
        "    if False:",
        f"{RELEASE}::test_a_held_batch_is_not_released",
    ),
    Guard(
        "lims.domain.masters",
        "    if waiting.author == person:",
        "    if False:",
        f"{TRIAL}::test_the_author_does_not_approve_their_own_master_record",
    ),
    Guard(
        "lims.domain.qc",
        "    if result.entry.person == person:",
        "    if False:",
        f"{BENCH}::test_nobody_reviews_their_own_result",
    ),
    Guard(
        "lims.actions.work",
        '{"act": self.act, "on": "" if self.makes else self.on} | ',
        "{} | ",
        f"{REQUESTS}::test_a_request_used_for_something_else_is_refused",
    ),
    Guard(
        "lims.actions.work",
        "write={*write, once}",
        "write=write",
        f"{REQUESTS}::test_a_thing_is_made_once_however_often_the_button_is_pressed",
    ),
    Guard(
        "lims.actions.work",
        "        entries = book.answers(ask.witness.person, mark.id)",
        "        pass",
        f"{REQUESTS}::test_a_witnessed_slot_sent_twice_has_one_answer",
    ),
    Guard(
        "lims.actions.work",
        "    if ahead and not despite:",
        "    if False:",
        f"{REQUESTS}::test_acts_stop_when_the_clock_goes_back_and_that_is_on_file",
    ),
    Guard(
        "lims.actions.work",
        "            by = replace(by, time=_time(now, book, late))",
        "            by = replace(by, time=now)",
        f"{REQUESTS}::test_a_recall_reaches_batches_whose_last_entry_is_a_moment_later",
    ),
    Guard(
        "lims.domain.folds",
        "    if person.enrolled is None:\n        return\n",
        "",
        f"{REQUESTS}::test_a_thing_is_made_once_however_often_the_button_is_pressed",
    ),
    Guard(
        "lims.domain.people",
        "        return self.failures >= MOST_FAILURES",
        "        return False",
        f"{PEOPLE}::test_wrong_secrets_are_on_file_and_lock_the_account",
    ),
    Guard(
        "lims.domain.keyring",
        "len(set(self.vouchers)) >= VOUCHERS",
        "len(self.vouchers) >= 1",
        f"{PEOPLE}::test_a_key_that_two_people_did_not_vouch_for_signs_nothing",
    ),
    Guard(
        "lims.actions.people",
        " or folded == SYSTEM",
        "",
        f"{PEOPLE}::test_a_user_id_is_plain_unused_and_not_the_systems",
    ),
    Guard(
        "lims.ledger.database",
        '"secure_delete=ON"',
        '"secure_delete=OFF"',
        f"{FORGERY}::test_every_connection_overwrites_what_it_erases",
    ),
    Guard(
        "lims.ledger.book",
        "                if book.erased:",
        "                if False:",
        f"{FORGERY}::test_what_two_people_redact_is_in_no_byte_of_the_database",
    ),
    Guard(
        "lims.actions.redaction",
        "        if proposed.person == actor.person:",
        "        if False:",
        f"{FORGERY}::test_one_person_alone_redacts_nothing",
    ),
    Guard(
        "lims.domain.oos",
        '    if found.examined.fact.found != "laboratory_error":',
        "    if False:",
        f"{OOS}::test_no_order_of_acts_makes_a_failure_pass_without_quality",
    ),
    Guard(
        "lims.domain.oos",
        "    if not reporting.passes:",
        "    if False:",
        f"{OOS}::test_the_mean_is_reported_and_passes_only_if_it_is_within",
    ),
    Guard(
        "lims.domain.oos",
        "    if phase_of(batch, found) is not Phase.TO_CONCLUDE:",
        "    if False:",
        f"{OOS}::test_a_retest_that_gave_no_result_is_made_again_and_stays_on_file",
    ),
    Guard(
        "lims.domain.qc",
        "    return before.review is not None and gave_nothing and not outside",
        "    return before.review is not None and gave_nothing",
        f"{OOS}::test_a_failing_result_is_not_wiped_by_a_reviewer_who_disagrees",
    ),
    Guard("lims.domain.oos", "    if not retests_left(batch, found):", "    if False:", OOS_PLAYED),
    Guard(
        "lims.domain.oos",
        '    if first_result(batch, found).entry.person == person:\n        raise NotAllowed("oos.same_analyst")',
        "    pass",
        OOS_PLAYED,
    ),
    Guard(
        "lims.domain.computing",
        "*from_yields(after, _changed((*drafts, *added)))",
        "",
        "tests/journey/test_rehearsals.py::test_a_disaster_comes_out_as_it_says[low-yield.yaml]",
    ),
    Guard("lims.domain.deviations", "investigation is not None and not", "False and not", OOS_PLAYED),
    Guard(
        "lims.domain.release",
        "    for investigation in unconcluded(batch):",
        "    for investigation in ():",
        "tests/journey/test_rehearsals.py::test_a_disaster_comes_out_as_it_says[growth-after-perfusion.yaml]",
    ),
    Guard(
        "lims.ledger.verify_keys",
        "    if key.fact.person != entry.person:",
        "    if False:",
        f"{FORGERY}::test_a_colleagues_genuine_key_signs_for_nobody_else",
    ),
    Guard(
        "lims.ledger.verify_keys",
        "stream[seq - 1].hash != head",
        "False",
        f"{FORGERY}::test_a_signature_over_another_content_is_named",
    ),
    Guard(
        "lims.actions.evidence",
        "        if len(entered.raw) > LONGEST_ENTRY:",
        "        if False:",
        f"{BAD}::test_a_value_that_comes_too_late_and_is_too_long_is_not_kept_in_the_refusals",
    ),
    Guard(
        "lims.actions.evidence",
        "        write=(*held, touched) if touched else held,\n        read=(wearer,) if wearer else (),",
        "        write=held, read=(touched,) if touched else (),",
        f"{CROWD}::test_no_batch_escapes_a_recall",
    ),
)


def is_noticed(guard: Guard) -> bool:
    """The named test goes red without the guard."""
    environment = os.environ | {
        "LIMS_BROKEN_MODULE": guard.module,
        "LIMS_GUARD": guard.old,
        "LIMS_INSTEAD": guard.new,
    }
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "tests.properties.broken", guard.test]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300)
    if "has this guard" in done.stdout:
        raise LookupError(f"{guard.module}: the guard reads otherwise now: {guard.old!r}")
    return done.returncode == 1  # a failed test, or a play that could not even begin


def main() -> int:
    """Try every guard; the number of those that nobody noticed. A test that is red anyway proves nothing."""
    part = sys.argv[1] if len(sys.argv) > 1 else ""
    chosen = [guard for guard in GUARDS if part in f"{guard.module} {guard.test}"]
    whole = [sys.executable, "-m", "pytest", "-q", "-n", "2", *dict.fromkeys(guard.test for guard in chosen)]
    if subprocess.run(whole, cwd=ROOT).returncode:
        sys.exit("with every guard in place these tests are not green")
    missed = 0
    with ThreadPoolExecutor(2) as pool:
        for guard, red in zip(chosen, pool.map(is_noticed, chosen), strict=True):
            missed += not red
            name = guard.test.rpartition("::")[2]
            print("red  " if red else "GREEN", guard.module, name, repr(guard.old[:60]), flush=True)
    return missed


if __name__ == "__main__":
    sys.exit(main())
