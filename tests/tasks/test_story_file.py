"""Plans as YAML: what is saved is read again; what is no plan is refused in one line."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinora.request import ASPECTS, DRAWN_FPS, MAX_SEED, Canvas, Request
from kinora.tasks.script import Script, Told
from kinora.tasks.story_file import MOST_BYTES, plain, read_story, save_story, story_of, story_yaml
from kinora.tasks.story_plan import planned

GOOD = "shots: [{seconds: 4, prompt: a fox}, {seconds: 4, prompt: a bear}]"
words = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), min_size=1, max_size=40)
words = words.map(lambda text: " ".join(text.split())).filter(bool)


@st.composite
def stories(draw):
    frames = draw(st.lists(st.integers(DRAWN_FPS, 120), min_size=1, max_size=6))
    seeds = st.one_of(st.none(), st.integers(0, MAX_SEED))
    shots = tuple(Told(prompt=draw(words), seconds=n / DRAWN_FPS, seed=draw(seeds)) for n in frames)
    script = Script(shots=shots, line=draw(words), characters=draw(st.dictionaries(words, words, max_size=2)))
    asked = {
        "size": draw(st.sampled_from([*ASPECTS, "320x180"])),
        "fps": draw(st.integers(8, 30)),
        "steps": draw(st.one_of(st.none(), st.integers(1, 250))),
        "guidance": draw(st.floats(0, 20)),
        "sound": draw(st.booleans()),
        "strict": draw(st.booleans()),
    }
    return planned(script, Request(prompt="a story", **asked), draw(st.integers(0, MAX_SEED)))


@given(stories())
def test_a_saved_plan_is_read_as_it_was(story):
    again = story_of(story_yaml(story))
    # Pronouns may be read as somebody; said once, they stay.
    assert story_of(story_yaml(again)) == again
    assert again.request.seed == story.request.seed and again.borders == story.borders
    assert [shot.seed for shot in again.shots] == [shot.seed for shot in story.shots]
    assert (again.line, again.characters) == (story.line, story.characters)


COMMENTED = [
    "# why: é\nshots:\n- {seconds: 4, prompt: a fox}  # first\n- {seconds: 4, prompt: a bear}\n",
    "# why: é\nseed: 3 # mine\nshots:\n  - prompt: a fox\n  # second\n  - prompt: a bear\n",
    "# why: é\r\nseed: 3\r\nshots:\r\n- seed: 4\r\n  prompt: a fox\r\n- prompt: a bear\r\n  seed: 9 # old\r\n",
]


def test_a_plan_may_be_edited(tmp_path):
    path = tmp_path / "a.story.yaml"
    save_story(story_of(GOOD, drawn_seed=5), path)
    told = path.read_text()
    edited = told.replace("a bear", "a dog") + "size: 9:16\nmusic: no\n"
    path.write_text(edited)
    story = read_story(path)
    assert [shot.prompt for shot in story.shots] == ["a fox", "a dog"]
    assert [shot.seed for shot in story.shots] == [5, 6]
    assert (story.request.size, story.request.music, story.request.seconds) == ("9:16", False, 8)
    assert read_story(path, size="1:1", fps=24).request.size == "1:1"


def test_a_file_that_says_the_same_keeps_its_comments(tmp_path):
    path = tmp_path / "a.yaml"
    story = story_of(GOOD, drawn_seed=5)
    path.write_text("# mine\n" + story_yaml(story))
    save_story(story, path)
    assert path.read_text().startswith("# mine")
    save_story(read_story(path, size="1:1"), path)
    assert "# mine" not in path.read_text() and read_story(path).request.size == "1:1"


@pytest.mark.parametrize("told", COMMENTED)
def test_a_new_seed_changes_nothing_else(tmp_path, told):
    """Neither a comment nor a space; where the plan names none it is added."""
    path = tmp_path / "a.yaml"
    path.write_bytes(told.encode())
    story = read_story(path, drawn_seed=5)
    save_story(story, path)
    assert read_story(path) == story
    again = story.with_seed(1, 77)
    save_story(again, path)
    assert read_story(path) == again
    without = [re.sub(r"seed: \d+(, |\r?\n *)?", "", text) for text in (told, path.read_bytes().decode())]
    assert without[0] == without[1]


def test_a_shape_is_no_number():
    """In YAML 1.1 `16:9` is 969, `no` is false and 2026-01-01 a day."""
    story = story_of("size: 16:9\nshots:\n- {seconds: 0:04, prompt: no}\n- {seconds: 1.5, prompt: 2026-01-01}")
    assert story.request.size == "16:9"
    assert [(shot.prompt, shot.num_frames) for shot in story.shots] == [("no", 48), ("2026-01-01", 18)]


BOMB = "a: &a [x, x]\nb: &b [*a, *a]\nshots: [*b, *b]"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "the story is no table of keys"),
        ("a fox runs", "the story is no table of keys"),
        ("line: piano", "it tells no shots"),
        ("shots: []", "it tells no shots"),
        ("shots: a fox", "the story, shots: list them"),
        ("shots: [a fox]", "shot 1 is no table of keys: give prompt, seconds, from, to, seed"),
        ("shot: []", "the story has the unknown key 'shot': the keys are line, characters, size"),
        ("shots: [{prompt: a fox, second: 4}]", "shot 1 has the unknown key 'second'"),
        ("shots: [{seconds: 4}]", "shot 1 is empty: say under `prompt` what it shows"),
        ("shots: [{seconds: 4, prompt: }]", "shot 1 is empty"),
        ("shots: [{seconds: 4, prompt: [a]}]", "shot 1, prompt: give some words"),
        ("shots: [{seconds: four, prompt: a}]", "shot 1, seconds: give seconds, as in 4, 1.5 or 0:04"),
        ("shots: [{seconds: -4, prompt: a}]", "a story lasts at most 60"),
        ("shots: [{seconds: nan, prompt: a}]", "a story lasts at most 60"),
        ("shots: [{seconds: 0.5, prompt: a}]", "shot 1 lasts 0.5 s: give each at least 1 s"),
        ("shots: [{seconds: 40, prompt: a}, {seconds: 40, prompt: a}]", "the story lasts 80 s: give it 1 to 60"),
        ("shots: [{from: 0, to: 4, prompt: a}, {from: 3, to: 8, prompt: a}]", "shot 2 begins at 3 s and overlaps"),
        ("shots: [{from: 0, to: 4, prompt: a}, {from: 5, to: 8, prompt: a}]", "leaves a hole before it: begin it"),
        ("shots: [{to: 4, seconds: 5, prompt: a}]", "shot 1 lasts 5 s and ends at 4: say only one of both"),
        ("shots: [{seconds: 4, seed: -1, prompt: a}]", "shot 1, seed: give a value from 0 to 4294967295"),
        ("shots: [{seconds: 4, seed: 1.5, prompt: a}]", "shot 1, seed: give a whole number"),
        (f"{GOOD}\nfps: 60", "fps is 60: give a value from 8 to 30"),
        (f"{GOOD}\nsize: 100x100", "size 100x100 can't be made"),
        (f"{GOOD}\nsound: maybe", "the story, sound: say true or false"),
        (f"{GOOD}\nguidance: strong", "the story, guidance: give a number"),
        (f"{GOOD}\ncharacters: Mia", "give names with what they look like"),
        (f"{GOOD}\ncharacters: {{'': a girl}}", "the story, characters: nobody can be called '': give names of"),
        (f"{GOOD}\ncharacters: {{{'M' * 81}: a girl}}", "the story, characters: nobody can be called 'MMM"),
        (f"{GOOD}\ncharacters: {{{', '.join(f'M{n}: a girl' for n in range(21))}}}", "more than 20 people have names"),
        (f"shots: [{{seconds: '{'9' * 400}:0', prompt: a}}]", "shot 1, seconds: give seconds, as in 4, 1.5 or 0:04"),
        (f"{GOOD}\n{GOOD}", "line 2 has a key that stands there already"),
        ("shots: [{seconds: 4, prompt: a}] ]", "line 1 is not YAML"),
        ("shots:\n\t- a", "line 2 is not YAML"),
        ("a\0b", "it is not YAML"),
        ("a: 1\n---\nb: 2", "not YAML"),
        (BOMB, "line 1 has an alias or anchor: write it out"),
        ("shots: !!python/object/apply:os.system [ls]", "line 1 has a tag: leave it away"),
        ("shots: " + "[" * 3000 + "]" * 3000, "line 1 is more than a story needs"),
        ("shots:\n" + "- {prompt: a}\n" * 3000, "is more than a story needs"),
        ("? [a]\n: b", "line 1 has a key that stands there already or is no word"),
    ],
)  # fmt: skip
def test_what_is_no_plan_is_refused_in_one_line_with_the_remedy(tmp_path, text, why):
    path = tmp_path / "a.yaml"
    path.write_text(text)
    with pytest.raises(ValueError, match=re.escape(why)) as refused:
        read_story(path)
    assert "\n" not in str(refused.value) and str(refused.value).startswith("a.yaml: ")


def test_too_many_shots_too_large_a_file_and_bytes(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_text("shots:\n" + "- {prompt: a}\n" * 61)
    with pytest.raises(ValueError, match="a story has 1 to 60 shots, and this one has 61"):
        read_story(path)
    path.write_text("# " + "a" * MOST_BYTES)
    with pytest.raises(ValueError, match="is longer than 200 kB"):
        read_story(path)
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ValueError, match="is not text in UTF-8"):
        read_story(path)
    with pytest.raises(ValueError, match="there is no story"):
        read_story(tmp_path)


@given(st.text(max_size=300))
def test_any_text_is_yaml_or_refused(text):
    try:
        plain(text)
    except ValueError as error:
        assert "\n" not in str(error)


def test_a_plan_for_another_canvas_is_read_as_it_was_and_left_as_it_is(tmp_path):
    path = tmp_path / "a.story.yaml"
    for fps in (12, 16, 24):
        story = story_of(GOOD, drawn_seed=5, fps=fps, canvas=Canvas(fps=16, block_frames=1))
        save_story(story, path)
        path.write_text("# my own words\n" + path.read_text())
        told = path.read_text()
        again = read_story(path, canvas=story.request.canvas)
        assert again == story and again.request.fps == fps
        save_story(again, path)
        assert path.read_text() == told
