"""Words that tell a story in shots: what is one shot, who is in it, what holds for all. Text only, no model.

Frames are drawn ones, 12 a second.
"""

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import pairwise

from kinora.request import DRAWN_FPS, MAX_PROMPT_LETTERS, MAX_SECONDS, MIN_SECONDS

SHOT_S = 4.0
"""How long a shot lasts where nothing is said: what the model fills at once."""

LEAST_SHOT_S = 1.0
MOST_SHOTS = 60
MOST_PEOPLE = 20
MOST_NAME_LETTERS = 80
MOST_MEANT_LETTERS = 160
"""A pronoun stays where whom it means takes more letters to say."""

LONGEST_TAKE_S = 8.0
"""A sentence that has longer than this is told in several shots, unless they are not wanted."""

VIEWS = {
    "wide shot": ("wide", "long"),
    "medium shot": ("medium", "mid"),
    "close-up": ("close", "tight"),
    "low-angle shot": ("low",),
}
"""How the shots of one sentence see it, in turn, in words of the drawn world; and the words that say so already."""


@dataclass(frozen=True, kw_only=True)
class Told:
    """One shot as it is told: from when to when (None: wherever the shots around it leave it), what, and which seed."""

    prompt: str
    start_s: float | None = None
    end_s: float | None = None
    seconds: float | None = None
    seed: int | None = None


@dataclass(frozen=True, kw_only=True)
class Script:
    """A story as it is told: the line that holds for all shots, who is who, and the shots."""

    shots: tuple[Told, ...]
    line: str = ""
    characters: Mapping[str, str] = field(default_factory=dict)

    @property
    def has_lengths(self) -> bool:
        """Whether its shots say how long they last."""
        return any(shot.seconds is not None or shot.end_s is not None for shot in self.shots)


# Spaces are taken whole (`*+`): two runs of them that can share would be tried in every share.
_TIME = r"(\d{1,4}(?::\d{1,2})?(?:\.\d{1,6})?)(?:\s*+(?:s|secs?|seconds?))?"
_BLOCK = re.compile(rf"\[\s*+{_TIME}\s*+(?:-|–|—|to)\s*+{_TIME}\s*+\]\s*+[:–—-]?", re.IGNORECASE)
_QUOTED = re.compile(r"([\"“”][^\"“”]*[\"“”])")
_END = re.compile(r"(?<=[.!?…])(?<!\bMr\.)(?<!\bMrs\.)(?<!\bDr\.)(?<!\bSt\.)\s+")
_MARK = re.compile(r"^\s*(?:(?:shot|scene)\s*\d+\s*[:.)–-]|\d{1,2}[.)]\s|[-*•]\s)\s*", re.IGNORECASE)
_THEN = re.compile(r"^(?:and )?(?:then|next|now|finally|suddenly|meanwhile|after that|cut to)\b[,:]?\s+", re.IGNORECASE)
_NAME = r"[A-Z][\w'-]*(?: [A-Z][\w'-]*)?"
_SOMEBODY = r"(?:an?|the|my|our|two|three|four|five) "
_INTRODUCED = re.compile(rf"^({_NAME}) is ({_SOMEBODY}.+)$")
_NO_NAMES = frozenset("A An The It He She They This That There Here What Who We You I My Our Everyone".split())  # noqa: SIM905
_PRONOUN = re.compile(r"^(?:it|he|she|they)\b(?!')", re.IGNORECASE)
_WHERE = re.compile(r"\b(?:in|on|at|by|into|inside|through|across|along|under|over) \w", re.IGNORECASE)
_MUSIC = r"music|pianos?|strings|violins?|drums?|music box|melody|tune|song|soundtrack|ambience|sounds? of"
_HEARD = re.compile(
    r"^(?:with |and |we hear |you hear |there is )?(?:an? |the |some )?(?:\w+ing )?"
    rf"(?:(?!\w+(?:s|ing)\b)[\w-]+,? ){{0,3}}(?:{_MUSIC})\b",
    re.IGNORECASE,
)
# What says more of a shot, and is none: the view, the weather, a sign, what somebody looks like or sounds like.
_FURTHER = re.compile(
    r"^(?:(?:the |an? )?(?:camera|view|shot|scene|picture|sky|sun|moon|light|weather|sign|title|style)\b"
    r"|(?:the |an? )?(?:bells?|horns?|whistles?|thunder)\b"
    r"|(?:wide|medium|close|low|long|static|slow|tracking|handheld|seen|shot|filmed|drawn)\b"
    r"|it(?:'s| is) |there(?:'s| is| are) |(?:it|he|she|they) (?:has|have|wears?|looks?) |(?:no|without) "
    r"|(?:at|by|in the|on a) (?:dawn|sunrise|noon|day|sunset|dusk|evening|night|morning)\b)",
    re.IGNORECASE,
)
_FRAMING = re.compile(
    r"(?:,\s*)?(?:\b(?:in|as|from) )?(?:\ban? )?(?:\bextreme )?\b(?:(?:wide|wide-angle|long|medium|mid|tight|close|low"
    r"|low-angle)[- ](?:shot|view|angle)(?: shot)?|close[- ]?up)\b(?: of| on)?[:,]?",
    re.IGNORECASE,
)
_VIEW_OF = re.compile(rf"^(?:{_FRAMING.pattern}|.{{1,24}} (?:shot|view) of\b)", re.IGNORECASE)
_TOGETHER = re.compile(rf"^({_NAME} and {_NAME})\b")
_MANY = re.compile(r"^((?:two|three|four|five|some) (?:[\w'-]+ )*?\w+s)\b", re.IGNORECASE)
_OPEN_WORDS = frozenset({"a", "an", "and", "at", "by", "from", "in", "of", "on", "the", "wearing", "with"})


@lru_cache(maxsize=4)
def read_script(text: str) -> Script:
    """Return the shots that a text tells: its `[0-4s]` blocks, else its sentences.

    Before the first block, and in sentences that are only heard, stands what holds for all shots. "Mia is a girl in a
    red hat" says who Mia is, and is no shot. Whoever plans a prompt asks several times: the same text is read once.
    """
    found = list(_BLOCK.finditer(text))
    if not found:
        return _told_in_sentences(text)
    ends = [match.start() for match in found[1:]] + [len(text)]
    spans = [(seconds_of(match[1]), seconds_of(match[2])) for match in found]
    characters, shots = dict[str, str](), list[Told]()
    before = introduced(sentences(text[: found[0].start()]), characters)
    for (start_s, end_s), match, end in zip(spans, found, ends, strict=True):
        said = introduced(sentences(text[match.end() : end]), characters)
        shots.append(Told(prompt=". ".join(said), start_s=start_s, end_s=end_s))
    return Script(line=". ".join(before), characters=characters, shots=followed(shots, characters))


def _told_in_sentences(text: str) -> Script:
    characters = dict[str, str]()
    said = introduced(sentences(text), characters)
    heard = [sentence for sentence in said if _HEARD.match(sentence)]
    only_heard = set(heard)
    seen = [sentence for sentence in said if sentence not in only_heard]
    named = re.compile(rf"\b(?:{_any_of(characters)})\b")
    # Where nobody is plainly at the beginning of any, a sentence that says where is a shot.
    is_shot = {sentence: _is_shot(sentence, named) for sentence in seen}
    if not any(is_shot.values()):
        is_shot = {sentence: bool(_WHERE.search(sentence)) for sentence in seen}
    line, shots = list[str](), list[list[str]]()
    for sentence in seen:
        if is_shot[sentence]:
            shots.append([sentence])
        else:
            (shots[-1] if shots else line).append(sentence)
    if not shots:
        # All is weather, sound, or about somebody: then that is what is shown.
        shots, line, heard = [[*characters.values(), *said] or [" ".join(text.split())]], [], []
    told = followed((Told(prompt=". ".join(shot)) for shot in shots), characters)
    return Script(line=". ".join(line + heard), characters=characters, shots=told)


def _any_of(names: Iterable[str]) -> str:
    """A pattern of all names, longer ones first; without names it matches nothing."""
    return "|".join(map(re.escape, sorted(names, key=len, reverse=True))) or "(?!)"


def _is_shot(sentence: str, named: re.Pattern[str]) -> bool:
    """Whether a sentence shows somebody of its own, and does not say more of the one before it."""
    if _VIEW_OF.match(sentence) or named.search(sentence):
        return True
    if _FURTHER.match(sentence):
        return False
    return bool(_WHERE.search(sentence) if _PRONOUN.match(sentence) else who_of(sentence))


def sentences(text: str) -> list[str]:
    """Return the sentences of a text, without their full stops, their numbers in a list and the "then" before them."""
    found = [part for line in text.splitlines() for part in _split(_MARK.sub("", line))]
    told = (_THEN.sub("", " ".join(part.split()).rstrip(" .…")) for part in found)
    return [sentence for sentence in told if re.search(r"\w", sentence)]


def _split(line: str) -> Iterator[str]:
    """Parts of a line between full stops, but for those inside quotes."""
    part = list[str]()
    for number, piece in enumerate(_QUOTED.split(line)):
        first, *rest = [piece] if number % 2 else _END.split(piece)
        part.append(first)
        for begun in rest:
            yield "".join(part)
            part = [begun]
    yield "".join(part)


def introduced(said: Iterable[str], characters: dict[str, str]) -> list[str]:
    """Add who is who, name to description, to `characters` and return the sentences that say something else.

    One more than may be is added at most, so that `check_people` refuses them and nobody reads on for the rest.
    """
    others = list[str]()
    for sentence in said:
        match = _INTRODUCED.match(sentence)
        name = match[1] if match and match[1].split()[0] not in _NO_NAMES else ""
        if match and name and (name in characters or len(characters) <= MOST_PEOPLE):
            characters[name] = match[2]
        else:
            others.append(sentence)
    return others


def check_people(characters: Mapping[str, str]) -> None:
    """Raise ValueError, with the remedy, for too many names or one that is blank or too long."""
    if len(characters) > MOST_PEOPLE:
        raise ValueError(f"more than {MOST_PEOPLE} people have names: describe the others only where they are seen")
    for name in characters:
        if not name.strip() or len(name) > MOST_NAME_LETTERS:
            raise ValueError(f"nobody can be called {name[:20]!r}: give names of 1 to {MOST_NAME_LETTERS} letters")


def check_letters(count: int) -> None:
    """Raise ValueError, with the remedy, where a story has more letters than a prompt may have."""
    if count > MAX_PROMPT_LETTERS:
        raise ValueError(
            f"told in full, everybody described in every shot, the story has more than {MAX_PROMPT_LETTERS} letters: "
            "tell fewer shots, or each in fewer words"
        )


def followed(shots: Iterable[Told], characters: Mapping[str, str]) -> tuple[Told, ...]:
    """Return the shots with whom they begin said: "she" is the character named last, "it" and whoever has no name what
    the shot before begins with."""
    result, who, named = list[Told](), "", ""
    for shot in shots:
        prompt, pronoun = shot.prompt, _PRONOUN.match(shot.prompt)
        if pronoun:
            meant = named if named and pronoun[0].lower() in ("he", "she") else who
            prompt = meant + prompt[pronoun.end() :] if 0 < len(meant) <= MOST_MEANT_LETTERS else prompt
        who = who_of(prompt) or who
        named = max((name for name in characters if name in prompt), key=prompt.rfind, default=named)
        result.append(replace(shot, prompt=prompt))
    return tuple(result)


def who_of(prompt: str) -> str:
    """Return whom a sentence begins with: a name, or "a girl in a red hat"; "" where that is not plain."""
    if many := _MANY.match(prompt) or _TOGETHER.match(prompt):
        return many[1]
    for match in _prefixes(prompt):
        if match.split()[-1].lower() not in _OPEN_WORDS:
            return match
    name = re.match(rf"({_NAME}) (?:is|\w+(?<!s)s)\b", prompt)
    return name[1] if name and name[1].split()[0] not in _NO_NAMES else ""


def _prefixes(prompt: str) -> Iterator[str]:
    """Longer and longer beginnings of a sentence that a word in -s, -ing or "is" follows."""
    words = prompt.split()
    if not re.match(r"(?:an?|the|one|my|our)$", words[0] if words else "", re.IGNORECASE):
        return
    for end in range(2, min(len(words), 14)):
        if re.fullmatch(r"is|\w+(?<!s)s|\w+ing", words[end].strip(",;:!?").lower()) and words[end - 1].isalpha():
            yield " ".join(words[:end])


def described(prompt: str, characters: Mapping[str, str]) -> str:
    """Return a prompt in which everyone is described: "Mia" is "a girl in a red hat", then "the girl". Names inside
    descriptions stay. Raises ValueError, with the remedy, before it grows past what a prompt may have."""
    named = re.compile(rf"(?<![\w'-])({_any_of(characters)})('s)?(?![\w-])")
    again, added = dict[str, str](), 0

    def say(match: re.Match[str]) -> str:
        nonlocal added
        name = match[1]
        said = again.get(name, characters[name])
        check_letters(added := added + len(said))
        if name not in again:
            again[name] = short_name(characters[name])
        return said + (match[2] or "")

    pieces = _QUOTED.split(prompt)
    pieces[::2] = [named.sub(say, piece) for piece in pieces[::2]]
    return "".join(pieces)


def short_name(description: str) -> str:
    """Return how somebody is called when described already: "the girl" for "a girl in a red hat"."""
    head = re.split(r",|\b(?:in|with|wearing|who|on|of|and)\b", description)[0].split()
    return " ".join(["the", *(head[1:] if re.match(_SOMEBODY, description) else head)]) if head else description


def views(prompt: str, count: int) -> tuple[str, ...]:
    """Return one sentence as so many shots see it: from further away, from nearer, from below, in turn; beginning with
    the view it names itself, if it does."""
    names, own = list(VIEWS), _FRAMING.search(prompt)
    said = set(re.split(r"\W+", own[0].lower())) if own else set[str]()
    first = next((number for number, words in enumerate(VIEWS.values()) if said & set(words)), 0)
    bare = " ".join(_FRAMING.sub(" ", prompt).split()).strip(" ,") if own else prompt
    seen = [f"{bare}, {names[(first + number) % len(names)]}" for number in range(count)]
    return (prompt, *seen[1:]) if own else tuple(seen)


def seconds_of(text: str) -> float:
    """Read "4", "1.5" or "0:04" as seconds."""
    minutes, _, seconds = text.rpartition(":")
    return 60.0 * int(minutes or 0) + float(seconds)


def lengths(shots: Sequence[Told], total_s: float) -> tuple[int, ...]:
    """Return how many drawn frames each shot has: what it says, else its even share of the seconds.

    Raises ValueError, with the remedy, for shots that overlap, leave holes or are empty or too short, and for stories
    outside 1 to 60 s.
    """
    if not 1 <= len(shots) <= MOST_SHOTS:
        raise ValueError(f"a story has 1 to {MOST_SHOTS} shots, and this one has {len(shots)}: leave some out")
    borders = [0]
    for number, shot in enumerate(shots, start=1):
        if not shot.prompt:
            raise ValueError(f"shot {number} is empty: say what it shows, or leave it out")
        even = round(total_s * DRAWN_FPS * number / len(shots))
        borders.append(_end(shot, number, borders[-1], even))
    seconds = borders[-1] / DRAWN_FPS
    if not MIN_SECONDS <= seconds <= MAX_SECONDS:
        raise ValueError(f"the story lasts {seconds:g} s: give it {MIN_SECONDS:g} to {MAX_SECONDS:g}")
    return tuple(end - start for start, end in pairwise(borders))


def _end(shot: Told, number: int, start: int, even: int) -> int:
    """Return the frame before which a shot ends."""
    for value in (shot.start_s, shot.end_s, shot.seconds):
        if value is not None and not 0 <= value <= MAX_SECONDS:
            raise ValueError(f"shot {number} says {value:g} s: a story lasts at most {MAX_SECONDS:g}")
    at_s = start / DRAWN_FPS
    if shot.start_s is not None and round(shot.start_s * DRAWN_FPS) != start:
        wrong = "overlaps the one before it" if shot.start_s < at_s else "leaves a hole before it"
        raise ValueError(f"shot {number} begins at {shot.start_s:g} s and {wrong}: begin it at {at_s:g} s")
    end = even
    if shot.seconds is not None:
        end = start + round(shot.seconds * DRAWN_FPS)
    if shot.end_s is not None:
        if shot.seconds is not None and round(shot.end_s * DRAWN_FPS) != end:
            raise ValueError(f"shot {number} lasts {shot.seconds:g} s and ends at {shot.end_s:g}: say only one of both")
        end = round(shot.end_s * DRAWN_FPS)
    if end - start < LEAST_SHOT_S * DRAWN_FPS:
        lasts_s = (end - start) / DRAWN_FPS
        raise ValueError(
            f"shot {number} lasts {lasts_s:g} s: give each at least {LEAST_SHOT_S:g} s, or tell fewer shots"
        )
    return end


def num_takes(seconds: float) -> int:
    """Return in how many shots one sentence is told, none longer than four seconds, where it has longer than eight."""
    return 1 if seconds <= LONGEST_TAKE_S else math.ceil(seconds / SHOT_S - 1e-9)
