"""How a clip looks and whether its subject's body holds, as plain values beside what was asked of it.

T frames, H W pixels. None stands for what a clip doesn't show.
"""

import math
from collections.abc import Mapping

import numpy as np

from kinora.evaluation.measures.appearance import flicker, is_frozen, motion_energy, sharpness
from kinora.evaluation.measures.bodies import QUADRUPEDS, area_wobble, num_legs, pieces, steps, subject_mask
from kinora.evaluation.seeing.sight import LOOK_EVERY, SHRINK, Sight
from kinora.evaluation.trials.copying import glances
from kinora.evaluation.trials.suite import Asks

DIGITS = 5
WALKS = ("walk", "run")
STILL_CAMERAS = ("", "static")
# What each impression is measured in.
UNITS = {
    "sharpness": "levels",
    "motion energy": "levels",
    "flicker inside blocks": "levels",
    "flicker where blocks meet": "levels",
    "frozen": "%",
    "pieces of a body": "",
    "unsteady size": "",
    "legs of a quadruped": "",
    "foot slide": "",
}

Impressions = dict[str, float | None]


def impressions(asks: Asks, frames_THW3: np.ndarray, seen: Sight) -> Impressions:
    """Return how a clip looks; `seen` is every frame of it."""
    looked = thinned(seen, LOOK_EVERY)
    found = {**_surface(frames_THW3, looked), **_body(asks, frames_THW3, seen, looked)}
    return {name: short(value) for name, value in found.items()}


def thinned(seen: Sight, every: int) -> Sight:
    """Return what was seen in every so many of the frames."""
    return Sight(
        times_s=seen.times_s[::every],
        kind_THW=seen.kind_THW[::every],
        colour_THW=seen.colour_THW[::every],
        letter_THW=seen.letter_THW[::every],
        place=seen.place,
        light=seen.light,
        weather=seen.weather,
    )


def _surface(frames_THW3: np.ndarray, looked: Sight) -> Mapping[str, float]:
    inside_THW = (looked.kind_THW > 0).repeat(SHRINK, axis=1).repeat(SHRINK, axis=2)
    # Between frames that were looked at, subjects are where they were last seen.
    background_THW = ~inside_THW.repeat(LOOK_EVERY, axis=0)[: len(frames_THW3)]
    jitter = flicker(frames_THW3, background_THW)
    return {
        "sharpness": sharpness(glances(frames_THW3[::LOOK_EVERY]), glances(inside_THW)),
        "motion energy": motion_energy(frames_THW3),
        "flicker inside blocks": jitter.inside_blocks,
        "flicker where blocks meet": jitter.at_borders,
        "frozen": 100.0 * is_frozen(frames_THW3),
    }


def _body(asks: Asks, frames_THW3: np.ndarray, seen: Sight, looked: Sight) -> Mapping[str, float]:
    """Return whether the body of a single subject holds; its feet where it walks before a camera at rest."""
    if "kind" not in asks or asks.get("count", 1) != 1:
        return {}
    mask_THW = subject_mask(looked, frames_THW3[::LOOK_EVERY], asks["kind"])
    found = {"pieces of a body": pieces(mask_THW), "unsteady size": area_wobble(mask_THW)}
    if asks["kind"] in QUADRUPEDS and mask_THW.any():
        found["legs of a quadruped"] = float(np.median([num_legs(mask) for mask in mask_THW if mask.any()]))
    if asks.get("action") in WALKS and asks.get("camera", "") in STILL_CAMERAS:
        found["foot slide"] = steps(subject_mask(seen, frames_THW3, asks["kind"])).slide
    return found


def short(value: float) -> float | None:
    """Return a number with few digits, None where it is none, so that it survives JSON."""
    return float(f"{value:.{DIGITS}g}") if math.isfinite(value) else None
