"""What happens at a workstation that holds one batch: work of a batch begins there, and the line is cleared."""

from lims.actions.site import Site
from lims.actions.work import Actor, Ask, Decision, Outcome, Scene, batch_of, perform
from lims.domain import stations as rules
from lims.domain.acts import WORKED
from lims.domain.batch_record import BatchRecord
from lims.domain.entries.envelope import Draft, stream_of
from lims.domain.refusals import NotAllowed, Refused
from lims.domain.rows import StationRow
from lims.domain.stations import Station
from lims.ledger.read_tables import find


def held_at(site: Site, actor: Actor) -> tuple[str, ...]:
    """The stream of the actor's station, to be locked, where it holds one batch at a time; empty elsewhere.

    Read before the lock: a station's registration never changes.
    """
    with site.ledger.reading() as book:
        rows = find(book, StationRow, station=actor.station, limit=1) if actor.station else ()
    return tuple(row.stream for row in rows if row.line_clearance)


def opened(scene: Scene, held: tuple[str, ...], batch: BatchRecord) -> tuple[Draft, ...]:
    """Work of the batch at the station: refused while it holds another, and noted when it is the first."""
    return tuple(draft for stream in held for draft in rules.open_line(scene.load(stream, Station), batch))


def clear_line(
    site: Site,
    actor: Actor,
    request_id: str,
    *,
    station: str,
    cleared: str,
    following: str,
    checks: tuple[str, ...],
    witness: Actor,
) -> Outcome:
    """Two people state that nothing of batch `cleared` is left at the station; batch `following` comes next."""
    stream, coming = stream_of("station", station), stream_of("batch", following)

    def rule(scene: Scene) -> Decision:
        held, batch = scene.load(stream, Station), batch_of(scene, following)
        if actor.station != station:
            raise NotAllowed("station.elsewhere", station=held.name)
        if batch.stage not in WORKED:
            raise Refused("act.stage", stage=batch.stage.value)
        made, checked = rules.clear_line(
            held,
            batch,
            cleared=cleared,
            checks=checks,
            person=(actor.person, scene.person(actor.person).name),
            second=(witness.person, scene.person(witness.person).name),
        )
        return Decision(drafts=made, by_witness=checked)

    asked = {
        "station": station,
        "cleared": cleared,
        "following": following,
        "checks": " ".join(sorted(checks)),
        "witness": witness.person,
    }
    ask = Ask(
        request_id=request_id, act="clear_line", on=stream, asked=asked, read=(coming,), witness=witness
    )
    return perform(site, actor, ask, rule)
