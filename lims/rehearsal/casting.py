"""Who plays: the default cast with those whom a rehearsal adds or changes, and who of them is needed at all."""

from lims.domain.acts import Role
from lims.rehearsal.cast import ALWAYS, CAST, Player
from lims.rehearsal.read import Play
from lims.rehearsal.screening import SCREENERS
from lims.rehearsal.script import Block, Doing, Given, HandedTo, Receiving, Results


def players(given: Given) -> dict[str, Player]:
    """The default cast with those whom the rehearsal adds or changes."""
    players = {player.id: player for player in CAST}
    for someone in given.people:
        known = players.get(someone.id) or Player(id=someone.id, name=someone.id, role=Role.TECHNICIAN)
        players[someone.id] = Player(
            id=someone.id,
            name=someone.name or known.name,
            role=someone.role or known.role,
            trained=known.trained if someone.trained is None else someone.trained,
            delegated=known.delegated if someone.delegated is None else someone.delegated,
        )
    return players


def people_of(play: Play) -> set[str]:
    """Everyone whom the play names, so that nobody else has to be hired."""
    named = set(ALWAYS) | play.hired | {someone.id for someone in play.given.people}
    if any(enrolled.eligible for enrolled in play.given.participants):
        named |= set(SCREENERS)
    for scene in play.scenes:
        match scene.play:
            case Block() as block:
                named |= {block.who, block.verify or ""}
                named |= {item for item in block.given.values() if isinstance(item, str)}
                named |= {item.to for item in block.given.values() if isinstance(item, HandedTo)}
            case Receiving() as receiving:
                named.add(receiving.who)
            case Results() as results:
                named |= {results.who, results.review}
            case Doing() as doing:
                said = doing.given.model_dump().values()
                named |= {doing.who} | {item for item in said if isinstance(item, str)}
            case _:
                pass
    return named
