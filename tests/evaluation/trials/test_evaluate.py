"""An evaluation from prompts to page, with model and judge of tiny size; a killed one goes on to the same report."""

import json
import re
import shlex
import shutil
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from kinora.cli import main as command
from kinora.evaluation.figures import Figure
from kinora.evaluation.rows import ROWS, read_rows
from kinora.evaluation.trials.evaluate import NUM_CONTROLS, Plan, controls_of, evaluate, jobs_of
from kinora.evaluation.trials.gallery import Setting
from kinora.evaluation.trials.report import short, tables_of
from kinora.evaluation.trials.suite import load_suite
from kinora.models.judge import JudgeConfig, PictureJudge, SoundJudge
from kinora.models.weights import save_weights
from kinora.storybook import vocabulary

PROMPTS = (
    {
        "id": 1,
        "prompt": "a black fox jumps in the snow",
        "asks": {"kind": "fox", "colour": "black", "count": 1, "place": "snow", "action": "jump"},
    },
    {
        "id": 2,
        "prompt": "a red fox in the snow, soft piano",
        "asks": {"kind": "fox", "colour": "red", "count": 1, "place": "snow", "music": {"instrument": "piano"}},
    },
)
SECONDS = 4 / 3
COMMAND = "kinora evaluate --out here"


@pytest.fixture(scope="module")
def judge(tmp_path_factory):
    """A judge of real classes at tiny size, which has learned nothing."""
    torch.manual_seed(0)
    config = JudgeConfig(
        kind=tuple(vocabulary.KINDS),
        colour=tuple(vocabulary.COLOURS),
        letter=tuple(vocabulary.SIGN_LETTERS),
        place=vocabulary.PLACES,
        light=vocabulary.LIGHTS,
        weather=vocabulary.WEATHERS,
        effects=(*vocabulary.EFFECTS, *vocabulary.EVENT_SOUNDS),
        ambiences=vocabulary.AMBIENCES,
        instrument=vocabulary.INSTRUMENTS,
        mood=vocabulary.MOODS,
        tempo=vocabulary.TEMPOS,
        widths=(8, 8, 16),
        num_mels=16,
        sound_width=16,
        sound_depth=1,
    )
    path = tmp_path_factory.mktemp("judge") / "judge.safetensors"
    save_weights(path, {"picture": PictureJudge(config), "sound": SoundJudge(config)}, {}, {"name": "tiny judge"})
    return path


@pytest.fixture(scope="module")
def done(weights, judge, tmp_path_factory):
    """(plan, setting) of a whole evaluation of four clips, its controls, and a long clip."""
    folder = tmp_path_factory.mktemp("evaluation")
    suite = folder / "suite.jsonl"
    suite.write_text("".join(json.dumps(prompt) + "\n" for prompt in PROMPTS))
    plan = Plan(num_prompts=3, workers=1, suite=suite, long_suite=None, num_controls=2, num_training=3)
    out = folder / "out"
    setting = Setting(weights=weights, judge=judge, out=out, steps=1, guidance=1.0, seconds=SECONDS)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KINORA_HOME", str(folder / "home"))
        evaluate(plan, setting, COMMAND)
    return plan, setting


def report_of(setting):
    return json.loads((setting.out / "report.json").read_text())


def test_every_clip_has_a_row_and_a_file(done):
    plan, setting = done
    rows = read_rows(setting.out / ROWS)
    assert [row["arm"] for row in rows.values()] == [job.arm for job in jobs_of(plan)]
    for row in rows.values():
        if row["arm"] == "oracle":
            assert set(row["verdicts"]) and "still" not in row
            continue
        assert (setting.out / row["still"]).exists() and (setting.out / row["small"]).exists()
        assert (setting.out / row["file"]).exists() or row["arm"] == "noise"
    made = [row for row in rows.values() if row["arm"] == "made"]
    assert len({row["file"] for row in made}) == len(made) == 3


def test_the_oracle_stands_in_for_the_judge_alone(done):
    """A judge that has learned nothing reads nothing of a drawn clip, what is known of the clip says all of it."""
    rows = {(row["arm"], row["id"]): row for row in read_rows(done[1].out / ROWS).values()}
    for (arm, number), row in rows.items():
        if arm == "oracle":
            assert row["verdicts"]["kind"] == row["verdicts"]["colour"] == row["verdicts"]["place"] == 1
            assert rows["truth", number]["verdicts"].keys() == row["verdicts"].keys()


def test_figures_come_from_the_rows_alone(done):
    """Whoever has the rows can compute every table again."""
    _, setting = done
    report, rows = report_of(setting), read_rows(setting.out / ROWS)
    again = tables_of([rows[key] for key in report["keys"]])
    by_title = {table["title"]: table for table in report["tables"]}
    assert [json.loads(json.dumps(table.to_json())) for table in again] == [by_title[table.title] for table in again]
    assert set(by_title) - {table.title for table in again} == {"Copying"}
    named = {
        figure["name"] for table in by_title.values() for line in table["lines"] for figure in line["figures"].values()
    }
    assert {"kind", "colour", "place", "count", "action"} <= named


def test_every_figure_has_its_number_and_its_interval(done):
    figures = [
        figure
        for table in report_of(done[1])["tables"]
        for line in table["lines"]
        for figure in line["figures"].values()
    ]
    assert figures and all(
        figure["num"] >= 1 and figure["low"] <= figure["value"] <= figure["high"] for figure in figures
    )


def test_the_page_needs_no_network_and_shows_every_line(done):
    _, setting = done
    page, report = (setting.out / "index.html").read_text(), report_of(setting)
    assert "http" not in page and "<script" not in page
    for table in report["tables"]:
        assert f"<h2>{table['title']}</h2>" in page
        for line in table["lines"]:
            assert f"<td>{line['name']}</td>" in page
    linked = re.findall(r'(?:src|href|poster)="([^"]+)"', page)
    assert len(linked) > 6 and all((setting.out / link).exists() for link in linked)
    card = (setting.out / "report.md").read_text()
    assert COMMAND in card and all(f"### {table['title']}" in card for table in report["tables"])


def test_a_killed_evaluation_goes_on_to_the_same_report(done, tmp_path):
    """What a kill leaves: some rows, half of another, clips without rows, a half-made clip."""
    plan, setting = done
    out = tmp_path / "out"
    shutil.copytree(setting.out, out)
    lines = (out / ROWS).read_text().splitlines(keepends=True)
    (out / ROWS).write_text("".join(lines[:2]) + lines[2][:50])
    kept = [json.loads(line)["file"] for line in lines[:2]]
    for row in map(json.loads, lines[-4:]):
        if row.get("file"):
            (out / row["file"]).unlink()
    (out / "clips" / ".kinora-half").mkdir()
    before = {name: (out / name).stat().st_mtime_ns for name in kept}
    evaluate(plan, replace(setting, out=out), COMMAND)
    first, second = report_of(setting), report_of(replace(setting, out=out))
    for fact in ("tables", "keys", "suite", "clips", "weights", "judge"):
        assert first[fact] == second[fact]
    assert (out / "index.html").read_text() == (setting.out / "index.html").read_text()
    assert before == {name: (out / name).stat().st_mtime_ns for name in kept}
    assert not list(out.glob("clips/.kinora-*"))


def test_other_settings_make_other_clips(done):
    """A row is named after all that it depends on: nothing old passes for new."""
    from kinora.evaluation.trials.trial import key_of

    plan, setting = done
    job = jobs_of(plan)[0]
    keys = {
        key_of(job, setting),
        key_of(job, replace(setting, steps=2)),
        key_of(job, replace(setting, guidance=3.0)),
        key_of(replace(job, strangers={}), setting),
        key_of(replace(job, prompt=replace(job.prompt, seed=1)), setting),
    }
    assert len(keys) == 5


def test_controls_are_of_what_few_ask_for_first():
    prompts = load_suite()
    chosen = controls_of(prompts, NUM_CONTROLS)
    assert chosen == controls_of(prompts, NUM_CONTROLS) and len({one.written for one in chosen}) == NUM_CONTROLS
    asked = Counter(one.asks.get("physics") for one in chosen)
    assert min(asked[law] for law in ("fall", "bounce", "collide", "occlusion")) >= 7
    assert {len(one.asks.get("sign", "")) for one in chosen} >= set(range(1, 9))
    assert {one.asks.get("relation") for one in chosen} >= set(vocabulary.RELATIONS)
    assert {one.asks.get("camera") for one in chosen} >= set(vocabulary.CAMERA_MOVES)
    assert {job.prompt.id for job in jobs_of(Plan()) if job.arm == "oracle"} == {one.id for one in chosen}


def test_an_n_of_its_own_stands_in_the_cell():
    one = Figure(name="kind", value=54, unit="%", num=39, low=36, high=71)
    assert (short(one, "420"), short(one, "39")) == ("54 % (36 to 71, n 39)", "54 % (36 to 71)")


@pytest.mark.long
def test_two_processes_give_the_same_report(done, tmp_path):
    plan, setting = done
    again = replace(setting, out=tmp_path / "out")
    evaluate(replace(plan, workers=2), again, COMMAND)
    assert report_of(again)["tables"] == report_of(setting)["tables"]


def test_the_command_writes_a_page(weights, judge, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KINORA_HOME", str(tmp_path / "home"))
    files = f"--weights {weights} --judge {judge}"
    line = f"kinora evaluate --prompts 1 --no-controls --workers 1 --steps 1 --out here {files}"
    monkeypatch.setattr(sys, "argv", shlex.split(line))
    command.main()
    assert capsys.readouterr().out == f"wrote {Path('here/index.html')}\n"
    report = json.loads(Path("here/report.json").read_text())
    assert report["command"] == line and report["clips"] == {"made": 1}
    assert all(
        set(one["figures"]) <= {"made", "shuffled", "value"} for table in report["tables"] for one in table["lines"]
    )
