"""What the drawn world makes of a prompt: words it knows stay, near words are replaced, strange ones are left out
and named."""

import difflib
import re
from collections.abc import Mapping
from functools import lru_cache, partial
from typing import Any

from kinora.engines.reading import Reading
from kinora.models.text import MAX_QUOTE, PLAIN_WORDS, cut, split_words

DEFAULT_SCENE = "a red fox in the snow"
"""What is drawn where nothing of a prompt is known."""

SAYS_NOTHING = PLAIN_WORDS | {""}
_QUOTED = re.compile(r"([\"“”][^\"“”]*[\"“”])")
_SIGN = re.compile(rf"[\"“”][^\"“”]{{1,{MAX_QUOTE}}}[\"“”]")
_WORD = re.compile(r"[^\W_][\w'-]*")
# A mistyped word must be this alike to pass for a known one.
LIKENESS = 0.84
SHORTEST_TYPO = 5


def read_prompt(prompt: str, vocabulary: Mapping[str, Any], *, most_tokens: int | None = None) -> Reading:
    """Return the nearest reading of a prompt, of at most so many words and letters of signs. `vocabulary` has "known"
    words and "near" words (phrase to [slot, word])."""
    known = frozenset(vocabulary["known"])
    near = {phrase: word for phrase, (_, word) in vocabulary["near"].items()}
    phrases, replaced = _phrases(tuple(near)), dict[tuple[str, str], None]()
    # Looked up once each, so that a long prompt costs no more than its different words.
    nearest = lru_cache(maxsize=None)(partial(_nearest, known=known, near=near))

    def phrase(match: re.Match[str]) -> str:
        was = match[0].lower()
        replaced[was, near[was]] = None
        return near[was]

    def word(match: re.Match[str]) -> str:
        was = match[0].lower()
        now = nearest(was)
        if now != was:
            replaced[match[0], now] = None
        return now if now != was else match[0]

    pieces = [
        piece if _SIGN.fullmatch(piece) else _WORD.sub(word, phrases.sub(phrase, piece))
        for piece in _QUOTED.split(prompt)
    ]
    text, num_dropped = re.sub(r"\s+", " ", "".join(pieces)).strip(), 0
    if most_tokens is not None:
        text, num_dropped = cut(text, most_tokens)
    instead = not any(letter or told.strip("'") not in SAYS_NOTHING for told, letter in split_words(text))
    return Reading(
        prompt=DEFAULT_SCENE if instead else text, replaced=tuple(replaced), num_dropped=num_dropped, instead=instead
    )


@lru_cache(maxsize=4)
def _phrases(near: tuple[str, ...]) -> re.Pattern[str]:
    """One pattern for all near phrases of several words, the longest first; one that nothing matches for none."""
    phrases = sorted((phrase for phrase in near if " " in phrase), key=len, reverse=True)
    return re.compile(rf"\b(?a:{'|'.join(map(re.escape, phrases)) or '(?!)'})\b", re.IGNORECASE)


def _nearest(word: str, known: frozenset[str], near: Mapping[str, str]) -> str:
    """Return the word itself when known, else what stands for it, else ""."""
    for form in _forms(word):
        if form in known:
            return word
    for form in _forms(word):
        if form in near:
            return near[form]
    if "-" in word.strip("-"):
        parts = (_nearest(part, known, near) for part in word.split("-") if part)
        return "-".join(part for part in parts if part)
    if len(word) >= SHORTEST_TYPO:
        for candidate in difflib.get_close_matches(word, _by_letter(known).get(word[0], ()), n=1, cutoff=LIKENESS):
            return candidate
    return ""


def _forms(word: str) -> tuple[str, ...]:
    bare = word.strip("'-").removesuffix("'s")
    singular = bare[:-1] if bare.endswith("s") and len(bare) > 3 else bare
    return (word, bare, singular)


@lru_cache(maxsize=4)
def _by_letter(known: frozenset[str]) -> dict[str, tuple[str, ...]]:
    table: dict[str, list[str]] = {}
    for word in sorted(known):
        table.setdefault(word[0], []).append(word)
    return {letter: tuple(words) for letter, words in table.items()}
