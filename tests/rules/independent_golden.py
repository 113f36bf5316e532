"""The two golden batches computed a second time: plain fractions, from the formulas in words, nothing taken from lims.

What people entered stands in `GOLDEN` and `WEAK_DONOR`; `computed` gives every figure with the digits that are printed.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal, localcontext
from fractions import Fraction
from math import ceil

POWERS = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")


@dataclass(frozen=True, kw_only=True)
class Count:
    """Live and dead cells over four large squares, two or three times, at one dilution, of so many millilitres."""

    pairs: tuple[tuple[int, int], ...]
    dilution: int
    volume: str

    def each(self) -> list[Fraction]:
        """One large square holds a ten-thousandth of a millilitre; four were counted."""
        return [Fraction(live, 4) * self.dilution * 10_000 for live, _ in self.pairs]

    def cv(self) -> Decimal:
        """Of the first two, in percent: their distance over √2 times their mean."""
        first, second = self.each()[:2]
        with localcontext() as context:
            context.prec = 40
            ratio = abs(first - second) / ((first + second) / 2) * 100
            return Decimal(ratio.numerator) / Decimal(ratio.denominator) / Decimal(2).sqrt()

    def used(self) -> list[int]:
        """Both, if they agree within 15.0 %; else the two of three that lie nearest."""
        if len(self.pairs) == 2 or rounded(self.cv(), 1) <= Decimal("15.0"):
            return [0, 1]
        values = self.each()
        return min(([0, 1], [0, 2], [1, 2]), key=lambda pair: abs(values[pair[0]] - values[pair[1]]))

    def per_ml(self) -> Fraction:
        values = self.each()
        return sum((values[at] for at in self.used()), Fraction(0)) / len(self.used())

    def viability(self) -> Fraction:
        live = sum(self.pairs[at][0] for at in self.used())
        dead = sum(self.pairs[at][1] for at in self.used())
        return Fraction(live, live + dead) * 100

    def total(self) -> Fraction:
        return self.per_ml() * Fraction(self.volume)


@dataclass(frozen=True, kw_only=True)
class Entered:
    """What people entered at the bench and in the clinic."""

    drawn: str
    tubes: tuple[str, ...]
    pooled: str
    speed: int
    pbmc: Count
    nk_blood: str
    nk: Count
    purity: str
    medium_a: str
    seeded_in: str
    feed_3: str
    day_5: Count
    added_5: str
    extra: Count | None = None
    day_7: Count
    medium_b: str
    day_10: Count
    day_12: Count
    taken: str
    day_14: Count
    in_and_out: tuple[tuple[str, str], ...]
    """Days and times of the stays in hypoxia, `7 11:00`."""
    left: tuple[str, str, str]
    washed: Count
    made: str
    filled: str
    fill_end: str
    residual: str
    nk_product: str
    endotoxin: tuple[str, str]
    """The sign before it and the number, EU/mL."""


GOLDEN = Entered(
    drawn="50.0",
    tubes=("10.0",) * 5,
    pooled="49.5",
    speed=1443,
    pbmc=Count(pairs=((152, 8), (148, 6)), dilution=20, volume="10.0"),
    nk_blood="9.8",
    nk=Count(pairs=((105, 4), (103, 5)), dilution=10, volume="2.0"),
    purity="92.0",
    medium_a="50.0",
    seeded_in="5.2",
    feed_3="5.2",
    day_5=Count(pairs=((77, 7), (75, 8)), dilution=10, volume="10.0"),
    added_5="9.0",
    day_7=Count(pairs=((73, 6), (71, 6)), dilution=10, volume="18.9"),
    medium_b="34.0",
    day_10=Count(pairs=((71, 7), (69, 6)), dilution=10, volume="32.0"),
    day_12=Count(pairs=((88, 8), (87, 9)), dilution=10, volume="32.0"),
    taken="0.914",
    day_14=Count(pairs=((101, 11), (99, 11)), dilution=10, volume="30.4"),
    in_and_out=(("7 11:00", "10 09:00"), ("10 09:18", "12 08:30"), ("12 08:45", "14 07:30")),
    left=("0.5", "0.5", "0.5"),
    washed=Count(pairs=((123, 9), (121, 9)), dilution=20, volume="10.0"),
    made="3.05",
    filled="1.20",
    fill_end="14 09:40",
    residual="0.15",
    nk_product="94.0",
    endotoxin=("<", "0.05"),
)

WEAK_DONOR = Entered(
    drawn="46.0",
    tubes=("9.6", "9.4", "9.5", "9.5", "9.0"),
    pooled="46.2",
    speed=1430,
    pbmc=Count(pairs=((92, 6), (88, 7)), dilution=20, volume="10.0"),
    nk_blood="6.0",
    nk=Count(pairs=((62, 3), (46, 4), (60, 3)), dilution=10, volume="1.5"),
    purity="90.0",
    medium_a="60.0",
    seeded_in="2.3",
    feed_3="2.3",
    day_5=Count(pairs=((58, 7), (56, 6)), dilution=10, volume="4.5"),
    added_5="1.9",
    extra=Count(pairs=((66, 8), (70, 7)), dilution=10, volume="6.3"),
    day_7=Count(pairs=((54, 5), (50, 6)), dilution=10, volume="10.6"),
    medium_b="14.0",
    day_10=Count(pairs=((74, 8), (78, 7)), dilution=10, volume="13.0"),
    day_12=Count(pairs=((96, 9), (92, 10)), dilution=10, volume="13.0"),
    taken="0.851",
    day_14=Count(pairs=((118, 14), (114, 13)), dilution=10, volume="11.5"),
    in_and_out=(("7 11:20", "10 09:10"), ("10 09:25", "12 08:40"), ("12 08:52", "14 07:40")),
    left=("0.6", "0.5", "0.7"),
    washed=Count(pairs=((108, 8), (104, 9)), dilution=20, volume="5.0"),
    made="2.20",
    filled="1.20",
    fill_end="14 09:52",
    residual="0.45",
    nk_product="93.0",
    endotoxin=("", "0.08"),
)


def computed(entered: Entered) -> dict[str, str]:
    """Every figure of the batch, by the name under which it is on file, as it is printed."""
    found: dict[str, str] = {}
    found |= _blood(entered)
    found |= _enrichment(entered)
    found |= _culture(entered)
    found |= _harvest(entered)
    return found


def dose(entered: Entered) -> dict[str, str]:
    """What was delivered: filled less what stayed behind."""
    volume = Fraction(entered.filled) - Fraction(entered.residual)
    cells = entered.washed.total() / Fraction(entered.made) * volume
    sign, endotoxin = entered.endotoxin
    return {
        "volume": f"{decimals(volume, 2)} mL",
        "viable": power(cells),
        "nk": power(cells * Fraction(entered.nk_product) / 100),
        "endotoxin": f"{sign}{decimals(Fraction(endotoxin) * volume, 3)} EU/dose",
    }


def expiry(entered: Entered) -> datetime:
    """Twelve hours after the end of filling, on the clock of the site."""
    return at(entered.fill_end) + timedelta(hours=12)


def _blood(entered: Entered) -> dict[str, str]:
    received = sum((Fraction(tube) for tube in entered.tubes), Fraction(0))
    pooled, drawn = Fraction(entered.pooled), Fraction(entered.drawn)
    force = Fraction("0.00001118") * Fraction("17.2") * entered.speed**2
    total = entered.pbmc.total()
    return {
        "receive_volume.total": f"{decimals(received, 1)} mL",
        "receive_volume.against_clinic": f"{decimals((received - drawn) / drawn * 100, 1)} %",
        "dilute.against_receipt": f"{decimals((pooled - received) / received * 100, 1)} %",
        "dilute.diluted": f"{decimals(pooled * 2, 1)} mL",
        "dilute.tubes": str(ceil(pooled * 2 / 35)),
        "gradient.force": f"{decimals(force, 0)} ×g",
        **count("pbmc_count.cells", entered.pbmc),
        "pbmc_count.total": f"{power(total)} cells",
        "pbmc_count.per_blood": f"{power(total / pooled)} cells/mL",
    }


def _enrichment(entered: Entered) -> dict[str, str]:
    left = entered.pbmc.total() - 500_000
    before = left * Fraction(entered.nk_blood) / 100
    cells = entered.nk.total()
    nk = cells * Fraction(entered.purity) / 100
    medium, seeded = Fraction(entered.medium_a), Fraction(entered.seeded_in)
    return {
        "pbmc_flow.take": f"{decimals(500_000 / entered.pbmc.per_ml(), 3)} mL",
        "pbmc_flow.left": f"{power(left)} cells",
        "pbmc_flow.nk_before": f"{power(before)} cells",
        "beads.bead_volume": f"{decimals(left / 10**7 * 20, 0)} µL",
        "beads.buffer_volume": f"{decimals(left / 10**7 * 80, 0)} µL",
        **count("nk_count.cells", entered.nk),
        "nk_count.total": f"{power(cells)} cells",
        "nk_purity.nk_cells": f"{power(nk)} cells",
        "nk_purity.recovery": f"{decimals(nk / before * 100, 1)} %",
        "medium_a.serum_volume": f"{decimals(medium / 20, 2)} mL",
        "medium_a.il15_volume": f"{decimals(medium * 10 / 10, 1)} µL",
        "medium_a.il2_volume": f"{decimals(medium * 200 / 1000, 1)} µL",
        "seed.target_volume": f"{decimals(cells / 10**6, 1)} mL",
        "seed.density": f"{power(cells / seeded)} cells/mL",
    }


def _culture(entered: Entered) -> dict[str, str]:
    seeded = entered.nk.total()
    five, seven, ten, twelve = entered.day_5, entered.day_7, entered.day_10, entered.day_12
    half = Fraction(ten.volume) / 2
    taken = twelve.per_ml() * Fraction(entered.taken)
    share = Fraction(80, 100) * Fraction("1.05") / Fraction("2.20")
    medium = Fraction(entered.medium_b)
    found = {
        "feed_d3.feed": f"{decimals(Fraction(entered.feed_3), 1)} mL",
        "feed_d3.after": f"{decimals(Fraction(entered.feed_3) * 2, 1)} mL",
        **count("count_d5.cells", five),
        "count_d5.total": f"{power(five.total())} cells",
        "feed_d5.feed": f"{decimals(wanted(five), 1)} mL",
        "feed_d5.after": f"{decimals(Fraction(five.volume) + Fraction(entered.added_5), 1)} mL",
        **count("count_d7.cells", seven),
        "count_d7.total": f"{power(seven.total())} cells",
        "count_d7.fold": decimals(seven.total() / seeded, 1),
        "count_d7.forecast": f"{power(min(Fraction(21_000_000), seven.total() * 2 * share))} cells",
        "medium_b.wanted": f"{decimals(seven.total() / 10**6, 1)} mL",
        "medium_b.tgf_volume": f"{decimals(medium * 5 / 10, 1)} µL",
        "medium_b.il15_volume": f"{decimals(medium * 10 / 10, 1)} µL",
        "induce.density": f"{power(seven.total() / medium)} cells/mL",
        **count("count_d10.cells", ten),
        "count_d10.total": f"{power(ten.total())} cells",
        "count_d10.fold": decimals(ten.total() / seeded, 1),
        "change_d10.half": f"{decimals(half, 1)} mL",
        "change_d10.tgf_volume": f"{decimals(half * 2 * 5 / 10, 1)} µL",
        "change_d10.il15_volume": f"{decimals(half * 2 * 10 / 10, 1)} µL",
        **count("count_d12.cells", twelve),
        "count_d12.total": f"{power(twelve.total())} cells",
        "sample_d12.take": f"{decimals(2_000_000 / twelve.per_ml(), 3)} mL",
        "sample_d12.cells": f"{power(taken)} cells",
        "forecast.dose": f"{power(min(Fraction(21_000_000), (twelve.total() - taken) * share))} cells",
    }
    if entered.extra is not None:
        found |= count("extra_feed_1.cells", entered.extra)
        found["extra_feed_1.total"] = f"{power(entered.extra.total())} cells"
        found["extra_feed_1.feed"] = f"{decimals(wanted(entered.extra), 1)} mL"
    return found


def _harvest(entered: Entered) -> dict[str, str]:
    seeded, total, washed = entered.nk.total(), entered.day_14.total(), entered.washed.total()
    sampled = entered.day_12.per_ml() * Fraction(entered.taken)
    stays = [at(out) - at(into) for into, out in entered.in_and_out]
    hours = Fraction(int(sum(stays, timedelta()).total_seconds()), 3600)
    share = Fraction(1)
    for left in entered.left:
        share *= Fraction(left) / 50
    return {
        "count_d14.hypoxia": f"{decimals(hours, 2)} h",
        **count("count_d14.cells", entered.day_14),
        "count_d14.total": f"{power(total)} cells",
        "count_d14.fold": decimals(total / seeded, 1),
        "count_d14.fold_sampled": decimals((total + sampled) / seeded, 1),
        "wash.washed_out": decimals(share, 9),
        **count("washed_count.cells", entered.washed),
        "washed_count.total": f"{power(washed)} cells",
        "washed_count.recovery": f"{decimals(washed / total * 100, 1)} %",
        "formulate.target_volume": f"{decimals(washed / 20_000_000, 2)} mL",
        "formulate.concentration": f"{power(washed / Fraction(entered.made))} cells/mL",
    }


def wanted(counted: Count) -> Fraction:
    """Medium to add until there is one million cells in each millilitre; never less than nothing."""
    return max(counted.total() / 10**6 - Fraction(counted.volume), Fraction(0))


def count(name: str, counted: Count) -> dict[str, str]:
    """What a duplicate count gives, each count by itself first."""
    each = dict(zip(("first", "second", "third"), counted.each(), strict=False))
    return {
        **{f"{name}.{which}": f"{power(value)} cells/mL" for which, value in each.items()},
        name: f"{power(counted.per_ml())} cells/mL",
        f"{name}.viability": f"{decimals(counted.viability(), 1)} %",
        f"{name}.cv": f"{rounded(counted.cv(), 1)} %",
    }


def at(text: str) -> datetime:
    """A culture day and a time as a moment of some year without a change of clocks."""
    day, time = text.split(" ")
    hour, minute = time.split(":")
    return datetime(2001, 1, 1) + timedelta(days=int(day), hours=int(hour), minutes=int(minute))


def rounded(value: Decimal, places: int) -> Decimal:
    """Halves away from zero."""
    scaled = abs(value) * 10**places + Decimal("0.5")
    return Decimal(int(scaled)).scaleb(-places).copy_sign(value)


def decimals(value: Fraction, places: int) -> str:
    """A number at its decimals, halves away from zero; a minus is a minus sign."""
    whole = int(abs(value) * 10**places + Fraction(1, 2))
    digits = str(whole).rjust(places + 1, "0")
    text = digits if places == 0 else f"{digits[:-places]}.{digits[-places:]}"
    return f"−{text}" if value < 0 and whole else text


def power(value: Fraction) -> str:
    """A number of cells: three digits and a power of ten."""
    exponent = len(str(int(value))) - 1
    mantissa = decimals(value / 10**exponent, 2)
    if mantissa == "10.00":
        exponent, mantissa = exponent + 1, "1.00"
    return f"{mantissa}×10{str(exponent).translate(POWERS)}"
