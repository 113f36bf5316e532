"""Permuted blocks: which arm each place of a stratum has, from a seed; anyone can run it again (docs/randomisation.md).

The random numbers are SHA-256 over a text that counts, so that no library's generator is trusted and none is needed
to check the list: each number can be made with any tool that hashes. A change of anything here is a new algorithm.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import islice
from typing import Final

from lims.domain.master_batch_record import Frozen

ALGORITHM: Final = "lims-blocks/1"
MULTIPLES: Final = (2, 3)
"""A block holds every arm's share twice or three times, drawn anew for each block: 6 or 9 places for 2:1."""
_WORD: Final = 1 << 32


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmShare(Frozen):
    """An arm and how many of a block's places it has for each time the ratio fits into the block."""

    code: str
    share: int


def places(seed: str, *, arms: Sequence[ArmShare], stratum: str = "") -> Iterator[str]:
    """The arm of each place of a stratum from the first on, without end; the seed is 64 hexadecimal digits."""
    for block in blocks(seed, arms=arms, stratum=stratum):
        yield from block


def place(seed: str, *, arms: Sequence[ArmShare], stratum: str, number: int) -> str:
    """The arm of one place, counted from 1 within its stratum."""
    return next(islice(places(seed, arms=arms, stratum=stratum), number - 1, None))


def blocks(seed: str, *, arms: Sequence[ArmShare], stratum: str = "") -> Iterator[tuple[str, ...]]:
    """The blocks of a stratum, each complete: its size is drawn, then its places are shuffled."""
    words = _words(seed, stratum)
    while True:
        times = MULTIPLES[_below(len(MULTIPLES), words)]
        block = [arm.code for arm in arms for _ in range(arm.share * times)]
        _shuffle(block, words)
        yield tuple(block)


def _shuffle(block: list[str], words: Iterator[int]) -> None:
    """Fisher-Yates from the last place down: every order is equally likely (Durstenfeld 1964)."""
    for last in range(len(block) - 1, 0, -1):
        chosen = _below(last + 1, words)
        block[last], block[chosen] = block[chosen], block[last]


def _below(count: int, words: Iterator[int]) -> int:
    """A number from 0 below `count`; words beyond the last whole multiple are passed over, so that none is favoured."""
    fair = _WORD - _WORD % count
    return next(word for word in words if word < fair) % count


def _words(seed: str, stratum: str) -> Iterator[int]:
    """32-bit numbers: the eight words, first bytes highest, of SHA-256 over algorithm, seed, stratum and a counter."""
    counter = 0
    while True:
        digest = sha256(f"{ALGORITHM}\n{seed}\n{stratum}\n{counter}".encode()).digest()
        yield from (int.from_bytes(digest[at : at + 4], "big") for at in range(0, 32, 4))
        counter += 1
