"""Reading a rehearsal: text in, a whole play out, or every fault with its line."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from json import dumps
from pathlib import Path

from pydantic import ValidationError

from lims.authoring.faults import AuthoringError, Fault, fault
from lims.authoring.schema_faults import faults_of
from lims.authoring.yaml_source import Unreadable, YamlNode, decode, read_yaml
from lims.domain.refusals import RULES
from lims.rehearsal.cast import CAST
from lims.rehearsal.hands import HANDS
from lims.rehearsal.moments import is_span
from lims.rehearsal.script import (
    DOINGS,
    REHEARSAL,
    AnyFact,
    Block,
    Check,
    Doing,
    Given,
    Receiving,
    Refusal,
    Results,
)

KEYS = ("act", "do", "receives", "results", "check")
"""What a line of the play begins with."""

TAGS = {tag: tag for tag in (f"act:{name}" for name in (*DOINGS, *KEYS))}
TAGS |= {tag: tag for tag in (f"fact:{name}" for name in ("value", "labels", "lot", "round", "state"))}
"""Names that the schema puts into a complaint's place and that stand nowhere in the file."""

MOST_BEFORE = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """One line of the play and where it is written."""

    play: Doing | Block | Receiving | Results | Check
    file: str
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """One fact that must hold, and where it is written."""

    fact: AnyFact
    file: str
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Play:
    """A rehearsal without faults: its givens with those of the journey before it, its scenes, its facts."""

    path: Path
    title: str
    given: Given
    scenes: tuple[Scene, ...]
    then: tuple[Expected, ...]
    begun: int = 0
    """How many of the scenes are those of the journey before it."""
    hired: frozenset[str] = frozenset()
    """People who are there although no scene names them."""

    @property
    def folder(self) -> Path:
        """Files that the rehearsal names lie beside it."""
        return self.path.parent


def read_rehearsal(path: Path) -> Play:
    """Read a rehearsal and the journeys before it.

    Raises AuthoringError with every fault as `FILE:LINE: message`, and OSError when a file can't be read.
    """
    return _read(path, depth=0)


def _read(path: Path, *, depth: int) -> Play:
    try:
        tree = read_yaml(decode(path.read_bytes()))
    except Unreadable as unreadable:
        raise AuthoringError(path.name, unreadable.faults) from None
    if unknown := tuple(_unknown_acts(tree)):
        raise AuthoringError(path.name, unknown)
    try:
        parsed = REHEARSAL.validate_json(dumps(tree.json()), strict=True)
    except ValidationError as error:
        raise AuthoringError(path.name, faults_of(error, tree, TAGS)) from None
    play = Play(
        path=path,
        title=parsed.title.en,
        given=parsed.given,
        scenes=tuple(
            Scene(play=item, file=path.name, line=node.line)
            for item, node in zip(parsed.acts, _items(tree, "acts"), strict=True)
        ),
        then=tuple(
            Expected(fact=item, file=path.name, line=node.line)
            for item, node in zip(parsed.then, _items(tree, "then"), strict=True)
        ),
    )
    whole = _after_journey(play, tree, depth=depth)
    if whole.scenes and is_span(whole.scenes[0].play.at):
        raise AuthoringError(
            path.name, [fault(whole.scenes[0].line, "The first act needs a day and a time.")]
        )
    if strangers := tuple(_strangers(play, whole.given)):
        raise AuthoringError(path.name, strangers)
    return whole


def _items(tree: YamlNode, key: str) -> list[YamlNode]:
    below = tree.child(key)
    return [] if below is None else below.items or []


def _unknown_acts(tree: YamlNode) -> Iterator[Fault]:
    """Lines that play no act of the table, told before the schema tries them."""
    for item in _items(tree, "acts"):
        named = [key for key in KEYS if item.child(key) is not None]
        if len(named) != 1:
            yield fault(item.line, "A line of the play has one of: {keys}.", keys=", ".join(KEYS))
            continue
        act = item.child("act")
        if act is not None and str(act.value) not in HANDS:
            yield fault(act.line, "“{act}” is no act of the table of acts.", act=str(act.value)[:60])


def _after_journey(play: Play, tree: YamlNode, *, depth: int) -> Play:
    """The play with everything that another rehearsal plays before it."""
    before, given = play.given.before, play.given
    node = tree.child("given")
    line = node.line if node else 0
    if before is None:
        if given.protocol is None or not given.masters or given.day_0 is None:
            wanted = "“given” names day_0, protocol and masters, or the journey before it."
            raise AuthoringError(play.path.name, [fault(line, wanted)])
        return play
    if depth >= MOST_BEFORE:
        raise AuthoringError(play.path.name, [fault(line, "Too many journeys lie before this one.")])
    base = _read(play.folder / before.rehearsal, depth=depth + 1)
    try:
        journey = up_to(base, before.upto)
    except LookupError:
        wanted = "{file} has no act called “{name}”."
        told = fault(line, wanted, file=before.rehearsal, name=before.upto)
        raise AuthoringError(play.path.name, [told]) from None
    return Play(
        path=play.path,
        title=play.title,
        given=merged(base.given, given),
        scenes=(*journey.scenes, *play.scenes),
        then=play.then,
        begun=len(journey.scenes),
    )


def up_to(play: Play, name: str) -> Play:
    """The play up to and with the act of that name, as it is written. Raises LookupError when there is none."""
    at = next((at for at, scene in enumerate(play.scenes) if name in _names(scene)), None)
    if at is None:
        raise LookupError(name)
    return replace(play, scenes=play.scenes[: at + 1], then=())


def _names(scene: Scene) -> tuple[str | None, ...]:
    play = scene.play
    if isinstance(play, Block):
        return (play.name, play.step)
    return () if isinstance(play, Check) else (play.name,)


def merged(base: Given, own: Given) -> Given:
    """The givens of both; what has the same name comes from the later one."""
    return Given(
        day_0=own.day_0 or base.day_0,
        zone=own.zone or base.zone,
        protocol=own.protocol or base.protocol,
        masters=own.masters or base.masters,
        people=(*base.people, *own.people),
        stock=(*base.stock, *own.stock),
        equipment=(*base.equipment, *own.equipment),
        participants=(*base.participants, *own.participants),
    )


def _strangers(play: Play, given: Given) -> Iterator[Fault]:
    """People who act although nobody knows them, and rules that do not exist."""
    known = {player.id for player in CAST} | {someone.id for someone in given.people}
    hired = {
        str(getattr(scene.play.given, "user_id", ""))
        for scene in play.scenes
        if isinstance(scene.play, Doing)
    }
    for scene in play.scenes:
        who = None if isinstance(scene.play, Check) else scene.play.who
        if who is not None and who not in known and who not in hired:
            yield fault(scene.line, "Nobody here is called “{who}”.", who=who)
        expected = scene.play.expect if isinstance(scene.play, Doing) else None
        if isinstance(expected, Refusal):
            for rule in (expected.refused, *expected.because):
                if rule not in RULES:
                    yield fault(scene.line, "There is no rule “{rule}”.", rule=rule)
