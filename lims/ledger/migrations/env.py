"""Alembic's way in: it runs on the connection that the ledger hands over."""

from alembic import context

from lims.ledger.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
with context.begin_transaction():
    context.run_migrations()
