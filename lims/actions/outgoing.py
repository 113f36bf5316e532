"""What is done about data that leave: an export on file, a freeze that is kept, questions and their answers."""

from lims.actions.detach import words
from lims.actions.figures import roles_now
from lims.actions.masters import effective_protocol
from lims.actions.site import Site
from lims.actions.work import Actor, Ask, Decision, Outcome, Scene, perform
from lims.domain.entries.envelope import stream_of
from lims.domain.participant import Participant
from lims.domain.trial import outgoing as rules
from lims.domain.trial.outgoing import STREAM, DataQuery, Made, queries_of
from lims.domain.trial.sight import STREAM as FIGURES
from lims.domain.trial.sight import check_sight, is_locked
from lims.ledger.files import Files


def export_data(site: Site, actor: Actor, request_id: str, *, form: str, made: Made) -> Outcome:
    """The tables go out in a form, to who may see outcomes by arm; what went out and from which entries is on file."""

    def rule(scene: Scene) -> Decision:
        _check_sight(scene, actor)
        return Decision(drafts=rules.export(form, made))

    ask = Ask(request_id=request_id, act="export_data", on=STREAM, asked={"form": form}, read=(FIGURES,))
    return perform(site, actor, ask, rule)


def freeze_data(
    site: Site,
    actor: Actor,
    request_id: str,
    *,
    content: bytes,
    made: Made,
    purpose: str,
    open_queries: int,
) -> Outcome:
    """The tables are kept as they stand, under the hash of the file that the statistician gets."""
    kept = words(purpose, field="purpose", least=3)

    def rule(scene: Scene) -> Decision:
        _check_sight(scene, actor)
        protocol, _ = effective_protocol(scene)
        drafts = rules.freeze(
            scene.book.entries(STREAM),
            made,
            purpose=kept.detached,
            protocol=protocol.code,
            version=protocol.version,
            open_queries=open_queries,
        )
        return Decision(drafts=drafts)

    Files(site.ledger.files).put(content)
    ask = Ask(
        request_id=request_id,
        act="freeze_data",
        on=STREAM,
        asked={"purpose": purpose},
        read=("study", FIGURES),
        kept=(kept,),
    )
    return perform(site, actor, ask, rule)


def _check_sight(scene: Scene, actor: Actor) -> None:
    """The tables tell outcomes by arm: until lock they are for the statistician (ICH E9 4.5)."""
    check_sight(roles_now(scene, actor), locked=is_locked(scene.book.entries(FIGURES)))


def raise_query(
    site: Site, actor: Actor, request_id: str, *, participant: str, place: str, question: str
) -> Outcome:
    """Quality asks about one column, `table.column`, of a participant's data."""
    stream, kept = stream_of("participant", participant), words(question, field="question", least=5)
    dataset, _, column = place.partition(".")

    def rule(scene: Scene) -> Decision:
        drafts = rules.raise_query(
            stream, _queries(scene, stream), dataset=dataset, column=column, question=kept.detached
        )
        return Decision(drafts=drafts)

    asked = {"place": place, "question": question}
    ask = Ask(request_id=request_id, act="raise_query", on=stream, asked=asked, kept=(kept,))
    return perform(site, actor, ask, rule)


def answer_query(
    site: Site, actor: Actor, request_id: str, *, participant: str, number: int, answer: str
) -> Outcome:
    """The clinic answers; a wrong value is corrected by its own act."""
    stream, kept = stream_of("participant", participant), words(answer, field="answer", least=2)

    def rule(scene: Scene) -> Decision:
        drafts = rules.answer_query(stream, _queries(scene, stream), number=number, answer=kept.detached)
        return Decision(drafts=drafts)

    asked = {"number": str(number), "answer": answer}
    ask = Ask(request_id=request_id, act="answer_query", on=stream, asked=asked, kept=(kept,))
    return perform(site, actor, ask, rule)


def close_query(site: Site, actor: Actor, request_id: str, *, participant: str, number: int) -> Outcome:
    """The answer suffices."""
    stream = stream_of("participant", participant)

    def rule(scene: Scene) -> Decision:
        queries = _queries(scene, stream)
        return Decision(drafts=rules.close_query(stream, queries, number=number, person=actor.person))

    ask = Ask(request_id=request_id, act="close_query", on=stream, asked={"number": str(number)})
    return perform(site, actor, ask, rule)


def _queries(scene: Scene, stream: str) -> "dict[int, DataQuery]":
    """The questions about a participant who is on file."""
    scene.load(stream, Participant)
    return dict(queries_of(scene.book.entries(stream)))
