"""The cast of a rehearsal: roles with letters instead of names, for nobody here is real. A file may add its own."""

from dataclasses import dataclass

from lims.domain.acts import Role

PASSWORD = "a bench for trying things"
PIN = "471108"

BEDSIDE = ("order_perfusion", "match_identity", "confirm_identity", "record_perfusion", "settle_dose")


@dataclass(frozen=True, slots=True, kw_only=True)
class Player:
    """Someone who acts in a rehearsal: role, trained on the master batch records or not, tasks delegated to them."""

    id: str
    name: str
    role: Role
    trained: bool = True
    delegated: tuple[str, ...] = ()


FOUNDERS = (
    Player(id="admin", name="Administrator", role=Role.ADMINISTRATOR),
    Player(id="qa-a", name="QA officer A", role=Role.QA),
)
CAST = (
    *FOUNDERS,
    Player(id="qa-b", name="QA officer B", role=Role.QA),
    Player(id="tech-a", name="Technician A", role=Role.TECHNICIAN),
    Player(id="tech-b", name="Technician B", role=Role.TECHNICIAN),
    Player(id="qc-a", name="QC analyst A", role=Role.QC_ANALYST),
    Player(id="qc-b", name="QC analyst B", role=Role.QC_ANALYST),
    Player(id="clin-a", name="Clinician A", role=Role.CLINICIAN, delegated=BEDSIDE),
    Player(
        id="clin-b",
        name="Clinician B",
        role=Role.CLINICIAN,
        delegated=(*BEDSIDE, "acknowledge_as_investigator"),
    ),
    Player(id="coord-a", name="Coordinator A", role=Role.COORDINATOR),
    Player(id="inspector", name="Inspector", role=Role.INSPECTOR),
    Player(id="stat-a", name="Statistician A", role=Role.STATISTICIAN),
)
ALWAYS = ("admin", "qa-a", "qa-b", "coord-a")
"""Who sets the instance up; the others are only hired if the rehearsal names them."""

STATIONS = (
    ("BSC-2", "BSC-2", "Grade B room", "lab", False),
    ("BSC-3", "BSC-3", "Grade B room", "lab", True),
    ("QC-1", "QC bench 1", "QC laboratory", "lab", False),
    ("QA-1", "QA desk 1", "Office", "office", False),
    ("WARD-3", "Ward 3", "Clinic", "clinic", False),
)
"""Code, name, room, setting, and whether it holds one batch until its line is cleared."""
STATION_OF = {
    Role.TECHNICIAN: "BSC-2",
    Role.QC_ANALYST: "QC-1",
    Role.CLINICIAN: "WARD-3",
    Role.COORDINATOR: "WARD-3",
}
"""Where each role sits; everyone else at the QA desk."""
OFFICE = "QA-1"
