"""How far each démarche of the portal was read, its dossiers and what they delivered"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "portalform",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("demarche", sa.Integer(), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("since", INSTANT, nullable=True),
        sa.Column("deleted_since", INSTANT, nullable=True),
        sa.Column("cursor", sa.String(length=500), nullable=False),
        sa.Column("cursor_since", INSTANT, nullable=True),
        sa.Column("reached", INSTANT, nullable=True),
        sa.Column("read_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_portalform_campaign_id_campaign")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_portalform")),
        sa.UniqueConstraint("campaign_id", "demarche", name=op.f("uq_portalform_campaign_id")),
    )
    op.create_table(
        "portaldossier",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("form_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("territory_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("modified_at", INSTANT, nullable=False),
        sa.Column("gone_at", INSTANT, nullable=True),
        sa.Column("waiting", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["form_id"], ["portalform.id"], name=op.f("fk_portaldossier_form_id_portalform")),
        sa.ForeignKeyConstraint(
            ["territory_id"], ["territory.id"], name=op.f("fk_portaldossier_territory_id_territory")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_portaldossier")),
        sa.UniqueConstraint("form_id", "number", name=op.f("uq_portaldossier_form_id")),
    )
    op.create_table(
        "portaldelivery",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("dossier_id", sa.Integer(), nullable=False),
        sa.Column("requirement", sa.String(length=64), nullable=False),
        sa.Column("occurrence", sa.String(length=16), nullable=False),
        sa.Column("part", sa.String(length=64), nullable=False),
        sa.Column("champ", sa.String(length=200), nullable=False),
        sa.Column("checksum", sa.String(length=64), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("file", sa.String(length=500), nullable=False),
        sa.Column("refused_at", INSTANT, nullable=True),
        sa.Column("gone_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(
            ["dossier_id"], ["portaldossier.id"], name=op.f("fk_portaldelivery_dossier_id_portaldossier")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_portaldelivery")),
        sa.UniqueConstraint(
            "dossier_id", "requirement", "occurrence", "part", "champ", "checksum",
            name=op.f("uq_portaldelivery_dossier_id"),
        ),
    )  # fmt: skip
    for table, column in (
        ("portalform", "campaign_id"), ("portaldossier", "form_id"), ("portaldossier", "territory_id"),
        ("portaldelivery", "dossier_id"),
    ):  # fmt: skip
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column], unique=False)


def downgrade() -> None:
    for table in ("portaldelivery", "portaldossier", "portalform"):
        op.drop_table(table)
