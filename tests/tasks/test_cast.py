"""Who is seen again in a story, and in which shot they were introduced."""

import numpy as np
import pytest

from kinora.engines.catalog import CATALOG
from kinora.media.decode import read_clip
from kinora.request import Condition, Request
from kinora.tasks.cast import MOST_REFERENCES, people_of, seen_before
from kinora.tasks.generate import plan
from kinora.tasks.given import given_of
from kinora.tasks.needs import check_needs, needs_of
from kinora.tasks.story_plan import plan_story
from kinora.tasks.storyboard import with_cast


def story_of(*prompts):
    text = " ".join(f"[{2 * number}-{2 * number + 2}s] {prompt}" for number, prompt in enumerate(prompts))
    return plan_story(Request(prompt=text), 1)


def seen(*prompts):
    story = story_of(*prompts)
    return [seen_before(story, number) for number in range(len(story.shots))]


@pytest.mark.parametrize(
    ("prompts", "shots"),
    [
        (["a red fox jumps", "a boy dances"], [(), ()]),
        (["a red fox jumps", "the fox sleeps"], [(), (0,)]),
        (["a red fox jumps", "a boy dances", "the red fox sleeps"], [(), (), (0,)]),
        (["a red fox jumps", "the blue fox sleeps"], [(), ()]),
    ],
)
def test_the_fox_is_whoever_was_a_red_fox(prompts, shots):
    assert seen(*prompts) == shots


def test_everybody_is_shown_as_they_were_first_seen_so_that_nobody_drifts():
    assert seen("a red fox jumps", "the fox runs", "the fox sleeps", "the fox sings")[1:] == [(0,)] * 3


def test_only_earlier_shots_are_shown_and_only_so_many():
    story = story_of("a red fox jumps", "a boy dances", "the fox sleeps", "the boy sings", "the fox runs")
    for number in range(len(story.shots)):
        shots = seen_before(story, number)
        assert all(shot < number for shot in shots) and len(shots) <= MOST_REFERENCES
        assert list(shots) == sorted(set(shots))
        assert all(people_of(story, shot) for shot in shots)


@pytest.mark.parametrize("name", ["storybook", "vace-1.3b"])
def test_who_was_seen_is_a_condition_where_the_engine_can_be_shown_it(name):
    story, entry = story_of("a red fox jumps", "a boy dances", "the fox sleeps"), CATALOG[name]
    cast = [with_cast(story, number, entry) for number in range(3)]
    stated = [[(each.kind, each.file) for each in request.conditions] for request in cast]
    is_shown = "references" in entry.can
    assert stated == [[], [], [("reference", "1")] if is_shown else []]
    assert ("references" in needs_of(cast[2])) == is_shown
    check_needs(cast[2], entry)


def test_a_picture_of_somebody_may_be_a_file(film):
    source = film(3, sound=False)
    request = Request(prompt="a fox", conditions=(Condition(kind="reference", file=str(source.path)),))
    (picture,) = given_of(request, *plan(request, seed=1)).references
    assert np.array_equal(picture, read_clip(source.path).array()[0])
