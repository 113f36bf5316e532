"""What a person is shown before signing, as data: recomputed under the lock, so that nobody signs what has changed."""

from lims.domain.batch_record import BatchRecord
from lims.domain.canonical import Json, canon, tagged_hash
from lims.domain.master_batch_record import Step
from lims.domain.plain import to_plain

BY_STEP = frozenset({"confirm_step", "verify_step", "send_step_back"})
BY_WHOLE_RECORD = frozenset({"review_record", "release_conditionally", "dispose_finally", "close_record"})


def about_step(step: Step, *, language: str) -> tuple[tuple[str, str], ...]:
    """What the sentence under a step is made of, in the language that is signed."""
    return (("step", step.code), ("title", step.title.read_in(language)))


def statement(act: str, record: object, about: tuple[tuple[str, str], ...]) -> Json:
    """What the act's page states: the step's values, the whole record's head, or just what is asked."""
    stated: dict[str, Json] = {"act": act, "about": [[name, value] for name, value in about]}
    if isinstance(record, BatchRecord) and record.entries:
        if act in BY_STEP:
            stated["step"] = _step(record, dict(about).get("step", ""))
        elif act in BY_WHOLE_RECORD:
            stated["head"] = [record.seq, record.entries[-1].hash]
    return stated


def _step(batch: BatchRecord, step: str) -> Json:
    return [
        [slot, held.last.seq, to_plain(held.value)]
        for (at, slot), held in sorted(batch.slots.items())
        if at == step
    ]


def digest(stated: Json) -> str:
    """The digest that the signature carries as `shown`."""
    return tagged_hash("lims/shown/1", canon(stated))
