"""Events chained by their fingerprints, and pauses

Events already there are chained in the order of their ids.
"""

from datetime import UTC

import sqlalchemy as sa
from alembic import op

from models.rules.chain import CONTENT, FIRST, fingerprint

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

EVENT = sa.table(
    "event",
    sa.column("id", sa.Integer()),
    sa.column("at", sa.DateTime(timezone=True)),
    *(sa.column(name, sa.String()) for name in ("author", "action", "campaign", "territory", "subject", "grounds")),
    *(sa.column(name, sa.JSON()) for name in ("before", "after")),
    *(sa.column(name, sa.String()) for name in ("previous", "hash")),
)
HEAD = sa.table("eventhead", sa.column("id"), sa.column("events"), sa.column("hash"))


def upgrade() -> None:
    for name in ("previous", "hash"):  # no batch: it would make the table anew, without its triggers
        op.add_column("event", sa.Column(name, sa.String(length=64), nullable=False, server_default=""))
    op.create_table(
        "eventhead",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("events", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_eventhead_there_is_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_eventhead")),
    )
    op.create_table(
        "pause",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=True),
        sa.Column("territory_id", sa.Integer(), nullable=True),
        sa.Column("holds", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("author", sa.String(length=200), nullable=False),
        sa.Column("grounds", sa.String(length=2000), nullable=False),
        sa.CheckConstraint(
            "territory_id IS NULL OR campaign_id IS NOT NULL", name=op.f("ck_pause_territory_is_of_a_campaign")
        ),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_pause_campaign_id_campaign")),
        sa.ForeignKeyConstraint(["territory_id"], ["territory.id"], name=op.f("fk_pause_territory_id_territory")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pause")),
    )
    with op.batch_alter_table("pause", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_pause_campaign_id"), ["campaign_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_pause_territory_id"), ["territory_id"], unique=False)
    _chain()


def _chain() -> None:
    connection = op.get_bind()
    sqlite = connection.dialect.name == "sqlite"
    op.execute("DROP TRIGGER event_no_update" + ("" if sqlite else " ON event"))
    last, count = FIRST, 0
    for row in connection.execute(sa.select(EVENT).order_by(EVENT.c.id)).mappings().all():
        content = {name: row[name] for name in CONTENT}
        content["at"] = row["at"].replace(tzinfo=UTC) if row["at"].tzinfo is None else row["at"]
        own = fingerprint(last, content)
        connection.execute(sa.update(EVENT).where(EVENT.c.id == row["id"]).values(previous=last, hash=own))
        last, count = own, count + 1
    if count:
        connection.execute(sa.insert(HEAD).values(id=1, events=count, hash=last))
    if sqlite:
        op.execute(
            "CREATE TRIGGER event_no_update BEFORE UPDATE ON event "
            "BEGIN SELECT RAISE(ABORT, 'events are appended only'); END"
        )
    else:
        op.execute(
            "CREATE TRIGGER event_no_update BEFORE UPDATE ON event "
            "FOR EACH ROW EXECUTE FUNCTION events_are_appended_only()"
        )


def downgrade() -> None:
    op.drop_table("pause")
    op.drop_table("eventhead")
    op.drop_column("event", "hash")
    op.drop_column("event", "previous")
