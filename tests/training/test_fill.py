from collections import Counter
from dataclasses import replace

import pytest
import torch

from kinora.training.loop import generator_for
from kinora.training.stages.fill import GIVEN_NOISE, kept, thin
from kinora.training.truth import is_foreground

ALWAYS = {"drop_text": 0.0, "give_some": 1.0, "give_stream": 0.0, "hint": 0.0}


class Recorder:
    """The frozen text encoder, which remembers what it was told."""

    def __init__(self, encoder):
        self.encoder, self.told = encoder, []

    def encode(self, prompts):
        self.told += prompts
        return self.encoder.encode(prompts)


def batch(stage, step=0):
    """The drawn items, the clean state, and the noised one with conditions in force."""
    draw = generator_for(1, 0, step)
    items = stage.pool.draw(step, stage.batch, draw)
    clean, extras = stage._windows(items, draw)
    return items, clean, extras, *stage._condition(clean, extras, draw)


def kind_of(conditions, num_blocks):
    conditions = [condition for condition, _ in conditions]
    if any(c.kind == "hint" for c in conditions):
        return "hints"
    whole = [c.stream for c in conditions if c.end_s is None]
    return f"whole {whole[0]}" if whole else "blocks" if conditions else "nothing"


@pytest.mark.parametrize("num_blocks", [2, 6])
def test_conditions_are_drawn_as_often_as_the_recipe_says(make_stage, num_blocks):
    """Some blocks are given unless none of them is chosen: each but one is, with a chance that is uniform itself. Hints
    are drawn where neither blocks nor streams are."""
    stage = make_stage(num_blocks=num_blocks, give_some=0.3, give_stream=0.2, hint=0.4)
    _, clean, extras, _, _ = batch(stage)
    draw, num = generator_for(3), 6000
    seen = Counter(kind_of(stage._draw_conditions(clean, extras, draw), num_blocks) for _ in range(num))
    wanted = {"blocks": 0.3 * (1 - 1 / num_blocks), "whole video": 0.1, "whole sound": 0.1, "hints": 0.5 * 0.4}
    assert {kind: seen[kind] / num for kind in wanted} == pytest.approx(wanted, abs=0.02)


def test_given_blocks_are_given_in_both_streams_and_one_is_always_made(make_stage):
    stage = make_stage(**ALWAYS, num_blocks=6)
    shares = []
    for step in range(20):
        _, _, _, state, _ = batch(stage, step)
        video = state.streams["video"].free.view(2, 6, -1)
        sound = state.streams["sound"].free.view(2, 6, -1)
        assert torch.equal(video.mean(-1), sound.mean(-1)) and set(video.mean(-1).flatten().tolist()) <= {0.0, 1.0}
        assert video.mean(-1).sum(1).min() >= 1
        shares.append(float(video.mean()))
    assert min(shares) < 0.4 and max(shares) > 0.8


def test_a_hint_shows_the_held_frames_and_says_which_are_real(make_stage):
    """Tokens with a hint stay free; their first channels are the latents of the held block, their last its masks."""
    stage = make_stage(**{**ALWAYS, "give_some": 0.0, "hint": 1.0}, num_blocks=6)
    patterns = set()
    for step in range(30):
        items, _, extras, state, _ = batch(stage, step)
        video = state.streams["video"]
        latents, masks = video.hint.view(2, 6, -1, 72).split([64, 8], dim=-1)
        hinted = masks.flatten(2).any(-1)
        assert hinted.any() and torch.equal(hinted, latents.flatten(2).any(-1))
        assert (video.free.view(2, 6, -1)[hinted] == 1).all()
        for row, item in enumerate(items):
            known = stage.pool.shards[item.shard]["known"][item.row]
            for block in hinted[row].nonzero().flatten().tolist():
                said = masks[row, block, 0].bool()
                assert (masks[row, block] == masks[row, block, :1]).all() and 1 <= said.sum() <= 7
                pattern = next(p for p in range(4) if torch.equal(known[p, block].bool(), said))
                held = extras["held"][row, pattern].view(6, -1, 64)[block]
                assert torch.equal(latents[row, block], held) or said.sum() == 1
                patterns.add(pattern)
    assert patterns == {0, 1, 2, 3}


def test_what_is_given_is_almost_clean_and_what_is_made_lies_on_the_path(make_stage):
    stage = make_stage(**ALWAYS, num_blocks=6)
    _, clean, _, state, times = next(
        b for b in map(lambda s: batch(stage, s), range(9)) if b[3].streams["video"].free.min() == 0
    )
    assert times.given_t.max() <= GIVEN_NOISE
    for name, stream in state.streams.items():
        data = clean.streams[name].x
        for free, t in ((0, times.given_t), (1, times.t)):
            here = stream.free == free
            noise = (stream.x - (1 - t)[:, None, None] * data) / t[:, None, None]
            assert noise[here].mean() == pytest.approx(0, abs=0.05) and noise[here].std() == pytest.approx(1, abs=0.05)


@pytest.mark.parametrize("given", ["blocks", "video", "sound"])
def test_given_tokens_cost_nothing(make_stage, given):
    """Whatever the transformer says of given tokens, the loss and its figures are the same."""
    stage = make_stage(**ALWAYS if given == "blocks" else {"give_stream": 1.0}, num_blocks=2)
    step = next(s for s in range(50) if wanted(batch(stage, s)[3], given))
    free = {}

    def watch(module, arguments, output):
        free.update({name: stream.free for name, stream in arguments[0].streams.items()})

    def shout(module, arguments, output):
        made, tapped = output
        return {name: x + 9 * (free[name] == 0).unsqueeze(-1) for name, x in made.items()}, tapped

    stage.model.transformer.register_forward_hook(watch)
    plain = stage.loss(step, generator_for(1, 0, step))
    stage.model.transformer.register_forward_hook(shout)
    shouted = stage.loss(step, generator_for(1, 0, step))
    assert min(float(f.min()) for f in free.values()) == 0
    assert torch.equal(plain[0], shouted[0]) and plain[1] == shouted[1]
    if given != "blocks":
        assert plain[1][given] == 0


def wanted(state, given):
    free = {name: float(stream.free.mean()) for name, stream in state.streams.items()}
    return 0 < free["video"] < 1 if given == "blocks" else free[given] == 0


def test_text_is_dropped_as_often_as_the_recipe_says_and_is_the_rows_own(make_stage):
    stage = make_stage(drop_text=0.25)
    recorder = Recorder(stage.frozen.text)
    stage.frozen = replace(stage.frozen, text=recorder)
    rows = []
    for step in range(400):
        draw = generator_for(2, step)
        items = stage.pool.draw(step, stage.batch, draw)
        stage._text(items, draw)
        rows += [item.row for item in items]
    assert recorder.told.count("") / len(recorder.told) == pytest.approx(0.25, abs=0.05)
    told = [(row, text) for row, text in zip(rows, recorder.told, strict=True) if text]
    assert all(text.endswith(f"fox in row {row}") for row, text in told)
    assert {text.startswith("a red") for _, text in told} == {True, False}


def test_a_window_is_whole_blocks_of_one_clip_with_its_own_truth(make_stage):
    stage = make_stage(num_blocks=2)
    starts = set()
    for step in range(30):
        items, clean, extras, _, _ = batch(stage, step)
        for number, item in enumerate(items):
            shard = stage.pool.shards[item.shard]
            video, truth, sound, heard = (shard[name][item.row] for name in ("video", "truth", "sound", "heard"))
            x = clean.streams["video"].x[number]
            (start,) = (s for s in range(5) if torch.equal(video[144 * s : 144 * (s + 2)].float(), x))
            assert torch.equal(truth[144 * start : 144 * (start + 2)], extras["truth"][number])
            assert torch.equal(sound[16 * start : 16 * (start + 2)].float(), clean.streams["sound"].x[number])
            assert torch.equal(heard[16 * start : 16 * (start + 2)], extras["heard"][number])
            starts.add(start)
    assert starts == set(range(5))


def test_a_batch_follows_from_seed_and_step(make_stage):
    stage = make_stage()
    losses = [stage.loss(step, generator_for(1, 0, step))[0].item() for step in (3, 4, 3)]
    assert losses[0] == losses[2] != losses[1]


def test_a_probe_draws_and_changes_nothing(make_stage, tmp_path):
    stage = make_stage()
    before = {name: value.clone() for name, value in stage.model.state_dict().items()}
    stage.probe(tmp_path, 7)
    first = (tmp_path / "probe-0000007.png").read_bytes()
    stage.probe(tmp_path, 7)
    assert (tmp_path / "probe-0000007.png").read_bytes() == first
    assert stage.model.training
    assert all(torch.equal(before[name], value) for name, value in stage.model.state_dict().items())


@pytest.mark.parametrize("keep", [0.1, 0.4, 1.0])
def test_subjects_are_seen_first_and_the_rest_by_chance(keep):
    draw = generator_for(4)
    truth = torch.zeros(3, 50, 6, dtype=torch.uint8)
    truth[:, 20:29, 3] = 200
    counts = torch.zeros(50)
    for _ in range(300):
        seen = kept(is_foreground(truth), keep, draw)
        assert seen.shape == (3, round(50 * keep)) and (seen.diff(dim=1) > 0).all()
        assert torch.gather(is_foreground(truth), 1, seen).sum(1).tolist() == [min(9, seen.shape[1])] * 3
        counts += torch.bincount(seen.flatten(), minlength=50)
    for group in (counts[20:29], torch.cat([counts[:20], counts[29:]])):
        assert group.std() <= 0.1 * group.mean() + 1e-6


def test_a_thinned_state_is_the_same_tokens_and_no_others(make_stage):
    _, _, extras, state, _ = batch(make_stage(num_blocks=2))
    seen = kept(is_foreground(extras["truth"]), 0.3, generator_for(5))
    whole, few = state.streams["video"], thin(state, seen).streams["video"]
    for name in ("x", "free", "hint", "positions", "shot"):
        for row, numbers in enumerate(seen):
            assert torch.equal(getattr(few, name)[row], getattr(whole, name)[row][numbers])
    assert thin(state, seen).streams["sound"] is state.streams["sound"]


def test_thinning_to_everything_is_no_thinning(make_stage):
    stage = make_stage()
    _, _, extras, state, times = batch(stage)
    seen = kept(is_foreground(extras["truth"]), 1.0, generator_for(6))
    text = stage.frozen.text.encode(["", ""])
    made, _ = stage.model.transformer(state, times, text)
    again, _ = stage.model.transformer(thin(state, seen), times, text)
    assert torch.equal(made["video"], again["video"])
