"""Jobs that make a whole stream or a whole film: animate, score, storyboards, one long take, other shapes, and what a
film of 60 s costs.

T frames, H W pixels.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from PIL import Image

from kinora.engines.native.engine import NativeEngine
from kinora.evaluation.benchmark.making import KINORA, run_once
from kinora.evaluation.few_steps import asks_of, mark
from kinora.evaluation.jobs.attempt import FIRST_SEED, Part, course_of, do, untouched
from kinora.evaluation.jobs.footage import FIRST_INDEX, array_of, drawn_scene, footage, still, words_of
from kinora.evaluation.measures.appearance import motion_energy
from kinora.evaluation.measures.sync import SOUNDS, offsets
from kinora.evaluation.measures.verdicts import Evidence, judged
from kinora.evaluation.rows import Row
from kinora.evaluation.seeing.witnesses import cuts, cutter_version
from kinora.evaluation.subject import SEED
from kinora.evaluation.trials.gallery import HEIGHT, WIDTH, Setting, model_of
from kinora.evaluation.trials.staging import scene_for
from kinora.evaluation.trials.suite import Asks, Prompt, load_suite, strangers
from kinora.evaluation.trials.trial import judge_of
from kinora.media.geometry import shown_box
from kinora.models.sound_autoencoder import SAMPLE_RATE_HZ
from kinora.request import ASPECTS, DRAWN_FPS, MAX_SECONDS, Request, parse_size
from kinora.storybook.film import Film
from kinora.storybook.scene import Scene
from kinora.tasks.jobs import Source, animate, score
from kinora.tasks.story_plan import plan_story
from kinora.tasks.storyboard import render_story

ANIMATED_S, SCORED_S, SHOT_S, NUM_SHOTS, SHOWN_S, END_S = 4.0, 4.0, 2, 6, 4.0, 5
SHAPES = tuple(ASPECTS)
# How long a film is whose time and memory are measured, in the order of its rows.
LENGTHS_S = (int(MAX_SECONDS), 6)


def try_animate(number: int, setting: Setting) -> Row:
    """Return the row of a clip of which the first picture is given, beside what really comes next, and a frozen one."""
    given = footage(drawn_scene(number, ANIMATED_S), setting.out / "given")
    truth_THW3 = course_of(given.path).frames_THW3
    picture = still(truth_THW3[0], given.path.with_suffix(".png"))
    done = do(
        animate(words_of(given.film.scene), first=Source.of(picture), seconds=ANIMATED_S), setting, "animate", number
    )
    arms = {"made": done.course().frames_THW3, "truth": truth_THW3, "another's": _another(number, setting)}
    return {
        "motion": {name: motion_energy(frames_THW3) for name, frames_THW3 in arms.items()},
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


@cache
def sounding() -> tuple[Prompt, ...]:
    """Return the prompts of the suite that ask for effects and that the drawn world has a scene for: those first whose
    sounds can be timed, one after one of the others."""
    able = [prompt for prompt in drawable(SCORED_S) if prompt.asks.get("sounds")]
    timed = [prompt for prompt in able if prompt.asks.get("action") in SOUNDS]
    others = [prompt for prompt in able if prompt not in timed]
    pairs = [prompt for pair in zip(timed, others, strict=False) for prompt in pair]
    return (*pairs, *(prompt for prompt in able if prompt not in pairs))


@cache
def drawable(seconds: float) -> tuple[Prompt, ...]:
    """Return the prompts of the suite that the drawn world has a scene for, in its order of chance."""
    return tuple(prompt for prompt in load_suite() if _can_draw(prompt, seconds))


def _can_draw(prompt: Prompt, seconds: float) -> bool:
    try:
        drawn_for(prompt, seconds)
    except ValueError:
        return False
    return True


def drawn_for(prompt: Prompt, seconds: float) -> Scene:
    """Return the scene of what a prompt asks for. Raises ValueError where there is none."""
    return scene_for(prompt.asks, SEED, FIRST_INDEX + prompt.id, duration_s=seconds)


def try_storyboard(number: int, setting: Setting) -> Row:
    """Return the row of a film of six shots: at which frames it is cut, and where cuts are found, in it and in rendered
    shots of the same prompts. Raises ValueError where PySceneDetect is not installed."""
    if not cutter_version():
        raise ValueError("cuts are found by PySceneDetect: pip install scenedetect")
    able = drawable(SHOT_S)
    prompts = [able[(NUM_SHOTS * number + shot) % len(able)] for shot in range(NUM_SHOTS)]
    texts = [f"[{SHOT_S * n}-{SHOT_S * (n + 1)}s] {prompt.text}" for n, prompt in enumerate(prompts)]
    request = Request(
        prompt=" ".join(texts), seconds=SHOT_S * NUM_SHOTS, steps=setting.steps, guidance=setting.guidance
    )
    path = setting.out / "clips" / f"storyboard-{number:04d}.mp4"
    path.parent.mkdir(parents=True, exist_ok=True)
    engine = NativeEngine(model_of(setting.weights))
    for _ in render_story(plan_story(request, FIRST_SEED + number), engine, path):
        pass
    times = [frame / DRAWN_FPS for frame in range(SHOT_S * DRAWN_FPS)]
    truth = [array_of(Film(drawn_for(one, SHOT_S), height=HEIGHT, width=WIDTH), times) for one in prompts]
    shown = {"made": course_of(path).frames_THW3, "truth": np.concatenate(truth)}
    return {
        "planned": [SHOT_S * DRAWN_FPS * shot for shot in range(1, NUM_SHOTS)],
        "found": {name: cuts(frames_THW3, DRAWN_FPS) for name, frames_THW3 in shown.items()},
    }


def try_take(number: int, setting: Setting) -> Row:
    """Return the row of 60 s in one take: what the judge marks right in its first and in its last five seconds."""
    able = [prompt for prompt in drawable(MAX_SECONDS) if asks_of(prompt)]
    prompt = able[2 * number % len(able)]
    done = do(Request(prompt=prompt.text, seconds=MAX_SECONDS), setting, "take", number)
    size, end = END_S * DRAWN_FPS, int(MAX_SECONDS) - END_S
    film = Film(drawn_for(prompt, MAX_SECONDS), height=HEIGHT, width=WIDTH)
    ends = [[start_s + frame / DRAWN_FPS for frame in range(size)] for start_s in (0, end)]
    made_THW3, judge = done.course().frames_THW3, judge_of(setting.judge)
    shown = {"made": (made_THW3[:size], made_THW3[-size:]), "truth": tuple(array_of(film, times) for times in ends)}
    marks = {name: [mark(judge, prompt, frames) for frames in parts] for name, parts in shown.items()}
    return {"prompt": prompt.text, "marks": marks}


def try_shape(number: int, setting: Setting) -> Row:
    """Return the row of one prompt in one shape, six rows a prompt: what the judge marks right, made, rendered, and cut
    out of the wide clip of the same prompt afterwards."""
    able = [prompt for prompt in drawable(SHOWN_S) if asks_of(prompt)]
    group, shape = divmod(number, len(SHAPES))
    prompt, size = able[2 * group % len(able)], SHAPES[shape]
    request = Request(prompt=prompt.text, seconds=SHOWN_S, size=size)
    done = do(request, setting, "shape", number)
    height, width = parse_size(size)
    film = Film(drawn_for(prompt, SHOWN_S), height=height, width=width)
    times = [number / DRAWN_FPS for number in range(round(SHOWN_S * DRAWN_FPS))]
    wide = done if shape == 0 else do(replace(request, size=SHAPES[0]), setting, "wide", number)
    shown = {
        "made": done.course().frames_THW3,
        "truth": array_of(film, times),
        "cropped": cropped(wide.course().frames_THW3, height, width),
    }
    marks = {name: mark(judge_of(setting.judge), prompt, frames_THW3) for name, frames_THW3 in shown.items()}
    return {"prompt": prompt.text, "group": group, "shape": size, "marks": marks}


def cropped(frames_THW3: np.ndarray, height: int, width: int) -> np.ndarray:
    """Return the middle of frames in another shape, scaled to its size by bicubic interpolation: what is done where a
    shape can't be drawn."""
    box = shown_box(frames_THW3.shape[1:3], (height, width))
    resize = partial(Image.Image.resize, size=(width, height), resample=Image.Resampling.BICUBIC, box=box)
    return np.stack([np.asarray(resize(Image.fromarray(frame))) for frame in frames_THW3])


def try_cost(number: int, setting: Setting) -> Row:
    """Return the row of what `kinora storyboard` takes for six shots of 60 s, or 6 s: wall seconds and peak memory of
    its own process, threads as the environment has them."""
    seconds = LENGTHS_S[number]
    each = seconds // NUM_SHOTS
    texts = [prompt.text for prompt in drawable(SHOT_S)[: 2 * NUM_SHOTS : 2]]
    story = " ".join(f"[{each * n}-{each * (n + 1)}s] {text}" for n, text in enumerate(texts))
    with TemporaryDirectory(prefix="kinora-evaluation-") as folder:
        film = Path(folder, "film.mp4")
        made = ["--seed", str(FIRST_SEED), "--weights", str(setting.weights), "-o", str(film)]
        wall_s, peak_bytes = run_once([*KINORA, "storyboard", story, *made])
        assert course_of(film).frames_THW3.shape[0] == seconds * DRAWN_FPS
    return {"film_s": seconds, "seconds": wall_s, "peak_bytes": peak_bytes}
