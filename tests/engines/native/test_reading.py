import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinora.engines.native.reading import DEFAULT_SCENE, read_prompt
from kinora.engines.reading import Reading
from kinora.models.text import PLAIN_WORDS, cut, split_words
from kinora.models.weights import vocabulary
from kinora.storybook.world import world

KNOWN = (
    *("a", "an", "and", "at", "bear", "box", "fox", "foxes", "in", "jumps", "music", "night", "over", "puddle", "red"),
    *("snow", "softly", "the", "to", "two"),
)
NEAR = {
    "wolf": ["kind", "fox"],
    "wolves": ["kind", "foxes"],
    "polar bear": ["kind", "bear"],
    "hums": ["x", "music box"],
}


def read(prompt):
    reading = read_prompt(prompt, {"known": KNOWN, "near": NEAR})
    return reading.prompt, dict(reading.replaced)


@pytest.mark.parametrize(
    ("prompt", "drawn", "replaced"),
    [
        ("a red fox in the snow", "a red fox in the snow", {}),
        ("A Red Fox", "A Red Fox", {}),
        ("the fox's music-box at night!", "the fox's music-box at night!", {}),
        ("a wolf in the snow", "a fox in the snow", {"wolf": "fox"}),
        ("two WOLVES", "two foxes", {"WOLVES": "foxes"}),
        ("the wolf's puddle", "the fox puddle", {"wolf's": "fox"}),
        ("a polar bear jumps", "a bear jumps", {"polar bear": "bear"}),
        ("the fox hums", "the fox music box", {"hums": "music box"}),
        ("a fox over a pudle", "a fox over a puddle", {"pudle": "puddle"}),
        ("a fox, softely", "a fox, softly", {"softely": "softly"}),
        ("a quantum fox", "a fox", {"quantum": ""}),
        ("a fax in the snow", "a in the snow", {"fax": ""}),
        ("a café, 狐 in the snow", "a , in the snow", {"café": "", "狐": ""}),
        ("a polar bear, a ſnow fox", "a bear, a fox", {"polar bear": "bear", "ſnow": ""}),
        ("a red-quantum fox-wolf", "a red fox-fox", {"red-quantum": "red", "fox-wolf": "fox-fox"}),
        ('a fox, "WOLF quantum"', 'a fox, "WOLF quantum"', {}),
        ("a fox, “wolf”", "a fox, “wolf”", {}),
        ("a wolf and a wolf", "a fox and a fox", {"wolf": "fox"}),
        (f'"{"fox " * 20}"', f'"{("fox " * 20).strip()} "', {}),
    ],
)
def test_a_prompt_in_the_worlds_words(prompt, drawn, replaced):
    assert read(prompt) == (drawn, replaced)


def test_what_was_replaced_is_said_in_one_line():
    def line(prompt):
        return read_prompt(prompt, {"known": KNOWN, "near": NEAR}).line

    assert line("a red fox") == ""
    assert line("a wolf") == 'read "wolf" as "fox"'
    assert line("a quantum fox") == 'left out "quantum"'
    assert line("a quantum wolf, a pudle") == 'read "wolf" as "fox", "pudle" as "puddle"; left out "quantum"'


@pytest.mark.parametrize("prompt", ["quantum entanglement", "the and in a", "狐", "🦊", "!?", '"" …', "'", "7"])
def test_of_what_is_not_known_a_scene_of_its_own_is_drawn_and_said(prompt):
    reading = read_prompt(prompt, {"known": KNOWN, "near": NEAR})
    assert reading.instead and reading.prompt == DEFAULT_SCENE
    assert reading.line.endswith(f'knows nothing else of it and drew "{DEFAULT_SCENE}"')


@pytest.mark.parametrize("prompt", ["a quantum fox", 'the "HI"', "night"])
def test_what_is_known_is_enough(prompt):
    assert not read_prompt(prompt, {"known": KNOWN, "near": NEAR}).instead


def test_the_scene_of_its_own_is_in_the_shipped_world():
    reading = read_prompt(DEFAULT_SCENE, vocabulary())
    assert reading == Reading(prompt=DEFAULT_SCENE, replaced=())


@given(
    prompt=st.lists(st.sampled_from(["fox", "in", '"HELLO"', '"TOO LONG A SIGN"', "red-fox,", "'", '"'])).map(" ".join)
)
def test_what_is_past_the_reach_is_counted(prompt):
    """Words and letters are taken from the beginning, signs whole or not at all, and none is lost from the count."""
    for reach in (1, 5, 8, 80):
        text, num_left = cut(prompt, reach)
        assert prompt.startswith(text) and len(split_words(text)) <= reach
        assert split_words(text) == split_words(prompt)[: len(split_words(text))]
        assert (num_left == 0) == (len(split_words(prompt)) <= reach)
        assert num_left <= len(split_words(prompt)) - len(split_words(text))


def test_a_prompt_past_the_reach_is_cut_and_that_is_said():
    reading = read_prompt("a quantum fox in the red snow", {"known": KNOWN, "near": NEAR}, most_tokens=4)
    assert (reading.prompt, reading.num_dropped) == ("a fox in the", 2)
    assert reading.line == 'left out "quantum"; left out the last 2 words'


LONGEST = {
    "known": "a red fox jumps in the snow, " * 1103,
    "strange": " ".join(f"x{number:x}abcq" for number in range(3555)),
    "mistyped": "softlyy snoow puddlee jumpss " * 1103,
    "one word": "x" * 32_000,
    "hyphens": "fox-wolff-" * 3200,
    "quotes": '"' * 32_000,
    "signs": '"a" b ' * 5333,
    "half a phrase": "polar " * 5333,
    "one long sign": '"' + "wolf " * 6399 + '"',
    "apostrophes": "fox" + "'" * 31_997,
}


@pytest.mark.parametrize("prompt", LONGEST.values(), ids=LONGEST)
def test_the_longest_prompts_are_read_to_what_the_encoder_can_bear(prompt):
    """Read at all, which a quadratic reader would not finish, and bounded in tokens."""
    reading = read_prompt(prompt[:32_000], vocabulary(), most_tokens=78)
    assert 0 < len(split_words(reading.prompt)) <= 78
    assert reading.instead or len(reading.prompt) > 0


@pytest.fixture(scope="module")
def table():
    words = world()
    lists = [word for value in words.values() if isinstance(value, list) for word in value]
    told = [other for slot in words["synonyms"].values() for others in slot.values() for other in others]
    synonyms = [word for slot in words["synonyms"].values() for word in slot]
    text = " ".join([*words["kinds"], *lists, *synonyms, *told])
    return {**words, "known": sorted(set(text.lower().replace("-", " ").split()) | PLAIN_WORDS)}


def test_what_stands_in_for_a_near_word_is_known(table):
    """A reading reads as itself."""
    stand_ins = {word for _, word in table["near"].values()}
    assert len(stand_ins) > 50
    assert {word for word in stand_ins if read_prompt(f"the {word} in the snow", table).replaced} == set()


def test_every_near_word_is_read(table):
    """Unless it, or its singular, is known as it stands."""
    num_replaced = 0
    for near in list(table["near"])[::29]:
        reading = read_prompt(f"the {near}, at night", table)
        drawn = table["near"][near][1] if reading.replaced else near
        assert reading.prompt == f"the {drawn}, at night"
        num_replaced += bool(reading.replaced)
    assert num_replaced > 20


def test_every_word_of_the_world_is_left_as_it_is(table):
    for words in (table["kinds"], table["places"], table["effects"], table["instruments"]):
        for word in words:
            assert read_prompt(f"a {word}", table).replaced == ()
