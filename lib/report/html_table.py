"""Tables as a reader sees them; the CSV beside each keeps every column."""

import html

import pandas as pd

from lib.records import names

STYLE = """<style>
.study-table {overflow-x: auto; font-size: 80% !important}
.study-table th, .study-table td {padding: 0.2em 0.5em !important; text-align: left !important}
.study-table th, .study-table td {white-space: nowrap !important}
.study-table.prose td {white-space: normal !important}
.study-table caption {caption-side: top; text-align: left; padding: 0 0.5em}
.study-table tr.unlearned {color: #757575; font-style: italic}
</style>"""
# What a run was made of: said once, above the table, where all rows agree.
SETTINGS = ("data", "dataset", "split", "how", "px", "pixels", "seeds", "draws", "axis", "lr", "epochs", "batch", "n",
            "interval_of")  # fmt: skip
# Hyperparameters over orders of magnitude: a fixed number of decimals would show 5e-6 as 0.000.
SCALES = ("lr", "lambda")
P_VALUES = ("p", "p_holm")  # never 0: what rounds to it is below the last digit shown
SAID = {"how": "{}", "px": "{} px", "split": "{} split", "interval_of": "intervals speak of {}"}


def as_html(frame: pd.DataFrame, decimals: int) -> str:
    """``frame`` as an HTML table, floats with ``decimals``, those of :data:`SCALES` with all digits that count.

    Columns of :data:`SETTINGS` with one value in all of several rows of networks are named in the caption; those that
    say what was trained become one name, a value and its interval one cell, networks' ids their names. A false
    ``learned`` greys the row. A dash stands for what is missing.
    """
    learned = frame["learned"].ne(False) if "learned" in frame else pd.Series(True, frame.index)
    networks = frame.get("learned", learned).notna().to_numpy()  # the others are constant answers
    frame = _with_how(frame.drop(columns="learned", errors="ignore"))
    own = frame.loc[networks, [c for c in frame if c in SETTINGS and networks.sum() > 1]]
    common = {c: own[c].iloc[0] for c in own if own[c].notna().all() and own[c].nunique() == 1}
    if len(common) == len(frame.columns):
        common = {}
    shown = _with_intervals(_named(frame.drop(columns=list(common))), decimals)
    shown = pd.DataFrame({c: _texts(shown[c], c, decimals) for c in shown})
    if not learned.all() and len(shown.columns):
        first = "trained" if "trained" in shown else shown.columns[0]
        shown[first] = shown[first].where(learned.to_numpy(), shown[first] + " (did not learn)")
    caption = "; ".join(_said(name, value) for name, value in common.items())
    return _table(shown, learned.tolist(), f"in all rows: {caption}" if caption else "")


def _with_how(frame: pd.DataFrame) -> pd.DataFrame:
    """``weights`` and ``trained`` as one column ``how``, where ``frame`` tells of runs."""
    if not {"backbone", "weights", "trained"} <= set(frame):
        return frame
    pairs = zip(frame["trained"], frame["weights"], strict=True)
    how = [names.how_trained(*pair) if all(map(pd.notna, pair)) else None for pair in pairs]
    return frame.assign(weights=how).rename(columns={"weights": "how"}).drop(columns="trained")


def _named(frame: pd.DataFrame) -> pd.DataFrame:
    """The columns that say what was trained as one, ``trained``."""
    if "backbone" not in frame:
        return frame.assign(model=frame["model"].map(names.paper_row)) if "model" in frame else frame
    parts = [c for c in ("model", "backbone", "how", "px") if c in frame]
    said = [names.trained(row) for row in frame[parts].to_dict("records")]
    place = min(list(frame).index(c) for c in parts)
    frame = frame.drop(columns=parts)
    frame.insert(place, "trained", said)
    return frame


def _with_intervals(frame: pd.DataFrame, decimals: int) -> pd.DataFrame:
    """Columns ``x``, ``x_low``, ``x_high`` (or ``x``, ``low``, ``high`` in this order) as one: ``x [low, high]``."""
    frame, columns = frame.copy(), list(frame)
    for name in columns:
        low, high = (f"{name}_low", f"{name}_high")
        if name in columns and columns[columns.index(name) + 1 :][:2] == ["low", "high"]:
            low, high = "low", "high"
        if {low, high} <= set(columns) and pd.api.types.is_numeric_dtype(frame[name]):
            frame[name] = [_number(v, decimals) + (f" [{a:.{decimals}f}, {b:.{decimals}f}]" if pd.notna(a) else "")
                           for v, a, b in zip(frame[name], frame[low], frame[high], strict=True)]  # fmt: skip
            frame = frame.drop(columns=[low, high])
    return frame


def _number(value, decimals: int) -> str:
    return f"{value:.{decimals}f}" if pd.notna(value) else "–"


def _texts(column: pd.Series, name: str, decimals: int) -> list[str]:
    """What a reader sees of a column: counts whole even where some are missing (660, not 660.0)."""
    if name in SCALES:
        return [f"{v:g}" if isinstance(v, int | float) and pd.notna(v) else _text(v) for v in column]
    if pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column):
        known = column.dropna()
        whole = len(known) and (known % 1 == 0).all() and (len(known) < len(column) or name.startswith("n_"))
        counts = pd.api.types.is_integer_dtype(column) or whole
        texts, least = [_number(v, 0 if counts else decimals) for v in column], 10.0**-decimals
        if name in P_VALUES:
            return [f"<{least:.{decimals}f}" if v < least else text for v, text in zip(column, texts, strict=True)]
        return texts
    if name == "paper":
        return [_text(names.paper(v)) for v in column]
    if name in ("data", "dataset"):
        return [names.data_set(v) if pd.notna(v) else "–" for v in column]
    return [names.in_text(v) if isinstance(v, str) else _number(v, decimals) if isinstance(v, float) else _text(v)
            for v in column]  # fmt: skip


def _text(value) -> str:
    return "–" if value is None or value is pd.NA or value != value else str(value)


def _said(name: str, value) -> str:
    if name in ("data", "dataset"):
        return names.data_set(value)
    if name in SAID:
        return SAID[name].format(value)
    return f"{names.column(name)} {value:g}" if isinstance(value, int | float) else f"{names.column(name)} {value}"


def _table(shown: pd.DataFrame, learned: list[bool], caption: str) -> str:
    """HTML of texts; a row that is not ``learned`` has the class ``unlearned``."""
    above = f"  <caption>{html.escape(caption)}</caption>\n" if caption else ""
    head = "".join(f"<th>{html.escape(names.column(c))}</th>" for c in shown)
    lines = [f'<table class="dataframe">\n{above}<thead><tr>{head}</tr></thead>\n<tbody>']
    for row, fine in zip(shown.itertuples(index=False, name=None), learned, strict=True):
        cells = "".join(f"<td>{html.escape(value)}</td>" for value in row)
        lines.append(f"<tr>{cells}</tr>" if fine else f'<tr class="unlearned">{cells}</tr>')
    return "\n".join([*lines, "</tbody></table>"])
