"""Every engine can do what it says and names one that can do the rest."""

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinora.engines.abilities import Ability, lacking, needed_by
from kinora.engines.able import SAID, check_able, with_voice
from kinora.engines.catalog import CATALOG

ABILITIES = get_args(Ability)


def refusal(name, needed):
    with pytest.raises(ValueError) as refused:
        check_able(name, with_voice(CATALOG[name]), needed)
    return str(refused.value)


def test_every_ability_is_said():
    assert set(SAID) == set(ABILITIES) and all(entry.can <= set(ABILITIES) for entry in CATALOG.values())


@pytest.mark.parametrize("name", CATALOG)
@pytest.mark.parametrize("ability", ABILITIES)
def test_what_an_engine_can_not_do_names_all_that_can_and_what_it_can_is_taken(name, ability):
    if ability in with_voice(CATALOG[name]):
        check_able(name, with_voice(CATALOG[name]), {ability})
        return
    said = refusal(name, {ability})
    assert said.startswith(f"{name} can't {SAID[ability]}: ") and "\n" not in said
    able = [entry.name for entry in CATALOG.values() if ability in with_voice(entry)]
    assert said.endswith(
        f": say --engine {' or '.join(able)}" if able else ": no engine can do all of this at once: ask for less"
    )
    assert name not in able


@given(name=st.sampled_from([*CATALOG]), needed=st.sets(st.sampled_from(ABILITIES)))
def test_who_is_named_can_do_all_of_it(name, needed):
    missing = lacking(needed, with_voice(CATALOG[name]))
    if not missing:
        check_able(name, with_voice(CATALOG[name]), needed)
        return
    said, remedy = refusal(name, needed).split(": ", 1)
    assert [one for one in ABILITIES if SAID[one] in said] and all(SAID[one] in said for one in missing)
    named = remedy.removeprefix("say --engine ").split(" or ") if remedy.startswith("say") else []
    assert set(named) == {entry.name for entry in CATALOG.values() if needed <= with_voice(entry)}


@pytest.mark.parametrize(
    ("known", "needed"),
    [
        ("f", {"text"}),
        ("ffff", {"text"}),
        ("k", {"soundtrack"}),
        ("kkkk", {"soundtrack"}),
        ("kfff", {"first frame"}),
        ("fffk", {"last frame"}),
        ("kffk", {"both ends"}),
        ("kkff", {"prefix"}),
        ("ffkk", {"suffix"}),
        ("kkfk", {"range"}),
        ("kfkk", {"range"}),
        ("kkffkk", {"range"}),
        ("ffkf", {"keyframes"}),
        ("kfkfk", {"keyframes"}),
        ("kkfkkf", {"keyframes"}),
        ("fkkf", {"keyframes"}),
    ],
)
def test_what_is_needed_is_read_off_what_is_known(known, needed):
    assert needed_by([letter == "k" for letter in known]) == needed


@given(st.lists(st.booleans(), min_size=1, max_size=40))
def test_every_shot_needs_something_and_backwards_the_same_turned_round(known):
    turned = {"first frame": "last frame", "last frame": "first frame", "prefix": "suffix", "suffix": "prefix"}
    needed = needed_by(known)
    assert needed <= set(ABILITIES) and needed
    assert needed_by(known[::-1]) == {turned.get(one, one) for one in needed}
