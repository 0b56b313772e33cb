"""Networks at tiny size and a whole weights file made of them."""

import pytest
import torch

from kinora.models.sound_autoencoder import SoundAutoencoder, SoundAutoencoderConfig
from kinora.models.text import TextConfig, TextEncoder
from kinora.models.transformer import Transformer, TransformerConfig
from kinora.models.video_autoencoder import VideoAutoencoder, VideoAutoencoderConfig
from kinora.models.weights import save_weights
from kinora.storybook.facts import FACT_SLOTS
from kinora.storybook.world import world


@pytest.fixture(scope="session")
def weights(tmp_path_factory):
    torch.manual_seed(0)
    video = VideoAutoencoderConfig(latent_channels=8, encoder_widths=(8, 8, 16), decoder_widths=(8, 8, 16))
    sound = SoundAutoencoderConfig(latent_channels=4, width=16, encoder_depth=1, decoder_depth=1, num_mels=16)
    text = TextConfig(slots=FACT_SLOTS, num_buckets=64, ngram_width=8, width=16, depth=1, num_heads=2)
    transformer = TransformerConfig(
        width=64, depth=2, num_heads=4, hidden=96, text_width=16, channels={"video": 8, "sound": 4}
    )
    modules = {
        "transformer": Transformer(transformer),
        "video": VideoAutoencoder(video),
        "sound": SoundAutoencoder(sound),
        "text": TextEncoder(text),
    }
    path = tmp_path_factory.mktemp("weights") / "tiny.safetensors"
    words = {**world(), "known": ["a", "red", "fox", "jumps", "in", "the", "snow", "soft", "piano"]}
    save_weights(path, modules, words, {"name": "tiny", "version": "0.0.0", "window_blocks": 2})
    return path
