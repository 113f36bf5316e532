"""A file of results: each value reaches the batch whose sample it names, or waits, or is kept out with its reason."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lims.authoring.instruments import load_instruments
from lims.domain.batch_record import BatchRecord
from lims.domain.entries.batch import DeviationOpened, ResultEntered, SampleReceived, SampleTaken
from lims.domain.entries.envelope import Draft
from lims.domain.entries.values import Means
from lims.domain.instruments import Answer, ResultColumn, ResultsModel
from lims.domain.master_batch_record import Words
from lims.domain.refusals import BadEntry
from lims.domain.results_files import Placed, place_all, read_results
from tests.rules.played_batch import Play

MODEL = ResultsModel(
    code="both",
    title=Words(en="Both", zh="两项"),
    equipment_class="cell_counter",
    separator=";",
    decimal_mark=",",
    sample_column="Sample",
    results=(
        ResultColumn(column="Viable", test="viability"),
        ResultColumn(column="Endotoxin", test="endotoxin"),
        ResultColumn(column="Gram", test="gram", answers=(Answer(text="NEG", option="none_seen"),)),
    ),
    no_result=("", "n/a"),
)


@pytest.fixture(scope="module")
def batch() -> BatchRecord:
    """A batch whose final sample the laboratory has in hand, with no result yet."""
    play = Play()
    for point in ("issued", "receive", "set_up", "count", "seed", "feed", "check_identity", "harvest"):
        play.to(point)
    for point in ("formulate", "fill", "quarantine"):
        play.to(point)
    final = code_of_final(play.batch)
    taken = SampleReceived(sample="final", code=final, means=Means.SCANNED)
    play.site.write([Draft(stream=play.stream, fact=taken)], person="qc.a", act="receive_sample")
    return play.batch


def code_of_final(batch: BatchRecord) -> str:
    facts = (entry.fact for entry in batch.samples.values())
    return next(fact.code for fact in facts if isinstance(fact, SampleTaken) and fact.sample == "final")


def placed(batch: BatchRecord, *lines: str, model: ResultsModel = MODEL) -> tuple[Placed, ...]:
    content = "\n".join(("Sample;Viable;Endotoxin;Gram", *lines)).encode()
    values = read_results(content, model)
    return place_all(
        values,
        owners={code_of_final(batch): batch},
        model=model,
        instrument="1234",
        sha256="ab" * 32,
        now=batch.entries[-1].time + timedelta(minutes=5),
        person="qc-a",
    )


def why(item: Placed) -> str:
    return item.why.rule if item.why else ""


def test_values_become_results_that_name_file_and_line(batch: BatchRecord) -> None:
    found = placed(batch, f"{code_of_final(batch)};91,5;<0,05;NEG")
    facts = [item.drafts[0].fact for item in found]
    assert all(isinstance(fact, ResultEntered) for fact in facts)
    told = [
        (f.test, f.raw, f.option, f.outcome, f.instrument, f.line)
        for f in facts
        if isinstance(f, ResultEntered)
    ]
    assert told == [
        ("viability", "91.5", None, "pass", "1234", 2),
        ("endotoxin", "<0.05", None, "pass", "1234", 2),
        ("gram", "", "none_seen", "pass", "1234", 2),
    ]
    assert {f.file for f in facts if isinstance(f, ResultEntered)} == {"ab" * 32}


def test_two_failures_of_one_file_open_two_deviations(batch: BatchRecord) -> None:
    found = placed(batch, f"{code_of_final(batch)};79,94;0,51;NEG")
    numbers = [
        draft.fact.number
        for item in found
        for draft in item.drafts
        if isinstance(draft.fact, DeviationOpened)
    ]
    assert len(numbers) == len(set(numbers)) == 2


def test_a_sample_that_is_on_file_nowhere_waits(batch: BatchRecord) -> None:
    (item,) = placed(batch, "harvest 12;91,5;n/a;")
    assert item.waits and (item.value.sample, item.value.written) == ("", "harvest 12")


def test_a_sample_that_stands_twice_gets_neither(batch: BatchRecord) -> None:
    code = code_of_final(batch)
    assert [why(item) for item in placed(batch, f"{code};91,5;;", f"{code};70,0;;")] == ["sheet.twice"] * 2


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ("abc;;", "number.not_understood"),
        ("1.234;;", "sheet.point"),
        (";;POSITIVE", "sheet.text"),
        ("150,0;;", ""),
    ],
)
def test_a_value_that_is_none_is_kept_out(batch: BatchRecord, line: str, rule: str) -> None:
    (item,) = placed(batch, f"{code_of_final(batch)};{line}")
    assert why(item).startswith(rule) and bool(item.drafts) is not bool(rule)


def test_a_column_of_another_sample_is_kept_out(batch: BatchRecord) -> None:
    model = load_instruments().model("nucleic_acid")
    assert model is not None
    content = f"Sample Name,Mycoplasma\n{code_of_final(batch)},Not detected\n".encode()
    (item,) = place_all(
        read_results(content, model),
        owners={code_of_final(batch): batch},
        model=model,
        instrument="1234",
        sha256="ab" * 32,
        now=batch.entries[-1].time,
        person="qc-a",
    )
    assert why(item) == "sheet.not_mapped" or why(item) == "sample.not_taken"


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (b"", "sheet.columns"),
        (b"Time;Value\n1;2", "sheet.columns"),
        (b"Sample;Other\n1;2", "sheet.columns"),
        (b"Sample;Viable\n1", "sheet.cut"),
        (b"Sample;Viable\n1;n/a", "sheet.empty"),
        (b"\x00\xff\xfe" * 9, "sheet.unreadable"),
    ],
)
def test_a_file_that_is_none_is_refused_at_its_field(content: bytes, rule: str) -> None:
    with pytest.raises(BadEntry) as bad:
        read_results(content, MODEL)
    assert (bad.value.rule, bad.value.field) == (rule, "file")


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(noise: bytes) -> None:
    try:
        values = read_results(b"Sample;Viable\n" + noise, MODEL)
    except BadEntry as bad:
        assert bad.rule.startswith("sheet.")
    else:
        assert values
