"""What was granted, and what was asked for, is kept once: the columns that nodes of 0.1.0 read go.
Sign-ins that such a node began are over; their people begin again. SQLite makes no column NOT NULL where
others refer to its table."""

import json

import sqlalchemy as sa
from alembic import op

revision = '0014'
down_revision = '0013'
branch_labels = None
depends_on = None

OF_CODES = ('reference', 'client_id', 'account_id', 'session_id', 'scope', 'nonce', 'auth_time', 'acr', 'amr')
OF_GRANTS = ('reference', 'scope', 'auth_time', 'acr', 'amr')


def upgrade() -> None:
    connection = op.get_bind()
    for table, key, kept in (
        ('authorization_codes', 'digest', OF_CODES),
        ('grants', 'id', (*OF_GRANTS, 'client_id', 'account_id', 'session_id')),
    ):
        found = sa.table(table, sa.column(key), *(sa.column(name) for name in kept), sa.column('granted', sa.JSON()))
        rows = connection.execute(sa.select(found).where(sa.text("granted IS NULL OR CAST(granted AS TEXT) = 'null'")))
        for one in rows.mappings().all():
            granted = {name: one[name] for name in kept}
            if isinstance(granted['amr'], str):
                granted['amr'] = json.loads(granted['amr'])
            change = found.update().where(found.c[key] == one[key])
            connection.execute(change.values(granted=granted))
    for table, gone in (('authorization_codes', OF_CODES), ('grants', OF_GRANTS)):
        for name in gone:
            op.drop_column(table, name)
    op.drop_column('refresh_tokens', 'used_at')
    op.execute("UPDATE interactions SET seen_at = 0 WHERE request IS NULL AND finished_at IS NULL")
    op.execute("UPDATE interactions SET request = '{}' WHERE request IS NULL")
    op.drop_column('interactions', 'parameters')
    # accounts whose usernames were freed are found no more
    op.execute("DELETE FROM directory WHERE username_key LIKE 'forgotten %'")
    op.execute("UPDATE versions SET number = 14 WHERE name = 'oldest_program'")
