"""What is done with an instrument's own file: shown first, then kept byte for byte and taken into the record."""

from collections.abc import Iterable
from dataclasses import dataclass

from lims.actions.attaching import Attachment, Upload, attach
from lims.actions.detach import words
from lims.actions.site import Site
from lims.actions.temperature_log import held
from lims.actions.work import Actor, Ask, Decision, Outcome, Scene, batch_of, perform
from lims.authoring.instruments import load_instruments
from lims.documents.fcs import read_flow_file
from lims.domain.batch_record import BatchRecord
from lims.domain.entered import entered_code
from lims.domain.entries.envelope import Draft, sort_of, stream_of
from lims.domain.entries.instruments import (
    FileLine,
    FileLineDismissed,
    FileLineGiven,
    ResultsFileTaken,
)
from lims.domain.entries.values import Attached, Means
from lims.domain.equipment import Equipment, TrayLine, check_usable
from lims.domain.flow_files import keep_flow_file as keep
from lims.domain.folds import Folded
from lims.domain.instruments import ResultsModel
from lims.domain.qc import FromFile
from lims.domain.refusals import BadEntry, Refused
from lims.domain.results_files import FileValue, Placed, place, place_all, read_results
from lims.domain.rows import CodeRow
from lims.ledger.book import Book
from lims.ledger.read_tables import find


def keep_flow_file(
    site: Site,
    actor: Actor,
    request_id: str,
    *,
    batch: str,
    test: str,
    instrument: str,
    upload: Upload,
) -> Outcome:
    """A cytometer's own file goes on the record beside a test; refused unless it is of that sample, day and device."""
    told = read_flow_file(upload.content)
    code, stream = _instrument(site, instrument)
    attachment = attach(site, upload, photo=False)

    def rule(scene: Scene) -> Decision:
        item = scene.load(stream, Equipment)
        drafts = keep(
            batch_of(scene, batch),
            test_code=test,
            told=told,
            instrument=item,
            setting=load_instruments().cytometer(item.name),
            file=_attached(attachment),
            sha256=attachment.sha256,
            today=scene.today,
        )
        return Decision(drafts=drafts)

    ask = Ask(
        request_id=request_id,
        act="keep_flow_file",
        on=stream_of("batch", batch),
        asked={"test": test, "instrument": code, "sha256": attachment.sha256},
        read=(stream,),
        kept=(attachment.kept,),
    )
    return perform(site, actor, ask, rule)


@dataclass(frozen=True, slots=True, kw_only=True)
class Understood:
    """A file of results as it would be taken in now."""

    model: ResultsModel
    placed: tuple[Placed, ...]

    @property
    def taken(self) -> tuple[Placed, ...]:
        """Values that become results."""
        return tuple(item for item in self.placed if item.why is None)

    @property
    def waiting(self) -> tuple[Placed, ...]:
        """Values that go into the tray."""
        return tuple(item for item in self.placed if item.waits)

    @property
    def kept_out(self) -> tuple[Placed, ...]:
        """Values that are kept out, each with its reason."""
        return tuple(item for item in self.placed if item.why is not None and not item.waits)


def understand_results(site: Site, person: str, *, instrument: str, model: str, upload: Upload) -> Understood:
    """What the file would come to if this person took it in; nothing is written. Refuses a damaged file."""
    known = _model(model)
    values = read_results(upload.content, known)
    code, stream = _instrument(site, instrument)
    sha256 = attach(site, upload, photo=False).sha256
    now = site.clock.now()
    with site.ledger.reading() as book:
        item = book.derived(stream, Folded.of).record
        assert isinstance(item, Equipment)
        _check_new(item, sha256)
        owners = {
            sample: batch
            for sample, owner in _owners(book, values).items()
            if isinstance(batch := book.derived(owner, Folded.of).record, BatchRecord)
        }
    placed = place_all(
        values, owners=owners, model=known, instrument=code, sha256=sha256, now=now, person=person
    )
    return Understood(model=known, placed=placed)


def take_results_file(
    site: Site, actor: Actor, request_id: str, *, instrument: str, model: str, upload: Upload
) -> Outcome:
    """Every value whose sample is known becomes a result; unknown samples wait in the instrument's tray."""
    known = _model(model)
    values = read_results(upload.content, known)
    code, stream = _instrument(site, instrument)
    with site.ledger.reading() as book:
        streams = _owners(book, values)
    attachment = attach(site, upload, photo=False)

    def rule(scene: Scene) -> Decision:
        item = scene.load(stream, Equipment)
        check_usable(item, equipment_class=known.equipment_class, today=scene.today)
        _check_new(item, attachment.sha256)
        owners = {sample: scene.load(owner, BatchRecord) for sample, owner in streams.items()}
        placed = place_all(
            values,
            owners=owners,
            model=known,
            instrument=code,
            sha256=attachment.sha256,
            now=scene.now,
            person=actor.person,
        )
        understood = Understood(model=known, placed=placed)
        if not (understood.taken or understood.waiting):
            raise Refused("sheet.nothing")
        fact = ResultsFileTaken(
            model=known.code,
            file=_attached(attachment),
            sha256=attachment.sha256,
            lines=tuple(map(_line, placed)),
            taken=len(understood.taken),
            waiting=len(understood.waiting),
            kept_out=len(understood.kept_out),
        )
        results = (draft for each in placed for draft in each.drafts)
        return Decision(drafts=(Draft(stream=stream, fact=fact), *results))

    ask = Ask(
        request_id=request_id,
        act="take_results_file",
        on=stream,
        asked={"model": known.code, "sha256": attachment.sha256},
        write=tuple(sorted(set(streams.values()))),
        kept=(attachment.kept,),
    )
    return perform(site, actor, ask, rule)


def give_file_line(
    site: Site,
    actor: Actor,
    request_id: str,
    *,
    instrument: str,
    taken_seq: int,
    line: int,
    test: str,
    sample: str,
    means: Means,
    reason: str,
) -> Outcome:
    """A line of the tray has its sample after all: its value becomes a result of that sample's batch."""
    code, stream = _instrument(site, instrument)
    scanned = entered_code(sample, field="sample")
    with site.ledger.reading() as book:
        owner = next((row.stream for row in find(book, CodeRow, code=scanned, what="container", limit=1)), "")
    if sort_of(owner) != "batch":
        raise BadEntry("scan.unknown", field="sample")
    kept = words(reason, field="reason")

    def rule(scene: Scene) -> Decision:
        waiting = _waiting(scene.load(stream, Equipment), taken_seq=taken_seq, line=line, test=test)
        model, value = _value(site, waiting)
        fact = waiting.taken.fact
        assert isinstance(fact, ResultsFileTaken)
        placed = place(
            FileValue(line=line, sample=scanned, written=scanned, column=value.column, raw=value.raw),
            scene.load(owner, BatchRecord),
            model=model,
            source=FromFile(instrument=code, sha256=fact.sha256, line=line),
            now=scene.now,
            person=actor.person,
        )
        if placed.why is not None:
            raise Refused(placed.why.rule, **dict(placed.why.about))
        given = FileLineGiven(
            taken_seq=taken_seq,
            line=line,
            test=test,
            batch=placed.batch,
            sample_code=scanned,
            means=means,
            reason=kept.detached,
        )
        return Decision(drafts=(Draft(stream=stream, fact=given), *placed.drafts))

    asked = {"taken": str(taken_seq), "line": str(line), "test": test, "sample": scanned, "reason": reason}
    ask = Ask(
        request_id=request_id,
        act="settle_file_line",
        on=stream,
        asked=asked,
        write=(owner,),
        kept=(kept,),
    )
    return perform(site, actor, ask, rule)


def dismiss_file_line(
    site: Site,
    actor: Actor,
    request_id: str,
    *,
    instrument: str,
    taken_seq: int,
    line: int,
    test: str,
    reason: str,
) -> Outcome:
    """A line of the tray is no result of ours; the file keeps it."""
    _, stream = _instrument(site, instrument)
    kept = words(reason, field="reason")

    def rule(scene: Scene) -> Decision:
        _waiting(scene.load(stream, Equipment), taken_seq=taken_seq, line=line, test=test)
        fact = FileLineDismissed(taken_seq=taken_seq, line=line, test=test, reason=kept.detached)
        return Decision(drafts=(Draft(stream=stream, fact=fact),))

    asked = {"taken": str(taken_seq), "line": str(line), "test": test, "reason": reason}
    ask = Ask(request_id=request_id, act="settle_file_line", on=stream, asked=asked, kept=(kept,))
    return perform(site, actor, ask, rule)


def value_of(site: Site, waiting: TrayLine) -> FileValue | None:
    """What the file says in a line of the tray; none where the program that wrote it is set up no more."""
    try:
        return _value(site, waiting)[1]
    except (BadEntry, Refused):
        return None


def _value(site: Site, waiting: TrayLine) -> tuple[ResultsModel, FileValue]:
    fact = waiting.taken.fact
    assert isinstance(fact, ResultsFileTaken)
    model = _model(fact.model)
    content = held(site, name="", sha256=fact.sha256).content
    for value in read_results(content, model):
        if (value.line, value.column.test) == (waiting.line, waiting.test):
            return model, value
    raise Refused("sheet.not_mapped")


def _waiting(item: Equipment, *, taken_seq: int, line: int, test: str) -> TrayLine:
    for waiting in item.tray:
        if (waiting.taken.seq, waiting.line, waiting.test) == (taken_seq, line, test):
            return waiting
    raise Refused("sheet.not_open")


def _instrument(site: Site, raw: str) -> tuple[str, str]:
    """Code and stream of the instrument that was scanned."""
    code = entered_code(raw, field="instrument")
    with site.ledger.reading() as book:
        rows = find(book, CodeRow, code=code, what="equipment", limit=1)
    if not rows:
        raise BadEntry("scan.unknown", field="instrument")
    return code, rows[0].stream


def _model(code: str) -> ResultsModel:
    model = load_instruments().model(code)
    if model is None:
        raise BadEntry("sheet.model", field="model")
    return model


def _check_new(item: Equipment, sha256: str) -> None:
    for entry in item.files:
        if isinstance(entry.fact, ResultsFileTaken) and entry.fact.sha256 == sha256:
            raise Refused("sheet.known", entry=entry.seq)


def _owners(book: Book, values: Iterable[FileValue]) -> dict[str, str]:
    """The streams of the batches whose samples the file names."""
    samples = sorted({value.sample for value in values if value.sample})
    rows = find(book, CodeRow, ("code", "in", samples), what="container") if samples else ()
    return {row.code: row.stream for row in rows if sort_of(row.stream) == "batch"}


def _line(placed: Placed) -> FileLine:
    value = placed.value
    rule = placed.why.rule if placed.why else ""
    return FileLine(line=value.line, test=value.column.test, batch=placed.batch, rule=rule)


def _attached(attachment: Attachment) -> Attached:
    return Attached(file=attachment.kept.detached, media_type=attachment.media_type)
