"""The cast of the tests: who stands for each role, from the demo's own cast."""

from lims.domain.acts import Role
from tests.player.cast import FOUNDERS, STAFF

PERSON_OF: dict[Role, str] = {}
"""For each role one member of staff who holds it and nothing else."""
for _member in (*FOUNDERS, *STAFF):
    PERSON_OF.setdefault(_member.role, _member.user_id)

ADMIN, QA_A, QA_B = "admin", "qa-a", "qa-b"
TECH_A, TECH_B = "tech-a", "tech-b"
QC_A, QC_B = "qc-a", "qc-b"
CLIN_A, CLIN_B = "clin-a", "clin-b"
COORD, INSPECTOR, STAT = "coord-a", "inspector", "stat-a"
"""tech-a makes the played batch, tech-b verifies and witnesses; qc-a enters, qc-b reviews; qa-a releases,
qa-b issues; clin-a gives, clin-b is the second person at the bedside."""
EVERYBODY = tuple(member.user_id for member in (*FOUNDERS, *STAFF))
