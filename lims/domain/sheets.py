"""A table as an instrument's program writes it into a text file: its head somewhere, then line by line."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from lims.domain.refusals import BadEntry

FIELD: Final = "file"


def read_lines(
    content: bytes, *, separator: str, columns: Sequence[str], model: str
) -> Iterator[tuple[int, Mapping[str, str]]]:
    """Each line after the head with its number in the file, by the names of its columns.

    Raises BadEntry for what is no text, has no head with all of `columns`, or has a line that is cut.
    """
    lines = _text(content).splitlines()
    head = next((at for at, line in enumerate(lines) if {*columns} <= {*_cells(line, separator)}), None)
    if head is None:
        raise BadEntry("sheet.columns", field=FIELD, wanted=", ".join(columns), model=model)
    names = _cells(lines[head], separator)
    for number, line in enumerate(lines[head + 1 :], start=head + 2):
        if not line.strip():
            continue
        cells = _cells(line, separator)
        if len(cells) != len(names):
            raise BadEntry("sheet.cut", field=FIELD, line=number, found=len(cells), wanted=len(names))
        yield number, dict(zip(names, cells, strict=True))


def _text(content: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise BadEntry("sheet.unreadable", field=FIELD)


def _cells(line: str, separator: str) -> list[str]:
    rows = list(csv.reader(io.StringIO(line), delimiter=separator))
    return [cell.strip() for cell in rows[0]] if rows else []
