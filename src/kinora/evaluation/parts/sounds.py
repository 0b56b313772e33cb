"""What is left of sound after the sound autoencoder: sudden events in their place, and levels of bands.

L samples, F frames, K bands.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy.signal import stft

from kinora.evaluation.figures import Figure, mean, share
from kinora.evaluation.seeing.onsets import onsets
from kinora.evaluation.subject import SEED
from kinora.models.sound_autoencoder import SAMPLE_RATE_HZ
from kinora.storybook.film import events_of
from kinora.storybook.motion import choreograph
from kinora.storybook.sample import draw_scene
from kinora.storybook.scene import Event, Scene
from kinora.storybook.sound.effects import HARD
from kinora.storybook.sound.mix import compose

SCENE_S = 4.0
NEAR_S = 0.010
# Nothing is asked within a detector's reach of the ends.
EDGE_S = 0.02
# Where chance is measured: that long after each event, where none of the scene's events is near.
ELSEWHERE_S, CLEAR_S = 0.13, 0.05
BAND_EDGES_HZ = (0, 250, 500, 1000, 2000, 4000, 8000, 12_000)
WINDOW, QUIET_DB, FLOOR_DB = 1024, -60.0, -80.0

ThroughSound = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True, kw_only=True)
class Heard:
    """A mixed scene before and after, the times of its sudden events and times at which nothing happens."""

    before: np.ndarray
    after: np.ndarray
    events: tuple[Event, ...]
    elsewhere_s: np.ndarray


def heard_scenes(num: int, through: ThroughSound, seed: int = SEED) -> Iterator[Heard]:
    """Yield unseen mixed scenes of four seconds, in which something sudden is heard."""
    index = made = 0
    while made < num:
        scene = draw_scene(seed, index, duration_s=SCENE_S)
        index += 1
        events = events_of(scene, choreograph(scene))
        sudden = tuple(event for event in events if _counts(scene, event))
        if sudden:
            made += 1
            mix = compose(scene, events).mix()
            yield Heard(before=mix, after=through(mix), events=sudden, elsewhere_s=_elsewhere(sudden, events))


def _counts(scene: Scene, event: Event) -> bool:
    return scene.sound.effects and event.kind in HARD and EDGE_S < event.time_s < SCENE_S - EDGE_S


def _elsewhere(sudden: tuple[Event, ...], events: tuple[Event, ...]) -> np.ndarray:
    """Return instants beside the sudden events at which no event sets in."""
    every = np.array([event.time_s for event in events])
    shifted = (event.time_s + ELSEWHERE_S for event in sudden)
    return np.array([t for t in shifted if t < SCENE_S - EDGE_S and np.abs(every - t).min() > CLEAR_S])


def found(onsets_s: np.ndarray, times_s: np.ndarray) -> np.ndarray:
    """Return for each time whether an onset lies within 10 ms."""
    if not len(onsets_s):
        return np.zeros(len(times_s), bool)
    return np.abs(onsets_s[None] - np.asarray(times_s)[:, None]).min(axis=1, initial=np.inf) <= NEAR_S


def measure(num: int, through: ThroughSound) -> list[Figure]:
    """Return the share of sudden events that stay within 10 ms, its controls, and the distance of each band in dB."""
    scenes = list(heard_scenes(num, through))
    pairs = [(onsets(one.before, SAMPLE_RATE_HZ), onsets(one.after, SAMPLE_RATE_HZ)) for one in scenes]
    return [*_onset_figures(scenes, pairs), *_band_figures(scenes)]


def _onset_figures(scenes: list[Heard], pairs: list[tuple[np.ndarray, np.ndarray]]) -> list[Figure]:
    there, kept, stray, of_kind = [], [], [], defaultdict(list)
    for one, (before, after) in zip(scenes, pairs, strict=True):
        times = np.array([event.time_s for event in one.events])
        there.append(found(before, times))
        kept.append(there[-1] & found(after, times))
        stray.append(found(after, one.elsewhere_s))
        for event, was, still in zip(one.events, there[-1], kept[-1], strict=True):
            if was:
                of_kind[event.kind].append(bool(still))
    note = "of those found within 10 ms in the original, still within 10 ms of the event"
    figures = [
        share("sudden events kept in time", *_sums(kept, there), note=note),
        share("sudden events, control", *_sums(there), note="found within 10 ms in the original"),
        share("moments without event, control", *_sums(stray), note="an onset within 10 ms after the round trip"),
        mean("onsets a second, original", [len(a) / SCENE_S for a, _ in pairs], unit="1/s"),
        mean("onsets a second, after", [len(b) / SCENE_S for _, b in pairs], unit="1/s"),
    ]
    return figures + [
        share(f"kept in time: {kind}", right, np.ones(len(right))) for kind, right in sorted(of_kind.items())
    ]


def _sums(right: list[np.ndarray], asked: list[np.ndarray] | None = None) -> tuple[list[int], list[int]]:
    """Return per scene how many are right, and of how many: those asked, or all."""
    wholes = [len(one) for one in right] if asked is None else [int(one.sum()) for one in asked]
    return [int(one.sum()) for one in right], wholes


def _band_figures(scenes: list[Heard]) -> list[Figure]:
    note = "mean distance of levels over 43 ms windows in which the original is heard"
    rows = np.array([band_distance(one.before, one.after) for one in scenes])
    names = [f"{low} to {high} Hz" for low, high in pairwise(BAND_EDGES_HZ)]
    figures = []
    for name, column in zip(names, rows.T, strict=True):
        if heard := [value for value in column if np.isfinite(value)]:
            figures.append(mean(f"distance of levels, {name}", heard, unit="dB", note=note))
    return figures


def band_distance(before_L: np.ndarray, after_L: np.ndarray) -> np.ndarray:
    """Return by how many decibels the level of each band differs on average (K,); NaN where it is never heard."""
    was, now = band_levels(before_L), band_levels(after_L)
    heard = was > QUIET_DB
    apart = np.where(heard, np.abs(now - was), 0.0).sum(axis=1)
    return np.divide(apart, heard.sum(axis=1), out=np.full(len(was), np.nan), where=heard.any(axis=1))


def band_levels(wave_L: np.ndarray) -> np.ndarray:
    """Return levels of bands in decibels under a full-scale sine (K, F), no lower than the floor."""
    hertz, _, spectrum = stft(wave_L, SAMPLE_RATE_HZ, nperseg=WINDOW, noverlap=WINDOW // 2)
    # `stft` scales a full-scale sine's bin to a half; its window spreads the power over 1.5 bins.
    power = np.square(np.abs(spectrum)) * 4 / 1.5
    band = np.searchsorted(BAND_EDGES_HZ, hertz, side="right") - 1
    sums = [power[band == number].sum(axis=0) for number in range(len(BAND_EDGES_HZ) - 1)]
    return 10 * np.log10(np.maximum(np.stack(sums), 10 ** (FLOOR_DB / 10)))
