"""The order in which streams are locked: things that are used before the things that use them."""

import hashlib
from collections.abc import Collection
from typing import Final

from lims.domain.entries.envelope import sort_of

RANKS: Final = (
    "request",
    "system",
    "keys",
    "checkpoints",
    "person",
    "security",
    "station",
    "study",
    "randomisation",
    "master",
    "lot",
    "equipment",
    "capas",
    "participant",
    "looks",
    "batch",
    "mail",
    "figures",
    "documents",
    "outgoing",
)


def place(stream: str) -> tuple[int, str]:
    """Where a stream stands in the order of locks; sorts that nobody ranked come last, by name."""
    sort = sort_of(stream).removesuffix("!refusals")
    return (RANKS.index(sort) if sort in RANKS else len(RANKS), stream)


def in_order(streams: Collection[str]) -> list[str]:
    """The streams in the one order in which everybody locks them."""
    return sorted(set(streams), key=place)


def lock_number(stream: str) -> int:
    """The 64-bit number of a stream's advisory lock in PostgreSQL.

    Two streams with one number would merely wait for each other; should that end in a deadlock, the act is retried.
    """
    return int.from_bytes(hashlib.sha256(f"lims/lock/1\n{stream}".encode()).digest()[:8], "big", signed=True)
