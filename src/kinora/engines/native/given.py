"""What is given, as tokens: known frames and known sound go through the autoencoders.

A block of which every frame is known is given; one of which some are is hinted at; sound is given latent by latent.
What is not known is never looked at.

Z latent channels, L tokens of a stream, N blocks, K latents of sound, h w latent grid.
"""

import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from kinora.engines.engine import Given
from kinora.engines.windows import Window, runs
from kinora.flow.apply import apply
from kinora.flow.grid import BLOCK_S, SOUND_PER_BLOCK, SOUND_S
from kinora.flow.state import State
from kinora.media.clip import Frames
from kinora.models.holes import held, hint_of
from kinora.models.pixels import pixels_of
from kinora.models.video_autoencoder import BLOCK_FRAMES, PATCH
from kinora.models.weights import Model
from kinora.request import Condition, Shot, StreamName

LEAST_DB = 24.0
"""A source that comes back from the autoencoder with a lower signal to noise ratio is not of this world."""

MOST_CHECKED = 6
"""Blocks of a request that are held against their round trip."""

STEP_S = {"video": BLOCK_S, "sound": SOUND_S}


@dataclass(frozen=True, kw_only=True)
class Part:
    """One stream of a story as far as it is known: latents x (L, Z); which units are done, blocks (N,) or latents of
    sound (K,); and a hint (L, Z + 8) where single frames are known, of the `hinted` units."""

    x: Tensor
    done: tuple[bool, ...]
    hint: Tensor | None = None
    hinted: tuple[bool, ...] = ()

    @property
    def tokens(self) -> int:
        """Tokens of one unit."""
        return len(self.x) // len(self.done)


Parts = dict[StreamName, Part]


def blank_parts(shot: Shot, model: Model) -> Parts:
    """Return the streams of a shot of which nothing is known."""
    area = (shot.height // PATCH) * (shot.width // PATCH)
    units: dict[StreamName, tuple[int, int]] = {"video": (shot.num_blocks, area)}
    if shot.sound:
        units["sound"] = (shot.num_blocks * SOUND_PER_BLOCK, 1)
    channels, device = model.transformer.config.channels, next(model.transformer.parameters()).device
    return {
        name: Part(x=torch.zeros(count * tokens, channels[name], device=device), done=(False,) * count)
        for name, (count, tokens) in units.items()
    }


@torch.no_grad()
def given_parts(shot: Shot, given: Given, model: Model, cover: Sequence[Window]) -> Parts:
    """Return the streams of a shot with what is given, encoded as far as the windows show it.

    Raises ValueError where a file is drawn unlike the model's world and that is not to be taken.
    """
    parts = blank_parts(shot, model)
    if any(given.known):
        needed = {block for window in cover for block in range(window.start, window.stop)}
        blocks = _known_blocks(shot, given, needed)
        parts["video"] = _given_video(parts["video"], blocks, model, given.loose)
    if shot.sound and given.wave is not None:
        device = parts["sound"].x.device
        latents_KZ = model.sound.encode(torch.from_numpy(given.wave).to(device))[0].T
        mask = torch.tensor(given.heard, device=device)[:, None]
        parts["sound"] = replace(parts["sound"], x=latents_KZ.where(mask, 0.0), done=given.heard)
    return parts


def state_with(parts: Mapping[StreamName, Part], window: Window, state: State) -> State:
    """Return a window's state with all in force that is known of it: hints, then what is given, by `flow.apply`."""
    for name, part in parts.items():
        per_block = len(part.done) // len(parts["video"].done)
        units = slice(window.start * per_block, window.stop * per_block)
        tokens = slice(units.start * part.tokens, units.stop * part.tokens)
        if part.hint is not None:
            open_ = [hinted and not done for hinted, done in zip(part.hinted[units], part.done[units], strict=True)]
            for condition in _spans("hint", name, open_):
                state = apply(condition, part.hint[tokens][None], state)
        for condition in _spans("given", name, part.done[units]):
            state = apply(condition, part.x[tokens][None], state)
    return state


def made_parts(parts: Mapping[StreamName, Part], window: Window, state: State) -> Parts:
    """Return the streams with what a window's solved state adds; all of the window is done then."""
    made = dict(parts)
    for name, part in parts.items():
        per_block = len(part.done) // len(parts["video"].done)
        start, stop = window.start * per_block, window.stop * per_block
        x = part.x.clone()
        x[start * part.tokens : stop * part.tokens] = state.streams[name].x[0]
        done = (*part.done[:start], *(True,) * (stop - start), *part.done[stop:])
        made[name] = replace(part, x=x, done=done)
    return made


def _spans(kind: str, stream: StreamName, holds: Sequence[bool]) -> list[Condition]:
    """The runs of units in which something holds, as conditions on the window's clock."""
    step_s = STEP_S[stream]
    return [
        Condition(kind=kind, stream=stream, start_s=start * step_s, end_s=stop * step_s)  # type: ignore[arg-type]
        for start, stop in runs(holds)
    ]


@dataclass(frozen=True, kw_only=True)
class KnownBlock:
    """The eight drawn frames of a block (8, H, W, 3), which of them are known, and the file of the first that is. The
    others are black."""

    number: int
    frames_THW3: Frames
    known_T: NDArray[np.bool_]
    file: str


def _known_blocks(shot: Shot, given: Given, needed: Collection[int]) -> Iterator[KnownBlock]:
    """Yield the blocks that are needed and of which something is known, one at a time."""
    frames = given.frames({number for number in range(shot.num_frames) if number // BLOCK_FRAMES in needed})
    nothing = np.zeros((shot.height, shot.width, 3), np.uint8)
    for number in range(shot.num_blocks):
        shown = list(islice(frames, BLOCK_FRAMES))
        files = [file for file in given.files[number * BLOCK_FRAMES : (number + 1) * BLOCK_FRAMES] if file]
        if number in needed and files:
            yield KnownBlock(
                number=number,
                frames_THW3=np.stack([nothing if frame is None else frame for frame in shown]),
                known_T=np.array([frame is not None for frame in shown]),
                file=files[0],
            )


def _given_video(blank: Part, blocks: Iterable[KnownBlock], model: Model, loose: bool) -> Part:
    """Return the picture with its known blocks: whole ones given, others hinted at."""
    x, area, device = blank.x, blank.tokens, blank.x.device
    hint = torch.zeros(len(x), x.shape[1] + BLOCK_FRAMES, device=device)
    done, hinted, check = [False] * len(blank.done), [False] * len(blank.done), RoundTrip(model)
    for block in blocks:
        told = hint_of(model.video, block.frames_THW3, block.known_T).to(device)
        tokens = slice(block.number * area, (block.number + 1) * area)
        if block.known_T.all():
            x[tokens], done[block.number] = told[:, : x.shape[1]], True
        else:
            hint[tokens], hinted[block.number] = told, True
        if not loose:
            check.add(block, told[:, : x.shape[1]])
    check.finish()
    return replace(blank, x=x, done=tuple(done), hint=hint if any(hinted) else None, hinted=tuple(hinted))


class UnlikeWorldError(ValueError):
    """A file that the model can't read: too little is left of it after the autoencoder."""

    def __init__(self, name: str, ratio_db: float) -> None:
        super().__init__(
            f"{name} is drawn unlike this world ({ratio_db:.1f} dB are left of it, and {LEAST_DB:g} are needed); give "
            "what Kinora made, take open weights (--engine wan2.2-5b to begin from a picture, --engine vace-1.3b for "
            "all else), or say --loose to go on all the same"
        )
        self.name = name


class RoundTrip:
    """Holds blocks of each file against what the autoencoder leaves of them."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._errors: dict[str, list[float]] = defaultdict(list)

    def add(self, block: KnownBlock, latent_LZ: Tensor) -> None:
        """Take a block with its latents into account, unless its file was looked at often enough."""
        if len(self._errors[block.file]) >= MOST_CHECKED:
            return
        height, width = (side // PATCH for side in block.frames_THW3.shape[1:3])
        latent = latent_LZ.T.unflatten(1, (height, width))[None, :, None].float()
        back = pixels_of(self._model.video.decode(latent))[0].permute(1, 2, 3, 0).cpu().numpy()
        shown = held(block.frames_THW3, block.known_T)
        self._errors[block.file].append(float(np.square(back.astype(float) - shown)[block.known_T].mean()))

    def finish(self) -> None:
        """Raise ValueError, with the figure and the remedy, for a file that does not come back well enough."""
        for file, errors in self._errors.items():
            ratio_db = 10 * math.log10(255**2 / max(sum(errors) / len(errors), 1e-9))
            if ratio_db < LEAST_DB:
                raise UnlikeWorldError(Path(file).name, ratio_db)
