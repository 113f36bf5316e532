"""The number of a step in print, on pages and in sentences: its place in the approved master batch record, for ever."""

from collections.abc import Mapping
from types import MappingProxyType

from lims.domain.batch_record import BatchRecord
from lims.domain.entries.batch import OperationAdded

LETTERS = "abcdefghijklmnopqrstuvwxyz"


def numbers_of(batch: BatchRecord) -> Mapping[str, str]:
    """For each step of the batch its number; a step on a way that was not taken keeps its own.

    An added operation has the number of the step before it with a letter: 23a, 23b.
    """
    places = {step.code: at for at, step in enumerate(batch.master.steps)}
    numbers = {code: str(at + 1) for code, at in places.items()}
    added: dict[int, int] = {}
    for entry in batch.operations:
        fact = entry.fact
        assert isinstance(fact, OperationAdded)
        at = places.get(fact.before, len(places))
        numbers[fact.step] = f"{at}{_letters(added.get(at, 0))}"
        places[fact.step] = at
        added[at] = added.get(at, 0) + 1
    return MappingProxyType(numbers)


def _letters(at: int) -> str:
    more, place = divmod(at, len(LETTERS))
    return (LETTERS[more - 1] if more else "") + LETTERS[place]
