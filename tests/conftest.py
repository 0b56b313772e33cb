"""What all tests share: they know no clock and no chance, so that the same run fails or passes everywhere.

Heavy modules are loaded by the tests that need them.
"""

import pytest
from hypothesis import settings

settings.register_profile("kinora", deadline=None, derandomize=True)
settings.load_profile("kinora")

VOCABULARY = {
    "known": [
        *("a", "and", "at", "bear", "fox", "in", "jumps", "music", "night", "no", "red", "snow", "softly", "the"),
        *("to", "trees", "two"),
    ],
    "near": {"wolf": ["kind", "fox"], "grizzly bear": ["kind", "bear"], "grizzly": ["kind", "bear"]},
}
WINDOW_BLOCKS = 2


def woken(network):
    """The network with every parameter moved a little: new ones are partly silent by design and would draw one grey."""
    import torch

    draw = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.add_(0.1 * torch.randn(parameter.shape, generator=draw))
    return network


@pytest.fixture(scope="session")
def model(tmp_path_factory):
    """A model of real classes at tiny size, which draws in windows of two blocks."""
    import torch

    from kinora.models.sound_autoencoder import SoundAutoencoder, SoundAutoencoderConfig
    from kinora.models.text import TextConfig, TextEncoder
    from kinora.models.transformer import Transformer, TransformerConfig
    from kinora.models.video_autoencoder import VideoAutoencoder, VideoAutoencoderConfig
    from kinora.models.weights import load_model, save_weights

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


@pytest.fixture(scope="session")
def engine(model):
    """What draws with that model."""
    from kinora.engines.native.engine import NativeEngine

    return NativeEngine(model)


def lossless(path, frames_THW3, *, fps=12, sound=None, sample_rate_hz=24_000):
    """Write a film that comes back bit for bit: each frame by itself, samples as they are."""
    import av
    import numpy as np

    with av.open(str(path), "w", format="matroska") as container:
        picture = container.add_stream("libx264rgb", rate=fps, options={"qp": "0", "preset": "ultrafast", "g": "1"})
        picture.width, picture.height, picture.pix_fmt = frames_THW3.shape[2], frames_THW3.shape[1], "rgb24"
        track = sound if sound is None else container.add_stream("pcm_s16le", rate=sample_rate_hz, layout="mono")
        for frame in frames_THW3:
            container.mux(picture.encode(av.VideoFrame.from_ndarray(np.ascontiguousarray(frame), format="rgb24")))
        container.mux(picture.encode(None))
        if track is not None:
            samples = (sound * 32768).round().astype(np.int16)
            frame = av.AudioFrame.from_ndarray(samples, format="s16", layout="mono")
            frame.sample_rate = sample_rate_hz
            container.mux(track.encode(frame))
            container.mux(track.encode(None))
    return path


def film_of(num_frames, *, seed=0, size=96):
    """A picture that moves smoothly, and a wave, both drawn from a seed."""
    import numpy as np

    rng = np.random.default_rng(seed)
    y, x, t = np.meshgrid(np.arange(size), np.arange(size), np.arange(num_frames), indexing="ij")
    waves = [np.sin((x * a + y * b) / 30 + t / 9 + c) for a, b, c in rng.uniform(-1, 1, (3, 3))]
    frames = (128 + 80 * np.stack(waves, axis=-1)).astype(np.uint8).transpose(2, 0, 1, 3)
    sound = 0.2 * np.sin(np.arange(num_frames * 2000) * rng.uniform(0.05, 0.2))[None]
    return frames, (sound * 32768).round().astype(np.float32) / 32768


@pytest.fixture
def film(tmp_path):
    """A function that writes a lossless film of so many frames."""
    from kinora.tasks.jobs import Source

    def write(num_frames, name="film.mkv", *, fps=12, seed=0, sound=True, **changed):
        frames, wave = film_of(num_frames, seed=seed)
        frames, wave = changed.get("frames", frames), changed.get("wave", wave)
        rate_hz = 2000 * fps
        lossless(tmp_path / name, frames, fps=fps, sound=wave if sound else None, sample_rate_hz=rate_hz)
        return Source.of(tmp_path / name)

    return write
