"""However a record is damaged, loading says so or gives a record: no other error ever comes out."""

import random
from io import StringIO
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from lims.authoring.faults import AuthoringError
from lims.authoring.load import load_master_batch_record, load_protocol

TEMPLATES = Path(__file__).parents[2] / "batch_templates"
RECORD = (TEMPLATES / "MBR-DNK-010.yaml").read_text(encoding="utf-8")
PROTOCOL = (TEMPLATES / "PROTOCOL-DNK.yaml").read_text(encoding="utf-8")
STRANGE: tuple[Any, ...] = (
    None, True, -1, 0, 10**15, "", " ", "on", "1,234", "１", "\u202e", "x" * 5000, [], {}, [[]], {"en": 1}, "{en}", 1.5,
)  # fmt: skip


def damage(tree: Any, chance: random.Random) -> None:
    """Drop, double, swap, rename or replace one thing somewhere in the tree."""
    holder = tree
    while True:
        keys: list[Any] = list(holder) if isinstance(holder, dict) else list(range(len(holder)))
        if not keys:
            return
        key = chance.choice(keys)
        below = holder[key]
        if isinstance(below, dict | list) and below and chance.random() < 0.85:
            holder = below
            continue
        break
    match chance.randrange(4):
        case 0:
            del holder[key]
        case 1:
            holder[key] = chance.choice(STRANGE)
        case 2 if isinstance(holder, dict):
            holder["unheard_of"] = holder.pop(key)
        case _:
            other = chance.choice(keys)
            holder[key], holder[other] = holder[other], holder[key]


def damaged(text: str, seed: int, times: int) -> str:
    yaml = YAML(typ="safe", pure=True)
    tree = yaml.load(text)
    chance = random.Random(seed)
    for _ in range(times):
        damage(tree, chance)
    out = StringIO()
    YAML(typ="safe", pure=True).dump(tree, out)
    return out.getvalue()


def load_or_refuse(text: str) -> None:
    for load in (load_master_batch_record, load_protocol):
        try:
            load(text)
        except AuthoringError as refused:
            assert refused.faults
            assert all(str(fault) for fault in refused.faults)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 10**9), st.integers(1, 4))
def test_damage_to_the_structure_is_told_and_never_crashes(seed: int, times: int) -> None:
    load_or_refuse(damaged(PROTOCOL, seed, times))
    load_or_refuse(damaged(RECORD, seed, times))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, len(RECORD) - 1), st.integers(0, 40), st.text(max_size=6))
def test_damage_to_the_text_is_told_and_never_crashes(at: int, cut: int, put: str) -> None:
    load_or_refuse(RECORD[:at] + put + RECORD[at + cut :])


@given(st.text(max_size=200))
def test_any_text_is_refused_with_its_faults(text: str) -> None:
    load_or_refuse(text)
