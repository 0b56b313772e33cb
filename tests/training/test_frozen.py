import numpy as np
import pytest
import torch

from kinora.models.sound_autoencoder import SoundAutoencoder, SoundAutoencoderConfig
from kinora.models.text import TextConfig, TextEncoder
from kinora.models.video_autoencoder import VideoAutoencoder, VideoAutoencoderConfig
from kinora.models.weights import pack, unpack
from kinora.storybook.facts import FACT_SLOTS
from kinora.training.frozen import PARTS, Frozen, encoder_digest, freeze_part, part_path


@pytest.fixture(scope="module")
def modules():
    torch.manual_seed(0)
    parts = (
        TextEncoder(TextConfig(slots=FACT_SLOTS)),
        VideoAutoencoder(VideoAutoencoderConfig()),
        SoundAutoencoder(SoundAutoencoderConfig()),
    )
    return dict(zip(PARTS, parts, strict=True))


@pytest.fixture(scope="module")
def folder(modules, tmp_path_factory):
    path = tmp_path_factory.mktemp("frozen")
    for part, module in modules.items():
        freeze_part(path, part, module.state_dict(), {"slots": FACT_SLOTS} if part == "text" else {})
    return path


@pytest.mark.parametrize("part", PARTS)
def test_what_is_loaded_is_what_ships(modules, folder, part):
    """Rounded to int8 rows once: a stage stands on the very numbers that will run."""
    loaded = getattr(Frozen.load(folder), part)
    state, asked = loaded.state_dict(), modules[part].state_dict()
    for name, value in asked.items():
        assert torch.equal(state[name], unpack(pack(name, value))[name]), name
    assert not loaded.training and not any(p.requires_grad for p in loaded.parameters())


def test_rounding_what_is_rounded_changes_nothing(folder, tmp_path):
    first = Frozen.load(folder)
    freeze_part(tmp_path, "video", first.video.state_dict(), {})
    second = Frozen.load(tmp_path)
    assert second.hashes == {"video": first.hashes["video"]} and second.text is None


@pytest.mark.parametrize(("part", "learns"), [("video", "decoder.leave.weight"), ("sound", "decoder.0.mix.weight")])
def test_a_decoder_may_go_on_learning_and_an_encoder_may_not(modules, part, learns):
    module = modules[part]
    before = encoder_digest(module)
    state = dict(module.state_dict())
    state[learns].add_(1)
    assert encoder_digest(module) == before
    state[learns].sub_(1)
    stays = next(name for name in state if name.startswith("enc"))
    state[stays].view(-1)[0] += 1
    assert encoder_digest(module) != before
    state[stays].view(-1)[0] -= 1


def test_encoding_keeps_the_order_of_tokens(folder):
    """Frame-major, then rows, then columns: a change inside one patch of one block moves one token."""
    frozen = Frozen.load(folder)
    frames = np.full((1, 16, 144, 144, 3), 128, np.uint8)
    plain = frozen.encode_video(frames)
    frames[0, 11, 5 * 16 + 6 : 5 * 16 + 10, 2 * 16 + 6 : 2 * 16 + 10] = 255
    moved = (frozen.encode_video(frames) - plain).float().abs().sum(dim=-1)[0]
    assert plain.shape == (1, 2 * 81, 64) and plain.dtype == torch.bfloat16
    assert int(moved.argmax()) == 81 + 5 * 9 + 2
    assert frozen.encode_sound(torch.zeros(48_000, dtype=torch.int16)).shape == (1, 48, 32)


def test_an_altered_part_is_refused(folder, tmp_path):
    data = bytearray(part_path(folder, "sound").read_bytes())
    data[-1] ^= 1
    part_path(tmp_path, "sound").write_bytes(data)
    with pytest.raises(ValueError, match="does not match its own hash"):
        Frozen.load(tmp_path)
