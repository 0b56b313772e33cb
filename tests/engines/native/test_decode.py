"""Decoding: a block at a time, and what is shown is what all of it at once would be."""

import numpy as np
import torch

from kinora.engines.native.decode import frames, wave
from kinora.engines.reading import Reading
from kinora.request import Request, Shot
from kinora.tasks.render import decoded, made

FOX = Request(prompt="a red fox in the snow", seconds=2.5, steps=3, size="96x96")


def test_decoding_as_a_stream_is_decoding_at_once(model, engine):
    latents = made(FOX, Reading(prompt=FOX.prompt, replaced=()), engine, 5)
    clip = decoded(latents, FOX, engine)
    assert [len(block) for block in clip.frames()] == [8, 8, 8, 6]
    video = latents["video"].T.unflatten(1, (4, 6, 6))[None]
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
        rgb = model.video.decode(video)[0].permute(1, 2, 3, 0).float()
    at_once = ((rgb[:30] + 1) * 127.5).round().clamp(0, 255).byte().numpy()
    assert np.array_equal(clip.array(), at_once)
    assert np.array_equal(clip.array(), clip.array())
    with torch.no_grad():
        wave = model.sound.decode(latents["sound"].T[None])
    assert np.array_equal(clip.sound, wave[:, :60_000].clamp(-1, 1).numpy())


def shot_of(num_blocks):
    return Shot(prompt="", num_blocks=num_blocks, height=96, width=96, seed=1, sound=False)


def test_a_block_that_no_window_shows_is_none_and_the_others_do_not_see_it(model):
    """Whatever stands in its place."""
    noise = torch.randn(5 * 36, 8, generator=torch.Generator().manual_seed(0))
    other, shown = noise.clone(), torch.tensor([True, False, True, True, False])
    other[36:72], other[-36:] = 0, 7
    blocks, others = (list(frames({"video": x, "shown": shown}, shot_of(5), model, range(5))) for x in (noise, other))
    assert [block is None for block in blocks] == (~shown).tolist()
    assert all(np.array_equal(*pair) for pair in zip(blocks, others, strict=True) if pair[0] is not None)


def test_only_what_is_wanted_is_decoded_and_as_among_all(model):
    noise = torch.randn(5 * 36, 8, generator=torch.Generator().manual_seed(0))
    whole = list(frames({"video": noise}, shot_of(5), model, range(5)))
    some = list(frames({"video": noise}, shot_of(5), model, {1, 3}))
    assert [block is None for block in some] == [True, False, True, False]
    assert np.array_equal(some[1], whole[1]) and np.array_equal(some[3], whole[3])


def test_of_a_model_that_has_learned_nothing_every_block_is_a_picture_too(model):
    """All its latents may be zero."""
    assert all(block is not None for block in frames({"video": torch.zeros(72, 8)}, shot_of(2), model, range(2)))


def test_where_no_picture_was_made_none_is_looked_at(model):
    assert list(frames({"sound": torch.zeros(32, 4)}, shot_of(2), model, ())) == []


def test_sound_is_as_loud_as_its_gain_says(model):
    latents = torch.randn(48, 4, generator=torch.Generator().manual_seed(0))
    plain, even = wave({"sound": latents}, model), wave({"sound": latents, "gain": torch.full((48,), 0.5)}, model)
    assert plain.any() and np.allclose(even, 0.5 * plain, atol=1e-6)
    rising = wave({"sound": latents, "gain": torch.linspace(0, 0.5, 48)}, model)
    ratio = np.abs(rising).reshape(48, -1).mean(axis=1) / np.abs(plain).reshape(48, -1).mean(axis=1)
    assert (np.diff(ratio) > 0).all() and ratio[-1] < 0.51
