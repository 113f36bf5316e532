"""What a perfusion delivered: three volumes that account for the unit, and the dose that the volume given carries."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from lims.domain.batch_record import BatchRecord
from lims.domain.deviations import opened
from lims.domain.entries.batch import Perfused
from lims.domain.entries.envelope import Draft
from lims.domain.master_batch_record import Gate
from lims.domain.qc import purity
from lims.domain.quantities import as_written, plain
from lims.domain.refusals import BadEntry, Refused


@dataclass(frozen=True, slots=True, kw_only=True)
class Volumes:
    """What became of the unit's volume, in mL, each read off and entered."""

    given: Decimal
    residual: Decimal
    """Left in syringe and catheter: returned, to be destroyed."""
    wasted: Decimal


def given(
    batch: BatchRecord,
    started_at: datetime,
    ended_at: datetime,
    catheter: str,
    volumes: Volumes,
    reaction: str,
) -> Draft:
    """The perfusion as it goes on file, with the dose that the volume given carries (F11)."""
    dose = batch.master.dose
    fill = batch.number_at(dose.fill_volume)
    concentration = batch.number_at(dose.concentration)
    pure = purity(batch)
    if fill is None or concentration is None or pure is None:
        raise Refused("release.no_product")
    _check_balance(volumes, fill=fill)
    viable = concentration * volumes.given
    assert batch.matched is not None and batch.confirmed is not None
    fact = Perfused(
        started_at=started_at,
        ended_at=ended_at,
        catheter=catheter,
        volume_given=volumes.given,
        volume_residual=volumes.residual,
        volume_wasted=volumes.wasted,
        viable_cells=viable,
        nk_cells=viable * pure / 100,
        concentration=concentration,
        purity=pure,
        reaction=reaction,
        matched_seq=batch.matched.seq,
        confirmed_seq=batch.confirmed.seq,
    )
    return Draft(stream=batch.stream, fact=fact)


def _check_balance(volumes: Volumes, *, fill: Decimal) -> None:
    """Nothing of the product is unaccounted for: given, returned and wasted make up what was filled (screens 2.15)."""
    if volumes.residual > fill:
        raise BadEntry(
            "perfusion.volume", field="residual", residual=plain(volumes.residual), fill=plain(fill)
        )
    found = volumes.given + volumes.residual + volumes.wasted
    if found != fill:
        raise BadEntry(
            "perfusion.balance",
            field="given",
            found=plain(found),
            fill=plain(fill),
            apart=plain(abs(fill - found)),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class EndotoxinGiven:
    """F15: endotoxin in what was delivered, in EU; a result below the method's limit stays a bound."""

    qualifier: str
    exact: Decimal

    @property
    def shown(self) -> str:
        """As it is read: `<0.053 EU/dose`."""
        return f"{self.qualifier}{as_written(self.exact, 3)} EU/dose"


def endotoxin_given(batch: BatchRecord) -> EndotoxinGiven | None:
    """The reviewed endotoxin per mL times the volume that was given; none without either."""
    perfused = batch.perfusion
    test = next((t for t in batch.tests if t.unit == "EU/mL" and t.gate is not Gate.NONE), None)
    result = batch.result_of(test) if test else None
    if perfused is None or result is None or not result.counts or result.fact.value is None:
        return None
    return EndotoxinGiven(
        qualifier=result.fact.qualifier or "", exact=result.fact.value * perfused.volume_given
    )


def dose_deviations(batch: BatchRecord, fact: Perfused) -> list[Draft]:
    """A volume or a dose outside its limit, and a reaction: each opens a deviation and stays on file."""
    found: list[Draft] = []
    held = (
        (batch.protocol.volume_given, fact.volume_given),
        (batch.master.dose.least_delivered, fact.viable_cells),
    )
    for limit, value in held:
        if not limit.judge(value).is_within:
            about = (("value", f"{plain(value)} {limit.unit}"), ("limit", limit.shown()))
            found.append(opened(batch, rule="dose.outside", severity="major", about=about, drafts=found))
    if fact.reaction != "none":
        said = (("value", fact.reaction),)
        found.append(opened(batch, rule="reaction", severity="major", about=said, drafts=found))
    return found
