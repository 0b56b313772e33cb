"""What became of a prompt travels as JSON and is said in one line."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinora.engines.reading import Reading


@given(
    prompt=st.text(),
    replaced=st.lists(st.tuples(st.text(), st.text())).map(tuple),
    num_dropped=st.integers(0, 9),
    instead=st.booleans(),
    heard=st.none() | st.text(),
)
def test_a_reading_comes_back_from_json(**facts):
    reading = Reading(**facts)
    assert Reading.from_json(json.loads(json.dumps(reading.as_json()))) == reading


@pytest.mark.parametrize(
    ("heard", "said"),
    [
        (None, ""),
        ("", "none of it is known by its sound: it is silent"),
        ("a fox", 'its sound follows "a fox"'),
    ],
)
def test_what_is_heard_is_said_beside_what_is_drawn(heard, said):
    assert Reading(prompt="a fox", replaced=(), heard=heard).said == said
    wolf = Reading(prompt="a fox", replaced=(("wolf", "fox"),), heard=heard)
    assert wolf.said == "; ".join(part for part in ('the drawn world read "wolf" as "fox"', said) if part)
