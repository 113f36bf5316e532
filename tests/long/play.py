"""A batch of full size on a demo stage, played to any point: every kind of evidence, branches, an operation."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from struct import pack
from zlib import compress, crc32

from lims.actions import culture, masters, people
from lims.actions.attaching import Upload
from lims.actions.evidence import NOTHING, Entered, record_evidence
from lims.actions.receipt import issue_batch
from lims.actions.work import Actor
from lims.authoring.load import load_master_batch_record
from lims.domain.acts import Role
from lims.domain.batch_record import BatchRecord
from lims.domain.computing import is_computed
from lims.domain.entries.batch import BatchIssued
from lims.domain.entries.trial import WristbandIssued
from lims.domain.master_batch_record import (
    AnySlot,
    BranchSlot,
    ChoiceSlot,
    CountsSlot,
    FileSlot,
    HandoverSlot,
    LabelSlot,
    NumberSlot,
    PhotoSlot,
    ScanContainerSlot,
    SecondPerson,
    Step,
    TextSlot,
    TimeSlot,
)
from tests.long import master
from tests.player.cast import STAFF
from tests.player.scripts import BatchScript
from tests.player.stage import Script, Stage

START = datetime(2026, 11, 2, 0, 0, tzinfo=UTC)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
TURBID, SPLIT, AGAIN, SKIPPED_VERIFICATION = "look_d4", "feed_d6", "feed_d3", ("look_d7", "feed_d7")
"""Where the played batch goes off the plain course: a turbid culture, a divided one, an operation that nobody
planned, two steps that nobody has verified yet."""


def png(width: int = 640, height: int = 480, shade: int = 120) -> bytes:
    """A small picture with a gradient, as a camera would give it."""
    rows = b"".join(
        b"\0" + bytes(v for x in range(width) for v in ((shade + x) % 256, (x + y) % 256, y % 256))
        for y in range(height)
    )

    def chunk(name: bytes, content: bytes) -> bytes:
        return pack(">I", len(content)) + name + content + pack(">I", crc32(name + content))

    header = pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", compress(rows)) + chunk(b"IEND", b"")
    )


PICTURE = png()
LOGGER_FILE = b"time;degC\n" + b"".join(b"2026-11-02 %02d:00;%d.5\n" % (hour, 20) for hour in range(24))


@dataclass(kw_only=True)
class LongScript(BatchScript):
    """The whole process of one batch; stops before the step named by `play(until=...)`."""

    photos: tuple[str, ...] = ("look_d1", TURBID, "look_d5", "look_d8")
    first: datetime | None = None
    _done: set[str] = field(default_factory=set)

    def issued(self) -> Script:
        """Issued from the long master batch record."""
        from lims.actions import trial

        stage = self.stage
        yield self.at
        band = trial.put_on_wristband(
            stage.site,
            stage.actor("clin-a"),
            stage.request(),
            participant=self.participant,
            identity_document="demo card",
            witness=stage.actor("clin-b"),
        ).of(WristbandIssued)
        trial.scan_wristband(
            stage.site, stage.actor("clin-a"), stage.request(), participant=self.participant, code=band.serial
        )
        trial.order_perfusion(
            stage.site,
            stage.actor("clin-a"),
            stage.request(),
            participant=self.participant,
            number=1,
            planned_at=self.start + timedelta(days=21, hours=8),
            ward="Ward 3",
        )
        yield self.wait(20)
        outcome = issue_batch(
            stage.site,
            stage.actor("qa-b"),
            stage.request(),
            participant=self.participant,
            round_number=1,
            master=stage.master.code,
        )
        self.batch = outcome.of(BatchIssued).number

    def play(self, until: str = "", *, half: bool = False) -> Script:
        """Every step before `until`; with `half` that step too, without its last slots. Stops at a milestone."""
        while (step := self.record.current) is not None and step.done_by is None:
            if step.code == until and not half:
                return
            if step.code == AGAIN and not self.record.operations:
                culture.add_operation(
                    self.stage.site,
                    self.stage.actor("tech-a"),
                    self.stage.request(),
                    batch=self.batch,
                    operation="look_again",
                    reason="Small floating clumps at the edge of the vessel.",
                )
                continue
            if step.role == "technician":
                self.first = self.first or self.at + DAY
                self.at = max(self.at, self.first + timedelta(days=step.day))
            yield self.wait(4)
            slots = step.evidence[: len(step.evidence) // 2] if step.code == until else step.evidence
            for slot in slots:
                if not is_computed(slot) and not self.record.is_filled(step.code, slot):
                    yield from self._fill(step, slot)
            if step.code == until:
                return
            yield from self._finish(step)

    def by(self, step: Step) -> Actor:
        """Who performs a step of that role."""
        return self.stage.actor("clin-a" if step.role == "clinician" else "tech-a")

    def _finish(self, step: Step) -> Script:
        stage = self.stage
        if self.record.open_deviations:
            yield from self.decide()
        yield self.wait(1)
        culture.confirm_step(stage.site, self.by(step), stage.request(), batch=self.batch, step=step.code)
        if step.second_person is SecondPerson.REVIEW and step.code not in SKIPPED_VERIFICATION:
            yield self.wait(2)
            culture.verify_step(
                stage.site,
                stage.actor("tech-b"),
                stage.request(),
                batch=self.batch,
                step=step.code,
                seen_seq=self.record.steps[step.code].last_seq,
            )

    def verify_rest(self) -> Script:
        """The verifications that were left out."""
        for code in SKIPPED_VERIFICATION:
            yield self.wait(1)
            culture.verify_step(
                self.stage.site,
                self.stage.actor("tech-b"),
                self.stage.request(),
                batch=self.batch,
                step=code,
                seen_seq=self.record.steps[code].last_seq,
            )

    def _fill(self, step: Step, slot: AnySlot) -> Script:
        match slot:
            case ScanContainerSlot() | LabelSlot() | HandoverSlot():
                yield from super()._fill(step, slot)
            case PhotoSlot() | FileSlot() if slot.required or step.code in self.photos:
                yield self.wait(0.4)
                self._give_as(step, slot, Entered(file=upload(slot)))
            case PhotoSlot() | FileSlot():
                return
            case _:
                yield self.wait(0.4)
                self._give(step, slot)

    def _give(self, step: Step, slot: AnySlot) -> None:
        match slot:
            case BranchSlot():
                way = "turbid" if step.code == TURBID else slot.ways[0].code
                self._give_as(step, slot, Entered(option=way))
            case TextSlot():
                if slot.required:
                    self._give_as(
                        step, slot, Entered(text="Cells single, no clumps, no movement of bacteria.")
                    )
            case NumberSlot() if (step.code, slot.code) not in self.numbers and not _known(step, slot):
                self._give_as(step, slot, Entered(raw=self._number(step, slot)))
            case TimeSlot() if slot.code == "draw_end":
                drawn = self.stage.clock.now() - 45 * MINUTE
                self._give_as(step, slot, Entered(at=drawn, reason="from the collection form"))
            case ChoiceSlot():
                self._give_as(step, slot, Entered(option=slot.options[0].code))
            case CountsSlot() | NumberSlot():
                super()._give(step, slot)
            case TimeSlot():
                self._give_as(step, slot, NOTHING)
            case _:
                super()._give(step, slot)

    def _number(self, step: Step, slot: NumberSlot) -> str:
        if step.code == SPLIT and slot.code == "after":
            return "130.0"
        limit = slot.limit
        if limit is None or limit.low is None or limit.high is None:
            return "20"
        return f"{(limit.low + limit.high) / 2:.{slot.decimals}f}"

    def _give_as(self, step: Step, slot: AnySlot, entered: Entered) -> None:
        stage = self.stage
        record_evidence(
            stage.site,
            self.by(step),
            stage.request(),
            batch=self.batch,
            step=step.code,
            slot=slot.code,
            entered=entered,
        )

    def _labels(self, step: Step, slot: LabelSlot) -> Script:
        stage = self.stage
        yield self.wait(1)
        culture.print_labels(
            stage.site, self.by(step), stage.request(), batch=self.batch, step=step.code, slot=slot.code
        )
        fates = ("applied", "attached", "destroyed")
        printed = [
            item for item in self.record.labels.values() if (item.step, item.slot) == (step.code, slot.code)
        ]
        of: dict[str, int] = {}
        for label in printed:
            at = of[label.container] = of.get(label.container, -1) + 1
            yield self.wait(0.3)
            culture.account_label(
                stage.site,
                self.by(step),
                stage.request(),
                batch=self.batch,
                step=step.code,
                slot=slot.code,
                serial=label.serial,
                fate=fates[at],
            )

    def decide(self) -> Script:
        """As the plain course, but a deviation in the clinic is explained by the clinic."""
        for _ in super().decide():
            yield self.at


def _known(step: Step, slot: NumberSlot) -> bool:
    from tests.player.scripts import NUMBERS

    return (step.code, slot.code) in NUMBERS


def upload(slot: AnySlot) -> Upload:
    """A picture for a photo slot, the logger's file for a file slot."""
    if isinstance(slot, PhotoSlot):
        return Upload(name="picture.png", content=PICTURE)
    return Upload(name="logger 1.csv", content=LOGGER_FILE)


@dataclass
class Long:
    """A stage with the long master approved, one batch of it, and how to play it on."""

    stage: Stage
    script: LongScript
    folder: Path

    @property
    def number(self) -> str:
        """The batch's number."""
        return self.script.batch

    @property
    def record(self) -> BatchRecord:
        """The batch as it stands."""
        return self.script.record

    def run(self, script: Script) -> None:
        """Play a part of the script from here; no timers but those that come due."""
        self.script.at = max(self.script.at, self.stage.clock.now())
        for when in script:
            self.stage._pass_to(max(when, self.stage.clock.now()))


def set_up(folder: Path, start: datetime = START) -> Long:
    """Found the instance, approve the long record, train everybody, issue the batch."""
    stage = Stage(folder, start=start)
    stage.set_up()
    text = master.text()
    loaded = load_master_batch_record(text)
    masters.propose_master(stage.site, stage.actor("qa-a"), stage.request(), text=text)
    masters.approve_master(
        stage.site,
        stage.actor("qa-b"),
        stage.request(),
        code=loaded.record.code,
        version=loaded.record.version,
        file_sha256=loaded.file_sha256,
        canonical_sha256=loaded.canonical_sha256,
    )
    stage.master = loaded.record
    for member in STAFF:
        if member.role in (Role.TECHNICIAN, Role.QA, Role.CLINICIAN):
            people.record_training(
                stage.site,
                stage.actor("qa-a"),
                stage.request(),
                person=member.user_id,
                subject=loaded.record.code,
                version=loaded.record.version,
                until=stage.until,
                evidence="demo",
            )
    script = LongScript(stage=stage, participant=stage.enrol(), start=stage.clock.now())
    long = Long(stage=stage, script=script, folder=folder)
    long.run(script.issued())
    return long
