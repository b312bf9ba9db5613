"""Nobody writes in another's name."""

from collections.abc import Iterator

from conformance.judge.rule import Observation, broken, held, rule
from conformance.model.record import Record
from conformance.model.service import Service
from conformance.rules.access import SECTION
from conformance.rules.lifecycle import shown
from conformance.scenarios.impersonation import AUTHOR, authors


@rule(
    "SEC020",
    contract="api",
    level="MUST",
    title="Nobody creates in another's name",
    section=SECTION,
    mend="Take the author from the token and leave it out of the body's model.",
    applies=lambda service: [
        r.create.label
        for r in service.resources
        if r.create and authors(service.document.properties, r.create)
    ],
    needs=("writes", "second principal"),
    scenarios=("impersonation",),
    silent="the service does not say by itself whose an object is, or the principals are configured",
)
def own_name_only(record: Record, service: Service) -> Iterator[Observation]:
    """Where a create without `author_id` (`owner_id`, `created_by`) is the asker's, it cannot be another's.

    Asked by the second of two accounts that the kit signed up itself, with the first one's identifier: an
    object that then says it is the first one's was written in another's name. Where the service does not fill
    the field in by itself it may be a plain reference, and is not judged.
    """
    creates = {r.create.label for r in service.resources if r.create}
    for trace in record.traces("impersonation"):
        own, other = trace.step("own name"), trace.step("another's name")
        if own is None or other is None or not own.ok or other.operation not in creates:
            continue
        field, mine, theirs = (other.facts[name] for name in ("field", "own", "other"))
        # Also where the object shows it by another name than the body has it.
        said = [k for k, v in (shown(own) or {}).items() if AUTHOR.fullmatch(k) and v == mine]
        if not said or mine == theirs:
            continue
        became = (shown(other) or {}).get(said[0])
        if other.ok and became == theirs:
            yield broken(
                other.operation,
                own,
                other,
                cause=field,
                message=f"a body may say by `{field}` that an object is another user's",
                expected=f"a 4xx, or {said[0]} = {mine!r}, as without the field",
                actual=f"{said[0]} = {became!r}",
            )
        elif other.refused or became == mine:
            yield held(other.operation, own, other)
