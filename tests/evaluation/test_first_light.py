"""The command, over a tiny weights file: tables, JSON, missing parts, generated clips."""

import json
import sys
from functools import partial

import pytest
from PIL import Image

from kinora.evaluation import first_light
from kinora.evaluation.benchmark import making
from kinora.evaluation.benchmark.staged import STAGES
from kinora.evaluation.parts import looks
from kinora.evaluation.parts.looks import look, read_prompts
from kinora.evaluation.subject import from_weights
from kinora.models.weights import load_model
from kinora.request import Request
from kinora.training.frozen import freeze_part


def run(*words):
    first_light.run(first_light.build_parser().parse_args([str(word) for word in words]))


def test_it_prints_tables_and_writes_json(weights, tmp_path, capsys):
    out = tmp_path / "figures.json"
    run("--weights", weights, "--clips", 2, "--only", "clips,stills,sound,text", "--out", out)
    report = json.loads(out.read_text())
    assert list(report["measures"]) == ["clips", "stills", "sound", "text"]
    assert report["sha256"] == {weights.name: load_model(weights).sha256}
    assert report["machine"]["packages"]["torch"]
    assert all(measure["figures"] for measure in report["measures"].values())
    assert capsys.readouterr().out.count("| measure |") == 4


def test_a_part_alone_can_be_measured(weights, tmp_path, capsys, monkeypatch):
    model = load_model(weights)
    freeze_part(tmp_path, "text", model.text.state_dict(), {"slots": dict(model.text.config.slots)})
    # Frozen parts are always of the real size.
    monkeypatch.setattr("kinora.training.frozen._build", lambda part, facts: load_model(weights).text)
    run("--frozen", tmp_path, "--clips", 1, "--only", "clips,text")
    shown = capsys.readouterr().out
    assert "not measured: this part is missing" in shown
    assert "stated facts read rightly" in shown


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["--frozen", "nowhere"], "holds no frozen part"),
        (["--weights", "nowhere"], "no weights"),
    ],
)
def test_a_missing_file_is_one_line(words, complaint):
    with pytest.raises(ValueError, match=complaint):
        run(*words)


def test_a_strange_measure_is_named(weights):
    with pytest.raises(ValueError, match="no measure taste"):
        run("--weights", weights, "--only", "taste")


def test_prompts_become_signed_clips_and_a_sheet(weights, tmp_path, monkeypatch):
    monkeypatch.setattr(looks, "Request", partial(Request, seconds=1.0))
    file = tmp_path / "prompts.txt"
    file.write_text("# two\na red fox\n\na fox jumps\n")
    prompts = read_prompts(file)
    assert prompts == ["a red fox", "a fox jumps"]
    subject = from_weights(weights)
    sheet = look(prompts, subject.model, tmp_path / "sheet.png")
    with Image.open(sheet) as picture:
        assert picture.width > 3 * 256
        assert picture.height > 2 * 144
    assert sorted(path.name for path in tmp_path.glob("*.mp4")) == ["sheet-01.mp4", "sheet-02.mp4"]


def test_the_cost_of_a_process_is_its_own():
    big = "b = bytearray(300_000_000); b[::4096] = b'x' * len(b[::4096])"
    (_, large), (seconds, small) = (making.run_once([sys.executable, "-c", code]) for code in (big, "pass"))
    assert large > 3e8
    assert small < 1e8
    assert seconds > 0


def test_a_failed_process_is_an_error():
    with pytest.raises(ValueError, match="wrong"):
        making.run_once([sys.executable, "-c", "raise SystemExit('wrong')"])


def test_every_stage_has_its_time_and_its_peak(weights):
    costs = making.stages_once(making.Asked(1.0, "96x96"), weights)
    assert [cost["stage"] for cost in costs] == list(STAGES)
    assert all(cost["seconds"] > 0 and cost["peak_bytes"] > 1e7 for cost in costs)


def test_a_stage_that_fails_is_an_error(tmp_path):
    with pytest.raises(ValueError, match="no weights"):
        making.stages_once(making.Asked(1.0, "96x96"), tmp_path / "none.safetensors")
