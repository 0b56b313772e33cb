"""The one path from a request to a signed file: read, plan, fill, decode, release.

`render` yields named stages with their results, so that the command line runs them in a row, a worker can save
each and start again after the last, and a benchmark can time each.

Z latent channels, L tokens of a stream, N blocks, h w latent grid.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor

from kinora import policy
from kinora.flow.apply import apply
from kinora.flow.grid import BLOCK_S, sound_positions, video_positions
from kinora.flow.guidance import GUIDE_ABOVE, guided
from kinora.flow.schedule import shifted
from kinora.flow.shortcut import LEAST_GUIDANCE, MOST_GUIDANCE
from kinora.flow.solve import Velocity, solve
from kinora.flow.state import State, blank
from kinora.media.clip import Clip
from kinora.media.geometry import drawn_size
from kinora.media.scale import fitted
from kinora.models.denoise import jumps_of, velocity_of
from kinora.models.pixels import pixels_of
from kinora.models.sound_autoencoder import SAMPLE_RATE_HZ
from kinora.models.text import split_words
from kinora.models.video_autoencoder import BLOCK_FRAMES, PATCH, unfold_blocks
from kinora.models.weights import Model
from kinora.provenance.credentials import prompt_sha256
from kinora.provenance.release import Quality, Record, release
from kinora.request import LONGEST, Condition, Request, Shot, parse_size
from kinora.tasks.generate import FPS, num_drawn, num_frames, plan
from kinora.tasks.reading import Reading, read_prompt
from kinora.tasks.windows import Window, windows

SOUND_PER_BLOCK = 16
# Steps taken where none are asked for: by jumps, and by plain velocities.
JUMPS, STEPS = 4, 6
NO_MUSIC = ", no music"
# What is scaled up has no fine detail: this is as good and as small (docs/LOG.md), in under half the time.
SCALED = Quality(preset="veryfast")

Latents = Mapping[str, Tensor]
Progress = Callable[[int, int], None]


@dataclass(frozen=True, kw_only=True)
class Stage:
    """A finished stage and what it made."""

    name: str
    result: Any


def render(
    request: Request,
    model: Model,
    path: Path,
    seed: int,
    *,
    saved: Mapping[str, Any] | None = None,
    progress: Progress | None = None,
) -> Iterator[Stage]:
    """Make a file. Stages are "read" (a `Reading`), "fill" (latents by stream) and "release" (the path); those in
    `saved` are not repeated.

    `progress` is called with solver steps done and to do. Raises ValueError for a bad request, before any work.
    """
    saved = saved or {}
    policy.check(request.prompt)
    reading = saved.get("read") or read(request, model)
    yield Stage(name="read", result=reading)
    (shot,) = plan(request, seed)
    latents = saved.get("fill")
    if latents is None:
        latents = fill(shot, reading.prompt, request, model, progress)
    yield Stage(name="fill", result=latents)
    record = Record(
        prompt_sha256=prompt_sha256(request.prompt), model=model.name, model_version=model.version, seed=seed
    )
    quality = SCALED if scaled_from(request) else Quality()
    yield Stage(name="release", result=release(finished(latents, request, model), path, record, quality=quality))


def notes_of(request: Request, model: Model, reading: Reading) -> dict[str, Any]:
    """Return what a caller should know of a file, as JSON facts: who drew it, and what became of the prompt and the
    picture on the way."""
    return {
        "engine": "storybook",
        "model": model.name,
        "model_version": model.version,
        "seed": request.seed,
        "replaced": [[was, now] for was, now in reading.replaced if now],
        "left_out": [was for was, now in reading.replaced if not now],
        "dropped_words": reading.num_dropped,
        "drawn_instead": reading.prompt if reading.instead else None,
        "scaled_from": scaled_from(request),
        "native_fps": FPS,
    }


def scaled_from(request: Request) -> str | None:
    """Return the size, as in "256x144", at which a file is drawn that is scaled or cut to the one asked for."""
    asked = parse_size(request.size)
    height, width = drawn_size(*asked)
    return None if (height, width) == asked else f"{width}x{height}"


def read(request: Request, model: Model) -> Reading:
    """Return the prompt in the words the model knows, as many as it can read; a scene of its own where it knows none.
    Raises ValueError when the request is strict and any of that had to be done."""
    reach = model.text.config.max_words - len(split_words(NO_MUSIC))
    reading = read_prompt(request.prompt, model.vocabulary, most_tokens=reach)
    if request.strict and reading.line:
        raise ValueError(
            f"outside the drawn world: {reading.line}; `kinora describe` lists what it knows, or leave --strict away"
        )
    return reading


@torch.no_grad()
def fill(
    shot: Shot, prompt: str, request: Request, model: Model, progress: Progress | None = None
) -> dict[str, Tensor]:
    """Return the latents of a shot by stream: video (N h w, Z), sound (16 N, Z); window after window."""
    prompt = prompt if request.music or not request.sound else prompt + NO_MUSIC
    times, cover = shifted(num_steps(request, model)), windows(shot.num_blocks, model.window_blocks)
    velocity, num = velocity_for(prompt, request, model, times, jumping=jumps(request, model)), len(times) - 1
    device, made = next(model.transformer.parameters()).device, dict[str, Tensor]()
    for number, window in enumerate(cover):
        state = window_state(shot, window, model, made)
        watch = partial(_walked, progress or (lambda done, total: None), number * num, len(cover) * num)
        with torch.autocast(device.type, torch.bfloat16):
            state = solve(velocity, state, times, watch)
        for name, x in state.xs.items():
            unit = _tokens_per_block(shot, name)
            fresh = x[0, window.given * unit :]
            made[name] = fresh if name not in made else torch.cat([made[name], fresh])
    return made


def num_steps(request: Request, model: Model) -> int:
    """Return how many steps a request takes: as many as it says, else few where the model has learned to jump."""
    return request.steps or (JUMPS if JUMPS in model.few_steps else STEPS)


def jumps(request: Request, model: Model) -> bool:
    """Return whether the model was taught this many steps and this much guidance: each step is one evaluation then."""
    return num_steps(request, model) in model.few_steps and LEAST_GUIDANCE <= request.guidance <= MOST_GUIDANCE


def velocity_for(prompt: str, request: Request, model: Model, times: Tensor, *, jumping: bool) -> Velocity:
    """Return what is walked down along `times`: jumps, or velocities that a second evaluation guides."""
    if jumping:
        return jumps_of(model.transformer, model.text.encode([prompt]), times, request.guidance)
    towards, base = (velocity_of(model.transformer, model.text.encode([text])) for text in (prompt, ""))
    return guided(towards, base, request.guidance, above=GUIDE_ABOVE)


def _walked(progress: Progress, before: int, total: int, step: int, _: State) -> None:
    progress(before + step, total)


def window_state(shot: Shot, window: Window, model: Model, made: Latents) -> State:
    """Return pure noise for a window, with the overlap given from what is made already."""
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
    state = State(streams=streams)
    for name in names if window.given else ():
        unit = _tokens_per_block(shot, name)
        given = torch.zeros_like(state.streams[name].x)
        given[0, : window.given * unit] = made[name][window.start * unit :]
        prefix = Condition(kind="given", stream=name, start_s=0.0, end_s=window.given * BLOCK_S)  # type: ignore[arg-type]
        state = apply(prefix, given, state)
    return state


def pack_latents(latents: Latents) -> bytes:
    """Return latents as the bytes of a safetensors file."""
    return save({name: x.detach().cpu().contiguous() for name, x in latents.items()})


def unpack_latents(data: bytes) -> dict[str, Tensor]:
    """Return what `pack_latents` packed, bit for bit. Raises ValueError where the bytes are torn."""
    try:
        return load(data)
    except SafetensorError as error:
        raise ValueError("the saved latents are torn: fill again") from error


def finished(latents: Latents, request: Request, model: Model, *, longest: int = LONGEST) -> Clip:
    """Return the clip as the file shows it: the pixels, the rate and the seconds asked for; block by block.

    A `longest` side makes a smaller one of the same shape, for pictures of it.
    """
    (shot,) = plan(request, seed=0)
    height, width = parse_size(request.size)
    smaller = min(1, longest / max(height, width))
    return fitted(
        decoded(latents, shot, model, num_drawn(request)),
        height=round(height * smaller),
        width=round(width * smaller),
        fps=Fraction(request.fps),
        num_frames=num_frames(request),
    )


def _tokens_per_block(shot: Shot, stream: str) -> int:
    return (shot.height // PATCH) * (shot.width // PATCH) if stream == "video" else SOUND_PER_BLOCK


def decoded(latents: Latents, shot: Shot, model: Model, frames: int) -> Clip:
    """Return a clip that decodes block by block as it is read, so that memory does not grow with its length."""
    sound = None
    if "sound" in latents:
        with torch.no_grad():
            wave = model.sound.decode(latents["sound"].to(next(model.sound.parameters()).device).float().T[None])[0]
        samples = round(frames / FPS * SAMPLE_RATE_HZ)
        sound = wave[None, :samples].clamp(-1, 1).cpu().numpy().astype(np.float32)
    return Clip(
        num_frames=frames,
        height=shot.height,
        width=shot.width,
        fps=Fraction(FPS),
        frames=lambda: _blocks(latents["video"], shot, model, frames),
        sound=sound,
        sample_rate_hz=SAMPLE_RATE_HZ,
    )


def _blocks(video: Tensor, shot: Shot, model: Model, frames: int) -> Iterator[np.ndarray]:
    before, device = None, next(model.video.parameters()).device
    grid = (shot.height // PATCH, shot.width // PATCH)
    for number, tokens in enumerate(video.split(grid[0] * grid[1])):
        latent = tokens.to(device).T.unflatten(1, grid)[None].float().contiguous(memory_format=torch.channels_last)
        with torch.no_grad(), torch.autocast(latent.device.type, torch.bfloat16):
            block = model.video.decoder(latent, before)
        rgb_THW3 = unfold_blocks(block.float(), 1)[0].permute(1, 2, 3, 0)
        left = frames - number * BLOCK_FRAMES
        yield pixels_of(rgb_THW3[:left]).cpu().numpy()
        before = latent
