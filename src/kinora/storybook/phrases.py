"""How facts are put into English: phrases by fact.

Tables only. A phrase is true of its fact alone, so a caption may use it wherever the fact holds. The first in a row is
the likeliest.
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
        "among tall mountains",
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
CAMERA_TAGS: Phrases = {
    "static": ("static camera", "static shot", "fixed camera", "still camera", "locked-off camera"),
    "pan": ("pan {}", "camera pans {}", "panning {}", "camera pan {}"),
    "tilt": ("tilt {}", "camera tilts {}", "tilting {}", "camera tilt {}"),
    "zoom in": ("zoom in", "camera zooms in", "zooming in", "push-in"),
    "zoom out": ("zoom out", "camera zooms out", "zooming out", "pull-back"),
    "track": ("tracking shot", "camera follows", "tracking camera", "follow shot"),
    "shake": ("shaky camera", "camera shake", "handheld camera", "handheld shot"),
}
PAN: Phrases = {
    "left": ("left", "to the left", "leftwards"),
    "right": ("right", "to the right", "rightwards"),
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

INSTRUMENTS: Phrases = {
    "piano": ("piano music", "piano", "piano notes", "piano sounds"),
    "strings": ("string music", "strings", "string orchestra music", "orchestral strings"),
    "music box": ("music box music", "music box", "music-box chimes", "music box sounds"),
    "drums": ("drums", "drumming", "drum music", "percussion", "drumbeats"),
}
SIGN_TAGS = (
    'with a sign that says "{}"',
    'sign "{}"',
    'with a sign saying "{}"',
    'a sign reading "{}"',
    'with "{}" on a sign',
    'text "{}"',
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
