"""Create the tables of the events: outbox, lease, inbox and projection."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

from app.models.base import UtcDateTime

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

BIG_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
PAYLOAD = sa.Text().with_variant(mysql.LONGTEXT(), "mysql")
FOREIGN_ID = sa.String(length=255).with_variant(mysql.VARCHAR(length=255, collation="utf8mb4_bin"), "mysql")


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "outbox_events",
        sa.Column("id", BIG_KEY, autoincrement=True, nullable=False),
        sa.Column("event_id", sa.String(length=36), nullable=False),
        sa.Column("topic", sa.String(length=249), nullable=False),
        sa.Column("aggregate_id", sa.String(length=255), nullable=False),
        sa.Column("type", sa.String(length=255), nullable=False),
        sa.Column("payload", PAYLOAD, nullable=False),
        sa.Column("occurred_at", UtcDateTime(), nullable=False),
        sa.Column("sent_at", UtcDateTime(), nullable=True),
        sa.Column("failed_at", UtcDateTime(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.String(length=500), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox_events")),
    )
    op.create_index(
        op.f("ix_outbox_events_sent_at_failed_at_id"), "outbox_events", ["sent_at", "failed_at", "id"]
    )
    op.create_table(
        "relay_leases",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("holder", sa.String(length=128), nullable=True),
        sa.Column("beat", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_relay_leases")),
    )
    op.create_table(
        "inbox_entries",
        sa.Column("consumer", sa.String(length=64), nullable=False),
        sa.Column("source", FOREIGN_ID, nullable=False),
        sa.Column("event_id", FOREIGN_ID, nullable=False),
        sa.Column("handled_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("consumer", "source", "event_id", name=op.f("pk_inbox_entries")),
    )
    op.create_index(op.f("ix_inbox_entries_handled_at"), "inbox_entries", ["handled_at"])
    op.create_table(
        "author_stats",
        sa.Column("user_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("posts", sa.Integer(), nullable=False),
        sa.Column("last_post_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_author_stats")),
    )


def downgrade() -> None:
    """Drop the tables."""
    op.drop_table("author_stats")
    op.drop_index(op.f("ix_inbox_entries_handled_at"), table_name="inbox_entries")
    op.drop_table("inbox_entries")
    op.drop_table("relay_leases")
    op.drop_index(op.f("ix_outbox_events_sent_at_failed_at_id"), table_name="outbox_events")
    op.drop_table("outbox_events")
