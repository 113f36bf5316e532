"""What cannot be read is refused at its field with a message for the bench, and nothing is half-written."""

import ast
import string
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from lims.actions import evidence, qc, recall, release, supply
from lims.actions.evidence import Entered
from lims.actions.work import Outcome
from lims.domain.codes import CodeType, compose
from lims.domain.entries.batch import EvidenceRecorded
from lims.domain.entries.values import Number
from lims.domain.refusals import RULES, BadEntry
from tests.builders import At, Played, SharedAt, on_file
from tests.cast import QA_A, QC_A, TECH_A

HUGE = "9" * 10_000_000
LIMS = Path(__file__).parents[2] / "lims"


def refused_at(played: Played, act: Callable[[], object]) -> BadEntry:
    """The refusal at a field; nothing at all changed, not even in the refusals."""
    before, began = on_file(played), time.monotonic()
    with pytest.raises(BadEntry) as caught:
        act()
    assert time.monotonic() - began < 5
    assert on_file(played) == before
    assert len(str(caught.value)) < 500
    return caught.value


def number(played: Played, raw: str) -> Outcome:
    return evidence.record_evidence(
        played.stage.site,
        played.actor(TECH_A),
        played.request(),
        batch=played.batch,
        step="receive",
        slot="volume",
        entered=Entered(raw=raw),
    )


NUMBERS = {
    "": "number.empty",
    "   ": "number.empty",
    "1,234": "number.ambiguous",
    "1.234,5": "number.mixed_marks",
    "1.2.3": "number.two_marks",
    "5.": "number.mark_at_end",
    "NaN": "number.not_finite",
    "-inf": "number.not_finite",
    "٣": "number.other_digits",
    "5²": "number.other_digits",
    "50 mL": "number.not_understood",
    "50.0mg": "number.not_understood",
    "5 0": "number.space_inside",
    "0x1f": "number.not_understood",
    "1e999": "number.too_large",
    "50\x00": "text.unprintable",
    "5\u200b0": "text.unprintable",
    "=1+1": "number.not_understood",
    "'; DROP TABLE entries; --": "number.not_understood",
    HUGE: "number.too_long",
}


@pytest.mark.parametrize("raw", NUMBERS, ids=lambda raw: ascii(raw[:12]))
def test_what_is_no_number_is_refused_at_its_field(shared_at: SharedAt, raw: str) -> None:
    """Screens 3.5."""
    refusal = refused_at(shared_at("issued"), lambda: number(shared_at("issued"), raw))
    assert (refusal.rule, refusal.field) == (NUMBERS[raw], "raw")


def test_full_width_digits_are_read_and_kept_as_typed(at: At) -> None:
    """A Chinese input method gives `５０．２`."""
    fact = number(at("issued"), "５０．２").of(EvidenceRecorded)
    assert isinstance(fact.value, Number)
    assert (fact.value.raw, str(fact.value.value)) == ("５０．２", "50.2")


def test_a_value_that_comes_too_late_and_is_too_long_is_not_kept_in_the_refusals(shared_at: SharedAt) -> None:
    """A full slot would name what was entered: never ten megabytes of it, for ever."""
    played = shared_at("counting")
    refusal = refused_at(
        played,
        lambda: evidence.record_evidence(
            played.stage.site,
            played.actor(TECH_A),
            played.request(),
            batch=played.batch,
            step="count",
            slot="volume",
            entered=Entered(raw=HUGE),
        ),
    )
    assert refusal.field == "raw"


CODE = compose(CodeType.TUBE, "123456789012")
CODES = {
    "": "code.",
    "123": "code.",
    CODE[:-1] + str((int(CODE[-1]) + 1) % 10): "code.",
    CODE[:-2] + CODE[-1] + CODE[-2]: "code.",
    CODE[:8] + "x" + CODE[9:]: "code.",
    CODE + CODE: "code.",
    "\x00" * 16: "code.",
    HUGE: "code.",
}


@pytest.mark.parametrize("raw", CODES, ids=lambda raw: ascii(raw[:20]))
def test_a_code_with_wrong_check_digits_is_refused_at_its_field(shared_at: SharedAt, raw: str) -> None:
    played = shared_at("issued")
    refusal = refused_at(
        played,
        lambda: evidence.record_evidence(
            played.stage.site,
            played.actor(TECH_A),
            played.request(),
            batch=played.batch,
            step="receive",
            slot="tubes",
            entered=Entered(raw=raw),
        ),
    )
    assert refusal.rule.startswith(CODES[raw])
    assert refusal.field == "raw"


COUNTS: dict[str, tuple[tuple[tuple[str, str], ...], str, str, str]] = {
    "one count": ((("152", "8"),), "20", "counts.two", "counts"),
    "no count": ((), "20", "counts.two", "counts"),
    "half a cell": ((("152.5", "8"), ("150", "8")), "20", "number.whole", "live-1"),
    "negative": ((("152", "-8"), ("150", "8")), "20", "number.whole", "dead-1"),
    "words": ((("152", "8"), ("many", "8")), "20", "number.not_understood", "live-2"),
    "diluted to nothing": ((("152", "8"), ("150", "8")), "0.5", "counts.dilution", "dilution"),
    "no dilution": ((("152", "8"), ("150", "8")), "", "number.empty", "dilution"),
    "too far apart": ((("152", "8"), ("50", "8")), "20", "counts.third", "counts"),
    "nothing alive or dead": ((("0", "0"), ("0", "0")), "20", "counts.none", "counts"),
}


@pytest.mark.parametrize("which", COUNTS)
def test_a_count_that_cannot_be_is_refused_at_its_field(shared_at: SharedAt, which: str) -> None:
    played = shared_at("counting")
    counts, dilution, rule, field = COUNTS[which]
    refusal = refused_at(
        played,
        lambda: evidence.record_evidence(
            played.stage.site,
            played.actor(TECH_A),
            played.request(),
            batch=played.batch,
            step="count",
            slot="pool",
            entered=Entered(counts=counts, dilution=dilution),
        ),
    )
    assert (refusal.rule, refusal.field) == (rule, field)


WORDS = {
    "": "text.empty",
    " \n\t ": "text.empty",
    "a" * 10_000_000: "text.long",
    "a bell \x07": "text.unprintable",
    "a null \x00": "text.unprintable",
    "turned \u202e round": "text.unprintable",
}


@pytest.mark.parametrize("text", WORDS, ids=lambda text: ascii(text[:12]))
def test_words_that_cannot_be_kept_are_refused_at_their_field(shared_at: SharedAt, text: str) -> None:
    """CN-7."""
    played = shared_at("counting")
    refusal = refused_at(
        played,
        lambda: release.annotate(
            played.stage.site, played.actor(TECH_A), played.request(), batch=played.batch, text=text
        ),
    )
    assert (refusal.rule, refusal.field) == (WORDS[text], "text")


@pytest.mark.parametrize("sign", ["\x00", "\x07", "\x1b", "\x7f"])
def test_no_control_character_comes_into_the_record(shared_at: SharedAt, sign: str) -> None:
    """CN-7: also where a name or a number of a paper is entered, not only in free text."""
    played = shared_at("staffed")
    refusal = refused_at(
        played,
        lambda: recall.recall_lot(
            played.stage.site,
            played.actor(QA_A),
            played.request(),
            lot=played.stage.lots["medium_a"],
            reference=f"R-1{sign}",
        ),
    )
    assert (refusal.rule, refusal.field) == ("text.unprintable", "reference")


@pytest.mark.parametrize("option", ["", "maybe", "INTACT", "intact "])
def test_an_answer_is_one_of_those_offered(shared_at: SharedAt, option: str) -> None:
    played = shared_at("issued")
    refusal = refused_at(
        played,
        lambda: evidence.record_evidence(
            played.stage.site,
            played.actor(TECH_A),
            played.request(),
            batch=played.batch,
            step="receive",
            slot="seal",
            entered=Entered(option=option),
        ),
    )
    assert (refusal.rule, refusal.field) == ("choice.unknown", "option")


@pytest.mark.parametrize("raw", ["<", "< <5", "about 5", "negative", ""])
def test_a_result_that_is_no_number_is_refused_at_its_field(at: At, raw: str) -> None:
    from lims.domain.entries.values import Means

    played = at("made")
    site = played.stage.site
    qc.receive_sample(
        site,
        played.actor(QC_A),
        played.request(),
        batch=played.batch,
        code=played.container("qc_final"),
        means=Means.SCANNED,
    )
    refusal = refused_at(
        played,
        lambda: qc.enter_result(
            site, played.actor(QC_A), played.request(), batch=played.batch, test="endotoxin", raw=raw
        ),
    )
    assert refusal.field == "raw"


@pytest.mark.parametrize(
    ("quantity", "field"), [("-1", "quantity"), ("1,234", "quantity"), ("x", "quantity")]
)
def test_an_amount_is_a_number_that_is_not_negative(shared_at: SharedAt, quantity: str, field: str) -> None:
    played = shared_at("staffed")
    refusal = refused_at(
        played,
        lambda: supply.receive_lot(
            played.stage.site,
            played.actor(TECH_A),
            played.request(),
            item="medium_a",
            supplier="S",
            supplier_lot="L",
            expires=played.stage.until,
            quantity=quantity,
            unit="mL",
        ),
    )
    assert refusal.field == field


@pytest.mark.parametrize("reason", ["", "   "])
def test_a_hold_has_a_reason(shared_at: SharedAt, reason: str) -> None:
    played = shared_at("counting")
    refusal = refused_at(
        played,
        lambda: release.place_hold(
            played.stage.site, played.actor(QA_A), played.request(), batch=played.batch, reason_code=reason
        ),
    )
    assert refusal.field == "reason_code"


def raised() -> list[tuple[str, str, frozenset[str], bool]]:
    """Every refusal in the code: where, its rule, the names it passes, whether more come as a mapping."""
    kinds = {"Refused", "NotAllowed", "BadEntry", "Unmet", "Stale", "RequestReused", "WrongPassword"}
    found = []
    for path in sorted(LIMS.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in kinds:
                if node.args and isinstance(node.args[0], ast.Constant):
                    names = frozenset(item.arg for item in node.keywords if item.arg)
                    spread = any(item.arg is None for item in node.keywords)
                    rule = str(node.args[0].value)
                    found.append((f"{path.name}:{node.lineno}", rule, names - {"field"}, spread))
    return found


def places(rule: str) -> frozenset[str]:
    """The names that a rule's texts have places for."""
    texts = (RULES[rule].why, RULES[rule].then)
    return frozenset(name for text in texts for _, name, _, _ in string.Formatter().parse(text) if name)


def test_every_refusal_passes_what_its_texts_are_made_of() -> None:
    """A message that cannot be formatted is a crash at the bench."""
    wrong = [
        (where, rule, sorted(places(rule) - names))
        for where, rule, names, spread in raised()
        if rule in RULES and not spread and not places(rule) <= names
    ]
    assert wrong == []


def test_every_refusal_names_a_rule() -> None:
    assert [(where, rule) for where, rule, _, _ in raised() if rule not in RULES] == []
    assert len(raised()) > 100
