"""Entries that were read before, so that a page does not read a batch from its first entry each time."""

from collections import OrderedDict
from threading import Lock
from typing import Final

from lims.domain.entries.envelope import Entry

MOST_ENTRIES: Final = 60_000
"""About 120 MB of decoded entries."""


class EntryCache:
    """Decoded entries by stream, least recently used out first; holds committed entries only."""

    def __init__(self, most_entries: int = MOST_ENTRIES) -> None:
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
