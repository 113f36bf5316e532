"""Follow-up, data that leave and their papers, as a rehearsal calls them: plain fields instead of a page's values."""

from datetime import date, datetime
from decimal import Decimal

from lims.actions import casebook, follow_up, outgoing, trial_report
from lims.actions.follow_up import Recorder, Scan
from lims.actions.site import Site
from lims.actions.work import Actor, Outcome
from lims.domain.canonical import file_hash
from lims.domain.entries.envelope import stream_of
from lims.domain.entries.follow_up import Assessed
from lims.domain.entries.keys import DocumentIssued
from lims.domain.participant import fold_participant
from lims.domain.refusals import BadEntry
from lims.domain.trial.outgoing import FORMS, Made
from lims.domain.trial.pregnancy import (
    Conception,
    DatingMethod,
    DeliveryOnset,
    Fate,
    FetusFate,
    FetusSeen,
    PregnancyEndKind,
)
from lims.exchange.package import in_form, package
from lims.queries import casebook as casebooks
from lims.queries import figures
from lims.queries import outgoing as leaving
from lims.queries.outgoing import Snapshot
from lims.rehearsal.eyes import reader_of


def _by(site: Site, actor: Actor, request_id: str, participant: str) -> Recorder:
    return Recorder(site=site, actor=actor, request_id=request_id, participant=participant)


def record_visit(
    site: Site,
    actor: Actor,
    request_id: str,
    *,
    participant: str,
    visit: str,
    on: date,
    done: bool = True,
    how: str = "clinic",
    notes: str = "",
) -> Outcome:
    """A visit of the plan took place or was missed, or she came without one (`unscheduled`)."""
    by = _by(site, actor, request_id, participant)
    return follow_up.record_visit(by, visit=visit, on=on, done=done, how=how, notes=notes)


def record_contact(
    site: Site,
    actor: Actor,
    request_id: str,
    *,
    participant: str,
    on: date,
    reached: bool,
    how: str = "telephone",
    notes: str = "",
) -> Outcome:
    """Somebody tried to reach her."""
    by = _by(site, actor, request_id, participant)
    return follow_up.record_contact(by, on=on, how=how, reached=reached, notes=notes)


def declare_lost(site: Site, actor: Actor, request_id: str, *, participant: str, on: date) -> Outcome:
    """She is lost to follow-up since that day."""
    return follow_up.declare_lost(_by(site, actor, request_id, participant), on=on)


def record_conception_attempt(
    site: Site,
    actor: Actor,
    request_id: str,
    *,
    participant: str,
    on: date,
    trying: bool,
    how: Conception = Conception.NATURAL,
) -> Outcome:
    """She was asked whether she tries to conceive in this cycle."""
    by = _by(site, actor, request_id, participant)
    return follow_up.record_conception_attempt(by, on=on, trying=trying, how=how)


def find_pregnancy(
    site: Site,
    actor: Actor,
    request_id: str,
    *,
    participant: str,
    found_on: date,
    test: str = "urine",
    conception: Conception = Conception.NATURAL,
    dated_by: DatingMethod | None = None,
    dated_on: date | None = None,
    embryo_days: int = 0,
) -> Outcome:
    """A test or a scan shows a pregnancy, dated at once or later."""
    return follow_up.find_pregnancy(
        _by(site, actor, request_id, participant),
        found_on=found_on,
        test=test,
        conception=conception,
        dated_by=dated_by,
        dated_on=dated_on,
        embryo_days=embryo_days,
    )


def date_pregnancy(
    site: Site,
    actor: Actor,
    request_id: str,
    *,
    participant: str,
    dated_by: DatingMethod,
    dated_on: date,
    embryo_days: int = 0,
    pregnancy: int = 1,
) -> Outcome:
    """A pregnancy on file is dated, or dated better."""
    return follow_up.date_pregnancy(
        _by(site, actor, request_id, participant),
        pregnancy=pregnancy,
        dated_by=dated_by,
        dated_on=dated_on,
        embryo_days=embryo_days,
    )


def record_ultrasound(
    site: Site,
    actor: Actor,
    request_id: str,
    *,
    participant: str,
    on: date,
    sacs_in_uterus: int,
    sac_elsewhere: bool = False,
    fetuses: tuple[str, ...] = (),
    heartbeat: tuple[str, ...] = (),
    size_consistent: tuple[str, ...] = (),
    crown_rump_mm: str = "",
    measured_days: int | None = None,
    notes: str = "",
    pregnancy: int = 1,
) -> Outcome:
    """A scan: the letters of the fetuses seen, of those with a heartbeat, and of those of consistent size."""
    seen = tuple(
        FetusSeen(
            fetus=one, heartbeat=one in heartbeat, size_consistent=True if one in size_consistent else None
        )
        for one in fetuses
    )
    scan = Scan(
        on=on,
        sacs_in_uterus=sacs_in_uterus,
        sac_elsewhere=sac_elsewhere,
        fetuses=seen,
        crown_rump_mm=Decimal(crown_rump_mm) if crown_rump_mm else None,
        measured_days=measured_days,
        notes=notes,
    )
    return follow_up.record_ultrasound(
        _by(site, actor, request_id, participant), pregnancy=pregnancy, scan=scan
    )


def end_pregnancy(
    site: Site,
    actor: Actor,
    request_id: str,
    *,
    participant: str,
    on: date,
    end: PregnancyEndKind = PregnancyEndKind.ENDED,
    onset: DeliveryOnset | None = None,
    fates: tuple[tuple[str, str], ...] = (),
    weights: tuple[tuple[str, str], ...] = (),
    notes: str = "",
    pregnancy: int = 1,
) -> Outcome:
    """A pregnancy ends; `fates` says for each fetus what became of it, `weights` its grams at birth."""
    grams = dict(weights)
    return follow_up.end_pregnancy(
        _by(site, actor, request_id, participant),
        pregnancy=pregnancy,
        on=on,
        end=end,
        onset=onset,
        fates=tuple(
            FetusFate(fetus=one, fate=Fate(fate), weight_g=int(grams[one]) if one in grams else None)
            for one, fate in fates
        ),
        notes=notes,
    )


def record_adverse_event(
    site: Site,
    actor: Actor,
    request_id: str,
    *,
    participant: str,
    term: str,
    began_on: date,
    known_at: datetime,
    story: str,
    grade: int,
    causality: str,
    expected: bool,
    outcome: str,
    criteria: tuple[str, ...] = (),
    ended_on: date | None = None,
    product: str | None = None,
) -> Outcome:
    """An adverse event with its first judgement; `product` is the batch that she had received, if it matters."""
    return follow_up.record_adverse_event(
        _by(site, actor, request_id, participant),
        term=term,
        began_on=began_on,
        known_at=known_at,
        batch=product,
        judged=Assessed(
            grade=grade,
            criteria=criteria,
            causality=causality,
            expected=expected,
            outcome=outcome,
            ended_on=ended_on,
        ),
        story=story,
    )


def follow_adverse_event(
    site: Site,
    actor: Actor,
    request_id: str,
    *,
    participant: str,
    known_at: datetime,
    story: str,
    grade: int,
    causality: str,
    expected: bool,
    outcome: str,
    criteria: tuple[str, ...] = (),
    ended_on: date | None = None,
    event: int = 1,
) -> Outcome:
    """News of an adverse event, which is judged anew as a whole."""
    return follow_up.follow_adverse_event(
        _by(site, actor, request_id, participant),
        event=event,
        known_at=known_at,
        judged=Assessed(
            grade=grade,
            criteria=criteria,
            causality=causality,
            expected=expected,
            outcome=outcome,
            ended_on=ended_on,
        ),
        story=story,
    )


def report_adverse_event(
    site: Site,
    actor: Actor,
    request_id: str,
    *,
    participant: str,
    report: str,
    sent_at: datetime,
    to: str,
    reference: str,
    event: int = 1,
) -> Outcome:
    """A report that an adverse event asked for went out to an office."""
    return follow_up.report_adverse_event(
        _by(site, actor, request_id, participant),
        event=event,
        report=report,
        sent_at=sent_at,
        to=to,
        reference=reference,
    )


def strike_follow_up(
    site: Site, actor: Actor, request_id: str, *, participant: str, why: str, seq: int | None = None
) -> Outcome:
    """The newest entry of her follow-up was made in error, or the one that is named by its number."""
    stream = stream_of("participant", participant)
    with site.ledger.reading() as book:
        filed = fold_participant(stream, book.entries(stream)).followed.filed
    newest = max((one.entry.seq for one in filed if one.struck is None), default=0)
    by = _by(site, actor, request_id, participant)
    return follow_up.strike_follow_up(by, seq=newest if seq is None else seq, why=why)


def _made(snapshot: Snapshot, content: bytes) -> Made:
    return Made(
        sha256=file_hash(content),
        size=len(content),
        women=len(snapshot.courses),
        taken_at=snapshot.taken_at,
        sources=snapshot.sources,
    )


def export_data(site: Site, actor: Actor, request_id: str, *, form: str) -> Outcome:
    """The tables as they stand are made into a file of that form (`csv`, `xlsx` or `odm`), which goes out."""
    if form not in FORMS:
        raise BadEntry("choice.unknown", field="form")
    snapshot = leaving.snapshot(reader_of(site, actor))
    made = _made(snapshot, in_form(form, snapshot))
    return outgoing.export_data(site, actor, request_id, form=form, made=made)


def freeze_data(site: Site, actor: Actor, request_id: str, *, purpose: str) -> Outcome:
    """The tables as they stand are kept for the statistician."""
    snapshot = leaving.snapshot(reader_of(site, actor))
    content = package(snapshot)
    return outgoing.freeze_data(
        site,
        actor,
        request_id,
        content=content,
        made=_made(snapshot, content),
        purpose=purpose,
        open_queries=snapshot.open_queries,
    )


def print_casebook(
    site: Site, actor: Actor, request_id: str, *, participant: str, language: str = "en"
) -> Outcome:
    """What is on file about her is printed, sealed, and put on file as issued."""
    case = casebooks.case(reader_of(site, actor), participant)
    paper = casebook.issue_casebook(site, actor, request_id, case=case, language=language)
    return _issued(site, participant, paper.fact)


def print_trial_report(
    site: Site, actor: Actor, request_id: str, *, by_arm: bool = False, language: str = "en"
) -> Outcome:
    """The trial's figures are printed, pooled or by arm, sealed, and put on file as issued."""
    found = figures.for_paper(reader_of(site, actor), by_arm=by_arm)
    paper = trial_report.issue_trial_report(site, actor, request_id, found=found, language=language)
    return _issued(site, found.protocol.code, paper.fact)


def _issued(site: Site, code: str, fact: DocumentIssued) -> Outcome:
    with site.ledger.reading() as book:
        on_file = book.entries(stream_of("documents", code))
    return Outcome(entries=tuple(entry for entry in on_file if entry.fact == fact))
