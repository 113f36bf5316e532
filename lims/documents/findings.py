"""What a verification found: named checks, each with its result and the first bad entry, and one verdict over all."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum


def N_(text: str) -> str:
    """Marks a sentence for translation; it is translated where it is shown."""
    return text


class Status(StrEnum):
    """How one check ended; `unknown` means that the file cannot tell, never that it looked right."""

    OK = "ok"
    FAIL = "fail"
    UNKNOWN = "unknown"


class Verdict(StrEnum):
    """What may be said of the whole file."""

    INTACT = N_("intact, origin confirmed")
    CONSISTENT = N_("consistent, origin not confirmed")
    NOT_INTACT = N_("NOT INTACT")


class State(StrEnum):
    """Whether the batch record is finished; an interim one is still a true copy of what was on file."""

    CLOSED = N_("closed")
    INTERIM = N_("INTERIM")
    PAPER = N_("not inside: a paper under this site's seal")
    UNKNOWN = N_("unknown")


CHECKS: Mapping[str, str] = {
    "layout": N_("The record file has its one layout"),
    "canonical": N_("Every entry is in its one spelling"),
    "chain": N_("The chain of hashes holds"),
    "sequence": N_("No entry is missing between two others"),
    "stream": N_("Every entry belongs to the stream it lies in"),
    "time": N_("Time never runs backwards"),
    "reliance": N_("What entries relied on"),
    "keys": N_("Every key is vouched for"),
    "code": N_("The site code typed is this record's"),
    "site": N_("The site is named as it was founded"),
    "signatures": N_("Every signature is that person's"),
    "detached": N_("Free text is as committed, or named as withheld"),
    "redactions": N_("Redactions were made by two people"),
    "files": N_("Attached files are as committed"),
    "checkpoints": N_("Checkpoints agree with the chains"),
    "anchors": N_("Every entry is fixed by a signature, checkpoint or seal"),
    "closure": N_("The closed record is complete"),
    "attachment": N_("The PDF holds exactly one record file"),
    "seal": N_("The PDF has exactly one seal, and it allows no change"),
    "range": N_("The seal covers the whole file"),
    "contents": N_("The seal's own bytes are in their one spelling"),
    "certificate": N_("The seal is this site's"),
    "digest": N_("The sealed bytes are unchanged"),
}
"""Every check by name with what it proves when it is ok, in the order in which it is told."""

LIMITS: tuple[str, ...] = (
    N_("It does not prove that the values were true when they were entered."),
    N_(
        "It does not prove that the printed pages say what the data say: compare them, or print the record again."
    ),
    N_(
        "It cannot see entries that were cut off at the end before the file was made and pinned by nothing in it."
    ),
    N_(
        "Entries of other records that this one relied on are pinned by their hash, but are not in this file."
    ),
)
"""What no verification of one file can prove."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """A named check: `words` is a sentence with %(name)s places for `about`; stream and seq of the first bad entry."""

    name: str
    status: Status
    words: str
    about: Mapping[str, str | int] = field(default_factory=dict)
    stream: str | None = None
    seq: int | None = None

    def sentence(self, translate: Callable[[str], str] = str) -> str:
        """The result in words; `translate` is a gettext function."""
        return translate(self.words) % self.about


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureRead:
    """One electronic signature as the file tells it (21 CFR 11.50: printed name, time with zone, meaning)."""

    stream: str
    seq: int
    covers_seq: int
    name: str
    time: str
    zone: str
    meaning: str
    sentence: str
    valid: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """The whole answer: checks in order, the verdict, the state, the signatures, the file's hash."""

    checks: tuple[Check, ...]
    verdict: Verdict
    state: State
    signatures: tuple[SignatureRead, ...]
    site: str
    instance_kind: str
    record_sha256: str
    file_sha256: str
    """Of what was handed in; compare it with `document_issued` on file."""

    def check(self, name: str) -> Check:
        """The check of this name; KeyError when it was not reached."""
        return next((check for check in self.checks if check.name == name), None) or _absent(name)


def _absent(name: str) -> Check:
    raise KeyError(name)


class Notes:
    """Where checks write down what they see while a file is read; the first failure of a check is the one told."""

    def __init__(self) -> None:
        self._checks: dict[str, Check] = {}

    def ok(self, name: str, words: str, /, **about: str | int) -> None:
        """The check held; an earlier failure or doubt stands."""
        self._checks.setdefault(name, Check(name=name, status=Status.OK, words=words, about=about))

    def unknown(self, name: str, words: str, /, **about: str | int) -> None:
        """The file cannot tell; an earlier failure stands."""
        if not self.failed(name):
            self._checks[name] = Check(name=name, status=Status.UNKNOWN, words=words, about=about)

    def fail(
        self,
        name: str,
        words: str,
        at: tuple[str, int] | None = None,
        **about: str | int,
    ) -> None:
        """The check failed, at this stream and sequence number."""
        if not self.failed(name):
            stream, seq = at or (None, None)
            self._checks[name] = Check(
                name=name,
                status=Status.FAIL,
                words=words,
                about=about,
                stream=stream,
                seq=seq,
            )

    def failed(self, *names: str) -> bool:
        """Whether any of these checks (or any at all) has failed."""
        return any(
            check.status is Status.FAIL for check in self._checks.values() if not names or check.name in names
        )

    def told(self) -> tuple[Check, ...]:
        """All checks made so far, in the order of CHECKS."""
        return tuple(self._checks[name] for name in CHECKS if name in self._checks)
