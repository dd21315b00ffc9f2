"""Checkpoints of the audit trail"""

import sqlalchemy as sa
from alembic import op

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('audit_checkpoints',
    sa.Column('position', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('chain', sa.String(length=255), nullable=False),
    sa.Column('at', sa.Double(), nullable=False),
    sa.Column('forgotten', sa.Boolean(), nullable=False),
    sa.Column('signature', sa.String(length=255), nullable=False),
    sa.PrimaryKeyConstraint('position')
    )
