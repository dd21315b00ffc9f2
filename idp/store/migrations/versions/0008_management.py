"""The management API: directory, kept answers, indexes of the audit trail; and notices to clients of a session's end"""

import sqlalchemy as sa
from alembic import op

revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('directory',
    sa.Column('organization_id', sa.String(length=255), nullable=False),
    sa.Column('username_key', sa.String(length=255).with_variant(sa.String(length=255, collation='C'), 'postgresql'), nullable=False),
    sa.Column('account_id', sa.String(length=255), nullable=False),
    sa.Column('found_by', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('organization_id', 'username_key'),
    sqlite_with_rowid=False
    )
    op.create_index('ix_directory_account', 'directory', ['account_id'], unique=False)
    op.create_table('kept_answers',
    sa.Column('id', sa.String(length=255), nullable=False),
    sa.Column('request', sa.String(length=255), nullable=False),
    sa.Column('sealed', sa.Text(), nullable=False),
    sa.Column('created_at', sa.Double(), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index(op.f('ix_kept_answers_created_at'), 'kept_answers', ['created_at'], unique=False)
    op.add_column('outbox', sa.Column('about', sa.String(length=255), nullable=True))
    op.drop_index('ix_audit_target', table_name='audit')
    op.create_index('ix_audit_actor_position', 'audit', ['actor', 'position'], unique=False)
    op.create_index('ix_audit_target_position', 'audit', ['target', 'position'], unique=False)
    op.create_index('ix_audit_organization_position', 'audit', ['organization_id', 'position'], unique=False)
    fill()


def fill() -> None:
    """Everybody who is there is found: among all, and in each organization they belong to."""
    names = ('username', 'given_name', 'family_name', 'contact_email', 'sign_in_address')
    accounts = sa.table('accounts', sa.column('id'), sa.column('username_key'), *(sa.column(name) for name in names))
    directory = sa.table('directory', *(sa.column(name) for name in ('organization_id', 'username_key', 'account_id', 'found_by')))
    connection, last = op.get_bind(), ''
    page = sa.select(accounts).order_by(accounts.c.username_key).limit(1000)
    while found := connection.execute(page.where(accounts.c.username_key > last)).all():
        last = found[-1].username_key
        texts = [' '.join(dict.fromkeys(str(getattr(one, name)).strip().casefold() for name in names if getattr(one, name))) for one in found]
        connection.execute(sa.insert(directory), [
            {'organization_id': '', 'username_key': one.username_key, 'account_id': one.id, 'found_by': text} for one, text in zip(found, texts)
        ])
    op.execute(
        'INSERT INTO directory (organization_id, username_key, account_id, found_by) '
        'SELECT memberships.organization_id, directory.username_key, directory.account_id, directory.found_by '
        'FROM memberships JOIN directory ON directory.account_id = memberships.account_id WHERE directory.organization_id = \'\''
    )
