"""What a wish asks of the model, where it begins from a file."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from kinora.media.clip import Clip
from kinora.media.encode import write_mp4
from kinora.serving.tasks import LANDED
from kinora.serving.work.engine import GIVEN, request_of

ASKED = {"prompt": "it rains", "seed": 3, "size": "256x160"}


@pytest.fixture
def film(tmp_path):
    frames = np.random.default_rng(0).integers(0, 256, (24, 160, 256, 3), np.uint8)
    path = tmp_path / "video"
    write_mp4(Clip.from_array(frames, fps=Fraction(12)), path)
    return path


@pytest.fixture
def picture(tmp_path):
    Image.new("RGB", (64, 48), "red").save(tmp_path / "input_reference", "PNG")
    return tmp_path / "input_reference"


def test_every_task_that_begins_from_a_file_has_landed():
    assert set(GIVEN) <= LANDED


def test_an_extension_is_given_all_of_its_video_and_lasts_as_long_as_both(film):
    request = request_of("extend", {**ASKED, "seconds": 5}, film)
    (given,) = request.conditions
    assert (given.kind, given.stream, given.file, given.end_s - given.start_s) == ("given", "video", str(film), 2.0)
    assert (request.seconds, request.prompt, request.seed, request.size) == (5.0, "it rains", 3, "256x160")


def test_a_reference_is_the_first_frame(picture):
    request = request_of("reference", {**ASKED, "seconds": 4}, picture)
    (given,) = request.conditions
    assert (given.start_s, given.end_s, given.file, request.seconds) == (0.0, 1 / 12, str(picture), 4)


def test_a_picture_can_t_be_extended_and_the_line_names_the_field(picture):
    video = picture.rename(picture.with_name("video"))
    with pytest.raises(ValueError, match="video is a picture"):
        request_of("extend", {**ASKED, "seconds": 4}, video)


def test_without_a_file_a_wish_is_its_fields():
    assert request_of("generate", {**ASKED, "seconds": 2}, None).conditions == ()
    assert request_of("remix", {**ASKED, "seconds": 2}, None).prompt == "it rains"


def test_what_is_no_video_is_one_line(tmp_path):
    path = Path(tmp_path, "video")
    path.write_bytes(b"no video at all")
    with pytest.raises(ValueError, match=r"\Avideo [^\n]+\Z"):
        request_of("extend", {**ASKED, "seconds": 4}, path)
