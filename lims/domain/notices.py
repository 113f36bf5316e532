"""Who must be told about a batch, by when they acknowledge it, and how it escalates when they do not."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

from lims.domain.acts import Role
from lims.domain.batch_record import BatchRecord, Notice
from lims.domain.entries.envelope import Detached, Draft
from lims.domain.entries.notices import NoticeAcknowledged, NoticeEscalated, NoticeGiven
from lims.domain.master_batch_record import Words
from lims.domain.protocol import Notices
from lims.domain.refusals import BadEntry, NotAllowed, Refused

CLINICIAN, INVESTIGATOR, QUALITY = "clinician", "investigator", "qa"

ADDRESSEES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "late_failure": (CLINICIAN, INVESTIGATOR, QUALITY),
        "organism": (CLINICIAN, INVESTIGATOR, QUALITY),
        "mismatch": (INVESTIGATOR, QUALITY),
        "recall": (QUALITY,),
        "recall_given": (CLINICIAN, INVESTIGATOR, QUALITY),
    }
)
"""To whom each news goes; a recall goes to the clinic only when the product was given."""

NEWS: Mapping[str, Words] = MappingProxyType(
    {
        "late_failure": Words(en="A released product failed a test", zh="已放行制剂检验不合格"),
        "organism": Words(en="News of the organism", zh="菌种结果更新"),
        "mismatch": Words(en="Identity mismatch at the bedside", zh="床旁身份不符"),
        "recall": Words(en="A lot of this batch is recalled", zh="本批所用物料被召回"),
        "recall_given": Words(en="A lot of a given product is recalled", zh="已使用制剂的物料被召回"),
    }
)
"""What each is called on a list; never anything about the participant."""

ACT_OF: Mapping[str, str] = MappingProxyType(
    {
        CLINICIAN: "acknowledge_notice",
        INVESTIGATOR: "acknowledge_as_investigator",
        QUALITY: "acknowledge_notice",
    }
)
ROLE_OF: Mapping[str, Role] = MappingProxyType(
    {CLINICIAN: Role.CLINICIAN, INVESTIGATOR: Role.CLINICIAN, QUALITY: Role.QA}
)


def rules_for(batch: BatchRecord) -> Notices:
    """The delays of the batch's own protocol, or those that stand where it says nothing."""
    return batch.protocol.notices or Notices()


def give(batch: BatchRecord, news: str, *, reference: str, now: datetime) -> tuple[Draft, ...]:
    """One notice for each addressee, numbered on from those of the batch."""
    due = now + timedelta(minutes=rules_for(batch).acknowledge_minutes)
    already = len(batch.notices)
    return tuple(
        Draft(
            stream=batch.stream,
            fact=NoticeGiven(
                number=f"{batch.number}-N{already + at}",
                news=news,
                addressee=to,
                reference=reference,
                due_at=due,
            ),
        )
        for at, to in enumerate(ADDRESSEES[news], start=1)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What somebody says who acknowledges a notice."""

    contacted_at: datetime | None = None
    done: Detached | None = None


def acknowledge(
    batch: BatchRecord, number: str, answer: Answer, *, act: str, roles: Iterable[Role], now: datetime
) -> tuple[Draft, ...]:
    """An addressee acknowledges; once it escalated, quality does so for one who was reached otherwise (AT-7)."""
    notice = batch.notices.get(number)
    if notice is None:
        raise Refused("notice.unknown", number=number)
    if notice.acknowledged is not None:
        raise Refused("notice.acknowledged", number=number)
    for_another = check_addressed(notice, act=act, roles=roles)
    if notice.fact.addressee == CLINICIAN or for_another:
        if answer.done is None:
            raise BadEntry("text.empty", field="done", least=1)
        if answer.contacted_at is None:
            raise BadEntry("notice.contact", field="contacted_at")
    if answer.contacted_at is not None and answer.contacted_at > now:
        raise BadEntry("time.future", field="contacted_at")
    fact = NoticeAcknowledged(notice=number, contacted_at=answer.contacted_at, done=answer.done)
    return (Draft(stream=batch.stream, fact=fact),)


def check_addressed(notice: Notice, *, act: str, roles: Iterable[Role]) -> bool:
    """The notice is theirs; true where quality answers one that escalated, for somebody else."""
    to = notice.fact.addressee
    if ACT_OF[to] == act and ROLE_OF[to] in roles:
        return False
    if act == "acknowledge_notice" and Role.QA in roles and notice.escalated:
        return True
    raise NotAllowed("notice.not_yours", to=to)


def escalate(batch: BatchRecord, number: str, *, now: datetime) -> tuple[Draft, ...]:
    """The delay is over and nobody acknowledged: it escalates, as often as the protocol says."""
    notice = batch.notices.get(number)
    if notice is None or due_of(batch, notice) is None:
        return ()
    rules = rules_for(batch)
    fact = NoticeEscalated(
        notice=number,
        turn=len(notice.escalated) + 1,
        due_at=now + timedelta(minutes=rules.escalate_every_minutes),
    )
    return (Draft(stream=batch.stream, fact=fact),)


def due_of(batch: BatchRecord, notice: Notice) -> datetime | None:
    """When it escalates next; never once it is acknowledged or has escalated to the end."""
    if notice.acknowledged is not None or len(notice.escalated) >= rules_for(batch).escalations:
        return None
    return notice.due_at


def unanswered(batch: BatchRecord) -> Sequence[Notice]:
    """Notices that nobody acknowledged."""
    return [notice for notice in batch.notices.values() if notice.acknowledged is None]
