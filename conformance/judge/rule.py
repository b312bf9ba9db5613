"""A rule: the unit that a team reads, selects and waives."""

import inspect
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from conformance.model.record import Exchange, Record
    from conformance.model.service import Service

Contract = Literal["api", "error", "event", "structure"]
Level = Literal["MUST", "SHOULD"]


@dataclass(frozen=True, slots=True)
class Observation:
    """What a rule saw of one operation (a label): kept its word, or broke it.

    `cause` names why in words that do not change between runs (a schema pointer, a shape, a
    step): observations of one rule with the same cause become one finding.
    """

    operation: str
    exchanges: tuple["Exchange", ...]
    held: bool
    cause: str = ""
    message: str = ""
    expected: str = ""
    actual: str = ""


def held(operation: str, *exchanges: "Exchange") -> Observation:
    """The operation kept the rule in these exchanges."""
    return Observation(operation, exchanges, held=True)


def broken(
    operation: str, *exchanges: "Exchange", cause: str, message: str, expected: str, actual: str
) -> Observation:
    """The operation broke the rule; the last exchange is the one that shows it."""
    return Observation(operation, exchanges, False, cause, message, expected, actual)


Check = Callable[["Record", "Service"], Iterator[Observation]]
Applies = Callable[["Service"], Iterable[str]]


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule and what it needs.

    `applies` yields the labels of the operations that the rule speaks of; `needs` names what the
    user could give and without which the rule is not run (see `conformance.judge.needs`), and
    `scenarios` whose exchanges it reads (none named: all). A rule that saw nothing is vacuous, unless
    `silent` says why the service owed it nothing. What a rule that it `yields_to` has found in the same
    exchange is not told once more.
    """

    id: str
    contract: Contract
    level: Level
    title: str
    section: str
    mend: str
    applies: Applies
    check: Check
    needs: tuple[str, ...] = ()
    scenarios: tuple[str, ...] = ()
    silent: str = ""
    yields_to: tuple[str, ...] = ()

    @property
    def help(self) -> str:
        """The docstring of the check: what it looks at and why."""
        return inspect.getdoc(self.check) or ""


@dataclass
class Catalogue:
    """The rules by id."""

    rules: dict[str, Rule] = field(default_factory=dict)

    def rule(
        self,
        id_: str,
        *,
        contract: Contract,
        level: Level,
        title: str,
        section: str,
        mend: str,
        applies: Applies,
        needs: tuple[str, ...] = (),
        scenarios: tuple[str, ...] = (),
        silent: str = "",
        yields_to: tuple[str, ...] = (),
    ) -> Callable[[Check], Check]:
        """Register a check as a rule; its docstring is the rule's help."""

        def register(check: Check) -> Check:
            if id_ in self.rules:
                raise ValueError(f"two rules are called {id_}")
            said = (id_, contract, level, title, section, mend, applies, check, needs, scenarios)
            self.rules[id_] = Rule(*said, silent=silent, yields_to=yields_to)
            return check

        return register

    def __iter__(self) -> Iterator[Rule]:
        return iter(sorted(self.rules.values(), key=lambda r: r.id))


catalogue = Catalogue()
rule = catalogue.rule
