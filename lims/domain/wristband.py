"""The wristband, root of identity: made by two people who saw a document, it counts when it was scanned back."""

from lims.domain.entries.envelope import Detached, Draft
from lims.domain.entries.trial import (
    WristbandIdentityChecked,
    WristbandIssued,
    WristbandScanned,
    WristbandVoided,
)
from lims.domain.entries.values import Means
from lims.domain.participant import Participant
from lims.domain.refusals import BadEntry, NotAllowed, Refused

Drafts = tuple[Draft, ...]


def issue(
    participant: Participant, *, serial: str, identity_document: str, person: str, second: str
) -> tuple[Drafts, Drafts]:
    """What each of the two people puts on file. The new band kills the one before, and waits for its scan."""
    if person == second:
        raise NotAllowed("band.same_person")
    made = WristbandIssued(
        serial=serial,
        identity_document=identity_document,
        voids=participant.wristband or participant.band_waiting,
        awaits_scan=True,
    )
    checked = WristbandIdentityChecked(serial=serial, identity_document=identity_document)
    stream = participant.stream
    return (Draft(stream=stream, fact=made),), (Draft(stream=stream, fact=checked),)


def scan_back(participant: Participant, *, code: str, means: Means) -> Drafts:
    """The band on her wrist is the one that was made for her, and can be read."""
    if participant.band_waiting is None:
        raise Refused("band.none_waits")
    if means is Means.TYPED:
        raise BadEntry("band.typed", field="code")
    if code != participant.band_waiting:
        raise BadEntry("band.other", field="code")
    return (Draft(stream=participant.stream, fact=WristbandScanned(serial=code)),)


def void(participant: Participant, *, reason: Detached | None) -> Drafts:
    """Her band counts no more: it was taken off, torn, or never put on."""
    serial = participant.wristband or participant.band_waiting
    if serial is None:
        raise Refused("band.none")
    if reason is None:
        raise BadEntry("text.empty", field="reason", least=1)
    return (Draft(stream=participant.stream, fact=WristbandVoided(serial=serial, reason=reason)),)


def check_worn(participant: Participant, *, code: str, means: Means) -> None:
    """What was scanned is the band in force; a typed code, a void band and any other are refused to everybody."""
    check_counts(participant)
    if means is Means.TYPED:
        raise Refused("bedside.typed")
    if code in participant.void_wristbands:
        raise Refused("collection.void_band")
    if code != participant.wristband:
        raise Refused("collection.other_band")


def check_counts(participant: Participant) -> None:
    """The band in force was scanned back (domain 4.1)."""
    if participant.wristband is None:
        raise Refused("band.not_scanned" if participant.band_waiting else "band.none")
