"""A prompt to vectors a drawing can follow: words as hashed character n-grams, quoted words letter by letter.

The encoder is pretrained from captions to scene facts, without pixels, then frozen. Its `slots` are one vector a
fact (place, kind, colour, direction, ...), its `words` one vector a word or quoted letter; the transformer attends
to both. Unseen words still land near seen ones, because they share n-grams.

B batch, S words and letters, G n-grams of a word, Q fact slots, D width.
"""

import re
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import torch
from torch import Tensor, nn

from kinora.models.layers import Attention, RMSNorm, SwiGLU

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
MAX_QUOTED = 8
MAX_QUOTE = 40
_TOKEN = re.compile(rf"[\"“”]([^\"“”]{{1,{MAX_QUOTE}}})[\"“”]|([a-z0-9']+)", re.IGNORECASE)
# Words that carry no picture: nobody is told they were left out.
PLAIN_WORDS = frozenset(
    """
    a about above across after again against all along also am among an and any are around as at away be beautiful
    because been before behind being below beside between both but by can clip come could cute do does down draw
    during each else ever every film for from full get give go goes going good great had has have he her here him
    his how i if in into is it its itself just let like little lot lots lovely made make makes making many may me
    more most movie much my near next nice no nor not now of off on one only onto or other our out over own past
    picture please put really said same say scene see seen she short show shows side so some something still such
    sweet take than that the their them then there these they thing things this those through to together too toward
    towards two under until up upon us very video want was watch we well were what when where which while who whole
    whose will with within without wonderful would you your
    """.split()  # noqa: SIM905
)


@dataclass(frozen=True, kw_only=True)
class TextConfig:
    """Sizes of the text encoder. `slots` maps each fact to its possible values; "" means not stated."""

    slots: Mapping[str, Sequence[str]]
    num_buckets: int = 6144
    ngram_width: int = 128
    width: int = 192
    depth: int = 2
    num_heads: int = 4
    max_words: int = 80
    max_ngrams: int = 20


@dataclass(frozen=True, kw_only=True)
class Tokens:
    """A batch of prompts: ngrams (B, S, G) bucket numbers from 1, 0 is padding; letters (B, S) from 1, 0 is no
    letter."""

    ngrams: Tensor
    letters: Tensor


@dataclass(frozen=True, kw_only=True)
class TextFeatures:
    """What the transformer attends to: context (B, Q + S, D), slots first; mask (B, Q + S), True where there is
    something."""

    context: Tensor
    mask: Tensor
    num_slots: int

    @property
    def slots(self) -> Tensor:
        """The fact vectors (B, Q, D)."""
        return self.context[:, : self.num_slots]


class TextEncoder(nn.Module):
    """Words to slots and words."""

    def __init__(self, config: TextConfig) -> None:
        super().__init__()
        self.config = config
        width = config.width
        self.ngrams = nn.EmbeddingBag(config.num_buckets + 1, config.ngram_width, mode="mean", padding_idx=0)
        self.enter = nn.Linear(config.ngram_width, width)
        self.letters = nn.Embedding(len(LETTERS) + 1, width, padding_idx=0)
        self.places = nn.Embedding(config.max_words, width)
        self.layers = nn.ModuleList([TextLayer(width, config.num_heads) for _ in range(config.depth)])
        self.queries = nn.Parameter(torch.randn(len(config.slots), width) * 0.5)
        self.read = Attention(width, width, config.num_heads)
        self.refine = SwiGLU(width, width)
        self.slot_norm, self.word_norm = RMSNorm(width), RMSNorm(width)
        self.heads = nn.Linear(width, sum(len(values) for values in config.slots.values()))

    def forward(self, tokens: Tokens) -> TextFeatures:
        """Encode a batch of prompts."""
        mask_BS = (tokens.ngrams[..., 0] > 0) | (tokens.letters > 0)
        batch, num_words = mask_BS.shape
        bags = self.ngrams(tokens.ngrams.flatten(0, 1)).unflatten(0, (batch, num_words))
        x_BSD = self.enter(bags) + self.letters(tokens.letters) + self.places.weight[:num_words]
        # An empty prompt still needs one word to attend to: the first place, which then holds nothing but its position.
        mask_BS = torch.cat([torch.ones_like(mask_BS[:, :1]), mask_BS[:, 1:]], dim=1)
        for layer in self.layers:
            x_BSD = layer(x_BSD, mask_BS)
        x_BSD = self.word_norm(x_BSD)
        queries = self.queries.expand(batch, -1, -1)
        slots_BQD = queries + self.read(queries, x_BSD, mask_BS=mask_BS)
        slots_BQD = self.slot_norm(slots_BQD + self.refine(slots_BQD))
        mask = torch.cat([mask_BS.new_ones(batch, slots_BQD.shape[1]), mask_BS], dim=1)
        return TextFeatures(context=torch.cat([slots_BQD, x_BSD], dim=1), mask=mask, num_slots=slots_BQD.shape[1])

    def facts(self, features: TextFeatures) -> dict[str, Tensor]:
        """Return the logits (B, number of values) of every slot."""
        logits_BQV = self.heads(features.slots)
        ends, at = {}, 0
        for number, (slot, values) in enumerate(self.config.slots.items()):
            ends[slot] = logits_BQV[:, number, at : at + len(values)]
            at += len(values)
        return ends

    def tokenize(self, prompts: Sequence[str]) -> Tokens:
        """Turn prompts into bucket and letter numbers, padded to the longest; what is past `max_words` is dropped."""
        rows = [split_words(prompt)[: self.config.max_words] for prompt in prompts]
        num_words = max(1, *(len(row) for row in rows))
        ngrams = torch.zeros(len(rows), num_words, self.config.max_ngrams, dtype=torch.long)
        letters = torch.zeros(len(rows), num_words, dtype=torch.long)
        for r, row in enumerate(rows):
            for w, (word, letter) in enumerate(row):
                if letter:
                    letters[r, w] = LETTERS.index(letter) + 1
                else:
                    buckets = hashed_ngrams(word, self.config.num_buckets)[: self.config.max_ngrams]
                    ngrams[r, w, : len(buckets)] = torch.tensor(buckets)
        return Tokens(ngrams=ngrams, letters=letters)

    def encode(self, prompts: Sequence[str]) -> TextFeatures:
        """Tokenize and encode."""
        device = self.queries.device
        tokens = self.tokenize(prompts)
        return self(Tokens(ngrams=tokens.ngrams.to(device), letters=tokens.letters.to(device)))


class TextLayer(nn.Module):
    """One pre-norm transformer layer."""

    def __init__(self, width: int, num_heads: int) -> None:
        super().__init__()
        self.attention_norm, self.mlp_norm = RMSNorm(width), RMSNorm(width)
        self.attention = Attention(width, width, num_heads)
        self.mlp = SwiGLU(width, 2 * width)

    def forward(self, x_BSD: Tensor, mask_BS: Tensor) -> Tensor:
        """Map (B, S, D) to the same shape."""
        x_BSD = x_BSD + self.attention(self.attention_norm(x_BSD), mask_BS=mask_BS)
        return x_BSD + self.mlp(self.mlp_norm(x_BSD))


def split_words(prompt: str) -> list[tuple[str, str]]:
    """Return (word, "") for each word and ("", letter) for each letter of quoted text, in order."""
    tokens: list[tuple[str, str]] = []
    for quoted, word in _TOKEN.findall(prompt):
        shown = [("", letter) for letter in quoted.upper() if letter in LETTERS]
        tokens += shown[:MAX_QUOTED] if quoted else [(word.lower(), "")]
    return tokens


def cut(prompt: str, most_tokens: int) -> tuple[str, int]:
    """Return the beginning of a prompt that has at most so many words and letters of signs, and how many words and
    whole signs are left over."""
    found = [(match.end(), len(split_words(match[0]))) for match in _TOKEN.finditer(prompt)]
    taken, end = 0, 0
    for number, (next_end, num_tokens) in enumerate(found):
        taken += num_tokens
        if taken > most_tokens:
            return prompt[:end], sum(num > 0 for _, num in found[number:])
        end = next_end
    return prompt, 0


@lru_cache(maxsize=65536)
def hashed_ngrams(word: str, num_buckets: int) -> tuple[int, ...]:
    """Return the buckets, from 1, of a word and its 3- to 5-letter pieces (fastText, arXiv 1607.04606)."""
    marked = f"<{word}>"
    pieces = [marked] + [marked[i : i + n] for n in (3, 4, 5) for i in range(len(marked) - n + 1)]
    return tuple(zlib.crc32(piece.encode()) % num_buckets + 1 for piece in dict.fromkeys(pieces))
