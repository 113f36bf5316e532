"""Real cytometers' files: read as they are or refused in words; a damaged one never passes for a whole one."""

from datetime import date
from importlib.metadata import files
from pathlib import Path

import flowio
import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lims.documents.charts_flow import CELLS, density, plotted
from lims.documents.fcs import events_of, read_flow_file
from lims.domain.refusals import BadEntry

SAMPLES = {
    Path(str(each)).name: Path(str(each.locate()))
    for each in files("fcsparser") or ()
    if "data" in each.parts
}
"""What the package fcsparser ships for its own tests (MIT), read from where it is installed."""
READ = {
    "Sample_Well_A02.fcs": ("2.0", 37395, 8, "FACSCalibur", date(2013, 9, 22), False),
    "facs_diva_test.fcs": ("3.0", 83411, 12, "", date(2014, 7, 18), False),
    "FCS_3.0_Fortessa_PBS_Specimen_001_A1_A01.fcs": ("3.0", 11585, 11, "LSRII", date(2013, 2, 28), False),
    "HTS_BD_LSR_II_Mixed_Specimen_001_D6_D06.fcs": ("3.0", 14945, 11, "LSRII", date(2012, 10, 26), False),
    "EY_2013-07-19_PBS_FCS_2.0_Custom_Without_Add_Well_A1.001.fcs": (
        *("2.0", 10000, 16, "MACSQuant"),
        date(2013, 7, 19),
        False,
    ),
    "FCS3.0_Custom_Compatible.fcs": ("3.0", 10000, 16, "MACSQuant", date(2013, 7, 19), False),
    "EY_2013-07-19_PBS_FCS_3.1_Well_A1.001.fcs": ("3.1", 10000, 19, "MACSQuant", date(2013, 7, 19), True),
    "SG_2014-09-26_Duplicate_Names.fcs": (
        *("3.1", 8129, 9, "MACSQuant VYB,2.5.1345.9863"),
        date(2014, 9, 26),
        True,
    ),
    "cyflow_cube_8.fcs": ("3.0", 725, 10, "Cube_15", date(2017, 11, 2), False),
}
REFUSED = {
    "corrupted.fcs": "fcs.foreign",
    "sample_header.fcs": "fcs.damaged",
    "fake_large_fcs.fcs": "fcs.damaged",
    "Guava Muse.fcs": "fcs.several",
    "Cytek_xP5.fcs": "fcs.width",
}
SMALL = SAMPLES["cyflow_cube_8.fcs"].read_bytes()
EVENTS_END = 16681
"""Behind its events the file carries a part of the maker's own, which nothing here reads."""


@pytest.mark.parametrize(("name", "said"), READ.items())
def test_a_real_file_says_what_it_is(name: str, said: tuple[object, ...]) -> None:
    told = read_flow_file(SAMPLES[name].read_bytes())
    found = (told.version, told.events, len(told.channels), told.cytometer, told.acquired, told.off_by_one)
    assert found == said


@pytest.mark.parametrize(("name", "rule"), REFUSED.items())
def test_a_file_that_cannot_be_read_whole_is_refused_in_words(name: str, rule: str) -> None:
    with pytest.raises(BadEntry) as bad:
        read_flow_file(SAMPLES[name].read_bytes())
    assert (bad.value.rule, bad.value.field) == (rule, "file")


@settings(deadline=None, max_examples=60)
@given(st.integers(min_value=0, max_value=len(SMALL) - 1))
def test_a_cut_file_is_refused_unless_every_event_is_there(at: int) -> None:
    try:
        _, events = events_of(SMALL[:at])
    except BadEntry as bad:
        assert bad.rule in ("fcs.damaged", "fcs.foreign")
    else:
        assert at >= EVENTS_END and numpy.array_equal(events, events_of(SMALL)[1])


@settings(deadline=None, max_examples=150)
@given(st.integers(min_value=0, max_value=4000), st.binary(min_size=1, max_size=6))
def test_a_damaged_head_is_read_or_refused_and_nothing_else(at: int, noise: bytes) -> None:
    spoiled = SMALL[:at] + noise + SMALL[at + len(noise) :]
    try:
        told, events = events_of(spoiled)
    except BadEntry as bad:
        assert bad.rule.startswith("fcs.")
    else:
        assert events.shape == (told.events, len(told.channels))


def test_every_event_is_in_the_plot_once() -> None:
    told, events = events_of(SMALL)
    assert plotted(told) == (0, 1)
    chart = density(SMALL, say=str)
    squares = [shape for shape in chart.shapes if hasattr(shape, "width") and hasattr(shape, "outlined")]
    across = numpy.unique(events[:, :2], axis=0)
    assert 0 < len(squares) <= min(len(across), CELLS * CELLS)
    assert [row[0] for row in chart.rows] == [channel.shown for channel in told.channels]
    assert chart.rows[0][3] == f"{numpy.median(events[:, 0]):.0f}"


def test_what_the_file_of_a_rehearsal_holds_is_what_was_written(tmp_path: Path) -> None:
    path = tmp_path / "made.fcs"
    with path.open("wb") as target:
        values = [1.0, 10.0, 2.0, 20.0, 3.0, 30.0]
        flowio.create_fcs(
            target, values, ["FSC", "SSC"], ["", "CD56"], metadata_dict={"cyt": "Ours", "smno": "321"}
        )
    told, events = events_of(path.read_bytes())
    assert events.tolist() == [[1.0, 10.0], [2.0, 20.0], [3.0, 30.0]]
    assert (told.said("$SMNO"), told.channels[1].shown) == ("321", "CD56 (SSC)")
