"""A model of real classes at tiny size, woken: new networks are partly silent by design and would draw one grey."""

import pytest
import torch

from kinora.models.sound_autoencoder import SoundAutoencoder, SoundAutoencoderConfig
from kinora.models.text import TextConfig, TextEncoder
from kinora.models.transformer import Transformer, TransformerConfig
from kinora.models.video_autoencoder import VideoAutoencoder, VideoAutoencoderConfig
from kinora.models.weights import load_model, save_weights

VOCABULARY = {
    "known": [
        *("a", "and", "at", "bear", "fox", "in", "jumps", "music", "night", "no", "red", "snow", "softly", "the"),
        *("to", "trees", "two"),
    ],
    "near": {"wolf": ["kind", "fox"], "grizzly bear": ["kind", "bear"], "grizzly": ["kind", "bear"]},
}
WINDOW_BLOCKS = 2


def woken(network):
    draw = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.add_(0.1 * torch.randn(parameter.shape, generator=draw))
    return network


@pytest.fixture(scope="session")
def model(tmp_path_factory):
    torch.manual_seed(0)
    video = VideoAutoencoderConfig(latent_channels=8, encoder_widths=(8, 8, 16), decoder_widths=(8, 8, 16))
    sound = SoundAutoencoderConfig(latent_channels=4, width=16, encoder_depth=1, decoder_depth=1, num_mels=16)
    slots = {"kind": ["", "fox", "bear"], "place": ["", "snow"]}
    text = TextConfig(slots=slots, num_buckets=64, ngram_width=8, width=16, depth=1, num_heads=2)
    transformer = TransformerConfig(
        width=32, depth=2, num_heads=2, hidden=48, text_width=16, channels={"video": 8, "sound": 4}
    )
    modules = {
        "transformer": woken(Transformer(transformer)),
        "video": woken(VideoAutoencoder(video)),
        "sound": woken(SoundAutoencoder(sound)),
        "text": woken(TextEncoder(text)),
    }
    path = tmp_path_factory.mktemp("weights") / "tiny.safetensors"
    save_weights(path, modules, VOCABULARY, {"name": "tiny", "version": "0.0.1", "window_blocks": WINDOW_BLOCKS})
    return load_model(path)


@pytest.fixture(autouse=True)
def home(tmp_path_factory, monkeypatch):
    """A data folder of the tests' own; the user's is never touched."""
    folder = tmp_path_factory.getbasetemp() / "home"
    monkeypatch.setenv("KINORA_HOME", str(folder))
    for name in ("KINORA_SIGNER_CERTS", "KINORA_SIGNER_KEY", "KINORA_TRUST_ANCHORS"):
        monkeypatch.delenv(name, raising=False)
    return folder
