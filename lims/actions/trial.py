"""What is done about participants: enrolment, consent, arm, wristband, order."""

from datetime import date, datetime

from lims.actions.detach import keep, words, words_or_none
from lims.actions.masters import effective_protocol
from lims.actions.people import mint_code
from lims.actions.site import Site
from lims.actions.work import Actor, Ask, Decision, Outcome, Scene, TakenMeanwhile, perform, with_next_number
from lims.domain import wristband
from lims.domain.acts import ALIVE
from lims.domain.batch_record import BatchRecord
from lims.domain.codes import CodeType
from lims.domain.entered import entered_code
from lims.domain.entries.envelope import Draft, stream_of
from lims.domain.entries.trial import ConsentWithdrawn, IdentitySeen, ParticipantEnrolled
from lims.domain.entries.values import Means
from lims.domain.participant import Participant, allocate, order, record_consent
from lims.domain.refusals import BadEntry, Refused
from lims.domain.release import hold
from lims.domain.rows import ParticipantRow
from lims.domain.trial.randomisation import STREAM as RANDOMISATION
from lims.ledger.read_tables import find


def enrol_participant(
    site: Site, actor: Actor, request_id: str, *, name: str, birth_date: date, hospital_number: str
) -> Outcome:
    """A participant under the next trial code; her identity goes beside the chain, never into a code."""
    return with_next_number(lambda: _enrol_next(site, actor, request_id, name, birth_date, hospital_number))


def _enrol_next(
    site: Site, actor: Actor, request_id: str, name: str, birth_date: date, hospital_number: str
) -> Outcome:
    for field, text in (("name", name), ("hospital_number", hospital_number)):
        if not text.strip():
            raise BadEntry("text.empty", field=field, least=1)
    kept = tuple(
        keep(value.strip(), sort="identity") for value in (name, birth_date.isoformat(), hospital_number)
    )
    with site.ledger.reading() as book:
        scene = Scene(site=site, book=book, now=site.clock.now(), actor=actor)
        prefix = effective_protocol(scene)[0].participant_prefix
        trial_id = f"{prefix}-{len(find(book, ParticipantRow)) + 1:03d}"
    stream = stream_of("participant", trial_id)

    def rule(scene: Scene) -> Decision:
        if scene.book.head(stream) is not None:
            raise TakenMeanwhile
        fact = ParticipantEnrolled(
            trial_id=trial_id,
            name=kept[0].detached,
            birth_date=kept[1].detached,
            hospital_number=kept[2].detached,
        )
        return Decision(drafts=(Draft(stream=stream, fact=fact),))

    asked = {"name": name, "birth_date": birth_date.isoformat(), "hospital_number": hospital_number}
    ask = Ask(request_id=request_id, act="enrol_participant", on=stream, asked=asked, kept=kept, makes=True)
    return perform(site, actor, ask, rule)


def see_identity(site: Site, actor: Actor, request_id: str, *, participant: str) -> Outcome:
    """Who she is is shown to somebody, and that it was; the look lies beside her stream, which it leaves as it is."""
    stream, looks = stream_of("participant", participant), stream_of("looks", participant)

    def rule(scene: Scene) -> Decision:
        scene.load(stream, Participant)
        return Decision(drafts=(Draft(stream=looks, fact=IdentitySeen(participant=participant)),))

    ask = Ask(request_id=request_id, act="see_identity", on=looks, asked={}, read=(stream,))
    return perform(site, actor, ask, rule)


def give_consent(
    site: Site,
    actor: Actor,
    request_id: str,
    *,
    participant: str,
    form_version: str,
    scopes: tuple[str, ...],
    signed_on: date,
) -> Outcome:
    """Consent to a version of the form, for the listed scopes."""
    stream = stream_of("participant", participant)

    def rule(scene: Scene) -> Decision:
        protocol = effective_protocol(scene)[0]
        known = {scope.code for scope in protocol.consent_scopes}
        if not scopes or not known.issuperset(scopes):
            raise BadEntry("choice.unknown", field="scopes")
        if signed_on > scene.today:
            raise BadEntry("time.future", field="signed_on")
        drafts = record_consent(
            scene.load(stream, Participant),
            form_version=form_version,
            scopes=scopes,
            signed_on=signed_on,
            protocol=protocol,
        )
        return Decision(drafts=drafts)

    asked = {"form": form_version, "scopes": " ".join(scopes), "signed_on": signed_on.isoformat()}
    ask = Ask(request_id=request_id, act="record_consent", on=stream, asked=asked, read=("study",))
    return perform(site, actor, ask, rule)


def withdraw_consent(
    site: Site, actor: Actor, request_id: str, *, participant: str, scopes: tuple[str, ...], reason: str
) -> Outcome:
    """Consent ends; a batch in the making is held in the same act (TR-4)."""
    stream = stream_of("participant", participant)
    kept = words_or_none(reason, field="reason")

    def rule(scene: Scene) -> Decision:
        person = scene.load(stream, Participant)
        if not scopes or not set(person.consent).issuperset(scopes):
            raise BadEntry("choice.unknown", field="scopes")
        withdrawn = ConsentWithdrawn(scopes=scopes, reason=kept.detached if kept else None)
        drafts = [Draft(stream=stream, fact=withdrawn)]
        open_batches = [item.open_batch for item in person.rounds.values() if item.open_batch]
        scene.book.lock(write=[stream_of("batch", number) for number in open_batches])
        for number in open_batches:
            batch = scene.load(stream_of("batch", number), BatchRecord)
            if batch.stage in ALIVE:
                drafts += hold(batch, reason_code="consent_withdrawn", reference=person.trial_id)
        return Decision(drafts=tuple(drafts))

    ask = Ask(
        request_id=request_id,
        act="withdraw_consent",
        on=stream,
        asked={"scopes": " ".join(scopes), "reason": reason},
        kept=(kept,),
    )
    return perform(site, actor, ask, rule)


def record_allocation(
    site: Site,
    actor: Actor,
    request_id: str,
    *,
    participant: str,
    arm: str,
    source: str,
    reference: str,
    allocated_at: datetime,
) -> Outcome:
    """The arm is taken over from an external randomisation record, once; not where this system randomises."""
    stream = stream_of("participant", participant)

    def rule(scene: Scene) -> Decision:
        if scene.book.head(RANDOMISATION) is not None:
            raise Refused("randomisation.by_hand")
        if allocated_at > scene.now:
            raise BadEntry("time.future", field="allocated_at")
        drafts = allocate(
            scene.load(stream, Participant),
            arm=arm,
            source=source,
            reference=reference,
            at=allocated_at,
            protocol=effective_protocol(scene)[0],
        )
        return Decision(drafts=drafts)

    asked = {"arm": arm, "source": source, "reference": reference, "at": allocated_at.isoformat()}
    ask = Ask(
        request_id=request_id, act="record_allocation", on=stream, asked=asked, read=("study", RANDOMISATION)
    )
    return perform(site, actor, ask, rule)


def put_on_wristband(
    site: Site, actor: Actor, request_id: str, *, participant: str, identity_document: str, witness: Actor
) -> Outcome:
    """A band with a serial of its own, after two people checked an identity document; it kills the band before."""
    stream = stream_of("participant", participant)
    if not identity_document.strip():
        raise BadEntry("text.empty", field="identity_document", least=1)
    if any(sign.isdigit() for sign in identity_document):
        raise BadEntry("text.no_number", field="identity_document")

    def rule(scene: Scene) -> Decision:
        made, checked = wristband.issue(
            scene.load(stream, Participant),
            serial=mint_code(site, scene.book, CodeType.PARTICIPANT),
            identity_document=identity_document,
            person=actor.person,
            second=witness.person,
        )
        return Decision(drafts=made, by_witness=checked)

    ask = Ask(
        request_id=request_id,
        act="issue_wristband",
        on=stream,
        asked={"participant": participant, "document": identity_document, "witness": witness.person},
        witness=witness,
    )
    return perform(site, actor, ask, rule)


def scan_wristband(
    site: Site, actor: Actor, request_id: str, *, participant: str, code: str, means: Means = Means.SCANNED
) -> Outcome:
    """The band is read back on her wrist: from now on it counts at the bedside."""
    stream, read = stream_of("participant", participant), entered_code(code, field="code")

    def rule(scene: Scene) -> Decision:
        return Decision(drafts=wristband.scan_back(scene.load(stream, Participant), code=read, means=means))

    asked = {"participant": participant, "code": read, "means": means.value}
    ask = Ask(request_id=request_id, act="scan_wristband", on=stream, asked=asked)
    return perform(site, actor, ask, rule)


def void_wristband(site: Site, actor: Actor, request_id: str, *, participant: str, reason: str) -> Outcome:
    """Her band counts no more, with a reason; another is issued by two people."""
    stream, kept = stream_of("participant", participant), words(reason, field="reason")

    def rule(scene: Scene) -> Decision:
        return Decision(drafts=wristband.void(scene.load(stream, Participant), reason=kept.detached))

    asked = {"participant": participant, "reason": reason}
    ask = Ask(request_id=request_id, act="void_wristband", on=stream, asked=asked, kept=(kept,))
    return perform(site, actor, ask, rule)


def order_perfusion(
    site: Site,
    actor: Actor,
    request_id: str,
    *,
    participant: str,
    number: int,
    planned_at: datetime,
    ward: str,
) -> Outcome:
    """A physician orders the perfusion of a round; the order sheet carries a code."""
    stream = stream_of("participant", participant)

    def rule(scene: Scene) -> Decision:
        drafts = order(
            scene.load(stream, Participant),
            number=number,
            code=mint_code(site, scene.book, CodeType.DOCUMENT),
            planned_at=planned_at,
            ward=ward,
            protocol=effective_protocol(scene)[0],
        )
        return Decision(drafts=drafts)

    ask = Ask(
        request_id=request_id,
        act="order_perfusion",
        on=stream,
        asked={"round": str(number), "planned_at": planned_at.isoformat(), "ward": ward},
        about=(("participant", participant), ("round", str(number))),
        read=("study",),
    )
    return perform(site, actor, ask, rule)
