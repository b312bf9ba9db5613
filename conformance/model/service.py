"""What the kit understood of a service before it asked anything of its rules."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from conformance.events.consumed import Consumed
from conformance.events.declared import Declared
from conformance.model.actions import shown
from conformance.model.operation import Operation
from conformance.model.record import ANONYMOUS
from conformance.model.resources import Resource
from conformance.target.openapi import Document


@dataclass(frozen=True)
class Principal:
    """Someone who speaks to the service; `headers` carry the credentials and are secret.

    `identity` holds what the service is known to call this principal: an identifier, a name, an
    e-mail address.
    """

    name: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    expired_headers: Mapping[str, str] | None = field(default=None, repr=False)
    state: Literal["active", "disabled"] = "active"
    identity: frozenset[str] = frozenset()


NOBODY = Principal(ANONYMOUS)


@dataclass
class Service:
    """The document, its resources, and the active principals in the order in which they were given.

    `disabled` are the principals whose accounts are switched off: whatever they ask for is to be refused.

    `accounts` is the sign-up operation; `why_no_principals` is set where there are none.
    `selected` holds the labels of the operations that are judged. `events` is None where none are declared.
    `consumes` is what the configuration says that it handles; `means` names what the kit may do beside
    asking: `kill` the process, take the `broker` away and write to it.
    """

    document: Document
    resources: tuple[Resource, ...]
    principals: list[Principal] = field(default_factory=list)
    accounts: Operation | None = None
    why_no_principals: str = ""
    selected: frozenset[str] = frozenset()
    events: Declared | None = None
    consumes: tuple[Consumed, ...] = ()
    means: frozenset[str] = frozenset()
    disabled: list[Principal] = field(default_factory=list)

    @property
    def operations(self) -> tuple[Operation, ...]:
        """The operations that are judged."""
        return tuple(op for op in self.document.operations if op.label in self.selected)

    def operation(self, label: str | None) -> Operation | None:
        """The operation of that label, judged or not."""
        return self.document.named.get(label or "")

    @property
    def owner(self) -> Principal:
        """The first principal, or nobody where there is none."""
        return self.principals[0] if self.principals else NOBODY

    @property
    def stranger(self) -> Principal | None:
        """A second principal, who owns nothing of the first one's."""
        return self.principals[1] if len(self.principals) > 1 else None

    @property
    def account_resource(self) -> Resource | None:
        """The resource whose items are the principals themselves.

        Its create is the sign-up; where that stands elsewhere (`POST /auth/register`), nothing creates its
        items, and reading one shows what signing up shows.
        """
        if self.accounts is None:
            return None
        own = next((r for r in self.resources if r.create is self.accounts), None)
        made = shown(self.document, self.accounts)
        alike = (
            r for r in self.resources if r.create is None and r.read and shown(self.document, r.read) == made
        )
        return own or (next(alike, None) if made else None)
