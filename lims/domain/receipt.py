"""Issuing a batch: who may have one, from which master batch record, and which containers it will have."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from lims.domain.entries.batch import BatchIssued, ContainerLabelled
from lims.domain.entries.envelope import Draft, stream_of
from lims.domain.entries.trial import ChainOfIdentityIssued, RoundBatchOpened
from lims.domain.master_batch_record import MasterBatchRecord
from lims.domain.masters import Version
from lims.domain.participant import Participant, check_arm, check_consent, check_round
from lims.domain.protocol import StudyProtocol
from lims.domain.refusals import Refused
from lims.domain.trial.consent import check_signed_for_batch
from lims.domain.trial.screened import check_goes_on, check_tested


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """What a batch takes over from the instance when it is issued."""

    zone: str
    profile: str


def issue(
    participant: Participant,
    *,
    number: str,
    round_number: int,
    master: MasterBatchRecord,
    master_version: Version | None,
    protocol: StudyProtocol,
    protocol_version: Version | None,
    site: Site,
    today: date,
    codes: Sequence[str],
    new_coi: str,
) -> tuple[Draft, ...]:
    """One batch for one participant and round, with the whole approved master batch record inside (S88-3).

    Refuses a control, unrandomised, withdrawn, pregnant or third-round participant, one who is to sign a newer
    consent form first, one for whom no further round follows, and a round that has an open batch (I11, I12, TR-1,
    TR-2, domain 1.3).
    `codes` are fresh container codes, as many as `codes_needed` says.
    """
    if master_version is None or master_version.approved is None:
        raise Refused("master.not_approved", code=master.code)
    if protocol_version is None or protocol_version.approved is None:
        raise Refused("master.not_approved", code=protocol.code)
    consent = check_consent(participant, protocol)
    check_signed_for_batch(participant.consent, protocol, today)
    arm = check_arm(participant, protocol)
    attempt = check_round(participant, round_number, protocol)
    check_goes_on(participant.screening)
    check_tested(participant.screening, today=today, within_days=protocol.trial.rounds.test_before_batch_days)
    coi = participant.coi or new_coi
    stream = stream_of("batch", number)
    fact = BatchIssued(
        number=number,
        participant=participant.trial_id,
        coi=coi,
        round=round_number,
        attempt=attempt,
        arm=arm,
        consent_form=consent.form_version,
        zone=site.zone,
        profile=site.profile,
        master=master,
        master_file_sha256=master_version.file_sha256,
        master_sha256=master_version.canonical_sha256,
        protocol=protocol,
        protocol_sha256=protocol_version.canonical_sha256,
    )
    relied = [
        entry.reference
        for entry in (participant.last, master_version.approved, protocol_version.approved)
        if entry
    ]
    opened = RoundBatchOpened(round=round_number, attempt=attempt, batch=number)
    return (
        Draft(stream=stream, fact=fact, relied_on=tuple(relied)),
        *_containers(stream, master, codes),
        *(
            (Draft(stream=participant.stream, fact=ChainOfIdentityIssued(coi=coi)),)
            if participant.coi is None
            else ()
        ),
        Draft(stream=participant.stream, fact=opened),
    )


def codes_needed(master: MasterBatchRecord) -> tuple[str, ...]:
    """The code type of every container of a batch, in the order in which `issue` takes the codes."""
    return tuple(kind.code_type for kind in master.containers for _ in range(kind.count))


def _containers(stream: str, master: MasterBatchRecord, codes: Sequence[str]) -> list[Draft]:
    """Every container with its code; one that is filled from others names them as parents."""
    drafts, by_kind = [], dict[str, list[str]]()
    at = 0
    for kind in master.containers:
        for index in range(1, kind.count + 1):
            code = codes[at]
            at += 1
            by_kind.setdefault(kind.code, []).append(code)
            fact = ContainerLabelled(
                code=code,
                container=kind.code,
                index=index,
                of=kind.count,
                parents=tuple(code for parent in kind.parents for code in by_kind.get(parent, ())),
            )
            drafts.append(Draft(stream=stream, fact=fact))
    return drafts
