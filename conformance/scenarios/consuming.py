"""Sends messages to the service's consumers: twice the same, poison, an unknown type; a valid one after each.

"Nothing came of it" is never waited for: a marker goes to the same partition after it, and once the
marker's effect shows, what was before it has been dealt with.
"""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from conformance.events.consumed import Consumed, look
from conformance.events.declared import EventMessage
from conformance.events.effects import differing, leaves
from conformance.events.envelope import Event, understood
from conformance.events.letters import Letter, Letters
from conformance.events.observer import Observer
from conformance.model.bodies import REFERENCE
from conformance.model.record import Exchange, Response
from conformance.model.resources import named
from conformance.model.service import Principal
from conformance.scenarios.restarting import restart
from conformance.scenarios.session import PERSON, Session
from conformance.target.process import Running

NAME = "consuming"
PATIENCE = 30.0
"""Seconds in which a consumer handles a message, its retries of the one before included."""
POLL = 0.05
POLL_MOST = 1.0
POLL_KILL = 0.02
SETTLE = 2.0
"""Seconds without a change after which consumers are at rest; waited, too, where no marker can be told."""
DUPLICATE = "duplicate"
UNKNOWN = "unknown type"
KILLED = "killed"
MANY = (40, 160, 640)
"""Messages of which the service handles some before it is killed: a fast one handles few all at once."""
RECOVERY = 90.0
"""Seconds in which a killed consumer goes on: its group waits until the dead one's session ends, 45 s say."""

Steps = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom a message is about: the values of the places that the effect names, and who may see it."""

    values: Mapping[Steps, Any]
    principal: Principal


def run(session: Session) -> None:
    """Each message that the configuration says the service handles, and whose effect it names."""
    events, observer = session.service.events, session.observer
    if events is None or observer is None or "broker" not in session.service.means:
        return
    for consumed in session.service.consumes:
        declared = next((m for m in events.messages if _is(m, consumed)), None)
        if consumed.effect is None or declared is None or declared.envelope == "unsupported":
            continue
        sample = _sample(session, consumed, declared)
        subjects = list(_subjects(session, consumed, sample))
        letters = Letters(consumed, declared, sample, session.seed)
        _Reader(session, observer, consumed, letters, subjects).run()


def _is(message: EventMessage, consumed: Consumed) -> bool:
    return consumed.name in message.names and message.topic == consumed.topic


def _sample(session: Session, consumed: Consumed, declared: EventMessage) -> Event | None:
    """A message of that type that the service itself has published."""
    events = session.service.events
    for message in session.transport.record.messages if events else ():
        if message.topic == consumed.topic and not message.ours and events:
            event = understood(message, events)
            if event.name == declared.name and not event.problems and isinstance(event.data, dict):
                return event
    return None


def _subjects(session: Session, consumed: Consumed, sample: Event | None) -> Iterator[Subject]:
    """One or two, as differing as may be: what is done to one shows nothing of the other."""
    owner, accounts = session.service.owner, session.service.account_resource
    people = [
        (made.shown.get(made.resource.key), principal)
        for made, principal in session.made
        if made.resource is accounts and principal.name in {p.name for p in session.service.principals}
    ]
    if accounts is None:
        # Where no operation shows accounts, their sign-up did.
        people = [(account.shown.get("id"), account.principal) for account in session.accounts.made]
    for turn in range(2):
        person = next(((m, p) for m, p in people if (p is owner) == (turn == 0)), None)
        values: dict[Steps, Any] = {}
        principal: Principal | None = owner
        for steps in consumed.places:
            name = steps[-1]
            found = named(name, session.service.resources)
            if PERSON.match(name) and (found is None or found[0] is accounts):
                principal = person[1] if person else None
                values[steps] = person[0] if person else None
            elif found is not None:
                said: dict[str, Any] = {"scenario": "provide", "trace": f"provide {found[0].name}"}
                made = (
                    session.create(found[0], owner, step="create", **said)
                    if turn
                    else session.an(found[0], owner)
                )
                values[steps] = made.shown.get(found[1] or found[0].key) if made else None
            elif not REFERENCE.search(name) and name != "id" and sample:
                old = look(sample.data, steps)
                values[steps] = session.sampler.word() if isinstance(old, str) else None
        if principal is None or None in values.values():
            return
        yield Subject(values, principal)
        if not consumed.places:
            return


@dataclass
class _Reader:
    """One consumed message, from the first valid one to the last marker."""

    session: Session
    observer: Observer
    consumed: Consumed
    letters: Letters
    subjects: list[Subject]
    partition: int = -1
    ignored: list[str] = field(default_factory=list)
    last: dict[str, Exchange | None] = field(default_factory=dict)

    def run(self) -> None:
        """Stops where a marker is not handled: nothing after it would be."""
        if not self.subjects:
            return
        self._at_rest()
        first = self._valid(self.subjects[0], "valid")
        marked = self._valid(self.subjects[-1], "valid") if first and len(self.subjects) > 1 else first
        if first is None or marked is None:
            return
        cases = {DUPLICATE: first, **self.letters.poison(self.letters.write(self.subjects[0].values))}
        unknown = self.letters.unknown(self.letters.write(self.subjects[0].values))
        if unknown is not None:
            cases[UNKNOWN] = unknown
        for case, letter in cases.items():
            if not self._case(case, letter):
                return
        if len(self.subjects) > 1 and self.session.running is not None:
            self._killed(self.session.running)

    def _at_rest(self) -> None:
        """Wait until nothing changes any more by itself: consumers may still be at what came before."""
        letters = [(self.letters.write(subject.values), subject) for subject in self.subjects]
        until, last, since = time.monotonic() + PATIENCE, None, 0.0
        while time.monotonic() < until:
            now = [leaves(_answer(self._read(letter, subject, "at rest"))) for letter, subject in letters]
            if now != last:
                last, since = now, time.monotonic()
            elif time.monotonic() - since > SETTLE:
                return
            time.sleep(POLL * 5)

    def _valid(self, subject: Subject, step: str) -> Letter | None:
        """Send a new letter, and wait until its effect shows; None where it does not."""
        letter = self.letters.write(subject.values)
        before = self._read(letter, subject, f"{step} before")
        again = self._read(letter, subject, f"{step} before")
        self.ignored = [*self.ignored, *differing(_answer(before), _answer(again), self.ignored)]
        self._send(letter)
        return letter if self._until_changed(letter, subject, again, step) else None

    def _case(self, case: str, letter: Letter) -> bool:
        """One letter and a marker after it; whether the marker was handled."""
        owner, marker = self.subjects[0], self.subjects[-1]
        apart = len(self.subjects) > 1
        window = len(self.session.transport.record.messages)
        before = self._read(letter, owner, f"{case} before", case=case)
        following = self.letters.write(marker.values)
        marked = self._read(following, marker, f"{case} marker before")
        place = self._send(letter)
        self._send(following)
        handled = self._until_changed(following, marker, marked, f"{case} marker")
        if not apart and handled:
            time.sleep(SETTLE)
        topics = [self.consumed.topic, *filter(None, [self.consumed.dead_letter])]
        complete = all(map(self.observer.caught_up, topics))
        self._read(
            letter,
            owner,
            f"{case} after",
            case=case,
            handled=handled,
            apart=apart,
            sent=place,
            messages=[window, len(self.session.transport.record.messages)],
            complete=complete,
            before=before.number if before else None,
            waited=PATIENCE if not handled else 0.0 if apart else SETTLE,
        )
        return handled

    def _killed(self, running: Running) -> None:
        """Kill it amid many letters; amid more of them where it had handled all before the kill came."""
        for many in MANY:
            if self._killed_amid(running, many):
                return

    def _killed_amid(self, running: Running, many: int) -> bool:
        """Many letters, and a kill as soon as one of them has its effect; then all of them once more.

        What was handled is not handled again: if the second time has an effect, something was lost. That
        the kill came amid the handling shows where the service goes on with it once it runs again. Whether
        no other turn would tell more.
        """
        owner, marker = self.subjects[0], self.subjects[-1]
        letters = [self.letters.write(owner.values) for _ in range(many)]
        before = self._read(letters[0], owner, f"{KILLED} before")
        self._send(*letters)
        begun = self._until_changed(letters[0], owner, before, KILLED, most=POLL_KILL)
        running.kill()
        restart(self.session, running, NAME, self.consumed.label)
        started = self._read(letters[0], owner, f"{KILLED}, then started")
        if not begun or not self._marked(marker, f"{KILLED} marker", RECOVERY):
            return True
        handled = self._read(letters[0], owner, f"{KILLED}, then handled")
        window = len(self.session.transport.record.messages)
        place = self._send(*letters)
        marked = self._marked(marker, f"{KILLED} second marker")
        amid = bool(differing(_answer(started), _answer(handled), self.ignored))
        after = self._read(
            letters[0],
            owner,
            f"{KILLED} after",
            case=KILLED,
            handled=marked,
            amid=amid,
            apart=True,
            sent=place,
            messages=[window, len(self.session.transport.record.messages)],
            complete=True,
            before=handled.number if handled else None,
            waited=PATIENCE,
        )
        return amid or not marked or bool(differing(_answer(handled), _answer(after), self.ignored))

    def _marked(self, marker: Subject, step: str, patience: float = PATIENCE) -> bool:
        """Send a marker; whether it was handled."""
        letter = self.letters.write(marker.values)
        before = self._read(letter, marker, f"{step} before")
        self._send(letter)
        return self._until_changed(letter, marker, before, step, patience=patience)

    def _send(self, *letters: Letter) -> list[Any]:
        """Send letters in one batch: so a consumer gets them at once. Where the first of them stands."""
        contents = [(letter.topic, letter.key, letter.value, letter.headers) for letter in letters]
        places = self.observer.produce_all(contents, partition=self.partition)
        self.partition, offset = places[0]
        return [letters[0].topic, self.partition, offset]

    def _until_changed(
        self,
        letter: Letter,
        subject: Subject,
        before: Exchange | None,
        step: str,
        most: float = POLL_MOST,
        patience: float = PATIENCE,
    ) -> bool:
        until, pause = time.monotonic() + patience, min(POLL, most)
        while True:
            now = self._read(letter, subject, step)
            if now is None or now.response is None:
                return False
            if before is not None and differing(before.response, now.response, self.ignored):
                return True
            if time.monotonic() > until:
                return False
            time.sleep(pause)
            pause = min(most, pause * 1.3)

    def _read(self, letter: Letter, subject: Subject, step: str, **facts: Any) -> Exchange | None:
        path = self.consumed.path(letter.data)
        if path is None:
            return None
        return self.session.transport.send(
            "GET",
            path,
            scenario=NAME,
            trace=self.consumed.label,
            step=step,
            principal=subject.principal.name,
            headers=dict(subject.principal.headers),
            facts={"consumes": self.consumed.name, "ignored": self.ignored, **facts},
        )


def _answer(exchange: Exchange | None) -> Response | None:
    return exchange.response if exchange else None
