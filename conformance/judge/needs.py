"""What a rule may need beyond a service that answers, and whether this audit has it."""

from conformance.model.service import Service
from conformance.target.undeclared import declares_none

REQUIREMENTS = {
    "writes": "--write (the target is on another host, so only GET, HEAD and OPTIONS are sent)",
    "principals": "[principals.NAME] with headers",
    "second principal": "a second [principals.NAME] with headers",
    "broker": "a broker that the kit can read",
    "own process": "[target] command (only what the kit has started may be killed)",
    "own broker": "a broker of the kit's: {bootstrap_servers} in [target.env], and no HOST:PORT in [events]",
    "effect": "[events.consumes.NAME] with `effect`",
    "expired token": "`expired_headers` of a principal, or [tokens] with the key that signs",
}


def missing(needs: tuple[str, ...], service: Service, *, read_only: bool) -> str | None:
    """The requirement that is not met, in words for the user; None where all are."""
    have = {
        "writes": not read_only,
        "principals": bool(service.principals),
        "second principal": service.stranger is not None,
        "broker": service.events is None or not service.events.unseen,
        "own process": "kill" in service.means,
        "own broker": "broker" in service.means,
        "effect": any(consumed.effect for consumed in service.consumes),
        "expired token": service.owner.expired_headers is not None,
    }
    lacking = next((need for need in needs if not have[need]), None)
    if lacking is None:
        return None
    if lacking == "broker" and service.events is not None:
        return f"{REQUIREMENTS[lacking]} ({service.events.unseen})"
    why = service.why_no_principals if "principal" in lacking and not service.principals else ""
    return f"{REQUIREMENTS[lacking]} ({why})" if why else REQUIREMENTS[lacking]


def nothing_declared(needs: tuple[str, ...], service: Service) -> str:
    """Why a rule applies to no operation, and what would mend that where the document should say more."""
    if service.principals and any("principal" in need for need in needs) and declares_none(service.document):
        return "nothing asks for credentials, nor does the document: let it declare its `security`"
    return "the document declares nothing of it"
