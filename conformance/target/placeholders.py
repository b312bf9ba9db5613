"""The placeholders of `[target]`: `{port}` and the like in `command`, `setup` and the values of `env`."""

import re
from collections.abc import Iterable, Mapping

from conformance.errors import UsageProblem

KNOWN = ("port", "tmp", "postgresql_url", "mysql_url", "bootstrap_servers")
_PLACEHOLDER = re.compile(
    r"""\{\{(?P<literal>[a-z][a-z0-9_]*)\}\}                          # {{name}} stands for {name} itself
      | (?:(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://)?\{(?P<name>[a-z][a-z0-9_]*)\}""",
    re.VERBOSE,
)


def names(texts: Iterable[str]) -> frozenset[str]:
    """The placeholders in `texts`.

    Braces around anything but one lower-case word, as in JSON, are none. Raises `UsageProblem` for
    an unknown one.
    """
    found = {m["name"] for text in texts for m in _PLACEHOLDER.finditer(text) if m["name"]}
    for name in sorted(found - set(KNOWN)):
        raise UsageProblem(
            f"[target] has an unknown placeholder {{{name}}}; known are "
            f"{' '.join(f'{{{known}}}' for known in KNOWN)}, and {{{{{name}}}}} stands for {{{name}}} itself."
        )
    return frozenset(found)


def fill(text: str, values: Mapping[str, str]) -> str:
    """`text` with each placeholder replaced, once: what a value holds is not looked at again.

    A scheme before the placeholder of a URL takes the place of the URL's own, because services and
    their drivers differ: where `{postgresql_url}` is `postgresql://u:p@h:5432/db`,
    `postgresql+asyncpg://{postgresql_url}` is `postgresql+asyncpg://u:p@h:5432/db`.
    """

    def replace(match: re.Match[str]) -> str:
        if match["literal"]:
            return f"{{{match['literal']}}}"
        value, scheme = values[match["name"]], match["scheme"]
        if scheme is None:
            return value
        return f"{scheme}://{value.partition('://')[2] if match['name'].endswith('_url') else value}"

    return _PLACEHOLDER.sub(replace, text)
