"""`python -m kinora.evaluation.seeing.validation`: how well the judge reads clips of which every fact is known.

Unseen scenes as drawn, after the autoencoders, and decoded from latents that are noised, x_t = (1 - t) x + t noise:
what the judge reads must fall with t, and from pure noise it must read nothing. The same scenes as drawn, their pixels
blurred, brightened, compressed or made noisy, tell what it bears beyond that.

T frames looked at, H W pixels, L samples.
"""

import argparse
import json
import shlex
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.ndimage import label

from kinora.evaluation.figures import LEVEL, Figure, share
from kinora.evaluation.machine import machine_facts
from kinora.evaluation.seeing.corruptions import CORRUPTIONS
from kinora.evaluation.seeing.judge import Judge
from kinora.evaluation.seeing.oracle import hearing_of_scene, sight_of_film
from kinora.evaluation.seeing.sight import LOOK_EVERY, Hearing, Sight
from kinora.evaluation.seeing.tracks import NEIGHBOURS, things_in
from kinora.evaluation.subject import SEED, Subject, from_weights
from kinora.media.files import whole_file
from kinora.models.judge import MUSIC, SCENE, SHIPPED_JUDGE
from kinora.models.sound_autoencoder import SAMPLE_RATE_HZ
from kinora.models.weights import SHIPPED
from kinora.storybook.film import Film, events_of
from kinora.storybook.sound.mix import compose
from kinora.storybook.vocabulary import COLOUR_NAMES, KIND_NAMES
from kinora.training.judge_material import lettered_scene, sound_through, video_through
from kinora.training.shapes import CLIP_S, FPS

HEIGHT, WIDTH = 144, 256
NEAR_S = 0.1
LEVELS = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.7, 1.0)
DRAWN, DECODED = "as drawn", "autoencoder"
NOISE = "pure noise"
# The drawn clips that are corrupted, before they are.
UNTOUCHED = "untouched"
# Fewer cells than these, all frames together, show too little of somebody to tell who it is.
LEAST_CELLS = 32
CORRUPTED = ("kind", "colour", *SCENE, "letters")
SEEN = ("kind", "colour", "count", *SCENE, "letters")
HEARD = ("sounds found", "ambience", "instrument", "mood", "tempo")
# Right where nothing is made up: whoever says nothing is always right here, so it is no part of a score.
QUIET = ("sounds that are there", "no ambience", "no music")
ANSWERS = "clips of which anything is said"

# Root mean square of white noise, in decibels of full scale.
NOISE_DB = (-40, -20, -10)

# By attribute: how many answers are right, of how many asked.
Marks = dict[str, tuple[float, float]]


@dataclass(frozen=True, kw_only=True)
class Shot:
    """A scene with all that is known of it, and its frames (48, H, W, 3) and wave (L,) as drawn."""

    film: Film
    frames: np.ndarray
    wave: np.ndarray
    sight: Sight
    hearing: Hearing


def shot(index: int, seed: int = SEED) -> Shot:
    """Return scene number `index` at twelve frames a second."""
    film = Film(lettered_scene(seed, index), height=HEIGHT, width=WIDTH)
    times = [frame / FPS for frame in range(round(CLIP_S * FPS))]
    return Shot(
        film=film,
        frames=np.stack([film.frame(t_s) for t_s in times]),
        wave=compose(film.scene, events_of(film.scene, film.tracks)).mix(),
        sight=sight_of_film(film, times[::LOOK_EVERY]),
        hearing=hearing_of_scene(film.scene),
    )


def seen(one: Shot, judge: Judge, frames_THW3: np.ndarray) -> Marks:
    """Return marks for what the judge sees in all frames of a clip."""
    said, truth = judge.see(frames_THW3[::LOOK_EVERY], one.sight.times_s), one.sight
    marks: Marks = {name: (float(getattr(said, name) == getattr(truth, name)), 1) for name in SCENE}
    kind = main_word(truth.kind_THW, KIND_NAMES)
    if len(one.film.scene.actors) == 1 and kind:
        marks["kind"] = float(main_word(said.kind_THW, KIND_NAMES) == kind), 1
        colour = main_word(truth.colour_THW, COLOUR_NAMES)
        marks["colour"] = float(main_word(said.colour_THW, COLOUR_NAMES) == colour), 1
    if kind and not one.film.scene.relation:
        marks["count"] = float(count_of(said, kind) == count_of(truth, kind)), 1
    marks["letters"] = letters_right(said, truth)
    marks[ANSWERS] = float(bool(said.place or said.kind_THW.any() or said.letter_THW.any())), 1
    return marks


def main_word(map_THW: np.ndarray, names: Sequence[str]) -> str:
    """Return what most cells that show anything show; "" where too few do."""
    counts = np.bincount(map_THW[map_THW > 0], minlength=len(names))
    return names[int(counts.argmax())] if counts.sum() >= LEAST_CELLS else ""


def count_of(sight: Sight, kind: str) -> int:
    """Return how many things of a kind a frame shows, the median over frames."""
    things = [things_in(sight, frame) for frame in range(len(sight.kind_THW))]
    return int(np.median([sum(thing.kind == kind for thing in some) for some in things]))


def letters_right(said: Sight, truth: Sight) -> tuple[float, float]:
    """Return how many of the letters in sight, frame by frame, are what most cells where they stand say."""
    right = asked = 0
    for said_HW, truth_HW in zip(said.letter_THW, truth.letter_THW, strict=True):
        for letter in np.unique(truth_HW[truth_HW > 0]):
            places_HW, num = label(truth_HW == letter, NEIGHBOURS)
            for place in range(1, num + 1):
                right += int(np.bincount(said_HW[places_HW == place]).argmax() == letter)
            asked += num
    return right, asked


def heard(one: Shot, judge: Judge, wave_L: np.ndarray) -> Marks:
    """Return marks for what the judge hears in a clip."""
    said, truth = judge.hear(wave_L, SAMPLE_RATE_HZ), one.hearing
    marks: Marks = {"ambience" if truth.ambience else "no ambience": (float({*said.ambience} == {*truth.ambience}), 1)}
    if truth.instrument:
        marks |= {name: (float(getattr(said, name) == getattr(truth, name)), 1) for name in MUSIC}
    else:
        marks["no music"] = float(not said.instrument), 1
    for kind in truth.onsets:
        marks[f"{kind}, found"] = near(truth.onsets[kind], said.onsets.get(kind, ()))
    marks["sounds found"] = _total(near(times, said.onsets.get(kind, ())) for kind, times in truth.onsets.items())
    marks["sounds that are there"] = _total(
        near(times, truth.onsets.get(kind, ())) for kind, times in said.onsets.items()
    )
    anything = said.onsets or said.ambience or said.instrument
    return {**marks, f"{ANSWERS}, sound": (float(bool(anything)), 1)}


def near(times: Sequence[float], others: Sequence[float]) -> tuple[float, float]:
    """Return how many of the seconds have one of the others within 100 ms, of how many."""
    apart = np.abs(np.asarray(times)[:, None] - np.asarray(others)[None])
    return float((apart.min(axis=1, initial=np.inf) <= NEAR_S).sum()), len(times)


def _total(marks: Iterator[tuple[float, float]]) -> tuple[float, float]:
    right, asked = np.array([(0.0, 0.0), *marks]).sum(axis=0)
    return float(right), float(asked)


def marks_of(one: Shot, judge: Judge, subject: Subject, level: float | None, rng: np.random.Generator) -> Marks:
    """Return all marks of a clip as drawn (None) or decoded from latents noised to a level."""
    assert subject.video is not None and subject.sound is not None
    if level is None:
        return seen(one, judge, one.frames) | heard(one, judge, one.wave)
    made = video_through(subject.video, one.frames, level, rng)
    return seen(one, judge, made) | heard(one, judge, sound_through(subject.sound, one.wave, level, rng))


def noise_marks(index: int, judge: Judge) -> Marks:
    """Return whether anything is said of noise that was never decoded: of pixels, and of waves, quiet to loud."""
    rng = np.random.default_rng([SEED, index, 8])
    frames = rng.integers(0, 256, (round(CLIP_S * FPS) // LOOK_EVERY, HEIGHT, WIDTH, 3), dtype=np.uint8)
    said = judge.see(frames, [0.0] * len(frames))
    cells = (said.kind_THW > 0) | (said.letter_THW > 0)
    marks: Marks = {
        ANSWERS: (float(bool(said.place or said.light or said.weather or cells.any())), 1),
        "cells that show anything": (float(cells.sum()), cells.size),
    }
    wave = rng.standard_normal(round(CLIP_S * SAMPLE_RATE_HZ)).astype(np.float32)
    for level_db in NOISE_DB:
        sound = judge.hear(10 ** (level_db / 20) * wave, SAMPLE_RATE_HZ)
        anything = bool(sound.onsets or sound.ambience or sound.instrument)
        marks[f"{ANSWERS}, sound at {level_db} dB"] = float(anything), 1
    return marks


def measure(judge: Judge, subject: Subject, num: int, num_noised: int) -> dict[str, list[Figure]]:
    """Return the figures of each pass: `num` scenes as drawn and decoded, `num_noised` of them noised on the way, and
    those again as drawn with their pixels corrupted."""
    marks: dict[str, list[Marks]] = defaultdict(list)
    for index in range(num):
        one, number = shot(index), [SEED, index, 9]
        marks[DRAWN].append(marks_of(one, judge, subject, None, np.random.default_rng(number)))
        marks[DECODED].append(marks_of(one, judge, subject, 0.0, np.random.default_rng(number)))
        if index < num_noised:
            marks[UNTOUCHED].append(marks[DRAWN][-1])
            for name, corrupt in CORRUPTIONS.items():
                marks[name].append(seen(one, judge, corrupt(one.frames)))
            marks[pass_name(0)].append(marks[DECODED][-1])
            for level in LEVELS[1:]:
                marks[pass_name(level)].append(marks_of(one, judge, subject, level, np.random.default_rng(number)))
    marks[NOISE] = [noise_marks(index, judge) for index in range(num_noised)]
    return {name: shares(rows) for name, rows in marks.items()}


def pass_name(level: float) -> str:
    """Return what a level of noise is called."""
    return f"t = {level:g}"


def shares(rows: Sequence[Marks]) -> list[Figure]:
    """Return the share that is right of every attribute that was asked at all."""
    names = dict.fromkeys(name for row in rows for name in row)
    columns = {name: np.array([row.get(name, (0.0, 0.0)) for row in rows]) for name in names}
    return [share(name, *column.T) for name, column in columns.items() if column[:, 1].sum() > 0]


def score(figures: Sequence[Figure], attributes: Sequence[str]) -> float:
    """Return the mean share of those of the attributes that were asked, in percent."""
    return float(np.mean([figure.value for figure in figures if figure.name in attributes]))


def table(measured: Mapping[str, Sequence[Figure]], names: Sequence[str], passes: Sequence[str]) -> str:
    """Return a Markdown table, attributes down, passes across: the share that is right, its interval and n."""
    lines = [f"| | {' | '.join(passes)} |", "|---" * (len(passes) + 1) + "|"]
    for name in names:
        cells = [next((_cell(f) for f in measured.get(one, ()) if f.name == name), "") for one in passes]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _cell(figure: Figure) -> str:
    assert figure.low is not None and figure.high is not None
    return f"{figure.value:.0f} % ({figure.low:.0f} to {figure.high:.0f}, n {figure.num})"


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(prog="python -m kinora.evaluation.seeing.validation", description=__doc__)
    parser.add_argument("--judge", type=Path, default=SHIPPED_JUDGE, help="the judge's weights (default: the shipped)")
    parser.add_argument("--weights", type=Path, default=SHIPPED, help="whose autoencoders (default: the shipped)")
    parser.add_argument("--clips", type=int, default=150, metavar="N", help="unseen scenes (default: 150)")
    parser.add_argument("--noised", type=int, default=60, metavar="N", help="how many at every level (default: 60)")
    parser.add_argument("--out", type=Path, metavar="FILE", help="write the figures as JSON")
    arguments = parser.parse_args()
    judge, subject, facts = Judge.load(arguments.judge), from_weights(arguments.weights), machine_facts()
    measured = measure(judge, subject, arguments.clips, arguments.noised)
    sys.stdout.write(report(measured))
    if arguments.out:
        said = {
            "command": shlex.join(["python", "-m", "kinora.evaluation.seeing.validation", *sys.argv[1:]]),
            "seed": SEED,
            "interval": f"{LEVEL:.0%}: the wider of Wilson's and the bootstrap over scenes",
            "sha256": {"judge": judge.networks.sha256, **subject.hashes},
            "machine": facts,
            "passes": {name: [figure.to_json() for figure in figures] for name, figures in measured.items()},
            "scores": {
                kind: {
                    name: score(figures, names)
                    for name, figures in measured.items()
                    if name != NOISE and any(figure.name in names for figure in figures)
                }
                for kind, names in (("seen", SEEN), ("heard", HEARD))
            },
        }
        with whole_file(arguments.out) as temporary:
            temporary.write_text(json.dumps(said, indent=2) + "\n")


def report(measured: Mapping[str, Sequence[Figure]]) -> str:
    """Return the Markdown report: attributes as drawn and decoded, sounds one by one, levels of noise, pure noise."""
    first, levels = (DRAWN, DECODED), [pass_name(level) for level in LEVELS]
    single = sorted({f.name for name in first for f in measured[name] if f.name.endswith(", found")})
    lines = [f"| mean share | {' | '.join(levels)} |", "|---" * (len(levels) + 1) + "|"]
    for kind, names in (("seen", SEEN), ("heard", HEARD)):
        lines.append(f"| {kind} | {' | '.join(f'{score(measured[one], names):.1f} %' for one in levels)} |")
    parts = [
        ("What the judge reads rightly", table(measured, (*SEEN, *HEARD, *QUIET), first)),
        ("Sounds found within 100 ms", table(measured, single, first)),
        ("Against noise in the latents", "\n".join(lines)),
        ("The same, attribute by attribute", table(measured, (*SEEN, *HEARD, *QUIET), levels)),
        ("Against what happens to pixels", table(measured, CORRUPTED, (UNTOUCHED, *CORRUPTIONS))),
        ("Of latents of noise, and of noise", table(measured, _answers(measured), [pass_name(1), NOISE])),
    ]
    return "".join(f"## {title}\n\n{text}\n\n" for title, text in parts)


def _answers(measured: Mapping[str, Sequence[Figure]]) -> list[str]:
    """Return what is measured where nothing should be said."""
    decoded = [figure.name for figure in measured[pass_name(1)] if figure.name.startswith(ANSWERS)]
    return list(dict.fromkeys([*decoded, *(figure.name for figure in measured[NOISE])]))


if __name__ == "__main__":
    main()
