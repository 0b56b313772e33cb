"""A clip cut and rejoined has no seam; every kind of jump is seen as what it is."""

import numpy as np
import pytest

from kinora.evaluation.jobs.attempt import course_of
from kinora.evaluation.jobs.footage import drawn_scene, footage
from kinora.evaluation.jobs.seams import UNITS, Course, middle_of, then, times_usual
from kinora.request import DRAWN_FPS

BORDER = 12


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A rendered clip of two seconds, with its sound."""
    return course_of(footage(drawn_scene(3, 2.0), tmp_path_factory.mktemp("given")).path)


@pytest.fixture(scope="module")
def usual(course):
    return middle_of([course.steps(border) for border in course.places()])


def cut(course, border):
    sample = border * 24_000 // DRAWN_FPS
    parts = (slice(None, border), slice(None, sample)), (slice(border, None), slice(sample, None))
    return [Course(course.frames_THW3[frames], course.wave_L[samples]) for frames, samples in parts]


def changed(course, *, frames=lambda after: after, wave=lambda after: after):
    """The clip, with what follows the border changed."""
    before, after = cut(course, BORDER)
    return then(before, Course(frames(after.frames_THW3), wave(after.wave_L)))


def test_a_clip_cut_and_rejoined_has_no_seam(course, usual):
    rejoined = then(*cut(course, BORDER))
    assert rejoined.steps(BORDER) == course.steps(BORDER)
    ratios = [times_usual(rejoined.steps(border), usual) for border in course.places()]
    assert middle_of(ratios) == pytest.approx(dict.fromkeys(UNITS, 1.0), rel=0.2)


@pytest.mark.parametrize(
    ("what", "jump"),
    [
        ("colour", {"frames": lambda after: (after * 0.8).astype(np.uint8)}),
        ("sharpness", {"frames": lambda after: np.repeat(np.repeat(after[:, ::4, ::4], 4, axis=1), 4, axis=2)}),
        ("motion", {"frames": lambda after: after[:, :, ::-1]}),
        ("loudness", {"wave": lambda after: after * 0.05}),
    ],
)
def test_a_jump_is_seen(course, usual, what, jump):
    jumped = changed(course, **jump)
    assert times_usual(jumped.steps(BORDER), usual)[what] > 2 * times_usual(course.steps(BORDER), usual)[what]


def test_a_freeze_is_a_step_in_motion():
    rng = np.random.default_rng(0)
    moving = rng.integers(256, size=(12, 16, 16, 3), dtype=np.uint8)
    frozen = then(Course(moving), Course(np.repeat(moving[-1:], 12, axis=0)))
    assert frozen.steps(BORDER)["motion"] > 5 * Course(np.concatenate([moving, moving])).steps(6)["motion"]


def test_a_clip_that_goes_round_has_its_end_inside(course):
    frames = len(course.frames_THW3)
    rolled = course.rolled(frames // 2)
    assert np.array_equal(rolled.frames_THW3[frames // 2], course.frames_THW3[0])
    assert rolled.rolled(frames - frames // 2).wave_L == pytest.approx(course.wave_L)
    assert "loudness" not in Course(course.frames_THW3).steps(BORDER)
