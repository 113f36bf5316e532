"""Names for codes that only exist while the play runs: `${batch.tube.1}`, `${lot.medium_a}`, `${labels.2}`."""

import re
from dataclasses import dataclass, field

from lims.actions.frozen import frozen
from lims.actions.site import Site
from lims.domain.batch_record import BatchRecord
from lims.domain.entries.envelope import stream_of
from lims.domain.participant import Participant, fold_participant

_NAME = re.compile(r"\$\{([^${}]*)\}")


class UnknownName(LookupError):
    """A name in `${…}` that nothing carries (yet)."""


@dataclass(slots=True, kw_only=True)
class Names:
    """What was minted so far: for each name that the rehearsal gave it, its sort and its codes."""

    site: Site
    bound: dict[str, tuple[str, tuple[str, ...]]] = field(default_factory=dict)

    def bind(self, name: str, sort: str, *codes: str) -> None:
        """From here on the name stands for these codes; the newest counts."""
        self.bound[name] = (sort, codes)

    def read(self, text: str) -> str:
        """The text with every `${…}` replaced. Raises UnknownName."""
        return _NAME.sub(lambda found: self.lookup(found[1]), text)

    def lookup(self, path: str) -> str:
        """The code that a path such as `batch.tube.1` stands for. Raises UnknownName."""
        parts = path.split(".")
        for at in range(len(parts), 0, -1):
            if (known := self.bound.get(".".join(parts[:at]))) is not None:
                sort, codes = known
                found = self._below(sort, codes, parts[at:])
                if found is None:
                    break
                return found
        raise UnknownName(f"nothing is called ${{{path}}} here")

    def _below(self, sort: str, codes: tuple[str, ...], rest: list[str]) -> str | None:
        if not rest:
            return codes[0]
        if sort == "batch":
            return _of_batch(frozen(self.site, codes[0]), rest)
        if sort == "participant":
            return _of_participant(self._participant(codes[0]), rest)
        number = int(rest[0]) if len(rest) == 1 and rest[0].isdecimal() else 0
        return codes[number - 1] if 1 <= number <= len(codes) else None

    def _participant(self, trial_id: str) -> Participant:
        stream = stream_of("participant", trial_id)
        with self.site.ledger.reading() as book:
            return fold_participant(stream, book.entries(stream))


def _of_batch(batch: BatchRecord, rest: list[str]) -> str | None:
    kind, *number = rest
    index = number[0] if number else "1"
    if kind == "deviation":
        return f"{batch.number}-{index}"
    if kind == "coi":
        return batch.issue.coi
    wanted = (kind, index)
    return next(
        (code for code, item in batch.containers.items() if (item.container, str(item.index)) == wanted), None
    )


def _of_participant(person: Participant, rest: list[str]) -> str | None:
    match rest:
        case ["wristband"]:
            return person.wristband
        case ["void_wristband"]:
            return person.void_wristbands[-1] if person.void_wristbands else None
        case ["order", number] if number.isdecimal():
            order = person.round(int(number)).order
            return order.order if order else None
        case _:
            return None
