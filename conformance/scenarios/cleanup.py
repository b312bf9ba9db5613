"""Removes what this audit made, where the service lets it; the last made goes first."""

from conformance.scenarios.session import Session

NAME = "cleanup"


def run(session: Session) -> None:
    """Delete each object as who made it; one that has gone already answers 404, which is well."""
    for made, principal in reversed(session.made):
        delete = made.resource.delete
        if delete is not None:
            session.ask(
                delete,
                principal,
                path=delete.fill(made.chain),
                scenario=NAME,
                trace=f"{NAME} {made.resource.name}",
                step="delete",
            )
