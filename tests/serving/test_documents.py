"""docs/API.md and docs/DEPLOY.md name everything there is, with its default, and nothing that is not there."""

import re
from dataclasses import MISSING, fields
from pathlib import Path

import pytest

from kinora.cli.main import build_parser
from kinora.serving.api.app import create_app
from kinora.serving.api.calls import CALLS
from kinora.serving.api.fields import FIELDS
from kinora.serving.config import Config, Key, load_config
from kinora.serving.ledger.ledger import Ledger
from kinora.serving.store import Store
from kinora.serving.tasks import LANDED, NOT_YET

DOCS = Path(__file__).parents[2] / "docs"
API, DEPLOY = (DOCS / "API.md").read_text(), (DOCS / "DEPLOY.md").read_text()
# Said in a section of their own, or by the flag --data.
NO_ROWS = {"data", "keys", "webhooks", "models"}


@pytest.fixture
def app(tmp_path):
    config = load_config({"data": tmp_path})
    ledger = Ledger.open(config.database)
    yield create_app(config, ledger, Store.open(config.store))
    ledger.close()


def table(text, heading):
    """The cells of the rows of the table under a heading, without its head."""
    section = text[text.index(heading) :]
    rows = re.search(r"(^\|.*\|\n)+", section, re.MULTILINE)[0].splitlines()[2:]
    return [[cell.strip() for cell in row.strip("|").split(" | ")] for row in rows]


def named(cells):
    return {name for cell in cells for name in re.findall(r"`([^`]+)`", cell)}


def defaults():
    """What settings are where nothing is said, as the document writes it."""
    known = {each.name: each.default for each in fields(Config) if each.name not in NO_ROWS}
    words = {name: "none" if value is None else str(value) for name, value in known.items() if value is not MISSING}
    return {name: word.lower() if word in ("True", "False") else word for name, word in words.items()}


def test_every_setting_has_a_row_with_its_default():
    rows = [(re.findall(r"`([^`]+)`", names), default) for names, default, *_ in table(DEPLOY, "## Settings")]
    said = {name: each for names, default in rows for name, each in zip(names, default.split(", "), strict=False)}
    assert {name: said[name].split(" (")[0] for name in defaults()} == defaults()


def test_every_setting_that_has_a_row_is_one():
    settings = named(names for names, *_ in table(DEPLOY, "## Settings"))
    known = {each.name for each in fields(Config)} | {"[keys.NAME]", "[models]", "[[webhooks]]"}
    assert settings <= known
    assert {each.name for each in fields(Key)} - {"id"} <= set(re.findall(r"`(\w+)`", DEPLOY))


def test_every_route_is_told(app):
    documented = re.findall(r"`(GET|POST|DELETE) (/[^`?]*)", API)
    told = {(method, re.sub(r"\{\w+\}", "{}", path)) for method, path in documented}
    paths = app.openapi()["paths"]
    routes = {(method.upper(), re.sub(r"\{\w+\}", "{}", path)) for path, each in paths.items() for method in each}
    assert routes - {("GET", "/openapi.json")} == told


def test_every_field_is_told():
    assert set(FIELDS) <= named(names for names, *_ in table(API, "## Fields"))


@pytest.mark.parametrize("name", CALLS)
def test_every_field_of_every_call_is_told(name):
    """In the table of fields, that of jobs, or the text on stories."""
    told = named(names for names, *_ in table(API, "## Fields"))
    told |= named(names for _, names, *_ in table(API, "## Jobs"))
    told |= set(re.findall(r"`(\w+)`", API[API.index("## Stories") : API.index("## Engines")]))
    assert {*CALLS[name].fields, *CALLS[name].files} <= told


def test_every_code_is_told():
    """Of all codes in the source, those that a client can get have a row."""
    source = Path(create_app.__code__.co_filename).parents[1]
    codes = {
        code
        for file in source.rglob("*.py")
        for pattern in (
            r'code="([a-z_]+)"',
            r'Refused\("([a-z_]+)"',
            r'_failed\("([a-z_]+)"',
            r'": \("([a-z_]+)", "\w+ ',
        )
        for code in re.findall(pattern, file.read_text())
    }
    told = named(code for _, code, *_ in table(API, "**A request is refused**"))
    told |= named(code for code, *_ in table(API, "**A video fails**"))
    assert codes - told == set()


def test_every_figure_is_told(app):
    source = Path(create_app.__code__.co_filename).with_name("metrics.py").read_text()
    figures = set(re.findall(r'"(kinora_\w+)"', source))
    rows = named(name for name, *_ in table(DEPLOY, "## Watching it"))
    told = {name.partition("{")[0].removesuffix("_total") for name in rows}
    told = {re.sub("_(sum|count)$", "", name) for name in told}
    assert figures == told


def test_what_has_not_landed_is_said():
    section = API[API.index("## Not there yet") :].lower()
    words = {"edit": "edits", "extend": "extensions", "reference": "input_reference", "character": "characters"}
    assert set(words) == set(NOT_YET) | (set(words) & LANDED)
    assert {task for task in NOT_YET if words[task] in section} == set(NOT_YET)
    assert {task for task in LANDED if words.get(task, "nowhere") in section} == set()


@pytest.mark.parametrize("line", re.findall(r"^kinora (serve|work)((?: --\w+ \S+)*)", DEPLOY, re.MULTILINE))
def test_the_commands_of_the_document_are_right(line):
    command, flags = line
    build_parser().parse_args([command, *flags.split()])
