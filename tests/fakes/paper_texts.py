"""Numbers of the papers' texts, parsed independently of ``params/papers``: table cells and text by section."""

import re
from collections import Counter
from dataclasses import dataclass

from lib.published.numbers import NUMBER, numbers

# What is a digit in the text but not a published number, with the reason. Each must match somewhere.
NOT_A_VALUE = {
    "address": r"<?https?://[^\s>]+>?",
    "citation by year": r"\([^()]*\b(?:19|20)\d\d[^()]*\)",
    "citation by number": r"(?<=[A-Za-z)])\[\d+(?:, \d+)*\]",
    "year of an event": r"(?:by Meta AI Research in|September|Saykat) 20\d\d",
    "reference to a part of the paper": (
        r"(?i)\b(?:tables?|figures?|fig\.|sections?|equations?|mechanism)\s*\(?\d+(?:\.\d+)?"
        r"(?:\s*(?:and|–|through equation)\s*\d+)?\)?[a-d]?"
    ),
    "display formula": r"(?s)\$\$.*?\$\$",
    "inline formula": r"\$(?=[^$]*(?:\\dots|\\sum|i=1|y_i\(1))[^$]*\$|\$2C\$|2C(?=/r)",
    "number of a list item": r"(?m)^\s*(?:- )?\d+\. |(?<=[;:] )\(\d\)|(?<=and )\(\d\)",
    "epoch or stage that a value belongs to": r"\bepoch \d+|\bStages? \d(?: and \d)?",
    "name of a network": r"\b(?:Res|Dense|Image)Net-\d+K?|RegNetY-320|ViT-B/16|CAFormer-s32",
    "name of a data set or device": r"\bISIC 20\d\d|MRI 4 Classes|\b4 Classes|i5-11300H",
    "dimension in words": r"\b[23]D\b",
    "name of a metric": r"top-1\b",
    "dates, numbers and licence of the journal": (
        r"\b\d\d, [A-Z][a-z]{2}, 20\d\d|ISSN \d{4}-\w{4}|Vol\. \d+, No\. \d+, pp\. \d+–\d+ April-20\d\d"
        r"|CC BY-NC-SA 4\.0"
    ),
    "bookkeeping of the summary": r"arXiv ID: \S+|Reference count: \d+|First 3 experiments",
}

# Names with digits: what the pattern of numbers may pass over.
NAMES = re.compile(
    r"HAM10000|[Ff]1|Eff(?:icientNet)?[Vv]\d|EfficientNet-?B3|efficientnet_b3|ConvNeXtV2|V2|VGG19|Inception(?:ResNet)?V\d"
    r"|(?:Dense|Res)Net\d+|densenet121|resnet50|mobilenet_v3|[PV]100|PH2|Conv2D|bk1|saykat2025"
)


@dataclass(frozen=True)
class PaperText:
    """cells: (table, row, column) -> cell as printed, cells with numbers only; sections: heading -> text without
    tables and without what ``NOT_A_VALUE`` names; left_out: what was removed, by reason; unread: words and cells whose
    digits are neither numbers nor parts of ``NAMES``."""

    cells: dict[tuple[str, str, str], str]
    sections: dict[str, str]
    left_out: dict[str, Counter]
    unread: list[str]


def parse(text: str) -> PaperText:
    """Parse a paper's text; what stands before the abstract and after the conclusion is not looked at."""
    lines = text.splitlines()
    sections, left_out = {}, {reason: Counter() for reason in NOT_A_VALUE}
    heading, body = None, []
    for line in [*lines, "References"]:
        if found := _heading(line):
            if heading is not None:
                cleaned = _clean("\n".join(body), left_out)
                sections[heading] = sections.get(heading, "") + cleaned
            heading, body = found, [_unnumbered(line)]
            if heading == "references":
                break
        elif not _is_table(line):
            body.append(line)
    if "abstract" in sections:
        sections = dict(list(sections.items())[list(sections).index("abstract") :])
    cells, other_cells = _cells(lines)
    words = [*other_cells, *(word for text in sections.values() for word in text.split())]
    unread = [word for word in words if re.search(r"\d", NUMBER.sub(" ", NAMES.sub(" ", word)))]
    return PaperText(cells, sections, left_out, unread)


def _heading(line: str) -> str | None:
    """Heading of a line in lower case, None for other lines."""
    stripped = line.strip()
    marked = re.fullmatch(r"#+ .+|\*\*[^*]+\*\*", stripped)
    numbered = re.fullmatch(r"\d(?:\.\d)*\.? [A-Z][A-Za-z\d ,\-]{3,80}", stripped)
    if marked or numbered or stripped in ("Abstract", "References"):
        return re.sub(r"^#+ |\*\*|:$", "", re.sub(r"\*\*", "", stripped)).strip().rstrip(":").lower()
    return None


def _unnumbered(line: str) -> str:
    return re.sub(r"^[#*\s]*(?:\d+(?:\.\d+)*\.?\s)?", "", line)


def _is_table(line: str) -> bool:
    return line.startswith("|") or "\t" in line or bool(re.fullmatch(r"[\d\s]+", line.strip() or "x"))


def _clean(text: str, left_out: dict[str, Counter]) -> str:
    for reason, pattern in NOT_A_VALUE.items():
        left_out[reason].update(m.group() for m in re.finditer(pattern, text) if numbers(m.group()))
        text = re.sub(pattern, " ", text)
    return " ".join(text.split())


def _plain(cell: str) -> str:
    return re.sub(r"</?[a-z]+>|\*|\s+(?=,)", "", cell).strip()


def _cells(lines: list[str]) -> tuple[dict[tuple[str, str, str], str], list[str]]:
    """Cells with numbers, and the other cells beside the row labels."""
    cells, others, table, header, block = {}, [], None, None, []
    for line in [*lines, "## end"]:
        if line.startswith("|"):
            block.append([_plain(cell) for cell in line.strip().strip("|").split("|")])
        elif "\t" in line:
            block.append(line.split("\t"))
        elif re.fullmatch(r"(?:\s*\d+){7}", line):
            block.append(line.split())
        elif line.strip() and line.strip() != "```":
            if block:
                header = _add(cells, others, table, header, block)
            block = []
            if caption := re.match(r"\**Table (\d+):", line):
                table, header = caption.group(1), None
            elif line.startswith("## "):
                table, header = line[3:].split(" (rows:")[0], None
                if "; akiec" in line:
                    header = re.search(r"; (.*)\)", line).group(1).split(", ")
    return cells, others


def _add(cells: dict, others: list[str], table: str, header: list[str] | None, block: list[list[str]]) -> list[str]:
    """Add the cells of one block of table lines; a table that goes on after a page break keeps its header."""
    if header is not None and len(header) == 7 and len(block) == 7:  # the confusion matrix has no row labels
        block = [[name, *row] for name, row in zip(header, block, strict=True)]
        header = ["", *header]
    elif header is None:
        header = block.pop(0)
    label = 1 if header[:2] == ["Type of Augment", "Augment Name"] else 0
    first = 2 if header[:2] == ["", ""] and "Precision" in header else label + 1
    for n, row in enumerate(block):
        if first == 2 and label == 0:  # two lines a model: its name may stand beside either or both
            pair = block[n - n % 2 : n - n % 2 + 2]
            name = " ".join(line[0] for line in pair).strip().replace("- ", "") + f" / {row[1]}"
        else:
            name = row[label]
        columns = range(label if NUMBER.fullmatch(name) else first, len(row))
        for column in columns:
            if numbers(row[column]):
                cells[table, name, header[column]] = row[column]
            else:
                others.append(row[column])
    return header
