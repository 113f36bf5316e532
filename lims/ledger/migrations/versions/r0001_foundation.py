"""The tables and guards of the first release."""

from alembic import op

from lims.ledger.tables import metadata
from lims.ledger.triggers import install

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make every table and put the guards in place."""
    metadata.create_all(op.get_bind())
    install(op.get_bind())


def downgrade() -> None:
    """Nothing comes before the first release, and entries are never thrown away."""
    raise NotImplementedError("a ledger has no way back")
