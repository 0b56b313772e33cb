"""The judge's networks at tiny size: what they read, at which sizes, and the file they ship in."""

from dataclasses import asdict, replace

import pytest
import torch

from kinora.models.judge import (
    DENSE,
    FRAMES_PER_SECOND,
    MUSIC,
    SAMPLE_RATE_HZ,
    SCENE,
    JudgeConfig,
    PictureJudge,
    SoundJudge,
    load_judge,
)
from kinora.models.weights import load_model, save_weights

CONFIG = JudgeConfig(
    kind=("fox", "car"),
    colour=("red",),
    letter=("A", "B", "C"),
    place=("sea", "room"),
    light=("noon",),
    weather=("rain", "fog"),
    effects=("bark", "bell"),
    ambiences=("wind", "waves", "city"),
    instrument=("piano",),
    mood=("sad",),
    tempo=("slow",),
    widths=(8, 8, 16),
    num_mels=16,
    sound_width=16,
    sound_depth=1,
)


@pytest.fixture
def picture(wake):
    torch.manual_seed(0)
    return wake(PictureJudge(CONFIG))


@pytest.fixture
def sound(wake):
    torch.manual_seed(0)
    return wake(SoundJudge(CONFIG))


@pytest.fixture
def path(picture, sound, tmp_path):
    save_weights(tmp_path / "judge.safetensors", {"picture": picture, "sound": sound}, {}, {"name": "tiny"})
    return tmp_path / "judge.safetensors"


@pytest.mark.parametrize(("height", "width"), [(16, 16), (96, 336), (144, 256), (256, 144), (144, 144)])
def test_any_size_on_the_grid_is_read_at_a_quarter(picture, height, width):
    read = picture(torch.zeros(2, 3, height, width))
    for name in DENSE:
        assert read.dense[name].shape == (2, len(CONFIG.words(name)), height // 4, width // 4)
    for name in SCENE:
        assert read.scene[name].shape == (2, len(CONFIG.words(name)))
    assert read.feature_BC.shape == (2, 16)


def test_a_frame_is_read_alike_in_any_company(picture):
    frames = torch.rand(3, 3, 32, 48, generator=torch.Generator().manual_seed(1)) * 2 - 1
    alone, together = picture(frames[1:2]), picture(frames)
    torch.testing.assert_close(alone.dense["kind"][0], together.dense["kind"][1])
    torch.testing.assert_close(alone.feature_BC[0], together.feature_BC[1])


def test_what_is_far_away_does_not_move_a_feature_of_the_map_but_through_the_whole(picture):
    """Maps move with the picture: shifted by the coarsest cell, the middle of the map shifts with it."""
    torch.nn.init.zeros_(picture.to_context.weight)
    frame = torch.rand(1, 3, 256, 512, generator=torch.Generator().manual_seed(2)) * 2 - 1
    here, there = picture(frame).dense["kind"], picture(frame.roll(16, dims=3)).dense["kind"]
    torch.testing.assert_close(there[..., 8:-8, 56:72], here[..., 8:-8, 52:68], rtol=1e-4, atol=1e-4)


def test_sound_is_read_48_times_a_second(sound):
    read = sound(torch.zeros(2, 2 * SAMPLE_RATE_HZ))
    assert read.onset_BFE.shape == (2, 2 * FRAMES_PER_SECOND, 2) and read.ambience_BA.shape == (2, 3)
    assert {name: tuple(read.music[name].shape) for name in MUSIC} == {name: (2, 2) for name in MUSIC}


def test_a_click_is_heard_in_its_own_frame(sound):
    wave = torch.zeros(1, SAMPLE_RATE_HZ)
    wave[0, SAMPLE_RATE_HZ // 2] = 1.0
    loudness = sound.log_mel(wave).sum(dim=1)[0]
    assert int(loudness.argmax()) == FRAMES_PER_SECOND // 2


def test_the_file_round_trips_up_to_rounding(picture, sound, path):
    networks = load_judge(path)
    assert asdict(networks.picture.config) == asdict(networks.sound.config) == asdict(CONFIG)
    frames = torch.rand(1, 3, 32, 32, generator=torch.Generator().manual_seed(3)) * 2 - 1
    torch.testing.assert_close(networks.picture(frames).feature_BC, picture(frames).feature_BC, rtol=0, atol=0.05)
    assert not networks.picture.training and not any(p.requires_grad for p in networks.sound.parameters())


def test_a_flipped_byte_and_another_file_are_refused(path, tmp_path, new_video):
    whole = bytearray(path.read_bytes())
    whole[-5] ^= 1
    (tmp_path / "altered.safetensors").write_bytes(whole)
    with pytest.raises(ValueError, match="does not match its own hash"):
        load_judge(tmp_path / "altered.safetensors")
    save_weights(tmp_path / "other.safetensors", {"video": new_video}, {}, {})
    with pytest.raises(ValueError, match="does not hold picture, sound"):
        load_judge(tmp_path / "other.safetensors")
    with pytest.raises(ValueError, match="does not hold transformer"):
        load_model(path)


def test_class_0_is_nothing():
    assert CONFIG.words("kind") == ("", "fox", "car")
    assert replace(CONFIG, kind=()).words("kind") == ("",)
