"""What the sign-in pages show: stations, and on a demo site what waits for whom."""

from dataclasses import dataclass
from datetime import date

from lims.actions.site import Site
from lims.domain.acts import ACTS, Role
from lims.domain.entries.envelope import stream_of
from lims.domain.folds import Folded
from lims.domain.keyring import Keyring
from lims.domain.rows import PersonRow, StationRow, TaskRow
from lims.ledger.read_tables import find
from lims.queries.look import Reader, people_names


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """How much waits for a person, and how much of it is over its time."""

    tasks: int
    overdue: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnKey:
    """How far the reader's signing key is trusted: trusted, waiting, revoked or none."""

    state: str
    vouchers: int
    kid: str = ""
    vouched: tuple[str, ...] = ()
    """Names of those who vouched for it."""
    could: tuple[str, ...] = ()
    """Names of the colleagues who can still vouch for it."""


def stations(site: Site) -> tuple[StationRow, ...]:
    """The registered workstations; asked before anybody is signed in, so there is no reader yet."""
    with site.ledger.reading() as book:
        return find(book, StationRow, order=("name",))


def waiting(site: Site, user_ids: tuple[str, ...]) -> dict[str, Waiting]:
    """On a demo site, by user id: what its role cards say before anybody is signed in."""
    now = site.clock.now()
    with site.ledger.reading() as book:
        people = find(book, PersonRow, ("user_id", "in", sorted(user_ids)))
        tasks = [task for task in find(book, TaskRow) if task.since <= now]
    found = {}
    for person in people:
        roles = {Role(held.partition(":")[0]) for held in person.roles.split()}
        own = [t for t in tasks if Role(t.role) in roles and f"|{person.person}|" not in t.not_by]
        over = sum(task.due_at is not None and task.due_at < now for task in own)
        found[person.user_id] = Waiting(tasks=len(own), overdue=over)
    return found


def own_key(reader: Reader) -> OwnKey:
    """The reader's own signing key."""
    with reader.site.ledger.reading() as book:
        ring = book.derived("keys", Folded.of).record
        person = book.derived(stream_of("person", reader.person), Folded.of).record
    kid = getattr(person, "kid", None)
    key = ring.people.get(kid) if isinstance(ring, Keyring) and kid else None
    if key is None:
        return OwnKey(state="none", vouchers=0)
    state = "revoked" if key.revoked else "trusted" if key.trusted else "waiting"
    with reader.site.ledger.reading() as book:
        names = people_names(reader, book, key.vouchers)
        staff = find(book, PersonRow, closed=False, has_key=True, order=("name",))
    able = {
        row.name
        for row in staff
        if row.person not in {reader.person, *key.vouchers}
        and ACTS["attest_key"].by & {Role(held.partition(":")[0]) for held in row.roles.split()}
    }
    return OwnKey(
        state=state,
        vouchers=len(key.vouchers),
        kid=key.kid,
        vouched=tuple(names[person] for person in key.vouchers),
        could=tuple(sorted(able)) if state == "waiting" else (),
    )


def today(reader: Reader) -> date:
    """The calendar day at the site."""
    return reader.local(reader.now).date()
