"""The suite of tasks from plan to report, with a model of tiny size; a stopped run goes on to the same report."""

import json
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from kinora.evaluation.jobs import bridges, keeping, makings
from kinora.evaluation.jobs.asked import NUM_SHOTS, shots_of, sounding
from kinora.evaluation.jobs.attempt import Part, do, untouched
from kinora.evaluation.jobs.footage import drawn_scene, footage
from kinora.evaluation.jobs.keeping import WAYS, try_given
from kinora.evaluation.jobs.lines import median
from kinora.evaluation.jobs.suite import Plan, evaluate_jobs
from kinora.evaluation.jobs.tables import tables_of
from kinora.evaluation.measures.sync import SOUNDS
from kinora.evaluation.rows import ROWS, read_rows
from kinora.evaluation.trials.gallery import Setting
from kinora.models.judge import SHIPPED_JUDGE
from kinora.tasks.jobs import Source, extend

COMMAND = "kinora evaluate --suite tasks --out here"
PLAN = Plan(count=1, workers=1, jobs=("extend", "animate"))


@pytest.fixture(scope="module", autouse=True)
def small(tmp_path_factory):
    """Clips no longer than a law needs, and a data folder of the test's own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KINORA_HOME", str(tmp_path_factory.mktemp("home") / "kinora"))
        patch.setattr(bridges, "GIVEN_S", 2.0)
        patch.setattr(bridges, "MADE_S", 1.0)
        patch.setattr(makings, "ANIMATED_S", 1.0)
        patch.setattr(keeping, "CLIP_S", 2.0)
        yield


@pytest.fixture(scope="module")
def setting(weights, tmp_path_factory):
    out = tmp_path_factory.mktemp("suite") / "out"
    return Setting(weights=weights, judge=SHIPPED_JUDGE, out=out, steps=1, guidance=1.0)


@pytest.fixture(scope="module")
def done(setting):
    """The report of a whole run, and its rows."""
    path = evaluate_jobs(PLAN, setting, COMMAND)
    return path, read_rows(setting.out / ROWS)


def test_the_report_says_how_to_get_each_figure_again(done):
    path, rows = done
    report = json.loads(path.with_suffix(".json").read_text())
    assert report["command"] == COMMAND and report["keys"] == list(rows) and len(rows) == 2
    assert (
        COMMAND in path.read_text() and "990001" in path.read_text() and report["count"] == {"extend": 1, "animate": 1}
    )
    titles = [table["title"] for table in report["tables"]]
    assert titles == ["Seams of extend", "What was given stays as it was", "Animate"]


def test_a_stopped_run_goes_on_to_the_same_report(done, setting):
    path, rows = done
    before = path.with_suffix(".json").read_text()
    last = list(rows.values())[-1]
    (setting.out / ROWS).write_text(json.dumps(last) + '\n{"key": "half')
    evaluate_jobs(PLAN, setting, COMMAND)
    same = {"tables", "keys"}
    after = json.loads(path.with_suffix(".json").read_text())
    assert {name: after[name] for name in same} == {name: json.loads(before)[name] for name in same}


def test_what_is_given_is_held_to_the_bit(setting):
    given = footage(drawn_scene(0, 2.0), setting.out / "given")
    made = do(extend(Source.of(given.path), "a fox", seconds=1.0, loose=True), setting, "test", 0)
    right = Part(at=0, source=given.path, start=0, count=given.num_frames)
    kept = untouched(made, [right])
    assert kept["frames"] == kept["packets"] == 1.0
    assert untouched(made, [replace(right, at=1, count=18)])["frames"] == 0.0
    other = footage(drawn_scene(1, 2.0), setting.out / "given")
    found = untouched(made, [replace(right, source=other.path)])
    assert not any(same for what, same in found.items() if what != "taken")


def test_what_takes_long_is_done_less_often():
    plan = Plan()
    counts = {job: len(plan.numbers(job)) for job in plan.jobs}
    assert counts == dict.fromkeys(plan.jobs, 200) | {
        "storyboard": 40,
        "take": 10,
        "given": 20 * len(WAYS),
        "cost": 2,
    }


@pytest.mark.parametrize("number", range(len(WAYS)))
def test_each_way_of_giving_keeps_what_is_given(setting, number):
    row = try_given(number, setting)
    assert row["way"] == list(WAYS)[number]
    kept = {what: same for what, same in row["kept"].items() if what not in {"taken", "sound packets"}}
    assert kept and all(same == 1.0 for same in kept.values())


def test_neighbouring_shots_are_told_to_be_in_two_places_and_lights():
    for number in range(40):
        asks = [prompt.asks for prompt in shots_of(number)]
        assert len(asks) == NUM_SHOTS
        for one, other in pairwise(asks):
            assert one["place"] != other["place"] and (one.get("light") or 0) != other.get("light", 1)


def test_every_other_sound_can_be_timed_at_first():
    firsts = sounding()[:8]
    assert [prompt.asks.get("action") in SOUNDS for prompt in firsts] == [True, False] * 4


def test_a_median_has_the_values_of_every_scene():
    figure = median("any", [[1.0, 3.0], [2.0], []], unit="x")
    assert figure is not None and (figure.value, figure.num) == (2.0, 2) and figure.low <= 2.0 <= figure.high
    assert median("none", [[]], unit="x") is None


def test_films_are_marked_by_their_planned_cuts():
    found = {"made": [24, 50], "truth": [24, 48]}
    row = {"job": "storyboard", "planned": [24, 48], "found": found, "adaptive": found, "groups": {"made": [0, 48]}}
    (table,) = tables_of([row])
    found = {line.name: {arm: figure.value for arm, figure in line.figures.items()} for line in table.lines}
    assert found["planned cuts found at their frame"] == {"made": 50.0, "truth": 100.0}
    assert found["cuts found elsewhere"] == {"made": 1.0, "truth": 0.0}
    assert found["planned cuts at which a closed group of packets begins"] == {"made": 50.0}
    assert found["frames at which one begins, of all"] == {"made": pytest.approx(100 / 48)}


def test_shapes_and_takes_are_held_against_strangers_and_themselves():
    marks = {"made": 50.0, "truth": 100.0, "wide": 75.0, "cropped": 25.0}
    strangers = dict.fromkeys(marks, 10.0)
    shape = {"job": "shape", "shape": makings.SHAPES[1], "marks": marks, "strangers": strangers}
    ends = {"made": [50.0, 40.0], "truth": [90.0, 95.0]}
    take = {"job": "take", "marks": ends, "strangers": ends}
    takes, shapes = tables_of([shape, take])
    (figures,) = (line.figures for line in shapes.lines)
    assert (figures["made minus 16:9"].value, figures["shuffled"].value, figures["made"].num) == (-25.0, 10.0, 1)
    assert figures["made minus 16:9 cropped, bicubic"].value == 25.0
    assert {line.name: line.figures["last minus first"].value for line in takes.lines} == {
        "made": -10.0,
        "truth": 5.0,
        "shuffled": -10.0,
        "chance": 5.0,
    }


def test_a_subject_that_is_not_found_is_where_it_was_last_seen():
    arms = ("made", "truth")
    row = {
        "job": "fill",
        "number": 0,
        "seams": {arm: {"colour": 1.0} for arm in ("made", "truth")},
        "mse": {"made": 255.0**2 / 1000},
        "middle": {means: dict.fromkeys(arms, 0.5) for means in ("colour", "judge")} | {"way": {"truth": 20.0}},
    }
    row["middle"]["colour"]["made"] = None
    for arm in ("round trip", "optical flow", "cross-fade", "copy-last-frame"):
        for means in ("colour", "judge"):
            row["middle"][means][arm] = 0.0
        row["seams"][arm] = {}
    row["middle"]["colour"]["optical flow"] = 4.0
    table = next(table for table in tables_of([row]) if table.title == "Fill")
    lines = {line.name: line.figures for line in table.lines}
    assert lines["middle position off, by colour"]["made"].value == 10.0
    assert lines["middle position off, by colour"]["made minus optical flow"].value == 6.0
    assert lines["found, by colour"]["made"].value == 0.0
    assert lines["PSNR of the middle third"]["made"].value == pytest.approx(10 * np.log10(1000))
