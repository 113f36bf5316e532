"""What is done at a storage place: scan in with its place, scan both out."""

from lims.actions.site import Site
from lims.actions.work import Actor, Ask, Decision, Outcome, Scene, batch_of, perform
from lims.domain import storage
from lims.domain.entered import entered_code
from lims.domain.entries.envelope import stream_of
from lims.domain.entries.values import Means
from lims.domain.equipment import Equipment
from lims.domain.rows import CodeRow
from lims.ledger.read_tables import find


def put_into_storage(
    site: Site,
    actor: Actor,
    request_id: str,
    *,
    batch: str,
    container: str,
    means: Means,
    position: str,
    position_means: Means,
) -> Outcome:
    """The holder scans the container and the place into which it goes."""
    item = entered_code(container, field="container")
    place = entered_code(position, field="position")
    stream = _equipment(site, place)

    def rule(scene: Scene) -> Decision:
        drafts = storage.put_in(
            batch_of(scene, batch),
            container=item,
            means=means,
            position=scene.load(stream, Equipment) if stream else None,
            position_means=position_means,
            person=actor.person,
        )
        return Decision(drafts=drafts)

    ask = Ask(
        request_id=request_id,
        act="put_into_storage",
        on=stream_of("batch", batch),
        asked=_asked(item, means, place, position_means),
        read=(stream,) if stream else (),
    )
    return perform(site, actor, ask, rule)


def take_from_storage(
    site: Site,
    actor: Actor,
    request_id: str,
    *,
    batch: str,
    container: str,
    means: Means,
    position: str,
    position_means: Means,
) -> Outcome:
    """Whoever takes it out scans the container and the place out of which it comes."""
    item = entered_code(container, field="container")
    place = entered_code(position, field="position")

    def rule(scene: Scene) -> Decision:
        drafts = storage.take_out(
            batch_of(scene, batch),
            container=item,
            means=means,
            position=place,
            position_means=position_means,
        )
        return Decision(drafts=drafts)

    ask = Ask(
        request_id=request_id,
        act="take_from_storage",
        on=stream_of("batch", batch),
        asked=_asked(item, means, place, position_means),
    )
    return perform(site, actor, ask, rule)


def _asked(item: str, means: Means, place: str, position_means: Means) -> dict[str, str]:
    return {
        "container": item,
        "means": means.value,
        "position": place,
        "position_means": position_means.value,
    }


def _equipment(site: Site, code: str) -> str | None:
    """The stream of the place that carries the code; none when it is no place."""
    with site.ledger.reading() as book:
        found = find(book, CodeRow, code=code, what="equipment", limit=1)
    return found[0].stream if found else None
