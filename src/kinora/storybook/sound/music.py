"""A small composer: a chord progression, a melody of repeated phrases over it, an accompaniment that marks the beat.

Time is in beats, pitch in steps of a scale; an instrument turns (MIDI number, samples) into a wave.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from kinora.storybook.scene import Music
from kinora.storybook.sound.instruments import HAT, INSTRUMENTS, KICK, LEVELS, RIM, SHAKER, SNARE, TOM
from kinora.storybook.sound.synth import SAMPLE_RATE_HZ, Wave, add

BEATS_PER_MINUTE: dict[str, int] = {"slow": 70, "medium": 100, "fast": 140}
BEATS_PER_BAR = 4
PHRASE_BARS = 4
LOWEST_STEP = -2
BASS_LOUD = 1.3

Rng = np.random.Generator
Chord = tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class Note:
    """One note: when and how long in beats, which MIDI number, how loud in [0, 1]."""

    beat: float
    beats: float
    midi: int
    loud: float


def _triads(*roots: int) -> tuple[Chord, ...]:
    """Return chords of stacked thirds on steps of a seven-note scale, counted from 1 as musicians do."""
    return tuple((root - 1, root + 1, root + 3) for root in roots)


@dataclass(frozen=True, kw_only=True)
class Style:
    """What a mood means: scale, progressions, rhythms and turns of the melody, pattern of the accompaniment.

    Rhythms are note lengths of one bar in beats. `turns` are the melody's steps along the scale from `start`. The
    accompaniment lists (beat, beats, member), member -1 being the bass and 0, 1, 2 the chord's own notes.
    """

    scale: tuple[int, ...]
    progressions: tuple[tuple[Chord, ...], ...]
    rhythms: tuple[tuple[float, ...], ...]
    turns: tuple[int, ...]
    start: int
    accompaniment: tuple[tuple[float, float, int], ...]
    melody_loud: float = 1.0
    chord_loud: float = 0.45


_CALM_HOME, _CALM_MINOR, _CALM_OPEN = (0, 2, 3), (-1, 0, 2), (1, 3, 4)

STYLES: dict[str, Style] = {
    "happy": Style(
        scale=(0, 2, 4, 5, 7, 9, 11),
        progressions=(_triads(1, 4, 5, 1), _triads(1, 6, 4, 5), _triads(1, 5, 4, 1)),
        rhythms=((1, 0.5, 0.5, 1, 1), (0.5, 0.5, 1, 1, 1), (1, 1, 0.5, 0.5, 1)),
        turns=(1, 2, 1, -1, -2, 1, 2),
        start=4,
        accompaniment=(
            (0, 0.9, -1),
            (1, 0.5, 0),
            (1, 0.5, 1),
            (1, 0.5, 2),
            (2, 0.9, -1),
            (3, 0.5, 0),
            (3, 0.5, 1),
            (3, 0.5, 2),
        ),
    ),
    "sad": Style(
        scale=(0, 2, 3, 5, 7, 8, 10),
        progressions=(_triads(1, 6, 4, 5), _triads(1, 4, 1, 5), _triads(1, 6, 3, 7)),
        rhythms=((2, 1, 1), (1, 1, 2), (3, 1)),
        turns=(-1, -1, -1, -2, 1, -1),
        start=8,
        accompaniment=((0, 2, -1), (1, 1, 1), (2, 2, 0), (3, 1, 2)),
        chord_loud=0.4,
    ),
    "calm": Style(
        scale=(0, 2, 4, 7, 9),
        progressions=(
            (_CALM_HOME, _CALM_MINOR, _CALM_OPEN, _CALM_HOME),
            (_CALM_HOME, _CALM_OPEN, _CALM_MINOR, _CALM_HOME),
        ),
        rhythms=((2, 2), (1, 1, 2), (2, 1, 1)),
        turns=(1, -1, 1, -1, 2, -2),
        start=4,
        accompaniment=((0, 4, -1), (1, 3, 0), (2, 2, 1), (3, 1, 2)),
        melody_loud=0.75,
        chord_loud=0.4,
    ),
    "exciting": Style(
        scale=(0, 2, 3, 5, 7, 9, 10),
        progressions=(_triads(1, 7, 4, 1), _triads(1, 4, 7, 1), _triads(1, 1, 7, 4)),
        rhythms=((0.5, 0.5, 0.5, 0.5, 1, 1), (1.5, 0.5, 1, 1), (1, 0.5, 0.5, 0.5, 0.5, 1)),
        turns=(1, 1, -1, 2, -1, -2, 1),
        start=2,
        accompaniment=tuple((beat / 2, 0.45, -1 if beat % 2 == 0 else 0) for beat in range(8))
        + tuple((beat, 0.4, 2) for beat in range(4)),
        chord_loud=0.6,
    ),
}


def play(music: Music, rng: Rng, num_samples: int) -> Wave:
    """Return that many samples of a piece; the first note starts on the first sample."""
    beat = SAMPLE_RATE_HZ * 60 / BEATS_PER_MINUTE[music.tempo]
    num_bars = int(num_samples / (beat * BEATS_PER_BAR)) + 1
    part = rhythm(music.mood, rng, num_bars) if music.instrument == "drums" else tune(STYLES[music.mood], rng, num_bars)
    instrument, level = INSTRUMENTS[music.instrument], LEVELS[music.instrument]
    canvas = np.zeros(num_samples, np.float32)
    for note in part:
        start = round(note.beat * beat)
        if start < num_samples:
            add(canvas, np.float32(level * note.loud) * instrument(note.midi, round(note.beats * beat)), start)
    return canvas


def tune(style: Style, rng: Rng, num_bars: int) -> Iterator[Note]:
    """Yield a melody of phrases a-a-b-end over a progression, and its accompaniment; every second phrase comes home."""
    tonic = int(rng.integers(60, 68))
    progression = style.progressions[rng.integers(len(style.progressions))]
    motif, answer = _motif(style, rng), _motif(style, rng)
    bars = (motif, motif, answer, Motif(rhythm=(1, 1, 2), turns=answer.turns))
    step = style.start
    for bar in range(num_bars):
        place = bar % PHRASE_BARS
        home = bar % (2 * PHRASE_BARS) == 2 * PHRASE_BARS - 1
        chord = progression[0 if home else place]
        beat = float(bar * BEATS_PER_BAR)
        step = style.start if place == 0 else step
        line = _line(style, bars[place], chord, step)
        if home:
            line[-1] = _nearest(line[-1], (0,), len(style.scale))
        step = line[-1]
        yield from _accompany(style, chord, tonic - 12, beat)
        for note_step, beats in zip(line, bars[place].rhythm, strict=True):
            loud = style.melody_loud * accent(beat)
            yield Note(beat=beat, beats=beats, midi=midi_of(style, tonic, note_step), loud=loud)
            beat += beats


def midi_of(style: Style, tonic: int, step: int) -> int:
    """Return the MIDI number of a step of the style's scale, step 0 being the tonic."""
    octave, place = divmod(step, len(style.scale))
    return tonic + 12 * octave + style.scale[place]


def accent(beat: float) -> float:
    """Return how loud a note is by its place in the bar: what falls between beats is soft, to keep the beat plain."""
    return 0.33 if beat % 1 else 0.85 if beat % 2 else 1.0


@dataclass(frozen=True, kw_only=True)
class Motif:
    """A bar of melody that can be repeated on any chord: note lengths in beats and the step to each next note."""

    rhythm: tuple[float, ...]
    turns: tuple[int, ...]


def _motif(style: Style, rng: Rng) -> Motif:
    rhythm = style.rhythms[rng.integers(len(style.rhythms))]
    return Motif(rhythm=rhythm, turns=tuple(int(turn) for turn in rng.choice(style.turns, 8)))


def _nearest(step: int, chord: Chord, octave: int) -> int:
    """Return the chord's step nearest to a step, in any octave, the lower one of two."""
    candidates = [tone + octave * shift for tone in chord for shift in range(-2, 4)]
    return min(candidates, key=lambda candidate: (abs(candidate - step), candidate))


def _line(style: Style, motif: Motif, chord: Chord, step: int) -> list[int]:
    """Return the motif on a chord: strong beats take the chord's own notes, and the line turns back at its limits."""
    octave = len(style.scale)
    line, beat = [], 0.0
    for beats, turn in zip(motif.rhythm, motif.turns, strict=False):
        if beat % 2 == 0:
            step = _nearest(step, chord, octave)
        line.append(step)
        step += turn if LOWEST_STEP <= step + turn <= octave + 2 else -turn
        beat += beats
    return line


def _accompany(style: Style, chord: Chord, tonic: int, beat: float) -> Iterator[Note]:
    """Yield one bar of accompaniment; high chords are taken an octave down, to stay under the melody."""
    drop = len(style.scale) if chord[0] > len(style.scale) // 2 else 0
    for offset, beats, member in style.accompaniment:
        step = chord[0] - len(style.scale) if member < 0 else chord[member] - drop
        loud = style.chord_loud * accent(offset) * (BASS_LOUD if member < 0 else 1.0)
        yield Note(beat=beat + offset, beats=beats, midi=midi_of(style, tonic, step), loud=loud)


# One bar in sixteenths: x loud, o soft.
GROOVES: dict[str, dict[int, str]] = {
    "happy": {KICK: "x...x...x...x...", SNARE: "....x.......x...", HAT: "x.o.x.o.x.o.x.o."},
    "sad": {KICK: "x...............", TOM: "........x.......", RIM: "............o...", SHAKER: "x...x...x...x..."},
    "calm": {SHAKER: "x...x...x...x.o.", RIM: "....x.......x...", TOM: "x.......o......."},
    "exciting": {KICK: "x...x.o.x...x.o.", SNARE: "....x.......x..o", HAT: "x.o.x.o.x.o.x.oo", TOM: "x...x...x...x..."},
}
FILLS: tuple[str, ...] = ("........x.x.x.x.", "........x.xxx.x.", "............x.xx")
_STRENGTHS = {"x": 1.0, "o": 0.3}


def rhythm(mood: str, rng: Rng, num_bars: int) -> Iterator[Note]:
    """Yield a drum pattern; every fourth bar of a lively one ends in a fill on the tom."""
    groove = GROOVES[mood]
    fill = {TOM: FILLS[rng.integers(len(FILLS))]} if mood in ("happy", "exciting") else {}
    for bar in range(num_bars):
        lines = groove | fill if bar % PHRASE_BARS == PHRASE_BARS - 1 else groove
        for midi, line in lines.items():
            for sixteenth, mark in enumerate(line):
                if mark != ".":
                    loud = _STRENGTHS[mark] * rng.uniform(0.9, 1.0)
                    yield Note(beat=bar * BEATS_PER_BAR + sixteenth / 4, beats=0.25, midi=midi, loud=loud)
