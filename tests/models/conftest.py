"""Networks at tiny size. New ones are partly silent by design; laws about what reaches what hold on woken ones."""

import pytest
import torch

from kinora.models.sound_autoencoder import SoundAutoencoder, SoundAutoencoderConfig
from kinora.models.text import TextConfig, TextEncoder
from kinora.models.transformer import Transformer, TransformerConfig
from kinora.models.video_autoencoder import VideoAutoencoder, VideoAutoencoderConfig

SLOTS = {"kind": ["", "fox", "car"], "colour": ["", "red", "blue"], "place": ["", "snow"]}


def woken(network):
    """The network with every parameter moved a little at random, so that nothing is zero or exactly symmetrical."""
    draw = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.add_(0.1 * torch.randn(parameter.shape, generator=draw))
    return network.eval()


@pytest.fixture
def wake():
    """The function that wakes a network."""
    return woken


@pytest.fixture
def new_video():
    torch.manual_seed(0)
    config = VideoAutoencoderConfig(latent_channels=8, encoder_widths=(8, 8, 16), decoder_widths=(8, 8, 16))
    return VideoAutoencoder(config)


@pytest.fixture
def video(new_video):
    return woken(new_video)


@pytest.fixture
def sound():
    torch.manual_seed(0)
    config = SoundAutoencoderConfig(latent_channels=4, width=16, encoder_depth=1, decoder_depth=1, num_mels=16)
    return woken(SoundAutoencoder(config))


@pytest.fixture
def text():
    torch.manual_seed(0)
    config = TextConfig(slots=SLOTS, num_buckets=64, ngram_width=8, width=16, depth=2, num_heads=2, max_words=12)
    return woken(TextEncoder(config))


@pytest.fixture
def new_transformer():
    torch.manual_seed(0)
    config = TransformerConfig(
        width=64, depth=3, num_heads=4, hidden=96, text_width=16, channels={"video": 8, "sound": 4}
    )
    return Transformer(config)


@pytest.fixture
def transformer(new_transformer):
    return woken(new_transformer)
