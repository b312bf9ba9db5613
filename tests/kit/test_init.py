"""`init` writes a configuration that loads, says what the document says, and loses nobody's file."""

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from conformance.config import Config
from conformance.errors import UsageProblem
from conformance.model.overrides import understand
from conformance.starter import write
from conformance.target.openapi import Document, parse
from tests.kit.conftest import Cli
from tests.kit.serving import Server
from tests.kit.shop import Shop
from tests.reference.depot import app as depot
from tests.reference.stock_fastapi import app as stock

HERE = Path(__file__).parent
SCHEMES = {
    "openapi": "3.1.0",
    "info": {"title": 'Odd "title"\n[x]', "version": "1"},
    "paths": {
        "/a b/things": {"get": {"responses": {"200": {"description": "ok"}}}},
        "/a b/things/{id}": {"get": {"responses": {"200": {"description": "ok"}}}},
        "/other/things": {"get": {"responses": {"200": {"description": "ok"}}}},
        "/other/things/{id}": {"get": {"responses": {"200": {"description": "ok"}}}},
        "/send-mail": {"post": {"responses": {"200": {"description": "ok"}}}},
    },
    "components": {"securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "X-Api.Key"}}},
}
DOCUMENTS = {
    "prefect": (HERE / "prefect_openapi.json").read_text(),
    "depot": json.dumps(depot.openapi()),
    "stock": json.dumps(stock.openapi()),
    "shop": json.dumps(Shop().document),
    "shop 2.0": json.dumps(Shop("2.0").document),
    "odd": json.dumps(SCHEMES),
}
KEY = re.compile(r"# (\[+[a-z]|[a-z_]+ = )")


def understood(name: str) -> Document:
    return parse(DOCUMENTS[name], f"{name}.json")


def without_comments(text: str) -> str:
    """The text with each table and key taken out of its comment, but for addresses: one is enough."""
    lines = [line.removeprefix("# ") if KEY.match(line) else line for line in text.splitlines()]
    return "\n".join(line for line in lines if not line.startswith(("command =", "headers =")))


@pytest.mark.parametrize("name", DOCUMENTS)
def test_it_loads_as_it_is_and_without_its_comments(name: str) -> None:
    document = understood(name)
    text = write(document, url="http://127.0.0.1:1", openapi="/openapi.json")
    as_written = Config.model_validate(tomllib.loads(text))
    assert as_written.target.url == "http://127.0.0.1:1"
    assert as_written.resources == {}
    assert as_written.principals == {}
    data = tomllib.loads(without_comments(text))
    principals = data.pop("principals", {})
    assert list(principals) in ([], ["alice", "bob", "carol"])
    config = Config.model_validate(data)
    plain = understand(document, {})[1]
    assert len(config.resources) == len(plain)
    for found, said in zip(plain, understand(document, config.resources)[1], strict=True):
        for field in (
            "name",
            "item",
            "key",
            "create",
            "read",
            "replace",
            "patch",
            "delete",
            "actions",
            "bulk",
        ):
            assert getattr(said, field) == getattr(found, field), (found.name, field)
        assert (said.list and said.list.label) == (found.list and found.list.label)


def test_it_says_how_to_sign_in() -> None:
    text = write(understood("depot"), url=None, openapi="depot.json")
    assert tomllib.loads(text)["accounts"] == {"sign_up": "POST /accounts", "sign_in": "POST /sessions"}
    assert '# headers = { Authorization = "Bearer …" }' in text
    assert 'limit = "limit"' not in text, "the depot's pages are not to be known from its document"
    odd = write(understood("odd"), url=None, openapi="odd.json")
    assert '# headers = { "X-Api.Key" = "…" }' in odd
    assert '# exclude = ["POST /send-mail"]' in odd
    assert "[accounts]" not in odd


def test_a_place_that_was_not_filled_in_is_no_credential() -> None:
    text = write(understood("depot"), url="http://127.0.0.1:1", openapi="/openapi.json")
    filled = text.replace("# [principals.alice]", "[principals.alice]").replace("# headers", "headers", 1)
    with pytest.raises(ValueError, match="has a character that no header field may have"):
        Config.model_validate(tomllib.loads(filled))


def test_credentials_of_an_address_are_not_written() -> None:
    text = write(understood("shop"), url="http://amy:s3cret@127.0.0.1:1/x", openapi="/openapi.json")
    assert tomllib.loads(text)["target"]["url"] == "http://127.0.0.1:1/x"
    assert "s3cret" not in text


def test_an_audit_runs_with_it(cli: Cli, work: Path) -> None:
    with Server(Shop()) as server:
        ended = cli("init", "--url", server.url)
        assert ended.code == 0, ended.err
        assert {line.partition(" ")[0] for line in server.lines} == {"GET"}
        assert cli("audit", "--rule", "API004").code == 0
        kept = (work / "conformance.toml").read_text()
        again = cli("init", "--url", server.url)
        assert again.code == 2
        assert (
            again.sentence
            == "conformance.toml is there already: --force replaces it, --output names another."
        )
        (work / "conformance.toml").write_text("mine")
        assert cli("init", "--url", server.url, "--force").code == 0
        assert (work / "conformance.toml").read_text() == kept


def test_a_file_is_named_from_the_folder_of_the_configuration(cli: Cli, work: Path) -> None:
    (work / "docs").mkdir()
    (work / "etc").mkdir()
    (work / "docs" / "api.json").write_text(DOCUMENTS["shop"])
    assert cli("init", "--openapi", "docs/api.json", "--output", "etc/conformance.toml").code == 0
    written: dict[str, Any] = tomllib.loads((work / "etc" / "conformance.toml").read_text())
    assert written["target"] == {"openapi": "../docs/api.json"}
    with Server(Shop()) as server:
        arguments = ("--config", "etc/conformance.toml", "--url", server.url, "--rule", "API004")
        assert cli("audit", *arguments).code == 0


@pytest.mark.parametrize(
    ("arguments", "code", "expected"),
    [
        ((), 2, "say where the service is (--url) or which file is its document (--openapi)."),
        (("--openapi", "no.json"), 2, "no.json cannot be read: No such file or directory."),
        (("--url", "http://127.0.0.1:1"), 3, "cannot be reached"),
        (("--url", "nowhere"), 2, "is no HTTP address"),
        (("--openapi", "x", "--output", "no/such/a.toml"), 2, "no/such/a.toml cannot be written"),
    ],
)
def test_what_cannot_be_written(
    cli: Cli, work: Path, arguments: tuple[str, ...], code: int, expected: str
) -> None:
    ended = cli("init", *arguments)
    assert (ended.code, list(work.iterdir())) == (code, [])
    assert expected in ended.sentence


def test_tables_that_the_document_contradicts_are_refused() -> None:
    document = understood("depot")

    def refused(**table: Any) -> str:
        config = Config.model_validate({"resources": {"parts": table}})
        with pytest.raises(UsageProblem) as problem:
            understand(document, config.resources)
        return str(problem.value)

    assert refused(read="GET /part/{number}") == (
        "[resources.parts] has `read` = 'GET /part/{number}', which the document does not have; "
        "did you mean 'GET /parts/{number}'?"
    )
    assert refused(list="POST /parts/serch").endswith("did you mean 'POST /parts/search'?")
    assert refused(read="GET /labels").endswith("whose path has 0 parameters and not 1, as below /parts.")
    assert refused(parent="label").endswith("which is no resource; did you mean '/labels'?")
    assert refused(collection="/shelves", item="/racks/{id}").endswith(
        "has `item` = '/racks/{id}': write its `collection` and one parameter below."
    )
    with pytest.raises(UsageProblem, match=r"no resource of that name was found; did you mean 'parts'\?"):
        understand(document, Config.model_validate({"resources": {"part": {"delete": False}}}).resources)


def test_a_table_changes_what_it_names_and_no_more() -> None:
    document = understood("depot")
    tables = Config.model_validate(
        {
            "resources": {
                "parts": {"delete": False, "unique": ["name"], "identifier": "name"},
                "sales": {"collection": "/parts/sales", "create": "POST /parts/bulk_create"},
            }
        }
    ).resources
    changed, resources = understand(document, tables)
    by_name = {r.name: r for r in resources}
    plain = {r.name: r for r in understand(document, {})[1]}
    assert by_name.keys() == plain.keys() | {"/parts/sales"}
    assert by_name["/labels"] == plain["/labels"]
    parts = by_name["/parts"]
    assert (parts.delete, parts.unique, parts.key) == (None, ("name",), "name")
    assert (parts.create, parts.list) == (plain["/parts"].create, plain["/parts"].list)
    sales = by_name["/parts/sales"]
    assert (sales.item, sales.key, sales.list) == ("/parts/sales/{id}", "id", None)
    assert (
        sales.create
        == changed.operations[[op.label for op in changed.operations].index("POST /parts/bulk_create")]
    )
