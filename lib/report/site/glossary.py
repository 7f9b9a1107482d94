"""Links from a page's first use of a word to its entry in the glossary, ``results/cards/glossary.md``."""

import re
from pathlib import Path

from lib.report.site.pages import slug

PAGE = "glossary.html"
SKIPPED = ("a", "code", "pre", "h1", "h2", "h3", "h4", "table", "summary", "figcaption")
TAG = re.compile(r"<(/?)(\w+)[^>]*>")


def terms(results: Path) -> list[str]:
    """Words of the glossary, in its order; none without a glossary."""
    file = results / "cards" / "glossary.md"
    return re.findall(r"^## (.+)$", file.read_text(encoding="utf-8"), flags=re.M) if file.is_file() else []


def linked(html: str, words: list[str], root: str = "") -> str:
    """``html`` whose first use of each word in running text links to the glossary, if none does yet; code is kept."""
    unlinked = [word for word in words if f'{PAGE}#{slug(word)}"' not in html]
    parts, depth, place, left = [], 0, 0, sorted(unlinked, key=len, reverse=True)
    for tag in [*TAG.finditer(html), None]:
        text = html[place : tag.start() if tag else None]
        if not depth and left:
            text, left = _first_uses(text, left, root)
        parts += [text, tag[0] if tag else ""]
        if tag:
            place = tag.end()
            depth += (-1 if tag[1] else 1) if tag[2].lower() in SKIPPED else 0
    return "".join(parts)


def _first_uses(text: str, left: list[str], root: str) -> tuple[str, list[str]]:
    pattern = re.compile(rf"\b({'|'.join(map(re.escape, left))})\b", flags=re.I)
    known, used = {word.lower(): word for word in left}, set()

    def link(match: re.Match) -> str:
        word = known[match[0].lower()]
        if word in used:
            return match[0]
        used.add(word)
        return f'<a class="term" href="{root}{PAGE}#{slug(word)}">{match[0]}</a>'

    return pattern.sub(link, text), [word for word in left if word not in used]
