"""The band is the root of identity: two people make it, a scan makes it count, a new one or a voiding ends it."""

import pytest

from lims.domain import wristband
from lims.domain.codes import CodeType, compose
from lims.domain.entries.envelope import Detached, Draft
from lims.domain.entries.trial import WristbandIssued
from lims.domain.entries.values import Means
from lims.domain.folds import fold, rows_of
from lims.domain.participant import Participant
from lims.domain.perfusion import Legs, differing
from lims.domain.refusals import BadEntry, NotAllowed, Refused
from lims.domain.rows import CodeRow
from tests.rules.play_setup import TRIAL_ID
from tests.rules.played_batch import Play
from tests.rules.stage_play import Site

WORDS = Detached(commitment="0" * 64, sort="words", size=4)
BANDS = tuple(compose(CodeType.PARTICIPANT, f"{number:012d}") for number in (11, 12, 13))


def site() -> Site:
    """Somebody enrolled, without a band."""
    play = Play()
    play.enrol()
    drop = next(n for n, e in enumerate(play.site.streams[stream()]) if isinstance(e.fact, WristbandIssued))
    del play.site.streams[stream()][drop:], play.site.bodies[stream()][drop:]
    return play.site


def stream() -> str:
    return f"participant:{TRIAL_ID}"


def her(at: Site) -> Participant:
    return at.participant(TRIAL_ID)


def issue(at: Site, serial: str) -> None:
    made, checked = wristband.issue(
        her(at), serial=serial, identity_document="card", person="clinician.a", second="clinician.b"
    )
    at.write(made, person="clinician.a", act="issue_wristband")
    at.write(checked, person="clinician.b", act="issue_wristband")


def scan(at: Site, serial: str) -> None:
    drafts = wristband.scan_back(her(at), code=serial, means=Means.SCANNED)
    at.write(drafts, person="clinician.a", act="scan_wristband")


def test_one_person_alone_makes_no_band() -> None:
    with pytest.raises(NotAllowed) as refused:
        wristband.issue(
            her(site()), serial=BANDS[0], identity_document="card", person="clinician.a", second="clinician.a"
        )
    assert refused.value.rule == "band.same_person"


def test_a_band_counts_when_it_was_scanned_back() -> None:
    at = site()
    issue(at, BANDS[0])
    assert (her(at).wristband, her(at).band_waiting) == (None, BANDS[0])
    with pytest.raises(Refused) as refused:
        wristband.check_counts(her(at))
    assert refused.value.rule == "band.not_scanned"
    scan(at, BANDS[0])
    assert (her(at).wristband, her(at).band_waiting) == (BANDS[0], None)
    wristband.check_counts(her(at))


@pytest.mark.parametrize(
    ("code", "means", "rule"),
    [(BANDS[1], Means.SCANNED, "band.other"), (BANDS[0], Means.TYPED, "band.typed")],
)
def test_only_the_band_itself_is_read_back(code: str, means: Means, rule: str) -> None:
    at = site()
    issue(at, BANDS[0])
    with pytest.raises(BadEntry) as refused:
        wristband.scan_back(her(at), code=code, means=means)
    assert (refused.value.rule, refused.value.field) == (rule, "code")


def test_a_new_band_kills_the_old_serial_at_once() -> None:
    at = site()
    issue(at, BANDS[0])
    scan(at, BANDS[0])
    issue(at, BANDS[1])
    assert her(at).wristband is None
    assert her(at).void_wristbands == (BANDS[0],)
    issue(at, BANDS[2])
    assert her(at).void_wristbands == BANDS[:2]


def test_a_voided_band_never_counts_again() -> None:
    at = site()
    issue(at, BANDS[0])
    scan(at, BANDS[0])
    with pytest.raises(BadEntry):
        wristband.void(her(at), reason=None)
    at.write(wristband.void(her(at), reason=WORDS), person="clinician.a", act="void_wristband")
    assert (her(at).wristband, her(at).void_wristbands) == (None, BANDS[:1])
    for asked in (lambda: wristband.void(her(at), reason=WORDS), lambda: wristband.check_counts(her(at))):
        with pytest.raises(Refused) as refused:
            asked()
        assert refused.value.rule == "band.none"
    with pytest.raises(Refused) as refused:
        wristband.scan_back(her(at), code=BANDS[0], means=Means.SCANNED)
    assert refused.value.rule == "band.none_waits"


def test_a_band_from_before_scan_back_counts_as_it_did() -> None:
    at = site()
    old = WristbandIssued(serial=BANDS[0], identity_document="card", voids=None)
    at.write([Draft(stream=stream(), fact=old)], person="clinician.a", act="issue_wristband")
    assert her(at).wristband == BANDS[0]
    wristband.check_counts(her(at))


def test_every_serial_is_known_by_what_it_is() -> None:
    at = site()
    issue(at, BANDS[0])
    scan(at, BANDS[0])
    issue(at, BANDS[1])
    rows = rows_of(stream(), fold(stream(), tuple(at.streams[stream()]))).values()
    found = {row.code: row.what for row in rows if isinstance(row, CodeRow) and row.code in BANDS}
    assert found == {BANDS[0]: "void_wristband", BANDS[1]: "waiting_wristband"}


def legs(band: str) -> Legs:
    """Only the band is scanned so far."""
    scanned = Means.SCANNED
    return Legs(
        wristband=band,
        wristband_means=scanned,
        product="",
        product_means=scanned,
        order="",
        order_means=scanned,
    )


def test_at_the_bedside_a_band_that_waits_is_refused_and_a_void_one_stops() -> None:
    """Hers but not read back: no mismatch, no match either. A void serial is a mismatch."""
    play = Play()
    play.issued()
    issue(play.site, BANDS[0])
    assert differing(play.batch, her(play.site), legs(BANDS[0])) == ()
    assert differing(play.batch, her(play.site), legs(play.band)) == ("wristband",)
