"""Refresh tokens in generations; what was wrong with a form is kept with its interaction"""

import sqlalchemy as sa
from alembic import op

revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('grants', sa.Column('generation', sa.Integer(), server_default='0', nullable=False))
    op.add_column('grants', sa.Column('rotated_at', sa.Double(), nullable=True))
    op.add_column('refresh_tokens', sa.Column('generation', sa.Integer(), server_default='0', nullable=False))
    op.add_column('interactions', sa.Column('said', sa.Text(), nullable=True))
    op.execute('UPDATE refresh_tokens SET generation = -1 WHERE used_at IS NOT NULL')
    with op.batch_alter_table('refresh_tokens') as batch:
        batch.drop_column('used_at')
