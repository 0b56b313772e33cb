"""A prompt means the same whoever stands beside it, and letters in quotes are letters."""

import torch
from hypothesis import given
from hypothesis import strategies as st

from kinora.models.text import LETTERS, MAX_QUOTED, hashed_ngrams, split_words

PROMPTS = ["a red fox", "", 'a blue car with a sign that says "HELLO 7", in the snow', "fox"]


def test_a_prompt_alone_is_the_prompt_among_longer_ones(text):
    together = text.encode(PROMPTS)
    for row, prompt in enumerate(PROMPTS):
        alone = text.encode([prompt])
        length = alone.context.shape[1]
        torch.testing.assert_close(together.context[row, :length], alone.context[0])
        assert torch.equal(together.mask[row, :length], alone.mask[0])
        assert not together.mask[row, length:].any()
    facts, alone = text.facts(together), text.facts(text.encode(PROMPTS[:1]))
    for slot, logits in facts.items():
        torch.testing.assert_close(logits[:1], alone[slot])


def test_what_is_said_and_in_which_order_matters(text):
    one, other, turned = text.encode(["fox red", "fox blue", "red fox"]).slots
    assert not torch.allclose(one, other) and not torch.allclose(one, turned)


def test_facts_have_a_logit_a_value(text):
    logits = text.facts(text.encode(PROMPTS))
    assert {slot: values.shape for slot, values in logits.items()} == {
        "kind": (4, 3),
        "colour": (4, 3),
        "place": (4, 2),
    }
    assert torch.equal(torch.cat(list(logits.values()), dim=1)[:, :3], logits["kind"])


def test_an_empty_prompt_is_something_to_attend_to(text):
    features = text.encode([""])
    assert features.mask.all() and features.context.isfinite().all()


def test_words_past_the_limit_are_dropped(text):
    long = text.encode(["red " * 40])
    assert long.context.shape[1] == long.num_slots + 12


def test_quoted_words_are_spelled_and_others_are_not():
    tokens = split_words('The sign says "Ab 9!" now')
    assert tokens == [("the", ""), ("sign", ""), ("says", ""), ("", "A"), ("", "B"), ("", "9"), ("now", "")]
    assert split_words("“HI”") == split_words('"hi"') == [("", "H"), ("", "I")]


def test_letters_become_letter_tokens(text):
    tokens = text.tokenize(['says "B2"'])
    assert tokens.letters.tolist() == [[0, LETTERS.index("B") + 1, LETTERS.index("2") + 1]]
    assert tokens.ngrams[0, 0, 0] > 0 and not tokens.ngrams[0, 1:].any()


@given(st.text(max_size=60))
def test_any_text_is_split_into_words_and_letters(prompt):
    tokens = split_words(prompt)
    assert all(bool(word) != bool(letter) for word, letter in tokens)
    assert all(letter in LETTERS for _, letter in tokens if letter)


@given(st.text(alphabet=LETTERS, min_size=1, max_size=30))
def test_a_quoted_word_is_cut_at_what_a_sign_holds(word):
    assert [letter for _, letter in split_words(f'"{word}"')] == list(word[:MAX_QUOTED])


def test_hashes_never_change():
    """Shipped weights are indexed by them: the CRC-32 of "<fox>" and its pieces, in this order, counted from 1."""
    assert hashed_ngrams("fox", 6144) == (4110, 3343, 231, 4955, 4594, 1420)
    assert hashed_ngrams("jumps", 6144) == (
        *(5068, 889, 4019, 6016, 4114, 5853, 5798),
        *(5655, 5810, 5901, 5009, 349, 2227),
    )


def test_like_words_share_pieces():
    shared = set(hashed_ngrams("jumping", 2**20)) & set(hashed_ngrams("jumps", 2**20))
    assert len(shared) >= 4
    assert not set(hashed_ngrams("fox", 2**20)) & set(hashed_ngrams("car", 2**20))
