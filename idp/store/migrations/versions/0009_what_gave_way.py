"""Refresh tokens in generations; what was wrong with a form is kept with its interaction"""

import unicodedata

import idna
import sqlalchemy as sa
from alembic import op

revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("INSERT INTO versions (name, number) VALUES ('oldest_program', 8)")  # which writes what was there before, and no more
    op.add_column('grants', sa.Column('generation', sa.Integer(), server_default='0', nullable=False))
    op.add_column('grants', sa.Column('rotated_at', sa.Double(), nullable=True))
    op.add_column('refresh_tokens', sa.Column('generation', sa.Integer(), server_default='0', nullable=False))
    key = sa.String(length=255).with_variant(sa.String(length=255, collation='C'), 'postgresql')
    op.add_column('organizations', sa.Column('found_by', key, server_default='', nullable=False))
    refold()
    op.add_column('tries', sa.Column('known', sa.Boolean(), server_default='0', nullable=False))
    op.add_column('tries', sa.Column('asker', sa.String(length=255), server_default='', nullable=False))
    op.create_index('ix_tries_asker_at', 'tries', ['asker', 'at'], unique=False)
    op.add_column('accounts', sa.Column('new_phone_until', sa.Double(), nullable=True))
    op.add_column('accounts', sa.Column('phone_before', sa.String(length=255), nullable=True))
    op.add_column('accounts', sa.Column('phone_stop', sa.String(length=255), nullable=True))
    op.create_index('ix_accounts_phone_stop', 'accounts', ['phone_stop'], unique=False)
    op.add_column('accounts', sa.Column('signed_in_at', sa.Double(), nullable=True))
    op.add_column('registration_codes', sa.Column('name', sa.String(length=255), server_default='', nullable=False))
    op.add_column('enrolments', sa.Column('by_old_phone', sa.Boolean(), server_default='0', nullable=False))
    op.add_column('enrolments', sa.Column('ended_at', sa.Double(), nullable=True))
    op.add_column('known_browsers', sa.Column('way', sa.String(length=255), nullable=True))
    op.create_index('ix_known_browsers_digest', 'known_browsers', ['digest'], unique=False)
    op.add_column('links', sa.Column('taken_over', sa.Integer(), server_default='0', nullable=False))
    op.add_column('codes', sa.Column('life', sa.Integer(), nullable=True))
    op.add_column('codes', sa.Column('network', sa.String(length=255), server_default='', nullable=False))
    op.add_column('inbox', sa.Column('html', sa.Text(), nullable=True))
    op.add_column('interactions', sa.Column('said', sa.Text(), nullable=True))
    op.execute('UPDATE refresh_tokens SET generation = -1 WHERE used_at IS NOT NULL')


def folded(text: str) -> str:
    """As names are compared from this version on."""
    plain = unicodedata.normalize('NFKC', text).casefold()
    plain = unicodedata.normalize('NFKC', ''.join(char for char in plain if unicodedata.category(char) not in ('Cf', 'Cc'))).strip()
    local, at, domain = plain.rpartition('@')
    if at and not domain.isascii():
        try:
            return f'{local}@{idna.encode(domain, uts46=True).decode()}'
        except idna.IDNAError:
            pass
    return plain


def refold() -> None:
    """Usernames, addresses and names that were told apart by how they are spelled. Where two accounts are one name now, the older one has it."""
    connection = op.get_bind()
    names = {'accounts': ('username', 'contact_email', 'sign_in_address'), 'enrolments': ('address',)}
    for table, columns in names.items():
        for column in columns:
            rows = sa.table(table, sa.column('id'), sa.column(column), sa.column(f'{column}_key'))
            said, key = rows.c[column], rows.c[f'{column}_key']
            for one in connection.execute(sa.select(rows.c.id, said.label('said'), key.label('key')).where(said.is_not(None))).all():
                new = folded(one.said)
                unique = column in ('username', 'sign_in_address')
                if new != one.key and not (unique and connection.execute(sa.select(rows.c.id).where(key == new)).first()):
                    connection.execute(sa.update(rows).where(rows.c.id == one.id).values({key.name: new}))
                    if column == 'username':
                        directory = sa.table('directory', sa.column('account_id'), sa.column('username_key'))
                        connection.execute(sa.update(directory).where(directory.c.account_id == one.id).values(username_key=new))
    organizations = sa.table('organizations', sa.column('id'), sa.column('name'), sa.column('found_by'))
    for clinic in connection.execute(sa.select(organizations.c.id, organizations.c.name)).all():
        connection.execute(sa.update(organizations).where(organizations.c.id == clinic.id).values(found_by=folded(clinic.name)[:255]))
