"""The camera: known motions of a painted background, and moves of the drawn world."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from kinora.evaluation.seeing.camera import camera_move, motion_of
from kinora.evaluation.seeing.oracle import sight_of_film
from kinora.evaluation.seeing.sight import Sight
from kinora.storybook.film import Film
from kinora.storybook.sample import draw_scene
from kinora.storybook.scene import Camera

HEIGHT, WIDTH, FPS, NUM_FRAMES = 144, 256, 12, 36


@pytest.fixture(scope="module")
def wall():
    rough = np.random.default_rng(0).random((3 * HEIGHT, 3 * WIDTH, 3)).astype(np.float32)
    smooth = cv2.GaussianBlur(rough, (0, 0), 3)
    return (255 * (smooth - smooth.min()) / np.ptp(smooth)).astype(np.uint8)


def filmed(wall, across=0.0, down=0.0, growth=0.0, shake=0.0):
    """Return frames whose background is shifted and grown by so much, in all."""
    frames = []
    for number in range(NUM_FRAMES):
        done = number / (NUM_FRAMES - 1)
        sway = shake * np.sin(np.array([1.7, 1.9]) * 2 * np.pi * number / FPS)
        scale = np.exp(growth * done)
        shift = np.array([across, down]) * done + sway
        middle = np.array([WIDTH, HEIGHT]) / 2
        # The wall's middle stays in the picture's middle while it grows.
        matrix = np.column_stack([scale * np.eye(2), middle - scale * 3 * middle + shift])
        frames.append(cv2.warpAffine(wall, matrix, (WIDTH, HEIGHT)))
    return np.stack(frames)


def nothing_seen(num_frames=NUM_FRAMES):
    maps = np.zeros((num_frames, HEIGHT // 4, WIDTH // 4), np.uint8)
    times_s = tuple(number / FPS for number in range(num_frames))
    return Sight(times_s=times_s, kind_THW=maps, colour_THW=maps, letter_THW=maps, place="", light="", weather="")


@pytest.mark.parametrize("shift", [(60, 0), (-45, 0), (0, 25), (30, -20), (0, 0)])
def test_a_known_shift_is_found(wall, shift):
    motion = motion_of(filmed(wall, *shift), nothing_seen(), FPS)
    assert motion.path()[-1] == pytest.approx(shift, abs=1.5)
    assert motion.growth_S.sum() == pytest.approx(0, abs=0.02)


@pytest.mark.parametrize("growth", [0.3, -0.3])
def test_a_known_growth_is_found(wall, growth):
    assert motion_of(filmed(wall, growth=growth), nothing_seen(), FPS).growth_S.sum() == pytest.approx(growth, abs=0.03)


def test_a_steadied_picture_stands_still(wall):
    motion = motion_of(filmed(wall, across=40, down=-15, growth=0.2), nothing_seen(), FPS)
    done = np.arange(NUM_FRAMES) / (NUM_FRAMES - 1)
    middle, corner = np.array([WIDTH, HEIGHT]) / 2, np.array([60.0, 40.0])
    points = middle + np.exp(0.2 * done)[:, None] * (corner - middle) + done[:, None] * [40, -15]
    assert motion.steadied(points, np.arange(NUM_FRAMES)) == pytest.approx(np.tile(corner, (NUM_FRAMES, 1)), abs=2.0)


def test_played_backwards_everything_turns_round(wall):
    frames = filmed(wall, across=50)
    there, back = (motion_of(way, nothing_seen(), FPS) for way in (frames, frames[::-1]))
    assert back.path()[-1] == pytest.approx(-there.path()[-1], abs=1.0)


MOVES = {
    "static": {},
    "pan": {"across": 40},
    "tilt": {"down": -20},
    "zoom in": {"growth": 0.28},
    "zoom out": {"growth": -0.28},
    "shake": {"shake": 3.0},
}


@pytest.mark.parametrize("move", MOVES)
def test_each_move_has_its_name(wall, move):
    motion = motion_of(filmed(wall, **MOVES[move]), nothing_seen(), FPS)
    assert camera_move(motion, stays=False) == move
    # Only a background that passes can be passed by somebody who stays.
    assert camera_move(motion, stays=True) == ("track" if move == "pan" else move)


def test_without_anything_to_hold_on_to_nothing_moves():
    grey = np.full((6, HEIGHT, WIDTH, 3), 128, np.uint8)
    assert camera_move(motion_of(grey, nothing_seen(6), FPS), stays=True) == "static"


@pytest.mark.parametrize("blur_px", [0, 3])
@pytest.mark.parametrize("seed", range(3))
def test_in_noise_there_is_no_camera(seed, blur_px):
    """Neither in noise of pixels nor in blotches that are new in every frame."""
    rough = np.random.default_rng(seed).integers(256, size=(12, HEIGHT, WIDTH, 3), dtype=np.uint8)
    frames = np.stack([_stretched(cv2.GaussianBlur(frame, (0, 0), blur_px)) for frame in rough]) if blur_px else rough
    for stays in (False, True):
        assert camera_move(motion_of(frames, nothing_seen(12), FPS), stays) == ""


def _stretched(frame_HW3):
    return cv2.normalize(frame_HW3, None, 0, 255, cv2.NORM_MINMAX)


@pytest.mark.parametrize("blur_px", [1, 4])
def test_a_blurred_clip_at_rest_is_static(blur_px):
    film = Film(replace(draw_scene(990_001, 4, duration_s=2.0), camera=Camera()), height=HEIGHT, width=WIDTH)
    times_s = [number / FPS for number in range(24)]
    frames = np.stack([cv2.GaussianBlur(film.frame(t_s), (0, 0), blur_px) for t_s in times_s])
    assert camera_move(motion_of(frames, sight_of_film(film, times_s[::3]), FPS), stays=False) == "static"


@pytest.mark.parametrize("weather", ["clear", "rain", "snow"])
def test_weather_is_no_camera(weather):
    scene = replace(draw_scene(990_001, 4, duration_s=2.0), place="village", weather=weather, camera=Camera())
    film = Film(scene, height=HEIGHT, width=WIDTH)
    times_s = [number / FPS for number in range(24)]
    frames = np.stack([film.frame(t) for t in times_s])
    assert camera_move(motion_of(frames, sight_of_film(film, times_s[::3]), FPS), stays=False) == "static"
