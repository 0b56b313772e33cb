"""Everything else that is given to a job, each in a way of its own: what comes before a clip, single frames to mend,
frames between frames, sound to keep, pictures along the way, a whole sound. A row says whether it stayed as it was.

L samples.
"""

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np

from kinora.evaluation.jobs.attempt import Done, Part, do, untouched
from kinora.evaluation.jobs.footage import Footage, drawn_scene, footage, still, words_of
from kinora.evaluation.rows import Row
from kinora.evaluation.trials.gallery import Setting
from kinora.media.clip import Clip
from kinora.media.decode import read_clip
from kinora.media.packets import read_coded
from kinora.request import DRAWN_FPS, Request
from kinora.tasks.jobs import Source, Track, animate, extend, mend, score, smooth

CLIP_S, BEFORE_S, TWICE = 3.0, 1.0, 2
# Damaged frames of a clip, and the instants of pictures along the way.
DAMAGED, MOMENTS_S = (10, 11, 12, 20), (0.0, 1.0)


def try_given(number: int, setting: Setting) -> Row:
    """Return the row of one of the ways on a short clip, one after the other."""
    kind = tuple(WAYS)[number % len(WAYS)]
    given = footage(drawn_scene(number, CLIP_S), setting.out / "given")

    def done(request: Request) -> Done:
        return do(request, setting, "given", number)

    return {"way": kind, **WAYS[kind](given, done)}


Do = Callable[[Request], Done]


def _before(given: Footage, do_it: Do) -> Row:
    done = do_it(extend(Source.of(given.path), words_of(given.film.scene), seconds=BEFORE_S, before=True))
    part = Part(at=round(BEFORE_S * DRAWN_FPS), source=given.path, start=0, count=given.num_frames)
    return {"kept": untouched(done, [part])}


def _mended(given: Footage, do_it: Do) -> Row:
    done = do_it(mend(Source.of(given.path), words_of(given.film.scene), frames=DAMAGED))
    borders = [-1, *DAMAGED, given.num_frames]
    parts = [
        Part(at=before + 1, source=given.path, start=before + 1, count=after - before - 1)
        for before, after in pairwise(borders)
        if after - before > 1
    ]
    return {"kept": untouched(done, parts, sound=False) | _same_sound(done, given.path)}


def _smoothed(given: Footage, do_it: Do) -> Row:
    done = do_it(smooth(Source.of(given.path), words_of(given.film.scene), fps=TWICE * DRAWN_FPS))
    same = np.array_equal(done.clip.array()[::TWICE], read_clip(given.path).array())
    return {"kept": untouched(done, ()) | {"frames": float(same)} | _same_sound(done, given.path)}


def _scored(given: Footage, do_it: Do) -> Row:
    done = do_it(score(Source.of(given.path), effects=words_of(given.film.scene), keep=True))
    whole = Part(at=0, source=given.path, start=0, count=given.num_frames)
    own_L, mixed_L = (_sound(clip)[0] for clip in (read_clip(given.path), done.clip))
    row: Row = {"kept": untouched(done, [whole], sound=False)}
    # The share of the clip's own sound in the new one, by least squares; silence has none.
    return row | ({"beneath": float(own_L @ mixed_L / (own_L @ own_L))} if own_L.any() else {})


def _pictured(given: Footage, do_it: Do) -> Row:
    frames_THW3 = read_clip(given.path).array()
    numbers = [*(round(moment_s * DRAWN_FPS) for moment_s in MOMENTS_S), given.num_frames - 1]
    stills = [still(frames_THW3[n], given.path.with_suffix(f".{n}.png")) for n in numbers]
    first, middle, last = map(Source.of, stills)
    keyframes = [(MOMENTS_S[1], middle)]
    words = words_of(given.film.scene)
    done = do_it(animate(words, first=first, last=last, keyframes=keyframes, seconds=CLIP_S))
    parts = [Part(at=n, source=path, start=0, count=1) for n, path in zip(numbers, stills, strict=True)]
    return {"kept": untouched(done, parts, sound=False)}


def _heard(given: Footage, do_it: Do) -> Row:
    done = do_it(animate(words_of(given.film.scene), track=Track.of(given.path)))
    return {"kept": untouched(done, ()) | _same_sound(done, given.path)}


WAYS: dict[str, Callable[[Footage, Do], Row]] = {
    "extend --before": _before,
    "fill --frames": _mended,
    "fill --fps": _smoothed,
    "score --keep": _scored,
    "generate, first, last and a keyframe": _pictured,
    "generate --sound": _heard,
}


def _same_sound(done: Done, path: Path) -> dict[str, float]:
    """Return whether all samples of a sound that is given as a whole are the very same, before they are encoded, and
    whether all its packets are in the file."""
    made, given = (_sound(clip) for clip in (done.clip, read_clip(path)))
    kept, there = ({packet.data for packet in read_coded(one).sound} for one in (path, done.path))
    return {"samples": float(np.array_equal(made, given)), "sound packets": float(bool(kept) and kept <= there)}


def _sound(clip: Clip) -> np.ndarray:
    assert clip.sound is not None
    return clip.sound
