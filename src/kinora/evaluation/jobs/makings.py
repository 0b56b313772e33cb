"""Jobs that make a whole stream, or a whole clip of words: animate, score, one long take, other shapes.

T frames, H W pixels.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
from PIL import Image

from kinora.evaluation.few_steps import asks_of
from kinora.evaluation.jobs.asked import SCORED_S, drawable, drawn_for, marks_of, sounding
from kinora.evaluation.jobs.attempt import Part, course_of, do, untouched
from kinora.evaluation.jobs.footage import array_of, drawn_scene, footage, still, words_of
from kinora.evaluation.jobs.holes import copied
from kinora.evaluation.jobs.movement import within, zoomed
from kinora.evaluation.measures.appearance import motion_energy
from kinora.evaluation.measures.sync import offsets
from kinora.evaluation.measures.verdicts import Evidence, judged
from kinora.evaluation.rows import Row
from kinora.evaluation.trials.gallery import HEIGHT, WIDTH, Setting
from kinora.evaluation.trials.suite import Asks, Prompt, strangers
from kinora.evaluation.trials.trial import judge_of
from kinora.media.geometry import shown_box
from kinora.models.sound_autoencoder import SAMPLE_RATE_HZ
from kinora.request import ASPECTS, DRAWN_FPS, MAX_SECONDS, Request, parse_size
from kinora.storybook.film import Film
from kinora.tasks.jobs import Source, animate, score

ANIMATED_S, SHOWN_S, END_S = 4.0, 4.0, 5
SHAPES = tuple(ASPECTS)


def try_animate(number: int, setting: Setting) -> Row:
    """Return the row of a clip of which the first picture is given, beside what really comes next, another scene,
    and the same picture as other models leave it: frozen, or slowly zoomed."""
    given = footage(drawn_scene(number, ANIMATED_S), setting.out / "given")
    truth_THW3 = course_of(given.path).frames_THW3
    picture = still(truth_THW3[0], given.path.with_suffix(".png"))
    done = do(
        animate(words_of(given.film.scene), first=Source.of(picture), seconds=ANIMATED_S), setting, "animate", number
    )
    arms = {"made": done.course().frames_THW3, "truth": truth_THW3, "another's": _another(number, setting)}
    num = len(truth_THW3)
    arms |= {"frozen": copied(truth_THW3[0], truth_THW3[0], num), "zoom": zoomed(truth_THW3[0], num)}
    moved = {name: within(frames_THW3) for name, frames_THW3 in arms.items()}
    return {
        "motion": {name: motion_energy(frames_THW3) for name, frames_THW3 in arms.items()},
        "apart": {name: apart for name, (apart, _) in moved.items()},
        "within": {name: left for name, (_, left) in moved.items()},
        "second": {name: _apart(truth_THW3[0], frames_THW3[1]) for name, frames_THW3 in arms.items()},
        "kept": untouched(done, [Part(at=0, source=picture, start=0, count=1)], sound=False),
    }


def _another(number: int, setting: Setting) -> np.ndarray:
    """Return the frames of another scene: what a job that ignores its picture would be as near to."""
    return course_of(footage(drawn_scene(number + 1, ANIMATED_S), setting.out / "given").path).frames_THW3


def _apart(one_HW3: np.ndarray, other_HW3: np.ndarray) -> float:
    return float(np.abs(one_HW3.astype(float) - other_HW3).mean())


def try_score(number: int, setting: Setting) -> Row:
    """Return the row of a silent clip of what a prompt of the suite asks for, to which its sounds are made; beside the
    drawn world's own sounds, and held against what another prompt asks."""
    prompt = sounding()[number % len(sounding())]
    scene = drawn_for(prompt, SCORED_S)
    silent, sounding_one = (footage(scene, setting.out / "given", silent=silence) for silence in (True, False))
    done = do(score(Source.of(silent.path), effects=prompt.text, music=_music(prompt)), setting, "score", number)
    others = strangers(sounding())[prompt.id].get("sounds", ())
    found: Row = {"prompt": prompt.text, "sounds": {}, "offsets_s": {}}
    for name, path in {"made": done.path, "truth": sounding_one.path}.items():
        marks, found["offsets_s"][name] = _heard(path, prompt.asks, others, setting)
        found["sounds"] |= {f"{name}{whose}": mark for whose, mark in marks.items()}
    whole = Part(at=0, source=silent.path, start=0, count=silent.num_frames)
    return {**found, "kept": untouched(done, [whole], sound=False)}


def _music(prompt: Prompt) -> str:
    return " ".join([*prompt.asks.get("music", {}).values(), "music"]) if prompt.asks.get("music") else ""


def _heard(
    path: Path, asks: Asks, others: Sequence[str], setting: Setting
) -> tuple[dict[str, list[float]], list[float]]:
    """Return the marks of the sounds asked for and of a stranger's, and offsets where they can be timed."""
    course, judge = course_of(path), judge_of(setting.judge)
    assert course.wave_L is not None
    seen = judge.see(course.frames_THW3, [frame / DRAWN_FPS for frame in range(len(course.frames_THW3))])
    heard = judge.hear(course.wave_L, SAMPLE_RATE_HZ)
    evidence = Evidence(seen, heard, course.frames_THW3, DRAWN_FPS)
    wanted = {"": asks["sounds"], " for others": [sound for sound in others if sound not in asks["sounds"]]}
    return {whose: list(judged({"sounds": sounds}, evidence).values()) for whose, sounds in wanted.items()}, offsets(
        asks, seen, heard
    )


def try_take(number: int, setting: Setting) -> Row:
    """Return the row of 60 s in one take: what the judge marks right in its first and in its last five
    seconds, and what of strangers' asks."""
    able = [prompt for prompt in drawable(MAX_SECONDS) if asks_of(prompt)]
    prompt = able[2 * number % len(able)]
    done = do(Request(prompt=prompt.text, seconds=MAX_SECONDS), setting, "take", number)
    size, end = END_S * DRAWN_FPS, int(MAX_SECONDS) - END_S
    film = Film(drawn_for(prompt, MAX_SECONDS), height=HEIGHT, width=WIDTH)
    ends = [[start_s + frame / DRAWN_FPS for frame in range(size)] for start_s in (0, end)]
    made_THW3, judge = done.course().frames_THW3, judge_of(setting.judge)
    shown = {"made": (made_THW3[:size], made_THW3[-size:]), "truth": tuple(array_of(film, times) for times in ends)}
    marks = {name: [marks_of(prompt, frames, judge) for frames in parts] for name, parts in shown.items()}
    return {
        "prompt": prompt.text,
        "marks": {name: [own for own, _ in ends] for name, ends in marks.items()},
        "strangers": {name: [theirs for _, theirs in ends] for name, ends in marks.items()},
    }


def try_shape(number: int, setting: Setting) -> Row:
    """Return the row of one prompt in one shape, six rows a prompt: what the judge marks right, made, rendered, made in
    16:9 of the same seed, and cut out of that afterwards; and what of strangers' asks."""
    able = [prompt for prompt in drawable(SHOWN_S) if asks_of(prompt)]
    group, shape = divmod(number, len(SHAPES))
    prompt, size = able[2 * group % len(able)], SHAPES[shape]
    request = Request(prompt=prompt.text, seconds=SHOWN_S, size=size)
    done = do(request, setting, "shape", number)
    height, width = parse_size(size)
    film = Film(drawn_for(prompt, SHOWN_S), height=height, width=width)
    times = [number / DRAWN_FPS for number in range(round(SHOWN_S * DRAWN_FPS))]
    wide = done if shape == 0 else do(replace(request, size=SHAPES[0]), setting, "wide", number)
    wide_THW3 = wide.course().frames_THW3
    shown = {
        "made": done.course().frames_THW3,
        "truth": array_of(film, times),
        "wide": wide_THW3,
        "cropped": cropped(wide_THW3, height, width),
    }
    marks = {name: marks_of(prompt, frames_THW3, judge_of(setting.judge)) for name, frames_THW3 in shown.items()}
    return {
        "prompt": prompt.text,
        "group": group,
        "shape": size,
        "marks": {name: own for name, (own, _) in marks.items()},
        "strangers": {name: theirs for name, (_, theirs) in marks.items()},
    }


def cropped(frames_THW3: np.ndarray, height: int, width: int) -> np.ndarray:
    """Return the middle of frames in another shape, scaled to its size by bicubic interpolation: what is done where a
    shape can't be drawn."""
    box = shown_box(frames_THW3.shape[1:3], (height, width))
    resize = partial(Image.Image.resize, size=(width, height), resample=Image.Resampling.BICUBIC, box=box)
    return np.stack([np.asarray(resize(Image.fromarray(frame))) for frame in frames_THW3])
