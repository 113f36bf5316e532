"""What somebody at a page sees before they act there; a rehearsal looks with the eyes of the person who acts."""

from zoneinfo import ZoneInfo

from lims.actions.site import Site
from lims.actions.work import Actor
from lims.domain.entries.envelope import stream_of
from lims.domain.people import fold_person
from lims.queries.look import Reader


def reader_of(site: Site, actor: Actor) -> Reader:
    """The person as a reader of pages, in the roles that they hold today."""
    stream = stream_of("person", actor.person)
    with site.ledger.reading() as book:
        member = fold_person(stream, book.entries(stream))
    today = site.clock.now().astimezone(ZoneInfo(site.founded.zone)).date()
    return Reader(person=actor.person, roles=member.roles_on(today), language="en", site=site)
