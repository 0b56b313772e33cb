"""Who is where, from maps alone: things seen in each frame, and the same thing followed from frame to frame.

T frames, H W the maps' pixels, N the frames in which one thing is seen. Positions are in pixels of the picture, y down.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.ndimage import binary_dilation, find_objects, label
from scipy.optimize import linear_sum_assignment

from kinora.evaluation.seeing.sight import SHRINK, Sight
from kinora.storybook.vocabulary import COLOUR_NAMES, KIND_NAMES

# Diagonal neighbours belong together: legs and strings are a pixel thin.
NEIGHBOURS = np.ones((3, 3), bool)
SPECK_PX = 4
# What is smaller than this share of the largest of its kind is a crumb of it, not another one; what is smaller than
# that share and lies this near to a larger one hangs on it by a thread too thin to be seen, as a kite's tail does.
CRUMB, HANGING, THREAD_PX = 0.2, 0.6, 2
# Two colours in one patch are two things when the lesser fills this share of it.
TWO_COLOURED = 0.25
# How far a thing may be from where it is expected, in picture widths, and how much more for each frame it was unseen.
REACH, REACH_A_GAP = 0.2, 0.05
LONGEST_GAP = 8
# What another colour and twice the area cost when things are followed, in picture widths.
RECOLOURED, RESIZED = 0.1, 0.05


@dataclass(frozen=True, kw_only=True)
class Thing:
    """One thing as one frame shows it: its middle, its box (left, top, right, bottom) and its area, in pixels."""

    frame: int
    kind: str
    colour: str
    x_px: float
    y_px: float
    box: tuple[int, int, int, int]
    area_px: int

    @property
    def width_px(self) -> int:
        """Return the width of its box."""
        return self.box[2] - self.box[0]

    @property
    def height_px(self) -> int:
        """Return the height of its box."""
        return self.box[3] - self.box[1]


@dataclass(frozen=True, kw_only=True, eq=False)
class Track:
    """The same thing in all frames that show it, in order: those frames, where its middle is in them (x, y), and its
    boxes (left, top, right, bottom), in pixels."""

    things: tuple[Thing, ...]
    frames_N: np.ndarray
    middles_N2: np.ndarray
    boxes_N4: np.ndarray

    @property
    def kind(self) -> str:
        """Return what it is."""
        return self.things[0].kind

    @property
    def colour(self) -> str:
        """Return the colour it has in most frames."""
        seen = [thing.colour for thing in self.things]
        return max(dict.fromkeys(seen), key=seen.count)

    @property
    def area_px(self) -> float:
        """Return its median area."""
        return float(np.median([thing.area_px for thing in self.things]))


def track_of(things: Sequence[Thing]) -> Track:
    """Return the track of one thing that is seen in these frames."""
    return Track(
        things=tuple(things),
        frames_N=np.array([thing.frame for thing in things]),
        middles_N2=np.array([(thing.x_px, thing.y_px) for thing in things]),
        boxes_N4=np.array([thing.box for thing in things]),
    )


def things_in(sight: Sight, frame: int) -> list[Thing]:
    """Return the things one frame shows, the largest of each kind first."""
    kind_HW, colour_HW = sight.kind_THW[frame], sight.colour_THW[frame]
    things: list[Thing] = []
    for kind in np.unique(kind_HW[kind_HW > 0]):
        patches = _patches(kind_HW == kind, colour_HW, hidden_HW=(kind_HW > 0) | (sight.letter_THW[frame] > 0))
        largest = max((int(patch.sum()) for patch, _ in patches), default=0)
        things += [
            _thing(frame, int(kind), colour, patch)
            for patch, colour in patches
            if patch.sum() >= max(SPECK_PX, CRUMB * largest)
        ]
    return sorted(things, key=lambda thing: -thing.area_px)


def _thing(frame: int, kind: int, colour: int, patch_HW: np.ndarray) -> Thing:
    y, x = np.nonzero(patch_HW)
    left, top, right, bottom = (SHRINK * int(edge) for edge in (x.min(), y.min(), x.max() + 1, y.max() + 1))
    return Thing(
        frame=frame,
        kind=KIND_NAMES[kind],
        colour=COLOUR_NAMES[colour],
        x_px=SHRINK * (float(x.mean()) + 0.5),
        y_px=SHRINK * (float(y.mean()) + 0.5),
        box=(left, top, right, bottom),
        area_px=SHRINK * SHRINK * len(x),
    )


def _patches(is_HW: np.ndarray, colour_HW: np.ndarray, hidden_HW: np.ndarray) -> list[tuple[np.ndarray, int]]:
    """Return the patches of one kind, bool (H, W), and their colours: apart where two colours meet, together where
    something else hides what lies between parts of the same colour."""
    parts = [part for patch in _connected(is_HW) for part in _by_colour(patch, colour_HW)]
    joined: dict[tuple[int, int], np.ndarray] = {}
    for part_HW, colour in parts:
        # Parts that touch the same hiding thing count as one.
        behind, _ = label((hidden_HW & ~is_HW) | _of_colour(parts, colour), NEIGHBOURS)
        key = (int(behind[part_HW][0]), colour)
        joined[key] = joined.get(key, np.zeros_like(is_HW)) | part_HW
    return _with_what_hangs([(patch, colour) for (_, colour), patch in joined.items()])


def _with_what_hangs(patches: list[tuple[np.ndarray, int]]) -> list[tuple[np.ndarray, int]]:
    """Return the patches, largest first, each with the small ones of its colour that nearly touch it."""
    whole: list[tuple[np.ndarray, int]] = []
    for patch_HW, colour in sorted(patches, key=lambda patch: -patch[0].sum()):
        around_HW = binary_dilation(patch_HW, NEIGHBOURS, iterations=THREAD_PX)
        for other_HW, its in whole:
            if its == colour and patch_HW.sum() < HANGING * other_HW.sum() and (around_HW & other_HW).any():
                other_HW |= patch_HW
                break
        else:
            whole.append((patch_HW, colour))
    return whole


def _of_colour(parts: list[tuple[np.ndarray, int]], colour: int) -> np.ndarray:
    return np.any([part for part, its in parts if its == colour], axis=0)


def _connected(is_HW: np.ndarray) -> list[np.ndarray]:
    labels_HW, _ = label(is_HW, NEIGHBOURS)
    return [labels_HW == number for number, _ in enumerate(find_objects(labels_HW), start=1)]


def _by_colour(patch_HW: np.ndarray, colour_HW: np.ndarray) -> list[tuple[np.ndarray, int]]:
    """Return the patch with its main colour, or its parts if a second colour fills a good share of it."""
    counts = np.bincount(colour_HW[patch_HW], minlength=len(COLOUR_NAMES))
    # Where no colour is seen, the colour around counts.
    counts[0] = 0
    main, second = np.argsort(-counts, kind="stable")[:2]
    if counts[second] < TWO_COLOURED * patch_HW.sum():
        return [(patch_HW, int(main))]
    other_HW = patch_HW & (colour_HW == second)
    return [(patch_HW & ~other_HW, int(main)), (other_HW, int(second))]


def tracks_of(sight: Sight) -> tuple[Track, ...]:
    """Return everything that is seen, followed through the frames, what is seen longest first."""
    width_px = SHRINK * sight.kind_THW.shape[2]
    chains: list[list[Thing]] = []
    for frame in range(len(sight.kind_THW)):
        things = things_in(sight, frame)
        open_chains = [chain for chain in chains if frame - chain[-1].frame <= LONGEST_GAP]
        cost = np.array([[_apart(chain, thing, width_px) for thing in things] for chain in open_chains])
        rows, columns = linear_sum_assignment(np.minimum(cost, 1e3)) if cost.size else ((), ())
        found = {
            column: open_chains[row]
            for row, column in zip(rows, columns, strict=True)
            if np.isfinite(cost[row, column])
        }
        for number, thing in enumerate(things):
            if number in found:
                found[number].append(thing)
            else:
                chains.append([thing])
    return tuple(sorted(map(track_of, chains), key=lambda track: (-len(track.things), -track.area_px)))


def _apart(chain: list[Thing], thing: Thing, width_px: int) -> float:
    """Return how unlike what a chain leads to a thing is, in picture widths; infinitely where it is out of reach."""
    last, gap = chain[-1], thing.frame - chain[-1].frame
    if last.kind != thing.kind:
        return float("inf")
    here, there = np.array([thing.x_px, thing.y_px]), np.array([last.x_px, last.y_px])
    before = chain[-2] if len(chain) > 1 else last
    step = (there - [before.x_px, before.y_px]) * gap / max(1, last.frame - before.frame)
    # What falls may stop at once, so it may also be near where it was.
    still, moving = (float(np.linalg.norm(here - place)) / width_px for place in (there, there + step))
    if min(still, moving) > REACH + REACH_A_GAP * (gap - 1):
        return float("inf")
    resized = abs(float(np.log2(thing.area_px / last.area_px)))
    return moving + RECOLOURED * (last.colour != thing.colour) + RESIZED * resized
