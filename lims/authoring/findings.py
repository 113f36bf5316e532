"""What the lint finds: a place in the record, a message, and whether it stops the record or only warns."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from lims.authoring.faults import NO_PARAMS

Place = tuple[str | int, ...]
"""Field names and list positions from the top of the record."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing the lint says; `message` is the English message id and `params` fill it."""

    place: Place
    message: str
    params: Mapping[str, str] = field(default_factory=lambda: NO_PARAMS)
    is_warning: bool = False


def finding(place: Place, message: str, **params: str) -> Finding:
    """A fault that stops the record."""
    return Finding(place=place, message=message, params=params)


def warning(place: Place, message: str, **params: str) -> Finding:
    """Something that QA should look at before approving."""
    return Finding(place=place, message=message, params=params, is_warning=True)
