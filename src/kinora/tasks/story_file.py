"""A story as a YAML file: read strictly, written so that it can be edited and made again.

Every scalar is text until its key says what it is, so that `16:9` is a shape and not a number, as YAML 1.1 has it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any, get_args, get_type_hints

import yaml

from kinora.media.files import whole_file
from kinora.request import DRAWN_FPS, MAX_SEED, Canvas, Request
from kinora.tasks.script import Script, Told, check_people, followed, seconds_of
from kinora.tasks.story_plan import Story, planned

MOST_BYTES = 200_000
MOST_DEPTH = 4
MOST_VALUES = 2_000

SWITCH = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
EXAMPLE = "as in `shots: [{seconds: 4, prompt: a red fox runs in the snow}]`"


def read_story(path: Path, *, drawn_seed: int = 0, **asked: Any) -> Story:  # noqa: ANN401
    """Return the plan that a file tells; `asked` are fields of a request that count for more than the file's own, and
    `drawn_seed` is taken where neither names one.

    Raises ValueError, in one line with the remedy, for whatever is not a story.
    """
    if not path.is_file():
        raise ValueError(f"there is no story {path}: give the name of a YAML file, or what to draw")
    with path.open("rb") as file:
        data = file.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise ValueError(f"{path.name} is longer than {MOST_BYTES // 1000} kB: a story is told in fewer words")
    try:
        return story_of(data.decode(), drawn_seed=drawn_seed, **asked)
    except UnicodeDecodeError:
        raise ValueError(f"{path.name} is not text in UTF-8: give a story, {EXAMPLE}") from None
    except ValueError as error:
        raise ValueError(f"{path.name}: {error}") from None


def story_of(text: str, *, drawn_seed: int = 0, **asked: Any) -> Story:  # noqa: ANN401
    """Return the plan that YAML text tells, as `read_story`."""
    told = _checked(plain(text), "the story", _STORY)
    if not told.get("shots"):
        raise ValueError(f"it tells no shots: list some, {EXAMPLE}")
    shots = [_checked(shot, f"shot {number}", _SHOT) for number, shot in enumerate(told.pop("shots"), start=1)]
    spans = [Told(**{_FIELDS.get(key, key): value for key, value in shot.items()}) for shot in shots]
    characters = told.pop("characters", {})
    script = Script(line=told.pop("line", ""), characters=characters, shots=followed(spans, characters))
    asked = {"seed": drawn_seed, "fps": asked.get("canvas", Canvas()).fps, **told, **asked}
    return planned(script, Request(prompt="a story", **asked), asked["seed"])


def story_yaml(story: Story) -> str:
    """Return a plan as YAML, seeds and all, from which the same is read again."""
    usual = Request(prompt="a story")
    told: dict[str, Any] = {"line": story.line, "characters": dict(story.characters)}
    told = {key: value for key, value in told.items() if value}
    asked = {name: getattr(story.request, name) for name in _ASKED}
    # What is usual for one engine is not for another.
    told |= {name: value for name, value in asked.items() if name == "fps" or value != getattr(usual, name)}
    told["seed"] = story.request.seed
    shots = [
        {"seconds": round(shot.num_frames / DRAWN_FPS, 3), "seed": shot.seed, "prompt": shot.prompt}
        for shot in story.shots
    ]
    return yaml.safe_dump({**told, "shots": shots}, sort_keys=False, allow_unicode=True, width=100)


def save_story(story: Story, path: Path) -> None:
    """Write a plan, whole or not at all; a file that says the same but for seeds stays as it is, comments and all, with
    these seeds."""
    text = _with_seeds(path, story) or story_yaml(story)
    with whole_file(path) as temporary:
        temporary.write_bytes(text.encode())


def _with_seeds(path: Path, story: Story) -> str:
    """The text of a file with the seeds of a story; "" where there is none, or it tells another story."""
    if not path.is_file():
        return ""
    try:
        canvas, text = story.request.canvas, path.read_bytes().decode()
        if story_of(text, canvas=canvas).request.seed != story.request.seed:
            text = _seeded(text, None, story.request.seed or 0)
        for number, shot in enumerate(story.shots):
            if story_of(text, canvas=canvas).shots[number].seed != shot.seed:
                text = _seeded(text, number, shot.seed)
        return text if story_of(text, canvas=canvas) == story else ""
    except (ValueError, IndexError):
        return ""


def _seeded(text: str, number: int | None, seed: int) -> str:
    """YAML of a plan with another seed for a shot, counted from 0, or for the whole."""
    node = yaml.compose(text, Loader=yaml.SafeLoader)
    if number is not None:
        (shots,) = (value for key, value in node.value if key.value == "shots")
        node = shots.value[number]
    for key, value in node.value:
        if key.value == "seed":
            return f"{text[: value.start_mark.index]}{seed}{text[value.end_mark.index :]}"
    at = node.start_mark.index + node.flow_style
    between = ", " if node.flow_style else "\n" + " " * node.start_mark.column
    return f"{text[:at]}seed: {seed}{between}{text[at:]}"


def plain(text: str) -> Any:  # noqa: ANN401
    """Return YAML as dictionaries, lists and strings. Raises ValueError, naming the line, for what is not plain: no
    document or several, aliases, tags, keys given twice, too deep, too much."""
    try:
        _check_events(text)
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        raise ValueError(_said(error)) from None
    return None if node is None else _plain(node)


def _check_events(text: str) -> None:
    """Refuse what would grow or nest when it is put together; nothing is, here."""
    depth = 0
    for number, event in enumerate(yaml.parse(text, Loader=yaml.SafeLoader)):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        line = event.start_mark.line + 1
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise ValueError(f"line {line} has an alias or anchor: write it out")
        if getattr(event, "tag", None):
            raise ValueError(f"line {line} has a tag: leave it away")
        if depth > MOST_DEPTH or number > MOST_VALUES:
            raise ValueError(f"line {line} is more than a story needs: give a list of shots, {EXAMPLE}")


def _plain(node: yaml.Node) -> Any:  # noqa: ANN401
    if isinstance(node, yaml.SequenceNode):
        return [_plain(item) for item in node.value]
    if isinstance(node, yaml.ScalarNode):
        return " ".join(str(node.value).split())
    result: dict[str, Any] = {}
    for key, value in node.value:
        if not isinstance(key, yaml.ScalarNode) or key.value in result:
            raise ValueError(f"line {key.start_mark.line + 1} has a key that stands there already or is no word")
        result[key.value] = _plain(value)
    return result


def _said(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    where = f"line {mark.line + 1} is" if mark else "it is"
    return f"{where} not YAML ({getattr(error, 'problem', None) or 'a character that may not stand there'}): mend it"


def _text(value: Any) -> str:  # noqa: ANN401
    if not isinstance(value, str):
        raise ValueError("give some words")
    return value


def _number(kind: type) -> Callable[[Any], Any]:
    def read(value: Any) -> Any:  # noqa: ANN401
        try:
            return kind(_text(value))
        except ValueError:
            raise ValueError("give a whole number" if kind is int else "give a number") from None

    return read


def _seed(value: Any) -> int:  # noqa: ANN401
    seed = _number(int)(value)
    if not 0 <= seed <= MAX_SEED:
        raise ValueError(f"give a value from 0 to {MAX_SEED}")
    return int(seed)


def _seconds(value: Any) -> float:  # noqa: ANN401
    try:
        return seconds_of(_text(value).removesuffix("s").strip())
    except (ValueError, OverflowError):
        raise ValueError("give seconds, as in 4, 1.5 or 0:04") from None


def _switch(value: Any) -> bool:  # noqa: ANN401
    try:
        return SWITCH[_text(value).lower()]
    except KeyError:
        raise ValueError("say true or false") from None


def _characters(value: Any) -> dict[str, str]:  # noqa: ANN401
    if not isinstance(value, dict) or not all(isinstance(who, str) and who for who in value.values()):
        raise ValueError("give names with what they look like, as in `Mia: a girl in a red hat`")
    check_people(value)
    return value


def _shots(value: Any) -> Sequence[Any]:  # noqa: ANN401
    if not isinstance(value, list):
        raise ValueError(f"list them, {EXAMPLE}")
    return value


Readers = Mapping[str, Callable[[Any], Any]]


def _readers() -> Readers:
    """How the fields of a request are read that hold for a whole story."""
    by_kind: dict[Any, Callable[[Any], Any]] = {
        bool: _switch, int: _number(int), float: _number(float), str: _text
    }  # fmt: skip
    kinds = get_type_hints(Request)
    flags = [spec.name for spec in fields(Request) if "help" in spec.metadata]
    kept = [name for name in flags if name not in ("seconds", "seed", "variations")]
    return {name: by_kind[(get_args(kinds[name]) or (kinds[name],))[0]] for name in kept}


_ASKED = _readers()
_STORY: Readers = {"line": _text, "characters": _characters, **_ASKED, "seed": _seed, "shots": _shots}
_SHOT: Readers = {"prompt": _text, "seconds": _seconds, "from": _seconds, "to": _seconds, "seed": _seed}
_FIELDS = {"from": "start_s", "to": "end_s"}


def _checked(told: Any, what: str, readers: Readers) -> dict[str, Any]:  # noqa: ANN401
    """Return what stands under each key, read. Raises ValueError for unknown keys, no prompt, wrong values."""
    if not isinstance(told, dict):
        raise ValueError(f"{what} is no table of keys: give {', '.join(readers)}")
    for key in told:
        if key not in readers:
            raise ValueError(f"{what} has the unknown key {key[:40]!r}: the keys are {', '.join(readers)}")
    if "prompt" in readers and not told.get("prompt"):
        raise ValueError(f"{what} is empty: say under `prompt` what it shows, or leave it out")
    result = {}
    for key, value in told.items():
        try:
            result[key] = readers[key](value)
        except ValueError as error:
            raise ValueError(f"{what}, {key}: {error}") from None
    return result
