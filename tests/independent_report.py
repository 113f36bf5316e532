"""The report of a trial computed a second time, with pandas and statsmodels and no code of the system's outcomes.

It reads only what is on file (courses), as flat tables, and follows domain.md §1.5 in its default reading.
"""

from collections.abc import Iterable

import numpy as np
import pandas as pd
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from lims.domain.trial.course import Course

ARMS = {"perfusion": ["perfusion"], "control": ["control"], "pooled": ["perfusion", "control"]}


class Tables:
    """Women, pregnancies, scans and samples as data frames, with every outcome as a column of 'women'."""

    def __init__(self, courses: Iterable[Course], *, on: str, clock: str) -> None:
        """Flat tables of what is on file, then the columns `<outcome>` and `<outcome>_of` by one clock."""
        known = [one for one in courses if one.registered_on]
        self.on = pd.Timestamp(on)
        self.women = pd.DataFrame([_woman(one) for one in known]).set_index("code")
        for column in ("registered", "randomised", "last_round", "no_further", "lost", "contact"):
            self.women[column] = pd.to_datetime(self.women[column])
        self._windows(clock)
        self._pregnancies(known)
        self._answers()
        self._improvement(known)

    def _windows(self, clock: str) -> None:
        women = self.women
        own = women["randomised"].where(
            women["arm"] != "perfusion",
            women["last_round"].where(women["perfused"] >= 2, women["no_further"]),
        )
        start = women["randomised"] if clock == "randomisation" else own.fillna(women["registered"])
        women["start"] = start
        women["end"] = start + pd.DateOffset(months=6)
        women["closed"] = (self.on > women["end"]) | women["lost"].notna()
        women["followed"] = women["contact"] >= women["end"] - pd.Timedelta(days=31)

    def _pregnancies(self, courses: list[Course]) -> None:
        facts = [_pregnancy(one.trial_id, p) for one in courses for p in one.pregnancies]
        found = pd.DataFrame(facts).join(self.women[["start", "end", "lost"]], on="code")
        late = (found["scan_at"] - found["lmp"]).dt.days
        allowed = np.select([late < 63, late < 98], [5, 7], default=10_000)
        apart = ((found["by_scan"] - found["lmp"]).dt.days.abs()).fillna(0)
        found["zero"] = found["by_scan"].where(apart > allowed, found["lmp"])
        first = (found["first_scan"] - found["zero"]).dt.days
        in_window = (found["first_scan"] >= found["start"]) & (found["first_scan"] <= found["end"])
        found["clinical"] = found["sac"] & first.between(35, 55) & in_window
        second = (found["second_scan"] - found["zero"]).dt.days
        found["ongoing"] = found["clinical"] & (second >= 84)
        age = (found["ended"] - found["zero"]).dt.days
        birth = found["clinical"] & (found["kind"] == "ended")
        found["live_birth"] = birth & found["alive"] & (age >= 182)
        found["miscarriage"] = birth & (age < 196) & ~found["live_birth"]
        found["preterm"] = birth & age.between(196, 258)
        found["delivered"] = birth & (age >= 196)
        found["gone"] = (
            found["clinical"] & found["ended"].isna() & (found["lost_pregnant"] | found["lost"].notna())
        )
        found["open"] = found["clinical"] & found["ended"].isna() & ~found["gone"]
        self.pregnancies = found

    def _answers(self) -> None:
        women = self.women
        columns = ["clinical", "ongoing", "live_birth", "miscarriage", "preterm", "delivered", "gone", "open"]
        by_woman = self.pregnancies.groupby("code")[columns].any()
        women[columns] = by_woman.reindex(women.index, fill_value=False)
        nothing = ~women["clinical"] & ~women["followed"]
        women["clinical_stands"] = _stands(women, "clinical", nothing, open_=False)
        for outcome in ("ongoing", "live_birth", "miscarriage", "preterm"):
            women[f"{outcome}_stands"] = _stands(women, outcome, nothing | women["gone"], open_=women["open"])
        women["completion_stands"] = np.where(women["perfused"] >= 2, "yes", "no")
        women.loc[women["arm"] != "perfusion", "completion_stands"] = "outside"

    def _improvement(self, courses: list[Course]) -> None:
        women = self.women
        samples = pd.DataFrame(
            [
                {"code": one.trial_id, "on": a.on, "improved": a.normalised, "why": a.not_assessable}
                for one in courses
                for a in one.analyses
                if a.number > 0
            ]
        ).join(women[["start", "end"]], on="code")
        samples["on"] = pd.to_datetime(samples["on"])
        samples = samples[(samples["on"] >= samples["start"]) & (samples["on"] <= samples["end"])]
        judged = samples[samples["why"].isna()].groupby("code")["improved"].agg(lambda all_: any(all_))
        women["judged"] = women.index.isin(judged.index)
        women["improved"] = women.index.isin(judged.index[judged.astype(bool)])
        coded = samples[samples["why"] == "pregnant"]["code"]
        found = self.pregnancies
        seen = found[(found["found"] >= found["start"]) & (found["found"] <= found["end"])]["code"]
        women["pregnant"] = women.index.isin(pd.concat([coded, seen]))
        received = (women["arm"] != "perfusion") | (women["perfused"] > 0)
        worst = np.where(women["improved"], "yes", "no")
        women["improvement_assessable"] = np.select(
            [~received, women["improved"], women["judged"]], ["outside", "yes", "no"], default="missing"
        )
        women["improvement_excluded"] = np.where(women["pregnant"] & ~women["improved"], "outside", worst)
        women["improvement_improved"] = np.where(women["pregnant"], "yes", worst)
        for column in ("improvement_assessable", "improvement_excluded", "improvement_improved"):
            still = ~women["closed"] & (women[column] != "outside")
            women.loc[still, column] = np.where(women.loc[still, column] == "yes", "pending_yes", "pending")

    def members(self, population: str, group: str) -> pd.DataFrame:
        """The women of a population in a group."""
        women = self.women
        if population == "not_randomised":
            return women[women["arm"] == ""]
        inside = women[women["arm"].isin(ARMS[group])]
        if population == "mitt":
            return inside[(inside["arm"] == "control") | (inside["perfused"] >= 1)]
        if population == "per_protocol":
            kept = (inside["perfused"] >= 2) & ~inside["major"]
            return inside[(inside["arm"] == "control") | kept]
        return inside


def interval(yes: int, of: int) -> tuple[float, float]:
    """The Wilson interval of statsmodels."""
    low, high = proportion_confint(yes, of, alpha=0.05, method="wilson")
    return float(low), float(high)


def compared(yes: int, of: int, other_yes: int, other_of: int, how: str) -> tuple[float, float]:
    """Difference (Newcombe) or ratio (log) of statsmodels."""
    method = "newcomb" if how == "diff" else "log"
    low, high = confint_proportions_2indep(yes, of, other_yes, other_of, compare=how, method=method)
    return float(low), float(high)


def _stands(women: pd.DataFrame, outcome: str, unknown: pd.Series, open_: pd.Series | bool) -> np.ndarray:
    yes, closed = women[outcome], women["closed"]
    return np.select(
        [yes & closed, yes, ~closed | open_, unknown],
        ["yes", "pending_yes", "pending", "missing"],
        default="no",
    )


def _woman(one: Course) -> dict[str, object]:
    given = [r.perfused_on for r in one.rounds if r.perfused_on]
    contact = [v.on for v in one.visits if v.done] + [a.on for a in one.conception_attempts]
    contact += [a.on for a in one.analyses if a.not_assessable is None]
    for p in one.pregnancies:
        contact += [p.found_on, *(s.on for s in p.ultrasounds), *([p.end.on] if p.end else [])]
    chance = one.randomisation
    return {
        "code": one.trial_id,
        "arm": chance.arm if chance else "",
        "registered": one.registered_on,
        "randomised": chance.on if chance else None,
        "perfused": len(given),
        "last_round": max(given, default=None),
        "no_further": one.no_further_round_on,
        "lost": one.lost_on,
        "contact": max(contact),
        "major": bool(chance and chance.in_error_on) or any(d.major for d in one.deviations),
        "tried": [a.on for a in one.conception_attempts if a.trying],
    }


def _pregnancy(code: str, p: object) -> dict[str, object]:
    scans = p.ultrasounds  # type: ignore[attr-defined]
    lmp = next(d.on for d in p.datings if d.method == "lmp")  # type: ignore[attr-defined]
    measured = next((d for d in p.datings if d.method == "ultrasound"), None)  # type: ignore[attr-defined]
    end = p.end  # type: ignore[attr-defined]
    return {
        "code": code,
        "found": pd.Timestamp(p.found_on),  # type: ignore[attr-defined]
        "lmp": pd.Timestamp(lmp),
        "scan_at": pd.Timestamp(measured.on) if measured else pd.NaT,
        "by_scan": pd.Timestamp(measured.on) - pd.Timedelta(days=measured.measured_days)
        if measured
        else pd.NaT,
        "first_scan": pd.Timestamp(scans[0].on) if scans else pd.NaT,
        "sac": bool(scans) and scans[0].sacs_in_uterus > 0,
        "second_scan": pd.Timestamp(scans[1].on) if len(scans) > 1 else pd.NaT,
        "ended": pd.Timestamp(end.on) if end else pd.NaT,
        "kind": end.kind.value if end else "",
        "alive": bool(end) and any(child.signs_of_life for child in end.neonates),
        "lost_pregnant": p.lost_on is not None,  # type: ignore[attr-defined]
    }
