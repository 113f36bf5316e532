"""What is done with a logger at the end of its journey: its own file is read, shown, and taken into the record."""

from dataclasses import dataclass, fields
from datetime import date, timedelta

from lims.actions.attaching import Attachment, Upload, attach
from lims.actions.site import Site
from lims.actions.work import Actor, Ask, Decision, Outcome, Scene, batch_of, perform
from lims.authoring.loggers import load_loggers
from lims.domain.batch_record import BatchRecord
from lims.domain.custody_log import journey_of, logged
from lims.domain.entered import entered_code
from lims.domain.entries.custody import TemperatureLogged
from lims.domain.entries.envelope import stream_of
from lims.domain.entries.values import Attached
from lims.domain.equipment import Equipment
from lims.domain.refusals import BadEntry, Refused
from lims.domain.rows import CodeRow
from lims.domain.temperature_log import (
    LoggerModel,
    Reading,
    Summary,
    TemperatureRange,
    read_log,
    summarise,
)
from lims.ledger.files import Files
from lims.ledger.read_tables import find

LONGEST_NAME = 120
LOGGER_CLASS = "temperature_logger"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadLog:
    """A file as it is understood: shown before it goes on file, and put on file as it was shown."""

    model: LoggerModel
    limits: TemperatureRange
    readings: tuple[Reading, ...]
    summary: Summary


def understand(batch: BatchRecord, *, offered_seq: int, model: str, content: bytes) -> ReadLog:
    """What the file says about the journey of that hand-over; refuses a damaged, cut or foreign file at its field."""
    loggers = load_loggers()
    known = loggers.model(model)
    if known is None:
        raise BadEntry("log.model", field="model")
    offer, since, until = journey_of(batch, offered_seq)
    kind = batch.containers[offer.container].container
    limits = loggers.range_of(kind)
    if limits is None:
        raise Refused("log.no_range", name=kind)
    readings = read_log(content, known, zone=batch.issue.zone)
    summary = summarise(
        readings,
        low=limits.low,
        high=limits.high,
        since=since,
        until=until,
        longest_pause=timedelta(minutes=known.longest_pause_minutes),
    )
    return ReadLog(model=known, limits=limits, readings=readings, summary=summary)


def hold(site: Site, upload: Upload) -> str:
    """Keep a file while a person looks at what it says; it is known by its hash, and on no record yet."""
    return attach(site, upload, photo=False).sha256


def held(site: Site, *, name: str, sha256: str) -> Upload:
    """The file that was kept under that hash; refuses what is not there."""
    if not (len(sha256) == 64 and set(sha256) <= set("0123456789abcdef")):
        raise BadEntry("file.none", field="file")
    try:
        return Upload(name=name[:LONGEST_NAME] or "logger.csv", content=Files(site.ledger.files).get(sha256))
    except FileNotFoundError:
        raise BadEntry("file.none", field="file") from None


def record_temperature_log(
    site: Site,
    actor: Actor,
    request_id: str,
    *,
    batch: str,
    offered_seq: int,
    logger: str,
    model: str,
    upload: Upload,
) -> Outcome:
    """The file is kept byte for byte, and what it came to is on record; out of range it opens a deviation."""
    code = entered_code(logger, field="logger")
    with site.ledger.reading() as book:
        owner = find(book, CodeRow, code=code, what="equipment", limit=1)
    attachment = attach(site, upload, photo=False)

    def rule(scene: Scene) -> Decision:
        now = batch_of(scene, batch)
        if not owner:
            raise Refused("log.not_logger")
        item = scene.load(owner[0].stream, Equipment)
        read = understand(now, offered_seq=offered_seq, model=model, content=upload.content)
        fact = _fact(now, read, item, attachment, offered_seq=offered_seq, today=scene.today)
        return Decision(drafts=logged(now, fact))

    ask = Ask(
        request_id=request_id,
        act="record_temperature_log",
        on=stream_of("batch", batch),
        asked={"of": str(offered_seq), "logger": code, "model": model, "sha256": attachment.sha256},
        read=(owner[0].stream,) if owner else (),
        kept=(attachment.kept,),
    )
    return perform(site, actor, ask, rule)


def _fact(
    batch: BatchRecord,
    read: ReadLog,
    logger: Equipment,
    attachment: Attachment,
    *,
    offered_seq: int,
    today: date,
) -> TemperatureLogged:
    if logger.equipment_class != LOGGER_CLASS:
        raise Refused("log.not_logger")
    offer, since, until = journey_of(batch, offered_seq)
    numbers = {field.name: getattr(read.summary, field.name) for field in fields(read.summary)}
    del numbers["first_at"], numbers["last_at"]
    return TemperatureLogged(
        offered_seq=offered_seq,
        container=offer.container,
        logger=logger.code,
        logger_name=logger.name,
        calibrated=logger.calibrated_until >= today and not logger.withdrawn,
        model=read.model.code,
        file=Attached(file=attachment.kept.detached, media_type=attachment.media_type),
        since=since,
        until=until,
        low=read.limits.low,
        high=read.limits.high,
        **numbers,
    )
