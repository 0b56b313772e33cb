"""The judge's material and stages: truths that are true, noise that is nothing, and losses that fall."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from kinora.models.video_autoencoder import VideoAutoencoder, VideoAutoencoderConfig
from kinora.storybook import vocabulary
from kinora.storybook.film import SIGN_MASK, Film
from kinora.storybook.maps import truth_maps
from kinora.storybook.sample import draw_scene
from kinora.storybook.vocabulary import COLOUR_NAMES, KIND_NAMES, LETTER_NAMES
from kinora.training import judge_material
from kinora.training.judge_material import (
    LOST_T,
    READABLE_T,
    draw_t,
    judge_pictures,
    judge_sounds,
    video_through,
)
from kinora.training.loop import generator_for
from kinora.training.optimiser import Optimiser
from kinora.training.pool import Pool, PoolConfig
from kinora.training.recipes import RECIPES
from kinora.training.stages.judge import (
    PictureJudgeStage,
    SoundJudgeStage,
    bent,
    blank,
    cropped,
    judge_config,
    onset_entropy,
    weighted_entropy,
)

SMALL = PoolConfig(kind="judge", seed=5, per_shard=6, first=1, limit=1)


@pytest.fixture(scope="module")
def frozen(materials):
    from kinora.training.frozen import Frozen

    return Frozen.load(materials / "frozen")


@pytest.fixture(scope="module")
def shard(frozen):
    return judge_pictures(SMALL, 0, frozen)


@pytest.fixture(scope="module")
def tracks(frozen):
    return judge_sounds(replace(SMALL, per_shard=4), 0, frozen)


def test_the_judge_knows_every_word_in_its_order():
    config = judge_config()
    assert config.words("kind") == KIND_NAMES and config.words("colour") == COLOUR_NAMES
    assert config.words("letter") == LETTER_NAMES
    assert config.effects == (*vocabulary.EFFECTS, *vocabulary.EVENT_SOUNDS)
    for name, words in (("place", "PLACES"), ("light", "LIGHTS"), ("weather", "WEATHERS"), ("tempo", "TEMPOS")):
        assert config.words(name) == ("", *getattr(vocabulary, words))


@pytest.mark.parametrize("index", range(6))
def test_maps_are_the_masks_of_the_film(index):
    film = Film(draw_scene(3, index), height=144, width=256)
    maps, labels = truth_maps(film, 1.0), film.mask(1.0, shrink=4) // 4
    for number, track in enumerate(film.tracks, start=1):
        if track.who.kind in vocabulary.KINDS:
            assert (maps.kind[labels == number] == KIND_NAMES.index(track.who.kind)).all()
            assert (maps.colour[labels == number] == COLOUR_NAMES.index(track.who.colour)).all()
    nobody = (labels == 0) | (labels == SIGN_MASK)
    assert not maps.kind[nobody].any() and not maps.colour[nobody].any()
    assert not maps.letter[labels != SIGN_MASK].any()


def test_letters_in_sight_are_those_of_the_sign():
    scene = next(s for s in (draw_scene(3, index) for index in range(100)) if len(set(s.sign)) > 3)
    seen = truth_maps(Film(replace(scene, camera=type(scene.camera)()), height=288, width=512), 0.0).letter
    assert {LETTER_NAMES[n] for n in np.unique(seen[seen > 0])} <= set(scene.sign)
    assert len(np.unique(seen)) > 2


def test_a_shard_is_a_function_of_seed_and_number(frozen, shard):
    again = judge_pictures(SMALL, 0, frozen)
    assert all(torch.equal(shard[name], again[name]) for name in shard)
    assert shard["frames"].shape == (6, 144, 256, 3) and shard["maps"].shape == (6, 3, 36, 64)
    assert shard["maps"].dtype == torch.uint8 and shard["scene"].shape == (6, 3)
    assert (shard["scene"][0] > 0).all() and shard["maps"][:, 0].any()


def test_casts_of_one_place_share_its_light_and_weather(frozen):
    shard = judge_pictures(replace(SMALL, per_shard=30), 1, frozen)
    # Of what went through the autoencoder, some is lost.
    surroundings = {tuple(scene) for scene in shard["scene"].tolist() if any(scene)}
    assert len(shard["frames"]) == 30 and len(surroundings) == len({place for place, _, _ in surroundings}) < 30
    assert (shard["maps"][:, 0].flatten(1).any(dim=1)).sum() > 20


def test_every_fourth_shard_has_another_shape(frozen):
    assert judge_pictures(replace(SMALL, per_shard=3), 7, frozen)["shape"].tolist() == [16, 9]


def test_every_fourth_of_a_cast_is_decoded(frozen, monkeypatch):
    monkeypatch.setattr(judge_material, "draw_t", lambda rng: 1.0)
    shard = judge_pictures(replace(SMALL, per_shard=8), 1, frozen)
    assert [bool(scene.any()) for scene in shard["scene"]] == [False, True, True, True] * 2


def test_what_is_lost_has_no_labels(frozen, monkeypatch):
    monkeypatch.setattr(judge_material, "draw_t", lambda rng: 1.0)
    shard = judge_pictures(replace(SMALL, per_shard=3), 0, frozen)
    assert shard["maps"][0, 0].any() and shard["scene"][0].all()  # as drawn
    assert not shard["maps"][1:].any() and not shard["scene"][1:].any()
    tracks = judge_sounds(replace(SMALL, per_shard=2), 0, frozen)
    assert not any(tracks[name].any() for name in ("onset", "ambience", "music"))


def test_nothing_is_shown_between_readable_and_lost():
    rng = np.random.default_rng(0)
    drawn = np.array([draw_t(rng) for _ in range(500)])
    assert ((drawn <= READABLE_T) | (drawn >= LOST_T)).all() and (drawn <= 1).all()
    assert (drawn == 0).any() and ((drawn > 0) & (drawn <= READABLE_T)).any() and (drawn > LOST_T).any()


def test_fully_noised_latents_forget_the_frames():
    torch.manual_seed(0)
    video = VideoAutoencoder(
        VideoAutoencoderConfig(latent_channels=8, encoder_widths=(8,) * 3, decoder_widths=(8,) * 3)
    )
    frames = np.random.default_rng(1).integers(0, 256, (2, 8, 32, 32, 3), dtype=np.uint8)
    made = [video_through(video, one, t, np.random.default_rng(2)) for t in (0.0, 1.0) for one in frames]
    assert (made[0] != made[1]).any() and (made[2] == made[3]).all()


def test_onsets_are_where_events_are(tracks):
    assert tracks["wave"].shape == (4, 96_000) and tracks["onset"].shape == (4, 192, 20)
    assert tracks["onset"].max() == 1 and tracks["onset"].sum() > 0


def test_judges_train_on_scenes_of_their_own():
    seeds = {name: make().pool.seed for name, make in RECIPES.items() if make().pool}
    judges = {seed for name, seed in seeds.items() if name.startswith("judge")}
    assert len(judges) == 2 and not judges & {seed for name, seed in seeds.items() if not name.startswith("judge")}


def test_crops_keep_maps_under_their_pixels():
    rng = np.random.default_rng(0)
    cells = 3 * np.arange(36)[:, None] + np.arange(64)
    frame = np.repeat(np.repeat(cells, 4, 0), 4, 1)[..., None].astype(np.uint8).repeat(3, 2)
    maps = np.stack([cells, cells, np.zeros_like(cells)]).astype(np.uint8)
    for _ in range(20):
        part, seen = cropped(frame, maps, (16, 32), rng)
        assert part.shape == (128, 224, 3) and seen.shape == (3, 32, 56)
        # The same cell or the one beside, above or below it.
        assert np.abs(part[2::4, 2::4, 0].astype(int) - seen[0]).max() <= 4


def test_letters_are_never_mirrored():
    maps = np.zeros((3, 4, 4), np.uint8)
    maps[2, 1, 1] = 5
    frame, rng = np.arange(16 * 16 * 3, dtype=np.uint8).reshape(16, 16, 3), np.random.default_rng(0)
    assert all((cropped(frame, maps, (0, 0), rng)[0] == frame).all() for _ in range(20))


def test_bending_keeps_sizes_and_truth():
    rng, maps = np.random.default_rng(0), np.ones((3, 8, 8), np.uint8)
    frame = rng.integers(0, 256, (32, 32, 3), dtype=np.uint8)
    results = [bent(frame, maps, rng) for _ in range(20)]
    assert all(one.shape == frame.shape and one.dtype == np.uint8 and (seen == 1).all() for one, seen in results)
    assert any((one != frame).any() for one, _ in results)


def test_blank_frames_are_nothing():
    rng = np.random.default_rng(0)
    frame, maps, scene = blank(np.ones((32, 48, 3), np.uint8), np.ones((3, 8, 12), np.uint8), np.ones(3, np.uint8), rng)
    assert frame.shape == (32, 48, 3) and frame.dtype == np.uint8 and not maps.any() and not scene.any()


def test_what_is_shown_weighs_more_than_what_is_not():
    truth = torch.tensor([[[0, 1]]])
    nothing_said, all_said = torch.zeros(1, 2, 1, 2), torch.zeros(1, 2, 1, 2)
    nothing_said[:, 0] += 3
    all_said[:, 1] += 3
    assert weighted_entropy(nothing_said, truth, 4.0) > weighted_entropy(all_said, truth, 4.0)
    torch.testing.assert_close(weighted_entropy(nothing_said, truth, 1.0), weighted_entropy(all_said, truth, 1.0))


def test_an_onset_missed_costs_more_than_one_made_up():
    onset, sure = torch.zeros(1, 9, 1), 5.0
    onset[0, 4] = 1
    missed = torch.full((1, 9, 1), -sure)
    false = onset * 2 * sure - sure
    false[0, 0] = sure
    assert onset_entropy(missed, onset) > onset_entropy(false, onset)


@pytest.mark.parametrize("part", ["picture", "sound"])
def test_the_loss_falls_on_what_is_seen_again(shard, tracks, part, tmp_path):
    rows = {"picture": shard, "sound": tracks}[part]
    pool = Pool(tmp_path, replace(SMALL, per_shard=len(next(iter(rows.values())))), shards=[rows])
    stage = {"picture": PictureJudgeStage, "sound": SoundJudgeStage}[part](pool, seed=1, batch=2)
    run = RECIPES[f"judge-{part}s"]().run
    optimiser, losses = Optimiser(run.optimiser, stage.model.named_parameters()), []
    for step in range(6):
        loss, figures = stage.loss(step, generator_for(1, 0, 0))
        loss.backward()
        optimiser.step(0.5)
        losses.append(float(loss.detach()))
        assert loss.isfinite() and len(figures) >= 5
    assert losses[-1] < 0.8 * losses[0]


def test_a_step_is_a_function_of_its_generator(shard, tmp_path):
    stage = PictureJudgeStage(Pool(tmp_path, SMALL, shards=[shard]), seed=1, batch=2)
    one, same, other = (stage.frames(0, generator_for(1, 0, step))[0] for step in (0, 0, 1))
    assert torch.equal(one, same)
    assert one.shape != other.shape or not torch.equal(one, other)
