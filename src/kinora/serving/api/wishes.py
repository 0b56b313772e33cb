"""What a client asks for becomes a `Video` to accept: fields read, sources found, files kept, all of it checked."""

import math
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from kinora.engines.finding import find_engine
from kinora.policy import PolicyError, check
from kinora.request import parse_size
from kinora.serving.api.calls import BRIDGE_SECONDS, CALLS
from kinora.serving.api.engines import able_engine
from kinora.serving.api.errors import later, refuse
from kinora.serving.api.fields import ASKED_AS, DEFAULT_SECONDS, DEFAULT_SIZE, MOST_SECONDS
from kinora.serving.api.shape import seconds_asked, size_asked, whole_seconds
from kinora.serving.api.sources import REFERENCES, Source, Sources
from kinora.serving.api.stories import Plan, longest_of, plan_in, plan_told, prompt_of, seconds_of, with_shot, words_of
from kinora.serving.api.uploads import Uploads
from kinora.serving.config import Config
from kinora.serving.ledger.ledger import Ledger
from kinora.serving.ledger.records import Video
from kinora.serving.tasks import NOT_YET, needed

BESIDE = {"create": (*REFERENCES, "keyframes", "characters")}
"""What a call takes beside the fields and files of its table."""

TEST = "kinora:test/"
TESTS = ("moderation", "fail", "slow", "rate-limit")
RATE_LIMIT_RETRY_S = 1
REMIXES = ("remix", "redo")
SCORED = ("effects", "music", "keep")
SLACK_S = 1e-6


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What a request comes to: a task, and what it takes. What is not said is as in the `source`."""

    task: str
    read: Mapping[str, Any]
    prompt: str
    seconds: float
    seed: int
    source: Source | None = None
    blobs: Mapping[str, str] = field(default_factory=dict)
    arguments: Mapping[str, Any] = field(default_factory=dict)
    plan: Plan | None = None

    @property
    def model(self) -> str:
        """The name of the model that is asked for."""
        return _model(self.read, self.source)

    @property
    def _asked(self) -> set[str]:
        """What is said of the making; a task's own argument of the same name is none of that."""
        return set(self.read) - set(self.arguments)

    @property
    def words(self) -> str:
        """All that is to be drawn or heard."""
        return words_of(self.plan) if self.plan else self.prompt

    @property
    def _settled(self) -> dict[str, Any]:
        """What the file has by its task, whatever else is said; later jobs take that over."""
        if self.task == "smooth" and self.source:
            return {"fps": self.arguments["fps"], "sound": self.source.has_sound}
        return {"sound": True} if self.task == "score" else {}

    def request(self) -> dict[str, Any]:
        """The fields of a `kinora.request.Request`."""
        return {
            **(_taken_over(self.source) if self.source else {}),
            **{ours: self.read[theirs] for theirs, ours in ASKED_AS.items() if theirs in self._asked},
            **{"prompt": self.prompt, "seconds": whole_seconds(self.seconds), "seed": self.seed, **self._settled},
            "size": size_asked(self.read) or (self.source.size if self.source else DEFAULT_SIZE),
        }


class Wishes:
    """Reads requests for videos, on behalf of an owner. Each method is one call."""

    def __init__(self, config: Config, ledger: Ledger, uploads: Uploads) -> None:
        self._config, self._ledger, self._sources = config, ledger, Sources(ledger, uploads)

    def create(self, sent: Mapping[str, Any], owner: str) -> Video:
        """A video from a prompt, around pictures, a sound or characters where given; in shots where it tells some."""
        read = CALLS["create"].read(sent)
        given, characters = self._sources.given(sent, owner), self._sources.characters(sent.get("characters"), owner)
        blobs = {**given.blobs, **characters}
        wish = Wish(
            task="character" if characters else "reference" if blobs else "generate",
            read=read,
            prompt=read["prompt"],
            seconds=self._seconds(read) or _as_long_as(given.sound_s) or DEFAULT_SECONDS,
            seed=_seed(read),
            blobs=blobs,
            arguments={"keyframes": list(given.keyframes)} if given.keyframes else {},
        )
        if given.keyframes and max(given.keyframes) > wish.seconds:
            message = f"keyframes has one at {max(given.keyframes):g} s; the video lasts {wish.seconds:g} s: move it"
            refuse(message, param="keyframes", code="invalid_value")
        return self._video("create", sent, owner, wish if blobs else _in_shots(wish, self._seconds(read)))

    def remix(self, sent: Mapping[str, Any], owner: str, id: str) -> Video:
        """A finished video once more under another prompt, with its seed where none is given."""
        read = CALLS["remix"].read(sent)
        source = self._sources.finished(id, owner, "video_id")
        # Where its rate was not asked for either, it is drawn anew at that of whoever draws.
        said = self._seconds(read, replace(source, fps=source.request.get("fps")))
        wish = _wish("remix", read, source, seconds=said or source.seconds, blobs={})
        return self._video("remix", sent, owner, _in_shots(wish, said))

    def edit(self, sent: Mapping[str, Any], owner: str) -> Video:
        """A video changed by a prompt."""
        read = CALLS["edit"].read(sent)
        source = self._sources.video(sent, owner, read, still=True)
        wish = _wish("edit", read, source, seconds=self._seconds(read, source) or source.seconds)
        return self._video("edit", sent, owner, wish)

    def extend(self, sent: Mapping[str, Any], owner: str) -> Video:
        """A video that goes on, or begins earlier; its `seconds` are those of the whole."""
        read = CALLS["extend"].read(sent)
        source = self._sources.video(sent, owner, read)
        added = self._seconds(read, source) or DEFAULT_SECONDS
        arguments = {"seconds": added, "before": read.get("before", False)}
        total_s = _within(source.seconds + added, added)
        return self._video("extend", sent, owner, _wish("extend", read, source, seconds=total_s, arguments=arguments))

    def fill(self, sent: Mapping[str, Any], owner: str) -> Video:
        """A video of which a part, damaged frames or the frames between its own are made anew."""
        read = CALLS["fill"].read(sent)
        source = self._sources.video(sent, owner, read)
        task, arguments = _hole(read, source)
        wish = _wish(task, read, source, seconds=source.seconds, arguments=arguments)
        return self._video("fill", sent, owner, wish)

    def loop(self, sent: Mapping[str, Any], owner: str) -> Video:
        """A video that flows from its end back into its beginning."""
        read = CALLS["loop"].read(sent)
        source = self._sources.video(sent, owner, read)
        added = read.get("seconds", BRIDGE_SECONDS)
        total_s = _within(source.seconds + added, added)
        wish = _wish("loop", read, source, seconds=total_s, arguments={"seconds": added})
        return self._video("loop", sent, owner, wish)

    def join(self, sent: Mapping[str, Any], owner: str) -> Video:
        """Two videos with a passage between them, in the first one's shape."""
        read = CALLS["join"].read(sent)
        first, second = (self._sources.video(sent, owner, read, param=name) for name in ("first", "second"))
        added = read.get("seconds", BRIDGE_SECONDS)
        given = {"blobs": {"first": first.blob, "second": second.blob}, "arguments": {"seconds": added}}
        total_s = _within(first.seconds + added + second.seconds, added)
        first = replace(first, has_sound=first.has_sound or second.has_sound)
        return self._video("join", sent, owner, _wish("join", read, first, seconds=total_s, **given))

    def score(self, sent: Mapping[str, Any], owner: str) -> Video:
        """A video with new sound."""
        read = CALLS["score"].read(sent)
        source = self._sources.video(sent, owner, read)
        arguments = {**{"effects": "", "music": "", "keep": False}, **{n: read[n] for n in SCORED if n in read}}
        if arguments["keep"] and not source.has_sound:
            refuse("keep is true and video has no sound to keep; leave keep out", param="keep", code="invalid_value")
        said = {"prompt": ", ".join(arguments[name] for name in ("effects", "music") if arguments[name])}
        arguments |= _part_heard(read, source, keep=arguments["keep"])
        wish = _wish("score", {**read, **said}, source, seconds=source.seconds, arguments=arguments)
        if not wish.prompt and "sound" not in find_engine(self._config.engine_of(wish.model)).can:
            message = f'model {wish.model} does not hear what pictures show; say what is heard, as in effects "rain"'
            refuse(message, param="effects", code="missing")
        return self._video("score", sent, owner, wish)

    def storyboard(self, sent: Mapping[str, Any], owner: str) -> Video:
        """A film of several shots."""
        read = CALLS["storyboard"].read(sent)
        seed = _seed(read)
        plan = plan_told(read, seed)
        wish = Wish(
            task="storyboard", read=read, prompt=prompt_of(plan), seconds=seconds_of(plan), seed=seed, plan=plan
        )
        return self._video("storyboard", sent, owner, wish)

    def redo(self, sent: Mapping[str, Any], owner: str, id: str) -> Video:
        """A film with one shot made again, from a new seed where none is given, or in other words."""
        read = CALLS["redo"].read(sent)
        source = self._sources.finished(id, owner, "video_id")
        if source.plan is None:
            refuse(f"video {id} is a single shot; give one with a kinora.plan", param="video_id", code="invalid_value")
        changes = {"seed": _seed(read), **({"prompt": read["prompt"]} if "prompt" in read else {})}
        plan = with_shot(source.plan, read["shot"], **changes)
        told = {"prompt": prompt_of(plan), "priority": read.get("priority", 0)}
        wish = _wish("redo", told, source, seconds=source.seconds, plan=plan, arguments={"shot": read["shot"]})
        return self._video("redo", sent, owner, wish)

    def _seconds(self, read: Mapping[str, Any], source: Source | None = None) -> int | None:
        """The seconds that are asked for, if any. Frames are counted at the source's rate, or else at the engine's."""
        engine = find_engine(self._config.engine_of(_model(read, source)))
        return seconds_asked(read, (source.fps if source else None) or engine.canvas.fps)

    def _video(self, call: str, sent: Mapping[str, Any], owner: str, wish: Wish) -> Video:
        """The row of a wish. ApiError 400 where its engine can't do it, or for a test prompt that there is none of."""
        needs = needed(wish.task, wish.blobs, before=wish.arguments.get("before", False))
        longest_s = longest_of(wish.plan) if wish.plan else wish.seconds
        drawn_by, request = able_engine(self._config, wish.model, needs, longest_s), wish.request()
        try:
            parse_size(request["size"], drawn_by.canvas)
        except ValueError as error:
            refuse(str(error), param="size", code="invalid_value")
        ignored = sorted(set(sent) - {*CALLS[call].fields, *CALLS[call].files, *BESIDE.get(call, ())})
        plan = {"plan": wish.plan} if wish.plan else {}
        return Video(
            owner=owner,
            task=wish.task,
            model=wish.model,
            engine=self._config.engine_of(wish.model),
            prompt=wish.prompt,
            seconds=request["seconds"],
            size=request["size"],
            wish={
                **{"request": request, "sources": dict(wish.blobs), "arguments": dict(wish.arguments)},
                **{"ignored": ignored, "test": _test(wish.prompt), **plan},
            },
            priority=wish.read.get("priority", 0),
            remixed_from_video_id=wish.source.id if wish.source and wish.task in REMIXES else None,
            notes={"engine": drawn_by.name, "seed": request["seed"], "ignored": ignored, **plan},
            **self._refusal(wish),
        )

    def _refusal(self, wish: Wish) -> dict[str, Any]:
        """What makes a video fail as soon as it is accepted: a prompt that isn't made, a task that hasn't landed."""
        try:
            check(wish.words)
        except PolicyError as error:
            return self._failed("moderation_blocked", str(error))
        return self._failed("not_available", NOT_YET[wish.task]) if wish.task in NOT_YET else {}

    def _failed(self, code: str, message: str) -> dict[str, Any]:
        now = self._ledger.now()
        return {
            **{"status": "failed", "error_code": code, "error_message": message},
            **{"created_at": now, "completed_at": now},
        }


def _wish(task: str, read: Mapping[str, Any], source: Source, *, seconds: float, **more: Any) -> Wish:  # noqa: ANN401
    """A wish that is begun from a source, with its seed where none is asked for."""
    return Wish(
        task=task,
        read=read,
        prompt=read.get("prompt", ""),
        seconds=seconds,
        seed=read.get("seed", source.request.get("seed", _seed(read))),
        source=source,
        **{"blobs": {"video": source.blob}, **more},
    )


def _model(read: Mapping[str, Any], source: Source | None) -> str:
    return read.get("model") or (source.model if source else "sora-2")


def _taken_over(source: Source) -> dict[str, Any]:
    """What a request has from its source. A file that is silent stays so; one that is heard is asked for its sound."""
    told = {name: value for name, value in source.request.items() if name != "sound"}
    return told if source.has_sound else {**told, "sound": False}


def _seed(read: Mapping[str, Any]) -> int:
    return int(read.get("seed", secrets.randbits(32)))


def _in_shots(wish: Wish, said: int | None) -> Wish:
    """The wish with the plan that its prompt tells, if it tells one and that is not ruled out; `said` are the seconds
    that are asked for."""
    if wish.read.get("one_shot"):
        return wish
    plan = plan_in(wish.prompt, said, whole_seconds(wish.seconds), wish.seed)
    return replace(wish, plan=plan, seconds=seconds_of(plan)) if plan else wish


def _as_long_as(sound_s: float) -> int:
    """Whole seconds that hold a sound. ApiError 400 where it is too long."""
    if sound_s > MOST_SECONDS:
        message = f"sound lasts {sound_s:g} s; say seconds, at most {MOST_SECONDS}, and its beginning is taken"
        refuse(message, param="sound", code="invalid_value")
    return math.ceil(sound_s)


def _within(total_s: float, added_s: float) -> float:
    """The seconds of the whole. ApiError 400 where that is too long."""
    if total_s > MOST_SECONDS:
        most = max(math.floor(MOST_SECONDS - total_s + added_s), 0)
        refuse(f"seconds is {added_s}: with what is given, at most {most} can be added", param="seconds")
    return total_s


def _hole(read: Mapping[str, Any], source: Source) -> tuple[str, dict[str, Any]]:
    """What is to be filled: the task and its arguments. ApiError 400 unless it is said in one way, and is there."""
    ways = {"fill": ("from", "to"), "mend": ("frames",), "smooth": ("fps",)}
    said = [task for task, names in ways.items() if any(name in read for name in names)]
    if len(said) != 1 or any(name not in read for name in ways[said[0]]):
        refuse("say what to fill: from and to, or frames, or fps", param="from", code="missing")
    arguments = {name: read[name] for name in ways[said[0]]}
    if said == ["fill"] and not _is_part(arguments["from"], arguments["to"], source.seconds):
        message = f"from and to must say a part of the video, not all of it; it lasts {source.seconds:g} s"
        refuse(message, param="to", code="invalid_value")
    return said[0], arguments


def _part_heard(read: Mapping[str, Any], source: Source, *, keep: bool) -> dict[str, float]:
    """Of which part the sound is new, where it is not all. ApiError 400 where it is none, or no sound stays beside."""
    part = {name: read[name] for name in ("from", "to") if name in read}
    param = next(iter(part), None)
    if part and not _is_part(part.get("from", 0.0), part.get("to", source.seconds), source.seconds):
        message = f"from and to must say a part of the video, not all of it; it lasts {source.seconds:g} s"
        refuse(message, param=param, code="invalid_value")
    if part and (keep or not source.has_sound):
        why = "keep is true: around a part all sound stays" if keep else "video has no sound that could stay around it"
        refuse(f"{param} says a part and {why}; give one or the other", param=param, code="invalid_value")
    return part


def _is_part(from_s: float, to_s: float, whole_s: float) -> bool:
    return from_s < to_s <= whole_s + SLACK_S and to_s - from_s <= whole_s - SLACK_S


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
