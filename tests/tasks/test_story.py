import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinora.engines.engine import Given
from kinora.engines.native.fill import free_blocks
from kinora.request import Condition, Request
from kinora.tasks.generate import plan
from kinora.tasks.story import Sight, drawn_sights, known_latents, known_samples, sights


def shot_of(request):
    return plan(request, 0)[0]


def free(request):
    """In which blocks the model in the package has something to make."""
    shot = shot_of(request)
    files = tuple(sight.file if sight else "" for sight in drawn_sights(request, shot))
    heard = tuple(known_latents(request, shot).tolist())
    return free_blocks(shot, Given(files=files, frames=lambda wanted: pytest.fail("nothing is opened"), heard=heard))


def film(start_s=0.0, end_s=None, **facts):
    return Condition(kind="given", start_s=start_s, end_s=end_s, file="a", **facts)


def test_an_instant_is_shown_by_the_first_condition_that_covers_it():
    spans = [film(1.0, 2.0, file_start_s=5.0), Condition(kind="given", start_s=1.5, file="b")]
    assert sights(spans, [0.5, 1.0, 1.9, 2.0, 3.0]) == [
        *(None, Sight("a", 5.0), Sight("a", 5.9), Sight("b", 0.5), Sight("b", 1.5))
    ]
    assert sights([Condition(kind="hint", file="a"), Condition(kind="given", stream="sound", file="a")], [0.0]) == [
        None
    ]


def test_of_a_slower_film_only_its_own_instants_are_known():
    known = [sight is not None for sight in sights([film(0.5, fps=12)], [n / 24 for n in range(36)])]
    assert known == [False] * 12 + [True, False] * 12


@given(seconds=st.integers(1, 60), fps=st.sampled_from([8, 12, 24, 25, 30]))
def test_what_is_given_whole_leaves_nothing_free(seconds, fps):
    """Nor does the rest of the last block, which nobody sees."""
    whole = (film(0, float(seconds)), Condition(kind="given", stream="sound", end_s=float(seconds), file="a"))
    request = Request(prompt="a fox", seconds=seconds, fps=fps, conditions=whole)
    assert not any(free(request))
    silent = Request(prompt="a fox", seconds=seconds, fps=fps, conditions=whole[:1])
    assert all(free(silent))


def test_where_something_is_to_be_made_in_any_stream():
    spans = (
        film(0.0, 2.0),
        film(3.0, 4.0, file_start_s=3.0),
        Condition(kind="given", stream="sound", end_s=1.0, file="a"),
    )
    request = Request(prompt="a fox", seconds=4, conditions=spans)
    assert free(request) == [False, True, True, True, True, True]
    picture = Request(prompt="a fox", seconds=4, conditions=spans[:2], sound=False)
    assert free(picture) == [False, False, False, True, True, False]


def test_before_the_file_begins_its_first_frame_is_shown():
    request = Request(prompt="a fox", seconds=3, begin_s=4 / 12, conditions=(film(4 / 12, 4 / 12 + 2),))
    shown = drawn_sights(request, shot_of(request))
    assert [round(sight.at_s * 12) for sight in shown[:7]] == [0, 0, 0, 0, 0, 1, 2]
    assert shown[27].at_s == pytest.approx(23 / 12) and shown[28] is None


def test_latents_of_sound_lie_wholly_inside_what_is_given():
    span = Condition(kind="given", stream="sound", start_s=0.51, end_s=1.49, file="a")
    request = Request(prompt="a fox", seconds=2, conditions=(span,))
    known = known_latents(request, shot_of(request))
    assert np.flatnonzero(known).tolist() == list(range(13, 35))
    samples = known_samples(request, 24_000)
    assert np.flatnonzero(samples)[[0, -1]].tolist() == [12_240, 35_759] and samples.sum() == 23_520
