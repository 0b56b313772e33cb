"""Every video method of one `openai` package, as its users call it. Run in that package's own environment.

    OPENAI_BASE_URL=... OPENAI_API_KEY=... python python_client.py sync|async NOT_YET,...

Prints one JSON object: for each step "ok", "absent" (this version has no such method) or the traceback. The same steps
drive both clients: `settle` awaits what the asynchronous one returns. NOT_YET names the tasks whose videos are to end
as failed with the code `not_available`.
"""

import asyncio
import base64
import inspect
import json
import sys
import traceback
import warnings
import zlib

import openai
from openai import AsyncOpenAI, OpenAI
from openai.types import Video

FIELDS = {"id", "object", "model", "status", "progress", "created_at", "completed_at", "expires_at"}
FIELDS |= {"prompt", "size", "seconds", "remixed_from_video_id", "error"}
SHORT = {"seconds": "1", "size": "256x160"}
STARTS = {"video": (4, b"ftyp"), "thumbnail": (8, b"WEBP"), "spritesheet": (0, b"\xff\xd8\xff")}
UNKNOWN = "video_" + "0" * 32


def png(width, height):
    """A grey picture."""
    header = width.to_bytes(4, "big") + height.to_bytes(4, "big") + bytes([8, 0, 0, 0, 0])
    rows = zlib.compress((b"\0" + b"\x80" * width) * height)
    chunks = [(b"IHDR", header), (b"IDAT", rows), (b"IEND", b"")]
    parts = [len(d).to_bytes(4, "big") + n + d + zlib.crc32(n + d).to_bytes(4, "big") for n, d in chunks]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


async def settle(value):
    return await value if inspect.isawaitable(value) else value


async def every(pages):
    """All items of all pages, by the client's own auto-pagination."""
    if hasattr(pages, "__aiter__"):
        return [item async for item in pages]
    return list(pages)


class Steps:
    """One step a method, in the order of their lines; later ones use the clip of the first."""

    def __init__(self, client, not_yet):
        self.client, self.videos, self.not_yet = client, client.videos, not_yet

    async def _make(self, prompt, **fields):
        return await settle(self.videos.create(prompt=prompt, **{**SHORT, **fields}))

    async def _post(self, path, **body):
        return await settle(self.client.post(path, body=body, cast_to=Video))

    async def _end_of(self, video):
        return await settle(self.videos.poll(video.id, poll_interval_ms=50))

    async def _content(self, video_id, **options):
        return await settle(self.videos.download_content(video_id, **options))

    async def _clip_file(self):
        return ("clip.mp4", (await self._content(self.clip.id)).content, "video/mp4")

    async def _refused(self, error, call, **expected):
        """The error that the client raises for a call, with these attributes."""
        try:
            await settle(call())
        except error as raised:
            found = {name: getattr(raised, name) for name in expected}
            assert found == expected, (found, raised.body)
            assert raised.body["message"] and raised.request_id and "type" in raised.body, raised.body
            return raised
        raise AssertionError(f"no {error.__name__}")

    async def _ends_as_said(self, video, task):
        """A task that has landed completes; one that has not fails with the code that says so."""
        video = await self._end_of(video)
        expected = ("failed", "not_available") if task in self.not_yet else ("completed", None)
        assert (video.status, video.error and video.error.code) == expected, video
        assert video.error is None or video.error.message

    async def create_and_poll(self):
        prompt = "a red ball bounces on the beach"
        video = await settle(self.videos.create_and_poll(prompt=prompt, **SHORT, extra_body={"seed": 7}))
        assert set(video.to_dict()) >= FIELDS, sorted(video.to_dict())
        assert (video.object, video.status, video.progress, video.error) == ("video", "completed", 100, None), video
        assert (video.seconds, video.size, video.model, video.prompt) == ("1", "256x160", "sora-2", prompt)
        assert video.created_at <= video.completed_at < video.expires_at and video.remixed_from_video_id is None
        assert video.kinora["seed"] == 7, video
        self.clip = video

    async def create_is_accepted_at_once(self):
        video = await self._make("kinora:test/fail", model="sora-2-pro-2025-10-06")
        assert video.id.startswith("video_") and video.model == "sora-2-pro-2025-10-06"
        assert (video.status, video.progress, video.completed_at, video.error) == ("queued", 0, None, None), video

    async def create_by_default(self):
        video = await settle(self.videos.create(prompt="kinora:test/fail"))
        assert (video.model, video.seconds, video.size) == ("sora-2", "4", "720x1280"), video

    async def create_as_json(self):
        video = await self._post("/videos", prompt="kinora:test/fail", seconds="2", size="256x160", seed=5)
        assert (video.seconds, video.size, video.kinora["seed"]) == ("2", "256x160", 5), video

    async def create_with_a_picture(self):
        picture = ("a.png", png(256, 160), "image/png")
        video = await self._make("a red ball", input_reference=picture)
        await self._ends_as_said(video, "reference")

    async def create_with_a_picture_in_json(self):
        url = "data:image/png;base64," + base64.b64encode(png(256, 160)).decode()
        video = await self._post("/videos", prompt="a red ball", input_reference={"image_url": url}, **SHORT)
        await self._ends_as_said(video, "reference")

    async def create_once_for_one_key(self):
        """The same Idempotency-Key and body make one video; another body is a conflict."""
        key = {"Idempotency-Key": f"key of {self.clip.id}"}
        first = await self._make("kinora:test/fail", extra_headers=key)
        again = await self._make("kinora:test/fail", extra_headers=key)
        assert first.id == again.id
        other = self.client.with_options(max_retries=0).videos
        await self._refused(openai.ConflictError, lambda: other.create(prompt="another", extra_headers=key))

    async def retrieve_raw(self):
        raw = await settle(self.videos.with_raw_response.retrieve(self.clip.id))
        assert raw.status_code == 200 and raw.headers["x-request-id"] == raw.request_id
        assert (await settle(raw.parse())).to_dict() == self.clip.to_dict()

    async def poll_waits_as_told(self):
        """The polling helper sleeps for as long as the server's header says."""
        video = await self._make("kinora:test/slow")
        raw = await settle(self.videos.with_raw_response.retrieve(video.id))
        told_s, slept_s, sleep = int(raw.headers["openai-poll-after-ms"]) / 1000, [], self.videos._sleep

        def watched(seconds):
            slept_s.append(seconds)
            return sleep(seconds)

        self.videos._sleep = watched
        video = await settle(self.videos.poll(video.id))
        self.videos._sleep = sleep
        assert video.status == "completed" and slept_s and set(slept_s) == {told_s}, (video, slept_s, told_s)

    async def download_every_variant(self):
        for variant, (offset, magic) in STARTS.items():
            got = await self._content(self.clip.id, variant=variant)
            assert got.content[offset:].startswith(magic), (variant, got.content[:16])
            assert got.response.headers["content-length"] == str(len(got.content))
        assert (await self._content(self.clip.id)).content[4:8] == b"ftyp"

    async def download_streaming(self):
        whole, streamed = await self._content(self.clip.id), self.videos.with_streaming_response.download_content
        if isinstance(self.client, AsyncOpenAI):
            async with streamed(self.clip.id) as response:
                got = [part async for part in response.iter_bytes(1000)]
        else:
            with streamed(self.clip.id) as response:
                got = list(response.iter_bytes(1000))
        assert b"".join(got) == whole.content and len(got) > 1

    async def download_a_range(self):
        whole = (await self._content(self.clip.id)).content
        part = await self._content(self.clip.id, extra_headers={"Range": "bytes=100-199"})
        assert part.response.status_code == 206 and part.content == whole[100:200]

    async def list_every_page(self):
        """Auto-pagination gives every video once, the newest first, or the oldest."""
        made = [(await self._make("kinora:test/fail")).id for _ in range(5)]
        newest = [video.id for video in await every(self.videos.list(limit=4))]
        oldest = [video.id for video in await every(self.videos.list(limit=3, order="asc"))]
        assert newest[:5] == made[::-1] and oldest == newest[::-1] and len(set(newest)) == len(newest)
        page = await settle(self.videos.list(after=made[3], limit=2))
        assert [video.id for video in page.data] == made[2:0:-1] and page.has_more and page.last_id == made[1]

    async def delete(self):
        video = await self._end_of(await self._make("kinora:test/fail"))
        gone = await settle(self.videos.delete(video.id))
        assert (gone.id, gone.deleted, gone.object) == (video.id, True, "video.deleted")
        await self._refused(openai.NotFoundError, lambda: self.videos.retrieve(video.id))

    async def remix(self):
        video = await settle(self.videos.remix(self.clip.id, prompt="a red ball bounces in the snow"))
        assert (video.remixed_from_video_id, video.size, video.seconds) == (self.clip.id, "256x160", "1"), video
        await self._ends_as_said(video, "remix")

    async def edit_a_file(self):
        video = await settle(self.videos.edit(prompt="make it blue", video=await self._clip_file()))
        await self._ends_as_said(video, "edit")

    async def edit_by_id(self):
        """The way round the client's own error for `video={"id": ...}`: nested fields, multipart or JSON."""
        body = {"video": {"id": self.clip.id}}
        video = await settle(self.videos.edit(prompt="make it blue", video=openai.omit, extra_body=body))
        await self._ends_as_said(video, "edit")

    async def edit_by_post(self):
        video = await self._post("/videos/edits", prompt="make it blue", video={"id": self.clip.id})
        await self._ends_as_said(video, "edit")

    async def extend_a_file(self):
        file = await self._clip_file()
        video = await settle(self.videos.extend(prompt="it bounces on", seconds="4", video=file))
        await self._ends_as_said(video, "extend")

    async def extend_by_id(self):
        body = {"video": {"id": self.clip.id}}
        video = await settle(self.videos.extend(prompt="on", seconds="4", video=openai.omit, extra_body=body))
        await self._ends_as_said(video, "extend")

    async def extend_by_post(self):
        video = await self._post("/videos/extensions", prompt="on", seconds="4", video={"id": self.clip.id})
        await self._ends_as_said(video, "extend")

    async def characters(self):
        made = await settle(self.videos.create_character(name="Mossy", video=await self._clip_file()))
        assert made.id and made.name == "Mossy" and made.created_at >= self.clip.created_at, made
        assert (await settle(self.videos.get_character(made.id))).to_dict() == made.to_dict()
        video = await self._post("/videos", prompt="Mossy waves", characters=[{"id": made.id}], **SHORT)
        await self._ends_as_said(video, "character")

    async def failures(self):
        """A video that fails is an answer of 200 that says why."""
        for outcome, code in {"fail": "server_error", "moderation": "moderation_blocked"}.items():
            video = await self._end_of(await self._make(f"kinora:test/{outcome}"))
            assert (video.status, video.error.code) == ("failed", code) and video.error.message, video
        await self._refused(openai.NotFoundError, lambda: self.videos.download_content(video.id), code="video_failed")

    async def rate_limit(self):
        """429 with Retry-After, and a code that tells the client to come again."""
        impatient = self.client.with_options(max_retries=0).videos
        raised = await self._refused(
            openai.RateLimitError,
            lambda: impatient.create(prompt="kinora:test/rate-limit"),
            code="rate_limit_exceeded",
        )
        assert int(raised.response.headers["retry-after"]) > 0

    async def bad_requests(self):
        """400, with the field that is wrong in `param`."""
        wrong = {"size": ["255x160", "99999x160", "large"], "seconds": ["0", "61", "soon"], "prompt": ["", "x" * 32001]}
        for param, values in wrong.items():
            for value in values:
                fields = {"prompt": "a ball", **SHORT, param: value}
                await self._refused(
                    openai.BadRequestError,
                    lambda fields=fields: self.videos.create(**fields),
                    param=param,
                    type="invalid_request_error",
                )

    async def unknown_videos(self):
        calls = (self.videos.retrieve, self.videos.delete, self.videos.download_content)
        for call in calls:
            await self._refused(openai.NotFoundError, lambda call=call: call(UNKNOWN), type="invalid_request_error")
        await self._refused(openai.NotFoundError, lambda: self.videos.remix(UNKNOWN, prompt="a ball"))


async def run(steps):
    """Every step's verdict."""
    verdicts = {}
    for name in [name for name in vars(Steps) if not name.startswith("_")]:
        try:
            await getattr(steps, name)()
            verdicts[name] = "ok"
        except AttributeError as error:
            verdicts[name] = "absent" if error.obj is steps.videos else traceback.format_exc()
        except Exception:
            verdicts[name] = traceback.format_exc()
    return verdicts


if __name__ == "__main__":
    warnings.simplefilter("ignore", DeprecationWarning)
    mode, names = sys.argv[1:]
    made = {"sync": OpenAI, "async": AsyncOpenAI}[mode]()
    json.dump(asyncio.run(run(Steps(made, names.split(",")))), sys.stdout)
