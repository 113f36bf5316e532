"""Codes of people and things: read or refused, never mistaken for one another."""

import random
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lims.domain.codes import (
    BadCode,
    CodeRefusal,
    CodeType,
    NoFreeCode,
    check_digits,
    compose,
    grouped,
    mint,
    read,
)

codes = st.builds(
    compose, st.sampled_from(CodeType), st.text(alphabet="0123456789", min_size=12, max_size=12)
)


def digits(count: int) -> str:
    return "".join(random.Random(7).choices("0123456789", k=count))


def test_check_digits_are_those_of_iso_7064() -> None:
    """ISO 7064 MOD 97-10: the whole number leaves 1 modulo 97; 794 -> 44 is the standard's example."""
    assert check_digits("794") == "44"


def test_a_code_is_read_back_with_its_type_and_serial() -> None:
    code = compose(CodeType.PRODUCT_UNIT, "000000417702")
    assert (read(code).type, read(code).serial, str(read(code))) == (
        CodeType.PRODUCT_UNIT,
        "000000417702",
        code,
    )


def test_a_code_is_printed_in_groups() -> None:
    code = compose(CodeType.PRODUCT_UNIT, "000000417702")
    assert grouped(code) == read(code).grouped == f"21 0000 0041 7702 {code[-2:]}"


@given(codes)
def test_a_code_typed_in_groups_or_full_width_is_the_same_code(code: str) -> None:
    wide = code.translate(str.maketrans("0123456789", "０１２３４５６７８９"))
    assert str(read(grouped(code))) == str(read(wide)) == str(read(f" {code}\r\n")) == code


@given(codes, st.integers(0, 15), st.integers(1, 9))
def test_every_single_wrong_digit_is_refused(code: str, at: int, shift: int) -> None:
    wrong = code[:at] + str((int(code[at]) + shift) % 10) + code[at + 1 :]
    with pytest.raises(BadCode):
        read(wrong)


@given(codes, st.integers(0, 14))
def test_every_swap_of_neighbouring_digits_is_refused(code: str, at: int) -> None:
    swapped = code[:at] + code[at + 1] + code[at] + code[at + 2 :]
    if swapped == code:
        return
    with pytest.raises(BadCode):
        read(swapped)


@given(codes, st.integers(0, 15))
def test_a_lost_digit_is_refused(code: str, at: int) -> None:
    with pytest.raises(BadCode) as refused:
        read(code[:at] + code[at + 1 :])
    assert refused.value.reason is CodeRefusal.WRONG_LENGTH


@given(
    st.sampled_from(CodeType), st.text(alphabet="0123456789", min_size=12, max_size=12), st.integers(0, 99)
)
def test_only_one_pair_of_check_digits_fits(type: CodeType, serial: str, check: int) -> None:
    """98 and 01, 97 and 00, 02 and 99 are equal modulo 97; only the computed pair is taken."""
    typed = f"{type.value}{serial}{check:02d}"
    if typed == compose(type, serial):
        return
    with pytest.raises(BadCode):
        read(typed)


@pytest.mark.parametrize(("fitting", "equal_modulo_97"), [("98", "01"), ("97", "00"), ("02", "99")])
def test_check_digits_that_are_only_equal_modulo_97_are_refused(fitting: str, equal_modulo_97: str) -> None:
    code = next(
        code
        for code in (compose(CodeType.TUBE, f"{serial:012d}") for serial in range(200))
        if code.endswith(fitting)
    )
    with pytest.raises(BadCode):
        read(code[:-2] + equal_modulo_97)


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        ("", CodeRefusal.EMPTY),
        ("   ", CodeRefusal.EMPTY),
        ("https://example.org", CodeRefusal.NOT_DIGITS),
        ("21000000417702٣9", CodeRefusal.NOT_DIGITS),
        ("²1000000041770289", CodeRefusal.NOT_DIGITS),
        ("-100000041770289", CodeRefusal.NOT_DIGITS),
        ("04012345678901", CodeRefusal.WRONG_LENGTH),
        ("1" * 65, CodeRefusal.WRONG_LENGTH),
        ("99" + "0" * 12 + check_digits("99" + "0" * 12), CodeRefusal.UNKNOWN_TYPE),
        ("2100000041770200", CodeRefusal.CHECK_DIGITS),
    ],
)
def test_what_is_not_our_code_is_refused_with_the_reason(raw: str, reason: CodeRefusal) -> None:
    with pytest.raises(BadCode) as refused:
        read(raw)
    assert refused.value.reason is reason


def test_a_chart_sticker_never_stands_for_the_wristband() -> None:
    """screens.md 2.14: stickers and spare labels have other types and can't satisfy the first scan."""
    with pytest.raises(BadCode) as refused:
        read(compose(CodeType.LABEL, "123456789012"), CodeType.PARTICIPANT)
    assert refused.value.reason is CodeRefusal.WRONG_TYPE


def test_ten_megabytes_are_refused_at_once() -> None:
    began = time.perf_counter()
    with pytest.raises(BadCode):
        read("2" * 10_000_000)
    assert time.perf_counter() - began < 0.5


@given(st.text(max_size=70))
def test_any_scan_is_a_code_or_refused(raw: str) -> None:
    try:
        read(raw)
    except BadCode as refused:
        assert str(refused)


@pytest.mark.parametrize("serial", ["", "1", "1" * 13, "12345678901a", "１２３４５６７８９０１２"])
def test_a_serial_of_another_shape_is_refused(serial: str) -> None:
    with pytest.raises(ValueError, match="12 digits"):
        compose(CodeType.TUBE, serial)


def test_a_minted_code_is_not_in_use() -> None:
    drawn = iter(["000000000001", "000000000002"])
    taken = compose(CodeType.TUBE, "000000000001")
    assert mint(CodeType.TUBE, lambda _: next(drawn), {taken}.__contains__) == compose(
        CodeType.TUBE, "000000000002"
    )


def test_minting_stops_when_the_draw_is_broken() -> None:
    with pytest.raises(NoFreeCode):
        mint(CodeType.TUBE, digits, lambda _: True)


@given(codes, codes)
def test_two_codes_differ_by_more_than_one_edit(one: str, other: str) -> None:
    different = [at for at in range(16) if one[at] != other[at]]
    if not different:
        return
    assert len(different) >= 2
    first, second = different[0], different[1]
    is_swap = second == first + 1 and one[first] == other[second] and one[second] == other[first]
    assert len(different) > 2 or not is_swap
