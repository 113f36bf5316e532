"""What is wrong with a written record: each fault by line, all of them at once."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

NO_PARAMS: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing to put right, at a line counted from 1 (0 when it is the file as a whole).

    `message` is the English message id that pages translate, `params` fill its `{names}`.
    """

    line: int
    message: str
    params: Mapping[str, str] = field(default_factory=lambda: NO_PARAMS)

    def __str__(self) -> str:
        return self.message.format(**self.params)


def fault(line: int, message: str, **params: str) -> Fault:
    """A fault, positionally, so that the message extractor finds its text (`fault:2`)."""
    return Fault(line=line, message=message, params=params)


class AuthoringError(ValueError):
    """A text that is not a master batch record or study protocol. The only error that loading raises."""

    def __init__(self, source: str, faults: Iterable[Fault]) -> None:
        self.source = source
        self.faults = tuple(sorted(faults, key=lambda fault: (fault.line, str(fault))))
        super().__init__("\n".join(f"{source}:{fault.line}: {fault}" for fault in self.faults))
