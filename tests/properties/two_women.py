"""Two women who look alike, two rounds each, all four products released and in the clinic: a world in memory.

It is made from one played batch by changing codes and names in its stored bodies. Acts go through the real table of
acts and the real rules; nothing is kept but entries.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cache
from types import SimpleNamespace
from typing import Any, cast

from lims.actions.authority import check_authority
from lims.domain.acts import ACTS, Role
from lims.domain.batch_fold import fold_batch, fold_on
from lims.domain.batch_record import BatchRecord
from lims.domain.codes import CodeType, compose
from lims.domain.entries.batch import IdentityMismatched
from lims.domain.entries.envelope import Draft, Entry, stream_of
from lims.domain.entries.trial import PerfusionOrdered, RoundBatchOpened
from lims.domain.participant import Participant, fold_participant
from lims.domain.people import Person
from lims.domain.perfusion import lock_foreign
from lims.ledger.codec import decode
from tests.rules.play_setup import NUMBER, TRIAL_ID
from tests.rules.played_batch import POINTS, Play

WOMEN = ("DNK-017", "DNK-018")
KEYS = tuple((woman, number) for woman in WOMEN for number in (1, 2))
BATCHES = dict(zip(KEYS, ("0037", "0038", "0073", "0083"), strict=True))
OF_THE_WOMAN = (CodeType.PARTICIPANT.value, CodeType.CHAIN_OF_IDENTITY.value)
TASKS = ("match_identity", "confirm_identity", "record_perfusion")
FAR = date(2100, 1, 1)
CAST: Mapping[str, tuple[Role, tuple[str, ...]]] = {
    "clinician.a": (Role.CLINICIAN, TASKS),
    "clinician.b": (Role.CLINICIAN, TASKS),
    "clinician.c": (Role.CLINICIAN, ()),
    "technician.a": (Role.TECHNICIAN, TASKS),
    "qa.a": (Role.QA, TASKS),
    "coordinator.a": (Role.COORDINATOR, TASKS),
}
"""Who is there; clinician c has no task delegated to them."""
STAFF = {
    name: Person(id=name, roles={role: FAR}, delegated=dict.fromkeys(tasks, FAR), undertaking="1")
    for name, (role, tasks) in CAST.items()
}
KEYRING = SimpleNamespace(people={name: SimpleNamespace(person=name, trusted=True) for name in CAST})


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """What really belongs together: told once, by construction, and by no rule."""

    band: str
    coi: str
    product: str
    order: str
    sticker: str
    """A printed label of her batch."""
    expires: datetime


@dataclass(slots=True)
class World:
    """Streams as they stand, their records, and the time."""

    truth: Mapping[tuple[str, int], Truth]
    streams: dict[str, tuple[Entry, ...]]
    batches: dict[str, BatchRecord]
    now: datetime
    minted: int = 0

    def copy(self) -> "World":
        """Another world that begins here."""
        return World(self.truth, dict(self.streams), dict(self.batches), self.now)

    def wait(self, **span: float) -> None:
        """Time goes on."""
        self.now += timedelta(**span)

    def batch(self, key: tuple[str, int]) -> BatchRecord:
        """The batch of a woman's round."""
        return self.batches[stream_of("batch", BATCHES[key])]

    def woman(self, code: str) -> Participant:
        """Her record."""
        stream = stream_of("participant", code)
        return fold_participant(stream, self.streams[stream])

    def fresh_band(self) -> str:
        """A serial that nobody ever had."""
        self.minted += 1
        return compose(CodeType.PARTICIPANT, f"{900_000 + self.minted:012d}")

    def do(self, act: str, on: str, person: str, rule: Callable[[], tuple[Draft, ...]]) -> tuple[Entry, ...]:
        """One act as the corridor makes it: may they, does the rule allow it, then it is on file."""
        actor = SimpleNamespace(person=person, identified=True, signer=SimpleNamespace(kid=person))
        scene = SimpleNamespace(person=STAFF.__getitem__, today=self.now.date(), load=self._load)
        ask = SimpleNamespace(who=None, training=None, on=on)
        role = check_authority(cast(Any, scene), cast(Any, actor), cast(Any, ask), ACTS[act])
        return tuple(self.put(draft, person=person, role=role, act=act) for draft in rule())

    def refold(self, stream: str) -> None:
        """The record anew, from entries that were changed."""
        self.batches[stream] = fold_batch(stream, self.streams[stream])

    def _load(self, stream: str, _: type) -> object:
        return KEYRING if stream == "keys" else self.batches.get(stream)

    def put(self, draft: Draft, *, person: str, role: Role, act: str) -> Entry:
        """On file."""
        before = self.streams[draft.stream]
        entry = Entry(
            stream=draft.stream,
            seq=before[-1].seq + 1,
            time=self.now,
            person=person,
            role=role.value,
            station="ward-3",
            act=act,
            request=None,
            relied_on=(),
            fact=draft.fact,
            hash="",
        )
        self.streams[draft.stream] = (*before, entry)
        if draft.stream in self.batches:
            self.batches[draft.stream] = fold_on(self.batches[draft.stream], (entry,))
        return entry

    def hold_foreign(self, entries: tuple[Entry, ...], codes: tuple[str, ...]) -> None:
        """After a mismatch the batch whose product was scanned is held as well."""
        stopped = next((entry for entry in entries if isinstance(entry.fact, IdentityMismatched)), None)
        if stopped is None:
            return
        for key, true in self.truth.items():
            batch = self.batch(key)
            if true.product in codes and batch.stream != stopped.stream and not batch.perfused:
                for draft in lock_foreign(batch, ("product",)):
                    self.put(draft, person=stopped.person, role=Role.CLINICIAN, act=stopped.act)


@cache
def begin() -> World:
    """The four products in the clinic, each woman with a band that was scanned back."""
    play = Play()
    for point in POINTS[: POINTS.index("matched")]:
        play.to(point)
    hers = stream_of("participant", TRIAL_ID)
    streams: dict[str, tuple[Entry, ...]] = {}
    truth: dict[tuple[str, int], Truth] = {}
    for key in KEYS:
        number = key[1]
        entries = _alike(play.site.bodies[play.stream], key)
        streams[entries[0].stream] = entries
        about = _alike(play.site.bodies[hers], key)
        stream = about[0].stream
        if number == 1:
            streams[stream] = about
        else:
            later = [e for e in about if isinstance(e.fact, PerfusionOrdered | RoundBatchOpened)]
            last = streams[stream][-1].seq
            streams[stream] += tuple(replace(e, seq=last + at) for at, e in enumerate(later, 1))
        batch = fold_batch(entries[0].stream, entries)
        assert batch.unit_code is not None and batch.expires_at is not None
        truth[key] = Truth(
            band=changed(play.band, key),
            coi=batch.issue.coi,
            product=batch.unit_code,
            order=changed(play.order, key),
            sticker=next(iter(batch.labels)),
            expires=batch.expires_at,
        )
    batches = {
        stream: fold_batch(stream, entries)
        for stream, entries in streams.items()
        if stream.startswith("batch")
    }
    return World(truth, streams, batches, play.site.now)


def changed(code: str, key: tuple[str, int]) -> str:
    """The code that another woman, or her other round, has in the place of this one."""
    sort, woman, number = code[:2], WOMEN.index(key[0]), key[1] - 1
    shift = 101 * woman + (0 if sort in OF_THE_WOMAN else 10_007 * number)
    return compose(CodeType(sort), f"{int(code[2:14]) + shift:012d}") if shift else code


def _alike(bodies: list[str], key: tuple[str, int]) -> tuple[Entry, ...]:
    """The same story with another woman or round in it."""
    woman, number = key
    found = []
    for body in bodies:
        text = re.sub(r"(?<=\")\d{16}(?=\")", lambda m: changed(m[0], key), body)
        text = text.replace(TRIAL_ID, woman).replace('"round":1', f'"round":{number}')
        text = text.replace(f'"{NUMBER}"', f'"{BATCHES[key]}"').replace(
            f"batch:{NUMBER}", f"batch:{BATCHES[key]}"
        )
        found.append(decode(text, hash=""))
    return tuple(found)
