"""The report as one HTML page: tables with small drawings, and every clip with its marks. It needs no network."""

from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from PIL import Image

from kinora.evaluation.figures import Figure
from kinora.evaluation.rows import Row
from kinora.evaluation.trials.plots import gauge, histograms, key
from kinora.evaluation.trials.report import digits, num, short, valued
from kinora.evaluation.trials.tables import COLUMNS, SHOWN, Rows, Table, clips_of
from kinora.media.files import whole_file
from kinora.media.sheet import PAPER

STYLE = Path(__file__).with_name("page.css")
SHEET, SHEET_COLUMNS, SHEET_CELL = "sheet.jpg", 14, (45, 80)
LEGEND = (
    ("made", "what the model makes, with its 95 % interval"),
    ("truth", "the same prompts drawn by the renderer"),
    ("oracle", "those, marked by what is known of them in the judge's place"),
    ("round trip", "those, through the model's autoencoders"),
    ("shuffled", "made clips, marked by what another prompt asks"),
    ("chance", "drawn clips, marked by what another prompt asks"),
)
CONTROLS = tuple(column for column in COLUMNS if column != "made")


def page(facts: Mapping[str, Any], found: Sequence[Table], rows: Rows, copies: Mapping[str, Any]) -> str:
    """Return the whole page."""
    body = [_head(facts), *(_section(table, copies) for table in found), _gallery(rows), _facts(facts)]
    style = STYLE.read_text(encoding="utf-8")
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>Kinora, measured</title><style>{style}</style></head>"
        f"<body><main>{''.join(body)}</main></body></html>\n"
    )


def _head(facts: Mapping[str, Any]) -> str:
    clips, suite = facts["clips"], facts["suite"]
    return (
        "<h1>Kinora, measured</h1>"
        f'<p class="lead">{clips.get("made", 0)} clips of {suite["written"]} written prompts, each made once, from the '
        "seed that stands beside it, and marked by a judge that shares nothing with the generator. None is picked.</p>"
        f'<p class="note">Model {escape(facts["weights"]["name"])} {escape(facts["weights"]["version"])}. '
        f"{escape(facts['interval'])}. Every clip is at the end of the page.</p>"
        f'<figure><img src="{SHEET}" alt="One frame of every clip"><figcaption>One frame of each, in the order of '
        "the suite. Clips of a matched pair stand side by side.</figcaption></figure>"
    )


def _section(table: Table, copies: Mapping[str, Any]) -> str:
    note = f'<p class="note">{escape(table.note)}</p>' if table.note else ""
    extra = _copying(copies) if table.title == "Copying" else ""
    gauged = table.columns == SHOWN
    legend = _legend() if table.title == "What is seen" else ""
    return f"<section><h2>{escape(table.title)}</h2>{note}{legend}{_table(table, gauged=gauged)}{extra}</section>"


def _legend() -> str:
    shown = (f"<span>{key(name)} <b>{name}</b> {escape(text)}</span> " for name, text in LEGEND)
    return f'<p class="legend">{"".join(shown)}</p>'


def _table(table: Table, *, gauged: bool) -> str:
    columns = table.filled
    heads = ["", *([""] if gauged else []), *columns, "n"]
    rows = []
    for line in table.lines:
        drawing = [f"<td>{gauge(line.figures)}</td>"] if gauged else []
        cells = [_cell(column, line.figures.get(column), num(line)) for column in columns]
        rows.append(f"<tr><td>{escape(line.name)}</td>{''.join([*drawing, *cells])}<td>{num(line)}</td></tr>")
    head = "".join(f"<th>{escape(name)}</th>" for name in heads)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"


def _cell(column: str, figure: Figure | None, usual: str) -> str:
    """Return a figure as a cell, with its n where that is not the line's; the intervals of controls are only shown when
    one points at them."""
    if figure is None:
        return "<td></td>"
    name = ' class="made"' if column == "made" else ""
    bare = column in CONTROLS or figure.low is None or figure.high is None
    interval = "" if bare else f"<small>{digits(figure.low or 0.0)}–{digits(figure.high or 0.0)}</small>"
    own = "" if usual == str(figure.num) else f"<small>n {figure.num}</small>"
    return f'<td{name} title="{escape(short(figure))}, n = {figure.num}">{escape(valued(figure))}{interval}{own}</td>'


def _copying(copies: Mapping[str, Any]) -> str:
    """Return the distributions of distances, and the clips nearest to training, each over its nearest."""
    if not copies:
        return ""
    drawing = histograms({"made": copies["made"], "unseen drawn clips": copies["truth"]})
    near = "".join(
        f'<figure><img src="{escape(one["small"])}" alt="a made clip">'
        f'<img src="{escape(one["training"])}" alt="its nearest scene of training">'
        f"<figcaption>{escape(one['prompt'])} ({digits(one['distance'])} levels)</figcaption></figure>"
        for one in copies["nearest"]
    )
    text = "The made clips that come nearest to a scene of training, four frames each; below, that scene."
    caption = "<figcaption>Distance to the nearest scene of training, in levels of 255.</figcaption>"
    return f'<figure>{drawing}{caption}</figure><p class="note">{text}</p><div class="near">{near}</div>'


def _gallery(rows: Rows) -> str:
    truth = {row["id"]: row["file"] for row in clips_of(rows, "truth")}
    cards = "".join(_card(row, truth.get(row["id"], "")) for row in rows if row["arm"] == "made")
    long = "".join(_card(row, "") for row in rows if row["arm"] == "long")
    extra = f'<section><h2>Long clips, one by one</h2><div class="clips">{long}</div></section>' if long else ""
    return f'{extra}<section><h2>Every clip</h2><div class="clips">{cards}</div></section>'


def _card(row: Row, drawn: str) -> str:
    also = f', <a href="{escape(drawn)}">as drawn</a>' if drawn else ""
    tag = ' <span class="tag">held-out</span>' if row["held_out"] else ""
    return (
        f'<div class="card"><video controls loop playsinline preload="none" poster="{escape(row["still"])}" '
        f'src="{escape(row["file"])}"></video><p>{escape(row["prompt"])}{tag}</p>'
        f'<div class="ticks">{"".join(_tick(name, value) for name, value in row["verdicts"].items())}</div>'
        f'<div class="facts">seed {row["seed"]}{also}</div></div>'
    )


def _tick(name: str, value: float) -> str:
    kind, mark = ("yes", "✓") if value == 1 else ("no", "✗") if value == 0 else ("part", f"{100 * value:.0f} %")
    return f'<span class="{kind}">{mark} {escape(name.removeprefix("sound: "))}</span>'


def _facts(facts: Mapping[str, Any]) -> str:
    said = {
        "command": f"<code>{escape(facts['command'])}</code>",
        "weights": f"<code>{facts['weights']['sha256']}</code>",
        "judge": f"<code>{facts['judge']['sha256']}</code>",
        "witnesses": escape(", ".join(f"{of}: {who or 'not installed'}" for of, who in facts["witnesses"].items())),
        "suite": escape(", ".join(f"{count} {name}" for name, count in facts["suite"].items())),
        "clips": escape(", ".join(f"{count} {arm}" for arm, count in facts["clips"].items())),
        "seeds": escape(str(facts["seeds"])),
        "steps, guidance": escape(f"{facts['steps']}, {facts['guidance']}"),
        "machine": escape(f"{facts['machine']['processor']}, {facts['machine']['cores']} cores"),
        "rows": f'<a href="{escape(facts["rows"])}">{escape(facts["rows"])}</a>, which every figure comes from',
    }
    missing = "".join(f"<li>{escape(prompt)} ({escape(why)})</li>" for prompt, why in facts["not drawn"].items())
    note = (
        f"<details><summary>Prompts that the renderer has no scene for</summary><ul>{missing}</ul></details>"
        if missing
        else ""
    )
    lines = "".join(
        f"<tr><td>{name}</td><td style='text-align:left;white-space:normal'>{text}</td></tr>"
        for name, text in said.items()
    )
    return f"<section><h2>How it was measured</h2><table>{lines}</table>{note}</section>"


def write_sheet(rows: Rows, out: Path) -> None:
    """Write one picture with a frame of every made clip."""
    height, width = SHEET_CELL
    stills = [out / row["still"] for row in rows if row["arm"] == "made"]
    lines = -(-len(stills) // SHEET_COLUMNS)
    sheet = Image.new("RGB", (SHEET_COLUMNS * width, lines * height), PAPER)
    for number, still in enumerate(stills):
        with Image.open(still) as picture:
            half = (picture.width // 2, picture.height // 2)
            frame = picture.crop((half[0], 0, picture.width, half[1])).resize((width - 2, height - 2))
        sheet.paste(frame, (number % SHEET_COLUMNS * width, number // SHEET_COLUMNS * height))
    with whole_file(out / SHEET) as temporary:
        sheet.save(temporary, format="JPEG", quality=90)
