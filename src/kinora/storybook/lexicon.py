"""Other words for the words of the world: synonyms, plurals, verb forms.

Plain tables: they travel in a text model's metadata, where the renderer is not installed. In each tuple the first word
is the one to prefer. Verbs are in their base form; `conjugate` knows the others.
"""

Words = dict[str, tuple[str, ...]]

SYNONYMS: dict[str, Words] = {
    "kind": {
        "girl": ("girl", "little girl", "young girl", "schoolgirl", "lass"),
        "boy": ("boy", "little boy", "young boy", "schoolboy", "lad"),
        "woman": ("woman", "lady", "young woman", "mother", "mum", "female"),
        "man": ("man", "gentleman", "guy", "young man", "father", "dad", "fellow", "male"),
        "dog": ("dog", "puppy", "doggy", "hound", "pup", "doggo", "pooch"),
        "cat": ("cat", "kitten", "kitty", "pussycat", "feline", "tomcat"),
        "fox": ("fox", "fox cub", "vixen"),
        "bear": ("bear", "bear cub", "teddy bear"),
        "rabbit": ("rabbit", "bunny", "hare", "bunny rabbit"),
        "bird": ("bird", "birdie", "songbird", "sparrow"),
        "fish": ("fish", "fishy"),
        "horse": ("horse", "pony", "foal", "stallion", "mare", "steed"),
        "dragon": ("dragon", "winged dragon", "baby dragon"),
        "robot": ("robot", "android", "droid", "automaton", "bot"),
        "car": ("car", "automobile", "auto", "motor car"),
        "boat": ("boat", "sailing boat", "sailboat", "ship", "dinghy"),
        "train": ("train", "steam train", "locomotive", "railway engine", "choo-choo train"),
        "rocket": ("rocket", "rocket ship", "spaceship", "space rocket", "spacecraft"),
        "ball": ("ball", "rubber ball", "toy ball", "beach ball"),
        "balloon": ("balloon", "party balloon", "toy balloon", "helium balloon"),
        "kite": ("kite", "paper kite", "toy kite"),
        "tree": ("tree", "leafy tree", "lone tree"),
        "lamp": ("lamp", "floor lamp", "standing lamp", "table lamp", "standard lamp"),
        "umbrella": ("umbrella", "parasol", "brolly", "sunshade"),
    },
    "colour": {
        "red": ("red", "bright red", "scarlet", "crimson", "ruby-red"),
        "orange": ("orange", "bright orange", "tangerine", "ginger", "amber"),
        "yellow": ("yellow", "bright yellow", "golden", "lemon-yellow", "gold"),
        "green": ("green", "bright green", "emerald", "leaf-green", "lime-green"),
        "blue": ("blue", "bright blue", "azure", "sapphire", "navy-blue"),
        "purple": ("purple", "violet", "lilac", "lavender", "plum-coloured"),
        "pink": ("pink", "rosy", "rose-pink", "light pink", "bubblegum-pink"),
        "brown": ("brown", "chestnut", "chocolate", "dark brown", "chocolate-brown"),
        "white": ("white", "snow-white", "pure white", "ivory", "snowy-white"),
        "grey": ("grey", "gray", "silver", "ash-grey", "silvery"),
        "black": ("black", "jet-black", "pitch-black", "ebony", "coal-black"),
    },
    "pattern": {
        "plain": ("plain", "solid-coloured", "unpatterned"),
        "spotted": ("spotted", "dotted", "speckled", "polka-dot", "spotty", "dappled"),
        "striped": ("striped", "stripy", "stripey", "banded"),
    },
    "accessory": {
        "hat": ("hat", "cap", "little hat"),
        "scarf": ("scarf", "woolly scarf", "neck scarf"),
        "glasses": ("glasses", "spectacles", "eyeglasses", "specs"),
    },
    "place": {
        "meadow": ("meadow", "grassy field", "field of grass", "pasture", "grassland", "flowery meadow", "green field"),
        "forest": ("forest", "woods", "wood", "woodland", "deep forest"),
        "beach": ("beach", "seaside", "sandy beach", "shore", "seashore", "sandy shore"),
        "sea": ("sea", "ocean", "open sea", "high seas", "open water"),
        "snow": ("snow", "snowy field", "snowy landscape", "winter landscape", "snowfield", "white winter land"),
        "desert": ("desert", "sandy desert", "dunes", "sand dunes"),
        "city": ("city", "big city", "town", "downtown", "city street", "metropolis"),
        "village": ("village", "little village", "country village", "hamlet", "village street"),
        "mountains": ("mountains", "hills", "high mountains", "alps", "mountain landscape", "highlands"),
        "room": ("room", "living room", "bedroom", "house", "cosy room"),
        "stage": ("stage", "theatre stage", "theatre", "theater"),
        "space": ("space", "outer space", "cosmos", "deep space"),
    },
    "light": {
        "dawn": ("dawn", "sunrise", "daybreak", "early morning", "first light"),
        "noon": ("noon", "midday", "daytime", "broad daylight", "the middle of the day"),
        "sunset": ("sunset", "dusk", "sundown", "nightfall", "evening", "the golden hour"),
        "night": ("night", "midnight", "nighttime", "late night", "the dead of night"),
    },
    "weather": {
        "clear": ("clear", "fine", "cloudless", "good"),
        "rain": ("rain", "pouring rain", "a rain shower", "heavy rain", "drizzle", "a downpour"),
        "snow": ("snowfall", "falling snow", "a snow shower", "a snowstorm", "drifting snowflakes"),
        "fog": ("fog", "mist", "thick fog", "haze", "morning mist"),
    },
    "action": {
        "stand": ("stand", "stand still", "wait", "stand there", "stay put", "pose", "stand around", "remain still"),
        "sit": ("sit", "sit down", "be seated", "sit there", "sit on the ground", "take a seat", "rest sitting down"),
        "walk": (
            "walk",
            "stroll",
            "wander",
            "go for a walk",
            "amble",
            "march",
            "walk along",
            "take a walk",
            "stride",
            "plod",
        ),
        "run": (
            "run",
            "race",
            "dash",
            "sprint",
            "rush",
            "jog",
            "gallop",
            "run along",
            "hurry",
            "trot",
            "bolt",
            "scamper",
        ),
        "jump": ("jump", "hop", "leap", "jump around", "spring up", "hop about", "leap up", "jump up and down"),
        "bounce": ("bounce", "bounce along", "keep bouncing", "bounce up and down", "hop", "bob up and down"),
        "roll": ("roll", "roll along", "tumble along", "roll over the ground", "trundle along"),
        "fall": ("fall", "fall down", "drop", "tumble down", "fall to the ground", "drop from above", "plunge"),
        "fly": ("fly", "soar", "glide", "fly through the air", "take to the air", "fly around", "sail through the air"),
        "drift": ("drift", "float", "float along", "drift along", "hover", "float around", "waft along"),
        "swim": ("swim", "swim along", "dart through the water", "swim around", "glide through the water"),
        "drive": ("drive", "ride", "go along", "cruise", "travel", "drive along", "drive past", "speed along"),
        "spin": (
            "spin",
            "twirl",
            "spin around",
            "whirl",
            "turn round and round",
            "rotate",
            "turn in circles",
            "twirl around",
        ),
        "throw": (
            "throw a ball",
            "throw",
            "toss a ball",
            "throw something",
            "hurl a ball",
            "fling a ball",
            "lob a ball",
        ),
        "collide": ("collide", "crash", "bump", "smash"),
        "dance": ("dance", "do a dance", "dance around", "boogie", "groove", "dance about", "dance to the beat"),
        "sleep": (
            "sleep",
            "nap",
            "take a nap",
            "doze",
            "slumber",
            "snooze",
            "be asleep",
            "sleep soundly",
            "lie asleep",
        ),
        "eat": (
            "eat",
            "eat an apple",
            "have a snack",
            "munch an apple",
            "nibble",
            "eat something",
            "have lunch",
            "chew",
        ),
        "break": (
            "break",
            "fall to pieces",
            "break apart",
            "shatter",
            "burst",
            "break to pieces",
            "come apart",
            "go to pieces",
        ),
    },
    "direction": {
        "left": ("to the left", "left", "leftwards", "towards the left", "leftward"),
        "right": ("to the right", "right", "rightwards", "towards the right", "rightward"),
        "up": ("up", "upwards", "upward", "skywards"),
        "down": ("down", "downwards", "downward"),
    },
    "relation": {
        "left of": ("to the left of", "left of", "on the left side of", "on the left of"),
        "right of": ("to the right of", "right of", "on the right side of", "on the right of"),
        "above": ("above", "over", "high above", "just above"),
        "below": ("below", "under", "beneath", "underneath"),
        "in front of": ("in front of", "before", "just in front of"),
        "behind": ("behind", "in back of", "just behind", "at the back of"),
    },
    "count": {
        "1": ("one", "a single", "1", "only one"),
        "2": ("two", "2", "a pair of", "a couple of"),
        "3": ("three", "3", "a trio of", "a group of three"),
        "4": ("four", "4", "a group of four", "a quartet of"),
        "5": ("five", "5", "a group of five", "a handful of"),
    },
    "camera": {
        "static": ("static", "still", "fixed", "locked-off", "motionless", "steady"),
        "pan": ("pan", "sweep", "swing", "turn"),
        "tilt": ("tilt", "tip", "look"),
        "zoom in": ("zoom in", "push in", "move closer", "close in"),
        "zoom out": ("zoom out", "pull back", "pull out", "move away"),
        "track": ("track", "follow", "keep up with"),
        "shake": ("shake", "wobble", "tremble", "jitter"),
    },
    "frame": {
        "medium": ("medium shot", "mid shot", "medium view"),
        "wide": ("wide shot", "long shot", "wide view", "wide-angle shot", "distant view"),
        "close-up": ("close-up", "close shot", "closeup", "close view", "tight shot"),
        "low": ("low-angle shot", "low angle", "view from low down", "low shot", "worm's-eye view"),
    },
    "instrument": {
        "piano": ("piano", "piano music", "piano tune", "piano melody"),
        "strings": ("strings", "string music", "string orchestra", "string quartet"),
        "music box": ("music box", "music box tune", "musical box", "music-box melody"),
        "drums": ("drums", "drumming", "percussion", "drumbeat", "drum music"),
    },
    "mood": {
        "happy": ("happy", "cheerful", "joyful", "merry", "playful", "upbeat", "jolly"),
        "sad": ("sad", "melancholy", "sorrowful", "mournful", "wistful", "gloomy"),
        "calm": ("calm", "gentle", "peaceful", "soft", "relaxing", "quiet", "soothing", "dreamy"),
        "exciting": ("exciting", "thrilling", "dramatic", "energetic", "epic", "adventurous"),
    },
    "tempo": {
        "slow": ("slow", "unhurried", "leisurely", "slow-paced"),
        "medium": ("medium-tempo", "moderate", "mid-tempo", "medium-paced"),
        "fast": ("fast", "quick", "rapid", "fast-paced", "brisk"),
    },
    "ambience": {
        "waves": ("waves", "breaking waves", "surf", "lapping waves"),
        "rain": ("rain", "raindrops", "pattering rain", "rainfall"),
        "wind": ("wind", "howling wind", "a breeze", "blowing wind"),
        "birds": ("birdsong", "birds singing", "chirping birds", "twittering birds"),
        "crickets": ("crickets", "chirping crickets", "cicadas"),
        "city": ("city noise", "traffic", "street noise", "the bustle of the city"),
        "sea": ("the murmur of the sea", "sea sounds", "ocean sounds", "the rumble of the sea"),
    },
    "effect": {
        "step": ("footsteps", "steps", "the sound of feet"),
        "splash": ("a splash", "splashing water", "a splashing sound"),
        "bounce": ("a boing", "a bouncing sound", "something bouncing"),
        "bark": ("barking", "a bark", "a woof", "a dog barking"),
        "meow": ("a meow", "meowing", "a miaow", "a cat meowing"),
        "engine": ("an engine", "a humming engine", "a motor", "a running engine"),
        "horn": ("a horn", "a honk", "honking", "a blaring horn"),
        "whistle": ("a whistle", "whistling", "a shrill whistle"),
        "thunder": ("thunder", "a clap of thunder", "rumbling thunder", "a thunderclap"),
        "bell": ("a bell", "a ringing bell", "bells", "a chime"),
    },
    "silence": {
        "no music": ("no music", "without music", "music off"),
        "no sound": ("no sound", "silent", "without sound", "mute", "muted"),
    },
}

# Verbs that fit only some kinds; all others fit whoever can act so.
VERBS_OF: dict[str, tuple[str, ...]] = {
    **{verb: ("horse",) for verb in ("gallop", "trot")},
    **{
        verb: ("girl", "boy", "woman", "man")
        for verb in ("go for a walk", "take a walk", "have lunch", "jog", "sprint", "pose", "take a seat", "stride")
    },
    **{
        verb: ("girl", "boy", "woman", "man", "robot") for verb in ("march", "stroll", "do a dance", "boogie", "groove")
    },
    **{verb: ("train", "car") for verb in ("ride", "go along", "travel", "cruise")},
    "take to the air": ("bird", "dragon"),
}

# What a kind's action is called when the general words would sound odd. kind: {action: verbs}
IDIOMS: dict[str, Words] = {
    "car": {"stand": ("be parked", "stand", "stand still", "wait")},
    "train": {
        "stand": ("stand still", "wait", "stand"),
        "drive": ("drive", "chug along", "go along", "travel", "ride", "puff along"),
    },
    "rocket": {
        "stand": ("stand", "wait for take-off", "stand upright"),
        "fly": ("fly", "soar", "shoot through the air", "zoom along"),
    },
    "tree": {"stand": ("stand", "grow", "stand tall")},
    "lamp": {"stand": ("stand", "stand still"), "break": ("break", "shatter", "fall to pieces", "smash")},
    "ball": {
        "stand": ("lie still", "lie on the ground", "stand still", "rest"),
        "collide": ("collide", "crash", "bump"),
    },
    "umbrella": {"stand": ("stand", "stand open", "stand upright")},
    "balloon": {"break": ("burst", "pop", "break"), "fly": ("fly", "rise", "fly away", "float away")},
    "boat": {"drift": ("float", "drift", "sail", "sail along", "bob on the water", "float along")},
    "fish": {"jump": ("jump", "leap", "jump out of the water"), "drift": ("drift", "float", "float along")},
    "bird": {"sleep": ("sleep", "nap", "doze"), "eat": ("eat", "peck", "nibble", "have a snack")},
}

PLURALS: dict[str, str] = {
    **{"woman": "women", "man": "men", "lady": "ladies", "fish": "fish", "child": "children"},
    **{
        "puppy": "puppies",
        "kitty": "kitties",
        "bunny": "bunnies",
        "pony": "ponies",
        "doggy": "doggies",
        "birdie": "birdies",
    },
    **{"gentleman": "gentlemen", "brolly": "brollies", "fishy": "fishies"},
    **{"fox": "foxes", "lass": "lasses", "spacecraft": "spacecraft", "automaton": "automatons", "pooch": "pooches"},
    **{"dinghy": "dinghies"},
}

# base form: (third person, present participle, past) where the rule would be wrong
IRREGULAR_VERBS: dict[str, tuple[str, str, str]] = {
    "sit": ("sits", "sitting", "sat"),
    "stand": ("stands", "standing", "stood"),
    "run": ("runs", "running", "ran"),
    "jog": ("jogs", "jogging", "jogged"),
    "go": ("goes", "going", "went"),
    "hop": ("hops", "hopping", "hopped"),
    "leap": ("leaps", "leaping", "leapt"),
    "spring": ("springs", "springing", "sprang"),
    "bob": ("bobs", "bobbing", "bobbed"),
    "fall": ("falls", "falling", "fell"),
    "drop": ("drops", "dropping", "dropped"),
    "fly": ("flies", "flying", "flew"),
    "take": ("takes", "taking", "took"),
    "swim": ("swims", "swimming", "swam"),
    "drive": ("drives", "driving", "drove"),
    "ride": ("rides", "riding", "rode"),
    "spin": ("spins", "spinning", "spun"),
    "throw": ("throws", "throwing", "threw"),
    "do": ("does", "doing", "did"),
    "sleep": ("sleeps", "sleeping", "slept"),
    "nap": ("naps", "napping", "napped"),
    "eat": ("eats", "eating", "ate"),
    "have": ("has", "having", "had"),
    "break": ("breaks", "breaking", "broke"),
    "burst": ("bursts", "bursting", "burst"),
    "come": ("comes", "coming", "came"),
    "speed": ("speeds", "speeding", "sped"),
    "lob": ("lobs", "lobbing", "lobbed"),
    "plod": ("plods", "plodding", "plodded"),
    "stride": ("strides", "striding", "strode"),
    "be": ("is", "being", "was"),
    "keep": ("keeps", "keeping", "kept"),
    "lie": ("lies", "lying", "lay"),
    "hang": ("hangs", "hanging", "hung"),
    "swing": ("swings", "swinging", "swung"),
    "hit": ("hits", "hitting", "hit"),
    "chug": ("chugs", "chugging", "chugged"),
    "travel": ("travels", "travelling", "travelled"),
    "tip": ("tips", "tipping", "tipped"),
    "pop": ("pops", "popping", "popped"),
    "trot": ("trots", "trotting", "trotted"),
    "step": ("steps", "stepping", "stepped"),
    "blow": ("blows", "blowing", "blew"),
    "fling": ("flings", "flinging", "flung"),
    "pan": ("pans", "panning", "panned"),
}
FORMS = ("base", "third", "participle", "past")


def verbs(kind: str, action: str) -> tuple[str, ...]:
    """Return the verb phrases, in their base form, that name this action of this kind."""
    if action in IDIOMS.get(kind, {}):
        return IDIOMS[kind][action]
    return tuple(verb for verb in SYNONYMS["action"][action] if kind in VERBS_OF.get(verb, (kind,)))


def plural(noun: str) -> str:
    """Return the plural of a noun, or of the last word of a noun phrase."""
    head, space, last = noun.rpartition(" ")
    if last in PLURALS:
        return head + space + PLURALS[last]
    return noun + ("es" if last.endswith(("s", "x", "ch", "sh")) else "s")


def conjugate(phrase: str, form: str) -> str:
    """Return a verb phrase in one of FORMS, changing its first word: third person "runs away" from "run away"."""
    verb, space, rest = phrase.partition(" ")
    if form == "base":
        return phrase
    third, participle, past = IRREGULAR_VERBS.get(verb) or _regular(verb)
    return {"third": third, "participle": participle, "past": past}[form] + space + rest


def _regular(verb: str) -> tuple[str, str, str]:
    if verb.endswith("e"):
        return verb + "s", verb[:-1] + "ing", verb + "d"
    if verb.endswith("y") and verb[-2] not in "aeou":
        return verb[:-1] + "ies", verb + "ing", verb[:-1] + "ied"
    third = verb + ("es" if verb.endswith(("s", "x", "ch", "sh", "zz")) else "s")
    return third, verb + "ing", verb + "ed"


def article(noun: str) -> str:
    """Return "a" or "an", as the sound of the noun's first letter asks."""
    return "an" if noun[0] in "aeiou8" and not noun.startswith(("uni", "one")) else "a"
