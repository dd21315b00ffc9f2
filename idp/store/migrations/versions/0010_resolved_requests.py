"""An interaction keeps its authorization request resolved; word for word too, for nodes of the release before"""

import sqlalchemy as sa
from alembic import op

revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('interactions', sa.Column('request', sa.JSON(), nullable=True))
