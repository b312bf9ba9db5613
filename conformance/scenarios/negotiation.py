"""Asks for representations by media type, where the document declares several (RFC 9110 §12.5.1)."""

from conformance.model.bodies import kind_of
from conformance.model.operation import Operation
from conformance.scenarios.session import Session
from conformance.target.openapi import Document
from conformance.target.transport import ENDLESS

NAME = "negotiation"
UNKNOWN = "application/x-no-such-type"


def run(session: Session) -> None:
    """Each read with several media types: each alone, one before the other, and one that there is not."""
    for operation in session.service.operations:
        offered = media_types(session.service.document, operation)
        path = session.path_of(operation) if len(offered) > 1 else None
        if path is None:
            continue
        asked = {f"only {media}": (media, media) for media in offered}
        first, second = offered[:2]
        asked["prefer the second"] = (f"{first};q=0.2, {second}", second)
        asked["prefer the first"] = (f"{second};q=0.2, {first}", first)
        asked["unknown"] = (UNKNOWN, "")
        for step, (accept, wanted) in asked.items():
            session.ask(
                operation,
                session.service.owner,
                path=path,
                headers={"accept": accept},
                facts={"wanted": wanted},
                scenario=NAME,
                trace=f"{NAME} {operation.label}",
                step=step,
            )


def media_types(document: Document, operation: Operation) -> list[str]:
    """The media types of the successes of a GET, in the document's order.

    Left out are ranges (`image/*`), streams, and texts that are said to be objects: some generators list
    `text/plain` beside each JSON.
    """
    if operation.method != "GET":
        return []
    found: dict[str, None] = {}
    for status, response in operation.responses.items():
        for name, schema in response.content.items() if status.startswith("2") else ():
            media = name.split(";")[0].strip().lower()
            text = not schema or kind_of(document.shape(schema)) == "string"
            if media and "*" not in media and media != ENDLESS and (text or not media.startswith("text/")):
                found[media] = None
    return list(found)
