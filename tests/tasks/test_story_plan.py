"""Plans: which prompts are stories, how long each shot is, in frames of the story and of the file."""

import json
from collections import UserDict
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinora.evaluation.trials import suite
from kinora.request import DRAWN_FPS, MAX_PROMPT_LETTERS, MAX_SEED, Condition, Request
from kinora.tasks.generate import num_drawn, num_frames
from kinora.tasks.script import MOST_NAME_LETTERS, MOST_PEOPLE, Script, Told, read_script
from kinora.tasks.story_file import story_of
from kinora.tasks.story_plan import is_story, plan_story, planned, usual_seconds

counts = st.lists(st.integers(DRAWN_FPS, 150), min_size=1, max_size=8).filter(lambda n: sum(n) <= 720)


def blocks_of(frames):
    ends = [sum(frames[: number + 1]) / DRAWN_FPS for number in range(len(frames))]
    return "".join(f"[{a:.6f}-{b:.6f}s] fox {a:g} runs " for a, b in zip([0, *ends], ends, strict=False))


@given(frames=counts, fps=st.integers(8, 30), seed=st.integers(0, MAX_SEED))
def test_a_plan_covers_story_and_file_without_holes(frames, fps, seed):
    story = plan_story(Request(prompt=blocks_of(frames), fps=fps), seed)
    assert [shot.num_frames for shot in story.shots] == frames
    assert story.starts[-1] / DRAWN_FPS == pytest.approx(story.request.seconds)
    for number, (start, stop) in enumerate(zip(story.borders, story.borders[1:], strict=False)):
        request = story.request_of(number)
        assert num_frames(request) == stop - start
        assert abs(start / fps - story.starts[number] / DRAWN_FPS) <= 0.5 / fps + 1e-9
        assert abs(num_drawn(request) - frames[number]) <= 2
        assert request.seed == story.shots[number].seed == (seed + number) % (MAX_SEED + 1)
    assert abs(story.borders[-1] - story.request.seconds * fps) <= 0.5


@given(frames=counts)
def test_at_the_drawn_rate_a_file_is_cut_where_the_story_is(frames):
    story = plan_story(Request(prompt=blocks_of(frames)), 0)
    assert story.borders == story.starts
    assert [num_drawn(story.request_of(number)) for number in range(len(frames))] == frames


SAME = [
    "Soft piano music. [0-4s] A fox runs [4-8s] A bear sleeps",
    "Soft piano music. [0s - 4s]: A fox runs.\n\n[4s – 8s]: A bear sleeps.",
    "Soft piano music\n[0:00-0:04] A fox runs [0:04-0:08] A bear sleeps",
    "A fox runs. A bear sleeps. Soft piano music.",
    "Soft piano music.\n1. A fox runs\n2. Then A bear sleeps",
]
YAML = [
    "line: Soft piano music\nshots: [{seconds: 4, prompt: A fox runs}, {seconds: 4s, prompt: A bear sleeps}]",
    "shots:\n- from: 0\n  to: 4\n  prompt: A fox runs\n- prompt: >\n    A bear\n    sleeps\n  from: 0:04\n  to: 8.0\n"
    "line: 'Soft piano music'\n",
]


def test_what_means_the_same_is_the_same_plan():
    stories = [plan_story(Request(prompt=text, seconds=usual_seconds(text)), 7) for text in SAME]
    stories += [story_of(text, seed=7) for text in YAML]
    assert all(story == stories[0] for story in stories)
    assert plan_story(Request(prompt=SAME[0]), 8) != stories[0]


@pytest.mark.parametrize(
    ("prompt", "seconds", "told"),
    [
        ("a fox runs", 8, False),
        ("a fox runs", 8.1, True),
        ("A fox runs. A bear sleeps.", 4, True),
        ("A fox runs. A bear sleeps.", 3.9, False),
        ("A fox runs. Soft piano music.", 4, False),
        ("[0-1s] a fox [1-2s] a bear", 4, True),
        ("!!!", 4, False),
    ],
)
def test_which_requests_are_stories(prompt, seconds, told):
    request = Request(prompt=prompt, seconds=seconds)
    assert is_story(request) is told
    assert not is_story(replace(request, conditions=(Condition(kind="given", end_s=1, file="a.mp4"),)))


def test_prompts_that_describe_one_scene_at_length_are_no_stories():
    lines = Path(suite.__file__).with_name("suite.jsonl").read_text().splitlines()
    prompts = [json.loads(line)["prompt"] for line in lines]
    assert len(prompts) > 100 and not any(is_story(Request(prompt=prompt)) for prompt in prompts)


def test_a_long_sentence_is_told_in_shots_unless_one_is_wanted():
    request = Request(prompt="a red fox in the snow", seconds=12)
    story = plan_story(request, 3)
    assert [shot.num_frames for shot in story.shots] == [48, 48, 48]
    assert [shot.prompt.split(", ")[-1] for shot in story.shots] == ["wide shot", "medium shot", "close-up"]
    (shot,) = plan_story(request, 3, one_shot=True).shots
    assert (shot.prompt, shot.num_frames, shot.seed) == ("a red fox in the snow", 144, 3)


def test_views_of_a_sentence_share_one_light():
    request = Request(prompt="a red fox runs, soft piano", seconds=16)
    stories = [plan_story(request, seed) for seed in range(9)]
    chosen = [{shot.prompt.split(", ")[2] for shot in story.shots} for story in stories]
    assert all(len(lights) == 1 for lights in chosen)
    assert set.union(*chosen) == {"at dawn", "at noon", "at sunset", "at night"}


@pytest.mark.parametrize(
    "named", [" on a sunny meadow", " in the Morning", ". There is a starry sky", ". Soft piano at night"]
)
def test_a_light_that_is_named_stays_the_only_one(named):
    (shot, *_) = plan_story(Request(prompt=f"a red fox runs{named}", seconds=16), 1).shots
    assert ", at " not in shot.prompt


def test_long_sentences_are_each_told_in_shots():
    story = plan_story(Request(prompt="A fox runs. A bear sleeps.", seconds=24), 0)
    assert [shot.prompt.split(", ")[0] for shot in story.shots] == ["A fox runs"] * 3 + ["A bear sleeps"] * 3


@pytest.mark.parametrize(
    ("prompt", "options", "why"),
    [
        ("[0-6s] a fox", {"seconds": 8}, "the shots end at 6 s and 8 s are asked for: make them agree"),
        ("A fox runs. A bear sleeps. A dog barks.", {"seconds": 2}, "give each at least 1 s, or tell fewer shots"),
    ],
)
def test_lengths_that_cannot_be(prompt, options, why):
    with pytest.raises(ValueError, match=why):
        plan_story(Request(prompt=prompt, **options), 0)


def test_blocks_and_one_shot_contradict_each_other():
    with pytest.raises(ValueError, match="leave --one-shot away"):
        plan_story(Request(prompt="[0-4s] a fox"), 0, one_shot=True)


@pytest.mark.parametrize(
    ("prompt", "seconds"),
    [("a fox", 12), ("A fox runs. A bear sleeps.", 8), ("[0-5.5s] a fox", 5.5), ("A fox runs. " * 20, 60)],
)
def test_how_long_a_story_is_where_nothing_is_said(prompt, seconds):
    assert usual_seconds(prompt) == seconds


def test_another_seed_for_one_shot_changes_nothing_else():
    story = plan_story(Request(prompt=SAME[0]), 7)
    other = story.with_seed(1, 99)
    assert [shot.seed for shot in other.shots] == [7, 99]
    assert other.with_seed(1, 8) == story


def test_a_prompt_is_read_once_however_often_its_plan_asks():
    text = "A fox runs. A bear sleeps. Nobody else has told this."
    before = read_script.cache_info().misses
    request = Request(prompt=text, seconds=usual_seconds(text))
    assert is_story(request) and plan_story(request, 0).shots
    assert read_script.cache_info().misses == before + 1


def test_descriptions_of_descriptions_do_not_multiply():
    links = ["AAAAx", "AAAx", "AAx", "Ax"]
    said = [f"{who} is a {' '.join([other] * 80)}." for who, other in pairwise(links)]
    text = " ".join([*said, f"Ax is a {'b' * 40}.", "AAAAx runs. AAAAx sits."])
    story = plan_story(Request(prompt=text), 0)
    assert len(story.shots) == 2 and len(story.request.prompt) <= 2 * len(text)


@pytest.mark.parametrize(
    ("counts", "line", "people"),
    [
        ((15_999, 16_000), "", {}),
        ((7_000, 7_000), "b" * 8_996, {}),
        ((1, 31_997), "", {"a": "bb"}),
    ],
)
def test_a_story_has_as_many_letters_as_a_prompt_and_no_more(counts, line, people):
    def told(more):
        prompts = ["a" * counts[0], "c" * (counts[1] + more)]
        script = Script(shots=tuple(Told(prompt=each) for each in prompts), line=line, characters=people)
        return planned(script, Request(prompt="a story"), 0)

    more = MAX_PROMPT_LETTERS - len(told(0).request.prompt)
    assert len(told(more).request.prompt) == MAX_PROMPT_LETTERS
    with pytest.raises(ValueError, match=f"more than {MAX_PROMPT_LETTERS} letters: tell fewer shots"):
        told(more + 1)


class Asked(UserDict):
    """People, and how many times somebody asked who they are: once a shot that is told in full."""

    times = 0

    def __iter__(self):
        self.times += 1
        return super().__iter__()


def test_words_that_all_shots_share_are_refused_at_the_first_shot_too_many():
    """Sixty shots of these would be forty times what may be; the second is one too many."""
    people = Asked({"Mia": "a girl"})
    script = Script(shots=(Told(prompt="Mia runs", seconds=1),) * 60, line="b" * 20_000, characters=people)
    with pytest.raises(ValueError, match="tell fewer shots"):
        planned(script, Request(prompt="a story"), 0)
    assert people.times <= 4


def people(count):
    return " ".join(f"B{chr(97 + number)} is a girl in red." for number in range(count))


def test_so_many_have_names_and_no_more():
    assert plan_story(Request(prompt=f"{people(MOST_PEOPLE)} Ba runs. Bb sleeps."), 0).shots
    crowded = Request(prompt=f"{people(MOST_PEOPLE + 1)} Ba runs. Bb sleeps.")
    assert is_story(crowded)
    with pytest.raises(ValueError, match=f"more than {MOST_PEOPLE} people have names: describe the others"):
        plan_story(crowded, 0)


@pytest.mark.parametrize("name", ["", " ", "\n", "M" + "i" * MOST_NAME_LETTERS])
def test_nobody_has_a_blank_or_endless_name(name):
    script = Script(shots=(Told(prompt="a fox"),), characters={name: "a girl"})
    with pytest.raises(ValueError, match=f"give names of 1 to {MOST_NAME_LETTERS} letters") as refused:
        planned(script, Request(prompt="a story"), 0)
    assert "\n" not in str(refused.value) and len(str(refused.value)) < 100
