"""What must hold of a participant: her rounds, and her way through screening."""

from collections.abc import Iterator

from lims.domain.entries.envelope import stream_of
from lims.domain.participant import Participant, fold_participant
from lims.domain.trial.screened import MenstrualSample
from lims.rehearsal.differing import differs, refusals_on_file
from lims.rehearsal.instance import Stage
from lims.rehearsal.script import CourseFact, RoundFact


def participant(stage: Stage, trial_id: str) -> Participant:
    """The participant as she stands."""
    stream = stream_of("participant", trial_id)
    with stage.site.ledger.reading() as book:
        return fold_participant(stream, book.entries(stream))


def of_round(fact: RoundFact, stage: Stage) -> Iterator[str]:
    """What of a round does not hold."""
    person = participant(stage, stage.names.read(fact.participant))
    this = person.round(fact.round)
    name = f"round {fact.round} of {person.trial_id}"
    if fact.planned is not None:
        plan = person.screening.plans.get(fact.round)
        day = None if fact.planned == "none" else stage.calendar.day(fact.planned)
        yield from differs(f"{name} planned", plan.planned_on if plan else None, day)
    if fact.perfused is not None:
        yield from differs(f"{name} perfused", this.perfused is not None, fact.perfused)
    if fact.open_batch is not None:
        wanted = stage.names.read(fact.open_batch)
        yield from differs(f"the open batch of {name}", this.open_batch or "none", wanted)
    if fact.final is not None:
        found = this.finalised.disposition if this.finalised else "none"
        yield from differs(f"the final disposition of {name}", found, fact.final)
    if fact.refusals is not None:
        yield from differs(
            f"the refusals for {name}", refusals_on_file(stage, person.stream), list(fact.refusals)
        )


def of_course(fact: CourseFact, stage: Stage) -> Iterator[str]:
    """What of her way through screening does not hold."""
    person = participant(stage, stage.names.read(fact.course))
    screened, name = person.screening, person.trial_id
    decided, allocated, ended = screened.eligibility, person.allocation, screened.no_further
    found = {
        "samples": [sample_told(one) for _, one in sorted(screened.samples.items())],
        "eligible": decided.eligible if decided else None,
        "reasons": list(decided.reasons) if decided else [],
        "arm": allocated.arm if allocated else "none",
        "cancelled": [one.reason for one in screened.cancelled],
        "no_further": ended.reason if ended else "none",
        "departures": [one.code for one in screened.deviations],
        "refusals": refusals_on_file(stage, person.stream),
    }
    for field, is_so in found.items():
        if (expected := getattr(fact, field)) is not None:
            yield from differs(
                f"{field} of {name}", is_so, list(expected) if isinstance(expected, tuple) else expected
            )


def sample_told(sample: MenstrualSample) -> str:
    """What a sample came to, in one word of the format."""
    if sample.missed:
        return sample.missed.why.value
    if sample.analysed is None:
        return "waits"
    fact = sample.analysed
    if fact.inadequate:
        return "inadequate"
    if sample.number == 0:
        return "open" if fact.abnormal is None else "abnormal" if fact.abnormal else "normal"
    if fact.normalised is None:
        return "open"
    return "normalised" if fact.normalised else "partial" if fact.partial else "not_improved"
