"""Tracks: painted maps, whose things are known, and true maps of drawn scenes."""

import numpy as np
import pytest

from kinora.evaluation.seeing.oracle import sight_of_film
from kinora.evaluation.seeing.sight import SHRINK, Sight
from kinora.evaluation.seeing.tracks import LONGEST_GAP, things_in, tracks_of
from kinora.storybook.film import Film
from kinora.storybook.sample import draw_scene
from kinora.storybook.vocabulary import COLOUR_NAMES, KIND_NAMES

HEIGHT, WIDTH = 36, 64


def sight(*frames):
    """Return a sight of frames, each a list of blocks (kind, colour, left, top, right, bottom) in pixels of maps."""
    maps = np.zeros((2, len(frames), HEIGHT, WIDTH), np.uint8)
    for number, blocks in enumerate(frames):
        for kind, colour, left, top, right, bottom in blocks:
            block = (slice(None), number, slice(top, bottom), slice(left, right))
            maps[block] = np.array([KIND_NAMES.index(kind), COLOUR_NAMES.index(colour)])[:, None, None]
    return seen(maps[0], maps[1])


def seen(kind_THW, colour_THW):
    facts = {"letter_THW": np.zeros_like(kind_THW), "place": "", "light": "", "weather": ""}
    times_s = tuple(number / 4 for number in range(len(kind_THW)))
    return Sight(times_s=times_s, kind_THW=kind_THW, colour_THW=colour_THW, **facts)


def dog(left, colour="red", top=10, size=6):
    return ("dog", colour, left, top, left + size, top + size)


def kinds(things):
    return sorted((thing.kind, thing.colour) for thing in things)


def test_a_block_is_one_thing_with_its_box_in_pixels_of_the_picture():
    (thing,) = things_in(sight([("cat", "blue", 10, 4, 16, 12)]), 0)
    assert (thing.kind, thing.colour) == ("cat", "blue")
    assert thing.box == (10 * SHRINK, 4 * SHRINK, 16 * SHRINK, 12 * SHRINK)
    assert (thing.x_px, thing.y_px) == (13 * SHRINK, 8 * SHRINK)
    assert thing.area_px == 6 * 8 * SHRINK**2


def test_two_colours_that_touch_are_two_things_and_a_pattern_is_one():
    assert kinds(things_in(sight([dog(10), dog(16, "blue")]), 0)) == [("dog", "blue"), ("dog", "red")]
    assert kinds(things_in(sight([dog(10, size=9), ("dog", "blue", 12, 12, 15, 15)]), 0)) == [("dog", "red")]


def test_specks_are_nothing_and_what_hangs_by_a_thread_belongs_to_the_thing():
    assert len(things_in(sight([dog(10), ("cat", "red", 50, 5, 51, 6)]), 0)) == 1
    (kite,) = things_in(sight([("kite", "red", 10, 4, 18, 14), ("kite", "red", 12, 15, 15, 20)]), 0)
    assert kite.height_px == 16 * SHRINK


def test_what_is_hidden_in_the_middle_is_one_and_what_is_apart_are_two():
    post = ("lamp", "blue", 14, 4, 18, 30)
    assert kinds(things_in(sight([dog(10, size=12), post]), 0)) == [("dog", "red"), ("lamp", "blue")]
    assert len(things_in(sight([dog(10), dog(30)]), 0)) == 2


def test_a_track_goes_where_its_thing_goes():
    (track,) = tracks_of(sight(*([dog(4 + 3 * step)] for step in range(12))))
    assert track.frames_N.tolist() == list(range(12))
    assert np.diff(track.middles_N2, axis=0) == pytest.approx(np.tile([3.0 * SHRINK, 0.0], (11, 1)))


def test_a_row_that_walks_on_keeps_who_is_who():
    tracks = tracks_of(sight(*([dog(2 + 3 * step), dog(14 + 3 * step), dog(26 + 3 * step)] for step in range(8))))
    assert len(tracks) == 3
    assert all(np.ptp(np.diff(track.middles_N2[:, 0])) == 0 for track in tracks)


@pytest.mark.parametrize(("unseen", "tracks"), [(1, 1), (LONGEST_GAP - 1, 1), (LONGEST_GAP, 2)])
def test_who_is_hidden_for_a_while_comes_back_as_the_same(unseen, tracks):
    assert len(tracks_of(sight([dog(20)], [dog(20)], *[[]] * unseen, [dog(20)], [dog(20)]))) == tracks


def test_empty_frames_change_no_track():
    frames = [[dog(4 + 2 * step), ("cat", "blue", 40, 20, 46, 26)] for step in range(6)]
    plain, longer = tracks_of(sight(*frames)), tracks_of(sight(*frames, [], []))
    assert [track.middles_N2.tolist() for track in plain] == [track.middles_N2.tolist() for track in longer]


@pytest.fixture(scope="module")
def true_sights():
    times_s = [number / 4 for number in range(8)]
    films = [Film(draw_scene(990_001, index, duration_s=4.0), height=144, width=256) for index in range(24)]
    return [(film.scene, sight_of_film(film, times_s)) for film in films]


def test_every_actor_of_a_drawn_scene_is_one_track(true_sights):
    found = [sorted((track.kind, track.colour) for track in tracks_of(true)) for _, true in true_sights]
    cast = [sorted((actor.who.kind, actor.who.colour) for actor in scene.actors) for scene, _ in true_sights]
    assert sum(a == b for a, b in zip(found, cast, strict=True)) >= 22


def test_a_mirrored_scene_has_mirrored_tracks(true_sights):
    for _, true in true_sights[:6]:
        mirrored = seen(true.kind_THW[..., ::-1], true.colour_THW[..., ::-1])
        pairs = zip(tracks_of(true), tracks_of(mirrored), strict=True)
        for one, other in pairs:
            assert one.middles_N2[:, 0] + other.middles_N2[:, 0] == pytest.approx(256)
