"""What the drawn world makes of a prompt: words it knows stay, near words are replaced, strange ones are left out
and named."""

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

_QUOTED = re.compile(r"([\"“”][^\"“”]*[\"“”])")
_WORD = re.compile(r"[a-z0-9][a-z0-9'-]*", re.IGNORECASE)
# A mistyped word must be this alike to pass for a known one.
LIKENESS = 0.84
SHORTEST_TYPO = 5


@dataclass(frozen=True, kw_only=True)
class Reading:
    """A prompt in the world's own words: `replaced` pairs what stood there with what is drawn ("" when it is left
    out)."""

    prompt: str
    replaced: tuple[tuple[str, str], ...]

    @property
    def line(self) -> str:
        """One line that says what was replaced, or "" when nothing was."""
        if not self.replaced:
            return ""
        drawn = [f'"{was}" as "{now}"' for was, now in self.replaced if now]
        missing = [f'"{was}"' for was, now in self.replaced if not now]
        parts = ([f"read {', '.join(drawn)}"] if drawn else []) + (
            [f"left out {', '.join(missing)}"] if missing else []
        )
        return "; ".join(parts)


def read_prompt(prompt: str, vocabulary: Mapping[str, Any]) -> Reading:
    """Return the nearest reading of a prompt. `vocabulary` has "known" words and "near" words (phrase to [slot,
    word])."""
    known = frozenset(vocabulary["known"])
    near = {phrase: word for phrase, (_, word) in vocabulary["near"].items()}
    replaced: list[tuple[str, str]] = []
    pieces = [
        piece if _QUOTED.fullmatch(piece) else _read_plain(piece, known, near, replaced)
        for piece in _QUOTED.split(prompt)
    ]
    return Reading(prompt=re.sub(r"\s+", " ", "".join(pieces)).strip(), replaced=tuple(dict.fromkeys(replaced)))


def _read_plain(text: str, known: frozenset[str], near: Mapping[str, str], replaced: list[tuple[str, str]]) -> str:
    for phrase in _phrases_in(text.lower(), near):
        text = re.sub(rf"\b{re.escape(phrase)}\b", near[phrase], text, flags=re.IGNORECASE)
        replaced.append((phrase, near[phrase]))

    def one(match: re.Match[str]) -> str:
        word = match[0].lower()
        now = _nearest(word, known, near)
        if now != word:
            replaced.append((match[0], now))
        return now if now != word else match[0]

    return _WORD.sub(one, text)


def _phrases_in(text: str, near: Mapping[str, str]) -> list[str]:
    phrases = (phrase for phrase in near if " " in phrase and re.search(rf"\b{re.escape(phrase)}\b", text))
    return sorted(phrases, key=len, reverse=True)


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
