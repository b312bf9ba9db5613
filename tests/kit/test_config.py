"""The configuration: what nothing said means, and whose folder its paths start from."""

from pathlib import Path

import pytest

from conformance.config import Config, load
from conformance.errors import UsageProblem

FULL = """
[target]
command = "uvicorn app.main:app --port {port}"
setup = ["alembic upgrade head"]
cwd = "../service"
env = { DATABASE_URL = "sqlite+aiosqlite:///{tmp}/app.db" }
ready = "/health/ready"
startup_timeout = 60
openapi = "/openapi.json"
headers = { X-Tenant = "7" }
timeout = 5
rate = 10
proxy = "http://127.0.0.1:3128"
verify = "ca.pem"
exclude = ["POST /admin/*"]
[principals.alice]
headers = { Authorization = "Bearer one" }
expired_headers = { Authorization = "Bearer old" }
[principals.carol]
headers = { Authorization = "Bearer two" }
state = "disabled"
[events]
broker = "embedded"
asyncapi = "/asyncapi.json"
publishes = { "POST /api/v1/posts" = ["PostCreated"] }
"""


def test_nothing_said_suits_a_service_of_the_template(tmp_path: Path) -> None:
    config = load(None, tmp_path)
    assert config == Config(folder=tmp_path)
    target = config.target
    assert (target.url, target.command, target.openapi, target.ready) == (None, None, None, None)
    assert (target.startup_timeout, target.timeout, target.rate, target.verify) == (60, 10, None, True)
    assert config.principals == {}
    assert config.events.broker == "embedded"


def test_all_that_scripts_may_write(tmp_path: Path) -> None:
    (tmp_path / "conformance.toml").write_text(FULL)
    config = load(None, tmp_path)
    assert config.folder == tmp_path
    assert config.target.setup == ("alembic upgrade head",)
    assert config.target.verify == "ca.pem"
    assert config.principals["carol"].state == "disabled"
    assert config.principals["alice"].expired_headers == {"Authorization": "Bearer old"}
    assert config.events.publishes == {"POST /api/v1/posts": ("PostCreated",)}
    for secret in ("Bearer one", "Bearer old", "DATABASE_URL", "3128", "X-Tenant"):
        assert secret not in repr(config)


def test_the_first_of_the_files_counts(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.conformance.target]\nurl = "http://two"\n')
    assert load(None, tmp_path).target.url == "http://two"
    (tmp_path / "conformance.toml").write_text('[target]\nurl = "http://one"\n')
    assert load(None, tmp_path).target.url == "http://one"
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "x.toml").write_text('[target]\nurl = "http://three"\n')
    given = load(tmp_path / "other" / "x.toml", tmp_path)
    assert (given.target.url, given.folder) == ("http://three", tmp_path / "other")
    assert load(tmp_path / "pyproject.toml", tmp_path / "other").target.url == "http://two"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[target]\nurl = 7\n", "`target.url`: Input should be a valid string."),
        ("[target]\nenv = { A = 1 }\n", "`target.env.A`: Input should be a valid string."),
        ("[target]\nrate = -1\n", "`target.rate`: Input should be greater than 0."),
        ("[target]\nverify = 1.5\n", "`target.verify."),
        ("target = 1\n", "`target`: Input should be a valid dictionary or instance of Target."),
        ("[principals]\nalice = 's3cret'\n", "`principals.alice`: Input should be a valid dictionary"),
        ("[tokens]\nkey = 7\n", "`tokens.key`: Input should be a valid string."),
        (
            "[principals.a]\nheaders = 's3cret'\n",
            "`principals.a.headers`: Input should be a valid dictionary.",
        ),
    ],
)
def test_a_value_of_a_wrong_type_is_not_quoted(tmp_path: Path, text: str, expected: str) -> None:
    (tmp_path / "conformance.toml").write_text(text)
    with pytest.raises(UsageProblem) as caught:
        load(None, tmp_path)
    assert str(caught.value).startswith(f"{tmp_path / 'conformance.toml'}: {expected}")
    assert "s3cret" not in str(caught.value)
