"""The second identifier of a product label: read while the label is printed, for who prints, and kept nowhere."""

import io

import pypdf
import pytest

from lims.actions import culture
from lims.domain.acts import Role
from lims.domain.entries.batch import LabelsPrinted
from lims.queries.labels import LabelPaper, label_pdf
from lims.queries.look import NotOnFile, Reader
from tests.builders import At, Played
from tests.cast import TECH_A

BIRTH = "1990-01-01"


def paper(played: Played, serial: str, role: Role = Role.TECHNICIAN) -> LabelPaper:
    reader = Reader(person=TECH_A, roles=frozenset({role}), language="en", site=played.stage.site)
    return label_pdf(reader, batch=played.batch, serial=serial)


def text(paper: LabelPaper) -> str:
    return " ".join(pypdf.PdfReader(io.BytesIO(paper.content)).pages[0].extract_text().split())


def fresh(played: Played) -> str:
    """A product label that was printed just now."""
    outcome = culture.print_labels(
        played.stage.site,
        played.actor(TECH_A),
        played.request(),
        batch=played.batch,
        step="fill",
        slot="labels",
    )
    return outcome.of(LabelsPrinted).serials[0]


def test_a_fresh_product_label_bears_the_birth_date(at: At) -> None:
    played = at("filling")
    label = paper(played, fresh(played))
    assert label.identified and BIRTH in text(label)


def test_who_does_not_print_labels_sees_no_birth_date(at: At) -> None:
    """Identities are for who needs them (PIPL 51); quality looks at the label without."""
    played = at("filling")
    label = paper(played, fresh(played), Role.QA)
    assert not label.identified and BIRTH not in text(label)


def test_a_label_that_is_accounted_for_tells_nobody_who_she_is(at: At) -> None:
    played = at("filling")
    serial = fresh(played)
    culture.account_label(
        played.stage.site,
        played.actor(TECH_A),
        played.request(),
        batch=played.batch,
        step="fill",
        slot="labels",
        serial=serial,
        fate="destroyed",
    )
    assert BIRTH not in text(paper(played, serial))


def test_a_vessels_label_bears_no_birth_date(at: At) -> None:
    played = at("filling")
    vessel = next(iter(played.record().labels))
    assert BIRTH not in text(paper(played, vessel))


def test_the_birth_date_is_in_no_entry(at: At) -> None:
    played = at("filling")
    paper(played, fresh(played))
    with played.stage.site.ledger.reading() as book:
        bodies = [body for stream in book.streams() for body, _ in book.bodies(stream)]
    assert bodies and not any(BIRTH in body for body in bodies)


def test_a_serial_of_another_batch_has_no_label_here(at: At) -> None:
    with pytest.raises(NotOnFile):
        paper(at("filling"), "7100000000000000")
