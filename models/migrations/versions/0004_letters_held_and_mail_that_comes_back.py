"""Letters posted whole or held, words that are forgotten, and the mail that comes back"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    for name, length in (("letter", 64), ("held", 300), ("released_by", 200), ("body_hash", 64)):
        # No batch: it would make the table anew, and SQLite would miss the notices that refer to it.
        op.add_column("message", sa.Column(name, sa.String(length=length), nullable=False, server_default=""))
    for name in ("released_at", "purged_at"):
        op.add_column("message", sa.Column(name, INSTANT, nullable=True))
    op.create_table(
        "failingaddress",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("address", sa.String(length=254), nullable=False),
        sa.Column("reports", sa.Integer(), nullable=False),
        sa.Column("permanent", sa.Boolean(), nullable=False),
        sa.Column("failing", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(length=1000), nullable=False),
        sa.Column("first_at", INSTANT, nullable=False),
        sa.Column("last_at", INSTANT, nullable=False),
        sa.Column("cleared_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_failingaddress")),
        sa.UniqueConstraint("address", name=op.f("uq_failingaddress_address")),
    )
    op.create_table(
        "incomingmail",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=400), nullable=False),
        sa.Column("read_at", INSTANT, nullable=False),
        sa.Column("sent_at", INSTANT, nullable=True),
        sa.Column(
            "kind",
            sa.Enum(
                "report", "automatic", "answer", "proposal", name="incomingkind_words", native_enum=False,
                create_constraint=True, length=32,
            ),
            nullable=False,
        ),
        sa.Column("sender", sa.String(length=254), nullable=False),
        sa.Column("subject", sa.String(length=500), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=True),
        sa.Column("campaign_id", sa.Integer(), nullable=True),
        sa.Column("found", sa.JSON(), nullable=False),
        sa.Column("handled_at", INSTANT, nullable=True),
        sa.Column("handled_by", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_incomingmail_campaign_id_campaign")),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name=op.f("fk_incomingmail_message_id_message")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incomingmail")),
        sa.UniqueConstraint("key", name=op.f("uq_incomingmail_key")),
    )  # fmt: skip
    for name in ("campaign_id", "message_id"):
        op.create_index(op.f(f"ix_incomingmail_{name}"), "incomingmail", [name], unique=False)


def downgrade() -> None:
    op.drop_table("incomingmail")
    op.drop_table("failingaddress")
    for name in ("purged_at", "released_at", "body_hash", "released_by", "held", "letter"):
        op.drop_column("message", name)
