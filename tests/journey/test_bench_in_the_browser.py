"""Stretches of the golden batch recorded at a bench tablet, slot by slot: upright in 中文, across in English."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

import pytest

from lims.actions.frozen import frozen
from lims.actions.work import Outcome
from lims.rehearsal.hands import HANDS, Reading
from lims.rehearsal.play import Playing, Rehearsed, play_together, rehearse
from lims.rehearsal.read import Play, read_rehearsal, up_to
from lims.rehearsal.report import Stopped
from lims.rehearsal.script import Doing
from tests.journey.clerk import STALE, Said
from tests.journey.looking import looking, shames
from tests.journey.test_golden_through_the_pages import GOLDEN
from tests.journey.theatre import Hand, Theatre


@dataclass(frozen=True, slots=True, kw_only=True)
class Tablet:
    """How the tablet is held, and in which language it speaks."""

    name: str
    width: int
    height: int
    language: str


UPRIGHT = Tablet(name="upright", width=820, height=1180, language="zh_Hans")
ACROSS = Tablet(name="across", width=1180, height=820, language="en")
STRETCHES = (
    ("gradient", "pbmc_count", UPRIGHT),
    ("spin_d7", "induce_in", ACROSS),
    ("close_d7", "clear_d10", UPRIGHT),
)
"""Each after a step and up to one; what lies between is played without a browser."""


class AtTheBench(Playing):
    """One play, its acts done with scanner, keys and taps; every sort of slot is looked at before it is filled."""

    def __init__(self, theatre: Theatre, play: Play, *, after: Rehearsed, tablet: Tablet) -> None:
        super().__init__(after.stage, play, after=after)
        self.theatre = theatre
        self.tablet = tablet
        self._leave()
        self.looked: dict[str, list[str]] = {}
        """Sorts of slots and acts as the tablet was held, each with what one would be ashamed of."""

    def act(self, doing: Doing, reading: Reading) -> Outcome:
        """The act in the person's window; what came of it is what is new on file."""
        if doing.act == "receive_sample":
            return super().act(doing, reading)  # QC, elsewhere
        said = HANDS[doing.act].read(doing.given, reading)
        before = frozen(self.stage.site, said["batch"]).seq
        getattr(self, f"_{doing.act}")(self._hand(doing.who), said)
        self.used = self.stage.clock.now()
        new = frozen(self.stage.site, said["batch"]).entries[before:]
        if not new:
            raise ValueError(
                f"{doing.act}: nothing is on file; the page says: {self._hand(doing.who).text()}"
            )
        return Outcome(entries=new)

    def _hand(self, person: str) -> Hand:
        """The person at their window; after a while they sign in again."""
        now = self.stage.clock.now()
        if now - self.used > STALE:
            self._leave()
        new = person not in self.theatre.windows
        hand = self.theatre.at(person, width=self.tablet.width, height=self.tablet.height)
        if new and self.tablet.language != "en":
            switch = f"form[action='/session/language'] button[value={self.tablet.language}]:visible"
            hand.page.locator(switch).first.click()
            hand.settle()
        self.used = now
        return hand

    def _leave(self) -> None:
        """Everybody goes away from the tablet."""
        for page in self.theatre.windows.values():
            page.context.close()
        self.theatre.windows.clear()
        self.used = self.stage.clock.now()

    def _look(self, hand: Hand, what: str) -> None:
        name = f"{what}-{self.tablet.name}"
        if name not in self.looked:
            self.looked[name] = shames(hand.page, f"bench-{name}")

    def _slot(self, hand: Hand, said: Said) -> Any:
        """The open form of the slot."""
        path = f"/batches/{said['batch']}/steps/{said['step']}"
        form = hand.page.locator(f"#slot-{said['slot']}.b-slot-now")
        if path not in hand.page.url or not form.count():
            hand.go(path)
        if not form.count():
            hand.page.locator(f"#slot-{said['slot']} a").first.click()
            hand.settle()
        return form

    def _record_evidence(self, hand: Hand, said: Said) -> None:
        form = self._slot(hand, said)
        sort = form.locator("form").first.get_attribute("data-kind")
        self._look(hand, str(sort))
        if sort == "scan":
            hand.scan(said["raw"])
            return
        if said["file"] is not None:
            form.locator("input[type=file]").set_input_files(said["file"])
        elif said["counts"]:
            for at, (live, dead) in enumerate(said["counts"], start=1):
                form.locator(f"input[name=live_{at}]").fill(live)
                form.locator(f"input[name=dead_{at}]").fill(dead)
            form.locator("input[name=dilution]").fill(said["dilution"])
        elif said["option"]:
            form.locator(f"input[value={said['option']}]").check()
        elif said["raw"]:
            # As slow as a person, else it is taken for a scan.
            form.locator("input[name=value]").press_sequentially(said["raw"], delay=70)
        form.locator("button[type=submit]").click()
        hand.settle()

    def _witness_step(self, hand: Hand, said: Said) -> None:
        form = self._slot(hand, said)
        self._look(hand, "second_person")
        form.locator("input[name=witness]").fill(said["witness"].person)
        hand.pin()
        form.locator("button[type=submit]").click()
        hand.settle()

    def _print_labels(self, hand: Hand, said: Said) -> None:
        form = self._slot(hand, said)
        self._look(hand, "label")
        form.locator("button[type=submit]").click()
        hand.settle()

    def _account_label(self, hand: Hand, said: Said) -> None:
        form = self._slot(hand, said)
        self._look(hand, "label_fate")
        form.locator(f"input[value={said['fate']}]").first.check()
        hand.scan(said["serial"])

    def _confirm_step(self, hand: Hand, said: Said) -> None:
        hand.go(f"/batches/{said['batch']}/steps/{said['step']}")
        self._look(hand, "confirm")
        if (pin := hand.page.locator("#pin-confirm")).count():
            self._look(hand, "confirm_by_pin")
            pin.fill(self.stage.founding.pin)
        hand.page.locator("#foot form[data-slot=confirm] button[type=submit]").click()
        hand.settle()

    def _verify_step(self, hand: Hand, said: Said) -> None:
        hand.go(f"/batches/{said['batch']}/steps/{said['step']}/verify")
        self._look(hand, "verify")
        hand.page.locator("#pin-verify").fill(self.stage.founding.pin)
        hand.page.locator("#foot button.b-btn-primary").click()
        hand.settle()


def ended(playing: Playing) -> Rehearsed:
    """Where a play stands, so that another goes on from there."""
    return Rehearsed(
        stage=playing.stage,
        report=playing.report,
        played=playing.rehearsal.scenes,
        fired=frozenset(playing.fired),
        ended=playing.ended,
    )


def looked_at(theatre: Theatre, golden: Play, after: Rehearsed) -> dict[str, list[str]]:
    """Every stretch is recorded in the browser; what one would be ashamed of, by sort of slot and act."""
    looked: dict[str, list[str]] = {}
    for begins, ends, tablet in STRETCHES:
        between = Playing(after.stage, up_to(golden, begins), after=after)
        play_together([between])
        stretch = AtTheBench(theatre, up_to(golden, ends), after=ended(between), tablet=tablet)
        stretch.looked = looked
        play_together([stretch])
        after = ended(stretch)
    return looked


@pytest.fixture(scope="module")
def looked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, list[str]]]:
    golden = read_rehearsal(GOLDEN)
    after = rehearse(up_to(golden, STRETCHES[0][0]), tmp_path_factory.mktemp("bench") / "instance")
    assert after.report.failures == []
    with looking(after.site) as (served, browser):
        theatre = Theatre(cast(Any, after.stage), browser, served.address, inspected=True)
        try:
            yield looked_at(theatre, golden, after)
        except Stopped as stopped:
            pytest.fail(str(stopped.failure), pytrace=False)
    after.site.ledger.close()


def test_every_sort_of_evidence_is_recorded_in_a_real_browser(looked: dict[str, list[str]]) -> None:
    sorts = {name.rpartition("-")[0] for name in looked}
    slots = {"scan", "choice", "number", "time", "counts", "photo", "branch", "label", "second_person"}
    assert slots | {"label_fate", "confirm_by_pin", "verify"} <= sorts


def test_no_slot_is_one_to_be_ashamed_of(looked: dict[str, list[str]]) -> None:
    assert [line for lines in looked.values() for line in lines] == []
