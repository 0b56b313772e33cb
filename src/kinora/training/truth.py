"""What is true of every token, for the auxiliary head and the foreground weight.

A video token's truth is uint8 (6,): kind from 1, colour from 1, part from 1, share of its frames in the foreground
(0 to 255), and its actor's velocity x and y in pixels a frame times 8, offset by 128. 0 means background. L
tokens, frame-major.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from kinora.models.sound_autoencoder import LATENTS_PER_SECOND
from kinora.models.video_autoencoder import BLOCK_FRAMES, PATCH
from kinora.storybook.scene import Event
from kinora.storybook.vocabulary import COLOUR_NAMES, EFFECTS, EVENT_SOUNDS, KIND_NAMES, KINDS

if TYPE_CHECKING:
    # The trainer reads truth where no renderer is installed.
    from kinora.storybook.film import Film

NUM_PARTS = 5
HEARD = ("", *EFFECTS, *EVENT_SOUNDS)
SHRINK = 4
CELL = PATCH // SHRINK
STILL_VELOCITY = 128


def token_truth(film: "Film", times: Sequence[float], *, moving: bool) -> Tensor:
    """Return the truth of a film's tokens over whole blocks, uint8 (L, 6)."""
    blocks = [times[i : i + BLOCK_FRAMES] for i in range(0, len(times), BLOCK_FRAMES)]
    return torch.from_numpy(np.concatenate([_block_truth(film, block, moving=moving) for block in blocks]))


def _block_truth(film: "Film", times: Sequence[float], *, moving: bool) -> np.ndarray:
    middle = film.mask(times[BLOCK_FRAMES // 2], shrink=SHRINK)
    covered = [middle > 0]
    if moving:
        covered += [film.mask(times[i], shrink=SHRINK) > 0 for i in (0, BLOCK_FRAMES - 1)]
    cells = _cells(middle)
    label = cells.max(axis=-1)
    table = _track_table(film, times, moving=moving)
    truth = table[label // 4]
    truth[:, 2] = np.where(label > 0, label % 4 + 1, 0)
    truth[:, 3] = np.round(255 * _cells(np.mean(covered, axis=0)).mean(axis=-1))
    return truth


def _cells(plane: np.ndarray) -> np.ndarray:
    """Return (L, 16): the shrunken pixels of every token."""
    height, width = plane.shape
    grid = plane.reshape(height // CELL, CELL, width // CELL, CELL)
    return grid.transpose(0, 2, 1, 3).reshape(-1, CELL * CELL)


def _track_table(film: "Film", times: Sequence[float], *, moving: bool) -> np.ndarray:
    from kinora.storybook.film import MAX_TRACKS, SIGN_MASK

    table = np.zeros((SIGN_MASK + 1, 6), np.uint8)
    table[:, 4:] = STILL_VELOCITY
    for number, track in enumerate(film.tracks[:MAX_TRACKS], start=1):
        kind = track.who.kind if track.who.kind in KINDS else ""
        table[number, 0] = KIND_NAMES.index(kind)
        table[number, 1] = COLOUR_NAMES.index(track.who.colour)
        if moving:
            table[number, 4:] = _velocity(film, number - 1, times)
    return table


def _velocity(film: "Film", number: int, times: Sequence[float]) -> tuple[int, int]:
    ends = []
    for t in (times[0], times[-1]):
        placement = film.tracks[number].placement(t)
        ends.append(film.view(t).to_pixels((placement.x_m, placement.y_m), film.height))
    frames = len(times) - 1
    x, y = ((b - a) / frames * 8 + STILL_VELOCITY for a, b in zip(*ends, strict=True))
    return int(np.clip(x, 0, 255)), int(np.clip(y, 0, 255))


def sound_truth(events: Sequence[Event], duration_s: float) -> Tensor:
    """Return what sets in at every sound latent, uint8 (L,): a number of `HEARD`, 0 for nothing."""
    truth = torch.zeros(round(duration_s * LATENTS_PER_SECOND), dtype=torch.uint8)
    for event in events:
        at = int(event.time_s * LATENTS_PER_SECOND)
        if event.kind in HEARD and at < len(truth):
            truth[at] = HEARD.index(event.kind)
    return truth


class TruthHead(nn.Module):
    """Reads truth off the transformer's tokens a third of the way up; dropped when the model ships."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.sizes = (len(KIND_NAMES), len(COLOUR_NAMES), NUM_PARTS)
        self.video = nn.Linear(width, sum(self.sizes) + 2)
        self.sound = nn.Linear(width, len(HEARD))

    def video_loss(self, x_BLD: Tensor, truth_BL6: Tensor) -> Tensor:
        """Return cross-entropy of kind, colour and part, plus the velocity error in the foreground."""
        *logits, motion = self.video(x_BLD).float().split([*self.sizes, 2], dim=-1)
        losses = [
            functional.cross_entropy(logit.flatten(0, 1), truth_BL6[..., i].long().flatten())
            for i, logit in enumerate(logits)
        ]
        moving = (truth_BL6[..., 4:].float() - STILL_VELOCITY) / 32
        front = (truth_BL6[..., :1] > 0).float()
        losses.append(((motion - moving).square() * front).sum() / front.sum().clamp(min=1))
        return torch.stack(losses).sum()

    def sound_loss(self, x_BLD: Tensor, heard_BL: Tensor) -> Tensor:
        """Return cross-entropy of what sets in where."""
        return functional.cross_entropy(self.sound(x_BLD).float().flatten(0, 1), heard_BL.long().flatten())


def foreground_weight(truth_BL6: Tensor, more: float) -> Tensor:
    """Return the loss weight (B, L) of video tokens: 1, and so much more in the foreground."""
    return 1 + more * is_foreground(truth_BL6).float()


def is_foreground(truth_BL6: Tensor) -> Tensor:
    """Return where at least a twentieth of a token's pixels shows a subject."""
    return truth_BL6[..., 3] > 12
