"""A silent engine with the voice of the model in the package: its pictures get ambience and music from the words.

That model can't read such pictures, so nothing that is seen is heard; what it makes follows their cuts and motion.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

from kinora.engines.abilities import Ability
from kinora.engines.able import VOICE
from kinora.engines.engine import Engine, Estimate, Given, Latents, Progress, Span, Told
from kinora.engines.native.engine import NativeEngine, clip_of
from kinora.engines.native.imagined import imagined
from kinora.engines.native.voice import SAMPLES_PER_LATENT
from kinora.engines.reading import Reading
from kinora.media.clip import Frames, Wave
from kinora.media.motion import course_of
from kinora.models.sound_autoencoder import LEARNED_LUFS
from kinora.request import Canvas, Request, Shot

NO_WORDS = 'say what is heard in words that are known by their sound, as in effects "rain" or music "soft piano"'
MOMENT_S = 1e-6
HEARD = "voice "
"""Begins the names of the sound among a shot's latents."""


@dataclass(frozen=True, kw_only=True)
class Voiced:
    """Draws with one engine, and is heard with another."""

    picture: Engine
    native: NativeEngine

    @property
    def name(self) -> str:
        """The name of who draws."""
        return self.picture.name

    @property
    def model(self) -> str:
        """The model that draws, as credentials name it."""
        return self.picture.model

    @property
    def model_version(self) -> str:
        """Its version, as credentials name it."""
        return self.picture.model_version

    @property
    def canvas(self) -> Canvas:
        """What it draws on."""
        return self.picture.canvas

    @property
    def can(self) -> frozenset[Ability]:
        """What it is able to do."""
        return self.picture.can | VOICE

    @property
    def voice(self) -> "ImaginedVoice":
        """What gives stories one sound."""
        return ImaginedVoice(picture=self.picture, native=self.native)

    def read(self, request: Request) -> Reading:
        """Return the prompt as it is drawn, and the words that its sound follows where some is to be made."""
        reading, end_s = self.picture.read(request), request.begin_s + request.seconds - MOMENT_S
        heard = [condition for condition in request.conditions if condition.stream == "sound"]
        is_whole = any(one.start_s <= request.begin_s and (one.end_s or end_s) >= end_s for one in heard)
        if not request.sound or is_whole:
            return reading
        return replace(reading, heard=heard_of(request.prompt, self.native))

    def estimate(self, shot: Shot, told: Told, given: Given) -> Estimate:
        """Return what filling and decoding a shot costs on this machine, but for its sound, which costs little."""
        return self.picture.estimate(replace(shot, sound=False), told, given)

    def working_bytes(self, shot: Shot) -> float:
        """Return the memory that filling a shot takes at most, beside what is taken already."""
        return self.picture.working_bytes(replace(shot, sound=False))

    def fill(self, shot: Shot, told: Told, given: Given, progress: Progress | None = None) -> Latents:
        """Return what was drawn of a shot, unless all of it is known, and its sound where words are known by theirs."""
        needs_sound = shot.sound and not (given.heard and all(given.heard))
        silent, words = replace(shot, sound=False), heard_of(told.prompt, self.native) if needs_sound else ""
        free = {number for number, is_known in enumerate(given.known) if not is_known}
        if not free and needs_sound and not words:
            raise ValueError(NO_WORDS)
        drawn = self.picture.fill(silent, replace(told, sound=False), given, progress) if free else {}
        if not words:
            return drawn
        made = self.picture.frames(drawn, silent, free) if free else ()
        each = (None if block is None else block[0] for block in made)
        track = self.native.heard_outside(shot, replace(told, prompt=words), given, each)
        return {**drawn, **{HEARD + name: x for name, x in track.items()}}

    def frames(self, latents: Latents, shot: Shot, wanted: Collection[int]) -> Iterator[Frames | None]:
        """Yield the blocks of a shot, decoded as they are read."""
        return self.picture.frames(latents, replace(shot, sound=False), wanted)

    def wave(self, latents: Latents) -> tuple[Wave, int] | None:
        """Return a shot's sound (1, L) and its sample rate; None where it has none."""
        return self.native.wave(_track(latents))

    def said(self, latents: Latents) -> str:
        """Return what is to be said of a shot's sound, "" for nothing."""
        return self.picture.said(latents) or self.native.said(_track(latents))


@dataclass(frozen=True, kw_only=True)
class ImaginedVoice:
    """The model in the package as the voice of stories that others draw."""

    picture: Engine
    native: NativeEngine
    usual_lufs: float = LEARNED_LUFS
    is_apart: bool = True

    @property
    def sample_rate_hz(self) -> int:
        """Samples a second of what is heard."""
        return self.native.voice.sample_rate_hz

    def silent(self, num_frames: int) -> Latents:
        """A story of which nothing is heard yet."""
        return self.native.voice.silent(num_frames)

    def scored(self, track: Latents, span: Span, shot: Shot, made: Latents, told: Told) -> Latents:
        """The track with the sound of a shot, as far as its words are known by theirs."""
        words = heard_of(told.prompt, self.native)
        if not words:
            return track
        blocks = self.picture.frames(made, shot, range(shot.num_frames))
        course = course_of(clip_of(shot, (None if block is None else block[0] for block in blocks)))
        return imagined(course, track, span, replace(told, prompt=words), shot.seed, self.native.voice)

    def around(self, wave: Wave, num_frames: int, hole: Span) -> Latents:
        """The track of a story of so many frames that sounds like this wave (1, L), with a hole in it."""
        return self.native.voice.around(wave, num_frames, hole)

    def wave(self, track: Latents) -> Wave:
        """What is heard (1, L); what nothing was made for is silent."""
        wave, is_done = self.native.voice.wave(track), track["done"].repeat_interleave(SAMPLES_PER_LATENT).numpy()
        return wave * is_done[: wave.shape[1]]


def heard_of(prompt: str, native: NativeEngine) -> str:
    """Return the words of a prompt that the model in the package knows; "" where it knows none."""
    if not prompt.strip():
        return ""
    reading = native.read(Request(prompt=prompt))
    return "" if reading.instead else reading.prompt


def _track(latents: Latents) -> Latents:
    return {name.removeprefix(HEARD): x for name, x in latents.items() if name.startswith(HEARD)}
