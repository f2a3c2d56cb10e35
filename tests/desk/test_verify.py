"""The verifier's page: a dropped transcript is judged in a process of its own, in words."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from auditor.desk.rooms.verify import _told
from auditor.desk.verify_words import line_words, value_words
from auditor.draw import verify as verifier
from auditor.i18n import _, set_language
from desk_client import Client, county_in, desk_of, text_of
from desk_forms import finished, here, main_actions, send

__all__ = ["here"]

GOLDEN = Path(__file__).parent.parent / "draw" / "golden-transcript.json"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Client:
    """A desk of a bureau that knows nothing of the transcript."""
    return desk_of(county_in(tmp_path_factory.mktemp("verify") / "bureau.db"))


def judged(client: Client, data: bytes, **typed: str) -> str:
    """Drop a transcript and give the page with the verdict."""
    page = client.page("/verify")
    answer = send(client, page, "/verify", files={"file": ("transcript.json", data)}, **typed)
    return client.page(finished(client, answer).outcome["go"])


def test_the_golden_transcript_agrees_and_an_altered_one_does_not(client: Client, here: None) -> None:
    """With the fingerprints as published, in capitals and groups; then another unit drawn, another hash."""
    data = GOLDEN.read_bytes()
    known = json.loads(data)
    digest, root = known["commit_sha256"], known["plan_root"]
    grouped = " ".join(digest[at : at + 8] for at in range(0, 64, 8)).upper()
    page = judged(client, data, commit=grouped, root=root)
    assert 'data-verdict="ok"' in page
    assert "NOT compared" not in page
    assert main_actions(page) == ["verify"]
    page = judged(client, data)
    assert page.count("NOT compared") == 2
    known["drawn"]["main"] = known["drawn"]["main"][1:]
    page = judged(client, json.dumps(known).encode(), commit=digest, root=root)
    assert 'data-verdict="failed"' in page
    assert "who is drawn draw main: others are drawn" in text_of(page)
    page = judged(client, data, commit="0" * 64)
    assert "the fingerprint sealed beforehand commit_sha256" in text_of(page)


def test_a_file_that_is_no_transcript_accuses_nobody(client: Client, here: None) -> None:
    """Another file, half a file, a list, the ledger in its place: nothing is said of the draw."""
    half = GOLDEN.read_bytes()[:5000]
    for data in (
        b"<script>alert(1)</script>",
        b"%PDF-1.4 \xff\xfe",
        half,
        b"[]",
        b'{"plan": []}',
        b"7" * 5000,
    ):
        page = judged(client, data)
        assert 'data-verdict="other"' in page
        assert "discipline office" not in page
        assert "nothing is said about the draw" in text_of(page)
    known = json.loads(GOLDEN.read_bytes())
    del known["shares"]
    page = judged(client, json.dumps(known).encode())
    assert 'data-verdict="failed"' in page
    assert "transcript: no key shares" in text_of(page)


@pytest.mark.parametrize("well", [True, False])
def test_only_what_agrees_is_told_as_done(client: Client, here: None, well: bool) -> None:
    """Whoever watched the work is led to the verdict; above it nothing green speaks of what failed."""
    page = client.page("/verify")
    data = GOLDEN.read_bytes() if well else b"%PDF-1.4"
    answer = send(client, page, "/verify", files={"file": ("transcript.json", data)})
    number = finished(client, answer).number
    way = client.get(f"/jobs/{number}", headers={"hx-request": "true"}).headers["hx-redirect"]
    said = re.findall('<p class="said"[^>]*>(.*?)</p>', client.page(way))
    assert said == ["Everything agrees."] * well


def test_every_line_of_the_verifier_is_said_in_chinese() -> None:
    """Failed checks and notes as its own source writes them, and the facts: no English word is left."""
    source = Path(verifier.__file__).read_text("utf-8")
    told = re.findall(r'\(f?"([a-z{][^"]*: [^"]+)", ', source) + re.findall(
        r'yield f?"([^"]+: [^"]+)"', source
    )
    told += [one for one in re.findall(r'f"(note: [^"]+)"', source)]
    assert len(told) > 40
    set_language("zh")
    values = {"what": "units", "it": "indentation", "of": "day", "source": "event"}
    for template in told:
        lines = [
            re.sub(r"\{([^{}]*)\}", lambda found, of=of: values.get(found[1], of), template)
            for of in ("commit", "commit_sha256", "ledger", "frame 7", "7")
        ]
        said = [line_words(line) for line in lines]
        assert any(not re.search("[a-z]{3,}", re.sub("JSON|BOM|final", "", one)) for one in said), said
    for value in ("standard", "no-team 1", "cars 3, load 2", "none"):
        assert not re.search("[a-z]", value_words(value)), value
    assert line_words("transcript: no key shares") == "抽取记录：缺少随机数份额一项".replace(
        "随机数份额", _("the shares")
    )
    assert line_words("frame {1}: the sum of pi is not n") == "名单 {1}：概率之和不等于名额"
    set_language("en")


def test_what_cannot_be_judged_is_said_before_any_work(client: Client) -> None:
    """No file, half a fingerprint, a number that is not closed, a verdict that is not there."""
    page = client.page("/verify")
    answer = client.submit("/verify", page)
    assert (answer.status_code, "choose the transcript's file" in text_of(answer.text)) == (400, True)
    answer = send(client, page, "/verify", files={"file": ("t.json", b"{}")}, commit="abc")
    assert (answer.status_code, "64 digits" in text_of(answer.text)) == (400, True)
    assert client.submit("/verify", client.page("/verify"), {"number": "7"}).status_code == 404
    for mark in ("0" * 16, "..%2Fx", "nobody"):
        assert client.get(f"/verify/{mark}").status_code == 404


def test_the_scripts_for_those_who_do_not_trust_us_work_as_they_are_given(
    client: Client, tmp_path: Path
) -> None:
    """The downloaded file judges the golden transcript by itself."""
    script = tmp_path / "verify_draw.py"
    script.write_bytes(client.get("/verify/verify_draw.py").content)
    known = json.loads(GOLDEN.read_bytes())
    words = [sys.executable, "-I", str(script), str(GOLDEN), known["commit_sha256"], known["plan_root"]]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.splitlines()[0]) == (0, "OK")
    page = client.get("/verify/verify.html")
    assert "attachment" in page.headers["content-disposition"]


def test_every_fact_of_the_verifier_has_a_word() -> None:
    """Its line of facts is taken apart and put together again."""
    from auditor.draw.verify import verify

    told = verify(GOLDEN.read_bytes(), "-", "-")[1]
    facts, notes = _told(told)
    assert len(facts) == told[0].count(";") + 1
    assert [value for _name, value in facts[:2]] == [told[0].split("; ")[0].split()[1], "1"]
    assert len(notes) == 3
