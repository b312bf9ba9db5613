"""What the kit understood of a service before it asked anything of its rules."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from conformance.model.operation import Operation
from conformance.model.resources import Resource
from conformance.target.openapi import Document


@dataclass(frozen=True)
class Principal:
    """Someone who speaks to the service; `headers` carry the credentials and are secret."""

    name: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    expired_headers: Mapping[str, str] | None = field(default=None, repr=False)


@dataclass
class Service:
    """The document, its resources, and the principals in the order in which they were given."""

    document: Document
    resources: tuple[Resource, ...]
    principals: list[Principal] = field(default_factory=list)
    accounts: Operation | None = None
    why_no_principals: str = ""

    @property
    def operations(self) -> tuple[Operation, ...]:
        """All operations of the document."""
        return self.document.operations

    def operation(self, label: str | None) -> Operation | None:
        """The operation of that label."""
        return next((op for op in self.operations if op.label == label), None)

    @property
    def owner(self) -> Principal:
        """The first principal, or nobody where there is none."""
        return self.principals[0] if self.principals else Principal("anonymous")

    @property
    def stranger(self) -> Principal | None:
        """A second principal, who owns nothing of the first one's."""
        return self.principals[1] if len(self.principals) > 1 else None

    @property
    def own_resources(self) -> tuple[Resource, ...]:
        """The resources whose life the kit walks: all but the accounts that principals are."""
        return tuple(r for r in self.resources if r.create is not self.accounts and not r.parent_parameters)
