"""Playing a rehearsal: the acts of several people merged by time, due timers fired first, each as the corridor says."""

import heapq
import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

from lims.actions import timers
from lims.actions.site import Site
from lims.actions.work import Outcome
from lims.authoring.faults import AuthoringError
from lims.domain.acts import ACTS
from lims.domain.entries.batch import BatchIssued, DeviationOpened, LabelsPrinted
from lims.domain.entries.supply import EquipmentRegistered, LotPrepared, LotReceived
from lims.domain.entries.trial import ParticipantEnrolled, PerfusionOrdered, WristbandIssued
from lims.domain.refusals import Refused, Unmet
from lims.domain.rows import TimerRow
from lims.ledger.read_tables import find
from lims.rehearsal.blocks import StepBlock, Unplayable, in_laboratory
from lims.rehearsal.facts import unmet
from lims.rehearsal.hands import HANDS, Reading
from lims.rehearsal.instance import Stage
from lims.rehearsal.moments import is_span, span
from lims.rehearsal.names import UnknownName
from lims.rehearsal.read import Expected, Play, Scene
from lims.rehearsal.report import Failure, Line, Report, Stopped, outcome_told
from lims.rehearsal.script import Block, Check, Doing, Receiving, Refusal, Results

CALLED = {
    "issue_batch": "batch",
    "print_labels": "labels",
    "order_perfusion": "order",
    "issue_wristband": "wristband",
}
"""What is minted gets this name when the rehearsal gives it no other."""
SHORT = 40

Tell = Callable[[Line], None]
Fired = tuple[str, str, datetime]
"""A timer by its stream, its key and when it was due."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsed:
    """A journey that was played, with the instance on which it stands."""

    stage: Stage
    report: Report
    played: tuple[Scene, ...] = ()
    """Every scene, those of a journey that was gone on from as well."""
    fired: frozenset[Fired] = frozenset()
    """Timers that have fired."""
    ended: datetime | None = None
    """When the last line ended; a line that goes on from there may follow."""

    @property
    def site(self) -> Site:
        """The throw-away instance."""
        return self.stage.site

    @property
    def batch(self) -> str | None:
        """The number of the batch that the rehearsal is about; none if none was issued."""
        try:
            return self.stage.names.lookup("batch")
        except UnknownName:
            return None


def rehearse(
    play: Play,
    folder: Path,
    *,
    database: str | None = None,
    tell: Tell | None = None,
    after: Rehearsed | None = None,
) -> Rehearsed:
    """Play a rehearsal on a fresh instance in `folder`; the report holds what did not come out as expected.

    `after` is a journey that the play begins with and that was played already: a copy of its instance is gone on with.
    Raises AuthoringError when a file that is given has faults, Refused when the givens themselves are refused.
    """
    stage = after.stage.copied(folder) if after else Stage(folder, play, database=database)
    playing = Playing(stage, play, tell=tell, after=after)
    try:
        play_together([playing])
        playing.check(play.then)
    except Stopped as stopped:
        playing.report.failures.append(stopped.failure)
    return Rehearsed(
        stage=stage,
        report=playing.report,
        played=play.scenes,
        fired=frozenset(playing.fired),
        ended=playing.ended,
    )


def play_together(playings: Iterable["Playing"], *, until: datetime | None = None) -> None:
    """Plays on one instance, merged by time, up to `until`; what would come later is never played.

    Every line that names a day and a time begins a track of its own; tracks go on side by side.
    """
    waiting: list[tuple[datetime, int, Playing, Iterator[datetime]]] = []
    order = itertools.count()
    for playing in playings:
        for track in playing.tracks():
            if (first := next(track, None)) is not None:
                heapq.heappush(waiting, (first, next(order), playing, track))
    while waiting:
        when, number, playing, track = heapq.heappop(waiting)
        if until is not None and when > until:
            continue
        playing.pass_to(when)
        if (following := next(track, None)) is not None:
            heapq.heappush(waiting, (max(following, when), number, playing, track))


class Playing:
    """One play on its stage, while it goes on."""

    def __init__(
        self,
        stage: Stage,
        play: Play,
        *,
        tell: Tell | None = None,
        fired: set[Fired] | None = None,
        after: Rehearsed | None = None,
    ) -> None:
        self.stage = stage
        self.rehearsal = play
        self.report = Report(title=play.title)
        if after:
            self.report.lines += after.report.lines
            self.report.failures += after.report.failures
            self.report.facts = after.report.facts
        self.tell = tell
        self.scenes = play.scenes[len(after.played) :] if after else play.scenes
        self.ended = after.ended if after else None
        self.fired = fired if fired is not None else set(after.fired) if after else set()
        """Timers that fired already; plays on one instance share them."""

    def tracks(self) -> Iterator[Iterator[datetime]]:
        """Scenes that follow one another, each yielding when its next act is to be."""
        for scenes in _tracks(self.scenes):
            yield self._track(scenes)

    def _track(self, scenes: list[Scene]) -> Iterator[datetime]:
        at = self.ended
        for scene in scenes:
            at = self.stage.calendar.moment(scene.play.at, after=at)
            if at < self.stage.clock.now():
                message = f"{scene.play.at} lies before what was played already"
                raise Stopped(Failure(file=scene.file, line=scene.line, message=message))
            match scene.play:
                case Block() as block:
                    running = StepBlock(
                        stage=self.stage, block=block, call=partial(self._in_block, scene), at=at
                    )
                    yield from self._block(scene, running)
                    at = running.at
                case Receiving() | Results() as laboratory:
                    yield at
                    for act in in_laboratory(laboratory, stage=self.stage):
                        yield at
                        self._in_block(scene, act.who, act.name, act.given)
                        at += span(laboratory.every)
                case Check() as check:
                    yield at
                    self.check(Expected(fact=fact, file=scene.file, line=scene.line) for fact in check.check)
                case Doing() as doing:
                    yield at
                    self._do(scene, doing)
        if scenes[-1] is self.scenes[-1]:
            self.ended = at

    def _block(self, scene: Scene, running: StepBlock) -> Iterator[datetime]:
        try:
            yield from running.play()
        except (Unplayable, UnknownName) as fault:
            raise Stopped(Failure(file=scene.file, line=scene.line, message=str(fault))) from None

    def _in_block(self, scene: Scene, who: str, act: str, given: Mapping[str, object]) -> Outcome:
        doing = Doing.model_construct(
            at="",
            who=who,
            act=act,
            given=HANDS[act].given(**given),
            expect="accepted",
            name=None,
            station=getattr(scene.play, "station", None),
            proof="password",
        )
        return self._do(scene, doing)

    def _do(self, scene: Scene, doing: Doing) -> Outcome:
        """One act through the corridor, told and held against what is expected."""
        stage, refused, outcome = self.stage, None, Outcome(entries=())
        reading = Reading(
            names=stage.names,
            calendar=stage.calendar,
            folder=self.rehearsal.folder,
            now=stage.clock.now(),
            actor_of=stage.actor,
        )
        try:
            outcome = self.act(doing, reading)
        except Refused as why:
            refused = why
        except (UnknownName, AuthoringError, OSError, ValueError) as fault:
            raise Stopped(Failure(file=scene.file, line=scene.line, message=str(fault))) from None
        told = _refusal_told(refused) if refused else outcome_told(outcome)
        self._line(self._name(doing.who), f"{ACTS[doing.act].label}: {_brief(doing)}", told)
        if (message := _unexpected(doing, refused)) is not None:
            raise Stopped(Failure(file=scene.file, line=scene.line, message=message))
        if refused is None:
            self._after(doing, outcome)
        return outcome

    def act(self, doing: Doing, reading: Reading) -> Outcome:
        """How one act is done: its action is called. Raises Refused, and ValueError when it cannot be done at all."""
        stage = self.stage
        actor = stage.actor(doing.who, proof=doing.proof, station=doing.station)
        return HANDS[doing.act].do(stage.site, actor, stage.request(), doing.given, reading)

    def _after(self, doing: Doing, outcome: Outcome) -> None:
        """Names for what was minted; keys that are others from here on."""
        minted = _minted(outcome)
        names, usual = self.stage.names, CALLED.get(doing.act)
        if minted is not None and doing.name is not None:
            names.bind(doing.name, *minted)
        if minted is not None and usual is not None and (doing.name is None or usual not in names.bound):
            names.bind(usual, *minted)
        if doing.act == "set_credentials":
            self.stage.forget(doing.who, password=str(getattr(doing.given, "password", "")))
        if doing.act in ("reset_credentials", "close_person"):
            self.stage.forget(self.stage.names.read(str(getattr(doing.given, "person", ""))))

    def check(self, expected: Iterable[Expected]) -> None:
        """Hold facts against the record as it stands; every one that does not hold is told."""
        for item in expected:
            self.report.facts += 1
            try:
                found = unmet(item.fact, self.stage)
            except UnknownName as fault:
                found = [str(fault)]
            self.report.failures += [
                Failure(file=item.file, line=item.line, message=message) for message in found
            ]

    def pass_to(self, moment: datetime) -> None:
        """Let the time pass; timers that come due in between fire first."""
        stage = self.stage
        while (timer := self._next_due(moment)) is not None:
            self.fired.add((timer.stream, timer.key, timer.due_at))
            stage.clock.go_to(max(timer.due_at, stage.clock.now()))
            outcome = timers.fire(stage.site, timer)
            self._line(
                "system", f"{ACTS[timer.act].label}: {timer.stream} {timer.key}", outcome_told(outcome)
            )
        stage.clock.go_to(max(moment, stage.clock.now()))

    def _next_due(self, moment: datetime) -> TimerRow | None:
        with self.stage.site.ledger.reading() as book:
            due = find(book, TimerRow, ("due_at", "<=", moment), order=("due_at",))
        return next((row for row in due if (row.stream, row.key, row.due_at) not in self.fired), None)

    def _name(self, person: str) -> str:
        player = self.stage.players.get(person)
        return player.name if player else person

    def _line(self, who: str, what: str, outcome: str) -> None:
        now = self.stage.clock.now()
        line = Line(at=now, when=self.stage.calendar.told(now), who=who, what=what, outcome=outcome)
        self.report.lines.append(line)
        if self.tell:
            self.tell(line)


def _tracks(scenes: tuple[Scene, ...]) -> list[list[Scene]]:
    tracks: list[list[Scene]] = []
    for scene in scenes:
        if is_span(scene.play.at) and tracks:
            tracks[-1].append(scene)
        else:
            tracks.append([scene])
    return tracks


def _unexpected(doing: Doing, refused: Refused | None) -> str | None:
    """What came out otherwise than the rehearsal says; None if nothing."""
    what = f"{doing.act} by {doing.who}"
    match doing.expect:
        case Refusal() as expected if refused is None:
            return f"{what}: expected to be refused by {expected.refused}, was accepted"
        case Refusal() as expected if refused is not None:
            if refused.rule != expected.refused:
                return f"{what}: expected to be refused by {expected.refused}, was refused by {refused}"
            rules = {reason.rule for reason in refused.reasons} if isinstance(refused, Unmet) else set()
            if absent := sorted(set(expected.because) - rules):
                return f"{what}: {', '.join(absent)} is not among the reasons: {', '.join(sorted(rules))}"
            return None
        case _:
            return (
                None
                if refused is None
                else f"{what}: expected to be accepted, was refused by {_whole(refused)}"
            )


def _whole(refused: Refused) -> str:
    rules = [reason.rule for reason in refused.reasons] if isinstance(refused, Unmet) else []
    return f"{refused} ({', '.join(rules)})" if rules else str(refused)


def _refusal_told(refused: Refused) -> str:
    return f"refused: {refused}"


def _brief(doing: Doing) -> str:
    """What the act is about, in a few words for its line."""
    given = doing.given.model_dump(exclude_unset=True)
    step, slot = given.pop("step", None), given.pop("slot", None)
    for usual in ("batch", "means"):
        given.pop(usual, None)
    place = ".".join(str(part) for part in (step, slot) if part)
    said = "; ".join(str(value) for value in given.values() if value not in (None, "", ()))
    text = " ".join(part for part in (place, said) if part)
    return text if len(text) <= SHORT else text[: SHORT - 1] + "…"


def _minted(outcome: Outcome) -> tuple[str, ...] | None:
    """What an act minted: its sort, then its codes."""
    for entry in outcome.entries:
        match entry.fact:
            case BatchIssued() as fact:
                return ("batch", fact.number)
            case LabelsPrinted() as fact:
                return ("label", *fact.serials)
            case PerfusionOrdered() as fact:
                return ("order", fact.order)
            case WristbandIssued() as fact:
                return ("wristband", fact.serial)
            case ParticipantEnrolled() as fact:
                return ("participant", fact.trial_id)
            case LotReceived() | LotPrepared() | EquipmentRegistered() as fact:
                return (fact.kind.partition("_")[0], entry.stream.partition(":")[2])
            case DeviationOpened() as fact:
                return ("deviation", fact.number)
            case _:
                pass
    return None
