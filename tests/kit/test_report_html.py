"""The page as it is written: it holds everything, loads nothing, and obeys nothing that it quotes."""

import re
from html.parser import HTMLParser
from types import SimpleNamespace

import pytest

from conformance.report.html import render
from conformance.report.result import Result
from tests.kit import report_samples as samples
from tests.kit.report_samples import HOSTILE, SECTION

VOID = {"meta", "input", "br", "img", "link"}


class Page(HTMLParser):
    """Its elements with their attributes, its text, and whether each element is closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.text: list[str] = []
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not {"script", "style"} & set(self._open):
            self.text.append(data)

    def said(self) -> str:
        return re.sub(r"\s+", " ", "".join(self.text))


def page(result: Result) -> Page:
    return Page(render(result).decode())


def test_it_holds_what_the_result_does() -> None:
    result = samples.result(source=lambda _: "app/routes/posts.py:41")
    said = page(result).said()
    for rule in result.rules:
        assert f"{rule.id} {rule.title}" in said
        assert (rule.requirement or rule.reason) in said
        for finding in rule.findings:
            for part in (finding.message, finding.expected, finding.mend, finding.curl, finding.fingerprint):
                assert re.sub(r"\s+", " ", part) in said
    for part in ("app/routes/posts.py:41", SECTION, "expired_headers", "answered 404", "4 of 6 accepted"):
        assert part in said
    for operation in result.operations:
        assert operation.operation in said


def test_the_worst_comes_first() -> None:
    text = render(samples.result()).decode()
    cards = re.findall(r'<article class="finding".*?href="#r-(\w+)"', text, re.DOTALL)
    assert cards == ["ACC004", "ERR004", "API009"]


@pytest.mark.parametrize("result", [samples.result(), samples.hostile()], ids=["plain", "hostile"])
def test_it_loads_nothing_and_links_within_itself(result: Result) -> None:
    found = page(result)
    ids = [attributes["id"] for _, attributes in found.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    for tag, attributes in found.elements:
        assert tag not in {"link", "img", "iframe", "object", "embed", "base", "audio", "video", "svg"}
        assert not {"src", "srcset", "style", "action", "background"} & attributes.keys()
        assert not [name for name in attributes if name.startswith("on")]
        if "href" in attributes:
            assert attributes["href"].removeprefix("#") in ids
    assert [tag for tag, _ in found.elements].count("script") == 1
    assert "url(" not in render(result).decode().partition("</style>")[0]


def test_what_is_quoted_is_text() -> None:
    text = render(samples.hostile()).decode()
    assert "<img" not in text
    assert "<script>window" not in text
    assert text.count("&lt;/script&gt;&lt;script&gt;window.owned=1") > 10
    assert not [c for c in text if (ord(c) < 32 and c != "\n") or c in "\u202e\ufffe"]
    assert HOSTILE.split("\x00")[0] in page(samples.hostile()).said()
    assert r"\x00\x0b\u202e\ufffe" in page(samples.hostile()).said()


def test_waivers_and_news_are_shown() -> None:
    said = page(samples.hostile()).said()
    for part in (
        "waived until 2030-12-31",
        "Waivers that hold no longer",
        "expired on 2029-01-01",
        "1 new, 2 still there, 1 gone",
        "not judged this time",
        "New on GET /</script>",
    ):
        assert part in said
    plain = page(samples.result()).said()
    for part in ("waived until", "hold no longer", "still there"):
        assert part not in plain


def with_events(text: str) -> Result:
    """A result with a section of events, all of whose texts are this one."""
    seen = {"name": text, "topic": text, "partition": 0, "offset": 7, "key": text, "id": text, "time": text}
    came = [SimpleNamespace(**seen, data=text, problem=problem) for problem in ("", "unexpected", "twice")]
    request = SimpleNamespace(request=text, status=201, step=text, events=came, missing=[text])
    quiet = SimpleNamespace(request=text, status=404, step=text, events=[], missing=[])
    operation = SimpleNamespace(operation=text, publishes=[text], total=9, requests=[request, quiet])
    topics = [SimpleNamespace(topic=text, messages=3, known=known) for known in ("marker", "none")]
    events = SimpleNamespace(
        source=text,
        said_by="convention",
        topics=topics,
        operations=[operation],
        unmatched=came[:1],
        unsupported=2,
    )
    return samples.result().model_copy(update={"events": events})


def test_requests_and_events_stand_side_by_side() -> None:
    said = page(with_events("PostCreated")).said()
    for part in (
        "publishes PostCreated; 2 of 9 requests shown",
        "PostCreated not expected",
        "PostCreated published twice",
        "PostCreated did not come",
        "nothing, as declared",
        "Events that belong to no request",
        "a later event came",
        "2 payloads cannot be read",
    ):
        assert part in said
    assert "Requests and events" not in page(samples.result()).said()
    hostile = render(with_events(HOSTILE)).decode()
    assert "<script>window" not in hostile
    assert "<img" not in hostile
    Page(hostile)


def test_an_empty_result_is_a_page_too() -> None:
    result = samples.result().model_copy(update={"rules": [], "operations": []})
    assert "None." in page(result).said()
