"""At the bedside and after: the three-way match by two people, the dose that was given, the end of the batch."""

from lims.documents.batch_record_copy import Copy
from lims.documents.batch_record_late import counts_no_more
from lims.documents.batch_record_quality import decided
from lims.documents.parts_blocks import STRONG, Column, cell, facts, heading, plain_text, table, title
from lims.documents.parts_flow import Block
from lims.documents.parts_signs import signed
from lims.domain.codes import grouped
from lims.domain.dose_given import endotoxin_given
from lims.domain.quantities import as_given, as_power_of_ten, plain


def bedside(copy: Copy) -> list[Block]:
    """The three-way match by two people, the dose that was delivered, and the final disposition."""
    _, record = copy.say, copy.record
    blocks = title(
        _("Bedside, perfusion and final disposition"),
        copy.other("Bedside, perfusion and final disposition"),
        new_page=copy.record.match is not None,
    )
    blocks += [
        *heading(
            _("Identity check at the bedside"),
            _("wristband, product and order, by two people alone"),
            above=0,
        )
    ]
    blocks += identity_check(copy) if record.match else plain_text(_("Not done."))
    blocks += heading(_("Perfusion"))
    blocks += _perfusion(copy) if record.perfusion else plain_text(_("Not done."))
    blocks += heading(_("Final disposition"))
    if record.disposed is not None and record.disposition is not None:
        state, word = (
            ("done", "Conforming")
            if record.disposition.disposition == "conforming"
            else ("stop", "Nonconforming")
        )
        blocks += decided(copy, record.disposed, state, word)
        if reason := copy.free(record.disposition.reason):
            blocks += plain_text(f"{_('Reason')}: {reason}")
    else:
        blocks += plain_text(_("Not signed yet."))
    blocks += counts_no_more(copy)
    if record.closed is not None:
        blocks += heading(_("Closure"))
        blocks += decided(copy, record.closed, "done", "Record closed")
    return blocks


def identity_check(copy: Copy) -> list[Block]:
    """Both people, leg by leg, and the clinic's checklist."""
    _, record, match, second = copy.say, copy.record, copy.record.match, copy.record.second_match
    assert match is not None and record.matched is not None
    columns = [
        Column(head=_("Leg"), share=20),
        Column(head=_("First person"), share=30),
        Column(head=_("Second person"), share=30),
        Column(head=_("Result"), share=20),
    ]
    rows = []
    for leg, title_of in (("wristband", "Wristband"), ("product", "Product"), ("order", "Perfusion order")):
        code, means = getattr(match, leg), getattr(match, f"{leg}_means").value
        again = getattr(second, leg) if second else None
        agreed = again == code
        word = (
            signed("done", _("Match"), STRONG) if agreed else signed("verify", _("One person only"), STRONG)
        )
        rows.append(
            (
                cell(_(title_of), STRONG),
                cell(f"{grouped(code)} ({copy.term(means)})"),
                cell(grouped(again) if again else "–"),
                (word,),
            )
        )
    checks = []
    for check in record.protocol.bedside_checks:
        answer = dict(match.checks).get(check.code)
        said = next((copy.in_words(o.title) for o in check.options if o.code == answer), "–")
        checks.append((copy.in_words(check.title), said))
    people = [
        (
            _("First person"),
            f"{copy.name(record.matched.person)}, {copy.at(record.matched.time)} #{record.matched.seq}",
        ),
        (
            _("Second person"),
            f"{copy.name(record.confirmed.person)}, {copy.at(record.confirmed.time)} #{record.confirmed.seq}"
            if record.confirmed
            else _("not yet"),
        ),
        (_("Patient stated name and birth date"), _("yes") if match.patient_stated else _("no")),
        (_("Valid until"), copy.at(match.valid_until)),
    ]
    return [*table(columns, rows), *facts([*people, *checks])]


def given(copy: Copy) -> list[Block]:
    """What was given and left, in numbers, and on which identity checks it stands."""
    _, fact = copy.say, copy.record.perfusion
    assert fact is not None
    endotoxin = endotoxin_given(copy.record)
    pairs = [
        (_("Started"), copy.at(fact.started_at)),
        (_("Ended"), copy.at(fact.ended_at)),
        (_("Volume given"), f"{as_given(fact.volume_given)} mL"),
        (_("Volume left"), f"{as_given(fact.volume_residual)} mL"),
        *(
            [(_("Volume wasted"), f"{as_given(fact.volume_wasted)} mL")]
            if fact.volume_wasted is not None
            else []
        ),
        (
            _("Viable cells given"),
            f"{as_power_of_ten(fact.viable_cells)} = {as_power_of_ten(fact.concentration)} cells/mL"
            f" × {as_given(fact.volume_given)} mL",
        ),
        (_("NK cells given"), f"{as_power_of_ten(fact.nk_cells)} ({plain(fact.purity)} %)"),
        *([(_("Endotoxin delivered"), endotoxin.shown)] if endotoxin else []),
        (_("Catheter"), fact.catheter),
        (_("Reaction"), copy.term(fact.reaction)),
        (_("Route"), copy.in_words(copy.record.protocol.route)),
        (_("Identity checks"), f"#{fact.matched_seq}, #{fact.confirmed_seq}"),
    ]
    return facts(pairs)


def _perfusion(copy: Copy) -> list[Block]:
    entry = copy.record.perfused
    assert entry is not None
    return [*given(copy), *decided(copy, entry, "done", "Perfused")]
