"""A look at the site in a real browser: Chromium without a window, spoken to through its DevTools pipe.

Only the standard library is needed: with ``--remote-debugging-pipe`` Chromium reads JSON messages, each ended by a
NUL byte, from file descriptor 3 and answers on 4 (https://chromedevtools.github.io/devtools-protocol/).
"""

import base64
import itertools
import json
import os
import selectors
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from lib.core.errors import StudyError

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
WIDTHS = (360, 1280)  # CSS pixels: a phone, a desktop
ENDED = "Chromium ended before it answered: start it by hand to see why."
PATIENCE = 60.0  # seconds for one answer

# Puts the two ends of the pipes at 3 and 4, wherever they were opened, and becomes Chromium.
START = """import fcntl, os, sys
ends = [fcntl.fcntl(int(end), fcntl.F_DUPFD, 10) for end in sys.argv[1:3]]
for end, place in zip(ends, (3, 4)):
    os.dup2(end, place)
os.execv(sys.argv[3], sys.argv[3:])
"""

# Everything a page shows, once all its pictures are there; phones widen window.innerWidth to what overflows.
LOOK = """(async () => {
  const images = [...document.images];
  images.forEach(i => i.loading = "eager");
  await Promise.all(images.map(i => i.decode().catch(() => null)));
  return {
    broken: images.filter(i => !i.naturalWidth).map(i => i.getAttribute("src")),
    silent: images.filter(i => !i.alt.trim()).map(i => i.getAttribute("src")),
    links: [...document.links].map(a => a.href),
    ids: [...document.querySelectorAll("[id]")].map(e => e.id),
    lang: document.documentElement.lang,
    headings: [...document.querySelectorAll("h1,h2,h3,h4,h5,h6")].map(h => +h.tagName[1]),
    wide: document.documentElement.scrollWidth,
  };
})()"""


def find_browser() -> str | None:
    """Path of a Chromium, None if there is none."""
    return next((path for path in map(shutil.which, NAMES) if path), None)


class Browser:
    """A Chromium with one page, for a ``with`` block.

    Raises:
        StudyError: there is none, or it does not answer.
    """

    def __enter__(self) -> "Browser":
        program = find_browser()
        if not program:
            raise StudyError("no Chromium was found on the PATH: install one, or leave out --check.")
        self._profile = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        to_browser, self._write = os.pipe()
        self._read, from_browser = os.pipe()
        # No sandbox: containers run as root and have no user namespaces. Only pages of our own are opened.
        options = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars",
                   "--no-first-run", "--disable-background-networking", f"--user-data-dir={self._profile.name}",
                   "--remote-debugging-pipe", "about:blank"]  # fmt: skip
        self._process = subprocess.Popen(
            [sys.executable, "-c", START, str(to_browser), str(from_browser), program, *options],
            pass_fds=(to_browser, from_browser), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        os.close(to_browser)
        os.close(from_browser)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._read, selectors.EVENT_READ)
        self._buffer, self._sent, self._session, self.events = b"", 0, None, []
        try:
            target = self.call("Target.createTarget", url="about:blank")["targetId"]
            self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
            for domain in ("Page", "Runtime", "Log", "Network"):
                self.call(f"{domain}.enable")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
        self._selector.close()
        os.close(self._read)
        os.close(self._write)
        self._profile.cleanup()

    def call(self, method: str, **params: Any) -> dict:
        """Send one command and wait for its answer; events on the way are kept in ``events``."""
        self._sent += 1
        message = {"id": self._sent, "method": method, "params": params}
        if self._session:
            message["sessionId"] = self._session
        try:
            os.write(self._write, json.dumps(message).encode() + b"\0")
        except BrokenPipeError:
            raise StudyError(ENDED) from None
        while True:
            answer = self._next()
            if answer.get("id") == self._sent:
                if "error" in answer:
                    raise StudyError(f"Chromium refuses {method}: {answer['error']['message']}.")
                return answer["result"]
            self.events.append(answer)

    def open(self, page: Path, width: int, height: int = 800) -> dict:
        """Load ``page`` in a window of ``width`` and return what ``LOOK`` sees; ``events`` are those of this page."""
        phone = width < 600
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=phone)
        self.events = []
        self.call("Page.navigate", url=page.resolve().as_uri())
        while not any(e.get("method") == "Page.loadEventFired" for e in self.events):
            self.events.append(self._next())
        answer = self.call("Runtime.evaluate", expression=LOOK, awaitPromise=True, returnByValue=True)
        return answer["result"]["value"]

    def picture(self, file: Path, height: int | None = None) -> None:
        """Write a PNG of the open page, whole or its first ``height`` pixels."""
        size = self.call("Page.getLayoutMetrics")["cssContentSize"]
        clip = {"x": 0, "y": 0, "width": size["width"], "height": min(size["height"], height or 16000), "scale": 1}
        shot = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=True, clip=clip)
        file.write_bytes(base64.b64decode(shot["data"]))

    def _next(self) -> dict:
        until = time.monotonic() + PATIENCE
        while b"\0" not in self._buffer:
            if not self._selector.select(max(0.0, until - time.monotonic())):
                raise StudyError(f"Chromium did not answer within {PATIENCE:.0f} s.")
            part = os.read(self._read, 1 << 16)
            if not part:
                raise StudyError(ENDED)
            self._buffer += part
        message, _, self._buffer = self._buffer.partition(b"\0")
        return json.loads(message)


def check_site(site: Path, widths: tuple[int, ...] = WIDTHS) -> list[str]:
    """Faults of the site's pages, one line each: what does not load, what is asked of other servers, errors in the
    console, links that lead nowhere, pictures without a description, skipped levels of headings, pages that are
    wider than their window."""
    pages = sorted(site.resolve().rglob("*.html"))
    if not pages:
        raise StudyError(f"{site} holds no page: run `make site`.")
    faults, seen = [], {}
    with Browser() as browser:
        for page in pages:
            for width in widths:
                seen[page] = browser.open(page, width)
                name = f"{page.relative_to(site.resolve())} at {width} px"
                faults += [f"{name}: {fault}" for fault in _faults(seen[page], browser.events, width)]
    for page, look in seen.items():
        for link in dict.fromkeys(look["links"]):
            if fault := _dead(link, site.resolve(), seen):
                faults.append(f"{page.relative_to(site.resolve())}: {fault}")
    return list(dict.fromkeys(faults))


def _faults(look: dict, events: list[dict], width: int) -> list[str]:
    found = [f"the picture {src} does not load" for src in look["broken"]]
    found += [f"the picture {src} has no description" for src in look["silent"]]
    for event in events:
        method, params = event.get("method"), event.get("params", {})
        if method == "Network.requestWillBeSent" and urlsplit(params["request"]["url"]).scheme not in ("file", "data"):
            found.append(f"asks another server for {params['request']['url']}")
        elif method == "Network.loadingFailed":
            found.append(f"a {params['type'].lower()} does not load ({params['errorText']})")
        elif method == "Runtime.exceptionThrown":
            found.append(f"script error: {params['exceptionDetails']['text']}")
        elif method == "Log.entryAdded" and params["entry"]["level"] == "error":
            found.append(f"console: {params['entry']['text']}")
        elif method == "Runtime.consoleAPICalled" and params["type"] in ("error", "assert"):
            found.append("a script writes an error to the console")
    if look["wide"] > width:
        found.append(f"{look['wide']} px wide, wider than its window")
    if not look["lang"]:
        found.append("names no language")
    levels = [0, *look["headings"]]
    if look["headings"].count(1) != 1 or any(b - a > 1 for a, b in itertools.pairwise(levels)):
        found.append(f"headings are no outline: {look['headings']}")
    if len(look["ids"]) != len(set(look["ids"])):
        found.append("the same id twice")
    return found


def _dead(link: str, site: Path, seen: dict[Path, dict]) -> str | None:
    parts = urlsplit(link)
    if parts.scheme in ("http", "https", "mailto"):
        return None  # for readers to follow; nothing is loaded from there
    file = Path(unquote(parts.path))
    if parts.scheme != "file" or not file.is_relative_to(site) or not file.is_file():
        return f"the link {link} leads nowhere"
    if "=" in parts.fragment:
        return None  # filters of the explorer
    if parts.fragment and unquote(parts.fragment) not in seen.get(file, {"ids": []})["ids"]:
        return f"the link to #{unquote(parts.fragment)} of {file.name} leads nowhere"
    return None
