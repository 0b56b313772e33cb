"""What each call takes that makes a video: its fields, and its files by what they show."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from kinora.request import MAX_FPS, MIN_FPS
from kinora.serving.api.errors import refuse
from kinora.serving.api.fields import (
    FIELDS,
    FPS,
    FRAME,
    MAKING,
    MOST_SECONDS,
    PROMPT,
    Field,
    Schema,
    read_fields,
    real,
    several,
    text,
    truth,
    unpacked,
    whole,
)

BRIDGE_SECONDS = 2
"""How long what joins two clips, or the ends of one, lasts where nothing is said."""

LEAST_SHOT_SECONDS = 1
MOST_LINE = 2_000
MOST_PEOPLE = 20
MOST_FRAMES = MOST_SECONDS * MAX_FPS
COUNT: Schema = {"type": "integer"}
Kind = Literal["picture", "video", "sound"]


def _entry(table: Mapping[str, Field], required: Collection[str]) -> Callable[[object], dict[str, Any]]:
    """How one object of a list is read: these fields, and no other."""

    def read(value: object) -> dict[str, Any]:
        if not isinstance(value, Mapping) or not set(required) <= set(value) <= set(table):
            raise ValueError(f"needs in each entry {', '.join(required)}, and may have {', '.join(table)}")
        found = {}
        for name, told in value.items():
            try:
                found[name] = table[name].read(told)
            except ValueError as error:
                raise ValueError(f"has an entry whose {name} {error}") from None
        return found

    return read


def _people(value: object) -> dict[str, str]:
    remedy = f"must say names with what they look like, at most {MOST_PEOPLE}"
    told = unpacked(value, remedy)
    if not isinstance(told, Mapping) or len(told) > MOST_PEOPLE:
        raise ValueError(remedy)
    if not all(isinstance(who, str) and who.strip() and len(who) <= MOST_LINE for who in told.values()):
        raise ValueError(remedy)
    return dict(told)


ONE_SHOT = {
    "one_shot": truth("Make one take of the prompt, also where it tells several shots; false where nothing is said.")
}
BRIDGE = {
    "seconds": whole(1, MOST_SECONDS, f"How long the new part is, in seconds; {BRIDGE_SECONDS} where nothing is said.")
}
OF_FILES = {"prompt": PROMPT, **FRAME, "fps": FPS, **MAKING}
"""What may be said of a video that is made around others, whose shape it has where nothing is said."""

SHOT: dict[str, Field] = {
    "prompt": PROMPT,
    "seconds": real(LEAST_SHOT_SECONDS, MOST_SECONDS, "How long the shot is."),
    "seed": MAKING["seed"],
}


@dataclass(frozen=True, kw_only=True)
class Call:
    """What one takes: fields, of which some must be there, and files by what they show."""

    fields: Mapping[str, Field]
    required: Sequence[str] = ()
    files: Mapping[str, Kind] = field(default_factory=dict)

    def read(self, sent: Mapping[str, Any]) -> dict[str, Any]:
        """The fields, read. ApiError 400 for a wrong one, or where one that must be there is not."""
        found = read_fields(sent, self.fields)
        for name in self.required:
            if name not in found:
                refuse(f"{name} is missing; say {SAYING[name]}", param=name, code="missing")
        return found


SAYING = {"prompt": "what to draw", "shots": "what each shows", "shot": "which to make again, counted from 1"}

CALLS: dict[str, Call] = {
    "create": Call(
        fields={**FIELDS, **ONE_SHOT},
        required=("prompt",),
        files={"input_reference": "picture", "first_frame": "picture", "last_frame": "picture", "sound": "sound"},
    ),
    "remix": Call(fields={**FIELDS, **ONE_SHOT}, required=("prompt",)),
    "edit": Call(fields=FIELDS, required=("prompt",), files={"video": "video"}),
    "extend": Call(
        fields={**FIELDS, "before": truth("Make what comes before it instead; false where nothing is said.")},
        required=("prompt",),
        files={"video": "video"},
    ),
    "fill": Call(
        fields={
            **OF_FILES,
            "from": real(0, MOST_SECONDS, "Where the part begins that is made anew, in seconds; with `to`."),
            "to": real(0, MOST_SECONDS, "Where it ends, in seconds."),
            "frames": several(
                whole(0, MOST_FRAMES - 1, "").read, COUNT, MOST_FRAMES, "Instead: damaged frames, counted from 0."
            ),
            "fps": whole(MIN_FPS, MAX_FPS, "Instead: frames a second; its own stay, the others are made between them."),
        },
        files={"video": "video"},
    ),
    "loop": Call(fields={**OF_FILES, **BRIDGE}, files={"video": "video"}),
    "join": Call(fields={**OF_FILES, **BRIDGE}, files={"first": "video", "second": "video"}),
    "score": Call(
        fields={
            "effects": text(1, MOST_LINE),
            **{name: each for name, each in OF_FILES.items() if name not in ("prompt", "fps", "generate_sound")},
            "music": text(1, MOST_LINE),
            "keep": truth("Keep its own sound under the new one; false where nothing is said."),
            "from": real(0, MOST_SECONDS, "Where the part begins whose sound alone is new, in seconds; else at 0."),
            "to": real(0, MOST_SECONDS, "Where it ends, in seconds; else at the end."),
        },
        files={"video": "video"},
    ),
    "storyboard": Call(
        fields={
            "shots": several(
                _entry(SHOT, ("prompt",)),
                {
                    "type": "object",
                    "properties": {name: each.schema for name, each in SHOT.items()},
                    "required": ["prompt"],
                    "additionalProperties": False,
                },
                MOST_SECONDS,
                "The shots in order, 60 s at most in all; one lasts 4 s where nothing is said.",
            ),
            "line": text(1, MOST_LINE),
            "characters": Field(
                read=_people,
                schema={
                    "type": "object",
                    "maxProperties": MOST_PEOPLE,
                    "additionalProperties": {
                        "type": "string",
                        "minLength": 1,
                        "maxLength": MOST_LINE,
                        "pattern": r"\S",
                    },
                    "description": "Who the names in the shots are: what each looks like.",
                },
            ),
            **FRAME,
            "fps": FPS,
            **MAKING,
        },
        required=("shots",),
    ),
    "redo": Call(
        fields={
            "shot": whole(1, MOST_SECONDS, "Which shot to make again, counted from 1."),
            "prompt": PROMPT,
            **{name: MAKING[name] for name in ("seed", "priority")},
        },
        required=("shot",),
    ),
}
"""Every one by what it is called here."""
