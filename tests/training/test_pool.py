from dataclasses import replace

import pytest
import torch

from kinora.training.checkpoint import save_tensors
from kinora.training.loop import generator_for
from kinora.training.pool import Item, Pool, PoolConfig, make_shards, shape_of, shard_path

CONFIG = PoolConfig(kind="stills", per_shard=5, first=2, every=10, limit=6)
SHAPES = [(9, 16), (9, 9), (9, 16), (9, 16), (9, 9), (9, 16)]


def shard(number):
    rows = torch.arange(CONFIG.per_shard) + 100 * number
    return {"row": rows, "shape": torch.tensor(SHAPES[number])}


@pytest.fixture
def folder(tmp_path):
    make_shards(tmp_path, CONFIG, shard, worker=0, workers=1)
    return tmp_path


@pytest.mark.parametrize(("step", "due"), [(0, 2), (9, 2), (10, 3), (39, 5), (40, 6), (1000, 6)])
def test_what_is_due_follows_from_the_step(tmp_path, step, due):
    assert Pool(tmp_path, CONFIG).due(step) == due


def draw(pool, step, num=64):
    return pool.draw(step, num, generator_for(1, 0, step))


def test_a_draw_follows_from_seed_and_step(folder):
    """A pool that was there from the start and one that has just been opened draw the same."""
    lasting = Pool(folder, CONFIG)
    for step in range(0, 60, 7):
        assert draw(lasting, step) == draw(Pool(folder, CONFIG), step)
    assert draw(lasting, 3) != draw(lasting, 4)
    assert draw(lasting, 3) == draw(Pool(folder, CONFIG), 3)


def test_rows_drawn_together_have_one_shape_and_are_due(folder):
    pool, drawn = Pool(folder, CONFIG), set()
    for step in range(60):
        items = draw(pool, step)
        assert len({shape_of(pool.shards[item.shard]) for item in items}) == 1
        assert max(item.shard for item in items) < pool.due(step)
        drawn |= set(items)
    assert drawn == {Item(shard=s, row=r) for s in range(CONFIG.limit) for r in range(CONFIG.per_shard)}


def test_what_is_gathered_is_what_was_drawn(folder):
    pool = Pool(folder, CONFIG)
    items = draw(pool, 50)
    assert pool.gather(items, "row").tolist() == [100 * item.shard + item.row for item in items]


def test_workers_share_the_work_and_leave_what_is_there(tmp_path):
    made = []

    def make(number):
        made.append(number)
        return shard(number)

    save_tensors(shard_path(tmp_path, 1), shard(1), {})
    for worker in (1, 0):
        make_shards(tmp_path, CONFIG, make, worker=worker, workers=2)
    assert made == [3, 5, 0, 2, 4]


def test_a_shard_that_never_comes_is_said_in_one_line(tmp_path):
    with pytest.raises(ValueError, match=r"shard-00000.safetensors never came: .* --workers") as refused:
        Pool(tmp_path, CONFIG, patience_s=0.0).ready(0)
    assert "\n" not in str(refused.value)


def test_pools_of_one_name_share_a_folder():
    assert CONFIG.folder == "stills"
    assert replace(CONFIG, name="debug").folder == "debug"
