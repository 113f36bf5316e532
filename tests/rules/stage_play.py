"""A site in memory: streams, a clock and a demo cast, on which a batch can be played with the domain's rules alone."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path

from lims.authoring.load import Loaded, load_master_batch_record, load_protocol
from lims.domain.acts import ACTS, Role
from lims.domain.batch_fold import fold_batch
from lims.domain.batch_record import BatchRecord
from lims.domain.canonical import GENESIS, commitment_of, entry_hash, file_hash
from lims.domain.codes import CodeType, compose
from lims.domain.entries.envelope import (
    Authorship,
    Detached,
    Draft,
    Entry,
    RequestMark,
    body_of,
    refusals_of,
    stream_of,
)
from lims.domain.entries.keys import ActRefused, SignatureMade
from lims.domain.equipment import Equipment, fold_equipment
from lims.domain.master_batch_record import MasterBatchRecord
from lims.domain.masters import Version, fold_versions
from lims.domain.materials import Lot, fold_lot
from lims.domain.participant import Participant, fold_participant
from lims.domain.protocol import StudyProtocol
from lims.domain.readings import Found
from lims.domain.refusals import Refused
from lims.domain.signatures import Intent
from lims.domain.statements import digest, statement

TEMPLATES = Path(__file__).parents[2] / "batch_templates"
ZONE = "Asia/Shanghai"
DAY_0 = datetime(2026, 11, 10, 23, 30, tzinfo=UTC)
"""07:30 at the site on 2026-11-11."""

PEOPLE = {
    "technician.a": "Technician A",
    "technician.b": "Technician B",
    "qc.a": "QC analyst A",
    "qc.b": "QC analyst B",
    "qa.a": "QA officer A",
    "qa.b": "QA officer B",
    "clinician.a": "Clinician A",
    "clinician.b": "Clinician B 医师乙",
    "coordinator.a": "Coordinator A",
}
"""The demo cast: a person's id and printed name."""

ROLES = {
    "technician": Role.TECHNICIAN,
    "qc": Role.QC_ANALYST,
    "qa": Role.QA,
    "clinician": Role.CLINICIAN,
    "coordinator": Role.COORDINATOR,
}


@cache
def templates() -> tuple[Loaded[MasterBatchRecord], Loaded[StudyProtocol]]:
    """The shipped ten-step master batch record and study protocol."""
    return (
        load_master_batch_record(TEMPLATES / "MBR-DNK-010.yaml"),
        load_protocol(TEMPLATES / "PROTOCOL-DNK.yaml"),
    )


@dataclass
class Site:
    """Every stream of the site, the time, and the words that lie detached from the chain."""

    now: datetime = DAY_0
    streams: dict[str, list[Entry]] = field(default_factory=dict)
    bodies: dict[str, list[str]] = field(default_factory=dict)
    words: dict[str, str] = field(default_factory=dict)
    minted: int = 0
    requests: int = 0

    def wait(self, *, days: float = 0, hours: float = 0, minutes: float = 0) -> None:
        """The clock goes on."""
        self.now += timedelta(days=days, hours=hours, minutes=minutes)

    def code(self, sort: CodeType) -> str:
        """A fresh code."""
        self.minted += 1
        return compose(sort, f"{self.minted * 7919:012d}")

    def say(self, words: str) -> Detached:
        """Free text, kept beside the chain under its commitment."""
        commitment = commitment_of(f"{len(self.words):032x}", words)
        self.words[commitment] = words
        return Detached(commitment=commitment, sort="words", size=len(words.encode()))

    def write(self, drafts: Iterable[Draft], *, person: str, act: str, station: str = "bench-1") -> Entry:
        """Put what a rule decided on file as one request; returns the last entry."""
        self.requests += 1
        mark = RequestMark(id=f"request-{self.requests}", digest=file_hash(str(self.requests).encode()))
        by = Authorship(
            time=self.now,
            person=person,
            role=ROLES[person.partition(".")[0]].value,
            station=station,
            act=act,
            request=mark,
        )
        entries = [self._append(draft, by) for draft in drafts]
        self.now += timedelta(seconds=20)
        return entries[-1]

    def _append(self, draft: Draft, by: Authorship) -> Entry:
        stream = self.streams.setdefault(draft.stream, [])
        bodies = self.bodies.setdefault(draft.stream, [])
        body = body_of(draft, by=by, seq=len(stream) + 1)
        before = stream[-1].hash if stream else GENESIS
        entry = Entry(
            stream=draft.stream,
            seq=len(stream) + 1,
            time=by.time,
            person=by.person,
            role=by.role,
            station=by.station,
            act=by.act,
            request=by.request,
            relied_on=draft.relied_on,
            fact=draft.fact,
            hash=entry_hash(before, body),
        )
        stream.append(entry)
        bodies.append(body)
        return entry

    def sign(self, covered: Entry, *, language: str = "en", **about: object) -> None:
        """A signature of the entry's person over it; key and signature are made of fixed hex."""
        act = ACTS[covered.act]
        stated = tuple((name, str(value)) for name, value in about.items())
        record = self.batch(covered.stream) if covered.stream.startswith("batch:") else None
        intent = Intent(
            covers_stream=covered.stream,
            covers_seq=covered.seq,
            covers_hash=covered.hash,
            language=language,
            meaning=act.name,
            name=PEOPLE[covered.person],
            nonce=f"{covered.seq:032x}",
            sentence=(act.meaning or act.label).format(**about),
            shown=digest(statement(act.name, record, stated)),
            time=covered.time,
            zone=ZONE,
        ).text()
        fact = SignatureMade(
            kid=file_hash(covered.person.encode())[:32],
            intent=intent,
            signature=file_hash(intent.encode()) * 2,
        )
        draft = Draft(stream=covered.stream, fact=fact)
        by = Authorship(
            time=covered.time,
            person=covered.person,
            role=covered.role,
            station=covered.station,
            act=covered.act,
            request=covered.request,
        )
        self._append(draft, by)

    def refuse(self, refused: Refused, *, stream: str, person: str, act: str) -> None:
        """A refused act is on file in the linked stream."""
        fact = ActRefused(rule=refused.rule, about=refused.reason.about)
        self.write([Draft(stream=refusals_of(stream), fact=fact)], person=person, act=act)

    def batch(self, stream: str) -> BatchRecord:
        """The batch as its stream tells now."""
        return fold_batch(stream, self.streams[stream])

    def participant(self, trial_id: str) -> Participant:
        """The participant as her stream tells now."""
        stream = stream_of("participant", trial_id)
        return fold_participant(stream, self.streams.get(stream, ()))

    def version(self, stream: str) -> Version | None:
        """The version in force of a master batch record or of the study protocol."""
        return fold_versions(stream, self.streams[stream]).effective

    def found(self, code: str) -> Found:
        """What a scanned code of a lot or an equipment item is."""
        lot, item = stream_of("lot", code), stream_of("equipment", code)
        if lot in self.streams:
            known: Lot = fold_lot(lot, self.streams[lot])
            return Found(lot=known)
        if item in self.streams:
            equipment: Equipment = fold_equipment(item, self.streams[item])
            return Found(equipment=equipment)
        return Found()

    @property
    def today(self) -> date:
        """The day, in UTC; near enough for dates far from an edge."""
        return self.now.date()
