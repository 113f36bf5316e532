"""Setting the clock right by two signatures, so that acts go on after it stood ahead (N15; the rule: domain.clock)."""

from datetime import datetime

from lims.actions.detach import words
from lims.actions.site import Site
from lims.actions.work import Actor, Ask, Decision, Outcome, Scene, perform
from lims.domain.clock import correct, propose_correction
from lims.domain.entries.envelope import Draft
from lims.ledger.book import Book

STREAM = "system"


def propose_clock_correction(site: Site, actor: Actor, request_id: str, *, reason: str) -> Outcome:
    """One person checked the clock and says against what; acts stay stopped."""
    kept = words(reason, field="reason")

    def rule(scene: Scene) -> Decision:
        fact = propose_correction(now=site.clock.now(), heads=heads_of(scene.book), reason=kept.detached)
        return Decision(drafts=(Draft(stream=STREAM, fact=fact),))

    ask = Ask(
        request_id=request_id,
        act="propose_clock_correction",
        on=STREAM,
        asked={"reason": reason},
        kept=(kept,),
        sets_clock=True,
    )
    return perform(site, actor, ask, rule)


def countersign_clock_correction(site: Site, actor: Actor, request_id: str, *, proposed_seq: int) -> Outcome:
    """Another person checked it as well; acts go on, and no stream's time runs backwards."""

    def rule(scene: Scene) -> Decision:
        fact = correct(
            scene.book.entries(STREAM),
            proposed_seq=proposed_seq,
            person=actor.person,
            now=site.clock.now(),
            heads=heads_of(scene.book),
        )
        return Decision(drafts=(Draft(stream=STREAM, fact=fact),))

    ask = Ask(
        request_id=request_id,
        act="countersign_clock_correction",
        on=STREAM,
        asked={"seq": str(proposed_seq)},
        sets_clock=True,
    )
    return perform(site, actor, ask, rule)


def heads_of(book: Book) -> frozenset[datetime]:
    """The moments at which the streams of the instance end."""
    return frozenset(head.time for stream in book.streams() if (head := book.head(stream)))
