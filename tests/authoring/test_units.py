"""Units are checked when a record is loaded: what a formula claims is what comes out, without conversion."""

import pytest

from lims.authoring.units import UnitFault, read_unit, unit_of
from lims.domain.formulas import Formula


def unit_given(formula: str, **units: str) -> str:
    given = {name: read_unit(unit) for name, unit in units.items()}
    result = unit_of(Formula(formula).tree, given)
    known = ("cells", "cells/mL", "mL", "µL", "%", "1", "ng/mL")
    return next((unit for unit in known if result.fits(read_unit(unit))), "something else")


@pytest.mark.parametrize(
    ("formula", "units", "result"),
    [
        ("c * v", {"c": "cells/mL", "v": "mL"}, "cells"),
        ("c * v", {"c": "cells/mL", "v": "µL"}, "something else"),
        ("t / c", {"t": "cells", "c": "cells/mL"}, "mL"),
        ("v * c / s", {"v": "mL", "c": "ng/mL", "s": "ng/µL"}, "µL"),
        ("a / b * h", {"a": "cells", "b": "cells", "h": "%"}, "%"),
        ("a / b * 100", {"a": "cells", "b": "cells"}, "1"),
        ("t * p / h", {"t": "cells", "p": "%", "h": "%"}, "cells"),
        ("sqrt(v * v)", {"v": "mL"}, "mL"),
        ("max(t / c - v, 0)", {"t": "cells", "c": "cells/mL", "v": "mL"}, "mL"),
        ("round_to(-v, 1)", {"v": "mL"}, "mL"),
        ("mean(v, w)", {"v": "mL", "w": "mL"}, "mL"),
    ],
)
def test_the_unit_of_a_formula_comes_from_its_inputs(
    formula: str, units: dict[str, str], result: str
) -> None:
    assert unit_given(formula, **units) == result


@pytest.mark.parametrize(
    ("formula", "units"),
    [
        ("a + b", {"a": "mL", "b": "µL"}),
        ("a - 1", {"a": "mL"}),
        ("min(a, b)", {"a": "cells", "b": "CFU"}),
        ("sum(a, b)", {"a": "%", "b": "1"}),
    ],
)
def test_what_does_not_fit_cannot_be_added_or_compared(formula: str, units: dict[str, str]) -> None:
    with pytest.raises(UnitFault):
        unit_given(formula, **units)


@pytest.mark.parametrize(
    "unit", ["", " ", "sip", "10^6 cells", "mL**2", "cells//mL", "__import__('os')", "m" * 99]
)
def test_an_unknown_unit_is_refused(unit: str) -> None:
    with pytest.raises(UnitFault):
        read_unit(unit)


@pytest.mark.parametrize("unit", ["pH", "°C", "×g", "EU/kg/h", "CFU/m3", "m/s", "IU/mL", "piece", "Pa"])
def test_the_units_of_the_laboratory_are_known(unit: str) -> None:
    assert read_unit(unit).shown == unit
