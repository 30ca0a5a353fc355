"""Alembic runs on the connection that `engine.migrate` hands over; there is no configuration file."""

from alembic import context

from services.sink.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=False,  # the caller's transaction holds everything, the lock included
    render_as_batch=True,
)
context.run_migrations()
