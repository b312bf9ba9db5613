"""The runs of a scenario that goes through the resources one by one."""

from collections.abc import Iterator

from conformance.model.record import Record, Trace
from conformance.model.resources import Resource
from conformance.model.service import Service


def runs(
    record: Record, service: Service, scenario: str, suffix: str = ""
) -> Iterator[tuple[Resource, Trace]]:
    """Each run with its resource, whose name its trace has, with or without the suffix."""
    named = {f"{scenario} {resource.name}": resource for resource in service.resources}
    for trace in record.traces(scenario):
        resource = named.get(trace.name.removesuffix(suffix))
        if resource is not None:
            yield resource, trace
