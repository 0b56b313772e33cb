"""What draws: every engine answers the same shots and conditions. Tasks know this page, and no engine.

Axes: T drawn frames, N blocks of them, H height, W width, C channels, L samples, K latents of sound.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from torch import Tensor

from kinora.engines.abilities import Ability
from kinora.engines.reading import Reading
from kinora.media.clip import Frames, Wave
from kinora.request import Canvas, Request, Shot

Latents = Mapping[str, Tensor]
"""What an engine made of a shot, by names of its own: tensors that a safetensors file can hold."""

Progress = Callable[[int, int], None]
"""Called with steps done and to do. It may raise, and the engine stops at once."""


@dataclass(frozen=True, kw_only=True)
class Told:
    """What a shot is to show, in words the engine has read, and how it is solved; None leaves that to the engine.
    `instead` says that the words are the engine's own, since it knew none of those it was given."""

    prompt: str
    instead: bool = False
    steps: int | None = None
    guidance: float | None = None
    sound: bool = True
    music: bool = True


@dataclass(frozen=True, kw_only=True)
class Given:
    """What is known of a shot, on the engine's own grid; files are opened as they are looked at.

    `files` names what shows each drawn frame, "" where nothing does. `frames` takes which of them are wanted (T,) and
    yields those that are known, (H, W, 3), and None for all others. `wave` (1, L) is the known sound as a model of
    sound hears it, 24,000 samples a second, with what is not known mirrored; `heard` (K,) says which 24ths of a second
    are known. `references` are pictures of who appears; `loose` takes what is drawn unlike the engine's world.
    """

    files: tuple[str, ...]
    frames: Callable[[Collection[int]], Iterator[Frames | None]]
    wave: Wave | None = None
    heard: tuple[bool, ...] = ()
    references: tuple[Frames, ...] = ()
    loose: bool = False

    @property
    def known(self) -> tuple[bool, ...]:
        """Which drawn frames are known."""
        return tuple(bool(file) for file in self.files)


def nothing_given(shot: Shot) -> Given:
    """Return what is known of a shot of which nothing is."""
    return Given(files=("",) * shot.num_frames, frames=lambda wanted: iter([None] * shot.num_frames))


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """Seconds, and bytes at the peak."""

    seconds: float
    peak_bytes: float

    def line(self, variations: int = 1) -> str:
        """Say so in words, for so many clips one after another."""
        return f"about {self.seconds * variations:.0f} s and {self.peak_bytes / 1e9:.1f} GB of memory at the peak"


Span = tuple[int, int]
"""Frames [start, stop) of a story, 12 a second."""


class Voice(Protocol):
    """Gives a story in shots one sound. A track is the story's sound as far as it is made, by names of the voice's
    own."""

    @property
    def sample_rate_hz(self) -> int:
        """Samples a second of what is heard."""
        ...

    @property
    def usual_lufs(self) -> float | None:
        """How loud what is heard is on average; None where nothing is known of that."""
        ...

    @property
    def is_apart(self) -> bool:
        """Whether sound is made for finished pictures, so that none need be made with them."""
        ...

    def silent(self, num_frames: int) -> Latents:
        """A story of which nothing is heard yet."""
        ...

    def scored(self, track: Latents, span: Span, shot: Shot, made: Latents, told: Told) -> Latents:
        """The track with the sound of a shot: what was made with its picture where nothing is heard yet, else sound
        that goes on from what is heard around it."""
        ...

    def around(self, wave: Wave, num_frames: int, hole: Span) -> Latents:
        """The track of a story of so many frames that sounds like this wave (1, L), with a hole in it."""
        ...

    def wave(self, track: Latents) -> Wave:
        """What is heard (1, L)."""
        ...


class Engine(Protocol):
    """A model that draws shots, and what it says of itself."""

    @property
    def name(self) -> str:
        """How it is called in the catalogue, on the command line and in the API's configuration."""
        ...

    @property
    def model(self) -> str:
        """The model, as credentials name it."""
        ...

    @property
    def model_version(self) -> str:
        """Its version, as credentials name it."""
        ...

    @property
    def canvas(self) -> Canvas:
        """What it draws on."""
        ...

    @property
    def can(self) -> frozenset[Ability]:
        """What it is able to do."""
        ...

    @property
    def voice(self) -> Voice | None:
        """What gives stories one sound; None where it is silent."""
        ...

    def read(self, request: Request) -> Reading:
        """The prompt in the words the engine draws, and what became of the others. Raises ValueError where a strict
        request can't be drawn as it is told."""
        ...

    def estimate(self, shot: Shot, told: Told, given: Given) -> Estimate:
        """What filling and decoding a shot costs on this machine."""
        ...

    def working_bytes(self, shot: Shot) -> float:
        """The memory that filling a shot takes at most, beside what the engine has taken already; 0 where it refuses
        by itself, before any work, what it has no room for."""
        ...

    def fill(self, shot: Shot, told: Told, given: Given, progress: Progress | None = None) -> Latents:
        """What was made of a shot, and its sound where it has one. Raises ValueError for what is given and can't be
        used, before any work."""
        ...

    def frames(self, latents: Latents, shot: Shot, wanted: Collection[int]) -> Iterator[Frames | None]:
        """The blocks of a shot in order up to the last that is wanted, (block_frames, H, W, 3) each, decoded as they
        are read; None for those that are not wanted or were never made, since they are known."""
        ...

    def said(self, latents: Latents) -> str:
        """What is to be said of what was made, in one line; "" for nothing."""
        ...

    def wave(self, latents: Latents) -> tuple[Wave, int] | None:
        """A shot's sound (C, L) and its sample rate; None where it has none."""
        ...
