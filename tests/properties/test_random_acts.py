"""Random acts of the whole cast on two participants and two rounds: whatever happens, the invariants hold.

`LIMS_NIGHTLY=1` makes thousands of longer runs of it, `LIMS_EXAMPLES` as many as it says.
"""

import os

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from lims.actions import culture, perfusion, receipt, release, timers
from lims.domain.acts import Stage
from lims.domain.entries.batch import BatchIssued
from lims.domain.participant import Participant
from lims.domain.refusals import Refused
from tests.actions.attempts import BEDSIDE, BENCH, QUALITY, TRIAL
from tests.builders import POINTS, At, Played
from tests.cast import CLIN_A, CLIN_B, EVERYBODY, QA_A, QA_B, TECH_A, TECH_B
from tests.player.scripts import BatchScript
from tests.properties.oracle import check_batch, check_rows, check_trial

NIGHTLY = bool(os.environ.get("LIMS_NIGHTLY"))
EXAMPLES = int(os.environ.get("LIMS_EXAMPLES", 2000 if NIGHTLY else 20))
ATTEMPTS = {
    name: row
    for name, row in (BENCH | QUALITY | BEDSIDE | TRIAL).items()
    if name not in ("issue_document", "print_blank_master", "print_casebook", "print_trial_report")
}
PEOPLE = st.sampled_from(EVERYBODY)
PARTS = ("bench", "tested", "released", "delivered", "perfused", "closed")


class Days(RuleBasedStateMachine):
    """Days at the site: each rule is something that somebody tries."""

    gives: At

    @initialize(point=st.sampled_from(POINTS[1:]), second=st.booleans())
    def begin(self, point: str, second: bool) -> None:
        """The play as far as a point; perhaps we look at the other batch."""
        self.played: Played = self.gives(point)
        self.batches = [self.played.batch, self.played.other]
        self.checked: dict[str, int] = {}
        if second:
            self.played.batch, self.played.other = self.played.other, self.played.batch
            self.played.anna, self.played.berta = self.played.berta, self.played.anna

    def teardown(self) -> None:
        """At the end everything is verified."""
        if hasattr(self, "played"):
            try:
                assert self.played.verified().findings == ()
            finally:
                self.gives.close()

    @rule(name=st.sampled_from(sorted(ATTEMPTS)), person=PEOPLE)
    def anybody_tries_anything(self, name: str, person: str) -> None:
        """A plausible act by whoever is there."""
        try:
            ATTEMPTS[name].attempt(self.played, self.played.actor(person), self.played.request())
        except (Refused, StopIteration, LookupError, AssertionError) as refused:
            assert isinstance(refused, Refused) or self._has_nothing_to_try(name), refused

    def _has_nothing_to_try(self, name: str) -> bool:
        """The attempt's own arguments do not exist yet, such as the label to account for."""
        record = self.played.record()
        order = self.played.participant().round(record.issue.round).order
        slots, steps = record.slots, record.steps
        lacks = {
            "account_label": not record.labels,
            "correct_evidence": ("count", "volume") not in slots,
            "verify_step": "seed" not in steps,
            "match_identity": order is None or record.issue.round != 1,
            "confirm_identity": order is None or record.issue.round != 1,
        }
        return lacks.get(name, False)

    @rule(part=st.sampled_from(PARTS), acts=st.integers(1, 12))
    def the_story_goes_on(self, part: str, acts: int) -> None:
        """The right people do the right next things, for a while; timers run as they come due."""
        script: BatchScript = self.played.script()
        try:
            for _, when in zip(range(acts), getattr(script, part)(), strict=False):
                self.played.stage._pass_to(max(when, self.played.now))
        except (Refused, LookupError, AssertionError):
            pass  # the story is not at this part; what it did up to here stands

    @rule(step=st.integers(0, 9), person=st.sampled_from([TECH_A, TECH_B, QA_A, QA_B]), verify=st.booleans())
    def a_step_is_confirmed_or_verified(self, step: int, person: str, verify: bool) -> None:
        """Also by who may not."""
        record = self.played.record()
        code = record.master.steps[step].code
        site, actor = self.played.stage.site, self.played.actor(person)
        try:
            if verify:
                seen = record.steps[code].last_seq if code in record.steps else 0
                culture.verify_step(
                    site, actor, self.played.request(), batch=record.number, step=code, seen_seq=seen
                )
            else:
                culture.confirm_step(site, actor, self.played.request(), batch=record.number, step=code)
        except Refused:
            pass

    @rule(
        first=st.sampled_from([CLIN_A, CLIN_B]),
        second=st.sampled_from([CLIN_A, CLIN_B]),
        leg=st.sampled_from(["", "", "", "wristband", "product"]),
        minutes=st.sampled_from([0, 5, 14, 16]),
    )
    @precondition(lambda self: self.played.record().stage is Stage.RELEASED)
    def a_bedside(self, first: str, second: str, leg: str, minutes: int) -> None:
        """Match, second match and perfusion by one or two people, in time or not, with the right codes or not."""
        played, number = self.played, self.played.record().issue.round
        try:
            wrong = {leg: played.container("vessel")} if leg else {}
            legs = played.legs(round_number=number, **wrong)
            site, batch = played.stage.site, played.batch
            perfusion.match_identity(
                site,
                played.actor(first),
                played.request(),
                batch=batch,
                legs=legs,
                patient_stated=True,
                checks=played.checks(),
                appearance="normal",
            )
            played.wait(minutes=minutes)
            perfusion.confirm_identity(site, played.actor(second), played.request(), batch=batch, legs=legs)
            perfusion.record_perfusion(
                site,
                played.actor(first),
                played.request(),
                batch=batch,
                started_at=played.now,
                ended_at=played.now,
                catheter="C",
                given="1.05",
                residual="0.15",
                wasted="0",
                reaction="none",
            )
        except (Refused, AssertionError):
            pass

    @rule(number=st.integers(1, 3), control=st.booleans())
    def a_batch_is_issued(self, number: int, control: bool) -> None:
        """For either participant, or for a control, who may never have one."""
        try:
            outcome = receipt.issue_batch(
                self.played.stage.site,
                self.played.actor(QA_B),
                self.played.request(),
                participant=self.played.control if control else self.played.anna,
                round_number=number,
                master="MBR-DNK-010",
            )
        except Refused:
            return
        batch = outcome.of(BatchIssued).number
        self.batches.append(batch)
        script = BatchScript(
            stage=self.played.stage,
            participant=self.played.anna,
            start=self.played.now,
            round_number=number,
        )
        script.batch = batch
        self.played.add_script(script)
        self.played.batch = batch

    @rule()
    def quality_lifts_the_oldest_hold(self) -> None:
        """So that runs do not end at the first stop."""
        holds = self.played.record().holds
        try:
            if holds:
                release.lift_hold(
                    self.played.stage.site,
                    self.played.actor(QA_A),
                    self.played.request(),
                    batch=self.played.batch,
                    placed_seq=holds[0].seq,
                    reason="Cleared.",
                )
        except Refused:
            pass

    @rule(minutes=st.sampled_from([1, 30, 600, 40_000]))
    def time_passes(self, minutes: int) -> None:
        """Minutes or a month; then the timers run."""
        self.played.wait(minutes=minutes)
        timers.run_due(self.played.stage.site)

    @invariant()
    def everything_holds(self) -> None:
        """I1–I5 (with the chain itself read anew), I6, I11–I13, I15, I17, and the read tables."""
        if not hasattr(self, "played"):
            return
        records = [self.played.record(batch) for batch in self.batches]
        people = [self.played.participant(code) for code in (self.played.anna, self.played.berta)]
        touched = set()
        for record in records:
            if self.checked.get(record.stream) != record.seq:
                check_batch(record)
                touched.add(record.stream)
                self.checked[record.stream] = record.seq
        assert all(isinstance(person, Participant) for person in people)
        check_trial(people, records, control=self.played.control)
        check_rows(self.played, touched | {person.stream for person in people})


def test_no_run_of_acts_breaks_an_invariant(at: At) -> None:
    """Requirements 1.15: I1–I6, I11–I13, I15, I17; fold = read tables; verification holds at the end."""
    machine = type("Days", (Days,), {"gives": at})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=60 if NIGHTLY else 18,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.mark.parametrize("point", ["closed", "perfused"])
def test_the_oracle_accepts_the_played_batch(at: At, point: str) -> None:
    check_batch(at(point).record())
