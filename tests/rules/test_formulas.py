"""Formulas of the master batch record: what they may hold, what they give (domain.md 2.3)."""

import time
from decimal import Decimal, localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lims.domain.formulas import Formula, FormulaError, FormulaFault
from lims.domain.quantities import plain, round_half_up


def compute(text: str, decimals: int, **inputs: str) -> str:
    value = Formula(text).evaluate({name: Decimal(entry) for name, entry in inputs.items()})
    return plain(round_half_up(value, decimals))


@pytest.mark.parametrize(
    ("text", "decimals", "inputs", "result"),
    [
        pytest.param(
            "live / squares * df * 10000",
            0,
            {"live": "184", "squares": "4", "df": "10"},
            "4600000",
            id="F1 viable concentration",
        ),
        pytest.param(
            "live / (live + dead) * 100", 1, {"live": "184", "dead": "16"}, "92.0", id="F2 viability"
        ),
        pytest.param("conc * volume", 0, {"conc": "4600000", "volume": "12.0"}, "55200000", id="F3 TVC"),
        pytest.param(
            "abs(a - b) / (sqrt(2) * mean(a, b)) * 100",
            1,
            {"a": "7600000", "b": "7400000"},
            "1.9",
            id="F4 duplicate CV",
        ),
        pytest.param(
            "total / density", 1, {"total": "6.2e6", "density": "1.0e6"}, "6.2", id="F5 seed volume"
        ),
        pytest.param(
            "volume * target / stock",
            1,
            {"volume": "20", "target": "5", "stock": "10"},
            "10.0",
            id="F6 cytokine",
        ),
        pytest.param("now / seeded", 1, {"now": "7.4e7", "seeded": "6.0e6"}, "12.3", id="F7 fold"),
        pytest.param(
            "(now + sampled) / seeded",
            1,
            {"now": "7.4e7", "sampled": "2e6", "seeded": "6.0e6"},
            "12.7",
            id="F7 cumulative fold",
        ),
        pytest.param(
            "total * purity / 100", 0, {"total": "5.20e6", "purity": "92.0"}, "4784000", id="F8 NK number"
        ),
        pytest.param(
            "after / before * 100", 1, {"after": "6.1e7", "before": "7.6e7"}, "80.3", id="F9 recovery"
        ),
        pytest.param(
            "total / target", 2, {"total": "6.1e7", "target": "2.0e7"}, "3.05", id="F10 formulation"
        ),
        pytest.param(
            "conc * (fill - residual)",
            0,
            {"conc": "2.0e7", "fill": "1.20", "residual": "0.15"},
            "21000000",
            id="F11 delivered",
        ),
        pytest.param(
            "conc * (fill - residual) * purity / 100",
            0,
            {"conc": "2.0e7", "fill": "1.20", "residual": "0.15", "purity": "94"},
            "19740000",
            id="F11 delivered NK",
        ),
        pytest.param(
            "(r / t) * (r / t) * (r / t)", 6, {"r": "0.5", "t": "50"}, "0.000001", id="F12 wash-out"
        ),
        pytest.param(
            "1.118e-5 * radius * rpm * rpm", 0, {"radius": "17.2", "rpm": "1443"}, "400", id="F13 RCF"
        ),
        pytest.param(
            "sum(first, second) / 60",
            2,
            {"first": "4000", "second": "5837"},
            "163.95",
            id="F14 hypoxia hours",
        ),
        pytest.param("eu * dose", 3, {"eu": "0.05", "dose": "1.05"}, "0.053", id="F15 endotoxin per dose"),
        pytest.param(
            "printed - (applied + attached + destroyed)",
            0,
            {"printed": "14", "applied": "9", "attached": "3", "destroyed": "2"},
            "0",
            id="F17 label balance",
        ),
        pytest.param("ceil(volume / 35)", 0, {"volume": "99.0"}, "3", id="Ficoll tubes"),
        pytest.param(
            "max(total / density - volume, 0)", 1, {"total": "1", "density": "1", "volume": "9"}, "0.0"
        ),
        pytest.param("round_to(a, 1)", 1, {"a": "79.95"}, "80.0"),
        pytest.param("-a + min(a, 2)", 0, {"a": "5"}, "-3"),
    ],
)
def test_the_check_values_of_the_process_description_come_out(
    text: str, decimals: int, inputs: dict[str, str], result: str
) -> None:
    """domain.md 2.3, F1-F15 and F17; F16 is in test_time_limits."""
    assert compute(text, decimals, **inputs) == result


def test_a_literal_keeps_its_written_digits() -> None:
    assert plain(Formula("0.1 + 0.2").evaluate({})) == "0.3"


def test_names_are_what_a_formula_needs() -> None:
    assert Formula("a * count.viability + sqrt(b)").names == {"a", "b", "count.viability"}


def test_the_callers_decimal_context_changes_nothing() -> None:
    with localcontext() as poor:
        poor.prec = 2
        assert plain(Formula("a / 3 * 3").evaluate({"a": Decimal(1)}))[:20] == "0." + "9" * 18


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", FormulaFault.NOT_A_FORMULA),
        ("a +", FormulaFault.NOT_A_FORMULA),
        ("a = 1", FormulaFault.NOT_A_FORMULA),
        ("a ** 2", FormulaFault.NOT_ALLOWED),
        ("a // 2", FormulaFault.NOT_ALLOWED),
        ("a % 2", FormulaFault.NOT_ALLOWED),
        ("+a", FormulaFault.NOT_ALLOWED),
        ("a < b", FormulaFault.NOT_ALLOWED),
        ("a if b else c", FormulaFault.NOT_ALLOWED),
        ("[a]", FormulaFault.NOT_ALLOWED),
        ("'a'", FormulaFault.NOT_ALLOWED),
        ("True", FormulaFault.NOT_ALLOWED),
        ("1_000", FormulaFault.NOT_ALLOWED),
        ("0x10", FormulaFault.NOT_ALLOWED),
        ("1j", FormulaFault.NOT_ALLOWED),
        ("1.", FormulaFault.NOT_ALLOWED),
        ("__import__", FormulaFault.NOT_ALLOWED),
        ("a.__class__", FormulaFault.NOT_ALLOWED),
        ("sqrt(1).real", FormulaFault.NOT_ALLOWED),
        ("ｖ * 2", FormulaFault.NOT_ALLOWED),
        ("a\n+ b", FormulaFault.NOT_ALLOWED),
        ("lambda: 1", FormulaFault.NOT_ALLOWED),
        ("open('x')", FormulaFault.UNKNOWN_FUNCTION),
        ("a.sqrt(1)", FormulaFault.UNKNOWN_FUNCTION),
        ("(lambda: 1)()", FormulaFault.UNKNOWN_FUNCTION),
        ("sqrt(1, 2)", FormulaFault.WRONG_ARGUMENTS),
        ("sqrt()", FormulaFault.WRONG_ARGUMENTS),
        ("max(a, key=b)", FormulaFault.WRONG_ARGUMENTS),
        ("round_to(a, b)", FormulaFault.WRONG_ARGUMENTS),
        ("round_to(a, 1.5)", FormulaFault.WRONG_ARGUMENTS),
        ("sum(*a)", FormulaFault.NOT_ALLOWED),
        ("(" * 300 + "1" + ")" * 300, FormulaFault.TOO_LONG),
        ("-" * 400 + "1", FormulaFault.TOO_LONG),
        ("(" * 240 + "1" + ")" * 240, FormulaFault.NOT_A_FORMULA),
        ("1" * 501, FormulaFault.TOO_LONG),
    ],
)
def test_what_is_not_on_the_list_is_refused_when_the_formula_is_read(text: str, fault: FormulaFault) -> None:
    with pytest.raises(FormulaError) as refused:
        Formula(text)
    assert refused.value.fault is fault


@pytest.mark.parametrize(
    ("text", "inputs", "fault"),
    [
        ("a + b", {"a": "1"}, FormulaFault.UNKNOWN_NAME),
        ("a / b", {"a": "1", "b": "0"}, FormulaFault.DIVISION_BY_ZERO),
        ("a / b", {"a": "0", "b": "0"}, FormulaFault.DIVISION_BY_ZERO),
        ("sqrt(a)", {"a": "-1"}, FormulaFault.NOT_COMPUTABLE),
        ("a * a", {"a": "1e16"}, FormulaFault.NOT_COMPUTABLE),
        ("round_to(a, 12)", {"a": "1e60"}, FormulaFault.NOT_COMPUTABLE),
    ],
)
def test_values_that_give_no_result_are_said_so(
    text: str, inputs: dict[str, str], fault: FormulaFault
) -> None:
    with pytest.raises(FormulaError) as refused:
        Formula(text).evaluate({name: Decimal(value) for name, value in inputs.items()})
    assert refused.value.fault is fault


def test_ten_megabytes_are_refused_at_once() -> None:
    began = time.perf_counter()
    with pytest.raises(FormulaError):
        Formula("1+" * 5_000_000)
    assert time.perf_counter() - began < 0.5


@given(st.text(alphabet="ab.()+-*/,0123456789 esqrtminx_=[]'", max_size=60) | st.text(max_size=60))
def test_any_text_is_a_formula_or_a_formula_error(text: str) -> None:
    try:
        formula = Formula(text)
        formula.evaluate(dict.fromkeys(formula.names, Decimal(2)))
    except FormulaError as refused:
        assert str(refused)
