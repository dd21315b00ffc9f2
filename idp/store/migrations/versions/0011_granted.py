"""What was granted is one JSON column of codes and grants; its values keep their columns, for nodes
of the release before."""

import sqlalchemy as sa
from alembic import op

revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('authorization_codes', sa.Column('granted', sa.JSON(), nullable=True))
    op.add_column('grants', sa.Column('granted', sa.JSON(), nullable=True))
