"""Gestational age in completed days, and which dating is in force (domain.md §1.4)."""

from datetime import date, timedelta

import pytest

from lims.domain.trial.definitions import GestationRules
from lims.domain.trial.gestation import dated, gestational_age, weeks_and_days, zero_day
from lims.domain.trial.pregnancy import Dating, DatingMethod

ZERO = date(2027, 3, 1)
RULES = GestationRules()


def by(method: DatingMethod, on: date, **more: int) -> Dating:
    return Dating(method=method, on=on, recorded_on=on, **more)


def scanned(at_day: int, measured: int) -> Dating:
    return by(DatingMethod.ULTRASOUND, ZERO + timedelta(days=at_day), measured_days=measured)


@pytest.mark.parametrize(
    ("days", "written"),
    [
        (35, "5w0d"),
        (55, "7w6d"),
        (84, "12w0d"),
        (182, "26w0d"),
        (196, "28w0d"),
        (258, "36w6d"),
        (259, "37w0d"),
    ],
)
def test_the_constants_of_the_protocol_are_completed_days(days: int, written: str) -> None:
    assert (gestational_age(ZERO, ZERO + timedelta(days=days)), weeks_and_days(days)) == (days, written)


def test_a_leap_day_is_a_day() -> None:
    assert gestational_age(date(2028, 2, 28), date(2028, 3, 1)) == 2


@pytest.mark.parametrize(
    ("dating", "days_before"),
    [
        (by(DatingMethod.LMP, ZERO), 0),
        (by(DatingMethod.FERTILISATION, ZERO), 14),
        (by(DatingMethod.TRANSFER, ZERO, embryo_days=3), 17),
        (by(DatingMethod.TRANSFER, ZERO, embryo_days=5), 19),
        (by(DatingMethod.ULTRASOUND, ZERO, measured_days=49), 49),
    ],
)
def test_day_zero_of_each_method(dating: Dating, days_before: int) -> None:
    """Fertilisation: 14 days; frozen transfer of a day-3 embryo 17, of a day-5 embryo 19."""
    assert zero_day(dating) == ZERO - timedelta(days=days_before)


def test_a_scan_without_a_measurement_dates_nothing() -> None:
    with pytest.raises(ValueError, match="measurement"):
        zero_day(by(DatingMethod.ULTRASOUND, ZERO))


@pytest.mark.parametrize(
    ("at_day", "measured", "replaced"),
    [
        (56, 51, False),  # 8w0d, 5 days apart: within
        (56, 50, True),  # 6 days apart
        (56, 62, True),  # the other way
        (62, 56, True),  # 8w6d is still the first band
        (63, 57, False),  # 9w0d: the second band allows 7
        (63, 56, False),
        (63, 55, True),
        (97, 89, True),  # 13w6d is the last day of the second band
        (98, 80, False),  # 14w0d: a scan no longer re-dates
    ],
)
def test_a_scan_replaces_the_last_menses_by_band(at_day: int, measured: int, replaced: bool) -> None:
    """domain.md §1.4: more than 5 d before 9w0d, more than 7 d from 9w0d to 13w6d."""
    found = dated((by(DatingMethod.LMP, ZERO), scanned(at_day, measured)), RULES)
    assert found is not None
    assert (found.method is DatingMethod.ULTRASOUND) is replaced
    assert found.zero_before == (ZERO if replaced else None)


def test_only_the_first_scan_re_dates() -> None:
    found = dated((by(DatingMethod.LMP, ZERO), scanned(84, 60), scanned(56, 55)), RULES)
    assert found is not None
    assert found.zero == ZERO


def test_an_assisted_conception_is_never_re_dated_by_a_scan() -> None:
    transfer = by(DatingMethod.TRANSFER, ZERO, embryo_days=5)
    found = dated((by(DatingMethod.LMP, ZERO - timedelta(days=60)), transfer, scanned(50, 20)), RULES)
    assert found is not None
    assert found.zero == ZERO - timedelta(days=19)


def test_a_corrected_last_menses_counts_and_a_pregnancy_without_any_dating_has_none() -> None:
    found = dated((by(DatingMethod.LMP, ZERO), by(DatingMethod.LMP, ZERO + timedelta(days=3))), RULES)
    assert found is not None
    assert found.zero == ZERO + timedelta(days=3)
    assert dated((), RULES) is None


def test_without_menses_the_first_scan_dates() -> None:
    found = dated((scanned(84, 80), scanned(56, 50)), RULES)
    assert found is not None
    assert found.zero == ZERO + timedelta(days=6)
    assert found.conceived_on == ZERO + timedelta(days=20)
