"""Permuted blocks: the published vectors, exact balance, no favoured order, and a list that anyone can run again."""

import json
import re
import subprocess
import sys
from collections import Counter
from hashlib import sha256
from itertools import islice, product
from math import comb
from pathlib import Path

import pytest

from lims.domain.entries.randomisation import Factor, PlaceTaken, RandomisationClosed, RandomisationOpened
from lims.domain.refusals import BadEntry
from lims.domain.trial.allocation_list import read_list
from lims.domain.trial.blocks import ArmShare, blocks, places
from lims.domain.trial.randomisation import (
    Randomisation,
    arm_of,
    commitment_to,
    differing,
    secret_of_list,
    secret_of_seed,
    stratum_of,
)

ARMS = (ArmShare(code="perfusion", share=2), ArmShare(code="control", share=1))
DOCUMENT = (Path(__file__).parents[2] / "docs" / "randomisation.md").read_text()
VECTORS = re.findall(
    r"^\| `([0-9a-f]{64})` \| `?([^|`]*?)`? ?\| ([69 ]+) \| `([PC]{30})` \|$", DOCUMENT, re.M
)
FACTORS = (Factor(code="site", levels=("a", "b")), Factor(code="age", levels=("under_35", "from_35")))
SIMULATED = 10_000


def seed(number: int) -> str:
    return sha256(f"simulated trial {number}".encode()).hexdigest()


def test_the_published_vectors_are_four() -> None:
    assert len(VECTORS) == 4


@pytest.mark.parametrize(("seed", "stratum", "sizes", "list_"), VECTORS)
def test_the_algorithm_gives_its_published_vectors(seed: str, stratum: str, sizes: str, list_: str) -> None:
    found = places(seed, arms=ARMS, stratum=stratum.strip())
    assert "".join(arm[0].upper() for arm in islice(found, 30)) == list_
    found_sizes = [len(block) for block in islice(blocks(seed, arms=ARMS, stratum=stratum.strip()), 4)]
    assert found_sizes == [int(size) for size in sizes.split()]


@pytest.fixture(scope="module")
def simulated() -> list[tuple[str, ...]]:
    """Every complete block of ten thousand simulated trials of 159 places."""
    found = []
    for number in range(SIMULATED):
        left = 159
        for block in blocks(seed(number), arms=ARMS):
            if (left := left - len(block)) < 0:
                break
            found.append(block)
    return found


def test_every_complete_block_is_exactly_two_to_one(simulated: list[tuple[str, ...]]) -> None:
    """Issue 6, point 4."""
    assert {(len(block), block.count("perfusion"), block.count("control")) for block in simulated} == {
        (6, 4, 2),
        (9, 6, 3),
    }


def chi_square(observed: "Counter[object]", kinds: int) -> float:
    expected = observed.total() / kinds
    missing = (kinds - len(observed)) * expected
    return missing + sum((count - expected) ** 2 / expected for count in observed.values())


@pytest.mark.parametrize(
    ("size", "controls", "critical"),
    [
        (6, 2, 36.12),  # chi-square, 14 degrees of freedom, p = 0.001
        (9, 3, 128.6),  # 83 degrees of freedom
    ],
)
def test_no_order_of_a_block_is_favoured(
    simulated: list[tuple[str, ...]], size: int, controls: int, critical: float
) -> None:
    orders: Counter[object] = Counter(block for block in simulated if len(block) == size)
    assert orders.total() > 50_000
    assert chi_square(orders, comb(size, controls)) < critical


@pytest.mark.parametrize(("size", "controls", "critical"), [(6, 2, 20.52), (9, 3, 26.12)])
def test_no_position_of_a_block_is_favoured(
    simulated: list[tuple[str, ...]], size: int, controls: int, critical: float
) -> None:
    """Each block has a fixed number of controls, so that the statistic is scaled by (n - 1) / (n - controls)."""
    of_size = [block for block in simulated if len(block) == size]
    at: Counter[object] = Counter(i for block in of_size for i, arm in enumerate(block) if arm == "control")
    assert chi_square(at, size) * (size - 1) / (size - controls) < critical


def test_both_sizes_are_drawn_alike() -> None:
    first: Counter[object] = Counter(len(next(blocks(seed(n), arms=ARMS))) for n in range(SIMULATED))
    assert chi_square(first, 2) < 10.83


def test_every_stratum_has_blocks_of_its_own() -> None:
    names = [stratum_of(FACTORS, dict(zip(("site", "age"), levels, strict=True))) for levels in STRATA]
    lists = {name: tuple(islice(places(seed(1), arms=ARMS, stratum=name), 60)) for name in names}
    assert names[1] == "site=a/age=from_35"
    assert len(set(lists.values())) == 4
    for name in names:
        for block in islice(blocks(seed(1), arms=ARMS, stratum=name), 50):
            assert block.count("perfusion") == 2 * block.count("control")


STRATA = list(product(*(factor.levels for factor in FACTORS)))


@pytest.mark.parametrize("answers", [{}, {"site": "a"}, {"site": "c", "age": "under_35"}])
def test_a_stratum_is_a_level_of_every_factor(answers: dict[str, str]) -> None:
    with pytest.raises(BadEntry) as refused:
        stratum_of(FACTORS, answers)
    assert refused.value.rule == "choice.unknown"


def closed(secret: str, *, mode: str = "blocks", taken: tuple[PlaceTaken, ...] = ()) -> Randomisation:
    opened = RandomisationOpened(
        mode="blocks" if mode == "blocks" else "list",
        algorithm="lims-blocks/1",
        protocol="DNK",
        version="1",
        arms=ARMS,
        factors=(),
        commitment=commitment_to(secret),
        sealed="",
    )
    return Randomisation(opened=opened, taken=taken, closed=RandomisationClosed(taken=0, secret=secret))


def taken(secret: str, mode: str = "blocks", count: int = 40) -> tuple[PlaceTaken, ...]:
    opened = closed(secret, mode=mode).opened
    assert opened is not None
    return tuple(
        PlaceTaken(
            place=n,
            participant=f"DNK-{n:03d}",
            stratum="",
            number=n,
            arm=arm_of(secret, opened, stratum="", number=n),
        )
        for n in range(1, count + 1)
    )


SEED = secret_of_seed(seed(7))
LIST = secret_of_list(
    read_list("arm\n" + "perfusion\ncontrol\nperfusion\n" * 5, arms=ARMS, factors=()), salt="5a"
)


@pytest.mark.parametrize(("secret", "mode"), [(SEED, "blocks"), (LIST, "list")])
def test_what_was_told_gives_every_place_again(secret: str, mode: str) -> None:
    assert differing(closed(secret, mode=mode, taken=taken(secret, mode, 15))) == ()


def test_a_place_with_another_arm_than_the_list_is_named() -> None:
    given = taken(SEED)
    other = {"perfusion": "control", "control": "perfusion"}[given[4].arm]
    wrong = PlaceTaken(place=5, participant="DNK-005", stratum="", number=5, arm=other)
    assert differing(closed(SEED, taken=(*given[:4], wrong, *given[5:]))) == (wrong,)


def test_another_secret_than_the_one_bound_to_agrees_with_nothing() -> None:
    state = closed(SEED, taken=taken(SEED))
    told = Randomisation(
        opened=state.opened,
        taken=state.taken,
        closed=RandomisationClosed(taken=40, secret=secret_of_seed(seed(8))),
    )
    assert differing(told) == state.taken


@pytest.mark.parametrize(("secret", "mode"), [(SEED, "blocks"), (LIST, "list")])
@pytest.mark.parametrize("wrong", [False, True])
def test_the_lines_of_the_document_check_a_closed_list(
    tmp_path: Path, secret: str, mode: str, wrong: bool
) -> None:
    """Anyone can run the list again, with none of our code (issue 6, point 4)."""
    lines = re.search(r"```python\n(.*?)```", DOCUMENT, re.S)
    assert lines
    rows = [[row.place, row.stratum, row.arm] for row in taken(secret, mode, 15)]
    if wrong:
        rows[3][2] = "control" if rows[3][2] == "perfusion" else "perfusion"
    told = {
        "algorithm": "lims-blocks/1",
        "arms": [[arm.code, arm.share] for arm in ARMS],
        "commitment": commitment_to(secret),
        "places": rows,
        "secret": secret,
    }
    (tmp_path / "told.json").write_text(json.dumps(told))
    (tmp_path / "check.py").write_text(lines[1])
    ran = subprocess.run(
        [sys.executable, "-I", tmp_path / "check.py", tmp_path / "told.json"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.returncode, ran.stdout) == ((1, "") if wrong else (0, "15 places agree\n")), ran.stderr


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("", "randomisation.list_header"),
        ("arm,site\nperfusion,a\n", "randomisation.list_header"),
        ("arm\n", "randomisation.list_length"),
        ("arm\nplacebo\n", "randomisation.list_line"),
        ("arm\nperfusion,x\n", "randomisation.list_line"),
    ],
)
def test_a_list_for_another_trial_opens_nothing(text: str, rule: str) -> None:
    with pytest.raises(BadEntry) as refused:
        read_list(text, arms=ARMS, factors=())
    assert (refused.value.rule, refused.value.field) == (rule, "file")


def test_a_list_with_strata_keeps_each_stratum_in_its_order() -> None:
    text = "site,age,arm\na,under_35,control\nb,from_35,perfusion\na,under_35,perfusion\n"
    secret = secret_of_list(read_list(text, arms=ARMS, factors=FACTORS), salt="00")
    opened = closed(secret, mode="list").opened
    assert opened is not None
    assert [arm_of(secret, opened, stratum="site=a/age=under_35", number=n) for n in (1, 2)] == [
        "control",
        "perfusion",
    ]
