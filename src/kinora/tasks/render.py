"""The one path from a request to a signed file: read, plan, fill, decode, release.

`render` yields named stages with their results, so that the command line runs them in a row, a worker can save
each and start again after the last, and a benchmark can time each.

Z latent channels, L tokens of a stream, N blocks, h w latent grid.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
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
from kinora.flow.grid import sound_positions, video_positions
from kinora.flow.guidance import GUIDE_ABOVE, guided
from kinora.flow.schedule import shifted
from kinora.flow.shortcut import LEAST_GUIDANCE, MOST_GUIDANCE
from kinora.flow.solve import Velocity, solve
from kinora.flow.state import State, blank
from kinora.media.clip import Clip, Frames
from kinora.media.geometry import drawn_size
from kinora.media.scale import fitted
from kinora.models.denoise import jumps_of, velocity_of
from kinora.models.pixels import pixels_of
from kinora.models.sound_autoencoder import SAMPLE_RATE_HZ
from kinora.models.text import split_words
from kinora.models.video_autoencoder import BLOCK_FRAMES, PATCH, unfold_blocks
from kinora.models.weights import Model
from kinora.provenance.credentials import prompt_sha256
from kinora.provenance.release import STANDARD, Quality, Record, release
from kinora.request import LONGEST, Request, Shot, StreamName, parse_size
from kinora.tasks.generate import first_drawn, num_drawn, num_frames, plan
from kinora.tasks.given import Part, given_parts, made_parts, state_with
from kinora.tasks.paste import heard_sound, laid_over, pasted_frames, sights_of, wanted_frames
from kinora.tasks.reading import Reading, read_prompt
from kinora.tasks.sources import Sources
from kinora.tasks.splice import Splice, spliced
from kinora.tasks.story import SOUND_PER_BLOCK, Sight, free_blocks
from kinora.tasks.windows import Window, windows

# Steps taken where none are asked for: by jumps, and by plain velocities.
JUMPS, STEPS = 4, 6
NO_MUSIC = ", no music"
# What is scaled up has no fine detail: this is as good and as small (docs/LOG.md), in under half the time.
SCALED = Quality(preset="veryfast")

Latents = Mapping[str, Tensor]
Progress = Callable[[int, int], None]


@dataclass(frozen=True, kw_only=True)
class Stage:
    """A finished stage, what it made, and what is to be said of it, "" for nothing."""

    name: str
    result: Any
    said: str = ""


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
    # Its packets as far as they can be kept, and a line where they could not.
    splice = spliced(finished(latents, request, model), request, sights_of(request), quality_of(request))
    files = [condition.file for condition in request.conditions if condition.file]
    released(splice, path, record, source=Path(files[0]) if files else None)
    yield Stage(name="release", result=path, said=splice.why)


def released(splice: Splice, path: Path, record: Record, *, source: Path | None = None) -> None:
    """Write a file from what was made and what is copied beside it."""
    release(splice.clip, path, record, source=source, quality=splice.quality, copied=splice.copied)


def quality_of(request: Request) -> Quality:
    """Return how a file is compressed: quickly where most of its pixels were only scaled."""
    return SCALED if scaled_from(request) else STANDARD


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
        "native_fps": request.drawn_fps,
    }


def scaled_from(request: Request) -> str | None:
    """Return the size, as in "256x144", at which a file is drawn that is scaled or cut to the one asked for."""
    asked = parse_size(request.size)
    height, width = drawn_size(*asked)
    return None if (height, width) == asked else f"{width}x{height}"


def read(request: Request, model: Model) -> Reading:
    """Return the prompt in the words the model knows, as many as it can read; a scene of its own where it knows none.
    Raises ValueError when the request is strict and any of that had to be done."""
    if not request.prompt.strip():
        return Reading(prompt="", replaced=())
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
    """Return the latents of a shot by stream: video (N h w, Z), sound (16 N, Z); window after window, over what is
    free. Blocks that no window shows stay zero. Raises ValueError for what is given and cannot be used."""
    cover = cover_of(request, shot, model)
    parts = given_parts(request, shot, model, cover)

    def around(window: Window) -> State:
        return window_state(shot, window, model, parts)

    for window, state in solved(cover, around, prompt, request, model, progress):
        parts = made_parts(parts, window, state)
    return {name: part.x for name, part in parts.items()}


@torch.no_grad()
def solved(
    cover: Sequence[Window],
    around: Callable[[Window], State],
    prompt: str,
    request: Request,
    model: Model,
    progress: Progress | None = None,
) -> Iterator[tuple[Window, State]]:
    """Yield windows one after another with what they became. `around` gives a window's noise with all in force that is
    known of it by then; it is asked when the window's turn comes."""
    told = prompt if request.music or not request.sound else prompt + NO_MUSIC
    times = shifted(num_steps(request, model))
    velocity, num = velocity_for(told, request, model, times, jumping=jumps(request, model)), len(times) - 1
    device = next(model.transformer.parameters()).device
    for number, window in enumerate(cover):
        watch = partial(_walked, progress or (lambda done, total: None), number * num, len(cover) * num)
        with torch.autocast(device.type, torch.bfloat16):
            state = solve(velocity, around(window), times, watch)
        yield window, state


def cover_of(request: Request, shot: Shot, model: Model) -> tuple[Window, ...]:
    """Return the windows in which a shot is filled."""
    return windows(shot.num_blocks, model.window_blocks, free_blocks(request, shot))


def num_steps(request: Request, model: Model) -> int:
    """Return how many steps a request takes: as many as it says, else few where the model has learned to jump, which it
    has for prompts only."""
    return request.steps or (JUMPS if JUMPS in model.few_steps and request.prompt.strip() else STEPS)


def jumps(request: Request, model: Model) -> bool:
    """Return whether the model was taught this many steps and this much guidance: each step is one evaluation then."""
    taught = num_steps(request, model) in model.few_steps and LEAST_GUIDANCE <= request.guidance <= MOST_GUIDANCE
    return taught and bool(request.prompt.strip())


def velocity_for(prompt: str, request: Request, model: Model, times: Tensor, *, jumping: bool) -> Velocity:
    """Return what is walked down along `times`: jumps, or velocities that a second evaluation guides."""
    if jumping:
        return jumps_of(model.transformer, model.text.encode([prompt]), times, request.guidance)
    towards, base = (velocity_of(model.transformer, model.text.encode([text])) for text in (prompt, ""))
    return guided(towards, base, request.guidance if prompt else 1.0, above=GUIDE_ABOVE)


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
    size = round(height * smaller), round(width * smaller)
    rate, count, shown = Fraction(request.fps), num_frames(request), sights_of(request)
    clip = decoded(latents, shot, model, first_drawn(request) + num_drawn(request))
    if any(shown):
        wanted = {number // BLOCK_FRAMES for number in wanted_frames(request, shown)}
        blocks = partial(_known_blocks, latents["video"], shot, model, wanted, cover_of(request, shot, model))
        frames = partial(_pasted, request, blocks, shown, size)
        clip = replace(clip, num_frames=count, height=size[0], width=size[1], fps=rate, frames=frames)
    else:
        clip = fitted(clip, height=size[0], width=size[1], fps=rate, num_frames=count)
    return _with_given_sound(clip, request) if request.sound else clip


def _with_given_sound(clip: Clip, request: Request) -> Clip:
    """Return a finished clip with the sound that is given in its place, or under what was made."""
    sources = Sources()
    heard, under = sources.heard(request), sources.under(request)
    if under is not None and clip.sound is not None:
        return replace(clip, sound=laid_over(clip.sound, under), sample_rate_hz=under.sample_rate_hz)
    if heard is None:
        return clip
    begin, count = (round(seconds * heard.sample_rate_hz) for seconds in (request.begin_s, clip.duration_s))
    sound = heard_sound(clip.sound, heard, slice(begin, begin + count))
    return replace(clip, sound=sound, sample_rate_hz=heard.sample_rate_hz)


def decoded(latents: Latents, shot: Shot, model: Model, frames: int) -> Clip:
    """Return a clip that decodes block by block as it is read, so that memory does not grow with its length."""
    sound = None
    if "sound" in latents:
        with torch.no_grad():
            on_device = latents["sound"].to(next(model.sound.parameters()).device)
            wave = model.sound.decode_in_pieces(on_device.float().T[None])[0]
        samples = round(frames / shot.fps * SAMPLE_RATE_HZ)
        sound = wave[None, :samples].clamp(-1, 1).cpu().numpy().astype(np.float32)
    return Clip(
        num_frames=frames,
        height=shot.height,
        width=shot.width,
        fps=Fraction(shot.fps),
        frames=lambda: _blocks(latents["video"], shot, model, frames),
        sound=sound,
        sample_rate_hz=SAMPLE_RATE_HZ,
    )


def _blocks(video: Tensor, shot: Shot, model: Model, frames: int) -> Iterator[Frames]:
    """Yield the blocks of the first so many frames."""
    before = None
    for number in range(-(-frames // BLOCK_FRAMES)):
        latent = _latent(video, shot, model, number)
        yield _decoded_block(latent, before, model)[: frames - number * BLOCK_FRAMES]
        before = latent


def _known_blocks(
    video: Tensor, shot: Shot, model: Model, wanted: Collection[int], cover: Sequence[Window]
) -> Iterator[Frames | None]:
    """Yield all blocks, None for those that are not wanted or that no window shows."""
    seen = {block for window in cover for block in range(window.start, window.stop)}
    for number in range(shot.num_blocks):
        if number not in wanted or number not in seen:
            yield None
            continue
        before = _latent(video, shot, model, number - 1) if number - 1 in seen else None
        yield _decoded_block(_latent(video, shot, model, number), before, model)


def _pasted(
    request: Request,
    blocks: Callable[[], Iterator[Frames | None]],
    shown: Sequence[Sight | None],
    size: tuple[int, int],
) -> Iterator[Frames]:
    made = (frame for block in blocks() for frame in ([None] * BLOCK_FRAMES if block is None else block))
    return pasted_frames(request, made, shown, size)


def _latent(video: Tensor, shot: Shot, model: Model, number: int) -> Tensor:
    """Return one block's latents (1, Z, h, w)."""
    grid, device = (shot.height // PATCH, shot.width // PATCH), next(model.video.parameters()).device
    tokens = video[number * grid[0] * grid[1] : (number + 1) * grid[0] * grid[1]]
    return tokens.to(device).T.unflatten(1, grid)[None].float().contiguous(memory_format=torch.channels_last)


def _decoded_block(latent: Tensor, before: Tensor | None, model: Model) -> Frames:
    """Return a block's frames (8, H, W, 3), given the latents of the one before it."""
    with torch.no_grad(), torch.autocast(latent.device.type, torch.bfloat16):
        block = model.video.decoder(latent, before)
    return pixels_of(unfold_blocks(block.float(), 1)[0].permute(1, 2, 3, 0)).cpu().numpy()
