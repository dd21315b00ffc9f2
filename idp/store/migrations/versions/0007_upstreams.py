"""Employees: accounts managed by a company, roles, trips to its provider and sessions there"""

import sqlalchemy as sa
from alembic import op

revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('accounts') as batch:
        batch.add_column(sa.Column('upstream', sa.String(length=255), nullable=True))
        batch.add_column(sa.Column('upstream_subject', sa.String(length=255), nullable=True))
        batch.add_column(sa.Column('roles', sa.JSON(), nullable=False, server_default='[]'))
        batch.create_index('ix_accounts_upstream', ['upstream', 'upstream_subject'], unique=True)
    op.create_table('trips',
    sa.Column('digest', sa.String(length=255), nullable=False),
    sa.Column('interaction_id', sa.String(length=255), nullable=False),
    sa.Column('upstream', sa.String(length=255), nullable=False),
    sa.Column('again', sa.Boolean(), nullable=False),
    sa.Column('max_age', sa.Integer(), nullable=True),
    sa.Column('created_at', sa.Double(), nullable=False),
    sa.Column('used_at', sa.Double(), nullable=True),
    sa.ForeignKeyConstraint(['interaction_id'], ['interactions.id'], ),
    sa.PrimaryKeyConstraint('digest')
    )
    with op.batch_alter_table('trips') as batch:
        batch.create_index(batch.f('ix_trips_interaction_id'), ['interaction_id'], unique=False)
    op.create_table('upstream_sessions',
    sa.Column('id', sa.String(length=255), nullable=False),
    sa.Column('account_id', sa.String(length=255), nullable=False),
    sa.Column('interaction_id', sa.String(length=255), nullable=False),
    sa.Column('upstream', sa.String(length=255), nullable=False),
    sa.Column('sid', sa.String(length=255), nullable=True),
    sa.Column('id_token', sa.Text(), nullable=False),
    sa.Column('refresh_token', sa.Text(), nullable=True),
    sa.Column('created_at', sa.Double(), nullable=False),
    sa.Column('checked_at', sa.Double(), nullable=False),
    sa.Column('answered_at', sa.Double(), nullable=False),
    sa.Column('confirmed_at', sa.Double(), nullable=False),
    sa.Column('silent_since', sa.Double(), nullable=True),
    sa.Column('ended_at', sa.Double(), nullable=True),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('upstream_sessions') as batch:
        batch.create_index('ix_upstream_sessions_theirs', ['upstream', 'sid'], unique=False)
        batch.create_index(batch.f('ix_upstream_sessions_account_id'), ['account_id'], unique=False)
        batch.create_index(batch.f('ix_upstream_sessions_interaction_id'), ['interaction_id'], unique=False)
    with op.batch_alter_table('sessions') as batch:
        batch.add_column(sa.Column('upstream_session_id', sa.String(length=255), nullable=True))
        batch.create_index(batch.f('ix_sessions_upstream_session_id'), ['upstream_session_id'], unique=False)
    with op.batch_alter_table('remembered') as batch:
        batch.add_column(sa.Column('upstream_session_id', sa.String(length=255), nullable=True))
    # Clients that people sign in at may ask for everything that is known of them; the roles are new.
    clients = sa.table('clients', sa.column('id'), sa.column('registration', sa.JSON()))
    connection = op.get_bind()
    for client_id, registration in connection.execute(sa.select(clients.c.id, clients.c.registration)).all():
        scope = registration.get('scope', '').split()
        if 'openid' in scope and 'roles' not in scope:
            told = {**registration, 'scope': ' '.join([*scope, 'roles'])}
            connection.execute(sa.update(clients).where(clients.c.id == client_id).values(registration=told))
