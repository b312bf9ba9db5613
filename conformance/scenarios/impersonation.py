"""Creates an object in another user's name, where a body can say whose it is."""

import re
from typing import Any

from conformance.model.operation import Operation
from conformance.model.resources import Resource
from conformance.scenarios import given
from conformance.scenarios.session import Session
from conformance.target.principals import Account

NAME = "impersonation"
AUTHOR = re.compile(r"(author|owner|creator|created_?by)(_?(id|uuid))?", re.IGNORECASE)
"""Fields that say whose an object is. Who is to do something (`assignee_id`) or buys it may be said."""


def run(session: Session) -> None:
    """As the second of the accounts that this audit made: neither may do more than the other."""
    if len(session.accounts.made) > 1 and session.service.stranger is session.accounts.made[1].principal:
        for resource in session.service.resources:
            create = resource.create
            if create and create.label in session.service.selected and not resource.named_by_client:
                for field in authors(session.service.document.properties, create):
                    _ask(session, resource, create, field)


def authors(properties: Any, create: Operation) -> list[str]:
    """The fields of a create's body that name whose the object is; `properties` reads a schema's."""
    declared = properties(create.body.schema) if create.body and create.protected else {}
    return [
        name for name, schema in declared.items() if AUTHOR.fullmatch(name) and not schema.get("readOnly")
    ]


def _ask(session: Session, resource: Resource, create: Operation, field: str) -> None:
    """Without the field, then with the first account's identifier in it."""
    first, second = (_identifier(session, account) for account in session.accounts.made[:2])
    parents, stranger = session.parents(resource, session.service.owner), session.service.stranger
    if None in (first, second) or parents is None or stranger is None:
        return
    for step, more in (("own name", {}), ("another's name", {field: first})):
        body = session.body(create)
        if not isinstance(body, dict):
            return
        sent = {**{k: v for k, v in body.items() if not AUTHOR.fullmatch(k)}, **more}
        given.create(
            session,
            resource,
            stranger,
            parents,
            sent,
            facts={"field": field, "own": second, "other": first},
            scenario=NAME,
            trace=f"{NAME} {resource.name} {field}",
            step=step,
        )


def _identifier(session: Session, account: Account) -> Any:
    resource = session.service.account_resource
    return account.shown.get(resource.key if resource else "id")
