"""How far sounds are from what is seen to make them: landings, bounces and collisions, to the instant.

T frames looked at; the more, the finer: instants are found to about a quarter of the time between two.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from scipy.signal import find_peaks

from kinora.evaluation.seeing.sight import SHRINK, Hearing, Sight
from kinora.evaluation.seeing.tracks import Track, tracks_of
from kinora.storybook.moves.soaring import TERMINAL_M_S

# The sounds an action makes at the lowest points of its path.
SOUNDS = {
    "bounce": ("bounce",),
    "fall": ("land", "crash", "bounce"),
    "jump": ("land",),
}
# What comes down to be heard: how far and how fast, in picture heights and those a second, and how near to the ground.
DROP, IMPACT_A_S, GROUND = 0.06, 0.18, 0.07


def offsets(asks: Mapping[str, Any], sight: Sight, hearing: Hearing) -> list[float]:
    """Return for each touch of the ground that is seen how many seconds later the nearest fitting sound sets in.

    Empty where the asked action makes no such sound, nothing is seen to touch the ground, or nothing is heard.
    """
    # What flutters down touches the ground too gently to be timed.
    if asks.get("kind") in TERMINAL_M_S:
        return []
    heard_s = np.array([s for sound in SOUNDS.get(asks.get("action", ""), ()) for s in hearing.onsets.get(sound, ())])
    tracks = [track for track in tracks_of(sight) if track.kind == asks.get("kind")]
    if not heard_s.size or not tracks:
        return []
    seen_s = touches(tracks[0], np.array(sight.times_s), SHRINK * sight.kind_THW.shape[1])
    return [float(heard_s[np.abs(heard_s - t).argmin()] - t) for t in seen_s]


def touches(track: Track, times_s: np.ndarray, height_px: int) -> list[float]:
    """Return the seconds at which a track reaches the ground, in a picture this high."""
    t_N, down_N = times_s[track.frames_N], track.middles_N2[:, 1] / height_px
    found, last = [], 0
    for low in find_peaks(down_N)[0]:
        way = down_N[last : low + 1]
        steps = np.diff(way) / np.diff(t_N[last : low + 1])
        fell = way[-1] - way.min() >= DROP and way[-1] >= down_N.max() - GROUND
        if fell and steps.max() >= IMPACT_A_S:
            found.append(_corner(t_N, down_N, last + int(steps.argmax())))
            last = int(low)
    return found


def _corner(t_N: np.ndarray, down_N: np.ndarray, fastest: int) -> float:
    """Return when the way down meets the way on; `fastest` is the sample before the fastest step down.

    What falls is fastest just before it touches, so it does within a step after that one.
    """
    before, after = slice(fastest, fastest + 2), slice(fastest + 2, fastest + 4)
    if len(t_N[after]) < 2:
        return float(t_N[fastest + 1])
    fall, rise = (float(np.diff(down_N[side])[0] / np.diff(t_N[side])[0]) for side in (before, after))
    level = down_N[fastest + 2] - rise * (t_N[fastest + 2] - t_N[fastest + 1])
    since_s = (level - down_N[fastest + 1]) / (fall - rise) if fall > rise else 0.0
    return float(np.clip(t_N[fastest + 1] + since_s, t_N[fastest], t_N[fastest + 2]))
