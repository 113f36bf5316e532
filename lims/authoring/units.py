"""Units, checked when a record is loaded and at no other time: a formula must give the unit it claims."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from math import isclose

from pint import UnitRegistry
from pint.errors import PintError

from lims.domain.formulas import Binary, Call, Literal, Name, Negative, Node

_ATOM = re.compile(r"(?P<name>[A-Za-zµμ%°×]+)(?P<power>[1-4]?)")
_SPELLED: Mapping[str, str] = {"°C": "degC", "%": "percentage", "pH": "pH_unit", "×g": "rcf"}


class UnitFault(ValueError):
    """A unit that is not known, or units that do not fit together; `message` and `params` say which."""

    def __init__(self, message: str, **params: str) -> None:
        self.message = message
        self.params = params
        super().__init__(message.format(**params))


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit as a factor over base units, and their powers; equal units have equal factors."""

    factor: float
    powers: tuple[tuple[str, float], ...]
    shown: str

    def fits(self, other: "Unit") -> bool:
        """Whether a number in one unit means the same in the other, with no conversion at all."""
        return self.powers == other.powers and isclose(self.factor, other.factor, rel_tol=1e-9)

    def times(self, other: "Unit", power: float = 1) -> "Unit":
        """The unit of a product (or, with power −1, of a quotient)."""
        powers = dict(self.powers)
        for base, exponent in other.powers:
            powers[base] = powers.get(base, 0) + power * exponent
        return Unit(
            self.factor * other.factor**power,
            tuple(sorted((base, exponent) for base, exponent in powers.items() if exponent)),
            f"{self.shown}{'·' if power > 0 else '/'}{other.shown}",
        )


ONE = Unit(1.0, (), "1")


@cache
def _registry() -> "UnitRegistry[float]":
    """The laboratory's units: what is counted (cells, colonies, activity) is a dimension of its own."""
    registry: UnitRegistry[float] = UnitRegistry(autoconvert_offset_to_baseunit=True)
    for definition in (
        "cell = [cells] = _ = cells",
        "CFU = [colonies]",
        "EU = [endotoxin]",
        "IU = [activity]",
        "dose = [doses] = _ = doses",
        "piece = [pieces] = _ = pieces",
        "rcf = [relative_centrifugal_force]",
        "percentage = [percentage]",
        "pH_unit = [acidity]",
    ):
        registry.define(definition)
    return registry


@cache
def read_unit(text: str) -> Unit:
    """A unit as written: atoms joined by `/` or `·`, such as `cells/mL` or `EU/kg/h`. Raises UnitFault."""
    if text == "1":
        return ONE
    unit, power = ONE, 1.0
    for part in re.split(r"([/·])", text[:60]):
        if part in ("/", "·"):
            power = -1.0 if part == "/" else 1.0
            continue
        atom = _ATOM.fullmatch(part)
        if atom is None or len(text) > 60:
            raise UnitFault("“{unit}” is not a known unit.", unit=text[:60])
        for _ in range(int(atom["power"] or 1)):
            unit = unit.times(_atom(atom["name"], text), power)
    return Unit(unit.factor, unit.powers, text)


def _atom(name: str, text: str) -> Unit:
    registry = _registry()
    spelled = _SPELLED.get(name, name.replace("µ", "u").replace("μ", "u"))
    if spelled not in registry:
        raise UnitFault("“{unit}” is not a known unit.", unit=text)
    try:
        base = registry.Quantity(1, registry.Unit(spelled)).to_base_units()
    except PintError:
        raise UnitFault("“{unit}” is not a known unit.", unit=text) from None
    powers = tuple(sorted((str(name), float(str(power))) for name, power in base.unit_items()))
    return Unit(float(str(base.magnitude)), powers, name)


def unit_of(node: Node, units: Mapping[str, Unit]) -> Unit:
    """The unit that a formula gives; raises UnitFault where it adds, compares or roots what does not fit.

    A written number has no unit, except that zero fits everywhere.
    """
    match node:
        case Literal():
            return ONE
        case Name(name):
            return units[name]
        case Negative(operand):
            return unit_of(operand, units)
        case Binary("*", left, right):
            return unit_of(left, units).times(unit_of(right, units))
        case Binary("/", left, right):
            return unit_of(left, units).times(unit_of(right, units), -1)
        case Binary(_, left, right):
            return _common((left, right), units)
        case Call("sqrt", (operand,)):
            return ONE.times(unit_of(operand, units), 0.5)
        case Call("round_to", (operand, _)):
            return unit_of(operand, units)
        case Call(_, arguments):
            return _common(arguments, units)


def _common(nodes: tuple[Node, ...], units: Mapping[str, Unit]) -> Unit:
    """The one unit of things that are added or compared."""
    found = [unit_of(node, units) for node in nodes if node != Literal(Decimal(0))]
    for unit in found[1:]:
        if not unit.fits(found[0]):
            raise UnitFault(
                "“{first}” and “{second}” cannot be added or compared.",
                first=found[0].shown,
                second=unit.shown,
            )
    return found[0] if found else ONE
