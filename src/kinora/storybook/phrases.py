"""How facts are put into English: phrases by fact, and sentence frames.

Tables only. A phrase is true of its fact alone, so a caption may use it wherever the fact holds. The first in a row is likeliest.
"""

Phrases = dict[str, tuple[str, ...]]

WHERE: Phrases = {
    "meadow": (
        "in a meadow",
        "in the meadow",
        "on a green meadow",
        "in a grassy field",
        "on the grass",
        "in a pasture",
        "in a green field",
    ),
    "forest": ("in the forest", "in a forest", "in the woods", "among the trees", "deep in the woods", "in a woodland"),
    "beach": (
        "on the beach",
        "at the beach",
        "on a sandy beach",
        "by the seaside",
        "at the seaside",
        "on the shore",
        "by the shore",
    ),
    "sea": (
        "at sea",
        "in the sea",
        "in the ocean",
        "out at sea",
        "on the open sea",
        "in the open water",
        "on the ocean",
    ),
    "snow": (
        "in the snow",
        "in a snowy field",
        "in a snowy landscape",
        "in a winter landscape",
        "on the snow",
        "in deep snow",
        "in a snowfield",
    ),
    "desert": ("in the desert", "in a desert", "among sand dunes", "in the dunes", "in a sandy desert"),
    "city": ("in the city", "in a city", "on a city street", "in town", "downtown", "in a big city", "in the big city"),
    "village": (
        "in a village",
        "in the village",
        "in a little village",
        "in a country village",
        "in a hamlet",
        "on a village street",
    ),
    "mountains": (
        "in the mountains",
        "high in the mountains",
        "in the hills",
        "in front of tall mountains",
        "in the highlands",
        "up in the alps",
    ),
    "room": (
        "in a room",
        "in the room",
        "in the living room",
        "in a cosy room",
        "at home",
        "in a bedroom",
        "inside a house",
        "indoors in a room",
    ),
    "stage": ("on a stage", "on stage", "on the stage", "on a theatre stage", "in a theatre"),
    "space": (
        "in space",
        "in outer space",
        "out in space",
        "in deep space",
        "among the stars in space",
        "in the cosmos",
    ),
}
PLACE_SENTENCES = (
    "the scene takes place {}",
    "it all happens {}",
    "we are {}",
    "the setting is {}",
    "all this is {}",
    "this takes place {}",
)

WHEN: Phrases = {
    "dawn": (
        "at dawn",
        "at sunrise",
        "in the early morning",
        "at daybreak",
        "early in the morning",
        "as the sun rises",
        "at first light",
    ),
    "noon": (
        "at noon",
        "at midday",
        "during the day",
        "in the middle of the day",
        "in broad daylight",
        "by day",
        "in the daytime",
    ),
    "sunset": (
        "at sunset",
        "at dusk",
        "in the evening",
        "as the sun sets",
        "at sundown",
        "at nightfall",
        "in the evening light",
    ),
    "night": (
        "at night",
        "at midnight",
        "by night",
        "late at night",
        "in the dark",
        "in the middle of the night",
        "after dark",
    ),
}
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
WEATHER: Phrases = {
    "clear": ("under a clear sky", "in clear weather", "in fine weather", "under a cloudless sky", "in good weather"),
    "rain": (
        "in the rain",
        "while it rains",
        "in pouring rain",
        "in rainy weather",
        "in a downpour",
        "as rain falls",
        "in a rain shower",
    ),
    "snow": (
        "while it snows",
        "as snow falls",
        "in falling snow",
        "during a snowfall",
        "in a snowstorm",
        "as snowflakes drift down",
    ),
    "fog": ("in the fog", "in thick fog", "in the mist", "in foggy weather", "in misty weather", "in the haze"),
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
# "on a rainy night" states both; the two are combined.
DAY_ADJECTIVES: Phrases = {
    "clear": ("clear", "fine"),
    "rain": ("rainy", "wet"),
    "snow": ("snowy",),
    "fog": ("foggy", "misty"),
}
DAY_NOUNS: Phrases = {"dawn": ("morning",), "noon": ("day",), "sunset": ("evening",), "night": ("night",)}
SUNNY = ("on a sunny day", "on a bright sunny day", "in the midday sun", "in the bright sunshine")

TOWARDS: Phrases = {
    "left": (
        "to the left",
        "left",
        "towards the left",
        "leftwards",
        "from right to left",
        "to the left side",
        "to the viewer's left",
    ),
    "right": (
        "to the right",
        "right",
        "towards the right",
        "rightwards",
        "from left to right",
        "to the right side",
        "to the viewer's right",
    ),
    "up": ("up", "upwards", "up into the sky", "straight up", "higher and higher"),
    "down": ("down", "downwards", "down from the sky", "lower and lower"),
}
FACING: Phrases = {
    "left": ("facing left", "looking left", "facing to the left", "turned to the left", "looking to the left"),
    "right": ("facing right", "looking right", "facing to the right", "turned to the right", "looking to the right"),
}
GARMENTS: Phrases = {
    "girl": ("dress", "frock", "outfit"),
    "boy": ("shirt", "outfit", "t-shirt"),
    "woman": ("dress", "gown", "outfit"),
    "man": ("suit", "shirt", "outfit"),
}
# Where a pattern or a colour comes after the noun.
PATTERN_AFTER: Phrases = {
    "spotted": ("with spots", "with dots", "covered in spots"),
    "striped": ("with stripes", "covered in stripes"),
}
COLOURED_PARTS: Phrases = {
    **{kind: ("fur",) for kind in ("dog", "cat", "fox", "bear", "rabbit")},
    "bird": ("feathers",),
    "fish": ("scales",),
    "dragon": ("scales", "skin"),
    "tree": ("leaves", "foliage"),
}
WEATHER_TAGS: Phrases = {
    "clear": ("clear sky", "clear weather", "cloudless sky", "fine weather"),
    "rain": ("rain", "rainy", "raining", "rainfall", "rain shower"),
    "snow": ("snowfall", "snowing", "falling snow", "snowflakes", "snowstorm"),
    "fog": ("fog", "foggy", "mist", "misty", "haze"),
}
DRESSED = (
    "{noun} in {colour}",
    "{noun} in {a} {colour} {garment}",
    "{noun} dressed in {colour}",
    "{noun} wearing {colour}",
    "{colour} {noun}",
)
WEARING = ("with {}", "wearing {}", "in {}", "that wears {}")
CHARM = (
    "little",
    "small",
    "cute",
    "lovely",
    "funny",
    "friendly",
    "charming",
    "sweet",
    "cartoon",
    "storybook",
    "adorable",
)

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
CAMERA_TAGS: Phrases = {
    "static": ("static camera", "static shot", "fixed camera", "still camera", "locked-off camera"),
    "pan": ("pan {}", "camera pans {}", "panning {}", "camera pan {}"),
    "tilt": ("tilt {}", "camera tilts {}", "tilting {}", "camera tilt {}"),
    "zoom in": ("zoom in", "camera zooms in", "zooming in", "push-in"),
    "zoom out": ("zoom out", "camera zooms out", "zooming out", "pull-back"),
    "track": ("tracking shot", "camera follows", "tracking camera", "follow shot"),
    "shake": ("shaky camera", "camera shake", "handheld camera", "handheld shot"),
}
PAN: Phrases = {"left": ("left", "to the left", "leftwards"), "right": ("right", "to the right", "rightwards")} | {
    "up": ("up", "upwards", "upward"),
    "down": ("down", "downwards", "downward"),
}
FRAME_OF: Phrases = {
    "medium": ("a medium shot", "a mid shot", "a medium view"),
    "wide": ("a wide shot", "a long shot", "a wide view", "a wide-angle shot"),
    "close-up": ("a close-up", "a close shot", "a close view", "a tight close-up"),
    "low": ("a low-angle shot", "a low shot", "a low-angle view"),
}
FRAME_TAGS: Phrases = {
    "medium": ("medium shot", "mid shot"),
    "wide": ("wide shot", "long shot", "wide angle", "seen from afar"),
    "close-up": ("close-up", "closeup", "close up", "close shot", "up close"),
    "low": ("low angle", "low-angle shot", "from a low angle", "seen from low down"),
}
FRAME_SENTENCES = ("it is {}", "this is {}", "we see it in {}", "it is filmed as {}")

INSTRUMENTS: Phrases = {
    "piano": ("piano music", "piano", "piano notes", "piano playing"),
    "strings": ("string music", "strings", "strings playing", "orchestral strings"),
    "music box": ("music box music", "music box", "music-box chimes", "music box sounds"),
    "drums": ("drums", "drumming", "drum music", "percussion", "drumbeats"),
}
# The verb agrees with the noun phrase: `{s}` is its ending.
MUSIC_SENTENCES = (
    *("{music} play{s}", "{music} play{s} in the background", "we hear {music}", "{music} can be heard"),
    *(
        "the soundtrack is {music}",
        "it comes with {music}",
        "{music} sound{s} softly",
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
    "no music": ("there is no music", "no music plays", "it has no music", "without any music"),
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
SIGN_TAGS = (
    'with a sign that says "{}"',
    'sign "{}"',
    'with a sign saying "{}"',
    'a sign reading "{}"',
    'with "{}" on a sign',
    'text "{}"',
)
STYLE_SENTENCES = (
    *(
        "it looks like a page from a picture book",
        "everything is drawn in flat, friendly shapes",
        "it is drawn like a storybook",
    ),
    *("the style is a simple cartoon", "it is a short animated scene", "the drawing is simple and bright"),
)
STYLE_TAGS = (
    "cartoon",
    "storybook style",
    "animation",
    "2d",
    "short clip",
    "hd",
    "4k",
    "cute",
    "for kids",
    "flat style",
    "high quality",
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

# Two at once. `{r}` is how the first stands to the second, `{s}` how the second to the first, `{it}` the first as an object.
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
