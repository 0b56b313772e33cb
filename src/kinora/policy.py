"""What is not made, and why.

This is a first word filter, not a safety system. It reads English only, knows no context, and is easily got round by
anyone who means to; it states the rules, stops the plain cases and says which rule stopped them. Services that face the
public need trained classifiers on prompts and on pictures behind it.
"""

import re
import unicodedata
from dataclasses import dataclass


class PolicyError(ValueError):
    """A prompt that is not made. The message names the rule and its reason on one line and never the prompt."""

    def __init__(self, rule: str, why: str) -> None:
        super().__init__(f"refused ({rule}): {why}")
        self.rule = rule


@dataclass(frozen=True, kw_only=True)
class Rule:
    """A prompt is refused where every one of `patterns` is found somewhere in it."""

    name: str
    why: str
    patterns: tuple[re.Pattern[str], ...]


def check(prompt: str) -> None:
    """Return where `prompt` may be made; raise PolicyError where a rule forbids it."""
    texts = [HARMLESS.sub(" ", reading) for reading in readings(prompt)]
    for rule in RULES:
        if all(any(pattern.search(text) for text in texts) for pattern in rule.patterns):
            raise PolicyError(rule.name, rule.why)


def readings(prompt: str) -> list[str]:
    """The prompt as a reader would take it in: plain lower-case letters, and again with each common disguise undone."""
    decomposed = unicodedata.normalize("NFKD", prompt)
    visible = "".join(letter for letter in decomposed if unicodedata.category(letter) not in ("Mn", "Cf"))
    plain = visible.casefold().translate(LOOKALIKES)
    undisguised = " ".join(_without_digits(word) for word in plain.split())
    found = [plain, undisguised]
    for text in (plain, undisguised):
        found.append(SPACED_OUT.sub(_joined, text))
        found.append(re.sub(r"(?<=\w)[-_.*'](?=\w)", "", text))
        found.append(re.sub(r"([a-z])\1{2,}", r"\1", text))
    return found


def _without_digits(word: str) -> str:
    """A word with digits and signs for letters, as letters: "n4k3d" is "naked". Numbers alone stay."""
    return word.rstrip("!?.,").translate(LEET) if re.search(r"[a-z]", word) else word


def _joined(spaced_out: re.Match[str]) -> str:
    """Letters written apart as one word, and once more without the first, which may have been the article "a"."""
    word = re.sub(r"[\W_]", "", spaced_out[0])
    return f"{word} {word[1:]}"


LEET = str.maketrans("0134578@$!|", "oieastbasii")
LOOKALIKES = str.maketrans("аеорсхуіѕј", "aeopcxyisj")
SPACED_OUT = re.compile(r"\b(?:\w[\s._*-]){3,}\w\b")


def _words(*patterns: str) -> re.Pattern[str]:
    """One pattern for whole words."""
    return re.compile(rf"\b(?:{'|'.join(patterns)})\b")


HARMLESS = _words(
    r"naked (?:mole[- ]?rats?|eyes?|flames?|trees?|branch(?:es)?|twigs?)",
    r"nude (?:colou?r(?:ed)?|lipstick|shades?|tones?|beige|pink)",
    r"(?:blue|great|coal|marsh|willow|crested|long[- ]?tailed) tits?",
    r"same[- ]?sex (?:couples?|weddings?|marriages?|parents)",
    r"sex education",
    r"(?:cavalier )?king charles (?:spaniels?|cavaliers?)",
)
"""Taken out before any rule looks: ordinary things whose names hold a listed word."""

SEXUAL = _words(
    *(r"nudes?", r"nudity", r"naked", r"topless", r"bottomless woman", r"porn\w*", r"hentai", r"nsfw", r"x[- ]?rated"),
    *(
        r"erotic\w*",
        r"sex",
        r"sexy",
        r"sexual\w*",
        r"having intercourse",
        r"blow ?jobs?",
        r"hand ?jobs?",
        r"tits",
        r"boobs",
    ),
    *(r"masturbat\w*", r"orgasm\w*", r"org(?:y|ies)", r"genitals?", r"penis(?:es)?", r"vaginas?", r"dildos?", r"bdsm"),
    *(r"fetish\w*", r"strip ?tease", r"undress(?:es|ed|ing)", r"seduc(?:tive|tively|es|ing)", r"lingerie", r"upskirt"),
)

MINORS = _words(
    *(r"child(?:ren)?", r"kids?", r"minors?", r"under ?age\w*", r"toddlers?", r"bab(?:y|ies)", r"infants?", r"teen\w*"),
    *(
        r"pre ?teens?",
        r"adolescents?",
        r"school ?(?:girl|boy|kid|child)\w*",
        r"little (?:girl|boy)s?",
        r"girls?",
        r"boys?",
    ),
    *(
        r"(?:1[0-7]|[1-9])[- ]?(?:years?[- ]?olds?|yo)",
        r"(?:one|two|three|four|five|six|seven|eight|nine)[- ]years?[- ]old",
    ),
    *(r"(?:ten|eleven|twelve|(?:thir|four|fif|six|seven)teen)[- ]years?[- ]old",),
)

PEOPLE = (
    *("donald trump", "president trump", "joe biden", "barack obama", "kamala harris", "hillary clinton"),
    *("vladimir putin", "xi jinping", "emmanuel macron", "keir starmer", "narendra modi", r"volodymyr zelensk\w+"),
    *("benjamin netanyahu", "kim jong un", "angela merkel", "king charles", "prince (?:william|harry)", "pope leo"),
    *("elon musk", "mark zuckerberg", "jeff bezos", "bill gates", "sam altman", "greta thunberg", "oprah winfrey"),
    *(
        "taylor swift",
        "beyonce",
        "rihanna",
        "ariana grande",
        "billie eilish",
        "justin bieber",
        "lady gaga",
        "kanye west",
    ),
    *("tom cruise", "tom hanks", "brad pitt", "angelina jolie", "scarlett johansson", "emma watson", "keanu reeves"),
    *(
        "leonardo dicaprio",
        "dwayne johnson",
        "zendaya",
        "kim kardashian",
        "selena gomez",
        "will smith",
        "morgan freeman",
    ),
    *("cristiano ronaldo", "lionel messi", "lebron james", "serena williams", "roger federer", "simone biles"),
)
"""A short, honest list: it can only ever hold a few of the people who could be hurt."""

GROUPS = (
    r"(?:jews|muslims|christians|hindus|black people|white people|gays|gay people|immigrants|women|disabled people)"
)
EXTREMISTS = (
    r"(?:hitler|(?:neo ?)?nazis?(?:m)?|islamic state|al ?qaeda|(?:the )?kkk|ku klux klan|white supremac\w+|terrorists?)"
)

HATE = _words(
    rf"(?:prais\w+|glorif\w+|celebrat\w+|heil|hail|long live|join|support|honou?r\w*|worship\w*) (?:the )?{EXTREMISTS}",
    rf"{EXTREMISTS} (?:(?:was|were|is|are) (?:right|great|good|heroes)|propaganda|recruitment)",
    *(r"heil hitler", r"sieg heil", r"white power", r"race war", r"n[i]gg(?:er|a)s?", r"kikes?"),
    rf"(?:gas|kill|exterminate|death to|get rid of)(?: all)?(?: the)? {GROUPS}",
    rf"{GROUPS} (?:are|as) (?:vermin|subhuman|animals|rats|parasites|cockroaches)",
)

VICTIM = r"(?:an?|the|his|her|their|another|some) (?:\w+ )?(?:man|woman|person|child|kid|girl|boy|people|baby|dog|cat)"
GORE = _words(
    *(
        r"gore",
        r"gory",
        r"behead\w*",
        r"decapitat\w+",
        r"dismember\w*",
        r"disembowel\w*",
        r"eviscerat\w+",
        r"mutilat\w+",
    ),
    *(r"tortur(?:e|es|ed|ing)", r"impal(?:e|es|ed|ing)", r"bloodbath", r"massacr\w+", r"snuff (?:film|video|movie)s?"),
    r"blood(?:y|ied)? (?:everywhere|spray\w*|splatter\w*|gush\w*|spurt\w*|pouring|pours|soaked|guts|corpses?|entrails)",
    *(
        r"(?:severed|chopped[- ]off|cut[- ]off) (?:heads?|limbs?|arms?|legs?|hands?)",
        r"(?:guts|entrails|brains) spill\w*",
    ),
    r"(?:brutally|graphically|viciously|violently) (?:kill|murder|stab|beat|attack|butcher)\w*",
    rf"(?:stab|beat|shoot|shot|slash|kick|burn)\w* {VICTIM} (?:to death|in the (?:head|face|throat)|alive)",
)

HARM_ONESELF = (
    r"(?:commit(?:ting)? suicide|kill(?:ing)? (?:my|your|him|her|one|them)sel(?:f|ves)|self[- ]?harm(?:ing)?"
    r"|(?:cut|hang|starve|poison)(?:t?ing)? (?:my|your|one)self|(?:cut|slit)(?:ting)? (?:my|your|one's) wrists?"
    r"|end(?:ing)? (?:my|your) (?:own )?life|overdos(?:e|ing)|t(?:ie|ying) a noose)"
)
SELF_HARM = _words(
    rf"(?:how (?:to|do i|can i|you can)|(?:best|easy|painless|quick\w*) ways? (?:to|of)) {HARM_ONESELF}",
    rf"(?:ways? to|steps? (?:to|for)) {HARM_ONESELF}",
    rf"(?:guide|tutorial|instructions?|lesson|recipe)s? (?:\w+ )?(?:to|on|for|about|of) (?:\w+ )?{HARM_ONESELF}",
    *(
        rf"{HARM_ONESELF} (?:guide|tutorial|instructions?|methods?)",
        r"suicide (?:methods?|guide|tutorial|instructions?)",
    ),
    *(r"pro[- ]?ana", r"thinspo\w*"),
)

RULES = (
    Rule(
        name="sexual content with minors",
        why="nothing sexual is ever made with or about children",
        patterns=(SEXUAL, MINORS),
    ),
    Rule(
        name="sexual content with minors",
        why="nothing sexual is ever made with or about children",
        patterns=(
            _words(r"loli(?:con)?s?", r"shota(?:con)?s?", r"csam", r"jail ?bait", r"ped(?:o|ophile) (?:video|film)s?"),
        ),
    ),
    Rule(
        name="sexual content",
        why="nudity and sexual acts are not made; leave them out",
        patterns=(SEXUAL,),
    ),
    Rule(
        name="real people",
        why="the likeness of a named real person is not made without consent; invent a character instead",
        patterns=(_words(*PEOPLE, r"deep ?fakes? of", r"face ?swap\w*", r"celebrity look ?alikes?"),),
    ),
    Rule(
        name="graphic violence",
        why="gore and cruelty are not made; leave them out",
        patterns=(GORE,),
    ),
    Rule(name="hate", why="praise of extremists and contempt for groups of people are not made", patterns=(HATE,)),
    Rule(
        name="self-harm",
        why="instructions for hurting oneself are not made; if it is about you, please talk to someone you trust",
        patterns=(SELF_HARM,),
    ),
)
