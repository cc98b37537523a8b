"""What Alembic runs for each command, over the connection that ``broadsheet.store.migrations`` opened."""

from alembic import context

connection = context.config.attributes["connection"]
context.configure(connection=connection, version_table="broadsheet_migrations", transactional_ddl=True)
with context.begin_transaction():
    context.run_migrations()
