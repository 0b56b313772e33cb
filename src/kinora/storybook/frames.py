"""Sentence frames: how whole statements, requests and remarks are built around phrases. Tables only."""

from kinora.storybook.phrases import Phrases

PLACE_SENTENCES = (
    "the scene takes place {}",
    "it all happens {}",
    "we are {}",
    "the setting is {}",
    "all this is {}",
    "this takes place {}",
)
LIGHT_SENTENCES: Phrases = {
    "dawn": (
        "it is dawn",
        "it is early morning",
        "the sun is just rising",
        "the day is breaking",
        "the light is that of dawn",
    ),
    "noon": (
        "it is noon",
        "it is midday",
        "it is the middle of the day",
        "it is bright daytime",
        "it is broad daylight",
    ),
    "sunset": ("it is sunset", "it is evening", "the sun is setting", "it is dusk", "the light is that of sunset"),
    "night": ("it is night", "it is late at night", "it is dark", "night has fallen", "it is the middle of the night"),
}
WEATHER_SENTENCES: Phrases = {
    "clear": ("the sky is clear", "the weather is fine", "the weather is clear", "there is not a cloud in the sky"),
    "rain": ("it is raining", "rain is falling", "it rains", "rain pours down", "the weather is rainy"),
    "snow": ("it is snowing", "snow is falling", "snowflakes drift down", "it snows", "the weather is snowy"),
    "fog": (
        "it is foggy",
        "fog hangs in the air",
        "everything is wrapped in mist",
        "it is misty",
        "there is thick fog",
    ),
}

CAMERA_SENTENCES: Phrases = {
    "static": (
        "the camera is static",
        "the camera stays still",
        "the camera does not move",
        "the camera holds still",
        "it is a fixed shot",
    ),
    "pan": (
        "the camera pans {}",
        "the camera sweeps {}",
        "the view pans {}",
        "the camera slowly pans {}",
        "the camera turns {}",
    ),
    "tilt": ("the camera tilts {}", "the camera slowly tilts {}", "the view tilts {}", "the camera tips {}"),
    "zoom in": (
        "the camera zooms in",
        "the camera pushes in",
        "the camera moves closer",
        "the view closes in",
        "the camera slowly zooms in",
    ),
    "zoom out": (
        "the camera zooms out",
        "the camera pulls back",
        "the camera pulls out",
        "the camera moves away",
        "the camera slowly zooms out",
    ),
    "track": (
        "the camera follows along",
        "the camera tracks the action",
        "the camera follows",
        "the camera keeps up",
        "the camera moves along",
    ),
    "shake": (
        "the camera shakes",
        "the camera wobbles",
        "the picture shakes",
        "the camera trembles",
        "it looks hand-held and shaky",
    ),
}
FRAME_SENTENCES = ("it is {}", "this is {}", "we see it in {}", "it is filmed as {}")
# The verb agrees with the noun phrase: `{s}` is its ending.
MUSIC_SENTENCES = (
    *("{music} play{s}", "{music} play{s} in the background", "we hear {music}", "{music} can be heard"),
    *(
        "the soundtrack is {music}",
        "it comes with {music}",
        "{music} sound{s} all along",
        "in the background, {music} play{s}",
    ),
)
SOUND_SENTENCES = (
    *(
        "we hear {}",
        "you can hear {}",
        "{} can be heard",
        "in the background you hear {}",
        "the sound of {} fills the air",
    ),
    *("one hears {}", "{} can be heard in the background"),
)
SILENCE_SENTENCES: Phrases = {
    "no music": ("there is no music", "no music plays", "it has no music", "everything happens without music"),
    "no sound": ("there is no sound", "it is silent", "nothing can be heard", "it is completely silent"),
}
SIGN_SENTENCES = (
    *(
        'there is a sign that says "{}"',
        'a sign says "{}"',
        'a sign reads "{}"',
        'the word on the sign is "{}"',
        'a board shows "{}"',
    ),
    *('you can read "{}" on a sign', '"{}" is written on a sign', 'a sign in the background says "{}"'),
)
STYLE_SENTENCES = (
    *(
        "it looks like a page from a picture book",
        "everything is drawn in flat, friendly shapes",
        "it is drawn like a storybook",
    ),
    *("the style is a simple cartoon", "it is a short animated scene", "the drawing is simple and bright"),
)

# Sentence frames with the form of the verb they take; `{a}` is who, `{v}` what is done.
Frame = tuple[str, str]
STATEMENTS: tuple[Frame, ...] = (
    *(("{a} {v}", "third"), ("{a} {be} {v}", "participle"), ("{a} {v}", "third"), ("there {be} {a} {v}", "participle")),
    *(("we see {a} {v}", "participle"), ("{a} can be seen {v}", "participle"), ("here {a} {v}", "third")),
    *(
        ("the video shows {a} {v}", "participle"),
        ("here {be} {a} {v}", "participle"),
        ("in this clip {a} {v}", "third"),
    ),
    *(("in the picture, {a} {be} {v}", "participle"), ("watch {a} {v}", "base"), ("{a} {v}", "past")),
)
REQUESTS: tuple[Frame, ...] = (
    *(
        ("{a} {v}", "third"),
        ("{a} {v}", "participle"),
        ("{a} {be} {v}", "participle"),
        ("{a} {v}", "participle"),
        ("{a} {v}", "third"),
    ),
    *(
        ("a video of {a} {v}", "participle"),
        ("make a video of {a} {v}", "participle"),
        ("please show {a} {v}", "participle"),
    ),
    *(
        ("show me {a} {v}", "participle"),
        ("show {a} that {v}", "third"),
        ("make {a} {v}", "base"),
        ("{a} that {v}", "third"),
    ),
    *(
        ("create a clip of {a} {v}", "participle"),
        ("i want to see {a} {v}", "participle"),
        ("animate {a} {v}", "participle"),
    ),
    *(("can you draw {a} {v}", "participle"), ("draw {a} that {v}", "third"), ("generate {a} {v}", "participle")),
    *(
        ("i'd like {a} {v}", "participle"),
        ("video where {a} {v}", "third"),
        ("imagine {a} {v}", "participle"),
        ("let {a} {v}", "base"),
    ),
    *(("a scene with {a} {v}", "participle"), ("film {a} {v}", "participle"), ("clip: {a} {v}", "participle")),
)
# Who alone, when the action is not said.
SIGHTS = (
    "{a}",
    "{a}",
    "{a}",
    "a video of {a}",
    "show me {a}",
    "there {be} {a}",
    "please draw {a}",
    "make {a}",
    "a picture of {a}",
    "just {a}",
)

# Two at once. `{r}` is how the first stands to the second, `{s}` how the second to the first, `{it}` the first again.
PAIR_CLAUSES = (
    *("{a} {does_a} {r} {b}", "{a} {does_a} {r} {b} that {does_b}", "{a} is {doing_a} {r} {b}", "{a} is {r} {b}"),
    *("{a} {does_a} while {b} {does_b} {s} {it}", "{s} {a}, {b} {does_b}", "{a} {does_a}, and {s} {it} {b} {does_b}"),
    *("{a} {does_a} and {b} {does_b}", "{a} {does_a} and {b} {does_b} {s} {it}", "{r} {b} there is {a} {doing_a}"),
    *("there is {a} {doing_a} {r} {b}", "there is {a} {r} {b}", "{a} is {doing_a}, with {b} {s} {it}"),
)
PAIR_SIGHTS = (
    *(
        "{a} {r} {b}",
        "{a} {doing_a} {r} {b}",
        "{a} {doing_a} {r} {b} {doing_b}",
        "{a} with {b} {s} {it}",
        "{a} and {b}",
    ),
    *(
        "show {a} {r} {b}",
        "we see {a} {doing_a} {r} {b}",
        "make {a} {do_a} {r} {b}",
        "a video of {a} {r} {b}",
        "{a} with {b}",
    ),
    *("please draw {a} {r} {b}", "show me {a} {doing_a} {r} {b}", "{a}, {s} {it} {b}"),
)
PAIR_SIDES = (
    *("on the {side_a} {a} {does_a}, on the {side_b} {b} {does_b}", "{a} on the {side_a}, {b} on the {side_b}"),
    *(
        "{a} {does_a} on the {side_a} and {b} {does_b} on the {side_b}",
        "on the {side_a} is {a} and on the {side_b} is {b}",
    ),
    *("{a} is on the {side_a} and {b} is on the {side_b}", "{side_a}: {a}, {side_b}: {b}"),
)
PAIR_PREFIXES = (
    "a video where",
    "make a clip where",
    "show how",
    "a scene in which",
    "i want a video in which",
    "imagine that",
    "clip:",
)
COLLISIONS = (
    *("{a} crashes into {b}", "{a} and {b} crash into each other", "{a} and {b} collide", "{a} bumps into {b}"),
    *(
        "{a} collides with {b}",
        "{a} is crashing into {b}",
        "{a} smashes into {b}",
        "there is a collision of {a} and {b}",
    ),
    *("{a} runs into {b}", "{a} and {b} bump into each other"),
)
# More about who is there already: `{it}` and what is true of it.
LOOK_SENTENCES: Phrases = {
    "colour": ("{it} {be} {}", "{its} colour is {}", "{it} {be} coloured {}"),
    "pattern": ("{it} {be} {}", "{it} {have} a {} look", "{its} pattern is {}"),
    "accessory": ("{it} {wear} {}", "{it} {have} {} on", "{it} {be} wearing {}"),
    "direction": ("{it} {move} {}", "{it} {be} heading {}", "{it} {go} {}"),
    "facing": ("{it} {be} {}",),
}
