"""The chain of one batch as HL7 FHIR R5: product, samples, hand-overs, perfusion; codes only, nobody's name.

ISBT 128 identifiers are not made here: a licensed site adds its own. Requirements N10, IS-5.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from lims.domain.batch_record import BatchRecord
from lims.domain.codes import CodeType
from lims.domain.entries.batch import CustodyOffered, CustodyTaken, SampleTaken
from lims.domain.entries.envelope import Entry
from lims.domain.quantities import plain

Resource = dict[str, Any]
CODES = "urn:lims:code"
"""System of our own 16-digit codes, batch numbers and participant codes."""
KINDS = "urn:lims:kind"
STATUS = "http://hl7.org/fhir/biologicallyderivedproductdispense-match-status"


def bundle_of(batch: BatchRecord, *, order: str | None = None) -> Resource:
    """The chain as a FHIR R5 Bundle, in JSON terms, read back before it leaves.

    Raises ValueError when it is not valid R5, or when a code of the chain did not come through.
    """
    found = {
        "resourceType": "Bundle",
        "type": "collection",
        "identifier": _identifier(batch.number),
        "timestamp": _time(batch.entries[-1].time),
        "entry": [
            {"fullUrl": _url(batch, str(item["id"])), "resource": item} for item in _resources(batch, order)
        ],
    }
    told = _validated(found)
    if lost := identifiers_of(batch, order=order) - identifiers_in(told):
        raise ValueError(f"{len(lost)} codes of batch {batch.number} are not in its bundle")
    return told


def _validated(found: Resource) -> Resource:
    # fhir.resources takes a third of a second to load, and only this needs it.
    from fhir.resources.bundle import Bundle

    told: Resource = json.loads(Bundle.model_validate(found).model_dump_json())
    return told


def identifiers_in(bundle: Mapping[str, Any]) -> frozenset[str]:
    """Every code of ours that the bundle carries, wherever it stands: what another system gets to know a thing by."""
    return frozenset(_values(bundle))


def _values(node: object) -> Iterator[str]:
    if isinstance(node, Mapping):
        if node.get("system") == CODES and "value" in node:
            yield str(node["value"])
        for below in node.values():
            yield from _values(below)
    elif isinstance(node, list):
        for below in node:
            yield from _values(below)


def identifiers_of(batch: BatchRecord, *, order: str | None = None) -> frozenset[str]:
    """Every code that the chain of a batch has: participant, CoI, batch, order, containers, label serials."""
    known = {batch.issue.participant, batch.issue.coi, batch.number, *batch.containers, *batch.labels}
    return frozenset(known | ({order} if order else set()))


def _resources(batch: BatchRecord, order: str | None) -> Iterator[Resource]:
    yield {
        "resourceType": "Patient",
        "id": "participant",
        "identifier": [_identifier(batch.issue.participant), _identifier(batch.issue.coi, "coi")],
    }
    yield {
        "resourceType": "BiologicallyDerivedProduct",
        "id": "batch",
        "identifier": [_identifier(batch.number, "batch"), _identifier(batch.issue.coi, "coi")],
        "productCategory": {"system": KINDS, "code": "cells"},
        "biologicalSourceEvent": _identifier(batch.issue.coi, "coi"),
        "division": f"round {batch.issue.round}, attempt {batch.issue.attempt}",
        "collection": {"source": _to(batch, "participant")},
    }
    for code, item in batch.containers.items():
        yield _specimen(batch, code) if _is_sample(batch, code) else _product(batch, code, item.parents)
    for offered, answer in _handovers(batch):
        yield from _handed_over(batch, offered, answer)
    yield from _released(batch, order)
    yield from _perfused(batch)


def _product(batch: BatchRecord, code: str, parents: tuple[str, ...]) -> Resource:
    item = batch.containers[code]
    labels = [serial for serial, label in batch.labels.items() if label.container == code]
    found: Resource = {
        "resourceType": "BiologicallyDerivedProduct",
        "id": f"c{code}",
        "identifier": [_identifier(code), *(_identifier(serial, "label") for serial in labels)],
        "productCategory": {"system": KINDS, "code": "cells"},
        "productCode": _code(item.container),
        "parent": [_to(batch, _id(batch, parent)) for parent in parents] or [_to(batch, "batch")],
        "biologicalSourceEvent": _identifier(batch.issue.coi, "coi"),
        "division": f"{item.index}/{item.of}",
        "collection": {"source": _to(batch, "participant")},
    }
    if code == batch.unit_code and batch.expires_at is not None:
        found["expirationDate"] = _time(batch.expires_at)
    return found


def _specimen(batch: BatchRecord, code: str) -> Resource:
    item, taken = batch.containers[code], batch.samples.get(code)
    labels = [serial for serial, label in batch.labels.items() if label.container == code]
    found: Resource = {
        "resourceType": "Specimen",
        "id": f"c{code}",
        "identifier": [_identifier(code), *(_identifier(serial, "label") for serial in labels)],
        "type": _code(item.container),
        "subject": _to(batch, "participant"),
        "status": "available",
    }
    parents = [parent for parent in item.parents if _is_sample(batch, parent)]
    if parents:
        found["parent"] = [_to(batch, f"c{parent}") for parent in parents]
    if taken is not None and isinstance(taken.fact, SampleTaken):
        found["collection"] = {"collectedDateTime": _time(taken.time)}
    if code in batch.received:
        found["receivedTime"] = _time(batch.received[code].time)
    return found


def _handed_over(batch: BatchRecord, offered: Entry, answer: Entry) -> Iterator[Resource]:
    """Provenance of a hand-over; of the product to the clinic a dispense as well."""
    fact, taken = offered.fact, answer.fact
    assert isinstance(fact, CustodyOffered) and isinstance(taken, CustodyTaken)
    yield {
        "resourceType": "Provenance",
        "id": f"handover-{offered.seq}",
        "target": [_to(batch, _id(batch, fact.container))],
        "occurredPeriod": {"start": _time(offered.time), "end": _time(answer.time)},
        "recorded": _time(answer.time),
        "activity": _code(fact.event),
        "agent": [_agent(offered, "giver"), _agent(answer, "receiver")],
    }
    if fact.container == batch.unit_code and answer.role == "clinician":
        yield {
            "resourceType": "BiologicallyDerivedProductDispense",
            "id": f"dispense-{offered.seq}",
            "identifier": [_identifier(fact.container)],
            "status": "issued",
            "originRelationshipType": _code("autologous"),
            "product": _to(batch, _id(batch, fact.container)),
            "patient": _to(batch, "participant"),
            "matchStatus": {"coding": [{"system": STATUS, "code": "matched"}]} if batch.confirmed else None,
            "performer": [{"function": _code("receiver"), "actor": _person(answer)}],
            "whenHandedOver": _time(answer.time),
        }


def _released(batch: BatchRecord, order: str | None) -> Iterator[Resource]:
    if order:
        yield {
            "resourceType": "ServiceRequest",
            "id": "order",
            "identifier": [_identifier(order, "order")],
            "status": "completed" if batch.perfused else "active",
            "intent": "order",
            "subject": _to(batch, "participant"),
        }
    if batch.released is not None and batch.unit_code:
        yield {
            "resourceType": "Provenance",
            "id": "release",
            "target": [_to(batch, _id(batch, batch.unit_code))],
            "recorded": _time(batch.released.time),
            "activity": _code("released_conditionally"),
            "agent": [_agent(batch.released, "quality")],
        }


def _perfused(batch: BatchRecord) -> Iterator[Resource]:
    entry, fact = batch.perfused, batch.perfusion
    if entry is None or fact is None or batch.unit_code is None:
        return
    yield {
        "resourceType": "Procedure",
        "id": "perfusion",
        "identifier": [_identifier(batch.number, "batch")],
        "status": "completed",
        "code": _code("intrauterine_perfusion"),
        "subject": _to(batch, "participant"),
        "occurrencePeriod": {"start": _time(fact.started_at), "end": _time(fact.ended_at)},
        "recorded": _time(entry.time),
        "note": [{"text": f"{plain(fact.volume_given)} mL given, {plain(fact.volume_residual)} mL left"}],
        "supportingInfo": [_to(batch, _id(batch, batch.unit_code))],
    }


def _handovers(batch: BatchRecord) -> Iterator[tuple[Entry, Entry]]:
    for entry in batch.handovers:
        if isinstance(entry.fact, CustodyTaken):
            yield batch.entries[entry.fact.offered_seq - 1], entry


def _is_sample(batch: BatchRecord, code: str) -> bool:
    item = batch.containers.get(code)
    kinds = {kind.code: kind.code_type for kind in batch.master.containers}
    return item is not None and CodeType[kinds[item.container]] is CodeType.QC_SAMPLE


def _id(batch: BatchRecord, code: str) -> str:
    return f"c{code}" if code in batch.containers else "batch"


def _identifier(value: str, use: str = "") -> Resource:
    found: Resource = {"system": CODES, "value": value}
    return found | ({"type": {"text": use}} if use else {})


def _code(code: str) -> Resource:
    return {"coding": [{"system": KINDS, "code": code}]}


def _agent(entry: Entry, role: str) -> Resource:
    return {"role": [_code(role)], "who": _person(entry)}


def _person(entry: Entry) -> Resource:
    """The account, never the name."""
    return {"identifier": {"system": "urn:lims:person", "value": entry.person}}


def _to(batch: BatchRecord, resource: str) -> Resource:
    return {"reference": _url(batch, resource)}


def _url(batch: BatchRecord, resource: str) -> str:
    """The same thing has the same address in every export, and nobody can guess another's."""
    digest = sha256(f"{batch.issue.coi}/{batch.number}/{resource}".encode()).digest()
    return f"urn:uuid:{UUID(bytes=digest[:16], version=5)}"


def _time(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")
