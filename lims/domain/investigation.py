"""What follows a decided deviation at a desk: impact and root cause, then closure by another than who opened it."""

from lims.domain.batch_record import BatchRecord, Deviation
from lims.domain.capa import Capas
from lims.domain.entries.capa import DeviationClosed, DeviationInvestigated
from lims.domain.entries.envelope import SYSTEM, Detached, Draft
from lims.domain.entries.late import Touched
from lims.domain.refusals import BadEntry, NotAllowed, Refused

IMPACTS = ("nothing", "product", "participant", "record")
CAUSES = ("people", "method", "material", "equipment", "environment", "donor", "unknown")


def investigate(
    batch: BatchRecord,
    number: str,
    *,
    impact_on: str,
    impact: Detached,
    cause: str,
    root_cause: Detached,
    others: tuple[Touched, ...],
) -> tuple[Draft, ...]:
    """Impact and root cause, each with its category; said again, the earlier words stay on file (G-192b)."""
    deviation = _decided(batch, number)
    if impact_on not in IMPACTS:
        raise BadEntry("choice.unknown", field="impact_on")
    if cause not in CAUSES:
        raise BadEntry("choice.unknown", field="cause")
    fact = DeviationInvestigated(
        number=deviation.number,
        impact_on=impact_on,
        impact=impact,
        cause=cause,
        root_cause=root_cause,
        others=others,
    )
    return (Draft(stream=batch.stream, fact=fact),)


def close(
    batch: BatchRecord, number: str, capas: Capas, *, conclusion: Detached | None, person: str
) -> tuple[Draft, ...]:
    """Nothing is left to do: a root cause is on file, every action has its effect; a critical one had an action or
    says why none.
    """
    deviation = _decided(batch, number)
    if deviation.opened.person == person and person != SYSTEM:
        raise NotAllowed("deviation.opener_decides")
    if deviation.investigated is None:
        raise Refused("deviation.not_investigated", number=number)
    result = batch.investigations.get(number)
    if result is not None and not result.is_over:
        raise Refused("deviation.oos_first", number=number)
    raised = capas.of(number)
    waiting = [capa.number for capa in raised if capa.is_open]
    if waiting:
        raise Refused("deviation.capa_open", number=number, capas=", ".join(waiting))
    if conclusion is None:
        critical = deviation.severity == "critical" and not raised
        raise BadEntry("deviation.no_capa" if critical else "text.empty", field="conclusion", least=1)
    numbers = tuple(capa.number for capa in raised)
    fact = DeviationClosed(number=number, capas=numbers, conclusion=conclusion)
    last = tuple(capa.history[-1].reference for capa in raised)
    return (Draft(stream=batch.stream, fact=fact, relied_on=last),)


def _decided(batch: BatchRecord, number: str) -> Deviation:
    deviation = batch.deviations.get(number)
    if deviation is None:
        raise Refused("deviation.unknown", number=number)
    if deviation.decided is None:
        raise Refused("deviation.undecided", number=number)
    if deviation.closed is not None:
        raise Refused("deviation.closed", number=number)
    return deviation
