"""One sound over the cuts: it runs on the story's time, and a shot's own goes on from what was heard before.

A shot's picture is made first, as if it stood alone. Then its sound is made to that picture, given the end of the sound
before it and, where a shot is made again, the beginning of the sound after it.

K latents of sound, 24 a second; Z latent channels; L tokens of a stream, or samples.
"""

from dataclasses import dataclass, replace

import torch
from torch import Tensor

from kinora.engines.engine import Given, Latents, Span, Told
from kinora.engines.native import decode
from kinora.engines.native.fill import solved
from kinora.engines.windows import Window, runs, windows
from kinora.flow.apply import apply
from kinora.flow.grid import SOUND_PER_BLOCK, SOUND_S, sound_positions, video_positions
from kinora.flow.state import State, blank
from kinora.media.clip import Wave, fit_sound
from kinora.models.sound_autoencoder import LEARNED_LUFS, SAMPLE_RATE_HZ
from kinora.models.video_autoencoder import PATCH
from kinora.models.weights import Model
from kinora.request import DRAWN_FPS, Condition, Shot

PER_FRAME = round(1 / SOUND_S) // DRAWN_FPS
"""Latents of sound in a frame of the story."""

SAMPLES_PER_LATENT = round(SAMPLE_RATE_HZ * SOUND_S)


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A shot that is drawn: its tokens (L, Z), and the latents of the story's sound that belong to it."""

    shot: Shot
    video_LZ: Tensor
    start: int
    stop: int


@dataclass(frozen=True, kw_only=True)
class NativeVoice:
    """The model in the package as the voice of stories. A track has "sound" (K, Z) and what is "done" of it (K,)."""

    model: Model
    sample_rate_hz: int = SAMPLE_RATE_HZ
    usual_lufs: float = LEARNED_LUFS
    is_apart: bool = False

    @torch.no_grad()
    def track_of(self, given: Given, num_frames: int) -> Latents:
        """The track of a shot that lasts so many frames, of which some sound may be given."""
        track = self.silent(num_frames)
        if given.wave is None:
            return track
        num, device = len(track["done"]), track["sound"].device
        whole = torch.from_numpy(fit_sound(given.wave, num * SAMPLES_PER_LATENT)).to(device)
        heard = torch.tensor([*given.heard, *(False,) * num][:num])
        return {"sound": self.model.sound.encode(whole)[0].T, "done": heard}

    def silent(self, num_frames: int) -> Latents:
        """A story of which nothing is heard yet."""
        num, device = PER_FRAME * num_frames, next(self.model.transformer.parameters()).device
        blank_KZ = torch.zeros(num, self.model.transformer.config.channels["sound"], device=device)
        return {"sound": blank_KZ, "done": torch.zeros(num, dtype=torch.bool)}

    @torch.no_grad()
    def scored(self, track: Latents, span: Span, shot: Shot, made: Latents, told: Told) -> Latents:
        """The track with a shot's sound: that of its picture where nothing is heard yet, else made anew to it."""
        start, stop = (PER_FRAME * frame for frame in span)
        if not track["done"].any():
            return with_sound(track, start, made["sound"][: stop - start])
        picture = Picture(shot=shot, video_LZ=made["video"], start=start, stop=stop)

        def around(window: Window) -> State:
            return _state(track, picture, window)

        for window, state in solved(cover_of(track, picture, self.model), around, told, self.model):
            begin, end = window.start + window.given, min(window.stop, picture.stop)
            track = with_sound(track, begin, state.streams["sound"].x[0, window.given : end - window.start])
        return track

    @torch.no_grad()
    def around(self, wave: Wave, num_frames: int, hole: Span) -> Latents:
        """The track of a story of so many frames that sounds like this wave (1, L), with a hole in it."""
        num, device = PER_FRAME * num_frames, next(self.model.sound.parameters()).device
        whole = fit_sound(wave, num * SAMPLES_PER_LATENT)
        sound_KZ = self.model.sound.encode(torch.from_numpy(whole).to(device))[0].T
        (start, stop), numbers = (PER_FRAME * frame for frame in hole), torch.arange(num)
        return {"sound": sound_KZ, "done": (numbers < start) | (numbers >= stop)}

    def wave(self, track: Latents) -> Wave:
        """What is heard (1, L)."""
        return decode.wave(track, self.model)


def with_sound(track: Latents, start: int, made_KZ: Tensor) -> Latents:
    """Return the track with some more of its sound."""
    sound_KZ, done, stop = track["sound"].clone(), track["done"].clone(), start + len(made_KZ)
    sound_KZ[start:stop], done[start:stop] = made_KZ, True
    return {**track, "sound": sound_KZ, "done": done}


def cover_of(track: Latents, picture: Picture, model: Model) -> tuple[Window, ...]:
    """Return the windows, counted in latents of the story, in which a shot's sound is made: each as long as the
    model's, a third of it heard before, and as much after it where that is known."""
    done, end = track["done"].tolist(), picture.stop
    while end < len(done) and done[end]:
        end += 1
    free = [picture.start <= number < picture.stop for number in range(end)]
    return windows(end, model.window_blocks * SOUND_PER_BLOCK, free)


def _state(track: Latents, picture: Picture, window: Window) -> State:
    """Noise for a window's sound; what is heard of it is given, and so is the shot's picture under it."""
    shot, size = picture.shot, window.stop - window.start
    grid = (shot.height // PATCH, shot.width // PATCH)
    first = max(0, window.start - picture.start) // SOUND_PER_BLOCK
    last = min(shot.num_blocks, -(-(min(window.stop, picture.stop) - picture.start) // SOUND_PER_BLOCK))
    start_s = (picture.start + first * SOUND_PER_BLOCK - window.start) * SOUND_S
    video_LZ = picture.video_LZ[first * grid[0] * grid[1] : last * grid[0] * grid[1]]
    # Counted from the shot, so that it may stand anywhere; of every four numbers `fill` has used the first two.
    number = (window.start - picture.start) % 2**14
    generator = torch.Generator().manual_seed((shot.seed << 16) + (number << 2) + 3)
    noise = torch.randn(1, size, track["sound"].shape[1], generator=generator).to(video_LZ.device)
    # The clock begins with whichever comes first, a block or the window.
    late_s = max(0.0, -start_s)
    blocks = video_positions(last - first, *grid, start_s=start_s + late_s)
    streams = {
        "video": blank(torch.zeros_like(video_LZ)[None], blocks),
        "sound": blank(noise, sound_positions(size, start_s=late_s)),
    }
    state = State(streams={name: replace(s, positions=s.positions.to(noise.device)) for name, s in streams.items()})
    state = apply(Condition(kind="given", stream="video"), video_LZ[None], state)
    for start, stop in runs(track["done"][window.start : window.stop].tolist()):
        start_s, end_s = (late_s + number * SOUND_S for number in (start, stop))
        known = Condition(kind="given", stream="sound", start_s=start_s, end_s=end_s)
        state = apply(known, track["sound"][None, window.start : window.stop], state)
    return state
