"""Formulas of the master batch record: text, read once into a small tree, evaluated in exact decimals.

A formula may hold decimal literals, names (`volume`, or `count.viability`), `+ - * /`, unary minus,
parentheses and the functions of `FUNCTIONS`. Everything else is refused when the formula is read, so what
two people approved is all that can ever be computed. Python's own parser gives the tree; nothing is ever
evaluated by it, and every literal is taken as a Decimal from the source text.
"""

import ast
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Context, Decimal, localcontext
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType

from lims.domain.rounding import CONTEXT, round_half_up

LONGEST_FORMULA = 500
DEEPEST_NESTING = 100
LARGEST_RESULT = 30
"""Power of ten beyond which a result is no quantity, and could not be rounded to its decimals in 50 digits."""

_LITERAL = re.compile(r"[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,2})?", re.ASCII)
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*", re.ASCII)
_OPERATORS: Mapping[type[ast.operator], str] = MappingProxyType(
    {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}
)


class FormulaFault(StrEnum):
    """Why a formula is refused, or gives no value."""

    TOO_LONG = "too_long"
    NOT_A_FORMULA = "not_a_formula"
    NOT_ALLOWED = "not_allowed"
    UNKNOWN_FUNCTION = "unknown_function"
    WRONG_ARGUMENTS = "wrong_arguments"
    UNKNOWN_NAME = "unknown_name"
    DIVISION_BY_ZERO = "division_by_zero"
    NOT_COMPUTABLE = "not_computable"


# English is the message id; the pages translate it and fill in the parameters.
FORMULA_FAULT_MESSAGES: Mapping[FormulaFault, str] = MappingProxyType(
    {
        FormulaFault.TOO_LONG: "The formula is longer than {limit} characters or nested too deeply.",
        FormulaFault.NOT_A_FORMULA: "“{text}” is not a formula.",
        FormulaFault.NOT_ALLOWED: "“{text}” is not allowed in a formula.",
        FormulaFault.UNKNOWN_FUNCTION: "There is no function “{text}”. Known: {known}.",
        FormulaFault.WRONG_ARGUMENTS: "“{text}” has the wrong arguments.",
        FormulaFault.UNKNOWN_NAME: "The formula needs a value for “{text}”.",
        FormulaFault.DIVISION_BY_ZERO: "The calculation divides by zero: check the values it uses.",
        FormulaFault.NOT_COMPUTABLE: "The calculation has no result with these values.",
    }
)


class FormulaError(ValueError):
    """A formula that can't be read or gives no value; `fault` and `params` say why."""

    def __init__(self, fault: FormulaFault, **params: str) -> None:
        self.fault = fault
        self.params: Mapping[str, str] = MappingProxyType(dict(params))
        self.message = FORMULA_FAULT_MESSAGES[fault]
        super().__init__(self.message.format(**params))


@dataclass(frozen=True, slots=True)
class Literal:
    """A number written in the formula."""

    value: Decimal


@dataclass(frozen=True, slots=True)
class Name:
    """A value on file that the formula uses."""

    name: str


@dataclass(frozen=True, slots=True)
class Negative:
    """Unary minus."""

    operand: "Node"


@dataclass(frozen=True, slots=True)
class Binary:
    """`left operator right`, with the operator one of `+ - * /`."""

    operator: str
    left: "Node"
    right: "Node"


@dataclass(frozen=True, slots=True)
class Call:
    """A function of `FUNCTIONS` and its arguments."""

    function: str
    arguments: tuple["Node", ...]


Node = Literal | Name | Negative | Binary | Call


def _ceil(values: Sequence[Decimal]) -> Decimal:
    return values[0].to_integral_value(rounding=ROUND_CEILING)


def _mean(values: Sequence[Decimal]) -> Decimal:
    return sum(values, Decimal(0)) / len(values)


def _round_to(values: Sequence[Decimal]) -> Decimal:
    return round_half_up(values[0], int(values[1]))


# name -> (fewest arguments, most arguments, what it computes)
FUNCTIONS: Mapping[str, tuple[int, int, Callable[[Sequence[Decimal]], Decimal]]] = MappingProxyType(
    {
        "abs": (1, 1, lambda values: abs(values[0])),
        "ceil": (1, 1, _ceil),
        "max": (1, 20, max),
        "mean": (1, 20, _mean),
        "min": (1, 20, min),
        "round_to": (2, 2, _round_to),
        "sqrt": (1, 1, lambda values: values[0].sqrt()),
        "sum": (1, 20, lambda values: sum(values, Decimal(0))),
    }
)


@dataclass(frozen=True, slots=True, init=False)
class Formula:
    """A formula read from its text. Raises FormulaError when the text is not one."""

    text: str
    tree: Node
    names: frozenset[str]
    """The values it needs."""

    def __init__(self, text: str) -> None:
        object.__setattr__(self, "text", text)
        tree = _Reader(text).read()
        object.__setattr__(self, "tree", tree)
        object.__setattr__(self, "names", frozenset(_names(tree)))

    def evaluate(self, inputs: Mapping[str, Decimal]) -> Decimal:
        """The result at full precision (50 digits), not rounded. Raises FormulaError without one."""
        with localcontext(CONTEXT) as context:
            try:
                value = _value(self.tree, inputs, context)
            except ArithmeticError:
                raise FormulaError(FormulaFault.NOT_COMPUTABLE) from None
        if value.adjusted() > LARGEST_RESULT:
            raise FormulaError(FormulaFault.NOT_COMPUTABLE)
        return value


@lru_cache(maxsize=1000)
def formula(text: str) -> Formula:
    """The formula of a text, read once. Raises FormulaError when the text is not one."""
    return Formula(text)


def _value(node: Node, inputs: Mapping[str, Decimal], context: Context) -> Decimal:
    match node:
        case Literal(value):
            return value
        case Name(name):
            if name not in inputs:
                raise FormulaError(FormulaFault.UNKNOWN_NAME, text=name)
            return inputs[name]
        case Negative(operand):
            return -_value(operand, inputs, context)
        case Call(function, arguments):
            return FUNCTIONS[function][2]([_value(argument, inputs, context) for argument in arguments])
        case Binary(operator, left, right):
            first, second = (
                _value(left, inputs, context),
                _value(right, inputs, context),
            )
            if operator == "+":
                return first + second
            if operator == "-":
                return first - second
            if operator == "*":
                return first * second
            if not second:
                raise FormulaError(FormulaFault.DIVISION_BY_ZERO)
            return first / second


def _names(node: Node) -> set[str]:
    match node:
        case Literal():
            return set()
        case Name(name):
            return {name}
        case Negative(operand):
            return _names(operand)
        case Binary(_, left, right):
            return _names(left) | _names(right)
        case Call(_, arguments):
            return {name for argument in arguments for name in _names(argument)}


class _Reader:
    """Turns formula text into its tree, refusing everything that is not on the list."""

    def __init__(self, text: str) -> None:
        self.text = text

    def read(self) -> Node:
        if len(self.text) > LONGEST_FORMULA:
            raise FormulaError(FormulaFault.TOO_LONG, limit=str(LONGEST_FORMULA))
        # ASCII only: Python folds look-alike letters together, and would read "ｖ" as "v".
        if not self.text.isascii() or not self.text.isprintable():
            strange = next((c for c in self.text if not c.isascii() or not c.isprintable()), "")
            raise FormulaError(FormulaFault.NOT_ALLOWED, text=strange)
        try:
            tree = ast.parse(self.text.strip(), mode="eval")
        except (SyntaxError, RecursionError, MemoryError, ValueError):
            raise FormulaError(FormulaFault.NOT_A_FORMULA, text=self.text) from None
        return self._node(tree.body, depth=0)

    def _node(self, node: ast.expr, *, depth: int) -> Node:
        if depth > DEEPEST_NESTING:
            raise FormulaError(FormulaFault.TOO_LONG, limit=str(LONGEST_FORMULA))
        if isinstance(node, ast.Constant):
            return self._literal(node)
        if isinstance(node, ast.Name | ast.Attribute):
            return Name(self._name(node))
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            return Negative(self._node(node.operand, depth=depth + 1))
        if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
            return Binary(
                _OPERATORS[type(node.op)],
                self._node(node.left, depth=depth + 1),
                self._node(node.right, depth=depth + 1),
            )
        if isinstance(node, ast.Call):
            return self._call(node, depth=depth)
        raise FormulaError(FormulaFault.NOT_ALLOWED, text=self._source(node))

    def _literal(self, node: ast.Constant) -> Literal:
        source = self._source(node)
        if _LITERAL.fullmatch(source) is None:
            raise FormulaError(FormulaFault.NOT_ALLOWED, text=source)
        return Literal(Decimal(source))

    def _name(self, node: ast.Name | ast.Attribute) -> str:
        if isinstance(node, ast.Name):
            name = node.id
        elif isinstance(node.value, ast.Name | ast.Attribute):
            parent = self._name(node.value)
            if not _NAME.fullmatch(node.attr):
                raise FormulaError(FormulaFault.NOT_ALLOWED, text=node.attr)
            return f"{parent}.{node.attr}"
        else:
            raise FormulaError(FormulaFault.NOT_ALLOWED, text=self._source(node))
        if not _NAME.fullmatch(name):
            raise FormulaError(FormulaFault.NOT_ALLOWED, text=name)
        return name

    def _call(self, node: ast.Call, *, depth: int) -> Call:
        function = node.func.id if isinstance(node.func, ast.Name) else self._source(node.func)
        if function not in FUNCTIONS:
            raise FormulaError(
                FormulaFault.UNKNOWN_FUNCTION,
                text=function,
                known=", ".join(sorted(FUNCTIONS)),
            )
        fewest, most, _ = FUNCTIONS[function]
        arguments = tuple(self._node(argument, depth=depth + 1) for argument in node.args)
        if node.keywords or not fewest <= len(arguments) <= most:
            raise FormulaError(FormulaFault.WRONG_ARGUMENTS, text=self._source(node))
        if function == "round_to" and not _is_small_whole(arguments[1]):
            raise FormulaError(FormulaFault.WRONG_ARGUMENTS, text=self._source(node))
        return Call(function, arguments)

    def _source(self, node: ast.AST) -> str:
        return ast.get_source_segment(self.text.strip(), node) or ""


def _is_small_whole(node: Node) -> bool:
    """`round_to` takes a written number of decimals, so that the record says how a value is rounded."""
    return isinstance(node, Literal) and node.value == node.value.to_integral_value() and node.value <= 12
