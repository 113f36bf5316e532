"""The chain of a batch in FHIR R5 (requirements N10, IS-5): valid, whole, and nobody's name in it."""

import json
import subprocess
import sys

import pytest
from fhir.resources.bundle import Bundle

from lims.domain.batch_record import BatchRecord
from lims.exchange import fhir
from lims.exchange.fhir import bundle_of, identifiers_in, identifiers_of
from tests.rules.played_batch import played

ORDER = "7012345678901234"
KINDS = {
    "BiologicallyDerivedProduct",
    "BiologicallyDerivedProductDispense",
    "Specimen",
    "Procedure",
    "Provenance",
}


def closed() -> BatchRecord:
    return played().record


@pytest.mark.parametrize("point", ["issued", "harvest", "released", "handed_over", "closed"])
def test_it_is_valid_r5_at_every_point(point: str) -> None:
    Bundle.model_validate(bundle_of(played(point).record))


def test_what_is_not_r5_is_refused() -> None:
    told = bundle_of(closed())
    told["entry"][0]["resource"]["nonsense"] = 1
    with pytest.raises(ValueError):
        Bundle.model_validate(told)


def test_every_kind_of_resource_of_the_chain_is_there() -> None:
    told = {item["resource"]["resourceType"] for item in bundle_of(closed())["entry"]}
    assert told >= KINDS


def test_every_identifier_comes_back() -> None:
    batch = closed()
    again = json.loads(Bundle.model_validate(bundle_of(batch, order=ORDER)).model_dump_json())
    assert identifiers_in(again) == identifiers_of(batch, order=ORDER)


def test_a_bundle_that_lost_a_code_does_not_leave(monkeypatch: pytest.MonkeyPatch) -> None:
    """IS-5: what another system knows a thing by comes through whole, or not at all."""
    whole = list(fhir._resources(closed(), ORDER))
    short = [item for item in whole if item["resourceType"] != "Specimen"]
    monkeypatch.setattr(fhir, "_resources", lambda batch, order: iter(short))
    with pytest.raises(ValueError, match="codes of batch"):
        bundle_of(closed(), order=ORDER)


def test_every_reference_leads_to_something_in_the_bundle() -> None:
    told = bundle_of(closed(), order=ORDER)
    known = {item["fullUrl"] for item in told["entry"]}
    assert len(known) == len(told["entry"])
    text = json.dumps(told)
    pointed = {part.split('"')[0] for part in text.split('"reference": "')[1:]}
    assert pointed and pointed <= known


def test_nobodys_name_is_in_it() -> None:
    text = json.dumps(bundle_of(closed(), order=ORDER), ensure_ascii=False)
    assert not [name for name in played().people.values() if name in text]
    assert not [words for words in played().words.values() if len(words) > 3 and words in text]


def test_the_start_does_not_wait_for_it() -> None:
    code = "import sys, lims.cli, lims.app, lims.exchange.fhir; print('fhir' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
