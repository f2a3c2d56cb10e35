"""Who has not come through the door is answered 403, whatever he asks for."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from auditor.desk.door import Door
from auditor.desk.guard import MOST_BYTES, POLICY
from desk_client import PORT, Client, county_in, desk_of, token_of


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bureau with the synthetic county."""
    return county_in(tmp_path_factory.mktemp("guard") / "bureau.db")


@pytest.fixture
def client(file: Path) -> Client:
    """A browser that came through the door."""
    return desk_of(file)


def test_the_key_becomes_a_strict_cookie_of_this_port(file: Path) -> None:
    """200 with a page that goes on by itself: a redirect would lose a strict cookie."""
    client = desk_of(file, enter=False)
    answer = client.get("/", params={"key": client.desk.door.key})
    cookie = answer.headers["set-cookie"]
    assert answer.status_code == 200
    assert 'content="0; url=/"' in answer.text
    assert cookie.startswith(f"auditor_desk_{PORT}=")
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert stat.S_IMODE((file.parent / "bureau.db.desk" / "secret").stat().st_mode) == 0o600
    assert client.get("/").status_code == 200


@pytest.mark.parametrize(
    "address", ["/", "/?key=0", "/health", "/units", "/static/0/desk.css", "/nothing", "/jobs/1"]
)
def test_without_the_cookie_nothing_is_answered(file: Path, address: str) -> None:
    """Health, static files and unknown addresses too."""
    assert desk_of(file, enter=False).get(address).status_code == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"host": "desk.example:24242"},
        {"host": "127.0.0.1"},
        {"host": f"127.0.0.1:{PORT + 1}"},
        {"origin": "http://desk.example"},
        {"origin": "null"},
        {"origin": f"https://127.0.0.1:{PORT}"},
        {"cookie": f"auditor_desk_{PORT}=0"},
    ],
)
def test_another_host_origin_or_cookie_is_refused(client: Client, headers: dict[str, str]) -> None:
    """Also with the right cookie, where it is not the cookie that is wrong."""
    if "cookie" in headers:
        client.cookies.clear()
    assert client.get("/health", headers=headers).status_code == 403


def test_a_form_needs_the_token_that_we_made(client: Client) -> None:
    """None, a short one, one of another desk and a changed one are 403."""
    page = client.page("/units/0099001025")
    token = token_of(page)
    other = Door(b"another secret", "run", PORT).token(5)
    number, revision, seal = token.split(".")
    assert len(token) >= 16
    for wrong in ("", "0" * 40, other, f"{number}.{revision}0.{seal}", token[:-1]):
        assert client.post("/units/0099001025", data={"token": wrong, "name": "x"}).status_code == 403
    assert client.post("/units/0099001025", data={"name": "x"}).status_code == 403
    cross = client.post("/units/0099001025", data={"token": token}, headers={"sec-fetch-site": "cross-site"})
    assert cross.status_code == 403


def test_every_answer_carries_the_policy(client: Client) -> None:
    """Pages, refusals and unknown addresses."""
    for address in ("/", "/nothing", "/health"):
        answer = client.get(address)
        assert answer.headers["content-security-policy"] == POLICY
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"
    client.cookies.clear()
    assert client.get("/").headers["content-security-policy"] == POLICY


def test_too_large_is_refused_by_its_length(client: Client) -> None:
    """Nothing is read: the body is never asked for."""

    def body() -> Iterator[bytes]:
        yield pytest.fail("it was read")

    headers = {"content-length": str(MOST_BYTES + 1)}
    sent = client.post("/units/0099001025", headers=headers, content=body())
    assert sent.status_code == 413
    assert "32 MB" in sent.text
    assert client.post("/units/0099001025", content=body()).status_code == 411
    both = {"content-length": "5", "transfer-encoding": "chunked"}
    assert client.post("/units/0099001025", headers=both, content=body()).status_code == 411


@pytest.mark.parametrize("room", ["/programmes", "/programmes/new", "/draws", "/plans"])
@pytest.mark.parametrize("month", ["2026-13", "x", "2026", "2026-12-01", "-", "２０２６-12", "0000-01"])
def test_what_is_no_month_is_not_asked_for(client: Client, room: str, month: str) -> None:
    """An address that somebody typed shows the page all the same."""
    assert client.get(room, params={"month": month}).status_code == 200


def test_a_form_that_is_no_form_is_told_so(client: Client) -> None:
    """Cut off, or with more fields than a page has: a sentence, nothing done."""
    whole = {"content-type": "multipart/form-data; boundary=x"}
    for body, headers in ((b"--y\r\ncut", whole), (b"a=b&" * 30_000, _FORM)):
        answer = client.post("/units/0099001025", content=body, headers=headers)
        assert (answer.status_code, "did not arrive whole" in answer.text) == (400, True)


_FORM = {"content-type": "application/x-www-form-urlencoded"}


def test_static_files_are_kept_by_their_content(client: Client) -> None:
    """The address holds the hash; another hash is not there."""
    page = client.page("/")
    address = page.partition('rel="stylesheet" href="')[2].partition('"')[0]
    answer = client.get(address)
    assert answer.headers["cache-control"].endswith("immutable")
    assert answer.headers["content-encoding"] == "gzip"
    assert client.get("/static/000000000000/desk.css").status_code == 404


def test_no_page_has_an_inline_style_or_script(client: Client) -> None:
    """The policy would forbid it, and the page would be broken."""
    for address in ("/", "/units", "/units/0099001025", "/health", "/welcome", "/nothing"):
        page = client.get(address).text
        assert " style=" not in page
        assert "<style" not in page
        assert "<script>" not in page
        assert " onclick=" not in page
