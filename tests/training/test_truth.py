import numpy as np
import pytest
import torch

from kinora.storybook.film import Film, events_of
from kinora.storybook.motion import choreograph
from kinora.storybook.sample import draw_scene
from kinora.storybook.scene import Actor, Event, Individual, Scene
from kinora.training.truth import (
    COLOUR_NAMES,
    HEARD,
    KIND_NAMES,
    STILL_VELOCITY,
    TruthHead,
    foreground_weight,
    sound_truth,
    token_truth,
)

FPS = 12


def walking(direction, **changes):
    who = Individual(kind="fox", colour="red")
    actor = Actor(who=who, action="walk", direction=direction, x_m=-1.0 if direction == "right" else 1.0)
    return Scene(
        seed=1, index=1, duration_s=4.0, place="meadow", light="noon", weather="clear", actors=(actor,), **changes
    )


def times(start_s, blocks=1):
    return [start_s + frame / FPS for frame in range(8 * blocks)]


def cells(plane):
    """(L, 256): the pixels of every token."""
    height, width = plane.shape
    return plane.reshape(height // 16, 16, width // 16, 16).transpose(0, 2, 1, 3).reshape(-1, 256)


@pytest.mark.parametrize("index", range(6))
def test_the_truth_of_a_token_is_what_its_pixels_show(index):
    """Against masks at full size: tokens that show one figure have its kind and colour, empty ones have none."""
    film = Film(draw_scene(5, index), height=144, width=256)
    now = times(1.0)
    truth = token_truth(film, now, moving=True).numpy()
    masks = [cells(film.mask(now[i])) for i in (4, 0, 7)]
    assert truth.shape == (144, 6) and truth.dtype == np.uint8
    filled = 0
    for token, pixels in enumerate(masks[0]):
        # A quarter of the lines is looked at, so a figure's very edge may be seen or not.
        labels = set((pixels // 4).tolist()) - {0} if (pixels > 0).mean() > 0.3 else set()
        tracks = [film.tracks[number - 1] for number in labels if number <= len(film.tracks)]
        if len(labels) == len(tracks) == 1 and tracks[0].who.kind in KIND_NAMES:
            who = tracks[0].who
            assert truth[token, :2].tolist() == [KIND_NAMES.index(who.kind), COLOUR_NAMES.index(who.colour)]
            filled += 1
    assert filled
    share = np.mean([mask > 0 for mask in masks], axis=(0, 2))
    assert np.abs(truth[:, 3] / 255 - share).max() < 0.2 and np.abs(truth[:, 3] / 255 - share).mean() < 0.02
    empty = np.all([mask.max(axis=1) == 0 for mask in masks], axis=0)
    assert (truth[empty][:, :4] == 0).mean() > 0.99


@pytest.mark.parametrize(("direction", "sign"), [("right", 1), ("left", -1)])
def test_who_walks_is_true_to_walk_there(direction, sign):
    film = Film(walking(direction), height=144, width=256)
    truth = token_truth(film, times(1.0, blocks=2), moving=True).int()
    assert truth.shape == (288, 6)
    fox = truth[truth[:, 0] == KIND_NAMES.index("fox")]
    moved = film.tracks[0].placement(1 + 7 / FPS).x_m - film.tracks[0].placement(1).x_m
    pixels_a_frame = (fox[0, 4].item() - STILL_VELOCITY) / 8
    assert np.sign(pixels_a_frame) == sign
    assert pixels_a_frame == pytest.approx(moved / 7 * 144 / film.view(1.0).height_m, abs=0.2)


def test_a_still_has_one_instant_and_no_motion():
    film = Film(walking("right"), height=144, width=256)
    truth = token_truth(film, [1.0] * 8, moving=False)
    assert set(truth[:, 4:].flatten().tolist()) <= {0, STILL_VELOCITY}
    assert set(truth[truth[:, 0] > 0][:, 4].tolist()) == {STILL_VELOCITY}


def test_what_sets_in_is_heard_in_its_latent():
    events = [
        Event(time_s=0.5, kind=HEARD[3], strength=1.0, track=0),
        Event(time_s=1.99, kind=HEARD[5], strength=0.1, track=1),
        Event(time_s=2.0, kind=HEARD[5], strength=0.1, track=1),
        Event(time_s=1.0, kind="what nobody hears", strength=1.0, track=0),
    ]
    truth = sound_truth(events, 2.0)
    assert truth.dtype == torch.uint8 and len(truth) == 48
    assert {int(at): int(truth[at]) for at in truth.nonzero()} == {12: 3, 47: 5}


@pytest.mark.parametrize("index", range(8))
def test_a_scenes_events_all_have_their_place(index):
    scene = draw_scene(5, index)
    events = [e for e in events_of(scene, choreograph(scene)) if e.kind in HEARD and e.time_s < 4]
    truth = sound_truth(events, 4.0)
    assert len(truth) == 96
    assert {int(at) for at in truth.nonzero()} == {int(event.time_s * 24) for event in events}


def test_every_kind_and_colour_fits_a_byte():
    assert max(map(len, (KIND_NAMES, COLOUR_NAMES, HEARD))) <= 256


def test_a_head_that_reads_rightly_loses_less_and_learns():
    torch.manual_seed(0)
    head, x = TruthHead(16), torch.randn(2, 30, 16)
    truth = torch.zeros(2, 30, 6, dtype=torch.uint8)
    truth[..., 0], truth[..., 4:] = 3, STILL_VELOCITY + 32
    before = head.video_loss(x, truth)
    for _ in range(150):
        loss = head.video_loss(x, truth) + head.sound_loss(x, truth[..., 0])
        for parameter, slope in zip(head.parameters(), torch.autograd.grad(loss, head.parameters()), strict=True):
            parameter.data -= 0.3 * slope
    assert head.video_loss(x, truth) < 0.05 * before
    assert head.sound(x).argmax(-1).unique().tolist() == [3]


def test_motion_is_asked_of_the_foreground_only():
    head, x = TruthHead(16), torch.randn(1, 4, 16)
    truth = torch.zeros(1, 4, 6, dtype=torch.uint8)
    other = truth.clone()
    other[..., 4:] = 200
    assert torch.equal(head.video_loss(x, truth), head.video_loss(x, other))


def test_the_foreground_weighs_more():
    truth = torch.zeros(1, 3, 6, dtype=torch.uint8)
    truth[0, :, 3] = torch.tensor([0, 12, 255])
    assert foreground_weight(truth, 3.0).tolist() == [[1.0, 1.0, 4.0]]
    assert foreground_weight(truth, 0.0).tolist() == [[1.0, 1.0, 1.0]]
