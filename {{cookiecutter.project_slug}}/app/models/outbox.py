"""Tables of the events: the outbox and its relay's lease, the consumers' inbox, and a projection."""

from datetime import datetime

from sqlalchemy import BigInteger, Index, Integer, String, Text
from sqlalchemy.dialects import mysql
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, UtcDateTime

# SQLite counts up only an INTEGER key.
_BIG_KEY = BigInteger().with_variant(Integer, "sqlite")
# MySQL's TEXT ends at 64 KiB.
_PAYLOAD = Text().with_variant(mysql.LONGTEXT(), "mysql")
# MySQL compares strings without regard to case unless told; the ids of others may differ in case alone.
_FOREIGN_ID = String(255).with_variant(mysql.VARCHAR(255, collation="utf8mb4_bin"), "mysql")


class OutboxEvent(Base):
    """An event to be published, written in the transaction of the change that it tells of.

    Rows are sent in the order of `id`, and kept for a while after `sent_at` for the curious. A row that the
    broker refuses for good is set aside (`failed_at`) with its `last_error`.
    """

    __tablename__ = "outbox_events"
    # What the relay asks for, in its order.
    __table_args__ = (Index(None, "sent_at", "failed_at", "id"),)

    id: Mapped[int] = mapped_column(_BIG_KEY, primary_key=True, autoincrement=True)
    event_id: Mapped[str] = mapped_column(String(36))
    topic: Mapped[str] = mapped_column(String(249))
    aggregate_id: Mapped[str] = mapped_column(String(255))
    type: Mapped[str] = mapped_column(String(255))
    payload: Mapped[str] = mapped_column(_PAYLOAD)
    occurred_at: Mapped[datetime] = mapped_column(UtcDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    failed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    last_error: Mapped[str | None] = mapped_column(String(500))

    def __repr__(self) -> str:
        return f"OutboxEvent(id={self.id!r}, type={self.type!r}, aggregate_id={self.aggregate_id!r})"


class RelayLease(Base):
    """Who may relay: one row a lease. Its holder raises `beat` while it lives; a released lease has none."""

    __tablename__ = "relay_leases"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    holder: Mapped[str | None] = mapped_column(String(128))
    beat: Mapped[int] = mapped_column(BigInteger, default=0)

    def __repr__(self) -> str:
        return f"RelayLease(name={self.name!r}, holder={self.holder!r}, beat={self.beat!r})"


class InboxEntry(Base):
    """An event that a consumer has handled. CloudEvents makes `source` and `id` together unique."""

    __tablename__ = "inbox_entries"

    consumer: Mapped[str] = mapped_column(String(64), primary_key=True)
    source: Mapped[str] = mapped_column(_FOREIGN_ID, primary_key=True)
    event_id: Mapped[str] = mapped_column(_FOREIGN_ID, primary_key=True)
    handled_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)

    def __repr__(self) -> str:
        return f"InboxEntry(consumer={self.consumer!r}, source={self.source!r}, event_id={self.event_id!r})"


class AuthorStats(Base):
    """What a user has written, counted from events. No foreign key: a projection lags behind."""

    __tablename__ = "author_stats"

    user_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    posts: Mapped[int] = mapped_column(Integer, default=0)
    last_post_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    def __repr__(self) -> str:
        return f"AuthorStats(user_id={self.user_id!r}, posts={self.posts!r})"
