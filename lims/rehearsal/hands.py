"""Every act of the table as a rehearsal calls it: what its `with` takes is read from the action itself.

An action's keyword arguments are the fields of `with`, so that the format can never fall behind the actions.
"""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType, NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from pydantic import Field, create_model

from lims.actions import (
    aftercare,
    capa,
    culture,
    custody,
    deviations,
    figures,
    machines,
    notices,
    oos,
    outgoing,
    people,
    perfusion,
    preparations,
    qc,
    randomisation,
    recall,
    receipt,
    release,
    stations,
    storage,
    supply,
    trial,
)
from lims.actions.site import Site
from lims.actions.work import Actor, Outcome
from lims.domain.acts import ACTS, Role
from lims.rehearsal import seen, seen_custody, seen_follow_up, seen_instruments, seen_screening, seen_site
from lims.rehearsal.fields import Day, Moment, Part, Words
from lims.rehearsal.moments import Calendar
from lims.rehearsal.names import Names

Action = Callable[..., Outcome]

ACTIONS: Mapping[str, Action] = MappingProxyType(
    {
        "add_person": people.add_person,
        "grant_role": people.grant_role,
        "end_role": people.end_role,
        "record_training": people.record_training,
        "delegate_task": people.delegate_task,
        "set_credentials": seen_site.set_credentials,
        "sign_undertaking": people.sign_undertaking,
        "attest_key": seen_site.attest_key,
        "reset_credentials": people.reset_credentials,
        "close_person": people.close_person,
        "end_lock_out": people.end_lock_out,
        "register_station": people.register_station,
        "clear_line": stations.clear_line,
        "propose_protocol": seen_site.propose_protocol,
        "approve_protocol": seen_site.approve_protocol,
        "propose_master": seen_site.propose_master,
        "approve_master": seen_site.approve_master,
        "propose_redaction": seen_site.propose_redaction,
        "countersign_redaction": seen_site.countersign_redaction,
        "receive_lot": supply.receive_lot,
        "release_lot": supply.release_lot,
        "prepare_lot": preparations.prepare_lot,
        "check_preparation": preparations.check_preparation,
        "reject_lot": recall.reject_lot,
        "recall_lot": recall.recall_lot,
        "open_container": supply.open_container,
        "count_stock": supply.count_stock,
        "register_equipment": machines.register_equipment,
        "record_calibration": machines.record_calibration,
        "record_cleaning": machines.record_cleaning,
        "withdraw_equipment": machines.withdraw_equipment,
        "enrol_participant": trial.enrol_participant,
        "see_identity": trial.see_identity,
        "record_consent": trial.give_consent,
        "withdraw_consent": trial.withdraw_consent,
        "pre_screen": seen_screening.pre_screen,
        "collect_menstrual_blood": seen_screening.collect_menstrual_blood,
        "analyse_menstrual_blood": seen_screening.analyse_menstrual_blood,
        "miss_menstrual_blood": seen_screening.miss_menstrual_blood,
        "decide_eligibility": seen_screening.decide_eligibility,
        "record_pregnancy_test": seen_screening.record_pregnancy_test,
        "plan_round": seen_screening.plan_round,
        "cancel_round": seen_screening.cancel_round,
        "end_rounds": seen_screening.end_rounds,
        "record_protocol_deviation": seen_screening.record_protocol_deviation,
        "record_allocation": trial.record_allocation,
        "open_randomisation": randomisation.open_randomisation,
        "import_allocation_list": randomisation.import_allocation_list,
        "randomise": randomisation.randomise,
        "mark_randomised_in_error": randomisation.mark_randomised_in_error,
        "close_randomisation": randomisation.close_randomisation,
        "raise_query": outgoing.raise_query,
        "answer_query": outgoing.answer_query,
        "close_query": outgoing.close_query,
        "issue_wristband": trial.put_on_wristband,
        "scan_wristband": trial.scan_wristband,
        "void_wristband": trial.void_wristband,
        "order_perfusion": trial.order_perfusion,
        "issue_batch": receipt.issue_batch,
        "record_evidence": seen.record_evidence,
        "correct_evidence": seen.correct_evidence,
        "add_operation": culture.add_operation,
        "witness_step": seen.witness_step,
        "confirm_step": culture.confirm_step,
        "verify_step": seen.verify_step,
        "send_step_back": culture.send_step_back,
        "print_labels": culture.print_labels,
        "account_label": culture.account_label,
        "open_deviation": seen.open_deviation,
        "explain_deviation": deviations.explain_deviation,
        "decide_deviation": deviations.decide_deviation,
        "investigate_deviation": capa.investigate_deviation,
        "close_deviation": capa.close_deviation,
        "open_capa": capa.open_capa,
        "finish_capa": capa.finish_capa,
        "verify_capa": capa.verify_capa,
        "check_effectiveness": capa.check_effectiveness,
        "receive_sample": qc.receive_sample,
        "enter_result": qc.enter_result,
        "keep_flow_file": seen_instruments.keep_flow_file,
        "take_results_file": seen_instruments.take_results_file,
        "settle_file_line": seen_instruments.settle_file_line,
        "review_result": qc.review_result,
        "examine_oos": oos.examine_oos,
        "judge_oos": oos.judge_oos,
        "report_organism": qc.report_organism,
        "acknowledge_notice": notices.acknowledge_notice,
        "acknowledge_as_investigator": notices.acknowledge_as_investigator,
        "place_hold": release.place_hold,
        "lift_hold": seen.lift_hold,
        "review_record": seen.review_record,
        "release_conditionally": seen.release_conditionally,
        "reject_batch": release.reject_batch,
        "terminate_batch": release.terminate_batch,
        "offer_custody": custody.offer_custody,
        "take_custody": custody.take_custody,
        "refuse_custody": custody.refuse_custody,
        "record_temperature_log": seen_custody.record_temperature_log,
        "put_into_storage": storage.put_into_storage,
        "take_from_storage": storage.take_from_storage,
        "match_identity": seen.match_identity,
        "report_mismatch": seen.report_mismatch,
        "confirm_identity": seen.confirm_identity,
        "record_perfusion": perfusion.record_perfusion,
        "end_observation": aftercare.end_observation,
        "judge_dose": aftercare.judge_dose,
        "settle_dose": aftercare.settle_dose,
        "dispose_finally": release.dispose_finally,
        "close_record": release.close_record,
        "annotate": release.annotate,
        "issue_document": seen.issue_document,
        "print_blank_master": seen_site.print_blank_master,
        "see_by_arm": figures.see_by_arm,
        "lock_trial": figures.lock_trial,
        "record_visit": seen_follow_up.record_visit,
        "record_contact": seen_follow_up.record_contact,
        "declare_lost": seen_follow_up.declare_lost,
        "record_conception_attempt": seen_follow_up.record_conception_attempt,
        "find_pregnancy": seen_follow_up.find_pregnancy,
        "date_pregnancy": seen_follow_up.date_pregnancy,
        "record_ultrasound": seen_follow_up.record_ultrasound,
        "end_pregnancy": seen_follow_up.end_pregnancy,
        "record_adverse_event": seen_follow_up.record_adverse_event,
        "follow_adverse_event": seen_follow_up.follow_adverse_event,
        "report_adverse_event": seen_follow_up.report_adverse_event,
        "strike_follow_up": seen_follow_up.strike_follow_up,
        "export_data": seen_follow_up.export_data,
        "freeze_data": seen_follow_up.freeze_data,
        "print_casebook": seen_follow_up.print_casebook,
        "print_trial_report": seen_follow_up.print_trial_report,
        "print_register": seen_site.print_register,
        "print_quality_review": seen_site.print_quality_review,
    }
)

NOT_GIVEN = ("site", "actor", "request_id", "shown")
"""What the play itself brings; nothing was shown on a page."""
DEFAULTS = {
    "batch": "${batch}",
    "participant": "${participant}",
    "means": "scanned",
    "position_means": "scanned",
}
"""What stands when a rehearsal says nothing: the first batch, the first participant, a scanner."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What the words of a rehearsal are read with while it is played."""

    names: Names
    calendar: Calendar
    folder: Path
    now: datetime
    actor_of: Callable[[str], Actor]

    def value(self, given: object, wanted: object) -> object:
        """What an action takes, from what the file says. Raises UnknownName."""
        kinds = [kind for kind in _kinds(wanted) if kind is not NoneType]
        kind = kinds[0]
        if given is None or isinstance(given, bool | int):
            return given
        if isinstance(given, str):
            return self._text(self.names.read(given), kind)
        if isinstance(given, dict):
            return {name: self.value(item, str) for name, item in given.items()}
        assert isinstance(given, tuple)
        return tuple(self.value(item, tuple if isinstance(item, tuple) else str) for item in given)

    def _text(self, text: str, kind: object) -> object:
        if kind is datetime:
            return self.calendar.moment(text, after=self.now)
        if kind is date:
            return self.calendar.day(text)
        if kind is Path:
            return self.folder / text
        if kind is Actor:
            return self.actor_of(text)
        if isinstance(kind, type) and issubclass(kind, StrEnum):
            return kind(text)
        return text


@dataclass(frozen=True, slots=True, kw_only=True)
class Hand:
    """One act with its action and the shape of its `with`."""

    act: str
    action: Action
    given: type[Part]
    wants: Mapping[str, object]
    """For each field the kind of thing that the action takes."""

    def read(self, given: Part, reading: Reading) -> dict[str, Any]:
        """What the action takes, by name. Raises UnknownName."""
        return {name: reading.value(getattr(given, name), wanted) for name, wanted in self.wants.items()}

    def do(self, site: Site, actor: Actor, request_id: str, given: Part, reading: Reading) -> Outcome:
        """Play the act. Raises what the action refuses, and UnknownName."""
        return self.action(site, actor, request_id, **self.read(given, reading))


def _kinds(wanted: object) -> tuple[object, ...]:
    return get_args(wanted) if get_origin(wanted) in (Union, UnionType) else (wanted,)


def _field(wanted: object) -> object:
    """The field of the file for a kind of thing that an action takes."""
    kinds = _kinds(wanted)
    kind = next(item for item in kinds if item is not NoneType)
    shape: Any
    if kind is datetime:
        shape = Moment
    elif kind is date:
        shape = Day
    elif kind is bool or kind is int:
        shape = kind
    elif kind is Role:
        shape = Literal[tuple(role.value for role in Role if role is not Role.SYSTEM)]
    elif isinstance(kind, type) and issubclass(kind, StrEnum):
        shape = Literal[tuple(item.value for item in kind)]
    elif get_origin(kind) is dict:
        shape = dict[str, Words]
    elif get_origin(kind) is tuple:
        inner = get_args(kind)[0]
        shape = tuple[tuple[Words, Words], ...] if get_origin(inner) is tuple else tuple[Words, ...]
    else:
        shape = Words
    return Union[shape, None] if NoneType in kinds else shape  # noqa: UP007 - a shape made at run time


def _hand(act: str, action: Action) -> Hand:
    hints = get_type_hints(action)
    wants: dict[str, object] = {}
    fields: dict[str, Any] = {}
    for name, parameter in inspect.signature(action).parameters.items():
        if name in NOT_GIVEN:
            continue
        wants[name] = hints[name]
        default = parameter.default
        if default is inspect.Parameter.empty:
            default = DEFAULTS.get(name, ...)
        elif isinstance(default, StrEnum):
            default = default.value
        fields[name] = (Annotated[_field(hints[name]), Field()], default)
    model: type[Part] = create_model(f"With_{act}", __base__=Part, **fields)
    model.__doc__ = f"What “{ACTS[act].label}” takes."
    return Hand(act=act, action=action, given=model, wants=MappingProxyType(wants))


HANDS: Mapping[str, Hand] = MappingProxyType({act: _hand(act, action) for act, action in ACTIONS.items()})
