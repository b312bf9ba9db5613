"""What every scenario works with: the service, the door, values to send, and the objects made."""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import httpx2

from conformance.events.observer import Observer
from conformance.model.bodies import EXAMPLES, FULL, NOWHERE, REFERENCE, REQUIRED, Sampler, Style
from conformance.model.lists import placed
from conformance.model.operation import Operation, Parameter
from conformance.model.paging import rows
from conformance.model.record import Exchange
from conformance.model.resources import Resource, holder, identifier, named, parent_of, representation
from conformance.model.service import Principal, Service
from conformance.model.versions import Lock, lock_of
from conformance.scenarios.state import present
from conformance.target.ownership import parameters
from conformance.target.principals import Account, Accounts
from conformance.target.process import Running
from conformance.target.transport import Transport

PERSON = re.compile(r"(owner|author|creator|user|account|customer|assignee)_?id$", re.IGNORECASE)
"""Fields that name a person: one of the principals, where they are accounts of the service."""


@dataclass(frozen=True, slots=True)
class Made:
    """An object of this audit: `chain` holds its parents' identifiers and its own, outermost first."""

    resource: Resource
    chain: tuple[str, ...]
    shown: Mapping[str, Any]
    sent: Any

    @property
    def facts(self) -> dict[str, Any]:
        """What a rule needs to know of it."""
        return {"id": self.chain[-1], "key": self.resource.key, "resource": self.resource.name}


@dataclass
class Session:
    """One audit's means.

    `objects` are the owner's, by the resource's name, and stay as they are; `made` is all that was made
    and by whom, in order. `observer` reads the topics, None where none is declared or can be read;
    `service.events` says what is declared, `late` holds the names of events that did not come in time.
    `running` is the process, where the kit has started it.
    """

    service: Service
    transport: Transport
    sampler: Sampler
    accounts: Accounts
    seed: int = 0
    objects: dict[str, Made] = field(default_factory=dict)
    made: list[tuple[Made, Principal]] = field(default_factory=list)
    observer: Observer | None = None
    late: set[str] = field(default_factory=set)
    running: Running | None = None
    _making: set[str] = field(default_factory=set)
    _locks: dict[str, Lock | None] = field(default_factory=dict)
    _lists: set[str] = field(default_factory=set)
    _speaker: Principal | None = None
    _referred: dict[tuple[str, str], Made] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """References in bodies name objects that this audit made; the principals are such objects."""
        self._lists = {r.list.label for r in self.service.resources if r.list}
        self.sampler.reference = self.reference
        for account in self.accounts.made:
            made, resource = self._adopt(account), self.service.account_resource
            if made and resource and account.principal is self.service.owner:
                self.objects[resource.name] = made

    def ask(
        self,
        operation: Operation,
        principal: Principal,
        *,
        send: Any = None,
        query: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        **said: Any,
    ) -> Exchange | None:
        """Call an operation as somebody; `send` is the body as data. Required parameters are filled in.

        A change that must name the state that it changes (If-Match, a version) names the present one, unless
        `headers` or the body name another. `query` holds what a list is asked with: where it is asked by
        POST, that goes into the body. What the facts say was `sent` is the object, without an envelope.
        """
        if send is None and operation.label in self._lists:
            send = self._list_body(operation)
            query, send = placed(self.service.document, operation, query or {}, send)
        tag, version = present(self, operation, said.get("path"), headers, send)
        media, body = encode(operation, {**version, **send} if isinstance(send, dict) else send)
        if "sent" in said.get("facts", ()):
            said["facts"] = {**said["facts"], "sent": self._unwrapped(operation, said["facts"]["sent"])}
        headers = {**self.required(operation, "header"), **principal.headers, **tag, **(headers or {})}
        if media:
            headers["content-type"] = media
        return self.transport.call(
            operation,
            principal=principal.name,
            query={**self.required(operation, "query"), **_texts(query or {})},
            headers=headers,
            body=body,
            **said,
        )

    def _list_body(self, operation: Operation) -> Any:
        """What the body of a list by POST has anyway: the configured one, else what is required."""
        if operation.listing and operation.listing.body is not None:
            return dict(operation.listing.body)
        return None if operation.safe else self.body(operation, REQUIRED)

    def _unwrapped(self, operation: Operation, sent: Any) -> Any:
        resource = next((r for r in self.service.resources if r.envelope and operation in r.operations), None)
        inside = sent.get(resource.envelope) if resource and isinstance(sent, dict) else None
        return inside if isinstance(inside, dict) else sent

    def required(self, operation: Operation, location: str) -> dict[str, Any]:
        """Values for the required parameters of one location."""
        return {
            p.name: _text(self._parameter(p))
            for p in operation.parameters
            if p.required and p.location == location and p.name.lower() not in ("authorization", "if-match")
        }

    def lock(self, operation: Operation) -> Lock | None:
        """What a change of an item must name; None where it need name nothing."""
        if operation.label not in self._locks:
            service = self.service
            self._locks[operation.label] = lock_of(service.document, service.resources, operation)
        return self._locks[operation.label]

    def _parameter(self, parameter: Parameter) -> Any:
        """A value for a parameter; one that names an object names one of this audit's, or none."""
        if not REFERENCE.search(parameter.name):
            return self.sampler.value(parameter.schema, parameter.name)
        found = self.reference(parameter.name)
        return self.sampler.absent(parameter.schema) if found is None else found

    def body(self, operation: Operation, style: Style = FULL) -> Any:
        """A valid body, but for a version that `ask` fills in; None where the operation takes none."""
        made = self.sampler.value(operation.body.schema, style=style) if operation.body else None
        lock = self.lock(operation)
        return {k: v for k, v in made.items() if k != lock.field} if lock and isinstance(made, dict) else made

    @contextmanager
    def speaking(self, principal: Principal) -> Iterator[None]:
        """Bodies made meanwhile refer to this principal's objects: another's may be hidden from them."""
        before, self._speaker = self._speaker, principal
        try:
            yield
        finally:
            self._speaker = before

    def create(
        self,
        resource: Resource,
        principal: Principal,
        *,
        styles: tuple[Style, ...] = (FULL, REQUIRED, EXAMPLES),
        **said: Any,
    ) -> Made | None:
        """Create an object, its parents first; None where it was refused.

        A refused full body is followed by one of required fields only, and one of the document's
        examples: a field may have conditions that no schema tells.
        """
        create = resource.create
        parents = self.parents(resource, principal) if create else None
        if create is None or parents is None:
            return None
        for style in styles:
            with self.speaking(principal):
                sent = self.body(create, style)
            facts = {"sent": sent, "key": resource.key, "resource": resource.name}
            path, sent = self.place(resource, parents, sent)
            made = self.ask(create, principal, path=path, send=sent, facts=facts | {"sent": sent}, **said)
            if made is None or made.response is None or (not made.ok and sent is None):
                return None
            if made.ok:
                named_by = identifier(made.response, resource.key) or chosen(resource, path, sent)
                if named_by is None:
                    return None
                self.own(resource, named_by)
                shown = representation(made.response.json, resource.key) or {resource.key: named_by}
                result = Made(resource, (*parents, named_by), shown, sent)
                self.made.append((result, principal))
                return result
        return None

    def own(self, resource: Resource, name: str) -> None:
        """Remember an item as one of this audit's own, wherever the resource's operations have its path."""
        self.transport.objects.own(resource.name, name)
        for operation in resource.operations:
            if len(operation.path_names) > len(resource.parents):
                self.transport.objects.own(operation.path[: operation.path.rindex("{")], name)

    def place(self, resource: Resource, parents: tuple[str, ...], sent: Any) -> tuple[dict[str, str], Any]:
        """Path values for a create, and its body.

        A PUT on the item's path gets a fresh name, which goes into the body as well where that has the key.
        """
        create = resource.create
        if create is None or not resource.named_by_client:
            return create.fill(parents) if create else {}, sent
        schemas = {p.name: p.schema for p in create.path_parameters}
        name = _text(self.sampler.fresh(self.service.document.shape(schemas.get(create.path_names[-1]))))
        self.own(resource, name)
        if isinstance(sent, dict) and resource.key in sent:
            sent = {**sent, resource.key: type(sent[resource.key])(name)}
        return create.fill((*parents, name)), sent

    def parents(self, resource: Resource, principal: Principal) -> tuple[str, ...] | None:
        """The identifiers above a collection, made where need be; None where they cannot be."""
        if not resource.parents:
            return ()
        above = parent_of(resource, self.service.resources)
        made = self.an(above, principal) if above else None
        return made.chain if made and len(made.chain) == len(resource.parents) else None

    def an(self, resource: Resource, principal: Principal) -> Made | None:
        """An object that stays as it is: the owner's one is made once, another principal gets a fresh one.

        Where nothing may be written, or the document tells no way to make one, it is one that the list shows.
        """
        if principal is self.service.owner and resource.name in self.objects:
            return self.objects[resource.name]
        if resource.name in self._making or resource is self.service.account_resource:
            return None
        self._making.add(resource.name)
        said: dict[str, Any] = {"scenario": "provide", "trace": f"provide {resource.name}"}
        try:
            made = self.create(resource, principal, step="create", **said) or self._found(resource, said)
        finally:
            self._making.discard(resource.name)
        if made and principal is self.service.owner:
            self.objects[resource.name] = made
        return made

    def _found(self, resource: Resource, said: dict[str, Any]) -> Made | None:
        parents = self.parents(resource, self.service.owner) if resource.list else None
        if resource.list is None or parents is None:
            return None
        path = resource.list.fill(parents)
        answer = self.ask(resource.list, self.service.owner, path=path, step="list", **said)
        found = rows(answer.response.json) if answer and answer.response and answer.ok else None
        for row in found or []:
            if isinstance(row, dict) and row.get(resource.key) is not None:
                return Made(resource, (*parents, str(row[resource.key])), row, None)
        return None

    def reference(self, name: str) -> Any:
        """What a field called `name` (`post_id`, say) refers to: an object made for it, or None."""
        found = named(name, self.service.resources)
        if found is None:
            account = self.service.account_resource
            return self._shown(account, None) if account and PERSON.match(name) else None
        return self._shown(*found)

    def _shown(self, resource: Resource, field_name: str | None) -> Any:
        made = self._own(resource) or self.an(resource, self.service.owner)
        return made.shown.get(field_name or resource.key) if made else None

    def _own(self, resource: Resource) -> Made | None:
        """What somebody else than the owner, where it is they who speak, made to refer to."""
        speaker = self._speaker
        if speaker is None or speaker is self.service.owner:
            return None
        known = (speaker.name, resource.name)
        made = self._referred.get(known) or self.an(resource, speaker)
        if made is not None:
            self._referred[known] = made
        return made

    def path_of(self, operation: Operation, *, fresh: bool = False, trace: str = "") -> dict[str, str] | None:
        """Path values that name objects of this audit; None where it has none of the kind.

        `fresh` makes an object for this call alone, which may then be changed or deleted; its create is of
        the `trace`.
        """
        if not operation.path_names:
            return {}
        last = holder(operation.path[: operation.path.rindex("{")], self.service.resources)
        made = None
        if last:
            made = self._fresh(last, trace) if fresh else self.an(last, self.service.owner)
        if made and len(made.chain) == len(operation.path_names):
            return operation.fill(made.chain)
        values = []
        for collection, name in parameters(operation.path):
            found = self._named_by(collection, name) or (
                self._account(collection) if operation.safe else None
            )
            if found is None:
                return None
            value, own = found
            values.append(value)
            if own:
                self.transport.objects.own(collection, value)
        return operation.fill(values)

    def _fresh(self, resource: Resource, trace: str = "") -> Made | None:
        trace = trace or f"provide {resource.name}"
        said: dict[str, Any] = {"scenario": "provide", "trace": trace, "step": "create"}
        if resource is self.service.account_resource:
            account = self.account("erin", **said)
            return account[1] if account else None
        return self.create(resource, self.service.owner, **said)

    def _named_by(self, collection: str, name: str) -> tuple[str, bool] | None:
        """A value for a path parameter, and whether it names an object that this audit made.

        The collection's own item; what the parameter's name says (`post_id`); or a field of that name
        of the resource above (`/flows/name/{name}`).
        """
        resources = self.service.resources
        said = named(name, resources)
        above = [r for r in resources if collection.startswith(r.name + "/")]
        nearest = max(above, key=lambda r: len(r.name), default=None)
        own = holder(collection, resources)
        for resource, field_name in ((own, None), said or (None, None), (nearest, name)):
            if resource is None:
                continue
            value = self._shown(resource, field_name)
            if isinstance(value, str | int) and not isinstance(value, bool):
                return str(value), self.objects[resource.name].sent is not None
        return None

    def _account(self, collection: str) -> tuple[str, bool] | None:
        """The owner's account, where that is what the collection is of and no operation shows one."""
        sign_up, owner = self.accounts.sign_up, self.service.owner
        if sign_up is None or sign_up.path.rstrip("/") != collection.rstrip("/"):
            return None
        shown = next((a.shown for a in self.accounts.made if a.principal is owner), {})
        value = next((shown[name] for name in ("id", "uuid") if shown.get(name) is not None), None)
        return None if value is None else (str(value), False)

    def missing(self, operation: Operation) -> dict[str, str]:
        """Path values that name nothing, of the types that the parameters declare."""
        names = {}
        schemas = {p.name: p.schema for p in operation.path_parameters}
        for name in operation.path_names:
            schema = self.service.document.shape(schemas.get(name))
            kinds = schema.get("type")
            integer = "integer" in kinds if isinstance(kinds, list) else kinds == "integer"
            limit = schema.get("maximum", NOWHERE)
            made = str(min(int(limit), NOWHERE)) if integer else _text(self.sampler.fresh(schema))
            names[name] = made
            self.transport.objects.invent(made)
        return names

    def account(self, name: str, **said: Any) -> tuple[Principal, Made] | None:
        """A new account for one trace, and the object that it is; None where there is no such thing."""
        if self.service.account_resource is None or self.accounts.missing:
            return None
        account = self.accounts.make(name, **said)
        made = self._adopt(account) if account else None
        return (account.principal, made) if account and made else None

    def _adopt(self, account: Account) -> Made | None:
        """The object that an account is; None where the document shows no such resource."""
        resource = self.service.account_resource
        if resource is None or account.shown.get(resource.key) is None:
            return None
        named_by = str(account.shown[resource.key])
        self.own(resource, named_by)
        made = Made(resource, (named_by,), account.shown, account.sent)
        self.made.append((made, account.principal))
        return made


def encode(operation: Operation, data: Any) -> tuple[str, bytes]:
    """The media type and the bytes of a body in the form that the operation declares."""
    if data is None:
        return "", b""
    media = operation.body.media_type if operation.body else "application/json"
    if media == "application/x-www-form-urlencoded" and isinstance(data, dict):
        return media, urlencode(data, doseq=True).encode()
    if media == "multipart/form-data" and isinstance(data, dict):
        parts = {name: (None, _text(value).encode()) for name, value in data.items()}
        built = httpx2.Request("POST", "http://encoder.invalid", files=parts)
        return built.headers["content-type"], built.read()
    return media if "json" in media else "application/json", json.dumps(data).encode()


def chosen(resource: Resource, path: Mapping[str, str], sent: Any) -> str | None:
    """The name that the kit itself gave an object, by a PUT on its path or as its key in the body."""
    if resource.named_by_client:
        return list(path.values())[-1]
    name = sent.get(resource.key) if isinstance(sent, dict) else None
    return str(name) if isinstance(name, str | int) and not isinstance(name, bool) else None


def _texts(query: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _text(value) if isinstance(value, bool) else value for name, value in query.items()}


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
