"""How Alembic runs the ledger's revisions: on the connection that `ledger_upgrade` hands in."""

from alembic import context

from mianshen.warehouse.ledger import METADATA
from mianshen.warehouse.upgrade import VERSION_TABLE

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    version_table=VERSION_TABLE,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
