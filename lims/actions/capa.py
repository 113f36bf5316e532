"""What follows a deviation: its investigation and closure, and the actions that come from it."""

from datetime import date

from lims.actions.detach import words, words_or_none
from lims.actions.site import Site
from lims.actions.work import Actor, Ask, Decision, Outcome, Scene, batch_of, perform
from lims.domain import capa, investigation
from lims.domain.batch_record import BatchRecord
from lims.domain.capa import STREAM, Capas, Plan
from lims.domain.entries.envelope import stream_of
from lims.domain.entries.late import Touched
from lims.domain.refusals import BadEntry
from lims.domain.rows import ShareRow
from lims.domain.shared import shares_around
from lims.ledger.open_book import Book
from lims.ledger.read_tables import find


def investigate_deviation(
    site: Site,
    actor: Actor,
    request_id: str,
    *,
    batch: str,
    number: str,
    impact_on: str,
    impact: str,
    cause: str,
    root_cause: str,
) -> Outcome:
    """Impact and root cause; the other batches that share something are put on file beside them."""
    touched, why = words(impact, field="impact"), words(root_cause, field="root_cause")

    def rule(scene: Scene) -> Decision:
        record = batch_of(scene, batch)
        drafts = investigation.investigate(
            record,
            number,
            impact_on=impact_on,
            impact=touched.detached,
            cause=cause,
            root_cause=why.detached,
            others=_others(scene.book, record, number),
        )
        return Decision(drafts=drafts)

    asked = {"number": number, "impact": impact, "on": impact_on, "cause": cause, "root_cause": root_cause}
    ask = Ask(
        request_id=request_id,
        act="investigate_deviation",
        on=stream_of("batch", batch),
        asked=asked,
        kept=(touched, why),
    )
    return perform(site, actor, ask, rule)


def _others(book: Book, batch: BatchRecord, number: str) -> tuple[Touched, ...]:
    """Every other batch that shares a lot, an item of equipment, an operator or the day (G-192b)."""
    if number not in batch.deviations:
        return ()
    own = shares_around(batch, number)
    found: dict[str, set[tuple[str, str]]] = {}
    for row in find(book, ShareRow, ("which", "in", sorted(which for _, which in own))):
        if row.batch != batch.number and (row.what, row.which) in own:
            found.setdefault(row.batch, set()).add((row.what, row.which))
    return tuple(Touched(batch=other, shares=tuple(sorted(found[other]))) for other in sorted(found))


def open_capa(
    site: Site,
    actor: Actor,
    request_id: str,
    *,
    deviations: tuple[str, ...],
    action: str,
    description: str,
    owner: str,
    due: date,
    criterion: str,
    check_on: date,
    follows: str = "",
) -> Outcome:
    """Quality plans an action because of one or several deviations, and says how its effect will be judged."""
    what = words(description, field="description", least=5)
    measure = words(criterion, field="criterion", least=5)
    if not owner:
        raise BadEntry("capa.owner_unfit", field="owner")
    deviations = tuple(dict.fromkeys(deviations))
    batches = sorted({number.rpartition("-")[0] for number in deviations})

    def rule(scene: Scene) -> Decision:
        wanted = Plan(
            action=action,
            description=what.detached,
            due=due,
            criterion=measure.detached,
            check_on=check_on,
            follows=follows,
        )
        drafts = capa.plan(
            capas_of(scene),
            [batch_of(scene, number) for number in batches],
            deviations,
            wanted,
            owner=scene.person(owner),
            today=scene.today,
            zone=site.founded.zone,
        )
        return Decision(drafts=drafts)

    asked = {
        "deviations": " ".join(deviations),
        "action": action,
        "description": description,
        "owner": owner,
        "due": due.isoformat(),
        "criterion": criterion,
        "check_on": check_on.isoformat(),
        "follows": follows,
    }
    ask = Ask(
        request_id=request_id,
        act="open_capa",
        on=STREAM,
        asked=asked,
        write=tuple(stream_of("batch", number) for number in batches),
        read=(stream_of("person", owner),),
        kept=(what, measure),
    )
    return perform(site, actor, ask, rule)


def finish_capa(site: Site, actor: Actor, request_id: str, *, number: str, done: str) -> Outcome:
    """The owner says what was done."""
    kept = words(done, field="done")

    def rule(scene: Scene) -> Decision:
        drafts = capa.finish(capas_of(scene), number, done=kept.detached, person=actor.person)
        return Decision(drafts=drafts)

    asked = {"number": number, "done": done}
    return perform(
        site, actor, Ask(request_id=request_id, act="finish_capa", on=STREAM, asked=asked, kept=(kept,)), rule
    )


def verify_capa(
    site: Site, actor: Actor, request_id: str, *, number: str, agreed: bool, finding: str
) -> Outcome:
    """Quality looks whether it was done."""
    kept = words(finding, field="finding")

    def rule(scene: Scene) -> Decision:
        drafts = capa.verify(
            capas_of(scene), number, agreed=agreed, finding=kept.detached, person=actor.person
        )
        return Decision(drafts=drafts)

    asked = {"number": number, "agreed": str(agreed), "finding": finding}
    return perform(
        site, actor, Ask(request_id=request_id, act="verify_capa", on=STREAM, asked=asked, kept=(kept,)), rule
    )


def check_effectiveness(
    site: Site, actor: Actor, request_id: str, *, number: str, effective: bool, finding: str
) -> Outcome:
    """Quality judges the effect by the criterion of the plan and signs."""
    kept = words(finding, field="finding")

    def rule(scene: Scene) -> Decision:
        drafts = capa.check_effect(
            capas_of(scene),
            number,
            effective=effective,
            finding=kept.detached,
            person=actor.person,
            now=scene.now,
        )
        return Decision(drafts=drafts)

    ask = Ask(
        request_id=request_id,
        act="check_effectiveness",
        on=STREAM,
        asked={"number": number, "effective": str(effective), "finding": finding},
        about=(("number", number), ("result", "effective" if effective else "not effective")),
        kept=(kept,),
    )
    return perform(site, actor, ask, rule)


def close_deviation(
    site: Site, actor: Actor, request_id: str, *, batch: str, number: str, conclusion: str
) -> Outcome:
    """Quality closes the deviation and signs."""
    kept = words_or_none(conclusion, field="conclusion")

    def rule(scene: Scene) -> Decision:
        drafts = investigation.close(
            batch_of(scene, batch),
            number,
            capas_of(scene),
            conclusion=kept.detached if kept else None,
            person=actor.person,
        )
        return Decision(drafts=drafts)

    ask = Ask(
        request_id=request_id,
        act="close_deviation",
        on=stream_of("batch", batch),
        asked={"number": number, "conclusion": conclusion},
        about=(("number", number),),
        read=(STREAM,),
        kept=(kept,),
    )
    return perform(site, actor, ask, rule)


def capas_of(scene: Scene) -> Capas:
    """Every action of the site; none is on file before the first."""
    record = scene.record(STREAM)
    assert isinstance(record, Capas)
    return record
