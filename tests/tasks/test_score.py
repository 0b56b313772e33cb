"""Sound for footage from outside the drawn world, from the request to the signed file."""

import numpy as np
import pytest

from kinora.media.decode import read_clip
from kinora.media.packets import read_coded
from kinora.provenance.credentials import read
from kinora.request import Request
from kinora.tasks.jobs import Source, score
from kinora.tasks.render import pack_latents, render, unpack_latents


@pytest.fixture
def footage(film):
    """A film like noise, a second of it silent: nothing the model was taught looks like it."""
    frames = np.random.default_rng(0).integers(0, 256, (28, 96, 96, 3), np.uint8)
    return film(28, "footage.mkv", frames=frames, sound=False)


def made(request, engine, path, **options):
    return {stage.name: stage for stage in render(request, engine, path, 3, **options)}


def test_without_words_it_is_one_line_with_the_remedy(engine, footage, tmp_path):
    with pytest.raises(
        ValueError, match=r"footage.mkv is drawn unlike this world.*say what is heard, as in effects"
    ) as why:
        made(score(footage, steps=1), engine, tmp_path / "a.mp4")
    assert "\n" not in str(why.value) and not (tmp_path / "a.mp4").exists()


def test_with_words_it_is_heard_and_that_is_said(engine, footage, tmp_path):
    path = tmp_path / "a.mp4"
    stages = made(score(footage, effects="a fox jumps", steps=1), engine, path)
    assert "from outside the drawn world" in stages["fill"].said and "the words" in stages["fill"].said
    clip = read_clip(path)
    assert clip.num_frames == 28 and clip.sound.shape == (1, 56_000) and np.abs(clip.sound).max() > 0.01
    assert read(path).state == "valid"


def test_its_pictures_stay_as_they_are(engine, tmp_path):
    """Packets, where they can be kept; of a model that was taught nothing the world is outside, too."""
    path = tmp_path / "film.mp4"
    made(Request(prompt="a fox", seconds=2, size="96x96", steps=1), engine, path)
    stages = made(score(Source.of(path), effects="a fox", steps=1), engine, tmp_path / "scored.mp4")
    assert stages["fill"].said and not stages["release"].said
    one, two = (read_coded(file) for file in (path, tmp_path / "scored.mp4"))
    assert [packet.data for packet in one.picture] == [packet.data for packet in two.picture]
    assert not np.array_equal(one.wave, two.wave)


def test_what_was_saved_leads_to_the_same_file(engine, footage, tmp_path):
    request = score(footage, effects="a fox jumps", steps=1)
    whole = made(request, engine, tmp_path / "a.mp4")
    saved = {"read": whole["read"].result, "fill": unpack_latents(pack_latents(whole["fill"].result))}
    again = made(request, engine, tmp_path / "b.mp4", saved=saved, progress=lambda *_: pytest.fail("nothing is filled"))
    assert again["fill"].said == whole["fill"].said
    assert np.array_equal(*(read_clip(tmp_path / name).sound for name in ("a.mp4", "b.mp4")))


def test_its_own_sound_can_stay_under_it(engine, film, tmp_path):
    frames = np.random.default_rng(0).integers(0, 256, (28, 96, 96, 3), np.uint8)
    source = film(28, "heard.mkv", frames=frames)
    made(score(source, effects="a fox jumps", keep=True, steps=1), engine, tmp_path / "a.mp4")
    made(score(source, effects="a fox jumps", steps=1), engine, tmp_path / "b.mp4")
    own, kept, new = (read_clip(path).sound[0] for path in (source.path, tmp_path / "a.mp4", tmp_path / "b.mp4"))

    def likeness(wave):
        return abs(np.corrcoef(wave[: len(own)], own[: len(wave)])[0, 1])

    assert likeness(kept) > 0.3 > likeness(new)
