"""What is copied of the sources of a file: on files as this version writes them."""

import numpy as np
import pytest

from kinora.media.decode import read_clip
from kinora.media.packets import read_coded
from kinora.provenance.credentials import read
from kinora.request import Request
from kinora.tasks.jobs import Source, animate, extend, fill, join, loop, mend, score, smooth
from kinora.tasks.render import render

PROMPT = "a red fox in the snow"
QUICK = {"steps": 1, "loose": True, "seed": 3}


@pytest.fixture(scope="module")
def made(engine, tmp_path_factory):
    """A function that makes a request's file, and what it said of it."""
    folder = tmp_path_factory.mktemp("made")

    def make(request, name):
        *_, last = render(request, engine, folder / name, 3)
        return Source.of(last.result), last.said

    return make


@pytest.fixture(scope="module")
def source(made):
    return made(Request(prompt=PROMPT, seconds=5, size="96x96", **QUICK), "source.mp4")[0]


def pictures(path):
    return [packet.data for packet in read_coded(path).picture]


def test_a_longer_clip_begins_with_the_packets_of_the_first(made, source):
    longer, said = made(extend(source, PROMPT, seconds=1, **QUICK), "longer.mp4")
    own = pictures(source.path)
    assert said == "" and pictures(longer.path)[: len(own)] == own
    assert np.array_equal(read_clip(longer.path).array()[:60], read_clip(source.path).array())
    sound, before = (read_clip(path).sound for path in (longer.path, source.path))
    assert sound.shape == (1, 144_000) and np.array_equal(sound[:, : 120_000 - 4096], before[:, : 120_000 - 4096])
    assert read(longer.path).state == "valid"


def test_a_clip_that_begins_earlier_ends_with_the_packets_of_the_first(made, source):
    longer, said = made(extend(source, PROMPT, seconds=1, before=True, **QUICK), "earlier.mp4")
    own = pictures(source.path)
    assert said == "" and pictures(longer.path)[-len(own) :] == own
    assert np.array_equal(read_clip(longer.path).array()[12:], read_clip(source.path).array())


def test_around_a_filled_part_whole_groups_of_pictures_stay(made, source):
    filled, said = made(fill(source, from_s=2.5, to_s=3.5, **QUICK), "filled.mp4")
    borders = read_coded(source.path).borders
    first, last = max(border for border in borders if border <= 30), min(border for border in borders if border >= 42)
    before, after = read_clip(source.path).array(), read_clip(filled.path).array()
    assert said == "" and first > 0 and last < 60
    assert np.array_equal(after[:first], before[:first]) and np.array_equal(after[last:], before[last:])
    assert not (after[30:42] == before[30:42]).all(axis=(1, 2, 3)).any()


def test_two_clips_are_joined_with_the_packets_of_both(made, source):
    joined, said = made(join(source, source, seconds=1, **QUICK), "joined.mp4")
    own = pictures(source.path)
    assert said == "" and pictures(joined.path)[: len(own)] == own and pictures(joined.path)[-len(own) :] == own


def test_a_loop_begins_with_the_clips_own_packets(made, source):
    looped, said = made(loop(source, seconds=1, **QUICK), "looped.mp4")
    own = pictures(source.path)
    assert said == "" and pictures(looped.path)[: len(own)] == own


@pytest.mark.parametrize("keep", [False, True])
def test_new_sound_leaves_every_packet_of_the_picture(made, source, keep):
    scored, said = made(score(source, music="drums", keep=keep, **QUICK), f"scored-{keep}.mp4")
    assert said == "" and pictures(scored.path) == pictures(source.path)
    sound, before = (read_clip(path).sound for path in (scored.path, source.path))
    assert sound.shape == before.shape and not np.array_equal(sound, before)


def test_sound_made_again_in_a_part_stays_around_it_and_so_does_the_picture(made, source):
    scored, said = made(score(source, music="drums", from_s=2, to_s=3, **QUICK), "part.mp4")
    assert said == "" and pictures(scored.path) == pictures(source.path)
    sound, before = (read_clip(path).sound for path in (scored.path, source.path))
    # Packets are taken over whole, a few away from the crossfade.
    first, last = 48_000 - 480 - 10 * 1024, 72_000 + 480 + 10 * 1024
    assert np.array_equal(sound[:, :first], before[:, :first]) and np.array_equal(sound[:, last:], before[:, last:])
    assert not np.allclose(sound[:, 48_000:72_000], before[:, 48_000:72_000], atol=1e-3)


def test_a_sound_that_ends_early_goes_on(made, film):
    """Where packets can't be kept, samples are, up to the crossfade; AAC is within a thousandth of them on average."""
    short = film(36, "short.mkv", wave=read_clip(film(24).path).sound)
    scored, _ = made(score(short, music="drums", from_s=2.5, **QUICK), "goes-on.mp4")
    sound = read_clip(scored.path).sound
    kept, made_ = slice(0, 48_000 - 480 - 2048), slice(50_000, 72_000)
    assert sound.shape == (1, 72_000) and np.abs(sound[:, made_]).max() > 0.01
    assert np.abs(sound[:, kept] - read_clip(short.path).sound[:, kept]).mean() < 3e-3


@pytest.mark.parametrize(
    ("job", "why"),
    [
        (lambda source: smooth(source, fps=24, **QUICK), "it has 12 frames a second and the new part 24"),
        (lambda source: mend(source, frames=[2, 58], **QUICK), "no whole group of its pictures stays as it is"),
        (
            lambda source: extend(source, PROMPT, seconds=1, size="112x96", **QUICK),
            "it is 96x96 and the new part 112x96",
        ),
    ],
    ids=["rate", "groups", "size"],
)
def test_what_cannot_be_copied_is_said_in_one_line(made, source, job, why):
    assert made(job(source), "again.mp4")[1] == f"source.mp4 is encoded again: {why}"


def test_what_cannot_be_copied_is_encoded_at_40_db(made, film):
    strange = film(20)
    again, said = made(extend(strange, PROMPT, seconds=1, **QUICK), "of-another-kind.mp4")
    assert said.startswith("film.mkv is encoded again: ")
    error = read_clip(again.path).array()[:20].astype(float) - read_clip(strange.path).array()
    assert 10 * np.log10(255**2 / np.square(error).mean()) > 40


def test_a_picture_is_encoded_for_the_first_time(made, source, tmp_path):
    from PIL import Image

    Image.fromarray(read_clip(source.path).array()[0]).save(tmp_path / "p.png")
    request = animate(PROMPT, first=Source.of(tmp_path / "p.png"), seconds=1, **QUICK)
    animated, said = made(request, "animated.mp4")
    assert said == "" and animated.facts.num_frames == 12


def test_a_silent_source_stays_silent(made):
    silent, _ = made(Request(prompt=PROMPT, seconds=3, size="96x96", sound=False, **QUICK), "silent.mp4")
    longer, said = made(extend(silent, PROMPT, seconds=1, **QUICK), "silent-longer.mp4")
    assert said == "" and not longer.has_sound
    assert pictures(longer.path)[:36] == pictures(silent.path)
    scored, said = made(score(silent, effects="rain", **QUICK), "no-longer-silent.mp4")
    assert said == "" and scored.has_sound and pictures(scored.path) == pictures(silent.path)
