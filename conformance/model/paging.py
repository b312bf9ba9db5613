"""How a collection is read in pages: which parameters, and what its answers say of the rest."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

from conformance.model.operation import Listing, Operation, Schema
from conformance.model.record import Exchange, Response
from conformance.target.openapi import Document

ENVELOPES = ("items", "data", "results", "records", "content", "entries")
SIZES = ("limit", "page_size", "pagesize", "per_page", "perpage", "size", "max_results", "top", "first")
OFFSETS = ("offset", "skip")
PAGES = ("page", "page_number", "pagenumber")
CURSORS = ("cursor", "page_token", "pagetoken", "after", "starting_after", "continuation", "_token")
NEXT = ("next", "next_cursor", "nextcursor", "next_page_token", "nextpagetoken", "next_page", "cursor")
MORE = ("has_more", "hasmore", "has_next", "hasnext")
TOTALS = ("total", "total_count", "totalcount", "count", "total_items", "totalitems")
NEXT_LINK = re.compile(r'<([^<>]*)>[^<>,]*;\s*rel="?(?:[^",;]* )?next\b', re.IGNORECASE)
NEXT_FIELDS = ("next-page", "x-next-page", "x-next-cursor", "x-continuation-token")
PAGE_COUNTS = (
    "pages",
    "page_count",
    "pagecount",
    "total_pages",
    "totalpages",
    "num_pages",
    "last_page",
    "lastpage",
)
COUNTING = re.compile(
    r"(x-)?(total|count|pages|total-?(count|pages|items|records|results))|x-pagination-total-.*"
)
"""Header fields with the number of items or pages."""
OF_ALL = re.compile(r"\S+ \S+/(\d+)")
"""The end of a Content-Range (RFC 9110 §14.4)."""
USUAL = 100


@dataclass(frozen=True, slots=True)
class Paging:
    """The parameters that page a list; None where the document declares none of the kind.

    `most` is the largest page that may be asked for, `first` the number of the first page; `chosen` tells
    that more must be said, by which the service may choose what it lists.
    """

    size: str | None
    offset: str | None
    page: str | None
    cursor: str | None
    most: int
    first: int = 1
    chosen: bool = False

    @property
    def whole(self) -> dict[str, Any]:
        """What asks for as much as a usual page holds."""
        return {self.size: self.most} if self.size else {}


def paging_of(operation: Operation) -> Paging:
    """Read the parameters of a list by their usual names, whatever their case and what they begin with.

    Or as configured.
    """
    asked = operation.questions
    named = {name.lower(): name for name in asked}
    known = {name.lstrip("_$"): told for name, told in named.items()} | named
    given = operation.listing or Listing()

    def find(names: tuple[str, ...]) -> str | None:
        return next((known[name] for name in names if name in known), None)

    size, page = given.limit or find(SIZES), given.page or find(PAGES)
    offset, cursor = given.offset or find(OFFSETS), given.cursor or find(CURSORS)
    answered = {name.partition(".")[0] for name in (size, page, offset, cursor) if name} | {
        *(given.body or {})
    }
    most: Any = asked.get(size, {}).get("maximum") if size else None
    first: Any = asked.get(page, {}).get("minimum", 1) if page else 1
    return Paging(
        size=size,
        offset=offset,
        page=page,
        cursor=cursor,
        most=min(int(most), USUAL) if isinstance(most, int | float) else USUAL,
        first=int(first) if isinstance(first, int | float) else 1,
        chosen=bool(operation.answers_needed - answered),
    )


def rows(answer: object) -> list[Any] | None:
    """The items of a list answer: the array itself, or the one in a page object."""
    if isinstance(answer, list):
        return answer
    if isinstance(answer, dict):
        for name in ENVELOPES:
            if isinstance(answer.get(name), list):
                return list(answer[name])
        arrays = [value for value in answer.values() if isinstance(value, list)]
        if len(arrays) == 1:
            return list(arrays[0])
    return None


def rows_schema(document: Document, schema: Schema) -> Schema | None:
    """The schema of one item where `schema` is a list's: an array, or a page object around one."""
    shape = document.shape(schema)
    if shape.get("type") == "array":
        return document.shape(shape.get("items"))
    arrays = {
        name: inner
        for name, value in document.properties(shape).items()
        if (inner := document.shape(value)).get("type") == "array"
    }
    chosen = next((arrays[name] for name in ENVELOPES if name in arrays), None)
    return document.shape(chosen.get("items")) if chosen else None


def answers_list(document: Document, operation: Operation) -> bool:
    """Whether the document says that a success of the operation is a list."""
    schemas = [s for status, r in operation.responses.items() if status[0] == "2" for s in r.content.values()]
    return any(schema and rows_schema(document, schema) is not None for schema in schemas)


def listed(exchange: Exchange, key: str) -> list[str] | None:
    """The identifiers in a list answer; None where it is no list of objects with that key."""
    found = rows(exchange.response.json) if exchange.response and exchange.ok else None
    if found is None or not all(isinstance(row, dict) and key in row for row in found):
        return None
    return [str(row[key]) for row in found]


def is_whole(exchange: Exchange, paging: Paging, asked: int | None) -> bool:
    """Whether a list answer surely holds all there is: it says so, or it is shorter than asked for."""
    answer = exchange.response.json if exchange.response else None
    found = rows(answer)
    if found is None or exchange.response is None or paging.chosen or _links_on(exchange.response):
        return False
    more = said_of_rest(answer)
    if more is not None:
        return not more
    if asked is not None:
        return len(found) < asked
    return not (paging.size or paging.offset or paging.page or paging.cursor)


def counted(response: Response) -> dict[str, int | bool]:
    """What a list answer says beside its items of how many there are, and of whether more follow.

    By the names of its fields, in the page object or in the header.
    """
    said: dict[str, int | bool] = {}
    answer = response.json
    for key, value in _spread(answer) if isinstance(answer, dict) else ():
        name = str(key).lower()
        if name in (*TOTALS, *PAGE_COUNTS) and isinstance(value, int) and not isinstance(value, bool):
            said[str(key)] = value
        elif (name in MORE and isinstance(value, bool)) or name in NEXT:
            said[str(key)] = bool(value)
    for key, value in response.headers:
        of_all = OF_ALL.fullmatch(value.strip()) if key.lower() == "content-range" else None
        if of_all or (COUNTING.fullmatch(key.lower()) and value.strip().isdecimal()):
            said[key] = int(of_all[1] if of_all else value)
    if _links_on(response):
        said["Link"] = True
    elif response.header("link"):
        said["Link"] = False
    return said


def _links_on(response: Response) -> bool:
    """Whether a header field leads to the next page: a link (RFC 8288), or one like `Next-Page`."""
    return NEXT_LINK.search(response.header("link") or "") is not None or any(
        response.header(name) for name in NEXT_FIELDS
    )


def said_of_rest(answer: object) -> bool | None:
    """Whether a page object says that more follows; None where it says nothing of it."""
    if not isinstance(answer, dict):
        return None
    flat = {str(key).lower(): value for key, value in _spread(answer)}
    for name in MORE:
        if isinstance(flat.get(name), bool):
            return bool(flat[name])
    for name in NEXT:
        if name in flat:
            return bool(flat[name])
    found = rows(answer)
    for name in TOTALS:
        # A total over an empty page contradicts itself, and so says nothing.
        if isinstance(flat.get(name), int) and found and flat[name] >= len(found):
            return bool(flat[name] > len(found))
    return None


def next_cursor(response: Response, paging: Paging) -> str | None:
    """The cursor of the page after this one, where the answer or its link to that page names it."""
    answer = response.json
    if link := NEXT_LINK.search(response.header("link") or ""):
        leads = [link[1]]
    else:
        leads = [value for name in NEXT_FIELDS if (value := response.header(name))]
    for lead in leads:
        if paging.cursor and (found := parse_qs(urlsplit(lead).query).get(paging.cursor)):
            return found[0]
    if not isinstance(answer, dict):
        return None
    flat = {str(key).lower(): value for key, value in _spread(answer)}
    found = next((flat[name] for name in NEXT if isinstance(flat.get(name), str) and flat[name]), None)
    # A link instead of a cursor (`/things?page=2`) is not followed.
    return None if found is not None and ("/" in found or "?" in found) else found


def _spread(answer: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """The fields of a page object and of the objects right below it (`meta`, `pagination`)."""
    below = [pair for value in answer.values() if isinstance(value, dict) for pair in value.items()]
    return [*below, *answer.items()]
