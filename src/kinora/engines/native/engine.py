"""The model in the package, or another of its kind in a weights file: it draws one drawn world, with its sound."""

import math
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import chain, repeat

from kinora.engines.abilities import Ability
from kinora.engines.catalog import CATALOG, NATIVE
from kinora.engines.engine import Estimate, Given, Latents, Progress, Told
from kinora.engines.native import decode
from kinora.engines.native.estimate import estimate, working_bytes
from kinora.engines.native.fill import NO_MUSIC, fill
from kinora.engines.native.given import UnlikeWorldError
from kinora.engines.native.imagined import imagined
from kinora.engines.native.reading import read_prompt
from kinora.engines.native.voice import NativeVoice
from kinora.engines.reading import Reading
from kinora.media.clip import Clip, Frames, Wave
from kinora.media.motion import course_of
from kinora.models.sound_autoencoder import SAMPLE_RATE_HZ
from kinora.models.text import split_words
from kinora.models.weights import Model
from kinora.request import DRAWN_FPS, Canvas, Request, Shot

OUTSIDE = (
    "the picture is from outside the drawn world: its effects are not recognised; its sound follows the words, the "
    "cuts and the motion"
)


@dataclass(frozen=True)
class NativeEngine:
    """Draws shots with one model."""

    weights: Model
    name: str = NATIVE
    canvas: Canvas = Canvas()  # noqa: RUF009  frozen
    can: frozenset[Ability] = CATALOG[NATIVE].can

    @property
    def model(self) -> str:
        """The model, as credentials name it."""
        return self.weights.name

    @property
    def model_version(self) -> str:
        """Its version, as credentials name it."""
        return self.weights.version

    @cached_property
    def voice(self) -> NativeVoice:
        """What gives stories one sound."""
        return NativeVoice(model=self.weights)

    def read(self, request: Request) -> Reading:
        """Return the prompt in the words the model knows, as many as it can read; a scene of its own where it knows
        none. Raises ValueError when the request is strict and any of that had to be done."""
        if not request.prompt.strip():
            return Reading(prompt="", replaced=())
        reach = self.weights.text.config.max_words - len(split_words(NO_MUSIC))
        reading = read_prompt(request.prompt, self.weights.vocabulary, most_tokens=reach)
        if request.strict and reading.line:
            raise ValueError(
                f"outside the drawn world: {reading.line}; `kinora describe` lists what it knows, or leave strict away"
            )
        return reading

    def estimate(self, shot: Shot, told: Told, given: Given) -> Estimate:
        """Return what filling and decoding a shot costs on this machine."""
        return estimate(shot, told, given, self.weights)

    def working_bytes(self, shot: Shot) -> float:
        """Return the memory that filling a shot takes at most, beside the weights."""
        return working_bytes(shot, self.weights)

    def fill(self, shot: Shot, told: Told, given: Given, progress: Progress | None = None) -> Latents:
        """Return the latents of a shot by stream: "video" (N h w, Z) and, where it has one, "sound" (16 N, Z).

        To pictures that the model can't read it makes a sound that follows the words, the cuts and the motion.
        """
        try:
            return fill(shot, told, given, self.weights, progress)
        except UnlikeWorldError as unlike:
            if not shot.sound or not all(given.known):
                raise
            if not told.prompt or told.instead:
                raise ValueError(
                    f"{unlike.name} is drawn unlike this world, so that its sounds are not recognised: say what is "
                    'heard, as in effects "rain" or music "soft piano"'
                ) from None
            return self.heard_outside(shot, told, given)

    def heard_outside(self, shot: Shot, told: Told, given: Given, made: Iterable[Frames | None] = ()) -> Latents:
        """Return a sound for pictures from outside the drawn world, known ones or `made`: "sound", "done", "gain"."""
        span = 0, math.ceil(shot.num_frames / shot.fps * DRAWN_FPS)
        known = given.frames({number for number, is_known in enumerate(given.known) if is_known})
        shown = (was if now is None else now for was, now in zip(known, chain(made, repeat(None)), strict=False))
        track = self.voice.track_of(given, span[1])
        return imagined(course_of(clip_of(shot, shown)), track, span, told, shot.seed, self.voice)

    def said(self, latents: Latents) -> str:
        """Return what is to be said of a shot's sound, "" for nothing."""
        return OUTSIDE if "gain" in latents else ""

    def frames(self, latents: Latents, shot: Shot, wanted: Collection[int]) -> Iterator[Frames | None]:
        """Yield the blocks of a shot (8, H, W, 3), decoded as they are read."""
        return decode.frames(latents, shot, self.weights, wanted)

    def wave(self, latents: Latents) -> tuple[Wave, int] | None:
        """Return a shot's sound (1, L) and its sample rate; None where it has none."""
        return (decode.wave(latents, self.weights), SAMPLE_RATE_HZ) if "sound" in latents else None


def clip_of(shot: Shot, shown: Iterator[Frames | None]) -> Clip:
    """Return a shot's frames as a clip that can be read once."""
    frames = (frame[None] for frame in shown if frame is not None)
    return Clip(
        num_frames=shot.num_frames, height=shot.height, width=shot.width, fps=Fraction(shot.fps), frames=lambda: frames
    )
