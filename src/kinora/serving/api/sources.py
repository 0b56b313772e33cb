"""What a video is to be made from: files of the request, or videos made before, for the same owner."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from kinora.request import MAX_FPS, MIN_FPS
from kinora.serving.api.errors import missing, refuse
from kinora.serving.api.fields import MAX_SECONDS, MOST_SECONDS, real, several, size_of
from kinora.serving.api.multipart import Upload
from kinora.serving.api.shape import size_asked
from kinora.serving.api.uploads import Kept, Uploads, as_object
from kinora.serving.ledger.ledger import Ledger
from kinora.serving.tasks import KEYFRAME

REFERENCES = ("input_reference", "image_reference")
FIRST = (*REFERENCES, "first_frame")
"""One picture under several names: what a video begins with."""

MAX_CHARACTERS = 2
MAX_KEYFRAMES = 20
TIME = real(0, MAX_SECONDS, "")


@dataclass(frozen=True, kw_only=True)
class Source:
    """A video to begin from: its blob, and what a new one takes over where nothing else is said."""

    blob: str
    seconds: float
    size: str
    has_sound: bool = True
    id: str | None = None
    model: str = "sora-2"
    request: Mapping[str, Any] = field(default_factory=dict)
    fps: int | None = None
    """Frames a second, where that is known."""

    plan: Mapping[str, Any] | None = None


@dataclass(frozen=True, kw_only=True)
class Given:
    """Pictures and sound that a video is drawn around: blobs by name, and where the keyframes stand, in seconds."""

    blobs: Mapping[str, str] = field(default_factory=dict)
    keyframes: tuple[float, ...] = ()
    sound_s: float = 0.0


class Sources:
    """Reads what requests bring along, on behalf of an owner."""

    def __init__(self, ledger: Ledger, uploads: Uploads) -> None:
        self._ledger, self._uploads = ledger, uploads

    def given(self, sent: Mapping[str, Any], owner: str) -> Given:
        """The pictures and the sound in a request for a video."""
        first = [name for name in FIRST if sent.get(name) is not None]
        if len(first) > 1:
            refuse(f"{' and '.join(first)} are the same; give one", param=first[1])
        named = {"input_reference" if name in REFERENCES else name: name for name in (*first, "last_frame")}
        blobs = {
            ours: self._picture(sent[name], owner, name) for ours, name in named.items() if sent.get(name) is not None
        }
        keyframes = self._keyframes(sent.get("keyframes"), owner)
        blobs |= {f"{KEYFRAME}{number}": blob for number, (_, blob) in enumerate(keyframes, 1)}
        heard = None if sent.get("sound") is None else self._sound(sent["sound"], owner)
        return Given(
            blobs=blobs | ({"sound": heard.blob} if heard else {}),
            keyframes=tuple(time_s for time_s, _ in keyframes),
            sound_s=heard.seconds if heard else 0.0,
        )

    def characters(self, value: object, owner: str) -> dict[str, str]:
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

    def video(
        self, sent: Mapping[str, Any], owner: str, read: Mapping[str, Any], *, param: str = "video", still: bool = False
    ) -> Source:
        """The video under a name: a file, or the id of one made before. `still` is whether a picture will do."""
        value = sent.get(param)
        if value is None:
            refuse(f"{param} is missing; send a file, or the id of a finished video", param=param, code="missing")
        if isinstance(value, Upload):
            kept = self._uploads.keep(value, param)
            if kept.facts.num_frames == 1 and not still:
                refuse(f"{param} is a picture; give a video", param=param, code="invalid_file")
            return _uploaded(kept, read, param)
        return self._by_id(value, owner, param)

    def finished(self, id: object, owner: str, param: str) -> Source:
        """A video made before. ApiError 404 where there is none, 400 where it has no file."""
        video = self._ledger.get(id, owner) if isinstance(id, str) else None
        if video is None:
            raise missing("video with this id", param=param)
        if not video.result:
            state = video.status if video.status != "completed" else "expired"
            refuse(f"video {video.id} is {state}; give one that is completed", param=param, code="video_not_ready")
        request = video.wish["request"]
        return Source(
            blob=video.result["video"],
            seconds=video.seconds,
            size=video.size,
            has_sound=request.get("sound", True),
            id=video.id,
            model=video.model,
            request=request,
            fps=request.get("fps") or video.notes.get("native_fps"),
            plan=video.wish.get("plan"),
        )

    def _by_id(self, value: object, owner: str, param: str) -> Source:
        id = as_object(value, "id", param).get("id")
        if not isinstance(id, str):
            refuse(f"{param} needs an id, or must be a file", param=param, code="invalid_type")
        return self.finished(id, owner, param)

    def _picture(self, value: object, owner: str, param: str) -> str:
        if isinstance(value, Upload):
            return self._uploads.keep(value, param).blob
        told = as_object(value, "image_url", param)
        url, file_id = told.get("image_url"), told.get("file_id")
        if (url is None) == (file_id is None):
            refuse(f"{param} needs exactly one of image_url and file_id", param=param, code="invalid_value")
        return self._uploads.keep_url(url, param).blob if url is not None else self.finished(file_id, owner, param).blob

    def _keyframes(self, value: object, owner: str) -> list[tuple[float, str]]:
        """Seconds and blob of each picture in between."""
        if value is None:
            return []
        try:
            told = [as_object(each, "", "keyframes") for each in ENTRIES.read(value)]
            times = [TIME.read(each.get("seconds")) for each in told]
        except ValueError:
            remedy = f"keyframes must be a list of at most {MAX_KEYFRAMES}, each with seconds and a picture"
            refuse(remedy, param="keyframes", code="invalid_value")
        return [
            (time_s, self._picture(each.get("picture"), owner, "keyframes"))
            for time_s, each in zip(times, told, strict=True)
        ]

    def _sound(self, value: object, owner: str) -> Source:
        if not isinstance(value, Upload):
            return self._by_id(value, owner, "sound")
        blob, seconds = self._uploads.keep_sound(value, "sound")
        return Source(blob=blob, seconds=seconds, size="")


ENTRIES = several(lambda each: each, {}, MAX_KEYFRAMES, "")


def _uploaded(kept: Kept, read: Mapping[str, Any], param: str) -> Source:
    """A file as a source: as long and as large as it is, where that can be made and nothing else is said."""
    facts, size = kept.facts, size_asked(read)
    try:
        size = size or size_of(facts.width, facts.height)
    except ValueError as error:
        refuse(f"{param} {error}, or say another size", param=param, code="invalid_value")
    if facts.duration_s > MOST_SECONDS:
        seconds = float(facts.duration_s)
        refuse(f"{param} lasts {seconds:g} s; cut it to {MOST_SECONDS} s", param=param, code="invalid_value")
    fps = min(max(round(facts.fps), MIN_FPS), MAX_FPS)
    return Source(
        blob=kept.blob,
        seconds=float(facts.duration_s),
        size=size,
        has_sound=facts.num_channels > 0,
        # A picture has no rate that a video could take over.
        request={"fps": fps} if facts.num_frames > 1 else {},
        fps=fps if facts.num_frames > 1 else None,
    )
