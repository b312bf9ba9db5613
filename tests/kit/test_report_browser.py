"""The page in a real browser, opened from a file as a person does."""

import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from conformance.report.baseline import read
from conformance.report.html import render
from conformance.report.result import Result
from tests.conftest import BROWSERS
from tests.kit import report_samples as samples
from tests.kit.conftest import Cli
from tests.kit.report_samples import POST, POSTS
from tests.kit.serving import Answer, Seen, Server
from tests.kit.shop import Shop

pytestmark = [pytest.mark.browser, pytest.mark.slow]
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
POLICY = "Content Security Policy"
READABLE = 4.5
"""The contrast of text and its ground (WCAG 2.2, 1.4.3)."""
CONTRASTS = """() => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgb = (color) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = color;
    canvas.fillRect(0, 0, 1, 1);
    return canvas.getImageData(0, 0, 1, 1).data;
  };
  const luminance = (color) => {
    const part = (n) => (n /= 255) <= 0.03928 ? n / 12.92 : ((n + 0.055) / 1.055) ** 2.4;
    const [r, g, b] = rgb(color);
    return 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
  };
  const ground = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const color = getComputedStyle(at).backgroundColor;
      if (rgb(color)[3] === 255) return color;
    }
    return "white";
  };
  const seen = [];
  for (const element of document.body.querySelectorAll("*")) {
    const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    if (!own || !element.checkVisibility() || element.matches("script, option")) continue;
    const both = [getComputedStyle(element).color, ground(element)].map(luminance);
    const [light, dark] = both.sort((a, b) => b - a);
    seen.push([(light + 0.05) / (dark + 0.05), element.outerHTML.slice(0, 80)]);
  }
  return seen;
}"""

Open = Callable[..., Page]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    path = next(filter(None, map(shutil.which, BROWSERS)))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def show(chromium: Browser, tmp_path: Path) -> Iterator[Open]:
    """Opens the page of a result; in the end nothing was loaded, and nothing complained."""
    loaded: list[str] = []
    complaints: list[str] = []
    contexts = []
    path = tmp_path / "report.html"

    def open_page(result: Result, at: str = "", refused: str = "", **options: Any) -> Page:
        def heard(text: str) -> None:
            if not refused or refused not in text:
                complaints.append(text)

        path.write_bytes(render(result))
        context = chromium.new_context(**options)
        contexts.append(context)
        page = context.new_page()
        page.on("request", lambda request: loaded.append(request.url.partition("#")[0]))
        page.on("console", lambda message: heard(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(path.as_uri() + at)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert set(loaded) == {path.as_uri()}
    assert complaints == []


def findings(page: Page) -> list[str]:
    """The rules of the findings that are seen, in order."""
    return page.locator("article.finding:visible .id").all_inner_texts()


def test_a_search_narrows_findings_rules_and_operations(show: Open) -> None:
    page = show(samples.result())
    assert findings(page) == ["ACC004", "ERR004", "API009"]
    page.keyboard.press("/")
    page.keyboard.type("STRANGER accepted")
    assert findings(page) == ["ACC004"]
    assert page.locator("#shown").inner_text() == "1 of 3 findings shown"
    page.locator("#query").fill("api009")
    assert findings(page) == ["API009"]
    assert page.locator(".rule:visible .id").all_inner_texts() == ["API009"]
    assert page.locator("h3.contract:visible").all_inner_texts() == ["API contract"]
    assert page.locator("tr[data-item]:visible code").all_inner_texts() == [f"GET {POSTS}"]
    page.locator("#query").fill("nothing like it")
    assert findings(page) == []
    assert page.locator("#nothing").is_visible()
    page.locator("#query").fill("")
    assert len(findings(page)) == 3
    assert page.locator("#nothing").is_hidden()


def test_contract_level_and_operation_narrow_it(show: Open) -> None:
    page = show(samples.result())
    page.locator("#contract").select_option("error")
    assert findings(page) == ["ERR004"]
    page.locator("#contract").select_option("")
    page.locator("#level").select_option("SHOULD")
    assert findings(page) == ["API009"]
    page.locator("#level").select_option("MUST")
    page.locator("#operation").select_option(f"DELETE {POST}")
    assert findings(page) == ["ACC004"]
    assert page.locator("tr[data-item]:visible code").all_inner_texts() == [f"DELETE {POST}"]


def test_what_is_new_can_be_seen_alone(show: Open) -> None:
    page = show(samples.hostile())
    assert len(findings(page)) == 3
    page.locator("#new").check()
    assert findings(page) == ["ERR004"]
    assert page.locator("#new").is_visible()
    assert show(samples.result()).locator("#new").count() == 0


def test_a_command_is_copied_whole(show: Open) -> None:
    result = samples.result()
    (curl,) = (f.curl for rule in result.rules if rule.id == "API009" for f in rule.findings)
    page = show(result, permissions=["clipboard-read", "clipboard-write"])
    card = page.locator("article.finding", has_text="API009")
    card.get_by_role("button", name="Copy").click()
    card.get_by_role("button", name="Copied").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == curl


def test_a_command_is_copied_where_there_is_no_clipboard_for_scripts(show: Open) -> None:
    """As over plain HTTP, where a build server shows the page."""
    result = samples.result()
    page = show(result)
    page.evaluate("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    card = page.locator("article.finding", has_text="API009")
    card.get_by_role("button", name="Copy").click()
    card.get_by_role("button", name="Copied").wait_for()
    page.locator("#query").focus()
    page.keyboard.press("Control+V")
    (curl,) = (f.curl for rule in result.rules if rule.id == "API009" for f in rule.findings)
    assert page.locator("#query").input_value() == curl


def test_a_link_leads_to_a_folded_rule_and_to_what_a_search_hides(show: Open) -> None:
    result = samples.result()
    page = show(result)
    page.locator("article.finding a.id", has_text="ACC004").click()
    rule = page.locator("#r-ACC004 .body")
    rule.wait_for()
    assert "A second user tries to change and to delete" in rule.inner_text()
    page.locator("#query").fill("ERR004")
    mark = next(f.fingerprint for rule in result.rules if rule.id == "ACC004" for f in rule.findings)
    page.evaluate(f"location.hash = 'f-{mark}'")
    page.locator(f"#f-{mark}").wait_for()
    assert show(result, f"#f-{mark}").locator(f"#f-{mark}").is_visible()


def test_what_a_service_says_is_not_obeyed(show: Open) -> None:
    page = show(samples.hostile())
    assert page.evaluate("window.owned") is None
    assert page.locator("img, iframe, script[src]").count() == 0
    assert page.locator("script").count() == 1
    assert "</script><script>window.owned=1</script>" in page.locator("h1").inner_text()
    page.locator("#operation").select_option(index=page.locator("#operation option").count() - 1)
    assert len(findings(page)) == 3


def test_the_policy_holds_where_escaping_would_not(show: Open) -> None:
    """A script that stands on the page all the same is not run: the second guard works alone."""
    page = show(samples.result(), refused=POLICY)
    with page.expect_console_message() as refused:
        page.evaluate("document.body.insertAdjacentHTML('beforeend', '<p onclick=\"window.owned=1\">x</p>')")
        page.locator("p", has_text="x").last.click()
    assert POLICY in refused.value.text
    assert page.evaluate("window.owned") is None


def test_it_works_without_scripts(show: Open) -> None:
    page = show(samples.result(), java_script_enabled=False)
    assert findings(page) == ["ACC004", "ERR004", "API009"]
    assert page.locator("form:visible, button:visible").count() == 0
    body = page.locator("#r-API009 .body")
    assert body.is_hidden()
    page.locator("#r-API009 summary").click()
    assert body.is_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("sample", [samples.result, samples.hostile])
def test_all_text_is_readable(show: Open, scheme: str, sample: Callable[[], Result]) -> None:
    page = show(sample(), color_scheme=scheme)
    page.evaluate("document.querySelectorAll('details').forEach((each) => (each.open = true))")
    seen = page.evaluate(CONTRASTS)
    assert len(seen) > 100
    assert [each for each in seen if each[0] < READABLE] == []
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (int(ground.strip("rgb()").split(",")[0]) < 128) == (scheme == "dark")


@pytest.mark.parametrize("width", [320, 768, 1600])
@pytest.mark.parametrize("sample", [samples.result, samples.hostile])
def test_it_fits_the_width(show: Open, width: int, sample: Callable[[], Result]) -> None:
    page = show(sample(), viewport={"width": width, "height": 800})
    page.evaluate("document.querySelectorAll('details').forEach((each) => (each.open = true))")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    cut = """[...document.querySelectorAll("body *")].filter((element) =>
        !element.closest(".scroll, select") && element.getBoundingClientRect().right > innerWidth + 1
    ).map((element) => element.outerHTML.slice(0, 80))"""
    assert page.evaluate(cut) == []


@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl")
def test_a_copied_command_shows_the_fault_when_it_is_pasted(show: Open, cli: Cli, work: Path) -> None:
    shop = Shop()

    def no_allow(seen: Seen) -> Answer:
        right = shop(seen)
        return Answer(405, right.data) if right.status == 405 else right

    with Server(no_allow) as server:
        cli("audit", "--url", server.url, "--rule", "ERR007", "--html", "out.html", "--json", "out.json")
        page = show(read(work / "out.json"), permissions=["clipboard-read", "clipboard-write"])
        assert render(read(work / "out.json")) == (work / "out.html").read_bytes()
        page.locator("article.finding").get_by_role("button", name="Copy").click()
        page.get_by_role("button", name="Copied").wait_for()
        line = page.evaluate("navigator.clipboard.readText()")
        said = subprocess.run(line, shell=True, capture_output=True, text=True, check=True, timeout=60).stdout  # noqa: S602 - as a user does
    assert said.startswith("HTTP/1.1 405 ")
    assert "allow:" not in said.lower()
