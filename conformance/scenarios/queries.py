"""Asks lists for what they declare beside pages: filters, sorting, totals, and what lies past the end."""

from dataclasses import dataclass, field
from typing import Any

from conformance.model.bodies import EXAMPLES, FULL, LOW, OTHER, REQUIRED, kind_of
from conformance.model.operation import Operation
from conformance.model.paging import Paging, is_whole, next_cursor, paging_of, rows
from conformance.model.queries import Filter, Sort, filters_of, plain, sorts_of, total_of
from conformance.model.record import Exchange
from conformance.model.resources import Resource, parent_of
from conformance.scenarios import given
from conformance.scenarios.session import Made, Session

NAME = "queries"
FAR = 1_000
"""So many items behind the last one that is known."""
UNKNOWN = 100_000
"""Where the list may be longer than what it showed."""
PART = 2
TEN = 10


def run(session: Session) -> None:
    """Every list that declares a filter, a sort parameter or pages."""
    for resource in session.service.resources:
        operation = resource.list
        if operation is None or operation.label not in session.service.selected:
            continue
        document, paging = session.service.document, paging_of(operation)
        filters, sorts = filters_of(document, operation), sorts_of(document, operation)
        if filters or sorts or paging.size or paging.offset or paging.page:
            _Asked(session, resource, operation, paging).all(filters, sorts)


@dataclass
class _Asked:
    """One list and the objects of this audit that are in it."""

    session: Session
    resource: Resource
    operation: Operation
    paging: Paging
    made: list[Made] = field(default_factory=list)
    parents: tuple[str, ...] = ()

    def all(self, filters: tuple[Filter, ...], sorts: tuple[Sort, ...]) -> None:
        """The whole list, its parts, each filter, each way to sort, and the whole list again."""
        strange = self._objects(sorts)
        parents = self.made[0].chain[:-1] if self.made else self._above()
        if parents is None:
            return
        self.parents = parents
        ours = [m.chain[-1] for m, _ in self.session.made if m.resource is self.resource]
        whole = self._ask("whole", own=ours, strange=strange)
        found = rows(whole.response.json) if whole and whole.response and whole.ok else None
        if whole is None or found is None:
            return
        self._totals(whole)
        self._past_the_end(whole, len(found))
        first = next((r for r in found if isinstance(r, dict)), {})
        for chosen in filters:
            self._filter(chosen, first)
        for sort in sorts:
            self._ask("sort", query=sort.query, sort=_said(sort))
        for sort in self._in_parts(sorts):
            self._parts(sort)
        self._ask("whole again")

    def _objects(self, sorts: tuple[Sort, ...]) -> str | None:
        """Some objects that differ; the identifier of one more that somebody else made, or elsewhere."""
        session, resource = self.session, self.resource
        said: dict[str, Any] = {"scenario": NAME, "trace": self._trace, "step": "create"}
        if resource is session.service.account_resource:
            self.made = [m for m in (session.objects.get(resource.name),) if m]
            return None
        for styles in ((FULL, REQUIRED, EXAMPLES), (OTHER,), (LOW,)):
            made = session.create(resource, session.service.owner, styles=styles, **said)
            self.made += [made] if made else []
        tens = self._tens({s.field for s in sorts})
        if tens and self.made:
            body = given.fresh(session, resource, self.made[0].sent, **tens)
            parents = self.made[0].chain[:-1]
            given.create(session, resource, session.service.owner, parents, body, **said)
        stranger, create = session.service.stranger, resource.create
        if stranger and create and create.protected:
            other = session.create(resource, stranger, **said)
            if (
                other
                and isinstance(other.sent, dict)
                and any(isinstance(v, bool) for v in other.sent.values())
            ):
                # A flag may hide the one (a draft): the other shows that somebody else's are there too.
                session.create(resource, stranger, **{**said, "styles": (OTHER,)})
            return other.chain[-1] if other else None
        above = parent_of(resource, session.service.resources)
        if above and above is not session.service.account_resource and self.made and create:
            parent = session.create(above, session.service.owner, **said)
            if parent is not None:
                body = given.fresh(session, resource, self.made[0].sent)
                given.create(session, resource, session.service.owner, parent.chain, body, **said)
        return None

    def _tens(self, names: set[str]) -> dict[str, int]:
        """Ten for each number to sort by that may be ten: sorted as a text it comes before two."""
        document, create = self.session.service.document, self.resource.create
        schemas = document.properties(create.body.schema) if create and create.body else {}
        shapes = {name: plain(document, schema) for name, schema in schemas.items() if name in names}
        return {
            name: TEN
            for name, shape in shapes.items()
            if kind_of(shape) in ("integer", "number")
            and not shape.get("enum")
            and shape.get("minimum", TEN) <= TEN <= shape.get("maximum", TEN)
        }

    @property
    def _trace(self) -> str:
        return f"{NAME} {self.resource.name}"

    def _above(self) -> tuple[str, ...] | None:
        found = self.session.parents(self.resource, self.session.service.owner)
        return found if found is not None and len(found) == len(self.operation.path_names) else None

    def _ask(self, step: str, *, query: Any = None, size: int | None = None, **facts: Any) -> Exchange | None:
        """As the owner; a page as large as may be, unless `size` says otherwise."""
        size = size or self.paging.most
        asked = {"asked": size} if self.paging.size else {}
        return self.session.ask(
            self.operation,
            self.session.service.owner,
            path=self.operation.fill(self.parents),
            query={**({self.paging.size: size} if self.paging.size else {}), **(query or {})},
            facts={"key": self.resource.key, **asked, **facts},
            scenario=NAME,
            trace=self._trace,
            step=step,
        )

    def _totals(self, whole: Exchange) -> None:
        """Where the answer has a total: the same list in pages of one."""
        if self.paging.size is None or whole.response is None or total_of(whole.response.json) is None:
            return
        self._ask("small", size=1)
        if self.paging.offset:
            self._ask("small", size=1, query={self.paging.offset: 1})
        elif self.paging.page:
            self._ask("small", size=1, query={self.paging.page: self.paging.first + 1})

    def _past_the_end(self, whole: Exchange, count: int) -> None:
        name = self.paging.offset or self.paging.page
        if name is None:
            return
        known = is_whole(whole, self.paging, whole.facts.get("asked"))
        far = count + FAR if known else UNKNOWN
        schema = self.operation.questions.get(name)
        most = self.session.service.document.shape(schema).get("maximum", far)
        if isinstance(most, int | float) and most > count:
            self._ask("past the end", size=PART, query={name: min(far, int(most))})

    def _filter(self, chosen: Filter, first: dict[str, Any]) -> None:
        """The values of two own objects; where nothing could be made, the one of the first item."""
        shown: list[tuple[Any, str | None]] = [
            (m.shown, m.chain[-1]) for m in self.made if chosen.field in m.shown
        ]
        values: dict[str, tuple[Any, list[str]]] = {}
        for item, identifier in shown or [(first, None)]:
            value = item.get(chosen.field)
            if isinstance(value, str | int | float) and value != "":
                values.setdefault(_text(value), (value, []))[1].extend([identifier] if identifier else [])
        for value, ids in list(values.values())[:2]:
            facts = {"field": chosen.field, "value": value, "exact": chosen.exact, "ids": ids}
            self._ask("filter", query={chosen.parameter: value}, **facts)

    def _in_parts(self, sorts: tuple[Sort, ...]) -> list[Sort]:
        """Both ways of one field, rather not the identifier: the order in which the list comes anyway."""
        if self.paging.size is None or not (self.paging.offset or self.paging.page or self.paging.cursor):
            return []
        ranked = sorted(sorts, key=lambda s: s.field == self.resource.key)
        return [s for s in ranked if s.field == ranked[0].field][:2]

    def _parts(self, sort: Sort) -> None:
        paging, said = self.paging, _said(sort)
        answer = self._ask("sort part", query=sort.query, size=PART, sort=said)
        if paging.offset:
            after: dict[str, Any] = {paging.offset: PART}
        elif paging.page:
            after = {paging.page: paging.first + 1}
        else:
            cursor = next_cursor(answer.response, self.paging) if answer and answer.response else None
            after = {str(paging.cursor): cursor} if cursor else {}
        if after and answer and answer.ok:
            self._ask("sort part", query={**sort.query, **after}, size=PART, sort=said)


def _said(sort: Sort) -> dict[str, Any]:
    return {
        "field": sort.field,
        "direction": sort.direction,
        "declared": sort.declared,
        "query": dict(sort.query),
    }


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
