"""Machine clients: APIs, opaque tokens, used assertions"""

import sqlalchemy as sa
from alembic import op

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('clients') as batch:
        batch.add_column(sa.Column('sealed_secret', sa.Text(), nullable=True))
    with op.batch_alter_table('versions') as batch:
        batch.alter_column('number', existing_type=sa.Integer(), type_=sa.BigInteger(), existing_nullable=False)
    op.create_table('apis',
    sa.Column('identifier', sa.Text(), nullable=False),
    sa.Column('name', sa.String(length=255), nullable=False),
    sa.Column('scopes', sa.JSON(), nullable=False),
    sa.Column('created_at', sa.Double(), nullable=False),
    sa.PrimaryKeyConstraint('identifier')
    )
    op.create_table('access_tokens',
    sa.Column('digest', sa.String(length=255), nullable=False),
    sa.Column('grant_id', sa.String(length=255), nullable=True),
    sa.Column('client_id', sa.String(length=255), nullable=False),
    sa.Column('scope', sa.Text(), nullable=False),
    sa.Column('audience', sa.JSON(), nullable=False),
    sa.Column('created_at', sa.Double(), nullable=False),
    sa.Column('expires_at', sa.Double(), nullable=False),
    sa.Column('revoked_at', sa.Double(), nullable=True),
    sa.PrimaryKeyConstraint('digest')
    )
    with op.batch_alter_table('access_tokens') as batch:
        batch.create_index(batch.f('ix_access_tokens_client_id'), ['client_id'], unique=False)
        batch.create_index(batch.f('ix_access_tokens_expires_at'), ['expires_at'], unique=False)
        batch.create_index(batch.f('ix_access_tokens_grant_id'), ['grant_id'], unique=False)
    for name in ('revoked_tokens', 'used_assertions'):
        op.create_table(name,
        sa.Column('digest', sa.String(length=255), nullable=False),
        sa.Column('expires_at', sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint('digest')
        )
        with op.batch_alter_table(name) as batch:
            batch.create_index(batch.f(f'ix_{name}_expires_at'), ['expires_at'], unique=False)
