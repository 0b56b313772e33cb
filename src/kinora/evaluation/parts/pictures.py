"""How much of a picture is left after the video autoencoder, everywhere and inside the boxes of subjects.

T frames, H W pixels.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from kinora.evaluation.figures import Figure, mean, psnr, ratio
from kinora.evaluation.subject import SEED
from kinora.models.video_autoencoder import BLOCK_FRAMES
from kinora.storybook.film import Film, track_label
from kinora.storybook.sample import draw_scene

HEIGHT, WIDTH, FPS = 144, 256, 12
NUM_FRAMES = 2 * BLOCK_FRAMES
CLIP_S = 4.0

Through = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True, kw_only=True)
class Sample:
    """Frames uint8 (T, H, W, 3) and where subjects are: boxes as bool (T, H, W)."""

    frames: np.ndarray
    boxed: np.ndarray


def clip_times(index: int, duration_s: float = CLIP_S) -> list[float]:
    """Return the seconds of two blocks' frames, at any point of the scene."""
    start_s = (duration_s - NUM_FRAMES / FPS) * ((index * 0.618034) % 1.0)
    return [start_s + frame / FPS for frame in range(NUM_FRAMES)]


def clips(num: int, seed: int = SEED) -> Iterator[Sample]:
    """Yield `num` unseen clips of two blocks."""
    for index in range(num):
        yield sample(Film(draw_scene(seed, index, duration_s=CLIP_S), height=HEIGHT, width=WIDTH), clip_times(index))


def stills(num: int, seed: int = SEED) -> Iterator[Sample]:
    """Yield `num` unseen stills, each one picture held for one block: what a still prompt is made of."""
    for index in range(num):
        film = Film(draw_scene(seed, index, duration_s=CLIP_S), height=HEIGHT, width=WIDTH)
        one = sample(film, clip_times(index)[BLOCK_FRAMES : BLOCK_FRAMES + 1])
        yield Sample(frames=np.repeat(one.frames, BLOCK_FRAMES, 0), boxed=np.repeat(one.boxed, BLOCK_FRAMES, 0))


def sample(film: Film, times: list[float]) -> Sample:
    """Return the film at these instants."""
    actors = [track_label(number) for number, track in enumerate(film.tracks) if track.actor is not None]
    return Sample(
        frames=np.stack([film.frame(t) for t in times]),
        boxed=np.stack([inside_boxes(film.mask(t) // 4, actors) for t in times]),
    )


def inside_boxes(labels_HW: np.ndarray, actors: list[int]) -> np.ndarray:
    """Return bool (H, W): inside the smallest upright box around the visible pixels of any of the actors."""
    inside = np.zeros(labels_HW.shape, bool)
    for actor in actors:
        y, x = np.nonzero(labels_HW == actor)
        if len(y):
            inside[y.min() : y.max() + 1, x.min() : x.max() + 1] = True
    return inside


def measure(name: str, samples: Iterator[Sample], through: Through) -> list[Figure]:
    """Return the PSNR of whole frames and of boxes, as the mean over clips and of the error of all pixels pooled.

    A clip without a visible subject counts for whole frames only.
    """
    rows = np.array([_errors(one, through(one.frames)) for one in samples])
    figures = []
    for where, squared, pixels in (("whole frames", *rows.T[:2]), ("inside subject boxes", *rows.T[2:])):
        seen = pixels > 0
        each = psnr(squared[seen] / pixels[seen])
        pooled = {"unit": "dB", "note": "PSNR of the squared error of all pixels pooled"}
        figures += [
            mean(f"{name}, {where}, mean of clips", each, unit="dB", note="mean over clips of each clip's PSNR"),
            ratio(f"{name}, {where}, pooled", squared[seen], pixels[seen], scale=psnr, **pooled),
        ]
    return figures


def _errors(one: Sample, made_THW3: np.ndarray) -> tuple[float, int, float, int]:
    """Return the sum of squared errors and the number of values, everywhere and inside boxes."""
    squared = np.square(made_THW3.astype(np.float32) - one.frames)
    inside = squared[one.boxed]
    return float(squared.sum(dtype=np.float64)), squared.size, float(inside.sum(dtype=np.float64)), inside.size
