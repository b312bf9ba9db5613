"""Articles: everybody sees them, their sellers change them."""

import sqlite3
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from .auth import Me
from .bodies import Body, Limit, Line, Offset
from .db import Db, now
from .errors import answers, refuse
from .events import Article as ArticleData
from .events import ArticleChanged, ArticleListed, ArticleRemoved, Gone
from .outbox import emit

router = APIRouter(prefix="/articles", tags=["articles"])


class ArticleForm(Body):
    """What a seller says of an article."""

    sku: str = Field(pattern="^[A-Z0-9]{3,20}$")
    name: Line
    price_cents: int = Field(ge=0, le=100_000_000)


class Article(BaseModel):
    """An article as it is kept."""

    id: UUID
    seller_id: UUID
    sku: str
    name: str
    price_cents: int
    changed_at: datetime


@router.get("", responses=answers())
def list_articles(connection: Db, limit: Limit = 20, offset: Offset = 0) -> list[Article]:
    """List all articles, the oldest first."""
    rows = connection.execute("SELECT * FROM article ORDER BY seq LIMIT ? OFFSET ?", (limit, offset))
    return [Article.model_validate(dict(row)) for row in rows]


@router.post("", status_code=201, responses=answers(401, 409))
def list_article(form: ArticleForm, me: Me, connection: Db, response: Response) -> Article:
    """Offer an article."""
    row = {"id": str(uuid4()), "seller_id": me, **form.model_dump(), "changed_at": now()}
    _write(
        connection,
        "INSERT INTO article (id, seller_id, sku, name, price_cents, changed_at)"
        " VALUES (:id, :seller_id, :sku, :name, :price_cents, :changed_at)",
        row,
    )
    emit(connection, ArticleListed(time=row["changed_at"], data=ArticleData.model_validate(row)))
    response.headers["Location"] = f"/articles/{row['id']}"
    return Article.model_validate(row)


@router.get("/{article_id}", responses=answers(404))
def read_article(article_id: UUID, connection: Db) -> Article:
    """Read an article."""
    return Article.model_validate(_find(connection, article_id))


@router.put("/{article_id}", responses=answers(401, 403, 404, 409))
def replace_article(article_id: UUID, form: ArticleForm, me: Me, connection: Db) -> Article:
    """Replace what is said of an article of yours; to say the same again changes nothing."""
    row = _own(connection, article_id, me)
    changed = {**row, **form.model_dump()}
    if changed != row:
        changed["changed_at"] = now()
        _write(
            connection,
            "UPDATE article SET sku = :sku, name = :name, price_cents = :price_cents,"
            " changed_at = :changed_at WHERE id = :id",
            changed,
        )
        emit(connection, ArticleChanged(time=changed["changed_at"], data=ArticleData.model_validate(changed)))
    return Article.model_validate(changed)


@router.delete("/{article_id}", status_code=204, responses=answers(401, 403, 404))
def remove_article(article_id: UUID, me: Me, connection: Db) -> Response:
    """Offer an article of yours no longer."""
    row = _own(connection, article_id, me)
    connection.execute("DELETE FROM article WHERE id = ?", (row["id"],))
    emit(connection, ArticleRemoved(time=datetime.fromisoformat(now()), data=Gone(id=row["id"])))
    return Response(status_code=204)


def _find(connection: sqlite3.Connection, article_id: UUID) -> dict[str, Any]:
    row = connection.execute(
        "SELECT id, seller_id, sku, name, price_cents, changed_at FROM article WHERE id = ?",
        (str(article_id),),
    ).fetchone()
    if row is None:
        raise refuse(404, "not_found", "There is no such article.")
    return dict(row)


def _own(connection: sqlite3.Connection, article_id: UUID, me: str) -> dict[str, Any]:
    row = _find(connection, article_id)
    if row["seller_id"] != me:
        raise refuse(403, "not_yours", "Only its seller may do this.")
    return row


def _write(connection: sqlite3.Connection, statement: str, row: dict[str, Any]) -> None:
    try:
        connection.execute(statement, row)
    except sqlite3.IntegrityError:
        raise refuse(409, "taken", "Another article has this SKU.", "sku") from None
