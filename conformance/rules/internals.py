"""What only the inside of a service writes: stack traces, a database's words, files, keys."""

import re
from collections.abc import Iterable
from functools import lru_cache

FOLDERS = "app|code|etc|home|mnt|opt|private|root|run|srv|src|tmp|usr|Users|var|workspace"
CODE = "cs|go|java|kt|php|py|pyc|rb|rs|scala|sql"
KEPT = "conf|db|env|ini|jar|log|pem|so|sqlite3?|toml|ya?ml"
SENSITIVE = "a key or a connection string"
SIGNS: tuple[tuple[str, str], ...] = (
    ("a stack trace (Python)", r"Traceback \(most recent call last\)|File \"[^\"\n]+\.py\", line \d+"),
    ("a stack trace (Java)", r"\bat [\w.$<>]+\([\w$]+\.(?:java|kt|scala):\d+\)|Exception in thread \""),
    (
        "a stack trace (JavaScript)",
        r"(?m)(?:^|>)\s*at .*(?:file://|node:|/|[A-Z]:\\)\S*\.[cm]?[jt]s:\d+:\d+\)?|\bat node:internal/",
    ),
    ("a stack trace (Go)", r"\bgoroutine \d+ \[\w[\w ,]*\]:|\bpanic: runtime error: "),
    (
        "a stack trace (.NET)",
        r"(?m)(?:^|>)\s*at [\w.`<>+]+\([^)\n]*\) in \S.*:line \d+|\bat System\.[\w.]+\(",
    ),
    ("a stack trace (PHP)", r"(?m)(?:^|>)#\d+ \S+\.php\(\d+\): |\bin /\S+\.php(?: on line |:)\d+"),
    ("a stack trace (Ruby)", r"\.rb:\d+:in [`']"),
    ("a stack trace (Rust)", r"\bthread '[^'\n]*' panicked at "),
    (
        "the name of an internal exception",
        r"\b(?:java|javax|jakarta|kotlin|scala|org|io)(?:\.[a-z_][a-z0-9_]*)+\.[A-Z]\w*(?:Exception|Error)\b"
        r"|\bSystem(?:\.\w+)*\.\w+Exception\b"
        r"|\b(?:sqlite3|psycopg2?|asyncpg|aiosqlite|pymysql|MySQLdb|mysql|pymongo|redis|sqlalchemy)"
        r"(?:\.\w+)*\.\w*(?:Error|Exception|Violation)\b",
    ),
    (
        "the inside of a Python object",
        r"<[\w.]+(?: \w+)* at 0x[0-9a-fA-F]{6,}>|'NoneType' object (?:has no attribute|is not )"
        r"|'\w+' object has no attribute '\w+'",
    ),
    (
        "a database's words",
        r"SQLSTATE\[|\bORA-\d{5}\b|You have an error in your SQL syntax|sqlalche\.me/e/"
        r"|(?:UNIQUE|NOT NULL|FOREIGN KEY|CHECK) constraint failed\b"
        r"|violates (?:unique|foreign key|not-null|check|exclusion) constraint"
        r"|\bno such (?:table|column): \w|\b(?:relation|column) \"[\w.]+\" (?:of relation .*)?does not exist"
        r"|near \"[^\"\n]+\": syntax error|syntax error at or near \"|unrecognized token: \""
        r"|Duplicate entry '[^'\n]*' for key|Incorrect syntax near '|Violation of (?:UNIQUE|PRIMARY) KEY"
        r"|duplicate key error collection|\bE11000 duplicate key",
    ),
    (
        "an SQL statement",
        r"\bSELECT\s+(?:DISTINCT\s+)?[\w.*\"`\[\], ()]+?\s+FROM\s+[\w.\"`\[\]]+"
        r"\s*(?:WHERE|ORDER BY|LIMIT|JOIN|;|$)"
        r"|\bINSERT INTO\s+[\w.\"`\[\]]+\s*(?:\(|VALUES)|\bUPDATE\s+[\w.\"`\[\]]+\s+SET\s+[\w.\"`\[\]]+\s*="
        r"|\bDELETE FROM\s+[\w.\"`\[\]]+\s*(?:WHERE|;|$)",
    ),
    (
        "the path of a file",
        rf"(?<![\w.:/=-])(?:/[\w.@+-]+)+/[\w.@+-]+\.(?:{CODE})\b"
        rf"|(?<![\w.:/=-])/(?:{FOLDERS})(?:/[\w.@+-]+)+\.(?:{KEPT})\b"
        rf"|(?<![\w./:-])/?\w[\w./-]*\.(?:{CODE}|[cm]?[jt]sx?)(?::|, line |\(line )\d+\b"
        r"|/(?:site-packages|dist-packages|node_modules)/\w|\b[A-Z]:\\(?:[\w .@-]+\\)+[\w.-]+\.\w{1,5}\b",
    ),
    (
        SENSITIVE,
        r"-----BEGIN (?:\w+ )?PRIVATE KEY-----|\bAKIA[0-9A-Z]{16}\b"
        r"|\b(?:postgres(?:ql)?|mysql|mariadb|mongodb|redis|amqp|mssql|oracle)(?:\+\w+)?://[^\s:/@]*:[^\s@/]+@",
    ),
)
PATTERNS = tuple((name, re.compile(pattern)) for name, pattern in SIGNS)
LONGEST = 50_000
"""Characters of a text that are looked at."""


def found_in(texts: Iterable[str], known: str) -> tuple[str, str] | None:
    """The first sign in some texts, by name, and the words that show it; what `known` has is none."""
    for text in texts:
        for name, words in signs(text):
            if words not in known:
                return name, words
    return None


@lru_cache(maxsize=4096)  # the same few texts stand in most answers of a service
def signs(text: str) -> tuple[tuple[str, str], ...]:
    """All signs in a text, by name, with the words that show each."""
    seen = text[:LONGEST]
    return tuple((name, m[0].strip()) for name, pattern in PATTERNS for m in pattern.finditer(seen))
