"""Storyboards: whether a film is cut where it is planned to be, and what a film of 60 s costs."""

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from kinora.engines.native.engine import NativeEngine
from kinora.evaluation.benchmark.making import KINORA, run_once
from kinora.evaluation.jobs.asked import NUM_SHOTS, SHOT_S, drawn_for, shots_of
from kinora.evaluation.jobs.attempt import FIRST_SEED, course_of
from kinora.evaluation.jobs.footage import array_of
from kinora.evaluation.rows import Row
from kinora.evaluation.seeing.witnesses import cuts, cutter_version
from kinora.evaluation.trials.gallery import HEIGHT, WIDTH, Setting, model_of
from kinora.media.packets import read_coded
from kinora.request import DRAWN_FPS, MAX_SECONDS, Request
from kinora.storybook.film import Film
from kinora.tasks.story_plan import plan_story
from kinora.tasks.storyboard import render_story

# How long a film is whose time and memory are measured, in the order of its rows.
LENGTHS_S = (int(MAX_SECONDS), 6)


def try_storyboard(number: int, setting: Setting) -> Row:
    """Return the row of a film of six shots, 60 s: at which frames it is to be cut, where groups of pictures begin in
    its file, and where either detector finds cuts, in it and in rendered shots of the same prompts, one after another.

    Raises ValueError where PySceneDetect is not installed.
    """
    if not cutter_version():
        raise ValueError("cuts are found by PySceneDetect: pip install scenedetect")
    prompts = shots_of(number)
    request = Request(
        prompt=story_of([prompt.text for prompt in prompts], SHOT_S),
        seconds=SHOT_S * NUM_SHOTS,
        steps=setting.steps,
        guidance=setting.guidance,
    )
    path = setting.out / "clips" / f"storyboard-{number:04d}.mp4"
    path.parent.mkdir(parents=True, exist_ok=True)
    for _ in render_story(plan_story(request, FIRST_SEED + number), NativeEngine(model_of(setting.weights)), path):
        pass
    times = [frame / DRAWN_FPS for frame in range(SHOT_S * DRAWN_FPS)]
    truth = [array_of(Film(drawn_for(one, SHOT_S), height=HEIGHT, width=WIDTH), times) for one in prompts]
    shown = {"made": course_of(path).frames_THW3, "truth": np.concatenate(truth)}
    return {
        "prompts": [prompt.text for prompt in prompts],
        "planned": [SHOT_S * DRAWN_FPS * shot for shot in range(1, NUM_SHOTS)],
        "found": {name: cuts(frames_THW3, DRAWN_FPS) for name, frames_THW3 in shown.items()},
        "adaptive": {name: cuts(frames_THW3, DRAWN_FPS, adaptive=True) for name, frames_THW3 in shown.items()},
        "groups": {"made": list(read_coded(path).borders)},
    }


def story_of(texts: list[str], each_s: int) -> str:
    """Return a story in blocks of so many seconds."""
    return " ".join(f"[{each_s * n}-{each_s * (n + 1)}s] {text}" for n, text in enumerate(texts))


def try_cost(number: int, setting: Setting) -> Row:
    """Return the row of what `kinora storyboard` takes for six shots of 60 s, or 6 s: wall seconds and peak memory of
    its own process, threads as the environment has them."""
    seconds = LENGTHS_S[number]
    story = story_of([prompt.text for prompt in shots_of(0)], seconds // NUM_SHOTS)
    with TemporaryDirectory(prefix="kinora-evaluation-") as folder:
        film = Path(folder, "film.mp4")
        made = ["--seed", str(FIRST_SEED), "--weights", str(setting.weights), "-o", str(film)]
        wall_s, peak_bytes = run_once([*KINORA, "storyboard", story, *made])
        assert course_of(film).frames_THW3.shape[0] == seconds * DRAWN_FPS
    return {"film_s": seconds, "seconds": wall_s, "peak_bytes": peak_bytes}
