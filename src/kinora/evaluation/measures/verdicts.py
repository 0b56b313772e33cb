"""What of all that a prompt asks for is there: every ask has one verdict, 1 or 0, and nothing readable is 0.

A verdict comes from what was seen and heard and from the pictures' own motion, never from the network that made them.
T frames, N frames in which one thing is seen, H W the picture's pixels.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from scipy.signal import find_peaks
from scipy.stats import theilslopes

from kinora.evaluation.seeing.camera import Motion, camera_move, motion_of
from kinora.evaluation.seeing.lettering import read_sign
from kinora.evaluation.seeing.sight import Hearing, Sight
from kinora.evaluation.seeing.tracks import Thing, Track, tracks_of

# In how large a share of the looks something must be seen to count as there: what breaks is gone after a second.
SEEN = 0.2
# In how large a share of the looks that show the kind a number of things must be seen to be their number.
COUNTED = 0.25
# What counts as moving along, in picture widths a second; as staying, in picture widths and heights over the clip.
MOVES, STAYS = 0.015, 0.1
# What counts as a hop and as a fall, in picture heights.
HOP, FALL = 0.045, 0.12
# How far apart two stand to be told left from right, as a share of their width; and in depth, in picture heights.
BESIDE, DEEPER, NEAR = 0.25, 0.02, 0.25

Asks = Mapping[str, Any]


@dataclass(frozen=True)
class Evidence:
    """A clip as far as it matters to verdicts. What takes time is worked out once, however much is asked."""

    sight: Sight
    hearing: Hearing
    frames_THW3: np.ndarray
    fps: float

    @cached_property
    def tracks(self) -> tuple[Track, ...]:
        """Return everything that is there long enough, what is there longest first."""
        shortest = max(1, SEEN * len(self.sight.times_s))
        return tuple(track for track in tracks_of(self.sight) if len(track.things) >= shortest)

    def of_kind(self, who: Asks) -> tuple[Track, ...]:
        """Return the tracks of the kind that is asked for, all where none is."""
        return tuple(track for track in self.tracks if track.kind == who.get("kind", track.kind))

    def of(self, who: Asks) -> tuple[Track, ...]:
        """Return the tracks of who is asked for by kind and colour, of any colour where none has this one."""
        tracks = self.of_kind(who)
        return tuple(track for track in tracks if track.colour == who.get("colour")) or tracks

    @cached_property
    def sign(self) -> str:
        """Return what is written."""
        return read_sign(self.sight.letter_THW)

    @cached_property
    def motion(self) -> Motion:
        """Return how the background moves."""
        return motion_of(self.frames_THW3, self.sight, self.fps)

    def path(self, track: Track) -> np.ndarray:
        """Return where a track's middle would be seen by a camera at rest, in pixels (N, 2)."""
        return self.motion.steadied(track.middles_N2, self._frames(track))

    def velocity(self, track: Track) -> np.ndarray:
        """Return how fast a track moves through the world, in picture widths a second, x and y (down)."""
        if len(track.things) < 2:
            return np.zeros(2)
        times_N, path_N2 = np.array(self.sight.times_s)[track.frames_N], self.path(track)
        return np.array([theilslopes(path_N2[:, axis], times_N)[0] for axis in (0, 1)]) / self.motion.size[1]

    def stays_in_picture(self, track: Track) -> bool:
        """Return whether the background passes by at least twice as fast as the track does."""
        gone = np.ptp(self.motion.path()[self._frames(track), 0])
        return bool(np.ptp(track.middles_N2[:, 0]) < gone / 2)

    def _frames(self, track: Track) -> np.ndarray:
        numbers = np.round(np.array(self.sight.times_s)[track.frames_N] * self.fps).astype(int)
        return np.clip(numbers, 0, len(self.frames_THW3) - 1)


def verdicts(asks: Asks, sight: Sight, hearing: Hearing, frames_THW3: np.ndarray, fps: float) -> dict[str, float]:
    """Return for each ask whether it is there in a clip of uint8 frames, some of which, by their times, were looked at.

    See `judged`, which spares the work where more than one prompt is held against a clip.
    """
    return judged(asks, Evidence(sight, hearing, frames_THW3, fps))


def judged(asks: Asks, evidence: Evidence) -> dict[str, float]:
    """Return for each ask whether it is there, 1 or 0; only the share of a sign's letters lies between.

    Asks are as in the suite: kind, colour, count, place, light, weather, camera, action, direction, relation with
    second, sign, sounds, ambience, music. Others are passed over, and so are actions that can't be measured.
    """
    found: dict[str, float] = {ask: verdict(evidence, asks) for ask, verdict in VERDICTS.items() if asks.get(ask)}
    if {"kind", "colour"} <= found.keys() and "relation" not in found and asks.get("count", 1) == 1:
        found["kind and colour"] = found["kind"] and found["colour"]
    if measurable(asks):
        found["action"] = _most(evidence, asks, ACTIONS[asks["action"]])
    if asks.get("sign"):
        found["sign letters"] = share_right(asks["sign"], evidence.sign)
    hearing = evidence.hearing
    found |= {f"sound: {sound}": bool(hearing.onsets.get(sound)) for sound in asks.get("sounds", ())}
    found |= {trait: getattr(hearing, trait) == asked for trait, asked in asks.get("music", {}).items()}
    return {ask: float(there) for ask, there in found.items()}


def measurable(asks: Asks) -> bool:
    """Return whether tracks can tell the asked action; flying and drifting lead nowhere without a direction."""
    action = asks.get("action", "")
    return action in ACTIONS and (action not in HOVERING or bool(asks.get("direction")))


def _kind(evidence: Evidence, asks: Asks) -> bool:
    return bool(evidence.of_kind(asks))


def _colour(evidence: Evidence, asks: Asks) -> bool:
    """One of two that stand in a relation has the colour; otherwise most things of the kind have it."""
    if asks.get("relation"):
        return any(track.colour == asks["colour"] for track in evidence.of(asks))
    colours = Counter(thing.colour for track in evidence.of_kind(asks) for thing in track.things)
    return bool(colours) and colours.most_common(1)[0][0] == asks["colour"]


def _count(evidence: Evidence, asks: Asks) -> bool:
    """The most that enough looks show: who stands close to another or leaves the picture is missed in some."""
    in_frame = Counter(thing.frame for track in evidence.of_kind(asks) for thing in track.things)
    looks = Counter(in_frame.values())
    usual = [number for number, times in looks.items() if times >= COUNTED * len(in_frame)]
    return max(usual, default=0) == int(asks["count"])


def _camera(evidence: Evidence, asks: Asks) -> bool:
    """Where no place is recognisable there is no camera in it."""
    if not evidence.sight.place:
        return False
    main = next(iter(evidence.of(asks) or evidence.tracks), None)
    return camera_move(evidence.motion, bool(main and evidence.stays_in_picture(main))) == asks["camera"]


WAYS = {"left": (-1, 0), "right": (1, 0), "up": (0, -1), "down": (0, 1)}


def _direction(evidence: Evidence, asks: Asks) -> bool:
    way = np.array(WAYS[asks["direction"]])
    return _most(evidence, asks, lambda evidence, track: bool(evidence.velocity(track) @ way >= MOVES))


def _most(evidence: Evidence, asks: Asks, holds: Callable[[Evidence, Track], bool]) -> bool:
    """Return whether something holds for at least half of those asked for; of none, nothing holds."""
    held = [holds(evidence, track) for track in evidence.of(asks)]
    return 2 * sum(held) >= len(held) > 0


def _moves(evidence: Evidence, track: Track) -> bool:
    return bool(np.linalg.norm(evidence.velocity(track)) >= MOVES)


def _stays(evidence: Evidence, track: Track) -> bool:
    """It keeps its place as long as the clip lasts."""
    extent = np.ptp(evidence.path(track), axis=0) / evidence.motion.size[::-1]
    return bool((extent < STAYS).all()) and not _breaks(evidence, track)


def _hops(evidence: Evidence, track: Track) -> bool:
    """It rises and comes down again."""
    peaks, _ = find_peaks(-evidence.path(track)[:, 1], prominence=HOP * evidence.motion.size[0])
    return len(peaks) > 0


def _falls(evidence: Evidence, track: Track) -> bool:
    """It ends far lower than it began, and nearly as low as it ever is."""
    down_N = evidence.path(track)[:, 1] / evidence.motion.size[0]
    return bool(down_N[-1] - down_N[0] >= FALL and down_N[-1] >= down_N.max() - FALL / 2)


def _breaks(evidence: Evidence, track: Track) -> bool:
    """It is there at first and gone at the end."""
    looks = len(evidence.sight.times_s)
    return bool(track.frames_N[0] < looks / 4 and track.frames_N[-1] < 3 * looks / 4)


ACTIONS: dict[str, Callable[[Evidence, Track], bool]] = {
    **dict.fromkeys(("walk", "run", "drive", "fly", "swim", "drift", "roll"), _moves),
    **dict.fromkeys(("stand", "sit", "sleep"), _stays),
    **dict.fromkeys(("jump", "bounce"), _hops),
    "fall": _falls,
    "break": _breaks,
}
HOVERING = ("fly", "drift")


def _left(one: Thing, other: Thing) -> bool:
    return other.x_px - one.x_px >= BESIDE * (one.width_px + other.width_px) / 2


def _above(one: Thing, other: Thing) -> bool:
    """Its lower edge is no lower than the other's middle."""
    return one.box[3] <= other.y_px


def _before(one: Thing, other: Thing) -> bool:
    """It stands lower in the picture, and the two overlap or nearly do."""
    apart = max(one.box[0], other.box[0]) - min(one.box[2], other.box[2])
    near = apart <= NEAR * min(one.width_px, other.width_px)
    return near and one.box[3] - other.box[3] >= DEEPER * (one.height_px + other.height_px)


RELATIONS: dict[str, Callable[[Thing, Thing], bool]] = {
    "left of": _left,
    "right of": lambda one, other: _left(other, one),
    "above": _above,
    "below": lambda one, other: _above(other, one),
    "in front of": _before,
    "behind": lambda one, other: _before(other, one),
}


def _relation(evidence: Evidence, asks: Asks) -> bool:
    """It holds in most of the frames that show both, and enough frames do."""
    holds, firsts = RELATIONS[asks["relation"]], evidence.of(asks)
    seconds = [track for track in evidence.of(asks.get("second", {})) if track not in firsts[:1]]
    # What is there longest comes last and so stands for its frames.
    ones, others = ({one.frame: one for track in tracks[::-1] for one in track.things} for tracks in (firsts, seconds))
    held = [holds(ones[frame], others[frame]) for frame in ones.keys() & others.keys()]
    return len(held) >= SEEN * len(evidence.sight.times_s) and 2 * sum(held) > len(held)


def _same(trait: str) -> Callable[[Evidence, Asks], bool]:
    return lambda evidence, asks: getattr(evidence.sight, trait) == asks[trait]


VERDICTS: dict[str, Callable[[Evidence, Asks], bool]] = {
    "kind": _kind,
    "colour": _colour,
    "count": _count,
    "place": _same("place"),
    "light": _same("light"),
    "weather": _same("weather"),
    "camera": _camera,
    "direction": _direction,
    "relation": _relation,
    "sign": lambda evidence, asks: evidence.sign == asks["sign"],
    "ambience": lambda evidence, asks: set(asks["ambience"]) <= set(evidence.hearing.ambience),
}


def share_right(asked: str, said: str) -> float:
    """Return the share of letters that are right and in order, of the longer of both words."""
    common = np.zeros((len(asked) + 1, len(said) + 1), int)
    for i, a in enumerate(asked):
        for j, b in enumerate(said):
            common[i + 1, j + 1] = common[i, j] + 1 if a == b else max(common[i, j + 1], common[i + 1, j])
    return float(common[-1, -1]) / max(len(asked), len(said), 1)
