"""What a client downloads is what it asked for: exactly these pixels and seconds, the same frames for the same seed."""

import json
import shutil
import subprocess

import openai
import pytest

pytestmark = pytest.mark.skipif(shutil.which("ffprobe") is None, reason="ffmpeg is not installed: ./check installs it")
PROMPT = "a green ball rolls on the beach"


@pytest.fixture(scope="module")
def videos(kinora_server):
    return openai.OpenAI(base_url=kinora_server.base_url, api_key=kinora_server.api_key).videos


def made(videos, folder, **fields):
    """The file of a video that was made of these fields."""
    extra = {name: fields.pop(name) for name in ("seed", "fps", "generate_sound") if name in fields}
    video = videos.create_and_poll(prompt=PROMPT, **fields, extra_body=extra, poll_interval_ms=100)
    assert video.status == "completed", video
    assert (video.size, video.seconds) == (fields["size"], fields["seconds"])
    path = folder / f"{video.id}.mp4"
    videos.download_content(video.id).write_to_file(path)
    return path


def streams_of(path):
    """What ffprobe counts in a file, by kind of stream."""
    command = ["ffprobe", "-v", "error", "-count_frames", "-show_streams", "-of", "json", path]
    found = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)["streams"]
    return {stream["codec_type"]: stream for stream in found}


def frames_of(path):
    """A hash for each frame of the picture."""
    command = ["ffmpeg", "-v", "error", "-i", path, "-map", "0:v", "-f", "framemd5", "-"]
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    return [line.split()[-1] for line in lines if not line.startswith("#")]


@pytest.mark.parametrize(
    ("size", "seconds", "fps"),
    [("1280x720", "1", 12), ("720x1280", "2", 12), ("550x1920", "1", 12), ("162x346", "3", 24), ("1024x1792", "1", 30)],
)
def test_a_file_has_exactly_these_pixels_and_seconds(videos, tmp_path, size, seconds, fps):
    streams = streams_of(made(videos, tmp_path, size=size, seconds=seconds, fps=fps, seed=3))
    picture, sound = streams["video"], streams["audio"]
    assert f"{picture['width']}x{picture['height']}" == size
    assert picture.get("sample_aspect_ratio", "1:1") == "1:1"
    assert int(picture["nb_read_frames"]) == int(seconds) * fps
    assert float(picture["duration"]) == pytest.approx(int(seconds), abs=1e-3)
    assert float(sound["duration"]) == pytest.approx(int(seconds), abs=0.05)


def test_a_silent_file_has_no_sound_track(videos, tmp_path):
    streams = streams_of(made(videos, tmp_path, size="256x160", seconds="1", generate_sound=False))
    assert set(streams) == {"video"}


def test_the_same_request_and_seed_make_the_same_frames(videos, tmp_path):
    shape = {"size": "256x160", "seconds": "1"}
    first, again, other = (frames_of(made(videos, tmp_path, **shape, seed=seed)) for seed in (5, 5, 6))
    assert len(first) == 12 and first == again
    assert first != other
