"""Rehearsals that begin with the same journey: it is played once, and each goes on from a copy of where it ended."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from lims.rehearsal.casting import players
from lims.rehearsal.play import Rehearsed, rehearse
from lims.rehearsal.read import Play


class Beginnings:
    """Journeys that were played so far, each kept as it stood at its end; instances lie in one folder."""

    def __init__(self, folder: Path, plays: Iterable[Play] = ()) -> None:
        """`plays` are those to come: a long journey is kept on its way wherever a shorter one of them ends."""
        self._folder = folder
        self._plays = tuple(plays)
        self._played: list[tuple[Play, Rehearsed]] = []
        self._number = 0

    def rehearse(self, play: Play) -> Rehearsed:
        """As `rehearse`, on an instance of its own; the journey before the play is not played again.

        Beside those whom the play names, the whole cast is hired.
        """
        play = replace(play, hired=frozenset(players(play.given)))
        return self._go_on(play, self._reached(play, play.begun))

    def close(self) -> None:
        """Give the connections back."""
        for _, rehearsed in self._played:
            rehearsed.site.ledger.close()

    def _reached(self, play: Play, begun: int) -> Rehearsed | None:
        """The journey as it stands after so many of the play's scenes; none before the first."""
        if begun == 0:
            return None
        scenes = play.scenes[:begun]
        held = next((it for of, it in self._played if (of.given, of.scenes) == (play.given, scenes)), None)
        if held is None:
            journey = replace(play, scenes=scenes, then=())
            held = self._go_on(journey, self._reached(play, self._shorter(play, begun)))
            self._played.append((journey, held))
        return held

    def _shorter(self, play: Play, begun: int) -> int:
        """Where the longest of the shorter journeys ends that this one begins with as well."""
        ends = (
            other.begun
            for other in self._plays
            if other.begun < begun
            and other.given == play.given
            and other.scenes[: other.begun] == play.scenes[: other.begun]
        )
        return max(ends, default=0)

    def _go_on(self, play: Play, after: Rehearsed | None) -> Rehearsed:
        self._number += 1
        return rehearse(play, self._folder / f"instance-{self._number}", after=after)
