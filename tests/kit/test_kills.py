"""How often the service is killed amid messages: until a kill tells something."""

from typing import Any, cast

import pytest

from conformance.scenarios.consuming import MANY, _Reader


@pytest.mark.parametrize(
    ("tells", "sent"),
    [((True,), MANY[:1]), ((False, True), MANY[:2]), ((False, False, True), MANY), ((False,) * 3, MANY)],
    ids=["the first", "the second", "the last", "none"],
)
def test_there_are_turns_with_more_until_one_tells(
    monkeypatch: pytest.MonkeyPatch, tells: tuple[bool, ...], sent: tuple[int, ...]
) -> None:
    asked: list[int] = []
    left = iter(tells)

    def killed(_reader: _Reader, _running: Any, many: int) -> bool:
        asked.append(many)
        return next(left)

    monkeypatch.setattr(_Reader, "_killed_amid", killed)
    reader = _Reader(*[cast("Any", None)] * 5)
    reader._killed(cast("Any", None))  # noqa: SLF001 - the turns alone
    assert tuple(asked) == sent
