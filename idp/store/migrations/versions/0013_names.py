"""Which known device asked for a code or link. And the names of today: sign-in options, trusted
devices, requests to an upstream, codes and confirmations by voice. The audit trail is
chained, and keeps the names that it was written with."""

import sqlalchemy as sa
from alembic import op

revision = '0013'
down_revision = '0012'
branch_labels = None
depends_on = None

METHODS = (('keyed_call', 'voice_code'), ('phone_call', 'voice_confirm'), ('remembered', 'trusted_device'))
PROOFS = "('proof_given', 'method_chosen', 'number_verified')"
EVENTS = (
    ('way_chosen', 'option_chosen'),
    ('company_left_for', 'upstream_left_for'),
    ('company_failed', 'upstream_failed'),
    ('number_verified', 'set_up_verified'),
)


def upgrade() -> None:
    for table in ('remembered', 'known_browsers', 'sessions'):
        op.alter_column(table, 'way', new_column_name='option')
    op.drop_index('ix_remembered_account_id', 'remembered')
    op.drop_index('ix_remembered_created_at', 'remembered')
    op.rename_table('remembered', 'trusted_devices')
    op.create_index('ix_trusted_devices_account_id', 'trusted_devices', ['account_id'])
    op.create_index('ix_trusted_devices_created_at', 'trusted_devices', ['created_at'])
    op.drop_index('ix_known_browsers_digest', 'known_browsers')
    op.drop_index('ix_known_browsers_last_at', 'known_browsers')
    op.rename_table('known_browsers', 'known_devices')
    op.create_index('ix_known_devices_digest', 'known_devices', ['digest'])
    op.create_index('ix_known_devices_last_at', 'known_devices', ['last_at'])
    op.drop_index('ix_trips_interaction_id', 'trips')
    op.rename_table('trips', 'upstream_requests')
    op.create_index('ix_upstream_requests_interaction_id', 'upstream_requests', ['interaction_id'])
    op.add_column('codes', sa.Column('asked_by', sa.String(length=255), nullable=False, server_default=''))
    op.add_column('links', sa.Column('asked_by', sa.String(length=255), nullable=False, server_default=''))
    op.alter_column('organizations', 'npi', new_column_name='identifier')
    _profiles()
    op.rename_table('apis', 'resource_servers')
    connection = op.get_bind()
    clients = sa.table('clients', sa.column('id'), sa.column('registration', sa.JSON()))
    for one in connection.execute(sa.select(clients)).all():
        if one.registration.get('access_token_format') == 'opaque':
            kept = {**one.registration, 'access_token_format': 'reference'}
            connection.execute(clients.update().where(clients.c.id == one.id).values(registration=kept))

    def run(statement: str, **values: str) -> None:
        connection.execute(sa.text(statement), values)

    for old, new in METHODS:
        run('UPDATE codes SET factor = :new WHERE factor = :old', old=old, new=new)
        run(f'UPDATE facts SET value = :new WHERE value = :old AND kind IN {PROOFS}', old=old, new=new)
        # a list of `[method, at, interaction]`, as JSON
        as_text = f"REPLACE(CAST(proofs AS TEXT), '\"{old}\"', '\"{new}\"')"
        json = as_text if connection.dialect.name == 'sqlite' else f'CAST({as_text} AS JSON)'
        run(f"UPDATE sessions SET proofs = {json} WHERE CAST(proofs AS TEXT) LIKE '%\"{old}\"%'")
    run("UPDATE facts SET value = 'upstream_error' WHERE kind = 'company_failed' AND value = 'company_error'")
    for old, new in EVENTS:
        run('UPDATE facts SET kind = :new WHERE kind = :old', old=old, new=new)
    run("UPDATE outbox SET kind = 'upstream_account' WHERE kind = 'company_account'")
    run("UPDATE versions SET number = 13 WHERE name = 'oldest_program'")


def _profiles() -> None:
    """What was entered at registration becomes one column: which fields there are, the profile of
    registration says."""
    fields = ('address_1', 'address_2', 'city', 'state', 'zip_code', 'phone', 'fax')
    op.add_column('profiles', sa.Column('fields', sa.JSON(), nullable=True))
    connection = op.get_bind()
    names = ('account_id', *fields)
    profiles = sa.table('profiles', *(sa.column(name) for name in names), sa.column('fields', sa.JSON()))
    for one in connection.execute(sa.select(*(profiles.c[name] for name in names))).mappings().all():
        kept = {name: one[name] for name in fields if one[name]}
        connection.execute(profiles.update().where(profiles.c.account_id == one['account_id']).values(fields=kept))
    with op.batch_alter_table('profiles') as batch:
        batch.alter_column('fields', existing_type=sa.JSON(), nullable=False)
        for name in fields:
            batch.drop_column(name)
