"""Laws that only a model that has learned something can hold, on the shipped weights at the smallest size."""

import numpy as np
import pytest

from kinora.engines.opening import open_native
from kinora.media.decode import read_clip
from kinora.request import Request
from kinora.tasks.jobs import Source, extend, loop
from kinora.tasks.render import finished, render
from kinora.tasks.render import made as latents_of

FOX = "a red fox in the snow, soft piano"


@pytest.fixture(scope="module")
def shipped():
    return open_native()


@pytest.fixture(scope="module")
def source(shipped, tmp_path_factory):
    path = tmp_path_factory.mktemp("shipped") / "fox.mp4"
    list(render(Request(prompt=FOX, seconds=4, size="96x96"), shipped, path, 1))
    return Source.of(path)


def made(request, engine, seed=2):
    return finished(latents_of(request, engine.read(request), engine, seed), request, engine)


def steps(frames):
    """How much each frame differs from the one before, in grey levels."""
    return np.abs(np.diff(frames.astype(float), axis=0)).mean(axis=(1, 2, 3))


def test_the_last_frame_of_a_loop_flows_into_the_first(shipped, source):
    frames = made(loop(source, FOX), shipped).array()
    own = steps(read_clip(source.path).array())
    assert steps(frames[[-1, 0]])[0] <= 2 * own.max()
    assert steps(frames[[47, 48]])[0] <= 2 * own.max()


@pytest.mark.parametrize("before", [False, True])
def test_a_clip_flows_into_what_it_is_extended_by(shipped, source, before):
    clip = made(extend(source, FOX, seconds=2, before=before), shipped)
    own = steps(read_clip(source.path).array())
    border = 24 if before else 48
    assert steps(clip.array()[border - 1 : border + 1])[0] <= 2 * own.max()
    made_part = clip.sound[:, : 2 * 24_000] if before else clip.sound[:, -2 * 24_000 :]
    loudness = [
        20 * np.log10(np.sqrt(np.square(wave).mean()) + 1e-6) for wave in (made_part, read_clip(source.path).sound)
    ]
    assert abs(loudness[0] - loudness[1]) < 12
