"""The part of the terminal's report that shows requests and events side by side (--verbose)."""

from rich.console import Console
from rich.text import Text

from conformance.report.console import safe
from conformance.report.result import EventsSeen, SeenEvent, SeenRequest

KNOWN = {
    "marker": "the event of a last write has come",
    "time": "read to its end once the time that an event may take had passed: no marker was to be had",
    "end": "read to its end",
    "none": "not read to its end",
}
SAID_BY = {
    "x-publishes": "x-publishes",
    "configuration": "`publishes` in [events]",
    "convention": "the names of the messages (convention)",
}


def show(events: EventsSeen, console: Console) -> None:
    """Write which request published what, the topics, and how their ends are known."""
    console.print(Text("\nrequests and their events", style="bold"))
    told = f"  declared by {events.source}; which operation publishes what: {SAID_BY[events.said_by]}"
    console.print(safe(told))
    for operation in events.operations:
        declared = ", ".join(operation.publishes) or "nothing"
        console.print(safe(operation.operation, "bold") + safe(f"  declares {declared}", "dim"))
        for request in operation.requests:
            told = f"  {request.status or '---'} {request.request}  ({request.step})  "
            console.print(safe(told) + _events(request), soft_wrap=True)
        if operation.total > len(operation.requests):
            console.print(Text(f"  and {operation.total - len(operation.requests)} more", style="dim"))
    for event in events.unmatched:
        console.print(safe("  of no request: ", "red") + _event(event))
    for topic in events.topics:
        console.print(safe(f"  topic {topic.topic}: {topic.messages} read, {KNOWN[topic.known]}", "dim"))
    if events.unsupported:
        told = f"  {events.unsupported} payloads of a schema registry (Avro, Protobuf) were not read"
        console.print(Text(told, style="yellow"))


def _events(request: SeenRequest) -> Text:
    lines = [_event(event) for event in request.events]
    lines += [safe(f"{name} missing", "red") for name in request.missing]
    return Text(", ").join(lines) if lines else Text("no event", style="dim")


def _event(event: SeenEvent) -> Text:
    place = f"{event.name or 'unknown'} {event.topic}[{event.partition}]@{event.offset} key {event.key}"
    problem = f" {event.problem}" if event.problem else ""
    return safe(place + problem, "red" if problem else "")
