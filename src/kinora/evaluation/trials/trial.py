"""One clip on trial: what the judge sees and hears in it, held against what was asked, as a row of plain values.

T frames, H W pixels. A row says all that the report needs of a clip, so that every figure can be computed again.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from kinora.evaluation.measures.physics import has_law, law_of, numbers_of
from kinora.evaluation.measures.sync import offsets
from kinora.evaluation.measures.verdicts import Evidence, judged
from kinora.evaluation.rows import Row
from kinora.evaluation.seeing.judge import Judge
from kinora.evaluation.seeing.oracle import hearing_of_scene, sight_of_film
from kinora.evaluation.seeing.sight import LOOK_EVERY, Sight
from kinora.evaluation.trials.copying import LOOKS, glances, small
from kinora.evaluation.trials.gallery import ARMS, HEIGHT, WIDTH, Setting, Shown, digest, drawn, model_of, truth_scene
from kinora.evaluation.trials.impressions import impressions, short, thinned
from kinora.evaluation.trials.suite import Asks, Prompt
from kinora.evaluation.trials.testimony import told_by_witnesses
from kinora.media.files import whole_file
from kinora.models.sound_autoencoder import SAMPLE_RATE_HZ
from kinora.request import DRAWN_FPS
from kinora.storybook.film import Film

# A change to how clips are marked needs rows of another name.
MARKING = 3
STILL_QUALITY = 88
FORMATS = {".jpg": "JPEG", ".png": "PNG"}
# The arm of drawn clips that are marked by what is known of them, and not by what the judge reads.
ORACLE = "oracle"
OF_DRAWINGS = ("truth", "round trip", ORACLE)
# Things asked for whose marks depend on nothing else that is asked.
APART = ("place", "light", "weather", "sign", "sounds", "ambience", "music")


@dataclass(frozen=True, kw_only=True)
class Job:
    """A clip to judge: an arm of the trial, a prompt, and what strangers ask for in its place."""

    arm: str
    prompt: Prompt
    strangers: Mapping[str, Any] = field(default_factory=dict)


@lru_cache(maxsize=1)
def judge_of(path: Path) -> Judge:
    """Return the judge of a weights file, read once a process."""
    return Judge.load(path)


def key_of(job: Job, setting: Setting) -> str:
    """Return the name of a job's row: everything that the row depends on."""
    hashes = (model_of(setting.weights).sha256, judge_of(setting.judge).networks.sha256)
    how = (MARKING, setting.steps, setting.guidance, setting.seconds, setting.long_s)
    said = (job.prompt.text, dict(job.prompt.asks), dict(job.strangers), job.prompt.seed)
    return f"{job.arm} {job.prompt.id} {digest(hashes, how, said)}"


def try_one(job: Job, setting: Setting) -> Row:
    """Return the row of a clip, which is made if it is not there. Where the drawn world has none, the row says so."""
    prompt = job.prompt
    row: Row = {"key": key_of(job, setting), "arm": job.arm, "id": prompt.id, "written": prompt.written}
    row |= {"prompt": prompt.text, "asks": dict(prompt.asks), "held_out": prompt.held_out, "seed": prompt.seed}
    row |= {"mate": prompt.mate, "strangers": dict(job.strangers)}
    try:
        _ = truth_scene(prompt, setting) if job.arm in OF_DRAWINGS else None
    except ValueError as error:
        return {**row, "missing": str(error)}
    if job.arm == ORACLE:
        return {**row, **mark_by_oracle(prompt, setting), "by_strangers": {}}
    shown = ARMS[job.arm](prompt, setting)
    row |= mark(shown, prompt.asks, job.strangers, judge_of(setting.judge))
    return {**row, "file": shown.file, **_keep_pictures(shown, row["key"], setting)}


def mark(shown: Shown, asks: Asks, others: Mapping[str, Any], judge: Judge) -> Row:
    """Return all marks of a clip: by what was asked, by what strangers ask, how it looks, and what witnesses say."""
    frames_THW3, times_s = shown.frames_THW3, [number / DRAWN_FPS for number in range(len(shown.frames_THW3))]
    seen, heard = judge.see(frames_THW3, times_s), judge.hear(shown.wave_L, SAMPLE_RATE_HZ)
    evidence = Evidence(thinned(seen, LOOK_EVERY), heard, frames_THW3, DRAWN_FPS)
    return {
        **marks_of_all(asks, evidence, seen),
        "by_strangers": by_strangers(lambda wanted: marks(wanted, evidence, seen), asks, others),
        "offsets_s": offsets(asks, seen, heard),
        "looks": impressions(asks, frames_THW3, seen),
        "features": [short(float(x)) for x in judge.features(glances(frames_THW3)).mean(axis=0)],
        "seen": described(evidence),
        "witnesses": told_by_witnesses(shown, asks, evidence.sight),
    }


def marks(wanted: Asks, evidence: Evidence, seen: Sight) -> dict[str, float]:
    """Return the marks for what is wanted; laws of motion are read off every frame that was seen."""
    given = judged(wanted, evidence)
    return given | ({"physics": float(law_of(wanted, seen).passed)} if has_law(wanted) else {})


def marks_of_all(asks: Asks, evidence: Evidence, seen: Sight) -> Row:
    """Return the marks for what was asked, and the numbers of the law that it asks for."""
    law = numbers_of(law_of(asks, seen)) if has_law(asks) else {}
    return {"verdicts": marks(asks, evidence, seen), "law": {name: short(value) for name, value in law.items()}}


def mark_by_oracle(prompt: Prompt, setting: Setting) -> Row:
    """Return the marks of the drawn clip by the drawn world's own maps and sounds in the judge's place.

    What is missing to 100 % is the fault of the rules, what the judge's own marks miss beyond that is the judge's.
    Raises ValueError where the drawn world has no scene.
    """
    frames_THW3 = drawn(prompt, setting).frames_THW3
    film = Film(truth_scene(prompt, setting), height=HEIGHT, width=WIDTH)
    seen = sight_of_film(film, [number / DRAWN_FPS for number in range(len(frames_THW3))])
    heard = hearing_of_scene(film.scene)
    return marks_of_all(prompt.asks, Evidence(thinned(seen, LOOK_EVERY), heard, frames_THW3, DRAWN_FPS), seen)


def by_strangers(
    marks: Callable[[Asks], dict[str, float]], asks: Asks, others: Mapping[str, Any]
) -> dict[str, dict[str, float]]:
    """Return the marks of a clip for each thing that a stranger asks, all else as asked.

    What has no say in other marks is changed at once, the rest one by one.
    """
    apart = {thing: value for thing, value in others.items() if thing in APART}
    at_once = marks({**asks, **apart}) if apart else {}
    one_by_one = {thing: marks({**asks, thing: value}) for thing, value in others.items() if thing not in APART}
    return {**{thing: at_once for thing in apart}, **one_by_one}


def described(evidence: Evidence) -> dict[str, Any]:
    """Return in words what the judge saw and heard of the whole clip; colours are those of things of any kind."""
    seen, heard = evidence.sight, evidence.hearing
    return {
        "place": seen.place,
        "light": seen.light,
        "weather": seen.weather,
        "colours": sorted({track.colour for track in evidence.tracks if track.colour}),
        "sign": evidence.sign,
        "sounds": {name: [round(time, 2) for time in times] for name, times in heard.onsets.items()},
        "ambience": list(heard.ambience),
        "music": [word for word in (heard.instrument, heard.mood, heard.tempo) if word],
    }


def _keep_pictures(shown: Shown, key: str, setting: Setting) -> dict[str, str]:
    """Write four frames in a square for the page, and the same four small ones side by side, without loss."""
    halved_THW3, name = glances(shown.frames_THW3)[:, ::2, ::2], key.replace(" ", "-")
    square = np.concatenate([np.concatenate(list(halved_THW3[n : n + 2]), axis=1) for n in (0, 2)])
    still = keep_picture(square, setting.out, f"stills/{name}.jpg")
    return {"still": still, "small": keep_picture(strip(small(shown.frames_THW3)), setting.out, f"small/{name}.png")}


def keep_picture(pixels_HW3: np.ndarray, out: Path, name: str) -> str:
    """Write a picture under a folder, whole or not at all; returns its name."""
    (out / name).parent.mkdir(exist_ok=True)
    with whole_file(out / name) as temporary:
        Image.fromarray(pixels_HW3).save(temporary, format=FORMATS[Path(name).suffix], quality=STILL_QUALITY)
    return name


def strip(frames_THW3: np.ndarray) -> np.ndarray:
    """Return frames side by side as one picture."""
    return np.concatenate(list(frames_THW3), axis=1)


def read_small(path: Path) -> np.ndarray:
    """Return the small frames of a strip, uint8 (4, h, w, 3)."""
    with Image.open(path) as picture:
        strip = np.asarray(picture.convert("RGB"))
    return np.stack(np.split(strip, len(LOOKS), axis=1))
