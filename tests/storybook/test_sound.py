"""Laws of sound: stems add up, events start on time, sounds can be told apart, music is in its key and tempo."""

from dataclasses import replace
from itertools import combinations, pairwise

import numpy as np
import pytest
from scipy import signal

from kinora.storybook import vocabulary
from kinora.storybook.scene import Actor, Event, Individual, Music, Scene, SoundPlan
from kinora.storybook.sound.ambience import AMBIENCES, ambience
from kinora.storybook.sound.effects import EFFECTS, GROUNDS, HARD, PLACE_GROUNDS, Cause, effect
from kinora.storybook.sound.mix import PEAK, Stems, compose, extra_events, sound_facts
from kinora.storybook.sound.music import BEATS_PER_MINUTE, STYLES, tune
from kinora.storybook.sound.synth import SAMPLE_RATE_HZ, count, partials

MUSIC = [
    Music(instrument=instrument, mood=mood, tempo=tempo)
    for instrument in vocabulary.INSTRUMENTS
    for mood in vocabulary.MOODS
    for tempo in vocabulary.TEMPOS
]
DOG = Actor(who=Individual(kind="dog", colour="brown"), action="walk")
CAR = Actor(who=Individual(kind="car", colour="red"), action="drive")
TRAIN = Actor(who=Individual(kind="train", colour="red"), action="drive")


def scene(duration_s=4.0, seed=5, index=0, place="meadow", **sound):
    plan = SoundPlan(**sound)
    cast = (DOG, CAR, TRAIN)
    return Scene(
        seed=seed,
        index=index,
        duration_s=duration_s,
        place=place,
        light="noon",
        weather="clear",
        actors=cast,
        sound=plan,
    )


def event(time_s, kind, strength=0.6, track=0):
    return Event(time_s=time_s, kind=kind, strength=strength, track=track)


def every_sound(spacing_s=0.31):
    return [event(number * spacing_s, kind, 1.0) for number, kind in enumerate(EFFECTS)]


def generator(*path):
    return np.random.default_rng([11, *path])


# --- stems ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("duration_s", [0.5, 1.2345, 4.0, 7.00003])
def test_stems_have_the_exact_length_and_sum_to_the_mix(duration_s):
    music = Music(instrument="piano", mood="happy", tempo="fast")
    stems = compose(scene(duration_s, ambience=("rain", "wind"), extra=("bell",), music=music), every_sound())
    for stem in (stems.effects, stems.ambience, stems.music):
        assert stem.shape == (round(duration_s * 24_000),)
        assert stem.dtype == np.float32
        assert stem.any()
    np.testing.assert_array_equal(stems.mix(), stems.effects + stems.ambience + stems.music)


def test_nothing_clips_when_everything_sounds_at_once():
    crowd = [event(0.5, kind, 1.0, track) for kind in EFFECTS for track in range(3)]
    for music in MUSIC[::5]:
        stems = compose(scene(3.0, ambience=vocabulary.AMBIENCES, extra=vocabulary.EFFECTS, music=music), crowd)
        mix = stems.mix()
        assert np.isfinite(mix).all()
        assert np.abs(mix).max() <= PEAK


def test_same_scene_same_sound_and_another_index_another_sound():
    plan = {"ambience": ("birds",), "extra": ("thunder",), "music": MUSIC[0]}
    first, again, other = (compose(scene(2.0, index=index, **plan), every_sound()) for index in (0, 0, 1))
    for stem in ("effects", "ambience", "music"):
        np.testing.assert_array_equal(getattr(first, stem), getattr(again, stem))
        assert not np.array_equal(getattr(first, stem), getattr(other, stem))


def test_changing_one_stem_leaves_the_others_as_they_are():
    full = scene(2.0, ambience=("birds",), music=MUSIC[0])
    quiet = replace(full, sound=replace(full.sound, music=None))
    before, after = compose(full, every_sound()), compose(quiet, every_sound())
    assert not after.music.any()
    np.testing.assert_array_equal(before.effects, after.effects)
    np.testing.assert_array_equal(before.ambience, after.ambience)


def test_forbidding_effects_silences_actors_and_extras():
    mute = scene(2.0, effects=False, extra=("bell", "thunder"), ambience=("wind",))
    stems = compose(mute, every_sound())
    assert not stems.effects.any()
    assert not stems.music.any()
    assert stems.ambience.any()
    assert extra_events(mute) == ()
    assert sound_facts(mute, every_sound()) == ("wind",)


def test_one_event_more_leaves_the_other_events_as_they_are():
    one, two = [event(0.2, "bark")], [event(0.2, "bark"), event(1.5, "bell")]
    first, second = (compose(scene(3.0), events).effects for events in (one, two))
    np.testing.assert_array_equal(first[: count(1.5)], second[: count(1.5)])


def test_the_vocabulary_is_covered():
    assert set(EFFECTS) == {*vocabulary.EFFECTS, *vocabulary.EVENT_SOUNDS}
    assert set(AMBIENCES) == set(vocabulary.AMBIENCES)
    assert set(STYLES) == set(vocabulary.MOODS)
    assert set(PLACE_GROUNDS) == set(vocabulary.PLACES)
    assert set(PLACE_GROUNDS.values()) == set(GROUNDS)


# --- events -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", EFFECTS)
def test_an_effect_starts_on_the_sample_of_its_event(kind):
    for time_s in (0.0, 0.7321):
        heard = np.flatnonzero(compose(scene(2.0), [event(time_s, kind)]).effects)
        assert 0 <= heard[0] - round(time_s * SAMPLE_RATE_HZ) <= count(0.002)


def onset_times(mix, hop=24, window=240):
    """Find sudden rises: the spectral flux of log magnitudes over 10 ms windows every 1 ms."""
    padded = np.pad(mix, (window, window))
    frames = np.lib.stride_tricks.sliding_window_view(padded, window)[::hop] * np.hanning(window)
    level = np.log10(np.abs(np.fft.rfft(frames)) + 0.05)
    flux = np.maximum(0, level[6:] - level[:-6]).sum(axis=1)
    peaks, _ = signal.find_peaks(flux, height=0.25 * np.percentile(flux, 99.5), distance=20)
    return ((peaks + 6) * hop - window / 2) / SAMPLE_RATE_HZ


@pytest.mark.parametrize("music", [None, *(music for music in MUSIC if music.tempo == "medium")])
def test_every_sudden_event_is_found_within_ten_milliseconds(music):
    kinds = sorted(HARD)
    times = np.cumsum(np.random.default_rng(3).uniform(0.5, 0.8, len(kinds)))
    events = [event(float(time_s), kind, 0.5) for time_s, kind in zip(times, kinds, strict=True)]
    mix = compose(scene(float(times[-1]) + 1, ambience=("birds",), music=music), events).mix()
    found = onset_times(mix)
    late = {kind: np.abs(found - time_s).min() for kind, time_s in zip(kinds, times, strict=True)}
    assert max(late.values()) <= 0.010, late


@pytest.mark.parametrize("kind", sorted(HARD))
def test_a_sudden_event_stands_ten_decibels_over_the_background(kind):
    backgrounds = [
        compose(scene(2.0, ambience=(name,), music=music), ())
        for name, music in zip(vocabulary.AMBIENCES, MUSIC[1::3], strict=False)
    ]
    for strength in (0.3, 1.0):
        sound = compose(scene(2.0), [event(0.0, kind, strength)]).effects[: count(0.03)]
        for background in backgrounds:
            behind = background.ambience + background.music
            assert decibels(sound) - decibels(behind) >= 10, kind


def decibels(wave):
    return 10 * np.log10(np.mean(np.square(wave, dtype=np.float64)) + 1e-12)


def test_an_engine_runs_to_the_end_unless_a_crash_stops_it():
    driving = compose(scene(4.0), [event(0.5, "engine", track=1)]).effects
    crashed = compose(scene(4.0), [event(0.5, "engine", track=1), event(1.5, "crash", track=1)]).effects
    assert decibels(driving[-2400:]) > -45
    assert decibels(crashed[-2400:]) < -60


def test_a_train_puffs_at_the_rate_of_its_speed():
    def puffs_hz(speed):
        fast = replace(scene(6.0), actors=(DOG, CAR, replace(TRAIN, speed=speed)))
        strength = envelope(compose(fast, [event(0.0, "engine", track=2)]).effects)
        spectrum = np.abs(np.fft.rfft(strength - strength.mean(), 8192))
        hz = np.fft.rfftfreq(8192, 1 / ENVELOPE_HZ)
        band = (hz > 2.5) & (hz < 12)
        return hz[band][spectrum[band].argmax()]

    assert puffs_hz(0.7) == pytest.approx(2.2 + 2.6 * 0.7, abs=0.25)
    assert puffs_hz(1.5) == pytest.approx(2.2 + 2.6 * 1.5, abs=0.25)


def test_smaller_things_bounce_higher():
    def pitch_hz(size_m):
        wave = effect("bounce", generator(1), 0.7, Cause(size_m=size_m))
        return np.abs(np.fft.rfft(wave, SAMPLE_RATE_HZ)).argmax()

    assert pitch_hz(0.35) > 1.4 * pitch_hz(0.7)


def test_extras_are_heard_inside_the_scene_whether_or_not_the_caller_adds_them():
    plan = scene(4.0, extra=("thunder", "bell", "horn"))
    extras = extra_events(plan)
    assert {extra.kind for extra in extras} == {"thunder", "bell", "horn"}
    assert all(extra.track == -1 and 0 <= extra.time_s < 3.5 for extra in extras)
    np.testing.assert_array_equal(compose(plan, ()).effects, compose(plan, extras).effects)


def test_facts_name_what_is_heard_and_nothing_else():
    music = Music(instrument="music box", mood="calm", tempo="slow")
    plan = scene(2.0, ambience=("waves",), extra=("horn",), music=music)
    events = [event(0.1, "step"), event(0.05, "bark"), event(9.0, "crash")]
    facts = sound_facts(plan, events)
    assert facts[0] == "bark"
    assert set(facts) == {"bark", "step", "horn", "waves", "music box", "calm", "slow"}


# --- sounds can be told apart -----------------------------------------------------------------------------------------


def mel_picture(wave, seconds=0.6, bands=32):
    """Return the log energies of mel bands over 20 ms steps, with the mean level taken out."""
    wave = np.pad(wave, (0, max(0, count(seconds) - len(wave))))[: count(seconds)]
    _, _, spectrum = signal.stft(wave, SAMPLE_RATE_HZ, nperseg=960, noverlap=480, boundary=None)
    edges_hz = 700 * (10 ** (np.linspace(0.03, 3.2, bands + 1) * 0.39) - 1)
    edges = np.clip(edges_hz / 25, 0, 480).astype(int)
    energy = np.stack([np.square(np.abs(spectrum[a : max(b, a + 1)])).sum(axis=0) for a, b in pairwise(edges)])
    return np.log10(energy / energy.max() + 1e-4)


def spread(pictures):
    """Return the smallest distance between two names and the largest between two takes of one name."""
    means = {name: np.mean(takes, axis=0) for name, takes in pictures.items()}
    apart = {pair: np.sqrt(np.mean((means[pair[0]] - means[pair[1]]) ** 2)) for pair in combinations(means, 2)}
    within = max(np.sqrt(np.mean((take - means[name]) ** 2)) for name, takes in pictures.items() for take in takes)
    return min(apart.items(), key=lambda item: item[1]), within


def test_effects_are_pairwise_distinguishable():
    pictures = {kind: [mel_picture(effect(kind, generator(n), 0.7)) for n in range(4)] for kind in EFFECTS}
    (pair, nearest), within = spread(pictures)
    assert nearest > 0.3, pair
    means = np.stack([np.mean(takes, axis=0) for takes in pictures.values()])
    for number, kind in enumerate(EFFECTS):
        fresh = mel_picture(effect(kind, generator(99), 0.5))
        assert np.square(means - fresh).mean(axis=(1, 2)).argmin() == number, kind
    assert within < 1.0


def test_grounds_are_distinguishable():
    pictures = {
        ground: [mel_picture(effect("step", generator(n), 0.7, Cause(ground=ground)), 0.2) for n in range(6)]
        for ground in GROUNDS
    }
    (pair, nearest), _ = spread(pictures)
    assert nearest > 0.25, pair


def test_ambiences_are_distinguishable_and_stationary():
    def colour(wave):
        picture = mel_picture(wave, len(wave) / SAMPLE_RATE_HZ)
        return np.stack([picture.mean(axis=1), picture.std(axis=1)])

    takes = {name: [colour(ambience(name, generator(n), count(12.0))) for n in range(3)] for name in AMBIENCES}
    (pair, nearest), _ = spread(takes)
    assert nearest > 0.3, pair
    for name in AMBIENCES:
        wave = ambience(name, generator(7), count(24.0))
        assert abs(decibels(wave[: count(12.0)]) - decibels(wave[count(12.0) :])) < 4, name


def test_ambience_has_no_repeats():
    for name in AMBIENCES:
        wave = ambience(name, generator(1), count(8.0)).astype(np.float64)
        correlation = signal.correlate(wave, wave, method="fft")[len(wave) - 1 :] / np.square(wave).sum()
        loop = 0.6 if name == "crickets" else 0.4
        assert np.abs(correlation[count(1.0) :]).max() < loop, name


# --- music ------------------------------------------------------------------------------------------------------------

ENVELOPE_HZ = 200


def envelope(wave):
    """Return the energy of a wave at 200 steps a second."""
    step = SAMPLE_RATE_HZ // ENVELOPE_HZ
    return np.sqrt(np.square(wave[: len(wave) // step * step].reshape(-1, step)).mean(axis=1))


def chroma(wave):
    """Return the share of energy in each of the twelve pitch classes, from peaks of the spectrum under 1.2 kHz."""
    _, _, spectrum = signal.stft(wave, SAMPLE_RATE_HZ, nperseg=8192, noverlap=4096)
    hz = np.arange(spectrum.shape[0]) * SAMPLE_RATE_HZ / 8192
    power = np.square(np.abs(spectrum)).mean(axis=1)
    use = (hz > 120) & (hz < 1200)
    classes = np.round(12 * np.log2(hz[use] / 440) + 69).astype(int) % 12
    energy = np.bincount(classes, weights=power[use], minlength=12)
    return energy / energy.sum()


@pytest.mark.parametrize("instrument", ["piano", "strings", "music box"])
@pytest.mark.parametrize("mood", vocabulary.MOODS)
def test_music_keeps_to_the_scale_of_its_mood(instrument, mood):
    shares = chroma(compose(scene(16.0, music=Music(instrument=instrument, mood=mood, tempo="medium")), ()).music)
    best = {name: max(np.roll(mask(name), tonic) @ shares for tonic in range(12)) for name in vocabulary.MOODS}
    assert best[mood] > 0.9


def mask(mood):
    return np.isin(np.arange(12), STYLES[mood].scale)


@pytest.mark.parametrize("mood", vocabulary.MOODS)
def test_the_melody_repeats_its_phrase_and_comes_home(mood):
    style = STYLES[mood]
    for seed in range(20):
        notes = list(tune(style, generator(seed), 16))
        bars = [[(n.beat % 4, n.midi) for n in notes if n.beat // 4 == bar] for bar in range(16)]
        assert bars[0:3] == bars[4:7]
        assert bars[0:8] == bars[8:16]
        last = bars[7][-1][1]
        assert {(midi - last) % 12 for bar in bars for _, midi in bar} <= set(style.scale)


def test_sad_melodies_go_down_and_happy_ones_up():
    def slope(mood):
        steps = []
        for seed in range(30):
            bar = [n.midi for n in tune(STYLES[mood], generator(seed), 1)][len(STYLES[mood].accompaniment) :]
            steps.append(bar[-1] - bar[0])
        return np.mean(steps)

    assert slope("sad") < -1 < 0 < slope("happy")


@pytest.mark.parametrize("music", MUSIC, ids=lambda m: f"{m.instrument}-{m.mood}-{m.tempo}")
def test_tempo_is_heard(music):
    wave = compose(scene(16.0, music=music), ()).music
    frames = np.abs(signal.stft(wave, SAMPLE_RATE_HZ, nperseg=480, noverlap=360)[2])
    flux = np.maximum(0, frames[:, 3:] - frames[:, :-3]).sum(axis=0)
    flux = flux - flux.mean()
    similar = signal.correlate(flux, flux, method="fft")[len(flux) - 1 :] / np.square(flux).sum()

    def beats(bpm):
        period = ENVELOPE_HZ * 60 / bpm
        on, off = (np.array([similar[round(period * (k + shift))] for k in range(4)]) for shift in (1, 0.5))
        return on.mean() - off.mean()

    scores = {tempo: beats(bpm) for tempo, bpm in BEATS_PER_MINUTE.items()}
    assert max(scores, key=scores.get) == music.tempo, scores


def test_drums_are_broad_and_piano_is_tonal():
    def flatness(instrument):
        wave = compose(scene(8.0, music=Music(instrument=instrument, mood="happy", tempo="medium")), ()).music
        power = np.square(np.abs(signal.stft(wave, SAMPLE_RATE_HZ, nperseg=2048)[2])).mean(axis=1)[5:] + 1e-14
        return np.exp(np.log(power).mean()) / power.mean()

    assert flatness("drums") > 5 * flatness("piano")


# --- signals ----------------------------------------------------------------------------------------------------------


def test_partials_are_the_sum_of_decaying_sines():
    hz, amplitude, decay_s = [220.0, 441.3, 3000.0], [1.0, 0.5, 0.25], [0.4, 0.2, 0.05]
    time = np.arange(12_345) / SAMPLE_RATE_HZ
    expected = sum(
        a * np.exp(-time / d) * np.sin(2 * np.pi * f * time) for f, a, d in zip(hz, amplitude, decay_s, strict=True)
    )
    np.testing.assert_allclose(partials(len(time), hz, amplitude, decay_s), expected, atol=2e-5)


def test_stems_are_frozen():
    silence = np.zeros(3, np.float32)
    with pytest.raises(AttributeError):
        Stems(effects=silence, ambience=silence, music=silence).music = silence
