"""The seeded fault set: whatever is planted appears in quality's review with the right class, and nothing else does."""

from collections import Counter
from datetime import timedelta

import pytest

from lims.actions import machines, supply
from lims.domain.acts import Role
from lims.domain.entries.keys import ActRefused
from lims.domain.exception_classes import CLASS_OF, Class, class_of
from lims.domain.exceptions import ExceptionFound
from lims.domain.refusals import RULES
from lims.queries.look import Reader
from lims.queries.quality import Broken, review
from tests.builders import At, Played
from tests.cast import QA_A, TECH_A
from tests.player.cast import Member
from tests.player.scripts import BatchScript
from tests.properties.faults import OPERATORS, Faulty, Planted, Stock

OPENING = {"product.expired", "custody.excursion"}
"""Rules that open a deviation and refuse nothing."""


def found_in(script: Faulty) -> tuple[ExceptionFound, ...]:
    """What quality's page lists."""
    site = script.stage.site
    page = review(Reader(person=QA_A, roles=frozenset({Role.QA}), language="en", site=site), script.batch)
    assert not isinstance(page, Broken)
    return page.exceptions


def play(at: At, operator: type[Faulty]) -> Faulty:
    """The batch of an operator, played to the end of its tests."""
    played = at("staffed")
    script = operator.of(played, _stock(played))
    played.run(script.whole())
    return script


def _stock(played: Played) -> Stock:
    """Lots and equipment that must not be used, a technician without training, another woman's batch."""
    stage = played.stage
    other = BatchScript(stage=stage, participant=stage.enrol(), start=played.now)
    played.run(other.issued())
    stock = Stock(other_batch=other)
    stage.hire(Member(user_id="tech-c", name="Technician C", role=Role.TECHNICIAN))
    tomorrow = (played.now.astimezone(stage.zone) + timedelta(days=1)).date()
    for item in stage.master.materials:
        for shelf, is_released, expires in (
            (stock.expired, True, tomorrow),
            (stock.quarantined, False, stage.until),
        ):
            outcome = supply.receive_lot(
                *played.by(TECH_A),
                item=item.code,
                supplier="Demo supplier",
                supplier_lot=f"OTHER-{item.code}-{is_released}",
                expires=expires,
                quantity="100",
                unit=item.unit,
            )
            shelf[item.code] = outcome.entries[0].stream.partition(":")[2]
            if is_released:
                supply.release_lot(*played.by(QA_A), lot=shelf[item.code], certificate="CoA demo")
    for equipment_class in stage.things:
        outcome = machines.register_equipment(
            *played.by(QA_A), equipment_class=equipment_class, name=f"New {equipment_class}", room="Store"
        )
        stock.uncalibrated[equipment_class] = outcome.entries[0].stream.partition(":")[2]
    played.wait(days=3)
    return stock


def told_by(fault: Planted, found: ExceptionFound) -> bool:
    """The exception is the one of this fault: by its entry, or by the act and rule that refused it."""
    if isinstance(fault.entry.fact, ActRefused):
        same = isinstance(found.entry.fact, ActRefused) and found.entry.fact.rule == fault.entry.fact.rule
        return same and found.entry.act == fault.entry.act and found.classed is fault.classed
    return (found.entry.stream, found.entry.seq, found.classed) == (
        fault.entry.stream,
        fault.entry.seq,
        fault.classed,
    )


@pytest.mark.parametrize("name", OPERATORS)
def test_every_planted_fault_appears_with_its_class_and_nothing_else_does(at: At, name: str) -> None:
    script = play(at, OPERATORS[name])
    found = found_in(script)
    assert Counter(fault.classed for fault in script.planted) == script.plants
    lost = [fault.place for fault in script.planted if not any(told_by(fault, item) for item in found)]
    assert not lost
    invented = [item for item in found if not any(told_by(fault, item) for fault in script.planted)]
    assert not [(item.sort, item.step, item.slot, item.code) for item in invented]
    refused = Counter(
        (fault.entry.act, fault.entry.fact.rule)
        for fault in script.planted
        if isinstance(fault.entry.fact, ActRefused)
    )
    assert refused == {
        (item.entry.act, item.entry.fact.rule): item.times
        for item in found
        if isinstance(item.entry.fact, ActRefused)
    }


def test_the_set_is_large_and_over_every_class() -> None:
    planted = sum((Counter(operator.plants) for operator in OPERATORS.values()), Counter[Class]())
    assert planted.total() >= 300
    assert set(Class) - set(planted) == {Class.REFUSED}


def test_a_rule_that_nobody_classed_is_a_refused_act() -> None:
    assert class_of("nobody.knows") is Class.REFUSED
    assert {rule for rule in CLASS_OF if "." in rule} <= set(RULES) | OPENING


def test_a_clean_batch_shows_no_exception(at: At) -> None:
    assert found_in(play(at, Faulty)) == ()
