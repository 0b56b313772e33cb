"""Witnesses beside the judge: shares of hand-made rows, and what is told of painted frames and of clicks."""

from collections import Counter

import numpy as np
import pytest

from kinora.evaluation.parts.signs import sign_shots
from kinora.evaluation.seeing.sight import Sight
from kinora.evaluation.seeing.witnesses import witness_version
from kinora.evaluation.trials.corroboration import beside
from kinora.evaluation.trials.gallery import Shown
from kinora.evaluation.trials.testimony import colours_of, told_by_witnesses, words_of
from kinora.models.sound_autoencoder import SAMPLE_RATE_HZ
from kinora.storybook.film import Film
from kinora.storybook.maps import truth_maps
from kinora.storybook.sample import draw_scene
from kinora.storybook.vocabulary import COLOURS

ASKS = {"colour": "red", "sounds": ["bark"]}


def row(arm="made", number=1, *, seen=("red",), colours=("red",), cuts=0, heard=(), onsets_s=(), **more):
    said = {"colours": list(colours), "words": None, "cuts": cuts, "onsets_s": list(onsets_s), "seconds": 4.0}
    said["loudness_lufs"] = -16.0 if heard else None
    return {
        **{"arm": arm, "id": number, "written": number, "asks": ASKS, "witnesses": said, "strangers": {}},
        **{"verdicts": {"sound: bark": float(bool(heard))}, "by_strangers": {}},
        **{"seen": {"colours": list(seen), "sounds": {"bark": list(heard)} if heard else {}}, **more},
    }


def figures(rows, name, column="made"):
    (line,) = (line for line in beside(rows).lines if line.name == name)
    return line.figures[column].value, line.figures[column].num


def test_agreement_counts_both_yes_and_both_no():
    rows = [row(), row(number=2, colours=()), row(number=3, seen=(), colours=()), row(number=4, seen=())]
    rows.append(row(number=5))
    assert figures(rows, "colour, judge") == figures(rows, "colour, witness") == (60, 5)
    assert figures(rows, "colour, they agree") == (60, 5)
    assert figures(rows, "colour, witness where the judge says yes") == (pytest.approx(200 / 3), 3)
    assert figures(rows, "colour, witness where the judge says no") == (50, 2)


def test_a_stranger_holds_the_witness_to_its_own_colour():
    other = row(strangers={"colour": "blue"}, by_strangers={"colour": {}})
    assert figures([other], "colour, witness") == (100, 1)
    assert figures([other], "colour, witness", "shuffled") == (0, 1)
    assert figures([other], "colour, they agree", "shuffled") == (100, 1)


def test_a_sign_is_right_as_a_whole_and_only_where_a_reader_was_there():
    asked, said = {"sign": "OPEN"}, row()["witnesses"]
    judge_reads = {"sounds": {}, "colours": [], "sign": "OPEN"}
    rows = [
        row(asks=asked, witnesses={**said, "words": ["OPE", "OPEN"]}),
        row(number=2, asks=asked, witnesses={**said, "words": ["OPE"]}),
        row(number=3, asks=asked, witnesses={**said, "words": None}),
    ]
    rows = [{**one, "seen": judge_reads, "verdicts": {}} for one in rows]
    assert figures(rows, "sign, judge") == (100, 2)
    assert figures(rows, "sign, witness") == figures(rows, "sign, they agree") == (50, 2)


def test_loudness_is_that_of_what_is_heard():
    assert figures([row(heard=(1.0,)), row(number=2)], "loudness") == (-16, 1)


def test_onsets_are_confirmed_within_fifty_milliseconds_and_chance_is_what_they_cover():
    rows = [row(heard=(1.0, 2.0), onsets_s=(1.04, 3.0, 3.02)), row(number=2)]
    assert figures(rows, "onsets of the judge at which something sets in") == (50, 2)
    # A tenth of a second around one onset and 0.12 around two that overlap.
    assert figures(rows, "the same at chance times") == (pytest.approx(100 * 0.22 / 4), 2)
    assert (
        figures(rows, "asked sound, judge") == figures(rows, "asked sound, judge and something sets in then") == (50, 2)
    )
    late = [row(heard=(1.0,), onsets_s=(1.06,))]
    assert figures(late, "asked sound, judge and something sets in then") == (0, 1)


def test_cuts_are_counted_by_clip_and_long_clips_have_their_column():
    rows = [row(cuts=3), row(number=2), row("long", cuts=0), row("truth", cuts=None)]
    name = "clips in which a cut is counted"
    assert figures(rows, name) == (50, 2) and figures(rows, name, "long") == (0, 1)
    (line,) = (line for line in beside(rows).lines if line.name == name)
    assert "truth" not in line.figures


def test_nothing_asked_for_gives_no_line():
    assert "sign, judge" not in [line.name for line in beside([row()]).lines]


def test_witnesses_tell_what_was_painted_and_clicked():
    frames = np.full((48, 144, 256, 3), (200, 225, 255), np.uint8)
    frames[:, 50:90, 100:150] = COLOURS["red"]
    wave = np.zeros(4 * SAMPLE_RATE_HZ, np.float32)
    wave[SAMPLE_RATE_HZ : SAMPLE_RATE_HZ + 600] = 0.5 * np.random.default_rng(0).standard_normal(600)
    nothing = np.zeros((16, 36, 64), np.uint8)
    seen = Sight(
        times_s=tuple(n / 4 for n in range(16)),
        kind_THW=nothing,
        colour_THW=nothing,
        letter_THW=nothing,
        place="",
        light="",
        weather="",
    )
    told = told_by_witnesses(Shown(frames_THW3=frames, wave_L=wave), {"sign": "OPEN"}, seen)
    assert told["colours"] == ["red"] and told["seconds"] == 4 and told["cuts"] in (0, None)
    assert told["words"] == ([] if witness_version() else None)
    assert told["onsets_s"][0] == pytest.approx(1.0, abs=0.01)


def test_most_drawn_subjects_stand_out_in_any_light_and_few_other_colours_do():
    right, others = [], []
    scenes = [scene for index in range(40) if len((scene := draw_scene(990_001, index, duration_s=4.0)).actors) == 1]
    for scene in scenes:
        film = Film(scene, height=144, width=256)
        colour, shown = scene.actors[0].who.colour, colours_of(np.stack([film.frame(t) for t in (0.5, 1.5, 2.5, 3.5)]))
        right.append(colour in shown)
        others.append(len(set(shown) - {colour}) / (len(COLOURS) - 1))
    assert len(scenes) > 20 and np.mean(right) > 0.5
    assert np.mean(others) < 0.3


@pytest.mark.skipif(not witness_version(), reason="tesseract is not installed")
def test_most_drawn_signs_are_read_where_true_maps_show_letters():
    shots = list(sign_shots(Counter({4: 8}), lambda frames: frames))
    # The camera rests, so that letters stand where they stood at first.
    maps = [truth_maps(Film(shot.scene, height=144, width=256), 0.0).letter for shot in shots]
    said = [words_of(shot.drawn[None], letter_hw[None]) for shot, letter_hw in zip(shots, maps, strict=True)]
    assert sum(shot.word in words for shot, words in zip(shots, said, strict=True)) >= 4
    assert words_of(shots[0].drawn[None], np.zeros_like(maps[0])[None]) == []
