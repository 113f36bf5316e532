"""Facts about randomisation, in stream `randomisation`; a participant's own arm is on file in her stream."""

from dataclasses import dataclass
from typing import Literal

from lims.domain.entries.envelope import Detached, Fact
from lims.domain.master_batch_record import Frozen
from lims.domain.trial.blocks import ArmShare


@dataclass(frozen=True, slots=True, kw_only=True)
class Factor(Frozen):
    """A factor of stratification and the codes that it can have."""

    code: str
    levels: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RandomisationOpened(Fact):
    """From here every arm comes from one sealed secret: a seed (`blocks`) or a list made elsewhere (`list`).

    `sealed` is the secret encrypted under the server's keys; `commitment` binds to it, so that what is revealed at
    the close is what was sealed. Arms, shares and factors are frozen here, whatever a later protocol says.
    """

    kind: Literal["randomisation_opened.1"] = "randomisation_opened.1"
    mode: Literal["blocks", "list"]
    algorithm: str
    protocol: str
    version: str
    arms: tuple[ArmShare, ...]
    factors: tuple[Factor, ...]
    commitment: str
    sealed: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceTaken(Fact):
    """A participant has the next place of her stratum, and with it her arm; a place is never given back."""

    kind: Literal["place_taken.1"] = "place_taken.1"
    place: int
    """Counted over the whole trial."""
    participant: str
    stratum: str
    number: int
    """Counted within the stratum."""
    arm: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RandomisationClosed(Fact):
    """Enrolment has ended; the secret is told, so that anyone can run the list again."""

    kind: Literal["randomisation_closed.1"] = "randomisation_closed.1"
    taken: int
    secret: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkedRandomisedInError(Fact):
    """She should not have been randomised; she stays in her arm for analysis and her place stays used (TR-6)."""

    kind: Literal["marked_randomised_in_error.1"] = "marked_randomised_in_error.1"
    reason: Detached
