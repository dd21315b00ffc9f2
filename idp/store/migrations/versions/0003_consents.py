"""Consents, and clients' pictures"""

import sqlalchemy as sa
from alembic import op

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('consents',
    sa.Column('account_id', sa.String(length=255), nullable=False),
    sa.Column('client_id', sa.String(length=255), nullable=False),
    sa.Column('scope', sa.Text(), nullable=False),
    sa.Column('given_at', sa.Double(), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], ),
    sa.PrimaryKeyConstraint('account_id', 'client_id')
    )
    with op.batch_alter_table('consents') as batch:
        batch.create_index(batch.f('ix_consents_client_id'), ['client_id'], unique=False)
    op.create_table('client_logos',
    sa.Column('client_id', sa.String(length=255), nullable=False),
    sa.Column('media_type', sa.String(length=255), nullable=False),
    sa.Column('content', sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint('client_id')
    )
    with op.batch_alter_table('facts') as batch:
        batch.alter_column('value', existing_type=sa.String(length=255), type_=sa.Text(), existing_nullable=True)
