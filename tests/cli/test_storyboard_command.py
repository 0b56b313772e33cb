"""`kinora storyboard` from the command line to the film and its plan, with the shipped weights."""

import shlex

import numpy as np
import pytest

from kinora.media.decode import read_clip
from kinora.media.packets import read_coded
from kinora.tasks.story_file import read_story

SMALL = "--steps 1 --size 96x96"
PROMPT = "[0-1s] Mia runs in the snow [1-2s] a wolf at sea, medium shot [2-3.5s] Mia sleeps in a room"
MIA = "Mia is a girl in a red hat. Soft piano music."


def parts(path, story):
    coded = read_coded(path)
    spans = zip(story.borders, story.borders[1:], strict=False)
    return [[packet.data for packet in coded.cut(start, stop).picture] for start, stop in spans]


def test_a_prompt_becomes_a_film_and_its_plan_and_one_shot_is_made_again(kinora, tmp_path):
    told = f"storyboard '{MIA} {PROMPT}' --seed 7 -o mia.mp4 --preview {SMALL}"
    status, out, err = kinora(told)
    assert status == 0, err
    assert any(line.startswith("mia.mp4: 100%") and "decoding and signing" in line for line in err)
    assert [line.split(None, 4)[:4] for line in out[:4]] == [
        ["shot", "seconds", "frames", "seed"],
        ["1", "0-1", "0-11", "7"],
        ["2", "1-2", "12-23", "8"],
        ["3", "2-3.5", "24-41", "9"],
    ]
    assert out[1].endswith("a girl in a red hat runs in the snow, Soft piano music")
    assert out[2].endswith("a dog at sea, medium shot, Soft piano music")
    assert out[4:8] == [
        *("wrote mia.mp4", "wrote mia.story.yaml", "wrote mia.png"),
        "to change it: kinora storyboard mia.story.yaml",
    ]
    assert shlex.split(out[8]) == ["kinora", *shlex.split(told)]
    assert 'shot 2: the drawn world read "wolf" as "dog"' in err
    story, film = read_story(tmp_path / "mia.story.yaml"), tmp_path / "mia.mp4"
    assert story.characters == {"Mia": "a girl in a red hat"} and story.request.size == "96x96"

    # From its plan it is made the same, under a free name.
    assert kinora(out[7].removeprefix("to change it: kinora "))[1][4] == "wrote mia-2.mp4"
    first, again = read_clip(film), read_clip(tmp_path / "mia-2.mp4")
    assert np.array_equal(first.array(), again.array()) and np.array_equal(first.sound, again.sound)

    before = parts(film, story)
    status, out, err = kinora("storyboard mia.story.yaml --redo 2 --seed 50")
    assert status == 0 and out[4] == "wrote mia.mp4", err
    after = parts(film, story)
    assert [before[k] == after[k] for k in range(3)] == [True, False, True]
    assert [shot.seed for shot in read_story(tmp_path / "mia.story.yaml").shots] == [7, 50, 9]
    names = ["mia-2.mp4", "mia-2.story.yaml", "mia.mp4", "mia.png", "mia.story.yaml"]
    assert sorted(path.name for path in tmp_path.iterdir()) == names


def test_a_plan_without_seeds_gets_some(kinora, tmp_path):
    (tmp_path / "fox.yaml").write_text("shots:\n- {seconds: 1, prompt: a fox}\n- {seconds: 1, prompt: a bear}\n")
    status, out, err = kinora(f"storyboard fox.yaml --no-sound {SMALL}")
    assert status == 0 and "wrote fox.mp4" in out, err
    story = read_story(tmp_path / "fox.story.yaml")
    assert out[-1] == f"kinora storyboard --seed {story.request.seed} fox.yaml --no-sound {SMALL}"
    assert story.shots[1].seed == story.request.seed + 1 and not story.request.sound
    assert read_clip(tmp_path / "fox.mp4").sound is None


def test_one_shot_is_one_take(kinora, tmp_path):
    line = f"storyboard 'a fox in the snow' --no-sound --seconds 9 {SMALL}"
    assert len(read_story_after(kinora, tmp_path, f"{line} -o a.mp4").shots) == 3
    assert len(read_story_after(kinora, tmp_path, f"{line} -o a.mp4 --one-shot").shots) == 1


def read_story_after(kinora, folder, line):
    status, _, err = kinora(line)
    assert status == 0, err
    return read_story(folder / "a.story.yaml")


def test_generate_tells_a_story_and_how_to_repeat_it(kinora, tmp_path):
    line = f"'a fox in the snow' --no-sound --seconds 9 --variations 2 {SMALL} -o a.mp4"
    status, out, err = kinora(f"generate {line}")
    assert status == 0, err
    stories = [read_story(tmp_path / f"a-{number}.story.yaml") for number in (1, 2)]
    first, second = (story.request.seed for story in stories)
    assert second == (first + 1) % 2**32
    assert shlex.split(out[-1]) == ["kinora", "generate", "--seed", str(first), *shlex.split(line)]
    assert any(line.startswith("a-2.mp4: 100%") for line in err)


@pytest.mark.parametrize(
    ("rest", "why"),
    [
        ("none.yaml", "there is no story none.yaml: give the name of a YAML file, or what to draw"),
        ("bad.yaml", "bad.yaml: shot 2 begins at 3 s and leaves a hole before it: begin it at 1 s"),
        ("good.yaml --seconds 4", "a plan says itself which shots it has and how long"),
        ("good.yaml --one-shot", "a plan says itself which shots it has and how long"),
        ("good.yaml --redo 1", "there is no good.mp4 to change: make the plan's film first"),
        ("good.yaml --redo 3", "there is no shot 3: the story has shots 1 to 2"),
        ("good.yaml --redo 0", "there is no shot 0: the story has shots 1 to 2"),
        ("good.yaml -o a.avi", "a.avi must end in .mp4"),
        ("good.yaml --fps 60", "good.yaml: fps is 60: give a value from 8 to 30"),
        ("'a fox' --redo 1", "--redo needs the film's plan: give the .story.yaml file beside it"),
        ("'[0-4s] a fox [3-8s] a bear'", "shot 2 begins at 3 s and overlaps the one before it: begin it at 4 s"),
        ("'[0-4s] a fox' --seconds 5", "the shots end at 4 s and 5 s are asked for: make them agree"),
        ("'[0-4s] a fox' --one-shot", "the prompt has shots of its own"),
        ("'A fox runs. A bear sits.' --seconds 1", "give each at least 1 s, or tell fewer shots"),
        ("'a fox' --seconds 61", "seconds is 61: give a value from 1 to 60"),
        ("'[0-1s] a fox [1-2s] a naked child'", "refused"),
        ("''", "the prompt is empty"),
        ("'a fox' --variations 2", "unrecognized arguments: --variations 2"),
        ("", "the following arguments are required: story"),
    ],
)
def test_a_mistake_is_one_line_and_exit_status_2(kinora, tmp_path, rest, why):
    (tmp_path / "good.yaml").write_text("shots: [{seconds: 1, prompt: a}, {seconds: 1, prompt: b}]")
    (tmp_path / "bad.yaml").write_text("shots: [{to: 1, prompt: a}, {from: 3, to: 4, prompt: b}]")
    status, out, err = kinora(f"storyboard {rest}")
    assert (status, out, len(err)) == (2, [], 1)
    assert err[0].startswith("kinora: ") and why in err[0]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bad.yaml", "good.yaml"]
