"""Every journey: links, enrolments, remembered browsers, terms, profiles"""

import sqlalchemy as sa
from alembic import op

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('accounts') as batch:
        batch.add_column(sa.Column('contact_email_key', sa.String(length=255), nullable=False, server_default=''))
        batch.add_column(sa.Column('credentials_changed_in', sa.String(length=255), nullable=True))
        batch.add_column(sa.Column('terms', sa.JSON(), nullable=False, server_default='{}'))
    accounts = sa.table('accounts', sa.column('id'), sa.column('contact_email'), sa.column('contact_email_key'))
    connection = op.get_bind()
    for account_id, address in connection.execute(sa.select(accounts.c.id, accounts.c.contact_email)).all():
        connection.execute(sa.update(accounts).where(accounts.c.id == account_id).values(contact_email_key=address.strip().casefold()))
    with op.batch_alter_table('accounts') as batch:
        batch.create_index(batch.f('ix_accounts_contact_email_key'), ['contact_email_key'], unique=False)
    with op.batch_alter_table('memberships') as batch:
        batch.add_column(sa.Column('code_id', sa.String(length=255), nullable=True))
    op.create_table('links',
    sa.Column('id', sa.String(length=255), nullable=False),
    sa.Column('digest', sa.String(length=255), nullable=False),
    sa.Column('purpose', sa.String(length=255), nullable=False),
    sa.Column('account_id', sa.String(length=255), nullable=False),
    sa.Column('asked_in', sa.String(length=255), nullable=True),
    sa.Column('client_id', sa.String(length=255), nullable=True),
    sa.Column('created_at', sa.Double(), nullable=False),
    sa.Column('expires_at', sa.Double(), nullable=False),
    sa.Column('used_at', sa.Double(), nullable=True),
    sa.Column('browser', sa.String(length=255), nullable=True),
    sa.Column('interaction_id', sa.String(length=255), nullable=True),
    sa.Column('outcome', sa.String(length=255), nullable=True),
    sa.Column('enrolment_id', sa.String(length=255), nullable=True),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('links') as batch:
        batch.create_index(batch.f('ix_links_account_id'), ['account_id'], unique=False)
        batch.create_index(batch.f('ix_links_created_at'), ['created_at'], unique=False)
    op.create_table('enrolments',
    sa.Column('id', sa.String(length=255), nullable=False),
    sa.Column('account_id', sa.String(length=255), nullable=False),
    sa.Column('interaction_id', sa.String(length=255), nullable=False),
    sa.Column('method', sa.String(length=255), nullable=False),
    sa.Column('address', sa.String(length=255), nullable=True),
    sa.Column('address_key', sa.String(length=255), nullable=True),
    sa.Column('address_verified_at', sa.Double(), nullable=True),
    sa.Column('password_hash', sa.Text(), nullable=True),
    sa.Column('phone', sa.String(length=255), nullable=True),
    sa.Column('phone_verified_at', sa.Double(), nullable=True),
    sa.Column('created_at', sa.Double(), nullable=False),
    sa.Column('kept_at', sa.Double(), nullable=True),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('enrolments') as batch:
        batch.create_index(batch.f('ix_enrolments_account_id'), ['account_id'], unique=False)
        batch.create_index(batch.f('ix_enrolments_address_key'), ['address_key'], unique=False)
        batch.create_index(batch.f('ix_enrolments_created_at'), ['created_at'], unique=False)
        batch.create_index(batch.f('ix_enrolments_interaction_id'), ['interaction_id'], unique=False)
    op.create_table('remembered',
    sa.Column('digest', sa.String(length=255), nullable=False),
    sa.Column('account_id', sa.String(length=255), nullable=False),
    sa.Column('way', sa.String(length=255), nullable=False),
    sa.Column('auth_time', sa.Double(), nullable=False),
    sa.Column('created_at', sa.Double(), nullable=False),
    sa.Column('expires_at', sa.Double(), nullable=False),
    sa.Column('ended_at', sa.Double(), nullable=True),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], ),
    sa.PrimaryKeyConstraint('digest')
    )
    with op.batch_alter_table('remembered') as batch:
        batch.create_index(batch.f('ix_remembered_account_id'), ['account_id'], unique=False)
        batch.create_index(batch.f('ix_remembered_created_at'), ['created_at'], unique=False)
    op.create_table('known_browsers',
    sa.Column('account_id', sa.String(length=255), nullable=False),
    sa.Column('digest', sa.String(length=255), nullable=False),
    sa.Column('first_at', sa.Double(), nullable=False),
    sa.Column('last_at', sa.Double(), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], ),
    sa.PrimaryKeyConstraint('account_id', 'digest')
    )
    with op.batch_alter_table('known_browsers') as batch:
        batch.create_index(batch.f('ix_known_browsers_last_at'), ['last_at'], unique=False)
    op.create_table('terms_acceptances',
    sa.Column('id', sa.Integer(), autoincrement=True, nullable=False),
    sa.Column('account_id', sa.String(length=255), nullable=False),
    sa.Column('brand', sa.String(length=255), nullable=False),
    sa.Column('version', sa.String(length=255), nullable=False),
    sa.Column('at', sa.Double(), nullable=False),
    sa.Column('address', sa.String(length=255), nullable=True),
    sa.Column('reference', sa.String(length=255), nullable=True),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('terms_acceptances') as batch:
        batch.create_index(batch.f('ix_terms_acceptances_account_id'), ['account_id'], unique=False)
    op.create_table('profiles',
    sa.Column('account_id', sa.String(length=255), nullable=False),
    sa.Column('address_1', sa.String(length=255), nullable=False),
    sa.Column('address_2', sa.String(length=255), nullable=False),
    sa.Column('city', sa.String(length=255), nullable=False),
    sa.Column('state', sa.String(length=255), nullable=False),
    sa.Column('zip_code', sa.String(length=255), nullable=False),
    sa.Column('phone', sa.String(length=255), nullable=False),
    sa.Column('fax', sa.String(length=255), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], ),
    sa.PrimaryKeyConstraint('account_id')
    )
