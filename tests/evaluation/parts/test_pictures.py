"""Pictures: boxes, and PSNR through passes whose damage is known."""

import numpy as np
import pytest

from kinora.evaluation.parts.pictures import BLOCK_FRAMES, clips, inside_boxes, measure, stills
from kinora.storybook.film import Film
from kinora.storybook.sample import draw_scene


def values(figures):
    return {figure.name: figure.value for figure in figures}


def test_a_box_is_the_smallest_around_its_actor():
    labels = np.zeros((6, 8), int)
    labels[2, 3] = labels[4, 5] = 1
    labels[0, 0] = 2
    inside = inside_boxes(labels, [1])
    assert inside.sum() == 9
    assert inside[2:5, 3:6].all()
    assert inside_boxes(labels, [1, 2]).sum() == 10
    assert not inside_boxes(labels, [3]).any()


def test_boxes_hold_every_pixel_of_the_actors():
    film = Film(draw_scene(1, 3), height=144, width=256)
    mask = film.mask(1.0)
    (one,) = clips(1, seed=1)
    assert one.frames.shape == (2 * BLOCK_FRAMES, 144, 256, 3)
    assert one.boxed.shape == one.frames.shape[:3]
    number = len(film.scene.actors)
    inside = inside_boxes(mask // 4, list(range(1, number + 1)))
    assert inside[(mask > 0) & (mask // 4 <= number)].all()


def test_a_pass_that_changes_nothing_has_no_error():
    assert set(values(measure("x", clips(2), lambda frames: frames)).values()) == {np.inf}


def test_a_known_error_is_its_closed_form_everywhere():
    def worse(frames):
        return np.where(frames < 128, frames + 10, frames - 10).astype(np.uint8)

    found = values(measure("x", stills(3), worse))
    assert len(found) == 4
    assert list(found.values()) == pytest.approx([20 * np.log10(25.5)] * 4)


def test_what_is_lost_outside_the_boxes_counts_for_whole_frames_only():
    (one,) = clips(1)

    def spoil(frames):
        return np.where(one.boxed[..., None], frames, 0).astype(np.uint8)

    found = values(measure("x", clips(1), spoil))
    assert found["x, inside subject boxes, pooled"] == np.inf
    assert found["x, whole frames, pooled"] < 30


def test_a_still_holds_still():
    (one,) = stills(1)
    assert one.frames.shape == (BLOCK_FRAMES, 144, 256, 3)
    assert (one.frames == one.frames[0]).all()
