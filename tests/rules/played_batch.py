"""The ten-step batch played in memory, from issue to closure, by calling the domain's rules in order."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cache
from zoneinfo import ZoneInfo

from lims.domain import aftercare, perfusion, qc, release
from lims.domain.acts import Role
from lims.domain.batch_record import BatchRecord
from lims.domain.dose_given import Volumes
from lims.domain.entries.batch import Annotated
from lims.domain.entries.envelope import Draft, Entry
from lims.domain.entries.values import Means
from lims.domain.replay import Replay, replay
from tests.rules.play_bench import Bench
from tests.rules.play_setup import TRIAL_ID
from tests.rules.stage_play import PEOPLE, ZONE

POINTS = (
    "issued",
    *("receive", "set_up", "count", "seed", "feed"),
    *("check_identity", "harvest", "formulate", "fill", "quarantine"),
    *("tested", "released", "handed_over", "matched", "perfused", "disposed", "closed"),
)
"""Where a played batch can stop: each step when it is confirmed and verified, then what follows."""


@dataclass(frozen=True)
class Played:
    """A played batch with everything a reader of it needs."""

    record: BatchRecord
    people: dict[str, str]
    words: dict[str, str]
    refusals: tuple[Entry, ...]
    bodies: tuple[str, ...]
    streams: dict[str, tuple[Entry, ...]]


def played_batch(upto: str | None = None) -> BatchRecord:
    """The batch record as it stands at a point of `POINTS`; closed if none is named."""
    return played(upto).record


@cache
def played(upto: str | None = None) -> Played:
    """The batch at a point, with its people, its words and its refused acts."""
    play = Play()
    for point in POINTS:
        play.to(point)
        if point == upto:
            break
    site = play.site
    return Played(
        record=play.batch,
        people=dict(PEOPLE),
        words=dict(site.words),
        refusals=tuple(site.streams.get(f"{play.stream}!refusals", ())),
        bodies=tuple(site.bodies[play.stream]),
        streams={name: tuple(entries) for name, entries in site.streams.items()},
    )


class Play(Bench):
    """Quality and the clinic carry on where the bench ends."""

    residual = Decimal("0.15")
    """What is left in the syringe, in mL."""

    def to(self, point: str) -> None:
        """Play what leads to the next point."""
        own = {
            "issued": self.issued,
            "tested": self.tested,
            "released": self.released,
            "handed_over": self.handed_over,
            "matched": self.matched,
            "perfused": self.perfused,
            "disposed": self.disposed,
            "closed": self.closed,
        }
        own[point]() if point in own else self.step(point)

    def tested(self) -> None:
        self.site.wait(hours=1)
        for code, (raw, option) in RESULTS.items():
            self.result(code, raw=raw, option=option, analyst="qc.a", reviewer="qc.b")

    def result(self, code: str, *, raw: str, option: str, analyst: str, reviewer: str) -> None:
        drafts = qc.enter_result(
            self.batch,
            test_code=code,
            raw=raw,
            option=option,
            outcome="",
            instrument=None,
            reason=None,
            now=self.site.now,
            person=analyst,
        )
        self.site.write(drafts, person=analyst, act="enter_result", station="qc-1")
        review = qc.review_result(self.batch, test_code=code, agreed=True, person=reviewer)
        entry = self.site.write(review, person=reviewer, act="review_result", station="qc-2")
        self.site.sign(entry, test=self.batch.master.test(code).title.en)

    @property
    def replayed(self) -> Replay:
        return replay(self.stream, self.batch.entries)

    def review(self) -> None:
        drafts = release.review(self.batch, self.replayed, seen_seq=self.batch.seq, person="qa.a")
        self.site.sign(self.site.write(drafts, person="qa.a", act="review_record"), number=self.number)

    def released(self) -> None:
        note = Annotated(
            words=self.site.say("Logger file is archived with the receipt papers."), step="receive"
        )
        self.site.write([Draft(stream=self.stream, fact=note)], person="qa.a", act="annotate")
        self.review()
        woman, expiry = self.site.participant(TRIAL_ID), self.batch.expires_at
        drafts = release.release_conditionally(
            self.batch, woman, self.replayed, justification=None, seen_seq=self.batch.seq, now=self.site.now
        )
        entry = self.site.write(drafts, person="qa.a", act="release_conditionally", station="office-1")
        assert expiry is not None
        self.site.sign(entry, participant=TRIAL_ID, round=self.round_number, expiry=local(expiry))

    def handed_over(self) -> None:
        places = ("Fridge QF-1", "clinic")
        self.hand_over("product", giver="technician.a", receiver="clinician.a", places=places)

    def legs(self) -> perfusion.Legs:
        scanned = Means.SCANNED
        return perfusion.Legs(
            wristband=self.band,
            wristband_means=scanned,
            product=self.container("product"),
            product_means=scanned,
            order=self.order,
            order_means=scanned,
        )

    def matched(self) -> None:
        self.site.wait(minutes=30)
        checks = tuple((check.code, check.options[0].code) for check in self.batch.protocol.bedside_checks)
        first = perfusion.match(
            self.batch,
            self.site.participant(TRIAL_ID),
            self.legs(),
            patient_stated=True,
            checks=checks,
            appearance="normal",
            holder_roles=frozenset({Role.CLINICIAN}),
            now=self.site.now,
        )
        self.site.write(first, person="clinician.a", act="match_identity", station="ward-3")
        second = perfusion.confirm(
            self.batch,
            self.site.participant(TRIAL_ID),
            self.legs(),
            person="clinician.b",
            holder_roles=frozenset({Role.CLINICIAN}),
            now=self.site.now,
        )
        self.site.write(second, person="clinician.b", act="confirm_identity", station="ward-3")

    def perfused(self) -> None:
        self.site.wait(minutes=6)
        drafts = perfusion.perfuse(
            self.batch,
            self.site.participant(TRIAL_ID),
            started_at=self.site.now - timedelta(minutes=5),
            ended_at=self.site.now - timedelta(minutes=2),
            catheter="CATH-DEMO-1",
            volumes=Volumes(
                given=Decimal("1.20") - self.residual, residual=self.residual, wasted=Decimal("0.00")
            ),
            reaction="none",
            now=self.site.now,
        )
        self.site.write(drafts, person="clinician.a", act="record_perfusion", station="ward-3")
        entry = self.batch.perfused
        assert entry is not None
        self.site.sign(entry, participant=TRIAL_ID, round=self.round_number)

    def disposed(self) -> None:
        self.site.wait(hours=2)
        ended = aftercare.end_observation(self.batch, outcome="well", note=None, now=self.site.now)
        self.site.write(ended, person="clinician.b", act="end_observation", station="ward-3")
        self.site.wait(days=15)
        self.result("sterility_b", raw="", option="no_growth", analyst="qc.b", reviewer="qc.a")
        self.review()
        woman = self.site.participant(TRIAL_ID)
        drafts = release.dispose_finally(self.batch, woman, disposition="conforming", reason=None)
        self.site.write(drafts, person="qa.a", act="dispose_finally", station="office-1")
        entry = self.batch.disposed
        assert entry is not None
        self.site.sign(entry, number=self.number, disposition="conforming")

    def closed(self) -> None:
        entry = self.site.write(release.close(self.batch), person="qa.a", act="close_record")
        self.site.sign(entry, number=self.number)


def local(moment: datetime) -> str:
    """A time at the site, for a signed sentence."""
    return moment.astimezone(ZoneInfo(ZONE)).isoformat(sep=" ", timespec="minutes")


RESULTS = {
    "viability": ("94.2", ""),
    "dose": ("24600000", ""),
    "identity": ("93.5", ""),
    "endotoxin": ("<0.05", ""),
    "gram": ("", "none_seen"),
    "mycoplasma": ("", "not_detected"),
    "sterility_a": ("", "no_growth"),
}
