"""The house rules that no linter knows: sizes, what may not appear, and what a light start may not load.

Who may import whom is in .importlinter; names, hints and docstrings are ruff's.
"""

import ast
import re
import statistics
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from kinora.engines.catalog import CATALOG

ROOT = Path(__file__).parents[1]
SOURCES = sorted((ROOT / "src").rglob("*.py"))
CODE = [*SOURCES, *sorted((ROOT / "tests").rglob("*.py"))]
MAX_FILE_LINES, MEDIAN_FILE_LINES, MAX_FUNCTION_LINES, MAX_ARGUMENTS = 400, 150, 60, 6
BEFORE_ARGUMENTS = {"self", "cls", "ctx"}
HEAVY = ("torch", "scipy", "skia", "cv2", "av", "c2pa", "PIL", "diffusers", "transformers")
OPEN_WEIGHTS = {"diffusers", "transformers", "accelerate"}
"""What only open weights need."""


def name(path):
    return str(path.relative_to(ROOT))


def num_lines(path):
    return len(path.read_text().splitlines())


def functions(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield f"{name(path)}:{node.lineno} {node.name}", node


def num_arguments(function):
    arguments = function.args
    named = [a.arg for a in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)]
    return len([a for a in named if a not in BEFORE_ARGUMENTS])


def calls(path):
    """(line, dotted name of what is called, keywords with their constant values) of every call in a file."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call):
            keywords = {k.arg: getattr(k.value, "value", None) for k in node.keywords}
            yield node.lineno, ast.unparse(node.func), keywords


def imported(path):
    """(line, top-level package) of every import in a file, wherever it stands."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name.partition(".")[0]) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield node.lineno, str(node.module).partition(".")[0]


def test_no_file_is_longer_than_400_lines():
    assert {name(path): num_lines(path) for path in CODE if num_lines(path) > MAX_FILE_LINES} == {}


def test_half_the_files_have_at_most_150_lines():
    assert statistics.median(num_lines(path) for path in SOURCES if num_lines(path)) <= MEDIAN_FILE_LINES


def test_no_function_is_longer_than_60_lines():
    lengths = {where: node.end_lineno - node.lineno + 1 for path in CODE for where, node in functions(path)}
    assert {where: length for where, length in lengths.items() if length > MAX_FUNCTION_LINES} == {}


def test_no_function_of_ours_takes_more_than_six_arguments():
    counts = {where: num_arguments(node) for path in SOURCES for where, node in functions(path)}
    assert {where: count for where, count in counts.items() if count > MAX_ARGUMENTS} == {}


def test_packages_start_empty():
    assert [name(path) for path in SOURCES if path.name == "__init__.py" and path.read_text()] == []


def forbidden(call, keywords):
    """Whether a call runs what a file or a string says."""
    if call in ("eval", "exec", "torch.load", "torch.save", "os.system", "os.popen", "__import__"):
        return True
    return any(keywords.get(flag) is True for flag in ("shell", "trust_remote_code", "allow_pickle"))


def test_nothing_runs_code_from_a_file_or_a_string():
    found = [
        f"{name(path)}:{line} {call}" for path in SOURCES for line, call, keys in calls(path) if forbidden(call, keys)
    ]
    assert found == []


def test_nothing_unpickles():
    unsafe = {"pickle", "dill", "cloudpickle", "joblib", "shelve", "marshal"}
    found = [
        f"{name(path)}:{line} {package}" for path in SOURCES for line, package in imported(path) if package in unsafe
    ]
    assert found == []


@pytest.mark.parametrize(
    ("call", "is_forbidden"),
    [
        ("eval('1')", True),
        ("torch.load(path)", True),
        ("run(line, shell=True)", True),
        ("np.load(path, allow_pickle=True)", True),
        ("np.load(path)", False),
        ("model.eval()", False),
        ("run(line, shell=False)", False),
    ],
)
def test_the_rule_against_running_code_tells_apart(tmp_path, call, is_forbidden):
    (tmp_path / "a.py").write_text(call)
    assert [forbidden(called, keys) for _, called, keys in calls(tmp_path / "a.py")] == [is_forbidden]


def loaded_by(*modules):
    """Which heavy packages are loaded by importing these modules in a new process."""
    show = f"import sys, {', '.join(modules)}\nprint(*sorted(set({HEAVY}) & set(sys.modules)))"
    return set(subprocess.run([sys.executable, "-c", show], capture_output=True, text=True, check=True).stdout.split())


def test_only_open_engines_and_the_comparison_with_peers_import_what_they_are_made_of():
    found = {name(path) for path in SOURCES if OPEN_WEIGHTS & {package for _, package in imported(path)}}
    assert {path.removeprefix("src/kinora/") for path in found if "/engines/open/" not in path} == {
        "evaluation/benchmark/peers.py"
    }
    assert found - {"src/kinora/evaluation/benchmark/peers.py"}


def test_until_an_open_engine_is_opened_nothing_of_it_is_loaded():
    """Neither by what opens engines, nor by the model in the package and all that is made with it."""
    rooms = (
        "cli.main",
        "engines.opening",
        "engines.native.engine",
        "engines.voiced",
        "tasks.render",
        "tasks.storyboard",
    )
    assert not loaded_by(*(f"kinora.{room}" for room in rooms)) & OPEN_WEIGHTS


def test_what_is_known_of_engines_is_light():
    """What they can, where their weights are, how they are fetched: the API asks, and it has no torch."""
    hub = [
        f"kinora.engines.hub.{path.stem}" for path in SOURCES if path.parent.name == "hub" and path.stem != "__init__"
    ]
    facts = [f"kinora.engines.{stem}" for stem in ("abilities", "able", "catalog", "opening")]
    assert hub and loaded_by(*hub, *facts) == set()


def test_no_task_names_an_engine():
    """Not in a word either; who imports whom is in .importlinter."""
    named = [
        f"{name(path)}:{node.lineno} {node.value}"
        for path in SOURCES
        if path.parent.name == "tasks"
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant) and node.value in CATALOG
    ]
    assert named == []


@pytest.mark.parametrize(
    "line",
    [
        "--help",
        "generate --help",
        "storybook --help",
        "train --help",
        "evaluate --help",
        "benchmark --help",
        "engines --help",
    ],
)
def test_help_is_light(line):
    """Nobody waits for torch to read what a command does."""
    show = (
        "import sys, kinora.cli.main as main\n"
        f"sys.argv = ['kinora', *{line.split()}]\n"
        "try:\n    main.main()\n"
        "except SystemExit as end:\n    assert not end.code, end.code\n"
        f"print('LOADED', *sorted(set({HEAVY}) & set(sys.modules)))\n"
    )
    shown = subprocess.run([sys.executable, "-c", show], capture_output=True, text=True, check=False)
    assert shown.returncode == 0, shown.stderr
    assert shown.stdout.splitlines()[-1] == "LOADED"


def test_the_version_is_said_once():
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    said = {
        f"{name(path)}:{number}": found[0]
        for path in SOURCES
        for number, line in enumerate(path.read_text().splitlines(), start=1)
        if (found := re.findall(r"kinora (\d+\.\d+\.\d+)", line, re.IGNORECASE))
    }
    assert set(said.values()) <= {version}, said


def test_the_command_says_its_version():
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    command = [
        sys.executable,
        "-c",
        "import sys; sys.argv = ['kinora', '--version']; import kinora.cli.main as m; m.main()",
    ]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip() == f"kinora {version}"


def test_documents_point_at_what_exists():
    """Every relative link, and every path in backquotes under src, tests or docs, in the documents."""
    missing = []
    for document in (ROOT / "README.md", *(ROOT / "docs").glob("*.md")):
        text = document.read_text()
        links = [document.parent / link for link in re.findall(r"\]\((?!\w+:|#)([^)#]+)[^)]*\)", text)]
        paths = [ROOT / path for path in re.findall(r"`((?:src|tests|docs)/[\w./]+)`", text)]
        missing += [f"{document.name}: {path}" for path in (*links, *paths) if not path.exists()]
    assert missing == []


def test_the_map_names_every_room():
    rooms = {path.stem for path in (ROOT / "src" / "kinora").iterdir() if path.suffix in ("", ".py")} - {
        "__init__",
        "__pycache__",
    }
    text = (ROOT / "docs" / "ARCHITECTURE.md").read_text()
    assert {room for room in rooms if f"`{room}`" not in text} == set()
