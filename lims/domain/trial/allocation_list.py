"""An allocation list that was made elsewhere: read strictly from CSV before it is sealed."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

from lims.domain.entries.randomisation import Factor
from lims.domain.refusals import BadEntry
from lims.domain.trial.blocks import ArmShare

MOST_PLACES = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedPlace:
    """One place of the list: its stratum (empty without factors) and its arm."""

    stratum: str
    arm: str


def read_list(text: str, *, arms: Sequence[ArmShare], factors: Sequence[Factor]) -> tuple[ListedPlace, ...]:
    """The places in their order, from CSV with the header `arm` and, with factors, a column for each.

    Refuses, with its line, what is no arm or no level of a factor: a list for another trial opens nothing.
    """
    rows = csv.DictReader(text.removeprefix("\ufeff").splitlines())
    wanted = ["arm", *(factor.code for factor in factors)]
    if sorted(rows.fieldnames or ()) != sorted(wanted):
        raise BadEntry("randomisation.list_header", field="file", columns=", ".join(wanted))
    known = {arm.code for arm in arms}
    strata = {
        "/".join(f"{factor.code}={code}" for factor, code in zip(factors, codes, strict=True))
        for codes in product(*(factor.levels for factor in factors))
    }
    found = []
    for row in rows:
        stratum = "/".join(f"{factor.code}={row[factor.code]}" for factor in factors)
        if None in row or row["arm"] not in known or stratum not in strata:
            raise BadEntry("randomisation.list_line", field="file", line=rows.line_num)
        found.append(ListedPlace(stratum=stratum, arm=row["arm"]))
    if not 1 <= len(found) <= MOST_PLACES:
        raise BadEntry("randomisation.list_length", field="file", most=MOST_PLACES)
    return tuple(found)
