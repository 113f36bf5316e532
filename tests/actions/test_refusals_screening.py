"""What screening stands before: no batch, no check at the bedside and no arm against what was found of her."""

from lims.actions import receipt, screening, trial
from lims.actions.screening import Recording
from lims.domain.entries.screening import PregnancyTested
from tests.actions.test_refusals_bedside import match
from tests.actions.test_refusals_trial import MASTER
from tests.builders import At, Played, refusals, refuses
from tests.cast import CLIN_A, COORD, QA_B


def by(played: Played, person: str, participant: str) -> Recording:
    return Recording(
        site=played.stage.site,
        actor=played.actor(person),
        request_id=played.request(),
        participant=participant,
    )


def found_pregnant(played: Played, participant: str) -> None:
    fact = PregnancyTested(on=played.now.date(), sample="serum", positive=True)
    screening.record_pregnancy_test(by(played, CLIN_A, participant), fact)


def test_no_batch_is_issued_for_a_pregnant_woman(at: At) -> None:
    """Domain 1.3: no blood is drawn and nothing is made while a positive test stands."""
    played = at("staffed")
    found_pregnant(played, played.anna)
    with refuses(played, "round.pregnant", filed=f"participant:{played.anna}!refusals"):
        receipt.issue_batch(
            played.stage.site,
            played.actor(QA_B),
            played.request(),
            participant=played.anna,
            round_number=1,
            master=MASTER,
        )


def test_nothing_matches_at_the_bed_of_a_pregnant_woman(at: At) -> None:
    """Domain 1.3: whoever is found pregnant after the release is given nothing."""
    played = at("delivered")
    found_pregnant(played, played.anna)
    with refuses(played, "round.pregnant", filed=refusals(played.batch)):
        match(played)


def test_no_batch_is_issued_when_no_further_round_follows(at: At) -> None:
    played = at("staffed")
    screening.end_rounds(by(played, CLIN_A, played.anna), on=played.now.date(), reason="own_wish")
    with refuses(played, "round.no_further", filed=f"participant:{played.anna}!refusals"):
        receipt.issue_batch(
            played.stage.site,
            played.actor(QA_B),
            played.request(),
            participant=played.anna,
            round_number=1,
            master=MASTER,
        )


def test_who_was_found_not_eligible_gets_no_arm_by_hand(at: At) -> None:
    """Domain 1.3: the list of another service is no way round the decision that is on file here."""
    played = at("staffed")
    screening.decide_eligibility(
        Recording(
            site=played.stage.site,
            actor=played.actor(CLIN_A),
            request_id=played.request(),
            participant=played.unallocated,
        ),
        eligible=False,
        reasons=("declined",),
        failure_type="recurrent_loss",
        wishes_to_conceive=True,
    )
    with refuses(played, "participant.not_eligible", filed=f"participant:{played.unallocated}!refusals"):
        trial.record_allocation(
            played.stage.site,
            played.actor(COORD),
            played.request(),
            participant=played.unallocated,
            arm="perfusion",
            source="list",
            reference="R-9",
            allocated_at=played.now,
        )
