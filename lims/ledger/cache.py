"""What was read or worked out before, so that a page does not read and fold a batch from its first entry each time."""

from collections import OrderedDict
from threading import Lock
from typing import Any, Final, Protocol, TypeVar, cast

from lims.domain.entries.envelope import Entry

MOST_ENTRIES: Final = 60_000
"""About 120 MB of decoded entries."""
MOST_DERIVED: Final = 1_000
"""Records of as many streams; they share their entries with the cache of entries. An act that goes over hundreds of
batches, as a recall does, folds each of them once."""

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Make(Protocol[T_co]):
    """Makes something of the whole of a stream; it may go on from what it made of it earlier, in `before`."""

    def __call__(self, stream: str, entries: tuple[Entry, ...], before: Any) -> T_co: ...


class DerivedCache:
    """What was made of the whole of a stream, for its newest head: a head's hash stands for everything before it."""

    def __init__(self, most: int = MOST_DERIVED) -> None:
        self._most = most
        self._held: OrderedDict[tuple[str, object], tuple[str, object]] = OrderedDict()
        self._lock = Lock()

    def get(self, stream: str, make: Make[T], entries: tuple[Entry, ...]) -> T:
        """`make(stream, entries, before)`, or what it made of the same entries before; it must be frozen."""
        head = entries[-1].hash if entries else ""
        key = (stream, make)
        with self._lock:
            held = self._held.get(key)
            if held is not None and held[0] == head:
                self._held.move_to_end(key)
                return cast(T, held[1])
        made = make(stream, entries, cast(T, held[1]) if held is not None else None)
        with self._lock:
            self._held[key] = (head, made)
            self._held.move_to_end(key)
            while len(self._held) > self._most:
                self._held.popitem(last=False)
        return made


class EntryCache:
    """Decoded entries by stream, least recently used out first; holds committed entries only."""

    def __init__(self, most_entries: int = MOST_ENTRIES) -> None:
        self.derived = DerivedCache()
        self._most = most_entries
        self._held = 0
        self._streams: OrderedDict[str, tuple[Entry, ...]] = OrderedDict()
        self._lock = Lock()

    def get(self, stream: str, *, seq: int, head_hash: str) -> tuple[Entry, ...]:
        """The entries of the stream up to `seq`, or as many from its start as are held and lead there."""
        with self._lock:
            held = self._streams.get(stream, ())
            if held:
                self._streams.move_to_end(stream)
        if len(held) >= seq:
            return held[:seq] if seq and held[seq - 1].hash == head_hash else ()
        return held

    def put(self, stream: str, entries: tuple[Entry, ...]) -> None:
        """Hold the committed entries of a stream, from its first one; a reader that came late takes nothing back."""
        with self._lock:
            held = self._streams.get(stream, ())
            if len(held) > len(entries) and held[len(entries) - 1].hash == entries[-1].hash:
                return
            before = len(self._streams.pop(stream, ()))
            self._streams[stream] = entries
            self._held += len(entries) - before
            while self._held > self._most and len(self._streams) > 1:
                _, dropped = self._streams.popitem(last=False)
                self._held -= len(dropped)
