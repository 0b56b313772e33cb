"""The judge: two small networks that read pictures and sound, so that what a model makes can be marked.

It shares neither weights nor features with the generator. It answers class 0, "nothing", where it recognises nothing.

B batch, C channels, H W pixels, h w a quarter of them, S samples, F frames (48 a second), E effects.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from kinora.models.layers import Conv2d, ResidualConv, RMSNorm
from kinora.models.sound_autoencoder import SAMPLE_RATE_HZ, ConvNeXt, mel_bands
from kinora.models.weights import read_weights, unpack

SHIPPED_JUDGE = Path(__file__).with_name("kinora-judge-v1.safetensors")
STEM = 4
FRAMES_PER_SECOND = 48
HOP = SAMPLE_RATE_HZ // FRAMES_PER_SECOND
WINDOW = 1024
# Clip-level answers need seconds, not milliseconds.
POOL = 4
DENSE = ("kind", "colour", "letter")
SCENE = ("place", "light", "weather")
MUSIC = ("instrument", "mood", "tempo")


@dataclass(frozen=True, kw_only=True)
class JudgeConfig:
    """Words and sizes. Words of one attribute exclude each other, but for effects and ambiences.

    `widths` are the channels at a quarter, an eighth and a sixteenth of the picture.
    """

    kind: tuple[str, ...]
    colour: tuple[str, ...]
    letter: tuple[str, ...]
    place: tuple[str, ...]
    light: tuple[str, ...]
    weather: tuple[str, ...]
    effects: tuple[str, ...]
    ambiences: tuple[str, ...]
    instrument: tuple[str, ...]
    mood: tuple[str, ...]
    tempo: tuple[str, ...]
    widths: tuple[int, int, int] = (48, 96, 144)
    num_mels: int = 64
    sound_width: int = 96
    sound_depth: int = 3

    def words(self, attribute: str) -> tuple[str, ...]:
        """Return what the classes of an attribute mean; class 0 is nothing, and "" says so."""
        return ("", *getattr(self, attribute))


class PictureReading(NamedTuple):
    """Logits of dense maps (B, classes, h, w), of whole scenes (B, classes), and a feature vector a frame (B, C)."""

    dense: dict[str, Tensor]
    scene: dict[str, Tensor]
    feature_BC: Tensor


class SoundReading(NamedTuple):
    """Logits of onsets (B, F, E), of ambiences (B, A) and of music (B, classes)."""

    onset_BFE: Tensor
    ambience_BA: Tensor
    music: dict[str, Tensor]


class PictureJudge(nn.Module):
    """A U-Net over patches of 4x4 pixels, most of whose work is done at an eighth and a sixteenth of the size."""

    def __init__(self, config: JudgeConfig) -> None:
        super().__init__()
        self.config = config
        quarter, eighth, sixteenth = config.widths
        self.enter = Conv2d(3 * STEM * STEM, quarter, 3)
        self.to_eighth = Conv2d(4 * quarter, eighth, 1)
        self.at_eighth = ResidualConv(eighth)
        self.to_sixteenth = Conv2d(4 * eighth, sixteenth, 1)
        self.at_sixteenth = nn.Sequential(ResidualConv(sixteenth), ResidualConv(sixteenth))
        self.whole = RMSNorm(sixteenth)
        self.to_context = nn.Linear(2 * sixteenth, sixteenth)
        self.up_to_eighth = Conv2d(sixteenth, 4 * eighth, 1)
        self.at_eighth_again = ResidualConv(eighth)
        self.up_to_quarter = Conv2d(eighth, 4 * quarter, 1)
        self.at_quarter = ResidualConv(quarter)
        self.last = RMSNorm(quarter)
        self.dense = nn.ModuleDict({name: nn.Linear(quarter, len(config.words(name))) for name in DENSE})
        self.scene = nn.ModuleDict({name: nn.Linear(2 * sixteenth, len(config.words(name))) for name in SCENE})

    def forward(self, rgb_B3HW: Tensor) -> PictureReading:
        """Read RGB in [-1, 1] whose sides are multiples of 16."""
        quarter = self.enter(functional.pixel_unshuffle(rgb_B3HW, STEM))
        eighth = self.at_eighth(self.to_eighth(functional.pixel_unshuffle(quarter, 2)))
        deep = self.at_sixteenth(self.to_sixteenth(functional.pixel_unshuffle(eighth, 2)))
        normal_BLC = self.whole(deep.flatten(2).transpose(1, 2))
        mean_BC, pooled = normal_BLC.mean(dim=1), torch.cat([normal_BLC.mean(dim=1), normal_BLC.amax(dim=1)], dim=1)
        deep = deep + self.to_context(pooled)[:, :, None, None]
        eighth = self.at_eighth_again(eighth + functional.pixel_shuffle(self.up_to_eighth(deep), 2))
        quarter = self.at_quarter(quarter + functional.pixel_shuffle(self.up_to_quarter(eighth), 2))
        fine_BhwC = self.last(quarter.permute(0, 2, 3, 1))
        return PictureReading(
            dense={name: head(fine_BhwC).permute(0, 3, 1, 2) for name, head in self.dense.items()},
            scene={name: head(pooled) for name, head in self.scene.items()},
            feature_BC=mean_BC,
        )


class SoundJudge(nn.Module):
    """Log mel bands, convolutions over time for onsets, and slower ones for what is true of the whole clip."""

    window: Tensor
    mel: Tensor

    def __init__(self, config: JudgeConfig) -> None:
        super().__init__()
        self.config = config
        width = config.sound_width
        self.register_buffer("window", torch.hann_window(WINDOW), persistent=False)
        self.register_buffer("mel", mel_bands(config.num_mels, WINDOW), persistent=False)
        self.enter = nn.Conv1d(config.num_mels, width, 5, padding=2)
        self.layers = nn.Sequential(*[ConvNeXt(width) for _ in range(config.sound_depth)])
        self.onset = nn.Linear(width, len(config.effects))
        self.down = nn.Conv1d(width, width, POOL, stride=POOL)
        self.slow = nn.Sequential(*[ConvNeXt(width) for _ in range(config.sound_depth)])
        self.ambience = nn.Linear(2 * width, len(config.ambiences))
        self.music = nn.ModuleDict({name: nn.Linear(2 * width, len(config.words(name))) for name in MUSIC})

    def forward(self, wave_BS: Tensor) -> SoundReading:
        """Read a 24 kHz wave in [-1, 1] whose length is a multiple of 2000 samples."""
        x_BCF = self.layers(self.enter(self.log_mel(wave_BS)))
        slow_BCF = self.slow(self.down(x_BCF))
        pooled = torch.cat([slow_BCF.mean(dim=2), slow_BCF.amax(dim=2)], dim=1)
        return SoundReading(
            onset_BFE=self.onset(x_BCF.transpose(1, 2)),
            ambience_BA=self.ambience(pooled),
            music={name: head(pooled) for name, head in self.music.items()},
        )

    def log_mel(self, wave_BS: Tensor) -> Tensor:
        """Return log mel bands (B, M, F), about zero mean and unit spread; frame f is about second f / 48."""
        spectrum = torch.stft(wave_BS.float(), WINDOW, HOP, window=self.window, return_complex=True).abs()[..., :-1]
        with torch.autocast(wave_BS.device.type, enabled=False):
            mel_BMF = torch.einsum("mf,bft->bmt", self.mel, spectrum)
        return (torch.log(mel_BMF + 1e-3) + 3) / 3


class Networks(NamedTuple):
    """The judge's two networks and the SHA-256 that names their weights."""

    picture: PictureJudge
    sound: SoundJudge
    sha256: str


def load_judge(path: Path = SHIPPED_JUDGE, *, device: str = "cpu") -> Networks:
    """Read the judge's weights. Raises ValueError when the file is missing, torn, altered or another's."""
    tensors, metadata = read_weights(path, parts=("picture", "sound"))
    said: dict[str, Any] = json.loads(metadata["configs"])["picture"]
    tuples: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in said.items()}
    config = JudgeConfig(**tuples)
    picture, sound = PictureJudge(config), SoundJudge(config)
    for part, module in (("picture", picture), ("sound", sound)):
        module.load_state_dict(unpack(tensors, f"{part}."))
        module.eval().requires_grad_(False).to(device)
    return Networks(picture, sound, metadata["sha256"])
