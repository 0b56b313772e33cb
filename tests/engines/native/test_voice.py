"""The sound of stories in shots: where it is made, and what of it stays."""

import pytest
import torch

from kinora.engines.native.voice import NativeVoice, Picture, cover_of


@pytest.mark.parametrize("known_after", [False, True])
def test_sound_is_made_in_windows_that_begin_in_what_is_heard(model, known_after):
    done = torch.tensor([*[True] * 60, *[False] * 50, *[known_after] * 70])
    track = {**NativeVoice(model=model).silent(len(done) // 2), "done": done}
    picture = Picture(shot=None, video_LZ=None, start=60, stop=110)
    cover = cover_of(track, picture, model)
    made = [number for window in cover for number in range(window.start + window.given, min(window.stop, 110))]
    assert made == list(range(60, 110))
    assert all(window.given == 10 and window.stop - window.start <= 32 for window in cover)
    assert cover[-1].stop >= 120 if known_after else cover[-1].stop == 110
