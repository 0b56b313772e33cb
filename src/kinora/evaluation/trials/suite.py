"""The prompts that are asked of the model, each with what it asks for, in matched pairs.

The written prompts are one person's, made from `kinora describe` alone and never changed after a score was read. Where
another colour turns a combination that training never sees into one that it sees, or the other way round, the prompt
with that colour in its place is its mate; every other prompt is asked twice, the second time from another seed.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from kinora.evaluation.measures.verdicts import ACTIONS
from kinora.evaluation.subject import SEED
from kinora.storybook.lexicon import SYNONYMS, article
from kinora.storybook.vocabulary import KINDS, PLACES, held_out

SUITE = Path(__file__).with_name("suite.jsonl")
LONG_SUITE = Path(__file__).with_name("suite_long.jsonl")
# What is added to a written prompt's id for its mate, or for its second seed.
MATE, AGAIN = 1000, 2000
FIRST_SEED = 20_000

Asks = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Prompt:
    """A sentence and what it asks for. `mate` is the id of the other of a matched pair, `written` that of its author.

    `seed` is the only one its clip is ever made from; both of a pair have the same.
    """

    id: int
    text: str
    asks: Asks
    held_out: bool
    mate: int | None
    written: int
    seed: int


def load_suite(path: Path = SUITE) -> tuple[Prompt, ...]:
    """Return every prompt, the written ones in an order of chance, each followed by its mate or itself once more.

    Any first part of the suite is thus a fair sample of it. Raises ValueError where a line is no prompt.
    """
    written = read_prompts(path)
    order = np.random.default_rng([SEED, len(written)]).permutation(len(written))
    return tuple(prompt for number in order for prompt in _twice(*written[number]))


def read_prompts(path: Path) -> list[tuple[int, str, Asks]]:
    """Return (id, text, asks) of every line of a file. Raises ValueError for a line of another form or an id again."""
    prompts = [_read_line(path, number, line) for number, line in enumerate(_lines(path), start=1)]
    ids = [one for one, _, _ in prompts]
    if len(set(ids)) < len(ids) or not all(0 < one < MATE for one in ids):
        raise ValueError(f"{path.name}: every prompt needs an id of its own, from 1 to {MATE - 1}")
    return prompts


def _lines(path: Path) -> list[str]:
    return [line for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def _read_line(path: Path, number: int, line: str) -> tuple[int, str, Asks]:
    try:
        said = json.loads(line)
        return int(said["id"]), str(said["prompt"]), dict(said["asks"])
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{path.name}, line {number}: a prompt is {{id, prompt, asks}}, and this is none") from error


def _twice(number: int, text: str, asks: Asks) -> tuple[Prompt, Prompt]:
    """Return a written prompt and its mate; without one, itself again from another seed."""
    other = recoloured(number, text, asks)
    first = _once(number, text, asks)
    if other is None:
        return first, replace(first, id=number + AGAIN, seed=first.seed + AGAIN)
    mate = replace(first, id=number + MATE, text=other[0], asks=other[1], held_out=not first.held_out, mate=number)
    return replace(first, mate=mate.id), mate


def _once(number: int, text: str, asks: Asks) -> Prompt:
    """Return a written prompt alone."""
    seed = FIRST_SEED + number
    return Prompt(id=number, text=text, asks=asks, held_out=is_held_out(asks), mate=None, written=number, seed=seed)


def is_held_out(asks: Asks) -> bool:
    """Return whether training never sees the kind asked for in this colour and place, any of them if not asked."""
    if "kind" not in asks:
        return False
    kind = asks["kind"]
    colours = [asks["colour"]] if "colour" in asks else KINDS[kind].colours
    places = [asks["place"]] if "place" in asks else PLACES
    return all(held_out(kind, colour, place) for colour in colours for place in places)


def recoloured(number: int, text: str, asks: Asks) -> tuple[str, Asks] | None:
    """Return the prompt in another colour that turns held-out into seen or seen into held-out; None where none does."""
    words = colour_words(text, asks.get("colour", ""))
    if "kind" not in asks or len(words) != 1:
        return None
    taken = {asks["colour"], asks.get("second", {}).get("colour")}
    others = [{**asks, "colour": colour} for colour in KINDS[asks["kind"]].colours if colour not in taken]
    turned = [other for other in others if is_held_out(other) != is_held_out(asks)]
    if not turned:
        return None
    other = turned[int(np.random.default_rng([SEED, number]).integers(len(turned)))]
    return _swapped(text, words[0], other["colour"]), other


def colour_words(text: str, colour: str) -> list[re.Match[str]]:
    """Return where a text says a colour, by its name or any other word for it."""
    names = sorted(SYNONYMS["colour"].get(colour, ()), key=len, reverse=True)
    pattern = "|".join(map(re.escape, names))
    return list(re.finditer(rf"\b(?:{pattern})\b", text, re.IGNORECASE)) if names else []


def _swapped(text: str, word: re.Match[str], colour: str) -> str:
    """Return the text with another colour in this place, and the article that goes with it."""
    before = re.sub(
        r"\b(a)n?(\s+)$", lambda found: f"{found[1]}{article(colour)[1:]}{found[2]}", text[: word.start()], flags=re.I
    )
    return f"{before}{colour.capitalize() if word[0][0].isupper() else colour}{text[word.end() :]}"


def load_long(path: Path = LONG_SUITE) -> tuple[Prompt, ...]:
    """Return the prompts of long clips, each once. Raises ValueError where a line is no prompt."""
    return tuple(_once(*line) for line in read_prompts(path))


def strangers(prompts: Sequence[Prompt]) -> dict[int, dict[str, Any]]:
    """Return for every prompt's id, and everything it asks for, what another written prompt asks for there instead.

    The other is drawn by chance, is never the prompt itself nor its mate, and asks for something else: a clip that is
    marked by what a stranger asks for must fall to chance. Where nobody asks for anything else, there is no stranger.
    """
    asked: dict[str, dict[int, Any]] = {}
    for prompt in prompts:
        for thing, value in prompt.asks.items():
            asked.setdefault(thing, {}).setdefault(prompt.written, value)
    circles = {thing: _circle(thing, sorted(values)) for thing, values in asked.items()}
    others = {
        prompt.id: {thing: _next_of(prompt, thing, circles[thing], asked) for thing in prompt.asks}
        for prompt in prompts
    }
    return {one: {thing: value for thing, value in asks.items() if value is not None} for one, asks in others.items()}


def _circle(thing: str, written: Sequence[int]) -> list[int]:
    """Return written prompts in an order of chance that is the thing's own."""
    return [written[number] for number in np.random.default_rng([SEED, *thing.encode()]).permutation(len(written))]


def _next_of(prompt: Prompt, thing: str, circle: Sequence[int], asked: Mapping[str, Mapping[int, object]]) -> object:
    """Return what the next in the circle asks that wants something else than this prompt; None where nobody does."""
    here = circle.index(prompt.written)
    around = (asked[thing][other] for other in (*circle[here + 1 :], *circle[:here]))
    return next((value for value in around if is_other(prompt.asks[thing], value)), None)


def is_other(one: object, other: object) -> bool:
    """Return whether nothing of what is asked is asked in both: no sound of lists, no trait of music alike.

    Actions that are marked by the same rule, as walking and running are, are not told apart.
    """
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return not any(other.get(trait) == value for trait, value in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return not {*one} & {*other}
    if one in ACTIONS and other in ACTIONS:
        return ACTIONS[str(one)] is not ACTIONS[str(other)]
    return one != other


def counts(prompts: Sequence[Prompt]) -> dict[str, int]:
    """Return how many prompts there are, were written, are held out, and stand in how many pairs."""
    return {
        "prompts": len(prompts),
        "written": len({prompt.written for prompt in prompts}),
        "held out": sum(prompt.held_out for prompt in prompts),
        "pairs": sum(prompt.mate is not None for prompt in prompts) // 2,
    }
