"""One soundtrack over the cuts: sound runs on the story's time, and a shot's own goes on from what was heard before.

A shot's picture is made first, as if it stood alone. Then its sound is made to that picture, given the end of the sound
before it and, where a shot is made again, the beginning of the sound after it.

K latents of sound, 24 a second; Z latent channels; L tokens of a stream.
"""

from dataclasses import dataclass, replace

import torch
from torch import Tensor

from kinora.flow.apply import apply
from kinora.flow.grid import SOUND_S, sound_positions, video_positions
from kinora.flow.state import State, blank
from kinora.models.video_autoencoder import PATCH
from kinora.models.weights import Model
from kinora.request import Condition, Request, Shot
from kinora.tasks.render import Progress, solved
from kinora.tasks.story import SOUND_PER_BLOCK, runs
from kinora.tasks.windows import Window, windows

LATENTS_PER_FRAME = 2


@dataclass(frozen=True, kw_only=True)
class Heard:
    """The sound of a story as far as it is made: latents (K, Z), and which of them are."""

    sound_KZ: Tensor
    done: tuple[bool, ...]

    @classmethod
    def silent(cls, num_latents: int, model: Model) -> "Heard":
        """A story of which nothing is heard yet."""
        device = next(model.transformer.parameters()).device
        blank_KZ = torch.zeros(num_latents, model.transformer.config.channels["sound"], device=device)
        return cls(sound_KZ=blank_KZ, done=(False,) * num_latents)

    def with_sound(self, start: int, made_KZ: Tensor) -> "Heard":
        """The story with some more of its sound."""
        stop = start + len(made_KZ)
        sound_KZ = torch.cat([self.sound_KZ[:start], made_KZ, self.sound_KZ[stop:]])
        return replace(self, sound_KZ=sound_KZ, done=(*self.done[:start], *(True,) * len(made_KZ), *self.done[stop:]))


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A shot that is drawn: its tokens (L, Z), and the latents of the story's sound that belong to it."""

    shot: Shot
    video_LZ: Tensor
    start: int
    stop: int


def cover_of(heard: Heard, picture: Picture, model: Model) -> tuple[Window, ...]:
    """Return the windows, counted in latents of the story, in which a shot's sound is made: each as long as the
    model's, a third of it heard before, and as much after it where that is known."""
    end = picture.stop
    while end < len(heard.done) and heard.done[end]:
        end += 1
    free = [picture.start <= number < picture.stop for number in range(end)]
    return windows(end, model.window_blocks * SOUND_PER_BLOCK, free)


@torch.no_grad()
def scored(
    heard: Heard, picture: Picture, prompt: str, request: Request, model: Model, progress: Progress | None = None
) -> Heard:
    """Return the story with the sound of one shot made to its picture, going on from what is heard around it."""

    def around(window: Window) -> State:
        return _state(heard, picture, window, model)

    for window, state in solved(cover_of(heard, picture, model), around, prompt, request, model, progress):
        start, stop = window.start + window.given, min(window.stop, picture.stop)
        made_KZ = state.streams["sound"].x[0, window.given : stop - window.start]
        heard = heard.with_sound(start, made_KZ)
    return heard


def _state(heard: Heard, picture: Picture, window: Window, model: Model) -> State:
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
    noise = torch.randn(1, size, heard.sound_KZ.shape[1], generator=generator).to(video_LZ.device)
    # The clock begins with whichever comes first, a block or the window.
    late_s = max(0.0, -start_s)
    blocks = video_positions(last - first, *grid, start_s=start_s + late_s)
    streams = {
        "video": blank(torch.zeros_like(video_LZ)[None], blocks),
        "sound": blank(noise, sound_positions(size, start_s=late_s)),
    }
    state = State(streams={name: replace(s, positions=s.positions.to(noise.device)) for name, s in streams.items()})
    state = apply(Condition(kind="given", stream="video"), video_LZ[None], state)
    for start, stop in runs(heard.done[window.start : window.stop]):
        start_s, end_s = (late_s + number * SOUND_S for number in (start, stop))
        known = Condition(kind="given", stream="sound", start_s=start_s, end_s=end_s)
        state = apply(known, heard.sound_KZ[None, window.start : window.stop], state)
    return state
