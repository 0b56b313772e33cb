"""What is written is whole, true, and the same whoever writes it."""

import json
from dataclasses import asdict, replace
from fractions import Fraction

import av
import numpy as np
import pytest
from scipy.io import wavfile

from kinora.storybook.captions import STYLES
from kinora.storybook.film import Film, box_of, events_of
from kinora.storybook.sound.mix import compose
from kinora.storybook.write import COMMENT, Order, whole_frames, write_clip, write_clips

ORDER = Order(seed=5, num_frames=6, height=96, width=128)
NUM_CLIPS = 3


def contents(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.fixture(scope="module")
def out(tmp_path_factory):
    folder = tmp_path_factory.mktemp("clips")
    list(write_clips(ORDER, range(NUM_CLIPS), folder))
    return folder


@pytest.fixture(scope="module", params=range(NUM_CLIPS))
def clip(request, out):
    folder = out / ORDER.name(request.param)
    truth = json.loads((folder / "scene.json").read_text())
    with np.load(folder / "masks.npz", allow_pickle=False) as arrays:
        return ORDER.scene(request.param), folder, truth, arrays["masks"]


def test_two_workers_write_the_same_bytes_as_one(out, tmp_path):
    list(write_clips(ORDER, range(NUM_CLIPS), tmp_path, workers=2))
    assert contents(tmp_path) == contents(out)
    assert len(contents(out)) == 6 * NUM_CLIPS


def test_finished_clips_are_kept_and_half_written_ones_redone(out, tmp_path):
    write_clip(ORDER, tmp_path, 1)
    kept = tmp_path / ORDER.name(1) / "scene.json"
    before_ns = kept.stat().st_mtime_ns
    leftover = tmp_path / f".{ORDER.name(0)}.part"
    leftover.mkdir()
    (leftover / "clip.mp4").write_bytes(b"half")
    written = {clip.folder.name: clip.num_frames for clip in write_clips(ORDER, range(NUM_CLIPS), tmp_path)}
    assert written == {ORDER.name(0): 6, ORDER.name(1): 0, ORDER.name(2): 6}
    assert kept.stat().st_mtime_ns == before_ns
    assert contents(tmp_path) == contents(out)


def test_a_failure_leaves_nothing_behind(tmp_path, monkeypatch):
    def fail(*args, **kwargs):
        raise OSError("disk full")

    monkeypatch.setattr(np, "savez_compressed", fail)
    with pytest.raises(OSError, match="disk full"):
        list(write_clips(ORDER, [0], tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_another_order_under_the_same_name_is_refused(out):
    with pytest.raises(ValueError, match="another fps; choose another folder"):
        write_clip(replace(ORDER, fps=6), out, 0)


def test_the_video_has_exactly_its_frames_and_says_what_it_is(clip):
    scene, folder, _, _ = clip
    with av.open(str(folder / "clip.mp4")) as container:
        assert container.metadata["comment"] == COMMENT
        stream = container.streams.video[0]
        frames = [frame.to_ndarray(format="rgb24") for frame in container.decode(stream)]
        assert (stream.average_rate, len(frames)) == (12, 6)
    film = Film(scene, height=96, width=128)
    for number, frame in enumerate(frames):
        assert np.abs(frame.astype(int) - film.frame(number / 12)).mean() < 6


def test_the_stems_are_those_of_the_scene_and_sum_to_the_mix(clip):
    scene, folder, _, _ = clip
    stems = {name: wavfile.read(folder / f"{name}.wav") for name in ("effects", "ambience", "music")}
    assert {rate for rate, _ in stems.values()} == {24_000}
    mixed = sum(wave for _, wave in stems.values())
    assert mixed.dtype == np.float32 and mixed.shape == (12_000,)
    expected = compose(scene, events_of(scene, Film(scene, height=96, width=128).tracks)).mix()
    np.testing.assert_array_equal(mixed, expected)


def test_boxes_are_the_boxes_of_the_masks(clip):
    _, _, truth, masks = clip
    assert masks.dtype == np.uint8 and masks.shape == (6, 96, 128)
    figures = truth["tracks"] + ([truth["sign"]] if truth["sign"] else [])
    assert figures and {figure["mask"] // 4 for figure in figures} >= set(np.unique(masks // 4)) - {0}
    for figure in figures:
        for mask, box in zip(masks, figure["boxes"], strict=True):
            seen = mask // 4 == figure["mask"] // 4
            if box is None:
                assert not seen.any()
            else:
                left, top, right, bottom = box
                rows, columns = np.nonzero(seen)
                assert (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1) == (left, top, right, bottom)


def test_tracks_stand_below_their_boxes_on_the_ground(clip):
    scene, _, truth, _ = clip
    assert [track["actor"] for track in truth["tracks"][: len(scene.actors)]] == list(range(len(scene.actors)))
    for track in truth["tracks"]:
        assert len(track["points"]) == 6 and all(len(point) == 2 for point in track["points"])


def test_scene_events_camera_and_captions_are_told(clip):
    scene, _, truth, _ = clip
    film = Film(scene, height=96, width=128)
    assert truth["scene"] == json.loads(json.dumps(scene.to_json()))
    assert truth["events"] == [asdict(event) for event in events_of(scene, film.tracks)]
    assert truth["camera"] == [asdict(film.view(number / 12)) for number in range(6)]
    assert set(truth["captions"]) == set(STYLES)
    for captions in truth["captions"].values():
        assert all(caption["text"] and caption["facts"] for caption in captions)


def test_held_out_clips_are_others(tmp_path):
    held_out = replace(ORDER, split="held-out")
    assert held_out.scene(0) != ORDER.scene(0)
    assert write_clip(held_out, tmp_path, 0).folder.name.startswith("held-out-5-")


def test_box_of_nothing_is_none():
    assert box_of(np.zeros((4, 5), bool)) is None


@pytest.mark.parametrize(("seconds", "fps", "num_frames"), [(4, 12, 48), (1 / 3, 12, 4), (0.1, 30, 3)])
def test_whole_frames(seconds, fps, num_frames):
    assert whole_frames(seconds, fps) == num_frames
    assert Fraction(num_frames, fps) == pytest.approx(seconds)


@pytest.mark.parametrize(("seconds", "message"), [(1.3, "1.25 or 1.3333"), (0, "more than 0"), (float("nan"), "more")])
def test_other_lengths_are_refused(seconds, message):
    with pytest.raises(ValueError, match=message):
        whole_frames(seconds, 12)
