"""The small fields of a rehearsal's file: words and digits, times, days, and the shape every part of it has."""

from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, WithJsonSchema

from lims.rehearsal.moments import is_day, is_moment, is_span


class Part(BaseModel):
    """A group of fields; one that is not known here is a fault, never ignored."""

    model_config = ConfigDict(
        strict=True, extra="forbid", frozen=True, arbitrary_types_allowed=False, populate_by_name=False
    )


def _digits(value: Any) -> Any:
    """A whole number is taken by its digits; decimals come from YAML as the digits that were written."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _moment(text: str) -> str:
    if not (is_moment(text) or is_span(text)):
        raise ValueError("a time is written D0 09:05, or -6 min before the act")
    return text


def _when(text: str) -> str:
    if not (is_moment(text) or (is_span(text) and text.startswith("+"))):
        raise ValueError("a time is written D0 09:05, or +20 min after what was before")
    return text


def _fixed(text: str) -> str:
    if not is_moment(text):
        raise ValueError("a time is written D0 09:05 here")
    return text


def _after(text: str) -> str:
    if not (is_span(text) and text.startswith("+")):
        raise ValueError("a span is written +20 s, +5 min, +2 h or +1 d")
    return text


def _day(text: str) -> str:
    if not is_day(text):
        raise ValueError("a day is written D14 or 2026-11-24")
    return text


_TEXT_OR_NUMBER = {"type": ["string", "number"]}

Words = Annotated[str, BeforeValidator(_digits), WithJsonSchema(_TEXT_OR_NUMBER)]
"""Words, digits as they are typed, or a name in `${…}`."""
Moment = Annotated[
    str, AfterValidator(_moment), WithJsonSchema({"type": "string", "pattern": "^(D-?[0-9]|[+-][0-9])"})
]
When = Annotated[
    str, AfterValidator(_when), WithJsonSchema({"type": "string", "pattern": "^(D-?[0-9]|\\+[0-9])"})
]
Fixed = Annotated[str, AfterValidator(_fixed), WithJsonSchema({"type": "string", "pattern": "^D-?[0-9]"})]
Span = Annotated[str, AfterValidator(_after), WithJsonSchema({"type": "string", "pattern": "^\\+[0-9]"})]
Day = Annotated[str, AfterValidator(_day), WithJsonSchema({"type": "string"})]
Code = Annotated[str, WithJsonSchema({"type": "string", "pattern": "^[a-z0-9_.-]+$"})]
