"""What every scenario works with: the service, the door, and values to send."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from conformance.model.bodies import Sampler
from conformance.model.operation import Operation
from conformance.model.record import Exchange
from conformance.model.resources import Resource
from conformance.model.service import Principal, Service
from conformance.target.transport import Transport


@dataclass
class Session:
    """One audit's means."""

    service: Service
    transport: Transport
    sampler: Sampler

    def ask(
        self,
        operation: Operation,
        principal: Principal,
        *,
        scenario: str,
        trace: str,
        step: str,
        path: Mapping[str, str] | None = None,
        query: Mapping[str, Any] | None = None,
        send: Any = None,
        facts: Mapping[str, Any] | None = None,
    ) -> Exchange | None:
        """Call an operation as somebody; `send` is the JSON body. Required query is filled in."""
        headers = dict(principal.headers)
        body = b""
        if send is not None:
            body = json.dumps(send).encode()
            headers["content-type"] = "application/json"
        wanted = {
            p.name: self.sampler.value(p.schema, p.name) for p in operation.query_parameters if p.required
        }
        return self.transport.call(
            operation,
            scenario=scenario,
            trace=trace,
            step=step,
            principal=principal.name,
            path=path,
            query={**wanted, **(query or {})},
            headers=headers,
            body=body,
            facts=facts,
        )

    def create(
        self, resource: Resource, principal: Principal, *, scenario: str, trace: str, step: str
    ) -> tuple[str | None, Any]:
        """Create an object; its identifier (None where it was refused) and the body sent."""
        body = resource.create.body
        sent = self.sampler.value(body.schema) if body else None
        made = self.ask(
            resource.create,
            principal,
            scenario=scenario,
            trace=trace,
            step=step,
            send=sent,
            facts={"sent": sent},
        )
        answer = made.response.json if made and made.response and made.ok else None
        if not isinstance(answer, dict) or answer.get(resource.key) is None:
            return None, sent
        identifier = str(answer[resource.key])
        self.transport.owned.add(identifier)
        return identifier, sent

    def missing(self, operation: Operation) -> dict[str, str]:
        """Path values that name nothing, of the types that the parameters declare."""
        names = {}
        for parameter in operation.path_parameters:
            schema = self.service.document.shape(parameter.schema)
            made = (
                "2147480000"
                if schema.get("type") == "integer"
                else str(self.sampler.value({**schema, "enum": None}, parameter.name))
            )
            names[parameter.name] = made
            self.transport.absent.add(made)
        return names
