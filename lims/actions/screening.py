"""What is done at screening and about rounds: menstrual blood, eligibility, tests, plans, cancellations."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from lims.actions.detach import Kept, words, words_or_none
from lims.actions.masters import effective_protocol
from lims.actions.site import Site
from lims.actions.work import Actor, Ask, Decision, Outcome, Scene, perform
from lims.domain.canonical import canon
from lims.domain.entries.envelope import Draft, stream_of
from lims.domain.entries.screening import (
    MenstrualSampleAnalysed,
    MenstrualSampleCollected,
    MenstrualSampleMissed,
    PregnancyTested,
    PreScreened,
    ProtocolDeviationRecorded,
)
from lims.domain.participant import Participant
from lims.domain.plain import to_plain
from lims.domain.protocol import StudyProtocol
from lims.domain.trial import screening as rules

About = tuple[tuple[str, str], ...]
Decide = Callable[[Participant, StudyProtocol, date], tuple[Draft, ...]]
"""From her record, the protocol in force and the day at the site to what goes on file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """Who records something of whom, under which request."""

    site: Site
    actor: Actor
    request_id: str
    participant: str

    def perform(
        self,
        act: str,
        asked: Mapping[str, object],
        decide: Decide,
        *,
        kept: tuple[Kept | None, ...] = (),
        about: About = (),
    ) -> Outcome:
        """One act on her stream, under the protocol in force."""
        stream = stream_of("participant", self.participant)

        def rule(scene: Scene) -> Decision:
            person, protocol = scene.load(stream, Participant), effective_protocol(scene)[0]
            return Decision(drafts=decide(person, protocol, scene.today))

        ask = Ask(
            request_id=self.request_id,
            act=act,
            on=stream,
            asked={name: _said(value) for name, value in asked.items()},
            about=about,
            read=("study",),
            kept=kept,
        )
        return perform(self.site, self.actor, ask, rule)


def _said(value: object) -> str:
    return value if isinstance(value, str) else canon(to_plain(value))


def pre_screen(by: Recording, fact: PreScreened) -> Outcome:
    """A first look, before any sample."""
    return by.perform(
        "pre_screen",
        {"fact": fact},
        lambda person, protocol, today: rules.pre_screen(person, fact, protocol=protocol, today=today),
    )


def collect_menstrual_blood(by: Recording, fact: MenstrualSampleCollected) -> Outcome:
    """Menstrual blood was taken; the number of the sample comes from her record."""
    return by.perform(
        "collect_menstrual_blood",
        {"fact": replace(fact, number=0)},
        lambda person, protocol, today: rules.collect(person, fact, protocol=protocol, today=today),
    )


def analyse_menstrual_blood(by: Recording, fact: MenstrualSampleAnalysed, *, why: str = "") -> Outcome:
    """What the laboratory measured; the verdict comes from the rule set. A correction says why."""
    kept = words_or_none(why, field="why")
    whole = replace(fact, why=kept.detached if kept else None)
    return by.perform(
        "analyse_menstrual_blood",
        {"fact": fact, "why": why},
        lambda person, protocol, today: rules.analyse(person, whole, protocol=protocol),
        kept=(kept,),
        about=(("participant", by.participant), ("number", str(fact.number))),
    )


def miss_menstrual_blood(by: Recording, fact: MenstrualSampleMissed) -> Outcome:
    """A planned sample cannot be assessed, with the code of why."""
    return by.perform(
        "miss_menstrual_blood",
        {"fact": replace(fact, number=0)},
        lambda person, protocol, today: rules.miss(person, fact, today=today),
    )


def decide_eligibility(
    by: Recording, *, eligible: bool, reasons: tuple[str, ...], failure_type: str, wishes_to_conceive: bool
) -> Outcome:
    """The investigator decides and signs; the rule set that judged her menstrual blood is frozen."""
    return by.perform(
        "decide_eligibility",
        {
            "eligible": eligible,
            "reasons": " ".join(reasons),
            "failure_type": failure_type,
            "wishes_to_conceive": wishes_to_conceive,
        },
        lambda person, protocol, today: rules.decide(
            person,
            eligible=eligible,
            reasons=reasons,
            failure_type=failure_type,
            wishes_to_conceive=wishes_to_conceive,
            protocol=protocol,
            today=today,
        ),
        about=(("participant", by.participant),),
    )


def record_pregnancy_test(by: Recording, fact: PregnancyTested) -> Outcome:
    """A pregnancy test before a collection or a perfusion."""
    return by.perform(
        "record_pregnancy_test",
        {"fact": fact},
        lambda person, protocol, today: rules.record_test(person, fact, today=today),
    )


def plan_round(by: Recording, *, number: int, last_menses: date, cycle_day: int) -> Outcome:
    """The day of a round by her cycle."""
    return by.perform(
        "plan_round",
        {"round": number, "last_menses": last_menses, "cycle_day": cycle_day},
        lambda person, protocol, today: rules.plan_round(
            person,
            number=number,
            last_menses=last_menses,
            cycle_day=cycle_day,
            protocol=protocol,
            today=today,
        ),
    )


def cancel_round(by: Recording, *, number: int, on: date, reason: str) -> Outcome:
    """A planned round is called off, with its reason."""
    return by.perform(
        "cancel_round",
        {"round": number, "on": on, "reason": reason},
        lambda person, protocol, today: rules.cancel_round(
            person, number=number, on=on, reason=reason, protocol=protocol, today=today
        ),
    )


def end_rounds(by: Recording, *, on: date, reason: str) -> Outcome:
    """It is decided that no further round follows."""
    return by.perform(
        "end_rounds",
        {"on": on, "reason": reason},
        lambda person, protocol, today: rules.end_rounds(
            person, on=on, reason=reason, protocol=protocol, today=today
        ),
    )


def record_protocol_deviation(by: Recording, *, on: date, code: str, major: bool, story: str) -> Outcome:
    """A departure from the study protocol, in words; the words lie beside the chain."""
    kept = words(story, field="story", least=10)
    fact = ProtocolDeviationRecorded(on=on, code=code, major=major, story=kept.detached)
    return by.perform(
        "record_protocol_deviation",
        {"on": on, "code": code, "major": major, "story": story},
        lambda person, protocol, today: rules.deviate(person, fact, protocol=protocol, today=today),
        kept=(kept,),
    )
