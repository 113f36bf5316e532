"""A woman's stream for tests of screening: facts in, entries out, by the rules' own drafts."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from lims.authoring.load import load_protocol
from lims.domain.entries.envelope import Detached, Draft, Entry, Fact
from lims.domain.entries.screening import (
    MenstrualSampleAnalysed,
    MenstrualSampleCollected,
    PreScreened,
    Reading,
)
from lims.domain.entries.trial import ConsentRecorded, ParticipantEnrolled
from lims.domain.participant import Participant, fold_participant
from lims.domain.protocol import StudyProtocol
from lims.domain.trial import screening

TEMPLATES = Path(__file__).parents[1] / "batch_templates"
PROTOCOL = load_protocol(TEMPLATES / "PROTOCOL-DNK.yaml").record
START = datetime(2026, 3, 2, 1, tzinfo=UTC)
"""09:00 in Shanghai."""
TODAY = date(2026, 3, 20)
HIDDEN = Detached(commitment="c" * 64, sort="identity", size=4)
NORMAL = {"nk_share": "40.0", "cd56bright": "70.0", "cd16_dim": "12.0", "cd49a": "40.0", "cd103": "20.0"}
ABNORMAL = {**NORMAL, "cd49a": "15.0", "cd16_dim": "35.0"}


def entry(fact: Fact, seq: int, at: datetime) -> Entry:
    """An entry with this fact."""
    return Entry(
        stream="participant:DNK-001",
        seq=seq,
        time=at,
        person="coord-a",
        role="coordinator",
        station="desk",
        act="enrol_participant",
        request=None,
        relied_on=(),
        fact=fact,
        hash=f"{seq:064x}",
    )


class Woman:
    """Her stream, which grows by facts or by what a rule decides."""

    def __init__(self, protocol: StudyProtocol = PROTOCOL) -> None:
        """She is enrolled, and nothing else is on file."""
        self.protocol = protocol
        self.entries: list[Entry] = []
        self.now = START
        self.put(
            ParticipantEnrolled(trial_id="DNK-001", name=HIDDEN, birth_date=HIDDEN, hospital_number=HIDDEN)
        )

    @property
    def record(self) -> Participant:
        """Her record as it stands."""
        return fold_participant("participant:DNK-001", self.entries)

    def put(self, *facts: Fact) -> "Woman":
        """Facts go on file, an hour apart."""
        for fact in facts:
            self.now += timedelta(hours=1)
            self.entries.append(entry(fact, len(self.entries) + 1, self.now))
        return self

    def by(self, rule: Callable[[Participant], Iterable[Draft]]) -> "Woman":
        """What a rule decides goes on file."""
        return self.put(*(draft.fact for draft in rule(self.record)))

    def pre_screened(self, **changed: object) -> "Woman":
        """She was pre-screened and goes on."""
        fact = replace(pre_screening(), **changed)  # type: ignore[arg-type]  # fields of the fact
        return self.by(lambda p: screening.pre_screen(p, fact, protocol=self.protocol, today=TODAY))

    def consented(self, *scopes: str) -> "Woman":
        """She consented, to everything where nothing else is said."""
        given = scopes or ("treatment", "data", "samples")
        return self.put(ConsentRecorded(form_version="3", scopes=given, signed_on=date(2026, 3, 2)))

    def sampled(
        self, values: dict[str, str], *, menses: date = date(2026, 3, 1), **changed: object
    ) -> "Woman":
        """Menstrual blood was taken and analysed."""
        number = self.record.screening.next_sample
        self.by(
            lambda p: screening.collect(
                p, collection(last_menses=menses), protocol=self.protocol, today=date(2026, 12, 31)
            )
        )
        fact = analysis(number, values, **changed)
        return self.by(lambda p: screening.analyse(p, fact, protocol=self.protocol))

    def decided(self, *, eligible: bool = True, reasons: tuple[str, ...] = (), wish: bool = True) -> "Woman":
        """The investigator decided on her eligibility."""
        return self.by(
            lambda p: screening.decide(
                p,
                eligible=eligible,
                reasons=reasons,
                failure_type="recurrent_loss",
                wishes_to_conceive=wish,
                protocol=self.protocol,
                today=TODAY,
            )
        )


def pre_screening() -> PreScreened:
    """A pre-screening of one who goes on."""
    return PreScreened(
        on=date(2026, 3, 2),
        recruited_by="clinic",
        failure_type="recurrent_loss",
        goes_on=True,
        reasons=(),
    )


def collection(**changed: object) -> MenstrualSampleCollected:
    """An adequate collection on the second day of bleeding."""
    fact = MenstrualSampleCollected(
        number=0,
        last_menses=date(2026, 3, 1),
        menses_day=2,
        began_at=datetime(2026, 3, 2, 0, tzinfo=UTC),
        ended_at=datetime(2026, 3, 2, 12, tzinfo=UTC),
        device="cup",
        volume=Decimal("4.5"),
        weight=None,
        clots=False,
        medium="medium_a",
        hormones=False,
        intrauterine_device=False,
        antibiotics=False,
        intercourse=False,
    )
    return replace(fact, **changed)  # type: ignore[arg-type]  # fields of the fact


def analysis(number: int, values: dict[str, str], **changed: object) -> MenstrualSampleAnalysed:
    """An adequate analysis, as the analyst enters it; the verdict comes from the rule."""
    fact = MenstrualSampleAnalysed(
        number=number,
        received_at=datetime(2026, 3, 2, 15, tzinfo=UTC),
        transport_temperature=Decimal("20.0"),
        preparation="ficoll",
        cells=Decimal(2_000_000),
        viability=Decimal(88),
        cd45_events=50_000,
        contamination=None,
        gate_version="G1",
        fcs_sha256="",
        readings=tuple(Reading(code=code, value=Decimal(value), unit="%") for code, value in values.items()),
        inadequate=(),
        adequacy_version="",
        rule_set="",
        abnormal=None,
        abnormal_markers=(),
        normalised=None,
        partial=None,
    )
    return replace(fact, **changed)  # type: ignore[arg-type]  # fields of the fact
