import pytest

from kinora.storybook.world import world
from kinora.tasks.reading import read_prompt
from kinora.training.ship import PLAIN_WORDS

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
        ("a fax", "a", {"fax": ""}),
        ("a red-quantum fox-wolf", "a red fox-fox", {"red-quantum": "red", "fox-wolf": "fox-fox"}),
        ('a fox, "WOLF quantum"', 'a fox, "WOLF quantum"', {}),
        ("a fox, “wolf”", "a fox, “wolf”", {}),
        ("a wolf and a wolf", "a fox and a fox", {"wolf": "fox"}),
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
