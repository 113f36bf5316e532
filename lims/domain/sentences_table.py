"""For every kind of entry its sentence, and coded words as people say them: message ids in English."""

from collections.abc import Mapping
from types import MappingProxyType

SENTENCES: Mapping[str, str] = MappingProxyType(
    {
        # the batch
        "batch_issued.1": "{person} issued batch {number} for {participant}, round {round}, attempt {attempt}",
        "container_labelled.1": "{title} {index} of {of} has code {code}",
        "operation_added.1": "{person} added the operation {step_title} before the next step: {reason}",
        "evidence_recorded.1": "{person} recorded {slot_title}, step {step_number}: {value}",
        "evidence_corrected.1": "{person} corrected {slot_title}, step {step_number}, entry {replaces_seq},"
        " now {value}; reason: {reason_code}",
        "evidence_corrected.1 with before": "{person} corrected {slot_title}, step {step_number}:"
        " was {was}, now {value}; reason: {reason_code}",
        "evidence_corrected.1 with before and reason": "{person} corrected {slot_title}, step {step_number}:"
        " was {was}, now {value}; reason: {reason_code}, {reason}",
        "step_confirmed.1": "{person} confirmed step {step_number}, {step_title}",
        "step_verified.1": "{person} verified step {step_number}, {step_title}, through entry {through_seq}",
        "step_sent_back.1": "{person} sent step {step_number}, {step_title}, back: {reason}",
        "deviation_opened.1": "Deviation {number} was opened, {severity}: {rule}",
        "deviation_explained.1": "{person} explained deviation {number}: {happened} Done at once: {did} {go_on}",
        "deviation_decided.1": "{person} decided deviation {number}, {severity}: {decision}. {impact}",
        "labels_printed.1": "{person} printed {title}: {serials}",
        "label_accounted.1": "{person} accounted for label {serial}: {fate}",
        "sample_taken.1": "{person} took sample {title} into {code}",
        "sample_received.1": "{person} received sample {title}, {code}, {means}",
        "result_entered.1": "{person} entered {title}: {shown}, {outcome}",
        "flow_file_kept.1": "{person} kept the file of {instrument_name} for {title}: {events} events,"
        " {cytometer}, {sha256}",
        "result_reviewed.1": "{person} reviewed {title}, entry {result_seq}; agreed: {agreed}",
        "hold_placed.1": "{person} placed the batch on hold: {reason_code}, {reference}",
        "hold_lifted.1": "{person} lifted the hold of entry {placed_seq}: {reason}",
        "record_reviewed.1": "{person} reviewed the record through entry {through_seq}, {changes_seen} changes",
        "released_conditionally.1": "{person} released unit {unit} conditionally, expiry {expires_at}",
        "batch_rejected.1": "{person} rejected the batch: {reason}",
        "batch_terminated.1": "{person} ended the batch without a perfusion: {reason_code}",
        "custody_offered.1": "{person} handed over {container}, from {from_place} to {to_place};"
        " condition {condition}, {temperature} °C",
        "custody_taken.1": "{person} took over {container}, {means}; condition {condition}, {temperature} °C",
        "temperature_logged.1": "{person} took in the file of logger {logger_name}: {lowest} to {highest} °C,"
        " {outside_minutes} min outside {low} to {high} °C",
        "put_into_storage.1": "{person} put {container} into {position_name}",
        "taken_from_storage.1": "{person} took {container} from {position}",
        "custody_refused.1": "{person} refused the hand-over of entry {offered_seq}: {reason}",
        "identity_matched.1": "{person} matched wristband, product and order at the bedside;"
        " valid until {valid_until}",
        "identity_confirmed.1": "{person} made the same match as second person, entry {matched_seq}",
        "identity_mismatched.1": "STOP: {legs} did not match at the bedside; checked by {person}",
        "perfused.1": "{person} gave {volume_given} mL from {started_at} to {ended_at}; {volume_residual} mL left",
        "disposed_finally.1": "{person} signed the final disposition: {disposition}",
        "record_closed.1": "{person} closed the record after {count} entries",
        "annotated.1": "{person} noted: {words}",
        # the trial as a whole
        "figures_seen.1": "{person} looked at the figures by arm, as of {as_of}, on {how}",
        "trial_locked.1": "{person} locked the trial as of {as_of}: {on_file} participants, {randomised} randomised",
        # keys, signatures, the instance
        "signature_made.1": "{person} signed entry {covered}: “{sentence}”",
        "instance_founded.1": "This {instance_kind} instance was founded for {site}",
        "clock_switched_to_real.1": "The clock was switched to real time",
        "clock_correction_proposed.1": "{person} asked for a correction of the clock, which shows {read_at};"
        " the latest time on file is {last_time}: {reason}",
        "clock_corrected.1": "{person} stated that the clock is right: {reason}",
        "site_key_founded.1": "The site's {purpose} key {kid} was founded",
        "person_key_enrolled.1": "{name} made a signing key, {kid}",
        "person_key_attested.1": "{person} vouched for the key {kid} of {name}",
        "person_key_revoked.1": "{person} ended the key {kid}: {reason_code}",
        "checkpoint_made.1": "Checkpoint {number} was made over {size} streams",
        "backup_made.1": "A backup of {entries} entries and {files} files was made, as on file at {taken_at}",
        "backup_restored.1": "RESTORED from the backup of {taken_at} with {entries} entries;"
        " what was recorded after it is lost",
        "station_registered.1": "{person} registered station {name}, {room}",
        "act_refused.1": "{person} was refused “{label}”: {why}",
        "redaction_proposed.1": "{person} asked that a value be erased: {reason_code}",
        "value_redacted.1": "{person} agreed, and the value is erased: {reason_code}",
        "document_issued.1": "{person} printed {paper}, copy {copy_number}",
        # people
        "person_added.1": "{person} added {name}, user id {user_id}",
        "role_granted.1": "{person} granted {thing} the role {role} until {until}",
        "role_ended.1": "{person} ended the role {role} of {thing}: {reason_code}",
        "training_recorded.1": "{person} recorded training of {thing} on {subject} {version} until {until}",
        "delegated.1": "{person} delegated {task} to {thing} until {until}",
        "undertaking_signed.1": "{person} signed the undertaking, version {version}",
        "credentials_set.1": "{person} set password and PIN: {why}",
        "credentials_reset.1": "{person} reset the credentials of {thing}: {reason_code}",
        "person_closed.1": "{person} closed the account of {thing}: {reason_code}",
        "signed_in.1": "{thing} signed in with {secret}",
        "secret_failed.1": "A wrong {secret} was entered for {thing}: {during}",
        "lock_out_ended.1": "{person} ended the lock-out of {thing}: {reason_code}",
        # supply
        "lot_received.1": "{person} received lot {supplier_lot} of {item}, {quantity} {unit}, expiry {expires}",
        "lot_received.1 by code": "{person} received lot {supplier_lot} of {item}, {quantity} {unit}, expiry {expires};"
        " the supplier's code {gtin} was {means}; changed by hand: {changed}",
        "lot_released.1": "{person} released the lot on certificate {certificate}",
        "lot_rejected.1 because": "{person} rejected the lot, for its component {because_of} was: {reason_code}",
        "lot_recalled.1 because": "{person} recalled the lot, for its component {because_of} was: {reference}",
        "lot_rejected.1": "{person} rejected the lot: {reason_code}",
        "lot_recalled.1": "{person} recalled the lot: {reference}",
        "lot_used.1": "Batch {batch} took {amount} from the lot",
        "lot_used.1 short": "Batch {batch} took {amount} from the lot, {short} more than the book had",
        "lot_prepared.1": "{person} prepared {number} of {item} by recipe {recipe}, {quantity} {unit}, to be used until"
        " {use_until}; components: {components}",
        "preparation_checked.1": "{person} checked the {components} components of the preparation",
        "component_taken.1": "Preparation {preparation} took {amount} from the lot",
        "component_taken.1 short": "Preparation {preparation} took {amount} from the lot, {short} more than the book"
        " had",
        "lot_opened.1": "{person} opened container {number}, to be used until {use_until}",
        "stock_counted.1": "{person} counted {counted}; the book said {was}, short by {short}: {reason_code} {reason}",
        "equipment_registered.1": "{person} registered {name}, {equipment_class}, {room}",
        "calibration_recorded.1": "{person} recorded calibration {certificate}, passed: {passed}, until {until}",
        "equipment_cleaned.1": "{person} cleaned it by {procedure}; nothing was left in it",
        "calibration_recorded.1 failed": "{person} recorded calibration {certificate}: it failed. Used since the last"
        " good one by: {batches}",
        "equipment_used.1": "Batch {batch} used it at {used_at}",
        "results_file_taken.1": "{person} took in a file of results ({model}): {taken} results, {waiting} in the tray,"
        " {kept_out} kept out; {sha256}",
        "file_line_given.1": "{person} gave line {line} of the file of entry {taken_seq} to batch {batch},"
        " sample {sample_code}, {means}: {reason}",
        "file_line_dismissed.1": "{person} said that line {line} of the file of entry {taken_seq} is no result of ours:"
        " {reason}",
        "equipment_withdrawn.1": "{person} withdrew it from use: {reason_code}",
        # trial
        "participant_enrolled.1": "{person} enrolled participant {trial_id}",
        "consent_recorded.1": "{person} recorded consent to {form_version}: {scopes}",
        "consent_withdrawn.1": "{person} recorded that consent is withdrawn: {scopes}",
        "allocation_recorded.1": "{person} recorded the arm {arm}, {source} {reference}",
        "randomisation_opened.1": "{person} opened randomisation by {mode}, protocol {protocol} version {version}",
        "place_taken.1": "{participant} took place {place}, arm {arm}",
        "randomisation_closed.1": "{person} closed randomisation after {taken} places; what was sealed is told",
        "marked_randomised_in_error.1": "{person} marked her as randomised in error: {reason}",
        "query_raised.1": "{person} raised query {number} about {dataset}, {column}: {question}",
        "query_answered.1": "{person} answered query {number}: {answer}",
        "query_closed.1": "{person} closed query {number}",
        "data_exported.1": "{person} exported the data of {women} women as {form}, sha256 {sha256}",
        "data_frozen.1": "{person} froze the data of {women} women, freeze {number}: {purpose}",
        "pre_screened.1": "{person} recorded the pre-screening of {on}; goes on: {goes_on}; reasons: {reasons}",
        "menstrual_sample_collected.1": "{person} recorded menstrual blood sample {number}: {device}, {volume} mL,"
        " day {menses_day} of bleeding",
        "menstrual_sample_analysed.1": "{person} recorded the analysis of menstrual blood sample {number}, rule set"
        " {rule_set}; not adequate: {inadequate}; outside the range: {abnormal_markers}",
        "menstrual_sample_missed.1": "{person} recorded that menstrual blood sample {number}, due {due_on}, cannot be"
        " assessed: {why}",
        "eligibility_decided.1": "{person} decided on eligibility, protocol version {protocol}; eligible: {eligible};"
        " reasons: {reasons}",
        "pregnancy_tested.1": "{person} recorded a pregnancy test of {on}, {sample}; positive: {positive}",
        "round_planned.1": "{person} planned round {round} for {planned_on}, day {cycle_day} of the cycle",
        "round_cancelled.1": "{person} called off round {round} on {on}: {reason}",
        "no_further_round.1": "{person} recorded the decision of {on} that no further round follows: {reason}",
        "protocol_deviation_recorded.1": "{person} recorded a departure from the protocol on {on}: {code};"
        " major: {major}. {story}",
        "chain_of_identity_issued.1": "Chain of identity {coi} was issued",
        "wristband_issued.1": "{person} issued wristband {serial} after a check of {identity_document}",
        "round_batch_opened.1": "Batch {batch} was issued for round {round}, attempt {attempt}",
        "round_batch_ended.1": "Batch {batch} of round {round} ended: {how}",
        "perfusion_ordered.1": "{person} ordered the perfusion of round {round}, order {order}, {planned_at}",
        "round_perfused.1": "Round {round} was perfused from batch {batch} at {perfused_at}",
        "round_finalised.1": "Batch {batch} of round {round} has its final disposition: {disposition}",
        # follow-up
        "follow_up_planned.1 not begun": "Follow-up was planned by protocol {protocol}; it has not begun",
        "follow_up_planned.1": "Follow-up was planned by protocol {protocol}: {anchor}, from {start} to {end}",
        "visit_recorded.1": "{person} recorded visit {visit} of {on}, {how}; took place: {done}",
        "contact_recorded.1": "{person} recorded a contact of {on}, {how}; reached: {reached}",
        "lost_to_follow_up.1": "{person} declared her lost to follow-up after {on}; contacts in vain: {tries}",
        "conception_attempt_recorded.1": "{person} recorded the cycle of {on}; trying to conceive: {trying}, {how}",
        "pregnancy_found.1": "{person} recorded pregnancy {pregnancy}, found {found_on} by {test};"
        " {conception}, dated by {dated_by} {dated_on}",
        "pregnancy_dated.1": "{person} dated pregnancy {pregnancy} by {dated_by} {dated_on}",
        "ultrasound_recorded.1": "{person} recorded an ultrasound of pregnancy {pregnancy} on {on};"
        " sacs in the cavity: {sacs_in_uterus}",
        "pregnancy_ended.1": "{person} recorded the end of pregnancy {pregnancy} on {on}: {end}",
        "adverse_event_recorded.1": "{person} recorded adverse event {event}, {term}, of {began_on}: {judged}",
        "adverse_event_followed.1": "{person} recorded news of adverse event {event}: {judged}",
        "adverse_event_reported.1": "{person} recorded that adverse event {event} was reported to {to},"
        " {reference}, {sent_at}",
        "follow_up_struck.1": "{person} struck entry {seq} as made in error: {why}",
        # masters
        "protocol_proposed.1": "{person} proposed version {version} of study protocol {code}",
        "protocol_approved.1": "{person} approved version {version} of study protocol {code}",
        "master_proposed.1": "{person} proposed version {version} of master batch record {code}",
        "master_approved.1": "{person} approved version {version} of master batch record {code}",
        "master_retired.1": "{person} retired version {version}: {reason_code}",
    }
)
"""By kind; every kind of entry that can be on file has one."""

CODED = frozenset(
    (
        *("severity", "decision", "go_on", "fate", "means", "outcome", "condition", "disposition", "rule"),
        *(
            "reason_code",
            "how",
            "why",
            "secret",
            "during",
            "role",
            "to_role",
            "purpose",
            "instance_kind",
            "event",
            "mode",
            "device",
            "sample",
        ),
        *("visit", "test", "term", "report"),
    )
)
"""Fields whose content is a code, said as a word of the language."""

TERMS: Mapping[str, str] = MappingProxyType(
    {
        # what the protocol chose where the registered text is silent
        "first_perfusion": "the first perfusion",
        "normalised": "every abnormal marker back in its range",
        "partial": "partly improved",
        "any": "in any sample",
        "last": "in the last sample",
        "sustained": "in consecutive samples",
        "count_flagged": "counted, and marked",
        "not_counted": "not counted",
        "deliveries": "every delivery",
        "live_born": "live births only",
        "separate": "a row of its own",
        "kept_in_population": "stays in the population",
        "excluded": "left out",
        # how arms are allocated
        "blocks": "permuted blocks",
        "list": "an imported list",
        # what brings a milestone about
        "milestone_issued": "Quality issues the batch.",
        "milestone_samples_received": "QC receives every sample that was taken.",
        "milestone_conditional_results": "QC enters and reviews every result for the conditional release.",
        "milestone_record_reviewed": "Quality reviews the record and signs.",
        "milestone_released": "Quality releases the batch conditionally.",
        "milestone_at_clinic": "The clinic takes the product over.",
        "milestone_identity_confirmed": "Two people match participant and product at the bedside.",
        "milestone_perfused": "The clinician records the perfusion.",
        "milestone_final_results": "QC enters and reviews the final results.",
        "milestone_disposed": "Quality signs the final disposition.",
        "milestone_closed": "Quality closes the record.",
        "pass": "pass",
        "fail": "fail",
        "scanned": "scanned",
        "camera": "read by camera",
        "typed": "typed",
        "go_on": "The work goes on.",
        "hold": "The batch is held.",
        "ask_qa": "Quality is asked.",
        "rejects_batch": "rejects the batch",
        "recalculated": "computed again after a correction",
        "typing_error": "typing error",
        "limit.outside": "value outside its limit",
        "answer.not_acceptable": "answer that is not acceptable",
        "hold_time.exceeded": "hold time exceeded",
        "hold_time.stop": "hold time beyond its end",
        "control.qa_decides": "in-process control: quality decides",
        "control.stop": "in-process control: stop",
        "identity.mismatch": "identity did not match at the bedside",
        "identity.seen_elsewhere": "one of its codes was scanned at the wrong bedside",
        "dose.outside": "dose outside its limit",
        "reaction": "reaction of the patient",
        "test.failed": "test failed",
        "product.expired": "product expired",
        "custody.gap": "gap in the chain of custody",
        "custody.excursion": "journey out of its temperature range",
        "equipment.failed": "equipment that failed its calibration afterwards",
        "lot.recalled": "a lot in it was recalled",
        "lot.rejected": "a lot in it was rejected",
        "lot_recalled": "a lot in it was recalled",
        "lot_rejected": "a lot in it was rejected",
        "reported": "reported by a person",
        "unscheduled": "unscheduled visit",
        "lmp": "last menses",
        "ivf": "in-vitro fertilisation",
        "rounds_complete": "the last planned perfusion",
        "no_further_round": "the decision that no further round follows",
        "randomisation": "randomisation",
        "analysis": "the menstrual-blood analysis",
        "left": "the day she left the trial",
        "ended": "loss or delivery",
        "terminated": "induced termination",
        "ectopic": "ectopic pregnancy",
        "biochemical": "biochemical pregnancy",
        "hospitalisation": "hospital admission or a longer stay",
        "pelvic_pain": "pelvic pain",
        "other": "other, as told",
        "qc_analyst": "QC analyst",
        "qa": "QA officer",
    }
)
"""Codes whose word is not the code itself with spaces."""
