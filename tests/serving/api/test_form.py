"""Bracketed names: what is flattened comes back, and what is crooked is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinora.serving.api.errors import ApiError
from kinora.serving.api.form import tree

NAMES = st.text(st.characters(exclude_characters="[]", exclude_categories=["Cs"]), min_size=1, max_size=8)
VALUES = st.text(max_size=8)


def objects(inner):
    return st.dictionaries(NAMES, inner, min_size=1, max_size=3)


def lists_of_objects(values):
    """Lists whose objects all have the same fields: others would run together, as they do for every server."""
    fields = st.lists(NAMES, min_size=1, max_size=3, unique=True)
    return fields.flatmap(
        lambda names: st.lists(st.fixed_dictionaries({n: values for n in names}), min_size=1, max_size=3)
    )


FIELDS = st.one_of(VALUES, objects(VALUES), st.lists(VALUES, min_size=1, max_size=3), lists_of_objects(VALUES))


def flat(value, name):
    """Pairs as clients write them."""
    if isinstance(value, dict):
        return [pair for key, each in value.items() for pair in flat(each, f"{name}[{key}]" if name else key)]
    if isinstance(value, list):
        return [pair for each in value for pair in flat(each, f"{name}[]")]
    return [(name, value)]


@given(objects(FIELDS))
def test_what_is_flattened_comes_back(fields):
    assert tree(flat(fields, "")) == fields


@given(st.lists(st.tuples(st.text("ab[]", max_size=6), VALUES), max_size=5))
def test_any_names_make_a_tree_or_a_400(pairs):
    try:
        found = tree(pairs)
    except ApiError as error:
        assert error.status == 400
    else:
        assert sorted(value for _, value in flat(found, "")) == sorted(value for _, value in pairs)


@pytest.mark.parametrize(
    "names",
    [
        ("a", "a"),
        ("a", "a[b]"),
        ("a[b]", "a"),
        ("a[]", "a[b]"),
        ("a[b]", "a[]"),
        ("a[b]", "a[b][c]"),
        ("",),
        ("[a]",),
        ("a[",),
        ("a]",),
        ("a[b]c",),
        ("a[[b]]",),
        ("a[b][c][d][e]",),
    ],
)
def test_crooked_and_contradictory_names_are_refused(names):
    with pytest.raises(ApiError) as error:
        tree((name, "x") for name in names)
    assert error.value.status == 400


def test_elements_begin_where_a_field_comes_again():
    pairs = [("c[][id]", "1"), ("c[][w]", "2"), ("c[][id]", "3")]
    assert tree(pairs) == {"c": [{"id": "1", "w": "2"}, {"id": "3"}]}
