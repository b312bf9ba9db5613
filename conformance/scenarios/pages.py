"""Asks collections for their pages: a whole, and the same in parts."""

from conformance.scenarios.session import Session

NAME = "pages"
SIZE = 2
OBJECTS = 5


def run(session: Session) -> None:
    """Five objects in each collection that declares limit, then pages of two."""
    for resource in session.service.own_resources:
        operation = resource.list
        if operation is None:
            continue
        declared = {p.name for p in operation.query_parameters}
        if "limit" not in declared:
            continue
        trace = f"{NAME}{resource.name}"
        owner = session.service.owner
        for _ in range(OBJECTS):
            session.create(resource, owner, scenario=NAME, trace=trace, step="create")
        offsets = range(0, OBJECTS, SIZE) if "offset" in declared else (0,)
        whole = {"limit": OBJECTS}
        for step, query in [
            ("whole", whole),
            *((f"page {o}", {"limit": SIZE} | ({"offset": o} if o else {})) for o in offsets),
        ]:
            session.ask(
                operation,
                owner,
                scenario=NAME,
                trace=trace,
                step=step,
                query=query,
                facts={**query, "key": resource.key},
            )
