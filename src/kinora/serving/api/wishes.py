"""What a client asks for becomes a `Video` to accept: fields read, sources found, files kept, all of it checked."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from kinora.policy import PolicyError, check
from kinora.serving.api.errors import later, missing, refuse
from kinora.serving.api.fields import (
    ASKED_AS,
    DEFAULT_SECONDS,
    DEFAULT_SIZE,
    FIELDS,
    MOST_SECONDS,
    read_fields,
    size_of,
)
from kinora.serving.api.multipart import Upload
from kinora.serving.api.shape import seconds_asked, size_asked
from kinora.serving.api.uploads import Kept, Uploads, as_object
from kinora.serving.config import Config
from kinora.serving.ledger.ledger import Ledger
from kinora.serving.ledger.records import Video
from kinora.serving.tasks import NOT_YET

REFERENCES = ("input_reference", "image_reference")
SOURCES = ("input_reference", "image_reference", "video", "characters")
MAX_CHARACTERS = 2
TEST = "kinora:test/"
TESTS = ("moderation", "fail", "slow", "rate-limit")
RATE_LIMIT_RETRY_S = 1


@dataclass(frozen=True, kw_only=True)
class Source:
    """A video to begin from: its blob, and what a new one takes over where nothing else is said."""

    blob: str
    seconds: int
    size: str
    id: str | None = None
    model: str = "sora-2"
    request: Mapping[str, Any] = field(default_factory=dict)


class Wishes:
    """Reads requests for videos, on behalf of an owner."""

    def __init__(self, config: Config, ledger: Ledger, uploads: Uploads) -> None:
        self._config, self._ledger, self._uploads = config, ledger, uploads

    def create(self, fields: Mapping[str, Any], owner: str) -> Video:
        """A video from a prompt, and from a picture or characters where given."""
        read = _read(fields)
        given = {**self._reference(fields, owner), **self._characters(fields.get("characters"), owner)}
        task = "character" if "character_1" in given else "reference" if given else "generate"
        return self._video(task, owner, fields, read, blobs=given)

    def remix(self, fields: Mapping[str, Any], owner: str, id: str) -> Video:
        """A finished video once more under another prompt, with its seed where none is given."""
        read = _read(fields)
        return self._video("remix", owner, fields, read, source=self._finished(id, owner, "video_id"))

    def edit(self, fields: Mapping[str, Any], owner: str) -> Video:
        """A video changed by a prompt."""
        read = _read(fields)
        return self._video("edit", owner, fields, read, source=self._source(fields, owner, read))

    def extend(self, fields: Mapping[str, Any], owner: str) -> Video:
        """A video that goes on; its `seconds` are those of the whole."""
        read = _read(fields)
        source = self._source(fields, owner, read)
        added = seconds_asked(read) or DEFAULT_SECONDS
        if source.seconds + added > MOST_SECONDS:
            most = max(MOST_SECONDS - source.seconds, 0)
            refuse(f"seconds is {added}: with the video's own, at most {most} can be added", param="seconds")
        whole = {name: value for name, value in read.items() if name != "num_frames"}
        return self._video("extend", owner, fields, {**whole, "seconds": source.seconds + added}, source=source)

    def _video(
        self,
        task: str,
        owner: str,
        fields: Mapping[str, Any],
        read: Mapping[str, Any],
        *,
        source: Source | None = None,
        blobs: Mapping[str, str] | None = None,
    ) -> Video:
        prompt, model = read["prompt"], read.get("model") or (source.model if source else "sora-2")
        seconds = seconds_asked(read) or (source.seconds if source else DEFAULT_SECONDS)
        size = size_asked(read) or (source.size if source else DEFAULT_SIZE)
        taken_over = source.request if source else {}
        request = {
            **taken_over,
            **{ours: read[theirs] for theirs, ours in ASKED_AS.items() if theirs in read},
            **{"prompt": prompt, "seconds": seconds, "size": size},
            "seed": read.get("seed", taken_over.get("seed", secrets.randbits(32))),
        }
        ignored = sorted(set(fields) - set(FIELDS) - set(SOURCES))
        engine = self._config.engine_of(model)
        return Video(
            owner=owner,
            task=task,
            model=model,
            engine=engine,
            prompt=prompt,
            seconds=seconds,
            size=size,
            wish={
                **{"request": request, "ignored": ignored, "test": _test(prompt)},
                **{"reference": None, "source": source.blob if source else None, **(blobs or {})},
            },
            priority=read.get("priority", 0),
            remixed_from_video_id=source.id if source and task == "remix" else None,
            notes={"engine": engine, "seed": request["seed"], "ignored": ignored},
            **self._refusal(task, prompt),
        )

    def _refusal(self, task: str, prompt: str) -> dict[str, Any]:
        """What makes a video fail as soon as it is accepted: a prompt that isn't made, a task that hasn't landed."""
        try:
            check(prompt)
        except PolicyError as error:
            return self._failed("moderation_blocked", str(error))
        return self._failed("not_available", NOT_YET[task]) if task in NOT_YET else {}

    def _failed(self, code: str, message: str) -> dict[str, Any]:
        now = self._ledger.now()
        return {
            **{"status": "failed", "error_code": code, "error_message": message},
            **{"created_at": now, "completed_at": now},
        }

    def _reference(self, fields: Mapping[str, Any], owner: str) -> dict[str, str]:
        """The blob of the picture or clip to begin with, under "reference"; nothing where none is given."""
        given = [name for name in REFERENCES if fields.get(name) is not None]
        if len(given) > 1:
            refuse("input_reference and image_reference are the same; give one", param="image_reference")
        for name in given:
            return {"reference": self._picture(fields[name], owner, name)}
        return {}

    def _picture(self, value: object, owner: str, param: str) -> str:
        if isinstance(value, Upload):
            return self._uploads.keep(value, param).blob
        told = as_object(value, "image_url", param)
        url, file_id = told.get("image_url"), told.get("file_id")
        if (url is None) == (file_id is None):
            refuse(f"{param} needs exactly one of image_url and file_id", param=param, code="invalid_value")
        return (
            self._uploads.keep_url(url, param).blob if url is not None else self._finished(file_id, owner, param).blob
        )

    def _characters(self, value: object, owner: str) -> dict[str, str]:
        """The characters' blobs, under "character_1" and "character_2"."""
        if value is None:
            return {}
        if not isinstance(value, list) or not len(value) <= MAX_CHARACTERS:
            refuse(f"characters must be a list of at most {MAX_CHARACTERS} objects with an id", param="characters")
        found = {}
        for number, each in enumerate(value, 1):
            id = as_object(each, "id", "characters").get("id")
            character = self._ledger.get_character(id, owner) if isinstance(id, str) else None
            if character is None:
                raise missing("character with this id", param="characters")
            found[f"character_{number}"] = character.blob
        return found

    def _source(self, fields: Mapping[str, Any], owner: str, read: Mapping[str, Any]) -> Source:
        """The video to edit or extend: a file, or the id of one made before."""
        value = fields.get("video")
        if value is None:
            refuse("video is missing; send a file, or the id of a finished video", param="video", code="missing")
        if isinstance(value, Upload):
            return _uploaded(self._uploads.keep(value, "video"), read)
        id = as_object(value, "id", "video").get("id")
        if not isinstance(id, str):
            refuse("video needs an id, or must be a file", param="video", code="invalid_type")
        return self._finished(id, owner, "video")

    def _finished(self, id: object, owner: str, param: str) -> Source:
        video = self._ledger.get(id, owner) if isinstance(id, str) else None
        if video is None:
            raise missing("video with this id", param=param)
        if not video.result:
            state = video.status if video.status != "completed" else "expired"
            refuse(f"video {video.id} is {state}; give one that is completed", param=param, code="video_not_ready")
        return Source(
            blob=video.result["video"],
            seconds=video.seconds,
            size=video.size,
            id=video.id,
            model=video.model,
            request=video.wish["request"],
        )


def _read(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields with an effect, read; a prompt must be among them."""
    read = read_fields(fields, FIELDS)
    if "prompt" not in read:
        refuse("prompt is missing; say what to draw", param="prompt", code="missing")
    return read


def _uploaded(kept: Kept, read: Mapping[str, Any]) -> Source:
    """A file as a source: as long and as large as it is, where that can be made and nothing else is said."""
    seconds, size = max(1, round(kept.facts.duration_s)), size_asked(read)
    try:
        size = size or size_of(kept.facts.width, kept.facts.height)
    except ValueError as error:
        refuse(f"video {error}, or say another size", param="video", code="invalid_value")
    if seconds > MOST_SECONDS:
        refuse(f"video lasts {seconds} s; cut it to {MOST_SECONDS} s", param="video", code="invalid_value")
    return Source(blob=kept.blob, seconds=seconds, size=size)


def _test(prompt: str) -> str:
    """The outcome that a test prompt asks for; "" for every other prompt. ApiError 429 for that of a rate limit."""
    if not prompt.startswith(TEST):
        return ""
    name = prompt.removeprefix(TEST).strip()
    if name not in TESTS:
        refuse(f"there are the test prompts {', '.join(TEST + each for each in TESTS)}; give one", param="prompt")
    if name == "rate-limit":
        raise later(429, "this prompt asks for it", code="rate_limit_exceeded", retry_after_s=RATE_LIMIT_RETRY_S)
    return name
