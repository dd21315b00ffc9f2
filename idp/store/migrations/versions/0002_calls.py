"""Telephone calls beside codes"""

import sqlalchemy as sa
from alembic import op

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('codes') as batch:
        batch.add_column(sa.Column('outcome', sa.String(length=255), nullable=True))
        batch.create_index(batch.f('ix_codes_created_at'), ['created_at'], unique=False)
    with op.batch_alter_table('inbox') as batch:
        batch.add_column(sa.Column('call_id', sa.String(length=255), nullable=True))
