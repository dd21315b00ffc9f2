"""What people prove their identity with is a table of its own. Passwords, sign-in addresses and phones
keep their columns in accounts too, for nodes of the release before."""

import secrets
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = '0012'
down_revision = '0011'
branch_labels = None
depends_on = None


def upgrade() -> None:
    credentials = op.create_table(
        'credentials',
        sa.Column('id', sa.String(length=255), nullable=False),
        sa.Column('account_id', sa.String(length=255), nullable=False),
        sa.Column('kind', sa.String(length=255), nullable=False),
        sa.Column('label', sa.String(length=255), nullable=False),
        sa.Column('key', sa.String(length=255), nullable=False),
        sa.Column('data', sa.JSON(), nullable=False),
        sa.Column('sealed', sa.Text(), nullable=True),
        sa.Column('counter', sa.Integer(), nullable=False),
        sa.Column('made_at', sa.Double(), nullable=False),
        sa.Column('used_at', sa.Double(), nullable=True),
        sa.Column('ended_at', sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(['account_id'], ['accounts.id']),
        sa.PrimaryKeyConstraint('id'),
    )
    op.create_index('ix_credentials_account_id_ended_at', 'credentials', ['account_id', 'ended_at'])
    op.create_index('ix_credentials_key', 'credentials', ['key'])
    op.create_index('ix_credentials_ended_at', 'credentials', ['ended_at'])
    # what happens in an interaction, and what is mailed, has kinds that programs of before do not know
    op.execute("UPDATE versions SET number = 12 WHERE name = 'oldest_program'")
    names = ('id', 'password_hash', 'sign_in_address', 'sign_in_address_key', 'phone', 'credentials_changed_at')
    accounts = sa.table('accounts', *(sa.column(name) for name in names))
    connection = op.get_bind()
    found = connection.execute(sa.select(accounts).execution_options(yield_per=1000))
    for some in found.partitions():
        made = [made for one in some for made in credentials_of(one)]
        if made:
            connection.execute(credentials.insert(), made)


def credentials_of(account: Any) -> list[dict[str, Any]]:
    """What an account signs in with today; when each was made is not known any better."""
    same = {'account_id': account.id, 'label': '', 'counter': 0, 'made_at': account.credentials_changed_at}
    empty = {'key': '', 'data': {}, 'sealed': None, **same}
    return [
        {'id': secrets.token_urlsafe(16), **empty, **one}
        for one in (
            account.password_hash and {'kind': 'password', 'sealed': account.password_hash},
            account.sign_in_address
            and {'kind': 'email', 'key': account.sign_in_address_key, 'data': {'address': account.sign_in_address}},
            account.phone and {'kind': 'phone', 'key': account.phone},
        )
        if one
    ]
