"""The table of acts, to be read first: everything that anybody can do, by whom, to what, when, and how strongly.

Authorisation, signature meanings, buttons, the state diagram in docs/ and the role × act tests are all derived
from this one table. An act that is not here cannot happen.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from lims.domain.master_batch_record import Who


class Role(StrEnum):
    """What a person is appointed to at the site."""

    TECHNICIAN = "technician"
    QC_ANALYST = "qc_analyst"
    QA = "qa"
    CLINICIAN = "clinician"
    COORDINATOR = "coordinator"
    ADMINISTRATOR = "administrator"
    INSPECTOR = "inspector"
    STATISTICIAN = "statistician"
    SYSTEM = "system"


class Stage(StrEnum):
    """Where a batch stands. Hold, open deviations and custody are facts beside the stage, not more stages."""

    ISSUED = "issued"
    IN_PROCESS = "in_process"
    TESTING = "testing"
    RELEASED = "released"
    PERFUSED = "perfused"
    DISPOSED = "disposed"
    CLOSED = "closed"
    REJECTED = "rejected"
    TERMINATED = "terminated"


ALIVE = frozenset({Stage.ISSUED, Stage.IN_PROCESS, Stage.TESTING, Stage.RELEASED})
"""Stages in which the product can still reach its person."""
MADE = frozenset({Stage.ISSUED, Stage.IN_PROCESS})
WORKED = MADE | {Stage.TESTING, Stage.RELEASED, Stage.PERFUSED}
"""Stages in which a step can be done; which one is next, the order of the master batch record says."""
ENDED = frozenset({Stage.PERFUSED, Stage.REJECTED, Stage.TERMINATED})
OPEN = ALIVE | ENDED
ANY = frozenset(Stage)


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One thing that people (or the system's timers) do."""

    name: str
    label: str
    """The words on its button, as a message id."""
    on: str
    """The sort of stream that decides it."""
    by: frozenset[Role]
    who: Who = Who.ATTRIBUTED
    """The least strength; a step of the master batch record can ask for more."""
    meaning: str | None = None
    """What the signature says, as a message id with named places; only for signed acts."""
    in_stages: frozenset[Stage] | None = None
    """For acts on a batch: the stages in which it can happen."""
    despite_hold: bool = False
    """Can happen while the batch is on hold."""
    not_if_took_part: bool = False
    """Refused to anyone who performed or verified a step of this batch."""
    needs_training: bool = False
    needs_delegation: bool = False


T, L, Q, C, K, A, S = (
    Role.TECHNICIAN,
    Role.QC_ANALYST,
    Role.QA,
    Role.CLINICIAN,
    Role.COORDINATOR,
    Role.ADMINISTRATOR,
    Role.STATISTICIAN,
)
EVERYONE = frozenset({T, L, Q, C, K, A, S, Role.INSPECTOR})
STAFF = EVERYONE - {Role.INSPECTOR, S}
"""Who has a part in making, testing, releasing or giving; inspectors and statisticians read."""


def _by(*roles: Role) -> frozenset[Role]:
    return frozenset(roles)


_SITE = (
    Act(name="add_person", label="Add person", on="person", by=_by(A)),
    Act(name="grant_role", label="Grant role", on="person", by=_by(A, Q)),
    Act(name="end_role", label="End role", on="person", by=_by(A, Q)),
    Act(name="record_training", label="Record training", on="person", by=_by(Q)),
    Act(name="delegate_task", label="Delegate", on="person", by=_by(Q, C)),
    Act(name="set_credentials", label="Set password and PIN", on="person", by=EVERYONE),
    Act(
        name="sign_undertaking",
        label="Sign the undertaking",
        on="person",
        by=EVERYONE,
        who=Who.SIGNED,
        meaning="I accept that my electronic signature binds me like my signature by hand.",
    ),
    Act(
        name="attest_key",
        label="Vouch for this key",
        on="keys",
        by=_by(Q, A),
        who=Who.SIGNED,
        meaning="I know {name} in person and vouch that this signing key is theirs.",
    ),
    Act(name="reset_credentials", label="Reset credentials", on="person", by=_by(A)),
    Act(name="close_person", label="Close account", on="person", by=_by(A)),
    Act(name="end_lock_out", label="End lock-out", on="person", by=_by(A, Q)),
    Act(name="register_station", label="Register station", on="station", by=_by(A)),
    Act(name="clear_line", label="Clear the line", on="station", by=_by(T, Q, C), who=Who.IDENTIFIED),
    Act(
        name="propose_protocol",
        label="Propose protocol",
        on="study",
        by=_by(Q, K),
        who=Who.SIGNED,
        meaning="I propose version {version} of study protocol {code}.",
    ),
    Act(
        name="approve_protocol",
        label="Approve protocol",
        on="study",
        by=_by(Q),
        who=Who.SIGNED,
        meaning="I checked and approve version {version} of study protocol {code}.",
    ),
    Act(
        name="propose_master",
        label="Propose master batch record",
        on="master",
        by=_by(Q, T),
        who=Who.SIGNED,
        meaning="I wrote version {version} of master batch record {code} and propose it.",
    ),
    Act(
        name="approve_master",
        label="Approve master batch record",
        on="master",
        by=_by(Q),
        who=Who.SIGNED,
        meaning="I checked version {version} of master batch record {code} independently and approve it.",
    ),
    Act(
        name="propose_redaction",
        label="Propose redaction",
        on="any",
        by=_by(Q, K),
        who=Who.SIGNED,
        meaning="I ask that this value be erased: {reason}.",
    ),
    Act(
        name="countersign_redaction",
        label="Countersign redaction",
        on="any",
        by=_by(Q),
        who=Who.SIGNED,
        meaning="I agree that this value be erased: {reason}.",
    ),
    Act(
        name="propose_clock_correction",
        label="Propose clock correction",
        on="system",
        by=_by(A, Q),
        who=Who.SIGNED,
        meaning="I checked the server's clock against an independent source.",
    ),
    Act(
        name="countersign_clock_correction",
        label="Countersign clock correction",
        on="system",
        by=_by(A, Q),
        who=Who.SIGNED,
        meaning="I confirm that the server's clock is right and acts may go on.",
    ),
)

_SUPPLY = (
    Act(name="receive_lot", label="Receive lot", on="lot", by=_by(T, L, Q)),
    Act(
        name="release_lot",
        label="Release lot",
        on="lot",
        by=_by(Q),
        who=Who.SIGNED,
        meaning="I release lot {lot} of {item} for use.",
    ),
    Act(name="open_container", label="Open container", on="lot", by=_by(T, L, Q)),
    Act(name="count_stock", label="Count stock", on="lot", by=_by(T, L, Q), who=Who.IDENTIFIED),
    Act(name="prepare_lot", label="Prepare", on="lot", by=_by(T, L)),
    Act(
        name="check_preparation",
        label="Check preparation",
        on="lot",
        by=_by(T, L, Q),
        who=Who.IDENTIFIED,
    ),
    Act(name="reject_lot", label="Reject lot", on="lot", by=_by(Q), who=Who.IDENTIFIED),
    Act(
        name="recall_lot",
        label="Recall lot",
        on="lot",
        by=_by(Q),
        who=Who.SIGNED,
        meaning="I recall lot {lot}; every batch that it came into is held.",
    ),
    Act(name="register_equipment", label="Register equipment", on="equipment", by=_by(A, Q)),
    Act(name="record_calibration", label="Record calibration", on="equipment", by=_by(Q)),
    Act(name="record_cleaning", label="Record cleaning", on="equipment", by=_by(T, L, Q)),
    Act(name="withdraw_equipment", label="Withdraw from use", on="equipment", by=_by(Q, T)),
    Act(
        name="take_results_file",
        label="Take in a file of results",
        on="equipment",
        by=_by(L),
        who=Who.IDENTIFIED,
    ),
    Act(
        name="settle_file_line",
        label="Say whose value it is",
        on="equipment",
        by=_by(L),
        who=Who.IDENTIFIED,
    ),
)

_CAPA = (
    Act(name="open_capa", label="Plan action", on="capas", by=_by(Q), who=Who.IDENTIFIED),
    Act(name="finish_capa", label="Record as done", on="capas", by=STAFF, who=Who.IDENTIFIED),
    Act(name="verify_capa", label="Verify action", on="capas", by=_by(Q), who=Who.IDENTIFIED),
    Act(
        name="check_effectiveness",
        label="Sign effectiveness check",
        on="capas",
        by=_by(Q),
        who=Who.SIGNED,
        meaning="I held {number} against the criterion stated when it was planned, and judge it {result}.",
    ),
)
"""Corrective and preventive actions; that only the owner finishes one and never verifies it, `capa.py` decides."""

_TRIAL = (
    Act(name="enrol_participant", label="Enrol participant", on="participant", by=_by(K)),
    Act(name="see_identity", label="Open identity", on="looks", by=_by(K, C)),
    Act(name="record_consent", label="Record consent", on="participant", by=_by(K, C), who=Who.IDENTIFIED),
    Act(
        name="withdraw_consent", label="Withdraw consent", on="participant", by=_by(K, C), who=Who.IDENTIFIED
    ),
    Act(name="pre_screen", label="Record pre-screening", on="participant", by=_by(K, C), who=Who.IDENTIFIED),
    Act(
        name="collect_menstrual_blood",
        label="Record collection",
        on="participant",
        by=_by(K, C),
        who=Who.IDENTIFIED,
    ),
    Act(
        name="analyse_menstrual_blood",
        label="Sign analysis",
        on="participant",
        by=_by(L),
        who=Who.SIGNED,
        meaning="I measured menstrual blood sample {number} of {participant} and vouch for these values.",
    ),
    Act(
        name="miss_menstrual_blood",
        label="Record as not assessable",
        on="participant",
        by=_by(K, C),
        who=Who.IDENTIFIED,
    ),
    Act(
        name="decide_eligibility",
        label="Decide on eligibility",
        on="participant",
        by=_by(C),
        who=Who.SIGNED,
        meaning="I checked {participant} against the study protocol; this decision and its reasons are mine.",
    ),
    Act(
        name="record_pregnancy_test",
        label="Record pregnancy test",
        on="participant",
        by=_by(K, C),
        who=Who.IDENTIFIED,
    ),
    Act(name="plan_round", label="Plan round", on="participant", by=_by(K, C), who=Who.IDENTIFIED),
    Act(name="cancel_round", label="Call off round", on="participant", by=_by(K, C), who=Who.IDENTIFIED),
    Act(name="end_rounds", label="No further round", on="participant", by=_by(C), who=Who.IDENTIFIED),
    Act(
        name="record_protocol_deviation",
        label="Record departure from the protocol",
        on="participant",
        by=_by(K, C, Q),
        who=Who.IDENTIFIED,
    ),
    Act(name="record_allocation", label="Record allocation", on="participant", by=_by(K), who=Who.IDENTIFIED),
    Act(
        name="open_randomisation",
        label="Open randomisation",
        on="randomisation",
        by=_by(Q),
        who=Who.SIGNED,
        meaning="I open randomisation by permuted blocks from a sealed seed. It is opened once for this trial.",
    ),
    Act(
        name="import_allocation_list",
        label="Import allocation list",
        on="randomisation",
        by=_by(Q),
        who=Who.SIGNED,
        meaning="I open randomisation by the list that I hand in, and have shown to nobody who enrols or treats."
        " It is opened once for this trial.",
    ),
    Act(
        name="randomise",
        label="Randomise",
        on="participant",
        by=_by(K),
        who=Who.SIGNED,
        meaning="I checked what is asked of {participant} and randomise her. This cannot be undone.",
    ),
    Act(
        name="mark_randomised_in_error",
        label="Mark as randomised in error",
        on="participant",
        by=_by(K, Q),
        who=Who.IDENTIFIED,
    ),
    Act(
        name="close_randomisation",
        label="Close randomisation",
        on="randomisation",
        by=_by(Q),
        who=Who.SIGNED,
        meaning="Enrolment has ended. I close randomisation for ever, and what was sealed is told to everyone.",
    ),
    Act(name="raise_query", label="Raise query", on="participant", by=_by(Q)),
    Act(name="answer_query", label="Answer query", on="participant", by=_by(K, C), who=Who.IDENTIFIED),
    Act(name="close_query", label="Close query", on="participant", by=_by(Q), who=Who.IDENTIFIED),
    Act(name="export_data", label="Export data", on="outgoing", by=_by(S, Q), who=Who.IDENTIFIED),
    Act(
        name="freeze_data",
        label="Freeze data",
        on="outgoing",
        by=_by(S, Q),
        who=Who.SIGNED,
        meaning="I freeze the trial's data as they stand, under the hash of the file for the statistician.",
    ),
    Act(name="issue_wristband", label="Issue wristband", on="participant", by=_by(C), who=Who.IDENTIFIED),
    Act(name="scan_wristband", label="Scan wristband back", on="participant", by=_by(C)),
    Act(name="void_wristband", label="Void wristband", on="participant", by=_by(C), who=Who.IDENTIFIED),
    Act(
        name="order_perfusion",
        label="Order perfusion",
        on="participant",
        by=_by(C),
        who=Who.SIGNED,
        meaning="I order the perfusion of round {round} for {participant}.",
        needs_delegation=True,
    ),
    Act(name="record_visit", label="Record visit", on="participant", by=_by(K, C), who=Who.IDENTIFIED),
    Act(name="record_contact", label="Record contact", on="participant", by=_by(K, C), who=Who.IDENTIFIED),
    Act(
        name="declare_lost",
        label="Declare lost to follow-up",
        on="participant",
        by=_by(K, C),
        who=Who.IDENTIFIED,
    ),
    Act(
        name="record_conception_attempt",
        label="Record attempt to conceive",
        on="participant",
        by=_by(K, C),
        who=Who.IDENTIFIED,
    ),
    Act(name="find_pregnancy", label="Record pregnancy", on="participant", by=_by(K, C), who=Who.IDENTIFIED),
    Act(
        name="date_pregnancy", label="Date the pregnancy", on="participant", by=_by(K, C), who=Who.IDENTIFIED
    ),
    Act(
        name="record_ultrasound",
        label="Record ultrasound",
        on="participant",
        by=_by(K, C),
        who=Who.IDENTIFIED,
    ),
    Act(
        name="end_pregnancy",
        label="Record outcome of pregnancy",
        on="participant",
        by=_by(K, C),
        who=Who.IDENTIFIED,
    ),
    Act(
        name="record_adverse_event",
        label="Record adverse event",
        on="participant",
        by=_by(K, C),
        who=Who.IDENTIFIED,
    ),
    Act(
        name="follow_adverse_event",
        label="Follow up adverse event",
        on="participant",
        by=_by(K, C),
        who=Who.IDENTIFIED,
    ),
    Act(
        name="report_adverse_event",
        label="Record report",
        on="participant",
        by=_by(K, C),
        who=Who.IDENTIFIED,
    ),
    Act(
        name="strike_follow_up",
        label="Strike as made in error",
        on="participant",
        by=_by(K, C),
        who=Who.IDENTIFIED,
    ),
)

_FIGURES = (
    Act(name="see_by_arm", label="Show by arm", on="figures", by=_by(S, Q, C, K, Role.INSPECTOR)),
    Act(
        name="lock_trial",
        label="Lock the trial",
        on="figures",
        by=_by(Q),
        who=Who.SIGNED,
        meaning="I lock this trial: its data are complete and queries are answered. From now on everyone who may read"
        " its report may read it by arm.",
    ),
    Act(
        name="print_quality_review",
        label="Print quality review",
        on="documents",
        by=_by(Q, Role.INSPECTOR),
    ),
    Act(
        name="print_register",
        label="Print certification register",
        on="documents",
        by=_by(Q, Role.INSPECTOR),
    ),
    Act(
        name="print_trial_report",
        label="Print trial report",
        on="documents",
        by=_by(S, Q, C, K, Role.INSPECTOR),
    ),
)
"""What is done about the trial's figures; who may see them by arm, `trial/sight.py` decides."""

_BATCH = (
    Act(
        name="issue_batch",
        label="Issue batch",
        on="batch",
        by=_by(Q),
        who=Who.SIGNED,
        meaning="I issue this batch of {master} version {version} for {participant}, round {round}.",
    ),
    Act(
        name="record_evidence",
        label="Record",
        on="batch",
        by=_by(T, C),
        in_stages=WORKED,
        needs_training=True,
    ),
    Act(
        name="correct_evidence",
        label="Correct",
        on="batch",
        by=_by(T, C),
        who=Who.IDENTIFIED,
        in_stages=WORKED,
        needs_training=True,
    ),
    Act(
        name="add_operation",
        label="Add operation",
        on="batch",
        by=_by(T),
        who=Who.IDENTIFIED,
        in_stages=MADE,
        needs_training=True,
    ),
    Act(
        name="witness_step",
        label="Witness",
        on="batch",
        by=_by(T, Q, C),
        who=Who.IDENTIFIED,
        in_stages=WORKED,
    ),
    Act(
        name="confirm_step",
        label="Confirm step",
        on="batch",
        by=_by(T, C),
        in_stages=WORKED,
        needs_training=True,
        meaning="I performed step {step}, {title}, as written and as recorded.",
    ),
    Act(
        name="verify_step",
        label="Agree",
        on="batch",
        by=_by(T, Q, C),
        who=Who.IDENTIFIED,
        in_stages=WORKED,
        needs_training=True,
        meaning="I checked the record of step {step}, {title}, and agree.",
    ),
    Act(
        name="send_step_back",
        label="Send back",
        on="batch",
        by=_by(T, Q, C),
        who=Who.IDENTIFIED,
        in_stages=WORKED,
        needs_training=True,
    ),
    Act(
        name="print_labels",
        label="Print labels",
        on="batch",
        by=_by(T, C),
        in_stages=MADE,
        needs_training=True,
    ),
    Act(
        name="account_label",
        label="Account for label",
        on="batch",
        by=_by(T, C),
        in_stages=WORKED,
        needs_training=True,
    ),
    Act(
        name="open_deviation", label="Open deviation", on="batch", by=STAFF, in_stages=ANY, despite_hold=True
    ),
    Act(name="explain_deviation", label="Explain", on="batch", by=STAFF, in_stages=OPEN, despite_hold=True),
    Act(
        name="decide_deviation",
        label="Decide",
        on="batch",
        by=_by(Q),
        who=Who.SIGNED,
        meaning="I assessed deviation {number} and its impact, and decide: {decision}.",
        in_stages=OPEN,
        despite_hold=True,
    ),
    Act(
        name="investigate_deviation",
        label="Record investigation",
        on="batch",
        by=_by(Q),
        who=Who.IDENTIFIED,
        in_stages=ANY,
        despite_hold=True,
    ),
    Act(
        name="close_deviation",
        label="Close deviation",
        on="batch",
        by=_by(Q),
        who=Who.SIGNED,
        meaning="I close deviation {number}: its cause is on file, and nothing about it is left to do.",
        in_stages=ANY,
        despite_hold=True,
    ),
    Act(
        name="receive_sample",
        label="Receive sample",
        on="batch",
        by=_by(L),
        in_stages=OPEN,
        despite_hold=True,
    ),
    Act(
        name="enter_result",
        label="Enter result",
        on="batch",
        by=_by(L),
        who=Who.IDENTIFIED,
        in_stages=OPEN | {Stage.DISPOSED, Stage.CLOSED},
        despite_hold=True,
    ),
    Act(
        name="keep_flow_file",
        label="Keep the cytometer's file",
        on="batch",
        by=_by(L),
        who=Who.IDENTIFIED,
        in_stages=OPEN | {Stage.DISPOSED, Stage.CLOSED},
        despite_hold=True,
    ),
    Act(
        name="review_result",
        label="Review result",
        on="batch",
        by=_by(L, Q),
        who=Who.SIGNED,
        meaning="I reviewed the result of {test} for accuracy and completeness.",
        in_stages=OPEN | {Stage.DISPOSED, Stage.CLOSED},
        despite_hold=True,
    ),
    Act(
        name="examine_oos",
        label="Examine in the laboratory",
        on="batch",
        by=_by(L, Q),
        who=Who.SIGNED,
        meaning="I examined, as another than its analyst, what in the laboratory can explain the result of {number}.",
        in_stages=ANY,
        despite_hold=True,
    ),
    Act(
        name="judge_oos",
        label="Judge the result",
        on="batch",
        by=_by(Q),
        who=Who.SIGNED,
        meaning="I judge the result outside its specification of {number}: {decision}.",
        in_stages=ANY,
        despite_hold=True,
    ),
    Act(
        name="acknowledge_notice",
        label="Acknowledge",
        on="batch",
        by=_by(C, Q),
        who=Who.IDENTIFIED,
        in_stages=ANY,
        despite_hold=True,
    ),
    Act(
        name="acknowledge_as_investigator",
        label="Acknowledge as principal investigator",
        on="batch",
        by=_by(C),
        who=Who.IDENTIFIED,
        in_stages=ANY,
        despite_hold=True,
        needs_delegation=True,
    ),
    Act(
        name="report_organism",
        label="Report organism",
        on="batch",
        by=_by(L, Q),
        who=Who.IDENTIFIED,
        in_stages=ANY,
        despite_hold=True,
    ),
    Act(
        name="place_hold",
        label="Place on hold",
        on="batch",
        by=_by(Q, C, T),
        in_stages=ALIVE,
        despite_hold=True,
    ),
    Act(
        name="lift_hold",
        label="Lift hold",
        on="batch",
        by=_by(Q),
        who=Who.SIGNED,
        meaning="I lift the hold on batch {number}.",
        in_stages=ALIVE,
        despite_hold=True,
    ),
    Act(
        name="review_record",
        label="Sign record review",
        on="batch",
        by=_by(Q),
        who=Who.SIGNED,
        meaning="I reviewed the whole record of batch {number} and its audit trail.",
        in_stages=OPEN,
        not_if_took_part=True,
        despite_hold=True,
    ),
    Act(
        name="release_conditionally",
        label="Release conditionally",
        on="batch",
        by=_by(Q),
        who=Who.SIGNED,
        meaning="I release this batch for intrauterine perfusion in {participant}, round {round}, before {expiry}."
        " Final sterility is pending.",
        in_stages=frozenset({Stage.TESTING}),
        not_if_took_part=True,
    ),
    Act(
        name="reject_batch",
        label="Reject batch",
        on="batch",
        by=_by(Q),
        who=Who.SIGNED,
        meaning="I reject batch {number}. It must not reach any person.",
        in_stages=ALIVE,
        despite_hold=True,
    ),
    Act(
        name="terminate_batch",
        label="Terminate batch",
        on="batch",
        by=_by(Q),
        who=Who.SIGNED,
        meaning="I end batch {number} without a perfusion: {reason}.",
        in_stages=ALIVE,
        despite_hold=True,
    ),
    Act(name="offer_custody", label="Hand over", on="batch", by=_by(T, C), in_stages=ALIVE),
    Act(
        name="take_custody",
        label="Take over",
        on="batch",
        by=_by(T, C, L),
        who=Who.IDENTIFIED,
        in_stages=ALIVE,
    ),
    Act(
        name="refuse_custody",
        label="Refuse",
        on="batch",
        by=_by(T, C, L),
        who=Who.IDENTIFIED,
        in_stages=ALIVE,
        despite_hold=True,
    ),
    Act(
        name="record_temperature_log",
        label="Take in the logger's file",
        on="batch",
        by=_by(T, C, L),
        in_stages=WORKED,
        despite_hold=True,
    ),
    Act(
        name="put_into_storage",
        label="Put into storage",
        on="batch",
        by=_by(T, C, L),
        in_stages=OPEN,
        despite_hold=True,
    ),
    Act(
        name="take_from_storage",
        label="Take from storage",
        on="batch",
        by=_by(T, C, L),
        in_stages=OPEN,
    ),
    Act(
        name="match_identity",
        label="Match",
        on="batch",
        by=_by(C),
        who=Who.IDENTIFIED,
        in_stages=frozenset({Stage.RELEASED}),
        needs_delegation=True,
    ),
    Act(
        name="report_mismatch",
        label="Stop: mismatch",
        on="batch",
        by=_by(C),
        in_stages=frozenset({Stage.RELEASED}),
        despite_hold=True,
    ),
    Act(
        name="confirm_identity",
        label="Confirm as second person",
        on="batch",
        by=_by(C),
        who=Who.IDENTIFIED,
        in_stages=frozenset({Stage.RELEASED}),
        needs_delegation=True,
    ),
    Act(
        name="record_perfusion",
        label="Record perfusion",
        on="batch",
        by=_by(C),
        who=Who.SIGNED,
        meaning="I gave this product to {participant}, round {round}, after the identity check by two people.",
        in_stages=frozenset({Stage.RELEASED}),
        needs_delegation=True,
    ),
    Act(
        name="end_observation",
        label="End observation",
        on="batch",
        by=_by(C),
        who=Who.IDENTIFIED,
        in_stages=frozenset({Stage.PERFUSED}),
        despite_hold=True,
    ),
    Act(
        name="judge_dose",
        label="Decide on the dose",
        on="batch",
        by=_by(C),
        who=Who.SIGNED,
        meaning="The dose given to {participant}, round {round}, lay outside its limit. I decide as the clinician.",
        in_stages=frozenset({Stage.PERFUSED}),
        despite_hold=True,
    ),
    Act(
        name="settle_dose",
        label="Decide as investigator",
        on="batch",
        by=_by(C),
        who=Who.SIGNED,
        meaning="The dose given to {participant}, round {round}, lay outside its limit. I decide as the investigator.",
        in_stages=frozenset({Stage.PERFUSED}),
        despite_hold=True,
        needs_delegation=True,
    ),
    Act(
        name="dispose_finally",
        label="Sign final disposition",
        on="batch",
        by=_by(Q),
        who=Who.SIGNED,
        meaning="All results of batch {number} are in; its final disposition is: {disposition}.",
        in_stages=ENDED,
        # The product's way has ended; a hold that nobody lifted before must not keep the record open for ever.
        despite_hold=True,
        not_if_took_part=True,
    ),
    Act(
        name="close_record",
        label="Close record",
        on="batch",
        by=_by(Q),
        who=Who.SIGNED,
        meaning="The record of batch {number} is complete.",
        in_stages=frozenset({Stage.DISPOSED}),
        despite_hold=True,
        not_if_took_part=True,
    ),
    Act(name="annotate", label="Add note", on="batch", by=STAFF, in_stages=ANY, despite_hold=True),
    Act(
        name="issue_document",
        label="Print sealed paper",
        on="documents",
        by=_by(Q, C, K, Role.INSPECTOR),
    ),
    Act(
        name="print_casebook",
        label="Print casebook",
        on="documents",
        by=_by(Q, C, K, Role.INSPECTOR),
    ),
    Act(
        name="print_blank_master",
        label="Print blank master",
        on="documents",
        by=_by(T, Q, K, Role.INSPECTOR),
    ),
)

_SYSTEM = (
    Act(name="found_instance", label="Found instance", on="system", by=_by(Role.SYSTEM)),
    Act(name="switch_clock", label="Switch to real time", on="system", by=_by(Role.SYSTEM)),
    Act(name="make_checkpoint", label="Make checkpoint", on="checkpoints", by=_by(Role.SYSTEM)),
    Act(name="make_backup", label="Make backup", on="system", by=_by(Role.SYSTEM)),
    Act(name="restore_backup", label="Restore backup", on="system", by=_by(Role.SYSTEM)),
    Act(name="watch_hold_time", label="Watch hold time", on="batch", by=_by(Role.SYSTEM), despite_hold=True),
    Act(name="watch_expiry", label="Watch expiry", on="batch", by=_by(Role.SYSTEM), despite_hold=True),
    Act(
        name="watch_handover",
        label="Watch hand-over",
        on="batch",
        by=_by(Role.SYSTEM),
        despite_hold=True,
    ),
    Act(
        name="watch_notice",
        label="Watch notice",
        on="batch",
        by=_by(Role.SYSTEM),
        despite_hold=True,
    ),
    Act(name="deliver_mail", label="Deliver e-mail", on="mail", by=_by(Role.SYSTEM)),
    Act(name="plan_follow_up", label="Plan follow-up", on="participant", by=_by(Role.SYSTEM)),
    Act(name="note_secret", label="Sign in", on="security", by=_by(Role.SYSTEM)),
)

ACTS: Mapping[str, Act] = MappingProxyType(
    {act.name: act for act in (*_SITE, *_SUPPLY, *_CAPA, *_TRIAL, *_FIGURES, *_BATCH, *_SYSTEM)}
)
