"""What a text tells: its shots, who is in them, what holds for all."""

import re
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinora.engines.native.reading import read_prompt
from kinora.models.weights import vocabulary
from kinora.request import DRAWN_FPS, MAX_PROMPT_LETTERS
from kinora.tasks.script import (
    MOST_MEANT_LETTERS,
    MOST_PEOPLE,
    VIEWS,
    Told,
    described,
    lengths,
    num_takes,
    read_script,
    seconds_of,
    views,
    who_of,
)

FORMS = ("[{}-{}s]", "[{}s - {}s]", "[{}–{}]:", "[{}s to {} seconds]", "[{}-{} S]")


@st.composite
def blocks(draw):
    """(text with `[a-bs]` blocks, their borders in frames, their prompts), all in one of the ways to write them."""
    counts = draw(st.lists(st.integers(DRAWN_FPS, 120), min_size=1, max_size=6).filter(lambda n: sum(n) <= 720))
    borders = [sum(counts[:number]) for number in range(len(counts) + 1)]
    prompts = [f"fox {number} runs" for number in range(len(counts))]
    times = [f"{border / DRAWN_FPS:.4f}".rstrip("0").rstrip(".") for border in borders]
    form, space = draw(st.sampled_from(FORMS)), draw(st.sampled_from(["", " ", "\n", " \n\n "]))
    told = [
        f"{form.format(start, end)}{space}{prompt}{draw(st.sampled_from(['', '.', ' ']))}"
        for start, end, prompt in zip(times, times[1:], prompts, strict=False)
    ]
    return space.join(told) if space else " ".join(told), borders, prompts


@given(blocks())
def test_blocks_cover_the_story_without_holes_however_they_are_written(written):
    text, borders, prompts = written
    script = read_script(text)
    assert [shot.prompt for shot in script.shots] == prompts
    counts = lengths(script.shots, 4.0)
    assert [sum(counts[:number]) for number in range(len(counts) + 1)] == borders


@given(blocks(), st.integers(1, 5), st.sampled_from([-13, -5, 5, 13]))
def test_blocks_that_do_not_meet_are_refused_with_the_right_second(written, number, off):
    text, borders, _ = written
    script = read_script(text)
    number %= len(script.shots)
    start_s = borders[number] / DRAWN_FPS + off / DRAWN_FPS
    moved = [*script.shots]
    moved[number] = Told(prompt="a fox", start_s=max(0.1, start_s), end_s=moved[number].end_s)
    with pytest.raises(ValueError, match=rf"shot {number + 1} .*begin it at {borders[number] / DRAWN_FPS:g} s"):
        lengths(moved, 4.0)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("[0-4s] a fox [3-8s] a bear", "shot 2 begins at 3 s and overlaps the one before it: begin it at 4 s"),
        ("[0-4s] a fox [5-8s] a bear", "shot 2 begins at 5 s and leaves a hole before it: begin it at 4 s"),
        ("[1-4s] a fox", "shot 1 begins at 1 s and leaves a hole before it: begin it at 0 s"),
        ("[0-4s] [4-8s] a bear", "shot 1 is empty: say what it shows, or leave it out"),
        ("[0-4s] a fox [4-4.5s] a bear", "shot 2 lasts 0.5 s: give each at least 1 s"),
        ("[4-0s] a fox", "shot 1 begins at 4 s"),
        ("[0-61s] a fox", "shot 1 says 61 s: a story lasts at most 60"),
        ("[0-9999:59s] a fox", "a story lasts at most 60"),
        ("".join(f"[{n}-{n + 1}s] a fox " for n in range(61)), "a story has 1 to 60 shots, and this one has 61"),
    ],
)
def test_a_mistake_is_one_line_with_the_remedy(text, why):
    with pytest.raises(ValueError, match=re.escape(why)) as refused:
        lengths(read_script(text).shots, 4.0)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("text", "shots", "line"),
    [
        ("A fox runs in the snow. A bear sleeps.", ["A fox runs in the snow", "A bear sleeps"], ""),
        ("A fox runs. Soft piano music.", ["A fox runs"], "Soft piano music"),
        ("It is night. A fox runs. Then a dog barks!", ["A fox runs", "a dog barks!"], "It is night"),
        ("A fox runs on grass. It jumps in the sea.", ["A fox runs on grass", "A fox jumps in the sea"], ""),
        ("A cat eats on the beach. It meows.", ["A cat eats on the beach. It meows"], ""),
        ('A cat eats. A sign says "NO. GO".', ['A cat eats. A sign says "NO. GO"'], ""),
        ("A cat eats. The camera pans left. It wears a hat.", ["A cat eats. The camera pans left. It wears a hat"], ""),
        ("1. A fox runs.\n2. A bear sits.", ["A fox runs", "A bear sits"], ""),
        ("- Scene one fox\n", ["Scene one fox"], ""),
        ("Shot 1: a fox runs\nShot 2: a bear sits", ["a fox runs", "a bear sits"], ""),
        ("a fox in the snow. a bear at sea", ["a fox in the snow", "a bear at sea"], ""),
        ("Two dogs run at sea. They swim at sea.", ["Two dogs run at sea", "Two dogs swim at sea"], ""),
        ("A fox runs. Close-up of a bear. A boat.", ["A fox runs", "Close-up of a bear. A boat"], ""),
        ("Soft piano.", ["Soft piano"], ""),
        ("3, 2, 1! A red rocket shoots up in space.", ["A red rocket shoots up in space"], "3, 2, 1!"),
        ("!!!", ["!!!"], ""),
        ("狐", ["狐"], ""),
    ],
)  # fmt: skip
def test_sentences_that_show_somebody_are_shots(text, shots, line):
    script = read_script(text)
    assert ([shot.prompt for shot in script.shots], script.line) == (shots, line)


def test_who_is_who_is_no_shot_and_is_said_in_every_shot_the_same_way():
    text = "Mia is a girl in a red hat. Mia runs in the snow. A dog sits near Mia. She sleeps in a room with Mia's cat."
    script = read_script(text)
    assert script.characters == {"Mia": "a girl in a red hat"}
    assert [described(shot.prompt, script.characters) for shot in script.shots] == [
        "a girl in a red hat runs in the snow",
        "A dog sits near a girl in a red hat",
        "a girl in a red hat sleeps in a room with the girl's cat",
    ]


@pytest.mark.parametrize(
    ("prompt", "told"),
    [
        ("Mia meets Mia and Miau", "a girl in a red hat meets the girl and Miau"),
        ('Mia holds a sign that says "MIA" or "Mia"', 'a girl in a red hat holds a sign that says "MIA" or "Mia"'),
        ("Mia Rose and Mia", "a woman and a girl in a red hat"),
        ("a mia", "a mia"),
    ],
)
def test_a_name_is_a_whole_word_of_the_text_and_not_of_a_sign(prompt, told):
    assert described(prompt, {"Mia": "a girl in a red hat", "Mia Rose": "a woman"}) == told


@pytest.mark.parametrize(
    ("prompt", "who"),
    [
        ("A girl with glasses walks on the beach", "A girl with glasses"),
        ("A girl in a red hat is running", "A girl in a red hat"),
        ("Two red dogs run", "Two red dogs"),
        ("Mia walks", "Mia"),
        ("Mia and Tom walk", "Mia and Tom"),
        ("A foggy village at dawn", ""),
        ("Snow falls", "Snow"),
        ("It rains", ""),
        ("", ""),
    ],
)
def test_whom_a_sentence_begins_with(prompt, who):
    assert who_of(prompt) == who


@given(st.text(max_size=200))
def test_every_text_is_a_script(text):
    """However strange: a shot, or what is wrong with it."""
    script = read_script(text)
    for shot in script.shots:
        described(shot.prompt, script.characters)


@given(seconds=st.floats(8.01, 60))
def test_a_long_sentence_is_told_in_shots_of_two_to_six_seconds(seconds):
    assert 2 <= seconds / num_takes(seconds) <= 6


def test_the_shots_of_a_sentence_see_it_in_turn_in_words_of_the_world():
    prompts = views("a red fox jumps in the snow", 5)
    assert [prompt.split(", ")[1] for prompt in prompts] == [*VIEWS, "wide shot"]
    for prompt in prompts:
        reading = read_prompt(prompt, vocabulary())
        assert (reading.prompt, reading.replaced) == (prompt, ())


def test_the_view_that_a_sentence_names_comes_first_and_is_not_contradicted():
    assert views("a close-up of a red fox in the snow", 3) == (
        "a close-up of a red fox in the snow",
        "a red fox in the snow, low-angle shot",
        "a red fox in the snow, wide shot",
    )


@pytest.mark.parametrize(("text", "seconds"), [("4", 4), ("1.5", 1.5), ("0:04", 4), ("1:00", 60), ("0:01.5", 1.5)])
def test_seconds(text, seconds):
    assert seconds_of(text) == seconds


names = st.text("abAB xé'-", min_size=1, max_size=6).filter(lambda name: name[0].isalpha() and name[-1].isalpha())


@given(st.dictionaries(names, st.lists(names, min_size=1).map(" ".join), min_size=1))
def test_a_description_is_told_as_it_is_whatever_names_it_holds(people):
    assert [described(name, people) for name in people] == list(people.values())


def test_nobody_is_described_in_the_words_of_another():
    people = {"Mia": "a girl like Tom", "Tom": "a boy like Mia"}
    assert described("Mia meets Tom and Mia", people) == "a girl like Tom meets a boy like Mia and the girl like Tom"


@pytest.mark.parametrize("said", ["Mia ", 'Mia "x" '])
def test_what_would_grow_past_a_prompt_is_refused_while_it_grows(said):
    """The last description would be a gigabyte: nobody gets there."""
    people = {"Mia": "a girl " + "b" * 1000}
    assert len(described(said * 31, people)) <= MAX_PROMPT_LETTERS
    with pytest.raises(ValueError, match="tell fewer shots"):
        described(said * 1_000_000, people)


def names_in(number):
    return f"{chr(65 + number % 26)}{chr(97 + number // 26 % 26)}{chr(97 + number // 676 % 26)}"


HOSTILE = {
    "names": lambda n: "".join(f"{names_in(i)} is a b. " for i in range(n)) + "x y. " * n,
    "names in blocks": lambda n: "".join(f"[0-1s] {names_in(i)} is a b. A fox runs. " for i in range(n)),
    "sentences": lambda n: "A fox runs. " * n,
    "further": lambda n: "A fox runs. " + "No x. " * n,
    "sounds": lambda n: "".join(f"Song {i}. A fox {i} runs. " for i in range(n)),
    "quotes": lambda n: '"a." x. ' * n,
    "open quotes": lambda n: "“" * n,
    "blocks": lambda n: "[0-1s] a " * n,
    "brackets": lambda n: "[1" * n,
    "pronouns": lambda n: "Two " + "a " * n + "foxes. " + "It a in b. " * n,
    "pronouns of a name": lambda n: "A" + "b" * n + " runs. " + "It a in b. " * n,
    "one word": lambda n: "s" * n,
    "lines": lambda n: "- a\n" * n,
}


def calls_of(text):
    """How many calls, Python's and C's, reading a text takes."""
    calls, before = [0], sys.getprofile()

    def count(frame, event, argument):
        calls[0] += event in ("call", "c_call")

    read_script.cache_clear()
    sys.setprofile(count)
    try:
        read_script(text)
    finally:
        sys.setprofile(before)
    return calls[0]


@pytest.mark.parametrize("hostile", HOSTILE.values(), ids=HOSTILE)
def test_twice_the_text_is_at_most_twice_the_work(hostile):
    read_script(hostile(400))
    assert calls_of(hostile(800)) <= 2.1 * calls_of(hostile(400)) + 2000


@pytest.mark.parametrize("hostile", HOSTILE.values(), ids=HOSTILE)
def test_a_script_is_not_much_longer_than_its_text(hostile):
    """Its pronouns are replaced by whom they mean, in so many letters at most."""
    text = hostile(1000)
    script = read_script(text)
    pronouns = len(re.findall(r"\bIt\b", text))
    told = sum(len(shot.prompt) for shot in script.shots) + len(script.line)
    assert told <= 2 * len(text) + MOST_MEANT_LETTERS * pronouns
    assert len(script.characters) <= MOST_PEOPLE + 1


@pytest.mark.parametrize(
    "text", ["[1{}x", "[1s{}x", "[1-2{}x", "[{}x", "[0-4s]{}x", "shot{}x", "a.{}x", "a close-up,{}x"]
)
def test_however_many_spaces_end(text):
    """Tried in every share, these would take hours."""
    few, many = (read_script(text.format(" " * count)) for count in (1, 500_000))
    assert many == few


@given(st.text(" [1-2s]:.to", max_size=40))
def test_blocks_are_found_with_and_without_spaces_as_they_are_written(text):
    """Against the plain pattern, which takes them one by one."""
    time = r"(\d{1,4}(?::\d{1,2})?(?:\.\d{1,6})?)\s*(?:s|secs?|seconds?)?"
    plain = re.compile(rf"\[\s*{time}\s*(?:-|–|—|to)\s*{time}\s*\]\s*[:–—-]?", re.IGNORECASE)
    shots = [shot for shot in read_script(text).shots if shot.end_s is not None]
    spans = [(seconds_of(match[1]), seconds_of(match[2])) for match in plain.finditer(text)]
    assert [(shot.start_s, shot.end_s) for shot in shots] == spans
