"""Controls go the way of generated clips: the same loudness before the same codec."""

import numpy as np
import pytest

from kinora.evaluation.subject import through_sound
from kinora.evaluation.trials.gallery import ARMS, Setting, made, truth_scene
from kinora.evaluation.trials.suite import Prompt
from kinora.media.sound import TARGET_LUFS, loudness_lufs, master
from kinora.models.judge import SHIPPED_JUDGE
from kinora.models.sound_autoencoder import SAMPLE_RATE_HZ
from kinora.models.weights import load_model
from kinora.storybook.film import Film, events_of
from kinora.storybook.sound.mix import compose

ASKS = {"kind": "fox", "colour": "red", "place": "forest", "action": "walk", "ambience": ["birds"]}
PROMPT = Prompt(id=1, text="a red fox walks", asks=ASKS, held_out=False, mate=None, written=1, seed=7)


@pytest.fixture
def setting(weights, tmp_path, monkeypatch):
    monkeypatch.setenv("KINORA_HOME", str(tmp_path / "home"))
    return Setting(weights=weights, judge=SHIPPED_JUDGE, out=tmp_path, steps=1, guidance=1.0, seconds=4 / 3)


def mix_of(setting):
    scene = truth_scene(PROMPT, setting)
    return compose(scene, events_of(scene, Film(scene, height=144, width=256).tracks)).mix()


def loudness(wave_L):
    return loudness_lufs(np.asarray(wave_L, np.float32)[None], SAMPLE_RATE_HZ)


@pytest.mark.parametrize("arm", ["truth", "round trip"])
def test_a_control_is_mastered_before_it_is_coded(arm, setting):
    """As drawn it is far from the target; what the master leaves quieter stays so."""
    mix_L = mix_of(setting)
    wave_L = mix_L if arm == "truth" else through_sound(load_model(setting.weights).sound, mix_L[:32_000])
    wanted = loudness(master(np.asarray(wave_L, np.float32)[None], SAMPLE_RATE_HZ)[0])
    shown = ARMS[arm](PROMPT, setting)
    assert loudness(shown.wave_L) == pytest.approx(wanted, abs=0.5)
    assert abs(loudness(mix_L) - TARGET_LUFS) > 3
    assert shown.frames_THW3.shape == (16, 144, 256, 3) and (setting.out / shown.file).exists()


def test_a_control_is_as_long_as_what_is_made(setting):
    controls = [ARMS[arm](PROMPT, setting) for arm in ("truth", "round trip", "noise")]
    one = made(PROMPT, setting)
    assert {len(control.wave_L) for control in controls} == {len(one.wave_L)}
    assert {len(control.frames_THW3) for control in controls} == {len(one.frames_THW3)}
