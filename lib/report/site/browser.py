"""A look at the site in a real browser: every page in a frame of each width, in a Chromium without a window.

A server on this machine hands out the pages, each with a script that collects its errors; a page of its own opens
them in turn and sends back what it saw.
"""

import http.server
import itertools
import json
import queue
import shutil
import subprocess
import tempfile
import threading
from functools import partial
from pathlib import Path
from urllib.parse import unquote, urlsplit

from lib.core.errors import StudyError

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
WIDTHS = (360, 1280)  # CSS pixels: a phone, a desktop
PATIENCE = 300.0  # seconds for all pages
# No sandbox: containers run as root and have no user namespaces. Only pages of our own are opened.
OPTIONS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars",
           "--no-first-run", "--disable-background-networking")  # fmt: skip

COLLECT = """<script>
var faults = [];
addEventListener("error", e => faults.push(e.message ? `script error: ${e.message}` :
  `${(e.target.src || e.target.href).replace(location.origin, "")} does not load`), true);
console.error = console.assert = () => faults.push("a script writes an error to the console");
</script>"""

# Everything a page shows, once all its pictures are there.
LOOK = """<!doctype html><meta charset="utf-8"><body><script>
const look = (page, width) => new Promise(resolve => {
  const frame = document.createElement("iframe");
  frame.style.cssText = `width: ${width}px; height: 800px; border: 0`;
  frame.onload = async () => {
    const doc = frame.contentDocument, images = [...doc.images], all = query => [...doc.querySelectorAll(query)];
    images.forEach(i => i.loading = "eager");
    await Promise.all(images.map(i => i.decode().catch(() => null)));
    resolve({
      page, width, faults: frame.contentWindow.faults,
      asked: all("[src], link[href]").map(e => e.src || e.href)
        .filter(url => /^http/.test(url) && new URL(url).origin != location.origin),
      silent: images.filter(i => !i.alt.trim()).map(i => i.getAttribute("src")),
      links: [...doc.links].map(a => a.href),
      ids: all("[id]").map(e => e.id),
      lang: doc.documentElement.lang,
      headings: all("h1,h2,h3,h4,h5,h6").map(h => +h.tagName[1]),
      wide: doc.documentElement.scrollWidth,
    });
    frame.remove();
  };
  frame.src = page;
  document.body.append(frame);
});
(async () => {
  const seen = [];
  for (const [page, width] of PAGES) seen.push(await look(page, width));
  fetch("/seen", {method: "POST", body: JSON.stringify(seen)});
})();
</script>"""


def find_browser() -> str | None:
    """Path of a Chromium, None if there is none."""
    return next((path for path in map(shutil.which, NAMES) if path), None)


class _Handler(http.server.SimpleHTTPRequestHandler):
    """Hands out files and puts what is sent to it into the queue ``seen``."""

    def __init__(self, *arguments, seen: queue.Queue, **options):
        self.seen = seen
        super().__init__(*arguments, **options)

    def do_POST(self) -> None:
        self.seen.put(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Says nothing."""


def check_site(site: Path, widths: tuple[int, ...] = WIDTHS) -> list[str]:
    """Faults of the site's pages, one line each: what does not load, what is asked of other servers, errors in the
    console, links that lead nowhere, pictures without a description, skipped levels of headings, pages that are
    wider than their window.

    Raises:
        StudyError: no page, no Chromium, or none that answers.
    """
    site = site.resolve()
    pages = [page.relative_to(site).as_posix() for page in sorted(site.rglob("*.html"))]
    if not pages:
        raise StudyError(f"{site} holds no page: run `make site`.")
    looks = _looks(site, [(f"/{page}", width) for page in pages for width in widths])
    ids = {look["page"]: look["ids"] for look in looks}
    faults = []
    for look in looks:
        name = look["page"].removeprefix("/")
        faults += [f"{name} at {look['width']} px: {fault}" for fault in _faults(look)]
        faults += [f"{name}: {fault}" for link in look["links"] if (fault := _dead(link, site, ids))]
    return list(dict.fromkeys(faults))


def _looks(site: Path, pages: list[tuple[str, int]]) -> list[dict]:
    """What :data:`LOOK` sees of each of ``pages`` (path, width)."""
    if not (program := find_browser()):
        raise StudyError("no Chromium was found on the PATH: install one, or leave out --check.")
    seen: queue.Queue = queue.Queue()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        copy = shutil.copytree(site, Path(folder) / "site")
        for page in copy.rglob("*.html"):
            page.write_text(page.read_text(encoding="utf-8").replace("<head>", "<head>" + COLLECT, 1), encoding="utf-8")
        (copy / "look.html").write_text(LOOK.replace("PAGES", json.dumps(pages)), encoding="utf-8")
        with http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, directory=copy, seen=seen)) as server:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            look = f"http://127.0.0.1:{server.server_port}/look.html"
            command = [program, *OPTIONS, f"--user-data-dir={folder}/profile", look]
            process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            try:
                return seen.get(timeout=PATIENCE)
            except queue.Empty:
                raise StudyError(f"Chromium did not answer within {PATIENCE:.0f} s: start it by hand.") from None
            finally:
                process.kill()
                process.wait()
                server.shutdown()


def _faults(look: dict) -> list[str]:
    found = list(look["faults"])
    found += [f"the picture {src} has no description" for src in look["silent"]]
    found += [f"asks another server for {url}" for url in look["asked"]]
    if look["wide"] > look["width"]:
        found.append(f"{look['wide']} px wide, wider than its window")
    if not look["lang"]:
        found.append("names no language")
    levels = [0, *look["headings"]]
    if look["headings"].count(1) != 1 or any(b - a > 1 for a, b in itertools.pairwise(levels)):
        found.append(f"headings are no outline: {look['headings']}")
    if len(look["ids"]) != len(set(look["ids"])):
        found.append("the same id twice")
    return found


def _dead(link: str, site: Path, ids: dict[str, list[str]]) -> str | None:
    parts = urlsplit(link)
    path, place = unquote(parts.path), unquote(parts.fragment)
    if parts.hostname != "127.0.0.1":
        return None  # for readers to follow; nothing is loaded from there
    if not (site / path.removeprefix("/")).is_file():
        return f"the link {link} leads nowhere"
    if place and "=" not in place and place not in ids.get(path, []):  # with "=": filters of the explorer
        return f"the link to #{place} of {path} leads nowhere"
    return None
