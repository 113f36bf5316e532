"""Why something is refused: each rule's code, what it says to the person, what to do next, and its source.

A refusal changes nothing and is itself on file. Texts are message ids (English) with named places; 中文 is in the
catalogue.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from lims.domain.codes import CODE_REFUSAL_MESSAGES
from lims.domain.formulas import FORMULA_FAULT_MESSAGES
from lims.domain.quantities import NUMBER_REFUSAL_MESSAGES


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule that can refuse: why, what to do next, and the clause or invariant it comes from."""

    why: str
    then: str
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """A rule that is not met, with what its message is made of."""

    rule: str
    about: tuple[tuple[str, str], ...] = ()

    @property
    def why(self) -> str:
        """The message id."""
        return RULES[self.rule].why

    @property
    def then(self) -> str:
        """What to do next, as a message id."""
        return RULES[self.rule].then


class Refused(Exception):
    """A rule or an authority says no; nothing changed."""

    status = 409

    def __init__(self, rule: str, **about: object) -> None:
        self.reason = Reason(rule=rule, about=tuple((name, str(value)) for name, value in about.items()))
        super().__init__(f"{rule}: {RULES[rule].why.format(**about)}")

    @property
    def rule(self) -> str:
        """The code of the rule."""
        return self.reason.rule


class NotAllowed(Refused):
    """The person may not do this, whatever the page showed."""

    status = 403


class BadEntry(Refused):
    """What was entered cannot be taken; the message belongs beside its field."""

    status = 422

    def __init__(self, rule: str, *, field: str, **about: object) -> None:
        super().__init__(rule, **about)
        self.field = field


class Unmet(Refused):
    """Several conditions are not met; each is a reason of its own."""

    def __init__(self, rule: str, reasons: tuple[Reason, ...], **about: object) -> None:
        super().__init__(rule, **about)
        self.reasons = reasons


class Stale(Refused):
    """The value the person saw is no longer the value on file: both are shown, with who and when."""

    def __init__(self, rule: str, *, yours: str, on_file: str, **about: object) -> None:
        super().__init__(rule, yours=yours, on_file=on_file, **about)
        self.yours, self.on_file = yours, on_file


_RULES = {
    # authority
    "act.role": Rule(
        "Your role does not allow this: {act}.",
        "Ask a colleague with one of these roles: {roles}.",
        "21 CFR 11.10(g)",
    ),
    "act.strength": Rule("This needs your {strength}.", "Enter it and try again.", "21 CFR 11.200"),
    "act.stage": Rule(
        "This cannot be done while the batch is {stage}.", "Open the batch page: it says what is next.", "I2"
    ),
    "act.hold": Rule(
        "The batch is on hold: {why}.", "Quality must lift the hold first.", "requirements 1.15"
    ),
    "act.took_part": Rule(
        "You took part in making this batch.", "Someone who took no part must do this.", "I1, A16-3"
    ),
    "act.training": Rule(
        "Your training on {subject} is missing or has ended.",
        "Ask quality to record the training, or let a trained colleague go on.",
        "21 CFR 11.10(i)",
    ),
    "act.delegation": Rule(
        "This trial task is not delegated to you today.", "Ask the investigator to delegate it.", "ICH E6(R3)"
    ),
    "act.undertaking": Rule(
        "You have not signed the undertaking yet.", "Open your own page and sign it first.", "21 CFR 11.10(j)"
    ),
    "act.key_not_attested": Rule(
        "Your signing key is not yet vouched for by two people.",
        "Ask two colleagues who hold a key to vouch for it.",
        "P11-200a3",
    ),
    "act.unknown_target": Rule("There is no {sort} {code} on file.", "Check the code and scan it again.", ""),
    "act.account_closed": Rule("This account is closed.", "Ask the administrator.", "I20"),
    "request.again": Rule("Someone took the next number at the same moment.", "Press the button again.", ""),
    "clock.right": Rule("No time on file lies ahead of the clock.", "Nothing to correct.", "N15"),
    "clock.not_proposed": Rule("There is no such proposal, or it is confirmed.", "Reload the page.", "N15"),
    "clock.moved": Rule(
        "The clock went back again since the proposal.", "Check it, then propose anew.", "N15"
    ),
    "request.reused": Rule(
        "This request was already used for something else.",
        "Reload the page and enter it again.",
        "screens 3.2",
    ),
    "clock.backwards": Rule(
        "The server's clock went back by {seconds} s. Acts are stopped.",
        "Two people must check the clock and sign a clock correction.",
        "N15",
    ),
    "secret.wrong": Rule("The {secret} is not right. {left} tries left.", "Try again.", "21 CFR 11.300(d)"),
    "secret.none": Rule(
        "No password is set for this account.",
        "Use the enrolment code from the administrator.",
        "21 CFR 11.100",
    ),
    "secret.unknown": Rule("Nobody has this user id or badge.", "Check it and try again.", "21 CFR 11.100"),
    "secret.not_you": Rule("This is not your own user id.", "Sign with your own.", "21 CFR 11.200(a)(2)"),
    "secret.enrolment": Rule(
        "The enrolment code is not right or was used.", "Ask the administrator.", "11.100(b)"
    ),
    "secret.locked": Rule(
        "This account is locked after too many wrong tries.",
        "Ask the administrator or quality to end the lock-out. Others can use this station.",
        "21 CFR 11.300(d)",
    ),
    "secret.too_short": Rule("This is too short.", "Choose at least 12 characters.", ""),
    "secret.leaked": Rule("This password is on the lists that attackers try first.", "Choose another.", ""),
    "secret.holds_user_id": Rule("The password holds the user id.", "Choose another.", ""),
    "secret.repeats": Rule("The password repeats itself.", "Choose another.", ""),
    "secret.sequence": Rule("The password is a row of keys or digits.", "Choose another.", ""),
    "secret.pin_shape": Rule("A PIN has exactly 6 digits, not all alike.", "Choose another.", ""),
    "instance.kind": Rule(
        "A {kind} instance refuses this.", "See the README on founding an instance.", "DI-15"
    ),
    "founding.zone": Rule("There is no time zone {zone}.", "Use an IANA name such as Asia/Shanghai.", ""),
    "founding.profile": Rule("The profile {profile} does not ship yet.", "Use CN.", ""),
    "founding.two": Rule(
        "An instance is founded by exactly two different people.", "Name two.", "architecture 4"
    ),
    # people
    "person.user_id_taken": Rule(
        "The user id {user_id} was already given to someone.",
        "Choose another; ids are never reused.",
        "11.100(a)",
    ),
    "person.user_id_shape": Rule(
        "A user id has letters, digits, dots and dashes only.", "Choose another.", "11.300(a)"
    ),
    "station.known": Rule("Station {station} is on file.", "Choose another code.", ""),
    "station.taken": Rule(
        "{station} holds batch {batch}.",
        "Finish it there, then two people clear the line; or work at another station.",
        "21 CFR 211.130",
    ),
    "station.same_person": Rule("Line clearance takes two people.", "Ask a second person.", "21 CFR 211.130"),
    "station.elsewhere": Rule(
        "You are not at {station}: nobody clears a line that they do not stand at.",
        "Go there and clear it on its own screen.",
        "21 CFR 211.130",
    ),
    "station.not_asked": Rule(
        "{station} is no station that holds one batch at a time.", "Nothing is to be cleared here.", ""
    ),
    "station.same_batch": Rule(
        "{station} is held by batch {batch} itself.", "Go on with the batch; nothing is to be cleared.", ""
    ),
    "station.other_batch": Rule(
        "{station} holds batch {batch}, not the one that was stated.",
        "Look at the station again, then state what stands there.",
        "21 CFR 211.130",
    ),
    "station.fixed": Rule(
        "This browser is {station}, which holds one batch at a time.",
        "An administrator signs in here and chooses another station.",
        "21 CFR 211.130",
    ),
    "station.unchecked": Rule(
        "Every line of the checklist must be found as it says.",
        "Do what is missing, then tick it.",
        "domain 3.1",
    ),
    "person.role_pair": Rule(
        "{first} and {second} cannot be held by one person.", "Appoint two people.", "requirements 1.15"
    ),
    "person.self": Rule("Nobody can do this for themselves.", "Another person must do it.", "P11-200a3"),
    "person.date_past": Rule("The end date {until} has passed.", "Enter a later date.", "A11D-11b"),
    "key.already_vouched": Rule(
        "You already vouched for this key.", "A second person must vouch for it.", ""
    ),
    "key.no_longer_waiting": Rule("This key does not wait for a signature any more.", "Reload the page.", ""),
    # masters and protocol
    "master.author_approves": Rule(
        "You proposed this version yourself.", "Another quality person must approve it.", "21 CFR 211.186(a)"
    ),
    "master.version_exists": Rule("Version {version} is already on file.", "Give it a new version.", "S88-3"),
    "master.hash_differs": Rule(
        "What you checked is not what was proposed.", "Open the proposed version again.", "G-186a"
    ),
    "master.not_approved": Rule(
        "No version of {code} is approved.", "Two people must approve one first.", "G-186a"
    ),
    "master.not_proposed": Rule(
        "No version {version} of {code} waits for approval.", "Reload the page.", "G-186a"
    ),
    # supply
    "gs1.empty": Rule("No code was read.", "Scan the code on the supplier's label.", "screens 2.9"),
    "gs1.too_long": Rule(
        "This is longer than a supplier's code: more than {most} signs.",
        "Scan again, or type item, lot and expiry from the printed text.",
        "screens 2.9",
    ),
    "gs1.unknown": Rule(
        "“{at}” begins no field of a GS1 code.",
        "Scan again. If it stays so, type item, lot and expiry from the printed text.",
        "screens 2.9",
    ),
    "gs1.length": Rule(
        "Field ({ai}) takes up to {most} signs and has {found}: the code is cut, or a separator is lost.",
        "Scan again, or type item, lot and expiry from the printed text.",
        "screens 2.9",
    ),
    "gs1.signs": Rule(
        "Field ({ai}) cannot be “{value}”.",
        "Scan again, or type item, lot and expiry from the printed text.",
        "screens 2.9",
    ),
    "gs1.twice": Rule(
        "Field ({ai}) stands there twice, and differs.",
        "Put the delivery aside and ask quality; the code contradicts itself.",
        "screens 2.9",
    ),
    "gs1.check_digit": Rule(
        "The check digit of {gtin} does not fit: a digit is wrong or two are swapped.",
        "Scan again, or compare every digit with the label.",
        "screens 2.9",
    ),
    "gs1.day": Rule(
        "Field ({ai}) says {value}, which is no day.",
        "Type the expiry from the printed text.",
        "screens 2.9",
    ),
    "lot.wrong_item": Rule(
        "This is {found}. The step wants {wanted}.", "Scan a lot of {wanted}.", "domain 2.2"
    ),
    "lot.not_released": Rule(
        "Lot {lot} is {status}.", "Use a released lot, or ask quality about this one.", "21 CFR 211.142, I8"
    ),
    "lot.expired": Rule("Lot {lot} expired on {expires}.", "Use another lot.", "I8"),
    "preparation.recipe": Rule("There is no such recipe.", "Choose a recipe of this site.", ""),
    "preparation.component": Rule(
        "This is {found}, which the recipe does not take.",
        "Scan a lot of one of its components.",
        "domain 2.5",
    ),
    "preparation.missing": Rule("The lot of this component is missing.", "Scan it.", "21 CFR 211.101"),
    "preparation.lot_twice": Rule(
        "One lot stands for two components.", "Scan each component's own lot.", "21 CFR 211.101"
    ),
    "preparation.unit": Rule(
        "Lot {lot} is kept in {unit}; the recipe counts in {wanted}.", "Use another lot.", "21 CFR 211.101"
    ),
    "preparation.amount": Rule(
        "The recipe takes {amount} {unit}, ± {tolerance} %.", "Enter what you really took.", "21 CFR 211.101"
    ),
    "preparation.not_one": Rule("This lot was not prepared here.", "Nothing to check.", ""),
    "preparation.checked": Rule("Preparation {lot} was checked already.", "Nothing to do.", ""),
    "preparation.unchecked": Rule(
        "Preparation {lot} was not checked by a second person.", "Have it checked first.", "21 CFR 211.101(d)"
    ),
    "lot.in_use_expired": Rule(
        "Lot {lot}, open or prepared, could be used until {until}.",
        "Open a new container on the page of the lot, or use another lot.",
        "21 CFR 211.142, I8",
    ),
    "lot.none_closed": Rule(
        "All {containers} containers of lot {lot} were opened.", "Use another lot.", "screens 2.9"
    ),
    "lot.not_first": Rule(
        "Lot {first} ends before lot {lot} and is to be taken first.",
        "Scan lot {first}, or say why this one is taken.",
        "screens 2.9",
    ),
    "lot.counted_same": Rule("The book says {left} {unit} as well.", "Nothing to settle.", "21 CFR 211.184"),
    "lot.status": Rule("The lot is {status} already.", "Nothing to do.", ""),
    "equipment.wrong_class": Rule(
        "This is {found}. The step wants {wanted}.", "Scan the right one.", "domain 2.2"
    ),
    "equipment.out_of_calibration": Rule(
        "{name} is out of calibration since {until}.", "Use another one and tell quality.", "21 CFR 211.68"
    ),
    "equipment.occupied": Rule(
        "{name} holds another participant's material, or was not cleaned since.",
        "Use another one, or clear and clean it and record that on its page.",
        "21 CFR 211.67, domain 6",
    ),
    "equipment.withdrawn": Rule("{name} is withdrawn from use.", "Use another one.", "21 CFR 211.68"),
    # participant
    "participant.no_consent": Rule(
        "There is no current consent for: {scopes}.", "Record the consent first.", "TR-1"
    ),
    "participant.not_allocated": Rule(
        "The participant is not randomised.", "No batch can be issued.", "TR-1"
    ),
    "participant.allocated": Rule(
        "The allocation is on file and cannot be changed.", "A wrong one is marked, never undone.", "TR-6"
    ),
    "participant.arm": Rule(
        "The arm “{arm}” receives no product. No batch can exist for it.", "Nothing to do.", "I11, TR-1"
    ),
    "participant.unknown_arm": Rule(
        "The protocol has no arm {arm}.", "Check the randomisation record.", "TR-6"
    ),
    "figures.by_arm": Rule(
        "Until the trial is locked, figures by arm are for the statistician. Who enrols or treats sees all arms"
        " together.",
        "Read the pooled figures, or wait until quality locks the trial.",
        "ICH E9 3.6, 4.5; N18",
    ),
    "figures.locked": Rule("The trial is locked already.", "Nothing to do.", "N18"),
    # randomisation
    "randomisation.not_open": Rule(
        "Randomisation is not open.", "Quality opens it, once for the trial.", "ICH E9 2.3.2"
    ),
    "randomisation.opened": Rule(
        "Randomisation was opened before; it has one seed or one list.", "Nothing to do.", "ICH E9 2.3.2"
    ),
    "randomisation.closed": Rule(
        "Randomisation is closed; what was sealed is told.", "Nobody can be randomised any more.", "TR-6"
    ),
    "randomisation.by_hand": Rule(
        "Arms come from this trial's own randomisation; none is entered by hand.",
        "Use Randomise on the participant's page.",
        "ICH E9 2.3.2",
    ),
    "randomisation.other_secret": Rule(
        "What was unsealed is not what randomisation was opened with.",
        "Nobody is randomised. Tell quality and whoever keeps the server.",
        "TR-6",
    ),
    "randomisation.list_ended": Rule(
        "The allocation list has {number} places for this stratum, and all are taken.",
        "Tell the statistician.",
        "TR-6",
    ),
    "randomisation.marked": Rule("The mark is on file already.", "Nothing to do.", "TR-6"),
    "randomisation.not_told": Rule(
        "What was sealed is told when randomisation is closed.", "Nobody can see it before.", "ICH E9 2.3.2"
    ),
    "randomisation.not_text": Rule(
        "The file is no UTF-8 text.", "Save it as CSV in UTF-8 and choose it again.", ""
    ),
    "randomisation.list_header": Rule(
        "The first line must name these columns and no others: {columns}.", "Correct the file.", ""
    ),
    "randomisation.list_line": Rule(
        "Line {line} names no arm or no stratum of the protocol.", "Nothing was taken over. Correct it.", ""
    ),
    "randomisation.list_length": Rule(
        "The list must have between 1 and {most} places.", "Check that it is the right file.", ""
    ),
    # data that leave
    "query.unknown": Rule("There is no query {number} here.", "Open the participant's queries again.", ""),
    "query.closed": Rule("Query {number} is closed.", "Raise another one if it is needed.", ""),
    "query.unanswered": Rule(
        "Query {number} has no answer yet.", "Whoever enrols or treats answers first.", "ICH E6(R3)"
    ),
    "query.own_answer": Rule(
        "You gave this answer yourself.", "Another person decides whether it suffices.", "ICH E6(R3)"
    ),
    "round.beyond": Rule(
        "The protocol has {rounds} rounds; round {round} cannot exist.", "Nothing to do.", "TR-2"
    ),
    "round.order": Rule("Round {before} has not been perfused.", "Rounds follow each other.", "TR-2"),
    "round.perfused": Rule("Round {round} was already perfused.", "There is no second perfusion.", "I12"),
    "round.open_batch": Rule(
        "Batch {batch} is open for this round.", "End it first; a repeat is a new attempt.", "TR-2"
    ),
    "round.interval": Rule(
        "At least {days} days must lie between perfusions; {left} are left.",
        "Plan a later day.",
        "domain 1.3",
    ),
    "round.pregnant": Rule(
        "The pregnancy test of {on} was positive.",
        "No blood is collected and nothing is given; decide whether a further round follows.",
        "domain 1.3",
    ),
    "round.pregnancy_test": Rule(
        "There is no negative pregnancy test of the last {days} days.", "Test first.", "domain 1.3"
    ),
    "round.no_further": Rule(
        "On {on} it was decided that no further round follows.", "Her follow-up goes on.", "domain 1.3"
    ),
    "round.day_past": Rule(
        "By this cycle the day would be {day}, which is past.", "Plan by the next cycle.", "domain 1.3"
    ),
    "round.not_planned": Rule(
        "Round {round} is neither planned nor begun.", "There is nothing to call off.", "domain 1.3"
    ),
    "screening.no_consent": Rule(
        "There is no consent in force for: {scopes}.", "No sample of any kind before consent.", "TR-1"
    ),
    "consent.unknown_form": Rule(
        "The protocol names no version “{version}” of the consent form.",
        "Enter the version that is printed on the form: {listed}.",
        "ICH E6(R3) 2.8",
    ),
    "consent.not_yet": Rule(
        "Version {version} of the consent form is in force from {since}.",
        "Look at the version on the form, and at the day on which she signed.",
        "ICH E6(R3) 2.8",
    ),
    "consent.superseded": Rule(
        "Version {version} of the consent form was superseded by version {newer} on {since}.",
        "Have her sign version {newer}, or look at the day on which she signed.",
        "ICH E6(R3) 2.8",
    ),
    "consent.asked_again": Rule(
        "The consent form changed on {since}; she has not signed version {version} yet.",
        "Ask her again, and record her consent first.",
        "ICH E6(R3) 2.8",
    ),
    "screening.not_pre_screened": Rule(
        "She was not pre-screened.", "Record the pre-screening first.", "domain 1.3"
    ),
    "screening.does_not_go_on": Rule(
        "By her pre-screening she does not go on.", "Pre-screen her again if that has changed.", "domain 1.3"
    ),
    "screening.randomised": Rule(
        "She is randomised; her eligibility is frozen.", "An error is marked, never undone.", "TR-6"
    ),
    "screening.reasons": Rule(
        "Who does not go on needs a reason; who goes on has none.", "Choose, or take back.", "domain 1.3"
    ),
    "screening.range": Rule("This lies between {least} and {most}.", "Check the entry.", ""),
    "sample.waits": Rule(
        "Sample {number} was taken and waits for its analysis.", "Enter its analysis first.", "domain 5"
    ),
    "sample.none": Rule("Sample {number} was not taken.", "Record its collection first.", "domain 5"),
    "sample.hash": Rule(
        "This is no SHA-256: 64 digits and letters a to f.", "Copy it from the cytometer.", "domain 5"
    ),
    "sample.nothing": Rule("No marker was measured.", "Enter at least one.", "domain 5"),
    "sample.no_rules": Rule(
        "The study protocol has no rule set for menstrual blood.",
        "Approve a protocol that has one.",
        "domain 5",
    ),
    "sample.baseline": Rule(
        "There is no baseline analysis of menstrual blood yet.", "Take and analyse it first.", "domain 5"
    ),
    "eligibility.criterion": Rule(
        "By what is on file she is not eligible: {why}.",
        "Record that she is not eligible; her analysis is followed all the same.",
        "domain 1.3",
    ),
    "participant.not_eligible": Rule(
        "She was not found eligible.", "Decide on her eligibility first.", "domain 1.3"
    ),
    "round.no_order": Rule(
        "There is no perfusion order for round {round}.", "A physician must order it.", "domain 2.4"
    ),
    "round.ordered": Rule("Round {round} is ordered already.", "Nothing to do.", ""),
    # evidence and steps
    "step.not_yet": Rule(
        "Step {step} waits for step {before}.", "Do step {before} first.", "21 CFR 11.10(f)"
    ),
    "step.unverified": Rule(
        "Step {step} waits for its second person.", "Another person must check it first.", "I1"
    ),
    "step.not_asked": Rule(
        "The branch that this batch took does not ask for step {what}.",
        "Open the batch page: it says what is next.",
        "S88-6",
    ),
    "step.done_by": Rule(
        "Step {step} is done by another act: {what}.", "Open the batch page: it says what is next.", "I2"
    ),
    "step.role": Rule(
        "This step is done by another role: {role}.", "Ask a colleague of that role.", "21 CFR 11.10(g)"
    ),
    "branch.no_way": Rule(
        "No way of {slot} fits its value.", "Ask quality: the master record has a gap.", "S88-6"
    ),
    "file.kind": Rule("A file of this kind cannot be kept here: {kind}.", "Choose one of: {known}.", ""),
    "file.large": Rule("The file has {size} MB; {limit} MB is the most.", "Choose a smaller one.", ""),
    "operation.unknown": Rule(
        "The master batch record has no such operation.", "Choose one from the list.", "S88-6"
    ),
    "operation.not_now": Rule(
        "An operation can be added only while a step waits at the bench.",
        "Open the batch page: it says what is next.",
        "S88-6",
    ),
    "step.done": Rule(
        "Step {step} is confirmed.", "A wrong entry is corrected, never overwritten.", "11.10(e)"
    ),
    "step.unknown": Rule("The master batch record has no {what}.", "Reload the page.", ""),
    "step.missing": Rule("Step {step} still needs: {what}.", "Record it, then confirm.", "21 CFR 11.10(f)"),
    "step.qa_first": Rule(
        "Deviation {number} must be decided by quality before this goes on.", "Ask quality.", "domain 2.4"
    ),
    "step.stale": Rule(
        "The record of this step changed while you had it open.", "Read the changes, then go on.", "A11D-12f"
    ),
    "step.not_confirmed": Rule("Step {step} is not confirmed yet.", "The performer confirms first.", "I1"),
    "step.verified": Rule("Step {step} is verified already.", "Nothing to do.", ""),
    "step.performer_verifies": Rule(
        "You performed this step.", "Another person must check it.", "I1, 21 CFR 211.188(b)(11)"
    ),
    "step.second_performs": Rule(
        "You are the second person of this step.", "The performer records it.", "I1, 21 CFR 211.188(b)(11)"
    ),
    "step.witness_missing": Rule(
        "A second person must be present.", "Ask a colleague to enter their PIN.", "I1"
    ),
    "slot.filled": Rule(
        "“{slot}” has a value on file: {on_file}, by {who} at {when}. You entered {yours}.",
        "Keep the value on file, or correct it with a reason.",
        "architecture 3",
    ),
    "slot.empty": Rule("“{slot}” has no value to correct.", "Record it first.", ""),
    "slot.computed": Rule(
        "“{slot}” is computed; nobody can enter it.", "Correct the values it is made of.", "I14"
    ),
    "slot.identity": Rule(
        "An identity cannot be corrected.", "Open a deviation: it says what happened.", "screens 2.7"
    ),
    "slot.same": Rule("The new value is the value on file.", "Nothing to correct.", ""),
    "slot.wrong_kind": Rule("This slot does not take that.", "Reload the page.", ""),
    "scan.wrong_kind": Rule("This is {found}. The step wants {wanted}.", "Scan {wanted}.", "screens 2.5"),
    "scan.other_batch": Rule(
        "STOP. This container does not belong to this batch.",
        "Put it aside. Do not use it. Tell quality now.",
        "I13, domain 4.5",
    ),
    "scan.other_round": Rule(
        "STOP. This container belongs to another round of the same person.",
        "Put it aside. Do not use it. Tell quality now.",
        "I13, domain 4.1",
    ),
    "scan.unknown": Rule("This code is not on file here.", "Check the label, scan again.", ""),
    "scan.twice": Rule("{name} was scanned already in this step.", "Scan the next one.", "domain 2.4"),
    "number.ambiguous": Rule(
        "Did you mean {first} or {second}?", "Enter it without a thousands mark.", "screens 3.5"
    ),
    "number.negative": Rule("This value cannot be negative.", "Check the entry.", ""),
    "number.whole": Rule("Cell counts are whole numbers from 0 to 100000.", "Check the entry.", ""),
    "counts.third": Rule(
        "The two counts differ by a CV of {cv} %; the limit is {limit} %.", "Count a third time.", "domain F4"
    ),
    "counts.two": Rule(
        "A count is made in duplicate.", "Enter live and dead cells of two counts.", "domain F4"
    ),
    "counts.dilution": Rule("A dilution factor is at least 1.", "Check the entry.", "domain F1"),
    "counts.none": Rule("No cells were counted.", "Count again; nothing can be computed from zero.", ""),
    "choice.unknown": Rule("Choose one of the answers.", "Nothing is chosen for you.", ""),
    "text.empty": Rule("Write at least {least} characters.", "Say what happened.", ""),
    "text.long": Rule("This text is longer than {longest} characters.", "Shorten it.", ""),
    "text.no_number": Rule(
        "Name the kind of document only; its number stays out of the record.",
        "Write it without digits.",
        "H-290c",
    ),
    "text.unprintable": Rule(
        "“{sign}” cannot be printed in the record.", "Write it without this character.", "CN-7"
    ),
    "time.order": Rule("“{slot}”: its end lies before its start.", "Correct the times.", "DI-4"),
    "time.unreadable": Rule("This is not a time.", "Enter it as 2026-11-24 14:02.", ""),
    "file.none": Rule("No file came with the form.", "Choose a file.", ""),
    "date.unreadable": Rule("This is not a date.", "Enter it as 2026-11-24.", ""),
    "time.future": Rule("The time lies in the future.", "Check it against the server's clock.", "DI-4"),
    "time.before_issue": Rule("The time lies before the batch was issued.", "Check the date.", "DI-4"),
    "time.late_reason": Rule(
        "This is a late entry ({minutes} min ago).", "Say why it is entered now.", "DI-4"
    ),
    "correction.reason": Rule("A correction needs a reason.", "Choose one, or write it.", "21 CFR 11.10(e)"),
    # labels
    "label.printed": Rule("The labels of this slot are printed.", "A reprint needs a reason.", "G-125"),
    "label.unknown": Rule("This label was not printed in this step.", "Put it aside and tell quality.", "I9"),
    "label.accounted": Rule("This label is accounted for: {fate}.", "Nothing to do.", "I9"),
    "label.unbalanced": Rule(
        "{left} printed labels are not accounted for.", "Find or destroy them.", "I9, G-125"
    ),
    # deviations
    "deviation.unknown": Rule("There is no deviation {number}.", "Reload the page.", ""),
    "deviation.decided": Rule("Deviation {number} is decided.", "Nothing to do.", ""),
    "deviation.opener_decides": Rule(
        "You opened this deviation, or it arose from your own entry.",
        "Another quality person decides.",
        "issue 4",
    ),
    "deviation.undecided": Rule("Deviation {number} is not decided.", "Quality decides it first.", "I17"),
    "deviation.rejecting": Rule("Deviation {number} rejects the batch.", "Reject the batch.", "I17"),
    "deviation.closed": Rule("Deviation {number} is closed.", "Open another one if there is news.", ""),
    "deviation.not_investigated": Rule(
        "Deviation {number} has no root cause on file.", "Record the investigation first.", "G-192b"
    ),
    "deviation.capa_open": Rule(
        "Deviation {number} waits for {capas}.",
        "It closes when the effect of each action is judged.",
        "G-192b",
    ),
    "deviation.no_capa": Rule(
        "A critical deviation without an action needs a reason.",
        "Say why no action is needed, or plan one.",
        "AT-9",
    ),
    # capa
    "capa.unknown": Rule("There is no action {number}.", "Choose one of the list.", ""),
    "capa.no_deviation": Rule("An action comes from a deviation.", "Name at least one.", ""),
    "capa.owner_unfit": Rule(
        "The owner has no role in which work is done here.", "Choose somebody who works at the site.", ""
    ),
    "capa.due_past": Rule("The day lies in the past.", "Name today or a later day.", ""),
    "capa.check_before_due": Rule(
        "The effect cannot be judged before the action is done.", "Name a day after the due day.", ""
    ),
    "capa.not_followed": Rule(
        "Another action follows only one that was judged not effective, and only once; {number} is none.",
        "Plan it without the one before.",
        "",
    ),
    "capa.owner": Rule("{number} is for {owner} to do.", "The owner says what was done.", ""),
    "capa.own": Rule(
        "{number} is your own action.",
        "Another quality person looks whether it was done and judges it.",
        "211.22",
    ),
    "capa.done": Rule("{number} is recorded as done already.", "Nothing to do.", ""),
    "capa.not_done": Rule("{number} is not done.", "The owner does it first.", ""),
    "capa.verified": Rule("{number} is verified already.", "Nothing to do.", ""),
    "capa.not_verified": Rule("{number} is not verified as done.", "Quality verifies it first.", ""),
    "capa.too_early": Rule(
        "The effect of {number} is judged on {day}, as planned.", "Come back on that day.", "G-192b"
    ),
    "capa.checked": Rule("The effect of {number} is judged already.", "Nothing to do.", ""),
    # qc
    "sample.not_taken": Rule(
        "Sample {sample} was not taken.", "Scan it at the step that takes it.", "G-194a"
    ),
    "sample.received": Rule("Sample {sample} was received already.", "Nothing to do.", ""),
    "sample.not_received": Rule(
        "Sample {sample} was not received.", "Receive it by scan first.", "screens 2.10"
    ),
    "result.exists": Rule(
        "{test} has a result. A second one never replaces the first.",
        "A second person reviews it. Another follows one that gave no result or was not agreed with, and one outside"
        " its specification only as the investigation allows.",
        "domain 3.1",
    ),
    "period.backwards": Rule(
        "The last day lies before the first one.", "Exchange the days, or choose another one.", ""
    ),
    "oos.none": Rule(
        "{number} is no result outside its specification.", "Open it from the tests of the batch.", "211.192"
    ),
    "oos.over": Rule(
        "The investigation {number} is over; its judgement stands.",
        "A new finding is a deviation of its own.",
        "211.192",
    ),
    "oos.examined": Rule(
        "The laboratory's examination of {number} is on file.", "Quality judges it next.", "211.192"
    ),
    "oos.own_result": Rule(
        "You entered or examined this result.", "Somebody else looks at it now.", "FDA OOS guidance, III"
    ),
    "oos.not_examined": Rule(
        "The laboratory has not examined {number} yet.",
        "First the laboratory looks for an error of its own; quality judges after it.",
        "FDA OOS guidance, III",
    ),
    "oos.no_cause": Rule(
        "The laboratory found no error of its own behind {number}, so the result is not void.",
        "Order the retests that the master batch record declares, or confirm the result.",
        "FDA OOS guidance, IV",
    ),
    "oos.no_plan": Rule(
        "The master batch record declares no retest of {test}.",
        "Confirm the result: what was not declared before is not tested into compliance.",
        "domain 3.1",
    ),
    "oos.retested": Rule(
        "Retests were ordered once, in {number} or before it. They are not ordered, and nothing is made void, again.",
        "Conclude by what the retests gave, or confirm the result.",
        "FDA OOS guidance, IV",
    ),
    "oos.retests_open": Rule(
        "Retests are not ordered, or not all entered and reviewed: {left} to enter.",
        "Wait for every retest of the plan and its review.",
        "FDA OOS guidance, IV",
    ),
    "oos.still_outside": Rule(
        "By the declared rule the reported value is {shown}, and that does not pass.",
        "Confirm the result.",
        "domain 3.1",
    ),
    "oos.same_analyst": Rule(
        "You made the first test. Another analyst makes the retest.",
        "Hand the sample to a colleague.",
        "FDA OOS guidance, IV",
    ),
    "deviation.oos_first": Rule(
        "The investigation of the result behind {number} is not over.",
        "Judge the result first; a rejection does not wait for it.",
        "211.192",
    ),
    "final.oos": Rule(
        "The investigation of the result behind {number} is not over.",
        "Examine and judge it; also a rejected batch has its cause looked for.",
        "211.192",
    ),
    "result.too_early": Rule(
        "{test} cannot have ended before {earliest}.", "Enter the result when the test has ended.", "issue 7"
    ),
    "result.none": Rule("{test} has no result to review.", "The analyst enters it first.", ""),
    "result.reviewed": Rule("The result of {test} is reviewed.", "Nothing to do.", ""),
    "result.own": Rule("You entered this result.", "Another person must review it.", "21 CFR 211.194(a)(8)"),
    "result.reason": Rule("Say why the test is invalid or was not done.", "Write the reason.", "domain 3.1"),
    "test.not_passed": Rule(
        "{test}: {state}.", "A pending, invalid or missing result is never a pass.", "I15"
    ),
    # release
    "release.unmet": Rule("{count} conditions are not met.", "Each one says what to do.", "requirements A16"),
    "release.steps": Rule("Step {step} is not {state}.", "Finish it.", "G-192a"),
    "review.replay": Rule(
        "Entry {entry} does not follow from what is stored: its {what} comes out otherwise when made again.",
        "The record is not reviewed. Find out with your supplier what changed before anything else.",
        "G-192a, A11D-12f",
    ),
    "review.beside": Rule(
        "Something beside the record changed since you opened the page: a refused act, her consent or arm, the master"
        " batch record or the clock.",
        "It stands among the exceptions now. Read it, then sign.",
        "A11D-12f",
    ),
    "release.review": Rule(
        "The record is not reviewed through its last change.", "Sign the record review.", "A11D-12f, G-192a"
    ),
    "release.expired": Rule("The product expired at {expiry}.", "It must not be used.", "I6"),
    "release.shelf_life": Rule(
        "Only {left} of shelf life are left; {least} h are needed.",
        "Reject, or ask for another attempt.",
        "domain 2.4",
    ),
    "release.previous_round": Rule(
        "Round {round} has no final disposition yet.", "Wait for it, or justify going on.", "TR-3"
    ),
    "release.previous_nonconforming": Rule(
        "The batch of round {round} came out nonconforming.",
        "Find out whether this batch shares the cause; quality justifies going on, or rejects.",
        "TR-3",
    ),
    "release.no_product": Rule("The product unit is not filled.", "Finish the fill step.", ""),
    "release.custody": Rule(
        "The chain of custody has a gap: {what}.",
        "Quality decides the gap in its deviation.",
        "domain 4.2",
    ),
    # papers
    "paper.unknown": Rule("There is no paper {paper}.", "Choose one of the list.", ""),
    "paper.no_subject": Rule(
        "The batch has no {subject} that this paper could be about.", "Choose one of the list.", ""
    ),
    "paper.not_released": Rule(
        "The batch is not released, so there is no release certificate.",
        "Quality releases it first; the sealed batch record prints at any time.",
        "I6",
    ),
    "paper.ended": Rule(
        "The batch was {how}: it never gets a release certificate.",
        "Print the sealed batch record: it holds the decision and its reason.",
        "requirements A16",
    ),
    "paper.no_order": Rule(
        "No order goes with a batch that is not released.",
        "Until then the order sheet is on the participant's page.",
        "I6",
    ),
    "paper.no_collection": Rule(
        "The clinic has recorded nothing of a collection for this batch.",
        "The collection form prints from the clinic's first step on.",
        "domain 2.4",
    ),
    "paper.not_perfused": Rule(
        "The product was not given.",
        "The perfusion record prints when the perfusion is on file.",
        "domain 2.4",
    ),
    "paper.not_disposed": Rule(
        "The final disposition is not signed.",
        "Quality signs it when every result is in; until then the conditional certificate counts.",
        "Part IV 11.3.2",
    ),
    "paper.no_result": Rule("No test result is on file.", "The analyst enters one first.", "21 CFR 211.194"),
    "hold.none": Rule("There is no such hold.", "Reload the page.", ""),
    "mismatch.genetic": Rule(
        "A wrong label is only cleared by a genetic identity result.",
        "Attach the result's number, or reject the batch.",
        "domain 4.5",
    ),
    "round.wrong_state": Rule("The batch was not perfused.", "Nothing to do.", ""),
    # custody
    "custody.open_offer": Rule(
        "{name} is already offered to someone.", "Wait until it is taken or refused.", ""
    ),
    "custody.no_offer": Rule("Nothing is offered to you here.", "Ask the giver to hand over first.", ""),
    "custody.self": Rule(
        "Giver and receiver are the same person.", "Another person receives it.", "domain 4.2"
    ),
    "custody.role": Rule("It is offered to: {role}.", "Someone with this role takes it.", "domain 4.2"),
    "custody.by_step": Rule(
        "Handing over {name} belongs to step {step}.", "Do it in that step.", "domain 4.2"
    ),
    "custody.not_released": Rule(
        "The batch is not released.", "Only a released product leaves.", "domain 4.2 C10"
    ),
    "custody.not_holder": Rule("{name} is with {holder}.", "Only the holder can hand it over.", "domain 4.2"),
    "custody.other_container": Rule(
        "This is not what was handed over.", "Scan the container you received.", "I13"
    ),
    # storage
    "storage.no_place": Rule(
        "This is no storage place.", "Scan the code of the shelf or fridge.", "domain 4.2 C9"
    ),
    "storage.already": Rule("{name} lies in {place}.", "Scan it out first.", "domain 4.2"),
    "storage.not_stored": Rule("{name} is not in storage.", "Scan it in first.", "domain 4.2"),
    "storage.other_place": Rule(
        "{name} belongs into {place}.",
        "Stop: look whether this is the right container, and tell quality.",
        "domain 4.2 C10",
    ),
    "storage.still_in": Rule(
        "{name} lies in {place}.", "Scan item and place to take it out.", "domain 4.2 C10"
    ),
    # a logger's file
    "log.no_journey": Rule(
        "This hand-over is not finished.",
        "Take the container over first; then the journey is known.",
        "domain 4.2",
    ),
    "log.known": Rule("This logger's file is on record, entry {entry}.", "Nothing to do.", ""),
    "log.no_range": Rule(
        "No temperature range is set for {name}.",
        "Quality adds it to the site's list of loggers.",
        "domain 4.2",
    ),
    "log.not_logger": Rule("This is no temperature logger.", "Scan the code on the logger.", "domain 4.2"),
    "log.model": Rule("Choose the model of the logger.", "It is printed on its back.", ""),
    "log.empty": Rule("The file has no reading.", "Export it from the logger again.", ""),
    "log.line": Rule(
        "Line {line}, column {column}: “{value}” cannot be read.",
        "Choose the right model, or export again.",
        "",
    ),
    "log.order": Rule(
        "Line {line} is not later than the one before.", "Export it from the logger again.", ""
    ),
    "log.long": Rule("The file has more than {most} lines.", "Export the days of the journey only.", ""),
    "log.elsewhere": Rule(
        "No reading lies within the journey; the file runs from {first} to {last}.",
        "Choose the file of this journey, and check the clock of the model.",
        "",
    ),
    # instruments' own files
    "sheet.unreadable": Rule("This is not a text file.", "Export it from the instrument as CSV.", ""),
    "sheet.columns": Rule(
        "The columns {wanted} are not in the file.", "Choose another model than {model}, or export again.", ""
    ),
    "sheet.cut": Rule(
        "Line {line} is cut or damaged: {found} columns instead of {wanted}.",
        "Export it from the instrument again.",
        "",
    ),
    "sheet.empty": Rule("The file has no line with a value.", "Export it from the instrument again.", ""),
    "sheet.long": Rule("The file has more than {most} lines.", "Export the samples of today only.", ""),
    "sheet.model": Rule("Choose what wrote the file.", "The list names the programs that are set up.", ""),
    "sheet.known": Rule(
        "This file was taken in already, entry {entry}.", "Its open lines wait in the tray.", "screens 2.10"
    ),
    "sheet.nothing": Rule(
        "No line of the file can be taken in as it stands.",
        "Each line says why. Mend that first, or enter the results by hand.",
        "screens 2.10",
    ),
    "sheet.unknown": Rule("No sample with this code is on file.", "Find out whose it is.", "screens 2.10"),
    "sheet.not_mapped": Rule(
        "The batch has no test of this name on that sample.",
        "Quality puts the file's columns right in the list of instruments.",
        "screens 2.10",
    ),
    "sheet.late": Rule(
        "The product is released, and this value fails.",
        "Enter it by hand at once: what it touches is then held in the same act.",
        "domain 3.2",
    ),
    "sheet.twice": Rule(
        "The file has this sample's result twice.", "Decide which one is reported.", "domain 3.1"
    ),
    "sheet.text": Rule(
        "“{value}” is none of the answers of this test.",
        "Quality puts the file's words right in the list of instruments.",
        "screens 2.10",
    ),
    "sheet.point": Rule(
        "“{value}” has a point in a file that writes decimal commas: it could be thousands.",
        "Choose what wrote the file, or enter the result by hand.",
        "screens 3.5",
    ),
    "sheet.not_open": Rule("This line waits for nobody.", "Open the tray again.", ""),
    "fcs.foreign": Rule("This is no cytometer file (FCS).", "Choose the file that ends in .fcs.", ""),
    "fcs.damaged": Rule(
        "The cytometer file is damaged or cut: its events cannot be read.", "Export it again.", "DI-5"
    ),
    "fcs.several": Rule(
        "The file holds several measurements.", "Export each tube into a file of its own.", "DI-5"
    ),
    "fcs.empty": Rule("The file holds no event.", "Choose the file of the measurement.", "DI-5"),
    "fcs.width": Rule(
        "The file keeps its numbers in a width that cannot be read here.", "Export it as FCS 3.1.", "DI-5"
    ),
    "fcs.no_flow": Rule(
        "{test} is not measured by a cytometer.", "Keep the file beside a test that is.", "DI-5"
    ),
    "fcs.known": Rule("This file is on record, entry {entry}.", "Nothing to do.", ""),
    "fcs.not_set_up": Rule(
        "It is not set how {name} signs its files.",
        "Quality adds it to the site's list of instruments.",
        "DI-5",
    ),
    "fcs.other_cytometer": Rule(
        "The file was written by {found}, and {name} signs as {wanted}.",
        "Choose the file of this measurement, or scan the other cytometer.",
        "DI-5",
    ),
    "fcs.other_day": Rule(
        "The file was measured on {day}; the sample was taken on {taken}.",
        "Choose the file of this measurement, and check the cytometer's clock.",
        "DI-5",
    ),
    "fcs.other_sample": Rule(
        "The file names another sample than this one.",
        "Choose the file of this sample. If the name in the cytometer was wrong, tell quality.",
        "DI-5",
    ),
    # bedside
    "bedside.not_stated": Rule(
        "The patient has not stated name and birth date.", "Ask her, compare with the band.", "domain 4.4"
    ),
    "bedside.not_here": Rule(
        "The product is not in the clinic's custody.", "Take it over first.", "domain 4.2"
    ),
    "bedside.check": Rule("{check}: {answer}.", "Do not give. Call the investigator.", "TR-5"),
    "bedside.appearance": Rule(
        "The product does not look right.", "Do not give. Call the laboratory.", "domain 2.4"
    ),
    "bedside.expired": Rule("The product expired at {expiry}. Do not give.", "Call the laboratory.", "I6"),
    "bedside.leg_missing": Rule(
        "The {leg} is not scanned.", "Scan wristband, product and order.", "domain 4.4, I6"
    ),
    "bedside.no_match": Rule("There is no valid identity check.", "Start the bedside check.", "I6"),
    "bedside.no_mismatch": Rule(
        "Everything scanned so far matches.", "Go on with the next scan.", "domain 4.5"
    ),
    "bedside.lapsed": Rule(
        "The identity check lapsed at {until}.", "Check again at the bedside.", "domain 4.4"
    ),
    "bedside.same_person": Rule("You made the first check.", "A second person must check alone.", "I6"),
    "bedside.changed": Rule(
        "The wristband or the order was replaced since the check.", "Check again at the bedside.", "I6"
    ),
    "bedside.typed_alone": Rule(
        "A code was typed without a reason and a second person.",
        "Scan it, or say why it cannot be scanned and let a second person read it too.",
        "N3",
    ),
    "bedside.typed": Rule(
        "A typed code cannot replace the wristband's scan here.",
        "Scan the band on her wrist; if it cannot be read, two people issue a new one.",
        "N3",
    ),
    "band.same_person": Rule(
        "Two people check who she is before a band is made.",
        "Let another clinician check her document.",
        "N3",
    ),
    "band.none_waits": Rule("No band waits for its scan.", "Issue a wristband first.", "N3"),
    "band.typed": Rule("A band is scanned back, never typed.", "Scan the band on her wrist.", "N3"),
    "band.other": Rule(
        "This is not the band that was made for her.",
        "Take it off. Scan the new band, or make another.",
        "N3",
    ),
    "collection.void_band": Rule(
        "STOP. This wristband was replaced or voided.",
        "Do not draw. Scan the band that was made last; if she wears none, two people issue one.",
        "N3, domain 4.1",
    ),
    "collection.other_band": Rule(
        "STOP. This is not the wristband of this batch's participant.",
        "Do not draw. Check that the kit and the form are hers; tell quality if they are not.",
        "N3, domain 2.4 stage 1",
    ),
    "band.none": Rule("She has no wristband that counts.", "Two people issue a wristband.", "N3"),
    "band.not_scanned": Rule(
        "Her wristband was not scanned back yet.", "Scan it back on her page, then check again.", "N3"
    ),
    "perfusion.volume": Rule(
        "The residual volume {residual} mL is more than was filled ({fill} mL).",
        "Check the syringe.",
        "domain F11",
    ),
    "perfusion.balance": Rule(
        "Given, left and wasted come to {found} mL, but {fill} mL were filled: {apart} mL apart.",
        "Read the syringe again; what was spilled is wasted.",
        "screens 2.15",
    ),
    "perfusion.times": Rule(
        "The end lies before the start, or the start before the check.", "Check the times.", ""
    ),
    "round.reopened": Rule(
        "Deviation {deviation} about the product of round {round} is open, and nothing further is made for her.",
        "Quality decides it and signs the final disposition of that batch.",
        "domain 3.2",
    ),
    "notice.unknown": Rule("There is no notice {number}.", "Reload the page.", ""),
    "notice.acknowledged": Rule("Notice {number} is acknowledged.", "Nothing to do.", ""),
    "notice.not_yours": Rule(
        "This notice is addressed to somebody else: {to}.",
        "They acknowledge it; once it is overdue, quality does so after reaching them.",
        "domain 3.2",
    ),
    "close.notices": Rule("Notice {number} is not acknowledged.", "Acknowledge it first.", "AT-7"),
    "notice.contact": Rule(
        "Say when the participant or her physician was reached.", "Give the time.", "AT-7"
    ),
    "organism.no_failure": Rule(
        "This test did not fail after the release.", "Choose the test that failed.", "domain 3.2"
    ),
    "observation.not_given": Rule("Nothing was given yet.", "Record the perfusion first.", "screens 2.15"),
    "observation.running": Rule(
        "The observation lasts until {until}.",
        "Stay with her. An adverse event ends it at once.",
        "screens 2.15",
    ),
    "observation.ended": Rule(
        "The observation has ended already.", "Read it on the page of the perfusion.", ""
    ),
    "observation.open": Rule(
        "The observation after the perfusion has no end on file.", "The clinic ends it.", "screens 2.15"
    ),
    "dose.inside": Rule("The dose lay within its limits.", "There is nothing to decide.", "domain F11"),
    "dose.judged": Rule("The clinician has decided on this dose.", "The investigator decides next.", ""),
    "dose.not_judged": Rule(
        "The clinician has not decided on this dose yet.", "The clinician decides first.", "ICH E6(R3)"
    ),
    "dose.same_person": Rule(
        "You decided on this dose as the clinician.",
        "Another person decides as the investigator.",
        "ICH E6(R3)",
    ),
    "dose.settled": Rule("This dose is decided.", "Read it on the page of the perfusion.", ""),
    "dose.open": Rule(
        "The dose lay outside its limit, and clinician and investigator have not both decided.",
        "Both decide on the page of the perfusion.",
        "ICH E6(R3)",
    ),
    "final.tests": Rule("{test} has no reviewed result.", "Wait for it.", "I15"),
    "final.unperfused_open": Rule("The product's fate is not on file.", "Record it first.", ""),
    "final.not_conforming": Rule(
        "A test failed or a deviation rejects; the disposition can only be nonconforming.",
        "Choose it.",
        "I15",
    ),
    "follow_up.no_consent": Rule("There is no consent on file.", "Record her consent first.", "TR-1"),
    "follow_up.withdrawn": Rule(
        "She took back her consent on {on}.", "Only what happened until then can be recorded.", "TR-4"
    ),
    "follow_up.not_begun": Rule(
        "Her follow-up has not begun.", "It begins at the protocol's anchor, by itself.", "domain 1.3"
    ),
    "follow_up.before_start": Rule("Her follow-up began on {start}.", "Check the date.", "domain 1.3"),
    "follow_up.order": Rule("This lies before what it follows.", "Check the dates.", ""),
    "follow_up.replaced": Rule(
        "The entry you saw is no longer the one that counts.", "Reload the page and correct the newest.", "I4"
    ),
    "follow_up.struck": Rule("The entry was struck.", "Record it anew.", "I4"),
    "follow_up.other_thing": Rule(
        "The entry belongs to something else.", "Open its own correction on the page.", "I4"
    ),
    "follow_up.still_used": Rule(
        "Other entries belong to it.", "Strike those first, the newest before the older ones.", "I4"
    ),
    "follow_up.lost_already": Rule("She is lost to follow-up since {on}.", "Nothing to do.", ""),
    "follow_up.too_few_tries": Rule(
        "{tries} of {needed} contacts in vain are on file.", "Try again and record each try.", "domain 1.3"
    ),
    "visit.recorded": Rule("Visit {visit} is on file.", "Correct it instead.", ""),
    "conception.recorded": Rule("The cycle of {on} is on file.", "Correct it instead.", ""),
    "pregnancy.open": Rule("Pregnancy {number} is open.", "Record its outcome first.", "domain 1.5"),
    "pregnancy.unknown": Rule("There is no pregnancy {number}.", "Reload the page.", ""),
    "pregnancy.ended": Rule("Pregnancy {number} ended on {on}.", "Correct its outcome instead.", ""),
    "pregnancy.half_dated": Rule(
        "A dating needs both its kind and its day.", "Give both or leave both out.", "domain 1.4"
    ),
    "pregnancy.dating": Rule(
        "This way to conceive is dated otherwise.",
        "Natural: last menses. Assisted: fertilisation or transfer.",
        "domain 1.4",
    ),
    "pregnancy.embryo_days": Rule(
        "A transfer needs the embryo's age, 1 to 7 days; nothing else has one.", "Check it.", "domain 1.4"
    ),
    "pregnancy.age": Rule(
        "A pregnancy cannot be of that age.", "Check the dates: none lasts beyond 44 weeks.", "domain 1.4"
    ),
    "pregnancy.end_order": Rule("A heartbeat was seen on {seen}.", "Check the dates.", "domain 1.5"),
    "pregnancy.not_biochemical": Rule(
        "A scan showed a sac in the cavity.",
        "It was more than biochemical; choose another end.",
        "domain 1.5",
    ),
    "pregnancy.no_fates": Rule(
        "Outcomes of fetuses belong to a loss or delivery.", "Leave them out.", "domain 1.5"
    ),
    "pregnancy.fates": Rule(
        "The outcome of fetus {fetuses} is missing.", "Say what became of every fetus.", "domain 1.5"
    ),
    "ultrasound.after_end": Rule("The pregnancy ended on {end}.", "Check the date.", "domain 1.5"),
    "ultrasound.no_sac": Rule(
        "A fetus was seen, and no sac.", "Count the sac, or say that it lies elsewhere.", "domain 1.5"
    ),
    "ultrasound.measured": Rule(
        "The measured age must be weeks and days from 4w0d to 43w6d.", "Write it like 7w3d.", "domain 1.4"
    ),
    "ultrasound.measured_unread": Rule(
        "This is no age in weeks and days.", "Write it like 7w3d.", "domain 1.4"
    ),
    "adverse_event.unknown": Rule("There is no adverse event {number}.", "Reload the page.", ""),
    "adverse_event.death": Rule(
        "Death must stand in all three: grade 5, criterion and outcome.", "Make them agree.", "ICH E2A"
    ),
    "adverse_event.no_end": Rule("This outcome needs the day on which it ended.", "Give the day.", "ICH E2A"),
    "adverse_event.still_open": Rule("An event that goes on has no last day.", "Leave it out.", "ICH E2A"),
    "adverse_event.other_batch": Rule(
        "The batch was not made for her.", "Choose one of hers or none.", "ICH E2A"
    ),
    "adverse_event.nothing_due": Rule(
        "Event {number} asks for no such report now.", "Choose one that is due.", "ICH E2A"
    ),
    "redaction.none": Rule("No such value, or it is erased.", "Reload the page.", "GC-2"),
    "redaction.measured": Rule("Only detached values can be erased.", "Correct it instead.", "GC-2"),
}

_READING = {
    **{
        f"number.{reason.value}": Rule(text, "", "screens 3.5")
        for reason, text in NUMBER_REFUSAL_MESSAGES.items()
    },
    **{
        f"code.{reason.value}": Rule(text, "", "screens 3.6")
        for reason, text in CODE_REFUSAL_MESSAGES.items()
    },
    **{f"formula.{fault.value}": Rule(text, "", "I14") for fault, text in FORMULA_FAULT_MESSAGES.items()},
}
"""What the readers of numbers, codes and formulas say; their texts already tell what to do."""

RULES: Mapping[str, Rule] = MappingProxyType(_RULES | _READING)

NOT_ALLOWED = frozenset(
    {
        "act.account_closed",
        "act.delegation",
        "act.key_not_attested",
        "act.role",
        "act.strength",
        "act.took_part",
        "act.training",
        "act.undertaking",
        "band.same_person",
        "bedside.same_person",
        "dose.same_person",
        "custody.role",
        "custody.self",
        "figures.by_arm",
        "capa.own",
        "capa.owner",
        "deviation.opener_decides",
        "master.author_approves",
        "person.role_pair",
        "person.self",
        "notice.not_yours",
        "result.own",
        "station.elsewhere",
        "station.fixed",
        "station.same_person",
        "step.performer_verifies",
        "step.second_performs",
    }
)
"""Rules that refuse the person, not the moment: a refusal read back from its entry is a NotAllowed again."""
