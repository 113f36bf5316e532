"""The demo cast: roles with letters instead of names, for nobody here is real."""

from dataclasses import dataclass

from lims.actions.people import DEFAULT_SECRETS
from lims.domain.acts import Role

PASSWORD, PIN = DEFAULT_SECRETS


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One demo person; `trial_tasks` are delegated by the investigator."""

    user_id: str
    name: str
    role: Role
    trial_tasks: tuple[str, ...] = ()


BEDSIDE = ("match_identity", "confirm_identity", "record_perfusion", "order_perfusion", "settle_dose")

FOUNDERS = (
    Member(user_id="admin", name="Administrator", role=Role.ADMINISTRATOR),
    Member(user_id="qa-a", name="QA officer A", role=Role.QA),
)

STAFF = (
    Member(user_id="qa-b", name="QA officer B", role=Role.QA),
    Member(user_id="tech-a", name="Technician A", role=Role.TECHNICIAN),
    Member(user_id="tech-b", name="Technician B", role=Role.TECHNICIAN),
    Member(user_id="qc-a", name="QC analyst A", role=Role.QC_ANALYST),
    Member(user_id="qc-b", name="QC analyst B", role=Role.QC_ANALYST),
    Member(user_id="clin-a", name="Clinician A", role=Role.CLINICIAN, trial_tasks=BEDSIDE),
    Member(
        user_id="clin-b",
        name="Clinician B",
        role=Role.CLINICIAN,
        trial_tasks=(*BEDSIDE, "acknowledge_as_investigator"),
    ),
    Member(user_id="coord-a", name="Coordinator A", role=Role.COORDINATOR),
    Member(user_id="inspector", name="Inspector", role=Role.INSPECTOR),
    Member(user_id="stat-a", name="Statistician A", role=Role.STATISTICIAN),
)

STATIONS = (
    ("BSC-2", "BSC-2", "Grade B room", "lab"),
    ("QC-1", "QC bench 1", "QC laboratory", "lab"),
    ("QA-1", "QA desk 1", "Office", "office"),
    ("WARD-3", "Ward 3", "Clinic", "clinic"),
)

STATION_OF = {
    Role.TECHNICIAN: "BSC-2",
    Role.QC_ANALYST: "QC-1",
    Role.CLINICIAN: "WARD-3",
    Role.COORDINATOR: "WARD-3",
}
"""Where each role sits; everyone else at the QA desk."""
