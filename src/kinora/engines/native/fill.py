"""The shipped model fills a shot: window after window of noise, with all in force that is known by then.

Z latent channels, L tokens of a stream, N blocks, h w latent grid.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial

import numpy as np
import torch
from torch import Tensor

from kinora.engines.catalog import CATALOG, NATIVE
from kinora.engines.engine import Given, Progress, Told
from kinora.engines.native.given import Part, given_parts, made_parts, state_with
from kinora.engines.windows import Window, windows
from kinora.flow.grid import SOUND_PER_BLOCK, sound_positions, video_positions
from kinora.flow.guidance import GUIDE_ABOVE, guided
from kinora.flow.schedule import shifted
from kinora.flow.shortcut import LEAST_GUIDANCE, MOST_GUIDANCE
from kinora.flow.solve import Velocity, solve
from kinora.flow.state import State, blank
from kinora.models.denoise import jumps_of, velocity_of
from kinora.models.video_autoencoder import BLOCK_FRAMES, PATCH
from kinora.models.weights import Model
from kinora.request import Shot, StreamName

# Steps taken where none are asked for: by jumps, and by plain velocities.
JUMPS, STEPS = 4, 6
GUIDANCE = CATALOG[NATIVE].guidance
NO_MUSIC = ", no music"


@torch.no_grad()
def fill(shot: Shot, told: Told, given: Given, model: Model, progress: Progress | None = None) -> dict[str, Tensor]:
    """Return the latents of a shot by stream: video (N h w, Z), sound (16 N, Z); window after window, over what is
    free. Where there are blocks that no window shows, "shown" (N,) says which are.

    Raises ValueError for what is given and cannot be used.
    """
    cover = cover_of(shot, given, model)
    parts = given_parts(shot, given, model, cover)

    def around(window: Window) -> State:
        return window_state(shot, window, model, parts)

    for window, state in solved(cover, around, told, model, progress):
        parts = made_parts(parts, window, state)
    latents: dict[str, Tensor] = {name: part.x for name, part in parts.items()}
    shown = torch.zeros(shot.num_blocks, dtype=torch.bool)
    for window in cover:
        shown[window.start : window.stop] = True
    return latents if shown.all() else {**latents, "shown": shown}


@torch.no_grad()
def solved(
    cover: Sequence[Window],
    around: Callable[[Window], State],
    told: Told,
    model: Model,
    progress: Progress | None = None,
) -> Iterator[tuple[Window, State]]:
    """Yield windows one after another with what they became. `around` gives a window's noise with all in force that is
    known of it by then; it is asked when the window's turn comes."""
    times = shifted(num_steps(told, model))
    velocity, num = velocity_for(told, model, times, jumping=jumps(told, model)), len(times) - 1
    device = next(model.transformer.parameters()).device
    for number, window in enumerate(cover):
        watch = partial(_walked, progress or (lambda done, total: None), number * num, len(cover) * num)
        with torch.autocast(device.type, torch.bfloat16):
            state = solve(velocity, around(window), times, watch)
        yield window, state


def cover_of(shot: Shot, given: Given, model: Model) -> tuple[Window, ...]:
    """Return the windows in which a shot is filled."""
    return windows(shot.num_blocks, model.window_blocks, free_blocks(shot, given))


def free_blocks(shot: Shot, given: Given) -> list[bool]:
    """Return in which blocks something is to be made, in any stream."""
    free = ~np.reshape(given.known, (shot.num_blocks, BLOCK_FRAMES))
    if shot.sound:
        heard = given.heard or (False,) * (shot.num_blocks * SOUND_PER_BLOCK)
        free = np.concatenate([free, ~np.reshape(heard, (shot.num_blocks, SOUND_PER_BLOCK))], axis=1)
    return [bool(block.any()) for block in free]


def num_steps(told: Told, model: Model) -> int:
    """Return how many steps are taken: as many as are asked for, else few where the model has learned to jump, which it
    has for prompts only."""
    return told.steps or (JUMPS if JUMPS in model.few_steps and told.prompt.strip() else STEPS)


def guidance_of(told: Told) -> float:
    """Return how strictly the prompt is followed."""
    return GUIDANCE if told.guidance is None else told.guidance


def jumps(told: Told, model: Model) -> bool:
    """Return whether the model was taught this many steps and this much guidance: each step is one evaluation then."""
    taught = num_steps(told, model) in model.few_steps and LEAST_GUIDANCE <= guidance_of(told) <= MOST_GUIDANCE
    return taught and bool(told.prompt.strip())


def velocity_for(told: Told, model: Model, times: Tensor, *, jumping: bool) -> Velocity:
    """Return what is walked down along `times`: jumps, or velocities that a second evaluation guides."""
    prompt = told.prompt if told.music or not told.sound else told.prompt + NO_MUSIC
    if jumping:
        return jumps_of(model.transformer, model.text.encode([prompt]), times, guidance_of(told))
    towards, base = (velocity_of(model.transformer, model.text.encode([text])) for text in (prompt, ""))
    return guided(towards, base, guidance_of(told) if prompt else 1.0, above=GUIDE_ABOVE)


def _walked(progress: Progress, before: int, total: int, step: int, _: State) -> None:
    progress(before + step, total)


def window_state(shot: Shot, window: Window, model: Model, parts: Mapping[StreamName, Part]) -> State:
    """Return pure noise for a window, with what is known of it in force."""
    num_blocks, device = window.stop - window.start, next(model.transformer.parameters()).device
    positions = {
        "video": video_positions(num_blocks, shot.height // PATCH, shot.width // PATCH),
        "sound": sound_positions(num_blocks * SOUND_PER_BLOCK),
    }
    names = ("video", "sound") if shot.sound else ("video",)
    streams = {}
    for number, name in enumerate(names):
        generator = torch.Generator().manual_seed((shot.seed << 16) + (window.start << 2) + number)
        noise = torch.randn(1, len(positions[name]), model.transformer.config.channels[name], generator=generator)
        streams[name] = blank(noise.to(device), positions[name].to(device))
    return state_with(parts, window, State(streams=streams))
