"""The product quality review on paper: every figure with the batches behind it, in both languages."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from lims.documents.quality_review import print_quality_review
from lims.documents.site_copy import SiteCopy
from lims.domain.quality_review import QualityReview, compose
from lims.domain.rows import BatchRow, CapaRow, DecisionRow, DeviationRow, RefusedRow, ResultRow
from tests.documents.printed import pages_of, squeezed, text_of

BEGAN = datetime(2026, 2, 1, 9, tzinfo=UTC)


def batch(number: str, *, version: str = "1") -> BatchRow:
    nothing = dict.fromkeys(
        ("day_zero", "current_step", "step_title_en", "step_title_zh", "step_day", "due_at", "due_since")
    )
    return BatchRow(
        stream=f"batch:{number}",
        key="",
        number=number,
        participant="DNK-001",
        round=1,
        attempt=1,
        coi="20",
        master="MBR-DNK-010",
        version=version,
        stage="closed",
        alive=False,
        held="",
        issued_at=BEGAN,
        steps_done=1,
        steps=1,
        open_deviations=0,
        to_verify=0,
        results_open=0,
        expires_at=None,
        marks="",
        days="",
        **nothing,  # type: ignore[arg-type]  # fields that may be empty
    )


def decision(number: str, what: str) -> DecisionRow:
    return DecisionRow(
        stream=f"batch:{number}",
        key=what,
        batch=number,
        round=1,
        decision=what,
        product="",
        at=BEGAN,
        person="qa-a",
        seq=9,
        counts=True,
    )


def deviation(number: str, *, severity: str, rule: str, closed: bool = True) -> DeviationRow:
    return DeviationRow(
        stream=f"batch:{number}",
        key=f"{number}-1",
        batch=number,
        number=f"{number}-1",
        severity=severity,
        rule=rule,
        opened_at=BEGAN,
        decided=True,
        investigated=closed,
        closed=closed,
    )


def refusal(number: str, rule: str) -> RefusedRow:
    return RefusedRow(
        stream=f"batch:{number}!refusals", key="1", batch=number, act="record_evidence", rule=rule, at=BEGAN
    )


def result(number: str, value: str, *, qualifier: str = "", outcome: str = "pass", day: int = 0) -> ResultRow:
    return ResultRow(
        stream=f"batch:{number}",
        key="viability",
        batch=number,
        test="viability",
        title_en="Viability",
        title_zh="细胞活率",
        unit="%",
        value=Decimal(value),
        qualifier=qualifier,
        outcome=outcome,
        low=Decimal(80),
        high=None,
        decimals=1,
        at=BEGAN + timedelta(days=day),
    )


def action(number: str, *, is_open: bool) -> CapaRow:
    return CapaRow(
        stream="capas",
        key=number,
        number=number,
        action="corrective",
        owner="tech-a",
        deviations="0003-1",
        state="planned",
        open=is_open,
        planned_at=BEGAN,
        due_at=None,
    )


def review() -> QualityReview:
    return compose(
        date(2026, 1, 1),
        date(2026, 12, 31),
        batches=[batch("0001"), batch("0002"), batch("0003", version="2")],
        decisions=[decision("0001", "released_conditionally"), decision("0002", "rejected")],
        deviations=[
            deviation("0002", severity="critical", rule="test.failed"),
            deviation("0001", severity="minor", rule="limit.outside"),
            deviation("0003", severity="minor", rule="limit.outside", closed=False),
        ],
        refused=[refusal("0001", "lot.expired"), refusal("0003", "lot.expired"), refusal("0001", "act.role")],
        results=[
            result("0001", "91.0"),
            result("0002", "79.1", outcome="fail", day=1),
            result("0003", "99.0", qualifier=">", day=2),
        ],
        actions=[action("CAPA-2026-0001", is_open=True), action("CAPA-2026-0002", is_open=False)],
        decided=frozenset({"0001", "0002"}),
    )


def site_copy(*, language: str = "en") -> SiteCopy:
    return SiteCopy(
        language=language,
        kind="demo",
        site_name="Demo Cell Laboratory",
        zone="Asia/Shanghai",
        printed_by="QA officer A",
        printed_at=BEGAN + timedelta(days=300),
        copy_number=1,
        made_from="system #40",
        made_from_hash="ab" * 32,
        supersedes=None,
    )


def test_every_figure_has_the_batches_behind_it() -> None:
    found = review()
    assert {one.code: one.batches for one in found.decisions} == {
        "released_conditionally": ("0001",),
        "conforming": (),
        "nonconforming": (),
        "rejected": ("0002",),
        "terminated": (),
    }
    assert [(one.code, one.count) for one in found.versions] == [("MBR-DNK-010 v1", 2), ("MBR-DNK-010 v2", 1)]
    assert [(one.code, one.batches) for one in found.rules] == [
        ("limit.outside", ("0001", "0003")),
        ("test.failed", ("0002",)),
    ]
    assert [(one.code, one.batches) for one in found.refused] == [
        ("material", ("0001", "0003")),
        ("access", ("0001",)),
    ]
    assert found.undecided == ("0003",) and found.open_deviations == ("0003-1",)
    assert found.outside[0].batches == ("0002",) and found.open_actions == ("CAPA-2026-0001",)


def test_a_bound_is_counted_and_not_measured() -> None:
    (spread,) = review().spreads
    assert (spread.count, spread.bounds, spread.outside) == (3, 1, ("0002",))
    assert (spread.least, spread.middle, spread.most) == (Decimal("79.1"), Decimal("85.05"), Decimal("91.0"))


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", ("Product quality review", "Viability", "MBR-DNK-010 v1: 2", "85.1 %", "CAPA-2026-0001")),
        ("zh_Hans", ("产品质量回顾", "细胞活率", "MBR-DNK-010 v1: 2", "85.1 %", "超标结果")),
    ],
)
def test_it_prints_in_both_languages(language: str, said: tuple[str, ...]) -> None:
    text = squeezed(text_of(print_quality_review(site_copy(language=language), review())))
    for words in said:
        assert squeezed(words) in text, words


def test_the_same_copy_prints_the_same_bytes() -> None:
    assert print_quality_review(site_copy(), review()) == print_quality_review(site_copy(), review())
    assert len(pages_of(print_quality_review(site_copy(), review()))) <= 4
