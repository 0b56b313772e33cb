"""Jobs that make pictures and sound between given ones: extend, fill, loop, join. A row says how they meet, how far the
same things change inside the rendered clips, and how references that know no model do it.

T frames, H W pixels.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from kinora.evaluation.jobs.attempt import Part, course_of, do, untouched
from kinora.evaluation.jobs.footage import Footage, centre, drawn_scene, empty, footage, moving_scene, words_of
from kinora.evaluation.jobs.holes import REFERENCES, area_px, contrast, copied, found_at
from kinora.evaluation.jobs.seams import Course, Steps, mean_of, middle_of, then, times_usual
from kinora.evaluation.rows import Row
from kinora.evaluation.seeing.judge import Judge
from kinora.evaluation.seeing.sight import SHRINK
from kinora.evaluation.subject import SEED, through_video
from kinora.evaluation.trials.gallery import Setting, model_of
from kinora.evaluation.trials.trial import judge_of
from kinora.models.video_autoencoder import BLOCK_FRAMES
from kinora.request import DRAWN_FPS
from kinora.tasks.jobs import Source, extend, fill, join, loop

GIVEN_S, MADE_S, JOINED_S, FILLED_S = 3.0, 2.0, 2.5, 6.0
HOLE_S = (2.25, 3.75)
HOLE = (round(HOLE_S[0] * DRAWN_FPS), round(HOLE_S[1] * DRAWN_FPS))
# Of a hole's frames, the third in its middle is held against truth.
MIDDLE = slice((2 * HOLE[0] + HOLE[1]) // 3, (HOLE[0] + 2 * HOLE[1]) // 3)
# Places inside a clip: those that stand for a seam, and those it is held against.
PLACES, USUAL = 2, 16


def try_extend(number: int, setting: Setting) -> Row:
    """Return the row of a clip that goes on for two seconds."""
    given = footage(drawn_scene(number, GIVEN_S), setting.out / "given")
    request = extend(Source.of(given.path), words_of(given.film.scene), seconds=MADE_S)
    done, border = do(request, setting, "extend", number), given.num_frames
    whole, num_made = course_of(given.path), round(MADE_S * DRAWN_FPS)
    held = Course(np.concatenate([whole.frames_THW3, copied(whole.frames_THW3[-1], whole.frames_THW3[-1], num_made)]))
    arms = {"made": (done.course(), [border]), "copy-last-frame": (held, [border])}
    part = Part(at=0, source=given.path, start=0, count=border)
    return {"seams": _seams(arms, [whole], number), "kept": untouched(done, [part])}


def try_loop(number: int, setting: Setting) -> Row:
    """Return the row of a clip that leads back to its beginning in two seconds; its reference just begins again."""
    given = footage(drawn_scene(number, GIVEN_S), setting.out / "given")
    request = loop(Source.of(given.path), words_of(given.film.scene), seconds=MADE_S)
    done, border = do(request, setting, "loop", number), given.num_frames
    whole, half = course_of(given.path), border // 2
    # Played again and again: half of what is given, what is made, the other half.
    around = done.course().rolled(half)
    end = len(around.frames_THW3) - half
    arms = {"made": (around, [border - half, end]), "hard cut": (whole.rolled(half), [border - half])}
    part = Part(at=0, source=given.path, start=0, count=border)
    return {"seams": _seams(arms, [whole], number), "kept": untouched(done, [part])}


def try_join(number: int, setting: Setting) -> Row:
    """Return the row of two clips of different scenes with two seconds between them; its reference is a cut."""
    first, second = (
        footage(drawn_scene(scene, JOINED_S), setting.out / "given") for scene in (2 * number, 2 * number + 1)
    )
    words = f"{words_of(first.film.scene)}, then {words_of(second.film.scene)}"
    request = join(Source.of(first.path), Source.of(second.path), words, seconds=MADE_S)
    done, border = do(request, setting, "join", number), first.num_frames
    ends, again = [course_of(clip.path) for clip in (first, second)], border + round(MADE_S * DRAWN_FPS)
    arms = {"made": (done.course(), [border, again]), "hard cut": (then(*ends), [border])}
    parts = [
        Part(at=0, source=first.path, start=0, count=border),
        Part(at=again, source=second.path, start=0, count=second.num_frames),
    ]
    return {"seams": _seams(arms, ends, number), "kept": untouched(done, parts)}


def try_fill(number: int, setting: Setting) -> Row:
    """Return the row of a clip with a hole of 1.5 s, through which its subject moves evenly."""
    given = footage(moving_scene(number, FILLED_S, HOLE), setting.out / "given")
    request = fill(Source.of(given.path), words_of(given.film.scene), from_s=HOLE_S[0], to_s=HOLE_S[1])
    done, whole = do(request, setting, "fill", number), course_of(given.path)
    truth_THW3, ends = whole.frames_THW3, (HOLE[0] - 1, HOLE[1])
    before_HW3, after_HW3 = (truth_THW3[end] for end in ends)
    filled = {
        name: _with_hole(truth_THW3, reference(before_HW3, after_HW3, HOLE[1] - HOLE[0]))
        for name, reference in REFERENCES.items()
    }
    arms = {"made": (done.course(), [*HOLE])} | {name: (Course(frames), [*HOLE]) for name, frames in filled.items()}
    shown = {"made": arms["made"][0].frames_THW3, **filled}
    passed = _with_hole(truth_THW3, _passed(truth_THW3, setting))
    parts = [
        Part(at=0, source=given.path, start=0, count=HOLE[0]),
        Part(at=HOLE[1], source=given.path, start=HOLE[1], count=given.num_frames - HOLE[1]),
    ]
    return {
        "seams": _seams(arms, [whole], number),
        "kept": untouched(done, parts),
        "mse": {name: _error(frames, truth_THW3) for name, frames in {**shown, "round trip": passed}.items()},
        "middle": _middles(given, {**shown, "round trip": passed, "truth": truth_THW3}, judge_of(setting.judge)),
    }


def _seams(arms: Mapping[str, tuple[Course, Sequence[int]]], inside: Sequence[Course], number: int) -> dict[str, Steps]:
    """Return how many times as large as usual inside the rendered clips each arm's steps are, where they meet; truth's
    at places of chance, held against others."""
    rng = np.random.default_rng([SEED, number])
    places = [(course, int(border)) for course in inside for border in rng.permutation(list(course.places()))]
    drawn = [course.steps(border) for course, border in (places[n] for n in rng.permutation(len(places)))]
    some, others = drawn[:PLACES], drawn[PLACES : PLACES + USUAL]
    usual = middle_of(others)
    steps = {name: mean_of([course.steps(border) for border in borders]) for name, (course, borders) in arms.items()}
    return {name: times_usual(step, usual) for name, step in {**steps, "truth": mean_of(some)}.items()}


def _with_hole(frames_THW3: np.ndarray, hole_THW3: np.ndarray) -> np.ndarray:
    """Return frames with others in the hole."""
    return np.concatenate([frames_THW3[: HOLE[0]], hole_THW3, frames_THW3[HOLE[1] :]])


def _passed(frames_THW3: np.ndarray, setting: Setting) -> np.ndarray:
    """Return the true frames of the hole as the autoencoder leaves them."""
    blocks = slice(HOLE[0] // BLOCK_FRAMES * BLOCK_FRAMES, -(-HOLE[1] // BLOCK_FRAMES) * BLOCK_FRAMES)
    through_THW3 = through_video(model_of(setting.weights).video, frames_THW3[blocks])
    return through_THW3[HOLE[0] - blocks.start : HOLE[1] - blocks.start]


def _error(frames_THW3: np.ndarray, truth_THW3: np.ndarray) -> float:
    apart = frames_THW3[MIDDLE].astype(float) - truth_THW3[MIDDLE]
    return float(np.square(apart).mean())


def _middles(given: Footage, shown: Mapping[str, np.ndarray], judge: Judge) -> dict[str, dict[str, float | None]]:
    """Return how far from its true place, in % of the width, the subject is found in the hole's middle frame: by how it
    stands out from the bare background, and by the judge's maps. None where it is not found.

    Truth's own column is what the finder errs by.
    """
    at = sum(HOLE) // 2
    subject_HW, width = given.truth(at), given.film.width
    background_HW3, (true_x, _) = empty(given.film).frame(at / DRAWN_FPS), centre(subject_HW)
    stands_out = contrast(shown["truth"][at], background_HW3, subject_HW)
    size_px = area_px(shown["truth"][at], background_HW3, stands_out)
    found: dict[str, dict[str, float | None]] = {"colour": {}, "judge": {}}
    for name, frames_THW3 in shown.items():
        middles = {
            "colour": found_at(frames_THW3[at], background_HW3, contrast=stands_out, area_px=size_px),
            "judge": seen_at(frames_THW3[at], judge),
        }
        for means, middle in middles.items():
            found[means][name] = None if middle is None else 100 * abs(middle[0] - true_x) / width
    ends = [centre(given.truth(end))[0] for end in (HOLE[0] - 1, HOLE[1])]
    return {**found, "way": {"truth": 100 * abs(ends[1] - ends[0]) / width}}


def seen_at(frame_HW3: np.ndarray, judge: Judge) -> tuple[float, float] | None:
    """Return the middle (x, y) of all that the judge sees to be of a kind in a frame; None where it sees nothing."""
    seen_HW = judge.see(frame_HW3[None], [0.0]).kind_THW[0] > 0
    if not seen_HW.any():
        return None
    x, y = centre(seen_HW)
    return SHRINK * (x + 0.5), SHRINK * (y + 0.5)
