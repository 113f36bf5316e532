"""The graph of identity: every thing of a batch goes back to one woman, and what does not is named (domain 4.1)."""

from dataclasses import replace
from functools import cache
from types import MappingProxyType

import pytest

from lims.domain.batch_record import BatchRecord
from lims.domain.identity_graph import IdentityGraph, Kind, drawn, graph_of, joined
from tests.rules.played_batch import played_batch


@cache
def batch() -> BatchRecord:
    return played_batch()


def graph() -> IdentityGraph:
    return graph_of(batch())


def with_parents(code: str, *parents: str) -> IdentityGraph:
    """The graph of the batch, had this container been filled from others."""
    item = replace(batch().containers[code], parents=parents)
    containers = MappingProxyType({**batch().containers, code: item})
    return graph_of(replace(batch(), containers=containers))


def test_every_thing_goes_back_to_exactly_one_participant() -> None:
    """21 CFR 1271.55, 1271.290: tracked from donor to recipient and back."""
    assert graph().strays == ()
    for key in graph().nodes:
        assert graph().participants(key) == {batch().issue.participant}


def test_every_code_of_the_batch_is_a_thing_of_the_graph() -> None:
    keys = graph().nodes.keys()
    assert batch().containers.keys() | batch().labels.keys() | {batch().issue.coi, batch().number} <= keys


def test_the_product_goes_back_over_vessel_and_tubes() -> None:
    assert batch().unit_code is not None
    back = graph().back(batch().unit_code or "")
    kinds = [batch().containers[key].container for key in back if key in batch().containers]
    assert kinds.index("vessel") < kinds.index("tube")
    assert back[-1] == batch().issue.participant


def test_what_came_of_a_tube_is_everything_after_it() -> None:
    tube = next(code for code, item in batch().containers.items() if item.container == "tube")
    forward = set(graph().forward(tube))
    assert batch().unit_code in forward and batch().samples.keys() & forward
    assert batch().issue.coi not in forward


def test_a_thing_of_unknown_origin_is_named_and_so_is_all_that_came_of_it() -> None:
    vessel = next(code for code, item in batch().containers.items() if item.container == "vessel")
    strays = {node.key for node in with_parents(vessel, "9999000000000000").strays}
    assert {vessel, batch().unit_code} <= strays and batch().issue.coi not in strays


def test_a_thing_of_two_women_is_named() -> None:
    """The one thing that must never be: cells of two people in one container (I13)."""
    other = with_parents(batch().unit_code or "")
    stranger = {key.replace(batch().issue.participant, "DNK-999"): node for key, node in other.nodes.items()}
    strange = IdentityGraph(
        nodes={**other.nodes, "DNK-999": replace(stranger["DNK-999"], key="DNK-999")},
        parents={**other.parents, "DNK-999": (), batch().unit_code or "": (batch().number, "DNK-999")},
    )
    assert strange.participants(batch().unit_code or "") == {batch().issue.participant, "DNK-999"}
    assert batch().unit_code in {node.key for node in strange.strays}


def test_split_and_pool_are_told() -> None:
    vessel = next(code for code, item in batch().containers.items() if item.container == "vessel")
    assert graph().is_pool(vessel)
    assert not graph().is_pool(batch().unit_code or "")


def test_two_batches_of_one_woman_join_at_her() -> None:
    second = replace(batch(), number="0002", containers=MappingProxyType({}), labels=MappingProxyType({}))
    both = joined((graph(), graph_of(second)))
    assert both.strays == () and {"0002", batch().number} <= set(both.children[batch().issue.coi])


@pytest.mark.parametrize("at", range(len(drawn(graph()))))
def test_a_box_stands_right_of_all_that_it_came_from_or_under_it_in_the_first_column(at: int) -> None:
    boxes = drawn(graph())
    for parent in boxes[at].parents:
        right = boxes[parent].column < boxes[at].column
        assert right or (boxes[at].column == 0 and boxes[parent].row < boxes[at].row)
    assert sum((box.column, box.row) == (boxes[at].column, boxes[at].row) for box in boxes) == 1


def test_all_but_the_labels_are_drawn() -> None:
    shown = {key for box in drawn(graph()) for key in box.keys}
    assert shown == {key for key, node in graph().nodes.items() if node.kind is not Kind.LABEL}
