"""Mutated files: whatever is done to one, it is a valid clip or one clear line, and nothing of the attempt is left."""

import gc
import random
import signal
from pathlib import Path

import numpy as np
import pytest
from mutate import mutated, parts, with_checksums

from kinora.media.decode import Limits, MediaError, read_clip

SEEDS = sorted(Path(__file__).with_name("corpus").iterdir())
"""Adding one changes all mutations, which is fine: each is made of its number and these alone."""

LIMITS = Limits(
    total_pixels=20_000_000, frames=2_000, duration_s=60, memory_bytes=1 << 30, cpu_s=10, wall_s=60, size_bytes=1 << 20
)
HANG_S = 150
"""Far above what two children may take together."""


def mutation(number):
    """The file of this number: a seed of the corpus, spliced with another."""
    chance = random.Random(number)
    seed, other = chance.choice(SEEDS), chance.choice(SEEDS)
    return mutated(seed.read_bytes(), other.read_bytes(), chance), seed.suffix


def outcome(path):
    """What became of a file: "clip", or the line it was refused with."""
    signal.alarm(HANG_S)
    try:
        clip = read_clip(path, limits=LIMITS)
        frames = clip.array()
    except MediaError as error:
        line = str(error)
        assert line.isprintable() and len(line) <= 200 and ";" in line
        return line.partition(path.name)[2]
    finally:
        signal.alarm(0)
    assert frames.shape == (clip.num_frames, clip.height, clip.width, 3) and frames.dtype == np.uint8
    assert clip.sound is None or clip.sound.shape[1] == clip.num_samples
    return "clip"


def held():
    """How many handles and children this process has."""
    children = "".join(path.read_text() for path in Path("/proc/self/task").glob("*/children"))
    return len(list(Path("/proc/self/fd").iterdir())) + len(children.split())


def outcomes(folder, numbers):
    """How often each outcome came; nothing may be left of any attempt."""
    gc.collect()
    before, counts = held(), {}
    for number in numbers:
        data, suffix = mutation(number)
        path = folder / f"{number}{suffix}"
        path.write_bytes(data)
        seen = outcome(path)
        counts[seen] = counts.get(seen, 0) + 1
        path.unlink()
        # What earlier tests left to the collector may go at any time.
        assert held() <= before, f"mutation {number} leaves something behind"
    return counts


@pytest.mark.parametrize("path", SEEDS, ids=lambda path: path.name)
def test_seeds_open(path):
    assert outcome(path) == "clip"


def test_sixty_mutated_files(tmp_path):
    counts = outcomes(tmp_path, range(60))
    # Mutations that are all refused, or none, would test nothing.
    assert 5 <= counts.get("clip", 0) <= 55


@pytest.mark.long
def test_two_thousand_mutated_files(tmp_path):
    counts = outcomes(tmp_path, range(2_000))
    assert sum(counts.values()) == 2_000 and 200 <= counts["clip"] <= 1_800


def test_mutations_are_the_same_every_time_and_differ_from_the_seed():
    assert [mutation(number) for number in range(40)] == [mutation(number) for number in range(40)]
    seeds = {path.read_bytes() for path in SEEDS}
    assert sum(mutation(number)[0] in seeds for number in range(200)) < 20


@pytest.mark.parametrize("path", SEEDS, ids=lambda path: path.name)
def test_lengths_are_found_where_the_format_keeps_them(path):
    data = path.read_bytes()
    spans = list(parts(data))
    assert len(spans) >= 3 and all(at + width <= len(data) for at, width, _ in spans)
    if path.suffix == ".png":
        assert with_checksums(data) == data
