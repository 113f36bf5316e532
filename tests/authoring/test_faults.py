"""What is wrong with a written record is said with its line, all at once, and nothing else is ever raised."""

import time
from pathlib import Path

import pytest

from lims.authoring.faults import AuthoringError
from lims.authoring.load import load_master_batch_record, load_protocol

TEMPLATES = Path(__file__).parents[2] / "batch_templates"
RECORD = (TEMPLATES / "MBR-DNK-010.yaml").read_text(encoding="utf-8")
PROTOCOL = (TEMPLATES / "PROTOCOL-DNK.yaml").read_text(encoding="utf-8")


def faults_of(text: str) -> list[str]:
    with pytest.raises(AuthoringError) as refused:
        load_master_batch_record(text, name="X.yaml")
    return str(refused.value).splitlines()


def line_with(text: str, part: str) -> int:
    return next(number for number, line in enumerate(text.splitlines(), start=1) if part in line)


def test_an_answer_that_stops_is_not_acceptable() -> None:
    text = changed("acceptable: false}", "acceptable: true, stops: true}")
    found = [line for line in faults_of(text) if "stops cannot be acceptable" in line]
    assert len(found) == 1 and f":{line_with(text, 'stops: true')}:" in found[0]


def changed(old: str, new: str) -> str:
    assert old in RECORD
    return RECORD.replace(old, new, 1)


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("", 1, "must begin with fields"),
        ("- 1", 1, "must begin with fields"),
        ("just words", 1, "must begin with fields"),
        ("a: 1\nb:\n\tc: 1", 3, "tab"),
        ("a: [1,\n", 1, "not well-formed"),
        ("a: 'open", 1, "not well-formed"),
        ("a: 1\na: 2", 2, "twice"),
        ("a: &x 1\nb: *x", 2, "Anchors"),
        ("<<: {a: 1}", 1, "Merge keys"),
        ("a: !!python/object/apply:os.system [x]", 1, "Tags"),
        ("a: 1\n---\nb: 2", 2, "second document"),
        ("? {a: 1}\n: 2", 1, "must be a word"),
        ("1: 2", 1, "must be a word"),
        ("a: \x07", 1, "cannot stand in a text file"),
        ("a: " + "9" * 31, 1, "too many digits"),
        ("[" * 9999, 1, "nested too deeply"),
        ("x" * 10_000_000, 0, "has 10000000 bytes"),
    ],
)
def test_what_is_not_plain_yaml_is_said_with_its_line(text: str, line: int, says: str) -> None:
    faults = faults_of(text)
    assert any(fault.startswith(f"X.yaml:{line}: ") and says in fault for fault in faults), faults


def test_a_bomb_of_aliases_is_refused_before_anything_is_built() -> None:
    bomb = "a: &a [x,x]\n" + "".join(f"b{n}: &b{n} [*a,*a]\n" for n in range(1000))
    began = time.perf_counter()
    faults_of(bomb)
    assert time.perf_counter() - began < 1


def test_a_long_list_of_faults_is_cut_short() -> None:
    assert len(faults_of("a: 1\n" * 5000)) <= 50


@pytest.mark.parametrize(
    ("content", "says"),
    [(b"\xff\xfea", "not UTF-8"), ("\ufeffcode: x".encode(), "byte order mark"), (b"x" * 600_000, "bytes")],
)
def test_a_file_that_is_not_plain_text_is_refused(content: bytes, says: str, tmp_path: Path) -> None:
    path = tmp_path / "X.yaml"
    path.write_bytes(content)
    with pytest.raises(AuthoringError, match=says):
        load_master_batch_record(path)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('version: "1"', "version: 1.0", "put the number in quotes"),
        ('version: "1"', "version: 1", "must be text"),
        ('version: "1"', 'version: ""', "is empty"),
        ("shelf_life_hours: 12", "shelf_life_hours: 12.5", "must be a whole number"),
        ("shelf_life_hours: 12", "shelf_life_hours: on", "must be a whole number"),
        ("shelf_life_hours: 12", "shelf_life_hours: 2026-11-24", "must be a whole number"),
        ("shelf_life_hours: 12", "shelf_life: 12", "“shelf_life” is not a field here"),
        ("shelf_life_hours: 12", "shelf_life: 12", "“shelf_life_hours” is missing"),
        ("shelf_life_hours: 12", "shelf_life_hours: 0", "at least one hour"),
        ("format: mbr/1", "format: mbr/2", "must be 'mbr/1'"),
        ("who: signed", "who: sign", "must be one of"),
        ("acceptable: false", "acceptable: no", "must be true or false"),
        ("{kind: time, code: received", "{kind: moment, code: received", "“moment” is no kind of evidence"),
        ("{kind: time, code: received", "{code: received", "is no kind of evidence"),
        ("limit: {low: 40.0, high: 60.0", "limit: {low: abc, high: 60.0", "must be a number"),
        ("limit: {low: 40.0, high: 60.0", "limit: {low: '40.0', high: 60.0", "without quotes"),
        ("limit: {low: 40.0, high: 60.0", "limit: {low: .nan, high: 60.0", "must be a number"),
        ("limit: {low: 40.0, high: 60.0", "limit: {low: 70.0, high: 60.0", "bounds cross"),
        ("limit: {low: 40.0, high: 60.0", "limit: {low: 40.05, high: 60.0", "more than 1 decimals"),
        (
            "limit: {low: 40.0, high: 60.0, decimals: 1, unit: mL}",
            "limit: {low: 40.0, decimals: 1}",
            "“unit” is missing",
        ),
        ("high: 60.0, decimals: 1, unit: mL", "high: 60.0, decimals: 1, unit: L", "write the same unit"),
        (
            "high: 60.0, decimals: 1, unit: mL",
            "high: 60.0, decimals: 2, unit: mL",
            "more decimals than the value",
        ),
        ('title: {en: "Received", zh: "接收时间"}', 'title: {en: "Received"}', "“zh” is missing"),
        ('title: {en: "Received", zh: "接收时间"}', 'title: {en: "Received", zh: " "}', "“zh” is empty"),
        ("formula: concentration * volume", "formula: concentration * volum", "“volum”, which is no input"),
        ("formula: concentration * volume", "formula: concentration * 2", "does not use its input “volume”"),
        ("formula: concentration * volume", "formula: concentration + volume", "cannot be added"),
        ("formula: concentration * volume", "formula: concentration / volume", "nothing is converted"),
        ("formula: concentration * volume", "formula: volume ** 2", "not allowed in a formula"),
        ("formula: concentration * volume", "formula: open(volume)", "no function “open”"),
        (
            "source: count.volume, unit: mL",
            "source: harvest.volume, unit: mL",
            "recorded later than it is used",
        ),
        ("source: count.volume, unit: mL", "source: count.total, unit: mL", "recorded later than it is used"),
        ("source: count.volume, unit: mL", "source: count.nothing, unit: mL", "is no number of this record"),
        ("source: count.volume, unit: mL", "source: count.volume, unit: µL", "is in “mL”, not in “µL”"),
        ("source: count.volume, unit: mL", "source: count.volume, unit: sip", "not a known unit"),
        (
            "source: count.volume, unit: mL",
            "source: count.volume, constant: 1, unit: mL",
            "a source or a constant",
        ),
        ("of: count.pool.viability", "of: count.pool", "count.pool.viability"),
        ("of: count.pool.viability", "of: count.pool.concentration", "is in “cells/mL”"),
        (
            "{low: 80.0, high: 90.0, high_inclusive: false",
            "{low: 80.0, high: 89.0, high_inclusive: false",
            "without a gap",
        ),
        ("{low: 80.0, high: 90.0, high_inclusive: false", "{low: 80.0, high: 90.0", "without overlapping"),
        ("verdict: go, says", "verdict: stop, says", "No band says “go”"),
        ("since: receive.draw_end", "since: receive.draw_begin", "is no slot"),
        ("since: receive.draw_end", "since: harvest.vessel", "after both of its ends"),
        (
            "since: feed.vessel, until: feed.shelf",
            "since: feed.shelf, until: feed.vessel",
            "after its beginning",
        ),
        ("most_minutes: 480", "most_minutes: 0", "at least one minute"),
        ("stop_minutes: 1440", "stop_minutes: 60", "not shorter"),
        ("to_role: qc_analyst", "to_role: qc", "no role that can receive custody"),
        ("second_person: witness", "second_person: review", "slot for the second person"),
        ("code_type: TUBE", "code_type: BOTTLE", "no type of code"),
        ("parents: [tube]", "parents: [product]", "no container kind listed above"),
        ("container: tube, count: 5", "container: tube, count: 6", "There are 5 containers"),
        ("container: tube, count: 5", "container: bottle, count: 5", "“bottle” is not listed"),
        ("item: medium_a, amount", "item: medium_c, amount", "“medium_c” is not listed"),
        ("sample: safety}", "sample: final}", "No step takes the sample “safety”"),
        ("  - code: gram\n", "  - code: mycoplasma\n", "used twice"),
        ("code: seed\n", "code: count\n", "used twice"),
        ("code: seed\n", "code: Seed it\n", "is no code"),
        ('sample: final, method: "Flow', 'sample: finals, method: "Flow', "no sample of the sample plan"),
        ("actual: harvest.total", "actual: harvest.volume", "not in “cells”"),
        ("purity_test: identity", "purity_test: gram", "no test in percent"),
        ("fill_end: fill.fill_end", "fill_end: fill.volume", "no time slot"),
        ("  product: product\n", "  product: vial\n", "no container kind"),
        ("day: 12", "day: 15", "earlier day"),
        ("placeholders: [product,", "placeholders: [produce,", "no field that a site sets"),
        ("alert: {low: 30000000, decimals", "alert: {low: 10000000, decimals", "inside the limit"),
        ("least_hours: 336", "least_hours: 400", "due before it can be true"),
    ],
)
def test_each_fault_of_a_record_is_said_at_its_line(old: str, new: str, says: str) -> None:
    text = changed(old, new)
    faults = faults_of(text)
    assert any(says in fault for fault in faults), faults
    assert all(int(fault.split(":")[1]) > 0 for fault in faults)


def test_a_fault_names_the_line_it_stands_on() -> None:
    text = changed("formula: concentration * volume", "formula: volume ** 2")
    assert faults_of(text)[0].startswith(f"X.yaml:{line_with(text, 'volume ** 2')}: ")


def test_a_fault_of_one_slot_is_not_told_for_every_kind_of_slot() -> None:
    assert len(faults_of(changed("item: medium_a, amount: 100", "item: medium_a, amout: 100"))) == 1


def test_several_faults_are_told_at_once() -> None:
    text = changed("most_minutes: 480", "most_minutes: 0").replace("code_type: TUBE", "code_type: BOTTLE")
    assert len(faults_of(text)) == 2


def test_more_than_twelve_signatures_of_one_person_are_warned_about() -> None:
    steps = "".join(
        f"\n      - {{code: extra_{n}, title: {{en: Extra {n}, zh: 附加{n}}}, day: 14, who: signed, "
        f"second_person: none, instructions: [{{en: Do., zh: 做。}}], evidence: []}}"
        for n in range(12)
    )
    loaded = load_master_batch_record(changed("\n\ntests:\n", steps + "\n\ntests:\n"))
    assert [str(warning) for warning in loaded.warnings] == [
        "One person would sign 13 steps as performer; more than 12 are signed unread."
    ]


def test_an_untranslated_text_is_warned_about() -> None:
    loaded = load_master_batch_record(changed('zh: "接收起始物料"', 'zh: "Receive starting material"'))
    assert [str(warning) for warning in loaded.warnings] == [
        "The Chinese text is the same as the English one."
    ]


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("receives_product: true", "receives_product: false", "No arm receives"),
        ("rounds: 2", "rounds: 0", "“rounds” lies between"),
        ("needed_for_batch: true", "needed_for_batch: yes", "true or false"),
        ("least_hours_at_dispatch: 2", "least_hours_at_dispatch: 7", "at dispatch than at release"),
        ("acceptable: false", "acceptable: true", "stops nothing"),
        ("greatest_delivered_dose: 30000000", "greatest_delivered_dose: 3", "less than the least"),
        (
            "volume_given: {low: 0.50, high: 1.10, decimals: 2, unit: mL}",
            "volume_given: {low: 0.50, decimals: 2, unit: µL}",
            "same unit",
        ),
        ("profile: ALL", "profile: MOON", "no profile"),
        ("code: trial, profile", "code: autologous, profile", "used twice"),
        ("share: 2", "share: 0", "share of the randomisation"),
        ("[identity, sterility_a", "[identity, identity", "used twice"),
        ("placeholders: [registry", "placeholders: [arms", "no field that a site sets"),
        ('{version: "3", in', '{version: "2", in', "used twice"),
        ('{version: "3", in', '{version: " ", in', "“version” is empty"),
        ('"2025-01-01"', '"2026-01-01"', "must come into force after"),
        ("asked_again: true, waits", "waits", "Nothing waits for a form"),
        ("sample_scope: data", 'consent_forms: ["3"]', "stand under “consent_forms”"),
    ],
)
def test_each_fault_of_a_protocol_is_said(old: str, new: str, says: str) -> None:
    assert old in PROTOCOL
    text = PROTOCOL.replace(old, new) if old == "acceptable: false" else PROTOCOL.replace(old, new, 1)
    with pytest.raises(AuthoringError, match=says):
        load_protocol(text)


@pytest.mark.parametrize(
    ("old", "new", "at", "says"),
    [
        ("sample_scope: data", "sample_scope: blood", "sample_scope", "“blood” is no scope of consent"),
        ("code: referral", "code: clinic", "Referred", "used twice"),
        ("code: implantation_failure", "code: recurrent_loss", "Recurrent implantation", "used twice"),
        ("code: age, title", "code: declined, title", "She declined", "used twice"),
        ("code: timing, title", "code: visit, title", "Visit outside", "used twice"),
        ("{code: cycle, title", "{code: pregnant, title", "Cycle not suitable", "used twice"),
        ("{code: safety, title", "{code: pregnant, title", 'title: {en: "Safety"', "used twice"),
        ("code: cd103, title", "code: cd49a, title", "CD103+", "used twice"),
        ("low: 20.0, high: 65.0", "low: 65.0, high: 65.0", "nk_share", "not below the upper one"),
        ("combination: any", "combination: k_of_n\n      at_least: 6", "at_least", "“at_least” lies between"),
        ("confirm_cycles: 1", "confirm_cycles: 0", "confirm_cycles", "“confirm_cycles” lies between"),
        ("clinical_to_day: 55", "clinical_to_day: 35", "clinical_to_day", "must come after"),
        ("ongoing_from_day: 84", "ongoing_from_day: 55", "ongoing_from_day", "must come after"),
        ("preterm_before_day: 259", "preterm_before_day: 196", "preterm_before_day", "must come after"),
        ("menses_day_first: 1", "menses_day_first: 0", "menses_day_first", "lies between 1 and 10"),
        ("menses_day_last: 5", "menses_day_last: 11", "menses_day_last", "lies between 1 and 10"),
        ("transport_hours_most: 24", "transport_hours_most: 0", "transport_hours", "between 1 and 168"),
        ("viability_least: 60", "viability_least: 101", "viability_least", "lies between 0 and 100"),
        ("    months: 6\n", "    months: 61\n", "    months: 61", "lies between 1 and 60"),
        ("contact_within_days: 31", "contact_within_days: -1", "contact_within", "between 0 and 366"),
        ("tries_before_lost: 3", "tries_before_lost: 0", "tries_before_lost", "lies between 1 and 20"),
        ("cycle_day: 21", "cycle_day: 61", "cycle_day: 61", "lies between 1 and 60"),
        ("batch_days: null", "batch_days: -1", "test_before_batch_days", "lies between 0 and 60"),
        ("partial_share: 0.50", "partial_share: 0", "partial_share", "A share lies above 0"),
        ("code: M3, title", "code: M1, title", "Visit at 3 months", "used twice"),
        ("months: 6, days_before", "months: 7, days_before", "code: M6", "lies outside follow-up"),
        ("days_before: 14", "days_before: -1", "code: M6", "lies between 0 and 366"),
        ("code: expedited, title", "code: sponsor, title", "hours: 360", "used twice"),
        ("hours: 24", "hours: 0", "code: sponsor", "an hour at the earliest"),
        ("code: fever, title", "code: other, title", "Other, as told", "used twice"),
    ],
)
def test_each_fault_of_the_trials_definitions_is_said_with_its_line(
    old: str, new: str, at: str, says: str
) -> None:
    head, trial = PROTOCOL.split("\ntrial:\n")
    assert old in trial
    text = head + "\ntrial:\n" + trial.replace(old, new, 1)
    number = line_with(text, at)
    with pytest.raises(AuthoringError) as refused:
        load_protocol(text, name="P.yaml")
    faults = str(refused.value).splitlines()
    assert any(fault.startswith(f"P.yaml:{number}: ") and says in fault for fault in faults), faults


def test_a_rule_set_without_any_limit_and_a_version_used_twice_are_said() -> None:
    none = PROTOCOL.replace("low: 20.0, high: 65.0, ", "")
    for limit in ("low: 55.0, ", "high: 25.0, ", "low: 25.0, ", "low: 10.0, "):
        none = none.replace(limit, "")
    with pytest.raises(AuthoringError, match="none has a limit"):
        load_protocol(none)
    begins = PROTOCOL.index('    - version: "1"\n      combination')
    rules = PROTOCOL[begins : PROTOCOL.index("  adequacy:")]
    with pytest.raises(AuthoringError, match="The version “1” is used twice"):
        load_protocol(PROTOCOL.replace(rules, rules + rules))


@pytest.mark.parametrize(("written", "read"), [("null", None), ("0", 0), ("7", 7)])
def test_the_pregnancy_test_before_a_batch_can_be_switched_off(written: str, read: int | None) -> None:
    text = PROTOCOL.replace("batch_days: null", f"batch_days: {written}")
    assert load_protocol(text).record.trial.rounds.test_before_batch_days == read


def test_the_example_protocol_spells_out_visits_and_safety() -> None:
    """A site sees and sets them; nothing of the trial goes by a default that its file does not show."""
    for part in ("visits:", "tries_before_lost:", "deadlines:", "terms:", "related:", "batch_days:"):
        assert part in PROTOCOL
