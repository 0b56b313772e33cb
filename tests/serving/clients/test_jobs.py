"""Every job on a real server: what is asked for comes out, to the frame, and what was given is in it."""

import io
from contextlib import closing

import av
import httpx
import numpy as np
import pytest

SIZE, FPS, PATIENCE = (256, 160), 12, 600
SHAPE = {"size": "256x160", "num_inference_steps": 1, "seed": 4}


class Client:
    """Speaks to the server as curl would."""

    def __init__(self, server):
        self.http = httpx.Client(base_url=server.base_url, timeout=60)

    def made(self, path, fields, files=None):
        """A finished video, asked for as JSON, or as a form where there are files."""
        told = {"data": fields, "files": files} if files else {"json": fields}
        answer = self.http.post(f"/videos{path}", **told)
        assert answer.status_code == 200, answer.text
        id = answer.json()["id"]
        with self.http.stream("GET", f"/videos/{id}/events", timeout=PATIENCE) as events:
            assert events.status_code == 200 and events.read()
        video = self.http.get(f"/videos/{id}").json()
        assert video["status"] == "completed", video
        return video

    def content(self, video, variant="video"):
        return self.http.get(f"/videos/{video['id']}/content", params={"variant": variant}).content

    def frames(self, video):
        """The frames of a file (T, H, W, 3)."""
        with closing(av.open(io.BytesIO(self.content(video)))) as file:
            assert file.streams.audio
            return np.stack([frame.to_ndarray(format="rgb24") for frame in file.decode(video=0)])


@pytest.fixture(scope="module")
def client(kinora_server):
    client = Client(kinora_server)
    yield client
    client.http.close()


@pytest.fixture(scope="module")
def clip(client):
    return client.made("", {"prompt": "a red fox runs in the snow", "seconds": 2, **SHAPE})


@pytest.fixture(scope="module")
def story(client):
    shots = [{"prompt": "a red fox runs", "seconds": 1}, {"prompt": "a brown bear sits", "seconds": 1.5}]
    return client.made("/storyboard", {"shots": shots, "line": "in the snow", **SHAPE})


def length_of(frames):
    assert frames.shape[1:] == (SIZE[1], SIZE[0], 3)
    return len(frames)


def test_what_is_given_of_a_clip_stays(client, clip):
    own, video = client.frames(clip), {"video": {"id": clip["id"]}}
    filled = client.frames(client.made("/fill", {**video, "from": 0.5, "to": 1, "num_inference_steps": 1}))
    assert length_of(filled) == 24
    # Its one group of pictures is broken into, so that what is given is coded anew around what is made.
    lost = np.abs(filled.astype(int) - own).mean(axis=(1, 2, 3))
    assert lost[[*range(6), *range(12, 24)]].max() < 2 and lost[6:12].max() > lost[:6].max()
    longer = client.frames(client.made("/extensions", {**video, "prompt": "it jumps", "seconds": 1, "before": True}))
    assert length_of(longer) == 36 and (longer[12:] == own).all()
    looped = client.made("/loop", {**video, "seconds": 1})
    assert (looped["seconds"], length_of(client.frames(looped))) == ("3", 36)
    smooth = client.made("/fill", {**video, "fps": 24})
    shown = client.frames(smooth)
    assert length_of(shown) == 48 and np.abs(shown[::2].astype(int) - own).mean() < 3


def test_a_new_sound_leaves_the_picture_as_it_is(client, clip):
    scored = client.made("/score", {"video": {"id": clip["id"]}, "effects": "rain", "keep": True})
    assert (client.frames(scored) == client.frames(clip)).all() and scored["prompt"] == "rain"
    assert client.content(scored) != client.content(clip)


def test_two_clips_are_joined_one_of_them_sent_as_a_file(client, clip):
    sent = {"second": ("v.mp4", client.content(clip), "video/mp4")}
    joined = client.made("/join", {"first[id]": clip["id"], "seconds": "1", "num_inference_steps": "1"}, sent)
    shown, own = client.frames(joined), client.frames(clip)
    assert (joined["seconds"], length_of(shown)) == ("5", 60)
    assert (shown[:24] == own).all() and (shown[36:] == own).all()


def test_pictures_are_held_and_a_sound_is_as_long_as_its_video(client, clip):
    picture, film = client.content(clip, "thumbnail"), client.content(clip)
    files = {"first_frame": ("p.webp", picture), "last_frame": ("p.webp", picture), "sound": ("v.mp4", film)}
    made = client.made("", {"prompt": "a fox", **{name: str(each) for name, each in SHAPE.items()}}, files)
    shown = client.frames(made).astype(int)
    assert (made["seconds"], len(shown)) == ("2", 24)
    assert np.abs(shown[0] - shown[-1]).mean() < 3


def test_a_story_has_its_shots_and_one_can_be_made_again(client, story):
    frames = client.frames(story)
    assert length_of(frames) == 30 and story["seconds"] == "2"
    assert [shot["seconds"] for shot in story["kinora"]["plan"]["shots"]] == [1.0, 1.5]
    assert client.content(story, "thumbnail") and client.content(story, "spritesheet")
    changed = client.made(f"/{story['id']}/redo", {"shot": 2, "seed": 99})
    again = client.frames(changed)
    assert length_of(again) == 30 and (again[:12] == frames[:12]).all() and (again[12:] != frames[12:]).any()
    assert changed["kinora"]["plan"]["shots"][1]["seed"] == 99
    # The same shot from the same seed as at first brings the film back.
    seed = story["kinora"]["plan"]["shots"][1]["seed"]
    back = client.made(f"/{changed['id']}/redo", {"shot": 2, "seed": seed})
    assert np.abs(client.frames(back).astype(int) - frames).mean() < 1


def test_a_prompt_of_several_sentences_is_cut_and_one_shot_is_not(client):
    told = {"prompt": "A red fox runs. A brown bear sits.", "seconds": 4, **SHAPE}
    cut, whole = client.made("", told), client.made("", {**told, "one_shot": True})
    assert len(cut["kinora"]["plan"]["shots"]) == 2 and "plan" not in whole["kinora"]
    assert length_of(client.frames(cut)) == length_of(client.frames(whole)) == 48


def test_what_the_server_finds_out_only_later_is_one_line(client, clip):
    answer = client.http.post("/videos/fill", json={"video": {"id": clip["id"]}, "frames": [99]}).json()
    with client.http.stream("GET", f"/videos/{answer['id']}/events", timeout=PATIENCE) as events:
        events.read()
    video = client.http.get(f"/videos/{answer['id']}").json()
    assert (video["status"], video["error"]["code"]) == ("failed", "invalid_file")
    assert video["error"]["message"].startswith("video has frames 0 to 23") and "\n" not in video["error"]["message"]
