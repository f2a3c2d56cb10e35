"""A Chromium without a window, steered over a pipe (DevTools protocol) with the standard library only."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import select
import shutil
import signal
import time
from pathlib import Path
from typing import Any, Self

import pytest

FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--remote-debugging-pipe",
)  # fmt: skip


def chromium_path() -> str:
    """Where Chromium is; skips the test without it, or fails where it must be there."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not found:
        if os.environ.get("AUDITOR_REQUIRE_CHROMIUM"):
            pytest.fail("Chromium is not installed")
        pytest.skip("Chromium is not installed: pages are not looked at")
    return found


class Browser:
    """One browser process of ours; leaving the block ends it."""

    def __init__(self, profile: Path, timeout_s: float = 90) -> None:
        self.timeout_s = timeout_s
        self._inbox = b""
        self._last = 0
        self.events: list[dict[str, Any]] = []
        ours_in, theirs_out = _pipe()
        theirs_in, ours_out = _pipe()
        self._in, self._out = ours_in, ours_out
        path = chromium_path()
        self.pid = os.posix_spawn(
            path,
            [path, *FLAGS, f"--user-data-dir={profile}"],
            os.environ,
            file_actions=[
                (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
                (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0),
                (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0),
                (os.POSIX_SPAWN_DUP2, theirs_in, 3),
                (os.POSIX_SPAWN_DUP2, theirs_out, 4),
            ],
        )
        os.close(theirs_in)
        os.close(theirs_out)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Ask it to close, wait, and end what is left by its pid."""
        with contextlib.suppress(OSError):
            self._send({"id": 0, "method": "Browser.close"})
        deadline = time.monotonic() + 10
        while os.waitpid(self.pid, os.WNOHANG) == (0, 0):
            if time.monotonic() > deadline:
                os.kill(self.pid, signal.SIGKILL)
                os.waitpid(self.pid, 0)
                break
            time.sleep(0.02)
        os.close(self._in)
        os.close(self._out)

    def _send(self, message: dict[str, Any]) -> None:
        data = json.dumps(message).encode() + b"\0"
        while data:
            data = data[os.write(self._out, data) :]

    def _receive(self, deadline: float) -> dict[str, Any]:
        chunks = [self._inbox]
        while b"\0" not in chunks[-1]:
            if not select.select([self._in], [], [], max(0, deadline - time.monotonic()))[0]:
                raise TimeoutError(f"the browser did not answer within {self.timeout_s} s")
            chunks.append(os.read(self._in, 1 << 20))
            if not chunks[-1]:
                raise ConnectionError("the browser has ended")
        message, _, self._inbox = b"".join(chunks).partition(b"\0")
        return dict(json.loads(message))

    def call(self, method: str, session: str | None = None, **params: Any) -> dict[str, Any]:
        """Call a method of the protocol and give its result; events on the way are kept in `events`."""
        self._last += 1
        message = {"id": self._last, "method": method, "params": params}
        self._send(message | ({"sessionId": session} if session else {}))
        deadline = time.monotonic() + self.timeout_s
        while True:
            answer = self._receive(deadline)
            if answer.get("id") == self._last:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                return dict(answer["result"])
            if "method" in answer:
                self.events.append(answer)

    def open(self, url: str, *, width: int = 1280, language: str = "zh-CN") -> Page:
        """Open a page of that width in a reader's language, and wait until it has loaded."""
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        page = Page(self, session)
        for domain in ("Page", "Runtime", "Network", "DOM"):
            page.call(f"{domain}.enable")
        agent = page.evaluate("navigator.userAgent")
        page.call("Emulation.setUserAgentOverride", userAgent=agent, acceptLanguage=language)
        page.resize(width)
        page.call("Page.navigate", url=url)
        page.wait_for(f"document.readyState === 'complete' && location.href === {json.dumps(url)}")
        return page


class Page:
    """One open page."""

    def __init__(self, browser: Browser, session: str) -> None:
        self.browser, self.session = browser, session

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        """Call a method of the protocol for this page."""
        return self.browser.call(method, self.session, **params)

    def evaluate(self, script: str) -> Any:
        """Run JavaScript and give its value (awaited), as JSON would."""
        answer = self.call(
            "Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True, userGesture=True
        )
        if "exceptionDetails" in answer:
            thrown = answer["exceptionDetails"]
            raise RuntimeError(thrown.get("exception", {}).get("description") or thrown["text"])
        return answer["result"].get("value")

    def wait_for(self, script: str, timeout_s: float = 60) -> None:
        """Wait until JavaScript gives true."""
        deadline = time.monotonic() + timeout_s
        while not self.evaluate(f"!!({script})"):
            if time.monotonic() > deadline:
                raise TimeoutError(f"never true: {script}")
            time.sleep(0.02)

    def set_files(self, selector: str, *files: Path) -> None:
        """Choose files in a file input, as a person would."""
        found = self.call("Runtime.evaluate", expression=f"document.querySelector({json.dumps(selector)})")
        self.call(
            "DOM.setFileInputFiles", files=[str(file) for file in files], objectId=found["result"]["objectId"]
        )

    def fill(self, selector: str, text: str) -> None:
        """Put a text into a field, as typing would."""
        self.evaluate(
            f"{{ const field = document.querySelector({json.dumps(selector)});"
            f" field.value = {json.dumps(text)};"
            " field.dispatchEvent(new Event('input', {bubbles: true})); }"
        )

    def resize(self, width: int, height: int = 900) -> None:
        """Make the window that wide, in CSS pixels, without scroll bars."""
        self.call("Emulation.setScrollbarsHidden", hidden=True)
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=False,
        )

    def media(self, **features: str) -> None:
        """Pretend a medium (`media="print"`) or a feature (`prefers_color_scheme="dark"`)."""
        kind = features.pop("media", "")
        wanted = [{"name": name.replace("_", "-"), "value": value} for name, value in features.items()]
        self.call("Emulation.setEmulatedMedia", media=kind, features=wanted)

    def requests(self) -> list[str]:
        """The addresses that this page has asked for so far."""
        self.evaluate("0")
        return [
            event["params"]["request"]["url"]
            for event in self.browser.events
            if event["method"] == "Network.requestWillBeSent" and event.get("sessionId") == self.session
        ]


def _pipe() -> tuple[int, int]:
    """A pipe whose ends are above the descriptors 3 and 4 that the browser is to get."""
    ends = os.pipe()
    moved = [fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 10) for end in ends]
    for end in ends:
        os.close(end)
    return moved[0], moved[1]
