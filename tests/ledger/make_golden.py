"""Write the golden stored entries of kinds that have none yet: `python -m tests.ledger.make_golden`.

A golden file holds bodies exactly as they were first stored, one a line. It is never written again: entries like it
are on file at sites and must decode for ever. When a class changes so that its golden no longer decodes, give the kind
a new version and an upcaster (docs/recipes.md).
"""

from pathlib import Path

from lims.domain.entries.envelope import Draft, Fact, Reliance, body_of
from lims.ledger.codec import kinds
from tests.ledger.example_of import examples_of
from tests.ledger.examples import by

FOLDER = Path(__file__).parent / "golden"


def golden_path(kind: str) -> Path:
    """Where the golden entries of a kind lie."""
    return FOLDER / f"{kind}.jsonl"


def golden_bodies(fact_class: type[Fact]) -> list[str]:
    """Bodies with an example of every shape that the fact can take."""
    relied_on = (Reliance(stream="lot:1", seq=3, hash="ab" * 32),)
    bodies = []
    for seq, fact in enumerate(examples_of(fact_class), start=1):
        draft = Draft(stream="example:1", fact=fact, relied_on=relied_on if seq == 1 else ())
        bodies.append(body_of(draft, by=by(request="r" * 8 if seq == 1 else None), seq=seq))
    return bodies


def main() -> None:
    """Write what is missing; touch nothing that is there."""
    FOLDER.mkdir(exist_ok=True)
    for kind, fact_class in kinds().items():
        path = golden_path(kind)
        if not path.exists():
            path.write_text("\n".join(golden_bodies(fact_class)) + "\n", encoding="utf-8")
            print(f"wrote {path.name}")


if __name__ == "__main__":
    main()
