"""Open weights of others behind the engine's one page: a shot is drawn window after window by a pipeline of diffusers.

Latents of a shot: "windows" (W, 2), the frames [start, stop) each of them covers; and of window number k "video.k",
"sound.k" where there is one, and "picks.k" (T,), which of the drawn frames are shown.

Axes: T drawn frames, H height, W width, C channels, L samples.
"""

import gc
import time
from bisect import bisect_right
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import count

import numpy as np
import torch
from torch import Generator, Tensor

from kinora.engines.abilities import Ability, needed_by
from kinora.engines.able import check_able
from kinora.engines.catalog import Entry
from kinora.engines.engine import Estimate, Given, Latents, Progress, Told
from kinora.engines.hub.memory import Work
from kinora.engines.open.cover import cover_of, drawn_frames
from kinora.engines.open.family import Family, Part
from kinora.engines.open.known import Known
from kinora.engines.open.placing import Place
from kinora.engines.open.voice import TrackVoice, joined
from kinora.engines.reading import Reading
from kinora.engines.windows import Window
from kinora.media.clip import Frames, Wave
from kinora.request import Canvas, Request, Shot


@dataclass(frozen=True)
class OpenEngine:
    """Draws shots with one opened pipeline."""

    entry: Entry
    family: Family
    place: Place

    @property
    def name(self) -> str:
        """Its name in the catalogue, or its folder's."""
        return self.entry.name

    @property
    def model(self) -> str:
        """Where its weights were published, as credentials name it."""
        return self.entry.repository or self.entry.name

    @property
    def model_version(self) -> str:
        """Their revision."""
        return self.entry.revision

    @property
    def canvas(self) -> Canvas:
        """What it draws on."""
        return self.entry.canvas

    @property
    def can(self) -> frozenset[Ability]:
        """What its entry says and its weights are able to do."""
        return self.entry.can & self.family.can

    @property
    def voice(self) -> TrackVoice | None:
        """What lays the sounds of shots on one track; None where they have none."""
        return TrackVoice(heard=self.wave, sample_rate_hz=self.family.rate_hz) if "sound" in self.can else None

    def read(self, request: Request) -> Reading:
        """Return the prompt as it stands, with how many words of it are past what these weights read. Raises ValueError
        where there are any and the request is strict."""
        reading = Reading(prompt=request.prompt, replaced=(), num_dropped=self._past(request.prompt.split()))
        if request.strict and reading.line:
            raise ValueError(f"{self.name} {reading.line}; tell it in fewer words, or leave strict away")
        return reading

    def said(self, latents: Latents) -> str:
        """Return what is to be said of what was made: nothing."""
        return ""

    def estimate(self, shot: Shot, told: Told, given: Given) -> Estimate:
        """Return what a shot costs here, by timing two steps of its first window and decoding that."""
        cover = self.cover(shot, given)
        if not cover:
            return Estimate(seconds=0.0, peak_bytes=0.0)
        plan = self.place.make_room(work_of(shot, cover))
        grey, shown = np.full((shot.height, shot.width, 3), 128, np.uint8), given.known[cover[0].start : cover[0].stop]
        known = {number: grey for number, is_known in enumerate(shown) if is_known}
        part, marks = self._part(shot, replace(told, steps=2), cover[0], 0), list[float]()
        part = replace(part, known=known, references=given.references, watch=lambda: marks.append(self._now()))
        with torch.no_grad():
            begin = self._now()
            made = self.family.draw(part)
            drawn = self._now()
            self.family.pictures(made["video"])
            decode_s = self._now() - drawn
        self._free()
        step_s = marks[1] - marks[0]
        around_s = marks[0] - begin - step_s + decode_s
        seconds = len(cover) * (max(0.0, around_s) + self._steps(told) * step_s)
        return Estimate(seconds=seconds, peak_bytes=float(plan.gpu_bytes or plan.ram_bytes))

    def working_bytes(self, shot: Shot) -> float:
        """Return 0: what has no room is refused when it is laid into memory."""
        return 0.0

    def cover(self, shot: Shot, given: Given) -> tuple[Window, ...]:
        """Return the windows a shot is drawn in. Raises ValueError, with an engine that can, where these weights can't
        draw it."""
        if all(given.known):
            return ()
        needed = needs_of(given)
        check_able(self.name, self.can, needed)
        if any(side % self.canvas.grid for side in (shot.height, shot.width)):
            raise ValueError(f"{self.name} draws sides that are multiples of {self.canvas.grid} pixels")
        overlap = self.family.overlap(self.entry.window_frames)
        cover = cover_of([not known for known in given.known], self.entry.window_frames, overlap)
        if len(cover) > 1 and not self.family.goes_on:
            most_s = self.entry.window_frames / self.canvas.fps
            check_able(f"{self.name}, which draws {most_s:.3g} s at once,", self.can, {*needed, "prefix"})
        return cover

    @torch.no_grad()
    def fill(self, shot: Shot, told: Told, given: Given, progress: Progress | None = None) -> Latents:
        """Return what was drawn of a shot, by windows. Raises ValueError where these weights can't draw it, before any
        work."""
        cover = self.cover(shot, given)
        watch = counted(progress, len(cover) * self._steps(told))
        if cover:
            self.place.make_room(work_of(shot, cover))
        spans = torch.tensor([(window.start, window.stop) for window in cover]).reshape(-1, 2)
        known, latents = Known(given, cover), {"windows": spans}
        try:
            for number, window in enumerate(cover):
                part = replace(self._part(shot, told, window, number), references=given.references, watch=watch)
                latents |= self._drawn(replace(part, known=known.of(window)), window, number)
                if number + 1 < len(cover) and cover[number + 1].start < window.stop:
                    known.add(window, self._shown(latents, number), cover[number + 1].start)
        finally:
            self._free()
        return latents

    def frames(self, latents: Latents, shot: Shot, wanted: Collection[int]) -> Iterator[Frames | None]:
        """Yield the frames of a shot (1, H, W, 3) up to the last that is wanted, window by window; None for those that
        are not wanted or no window covers. Where two overlap, the earlier is shown."""
        looked_at, end, shown_until = set(wanted), max(wanted, default=-1) + 1, 0
        for number, (start, stop) in enumerate(spans_of(latents)):
            yield from [None] * (min(start, end) - shown_until)
            numbers = range(max(start, shown_until), min(stop, end))
            shown = self._shown(latents, number) if looked_at.intersection(numbers) else None
            for frame in numbers:
                yield shown[frame - start][None] if shown is not None and frame in looked_at else None
            shown_until = max(shown_until, min(stop, end))
        yield from [None] * (end - shown_until)

    @torch.no_grad()
    def wave(self, latents: Latents) -> tuple[Wave, int] | None:
        """Return a shot's sound (C, L) and its sample rate, windows laid over each other; None where it has none."""
        if "sound.0" not in latents:
            return None
        spans = spans_of(latents)
        waves = [self.family.heard(latents[f"sound.{number}"]) for number in range(len(spans))]
        return joined(spans, waves, self.family.rate_hz, self.canvas.fps), self.family.rate_hz

    def _part(self, shot: Shot, told: Told, window: Window, number: int) -> Part:
        return Part(
            prompt=told.prompt,
            num_frames=drawn_frames(window.stop - window.start, self.family.latent_frames),
            height=shot.height,
            width=shot.width,
            fps=shot.fps,
            steps=self._steps(told),
            guidance=self.entry.guidance if told.guidance is None else told.guidance,
            generator=generator_of(shot.seed, number),
            sound=shot.sound and told.sound,
            music=told.music,
        )

    def _drawn(self, part: Part, window: Window, number: int) -> dict[str, Tensor]:
        made = self.family.draw(part)
        picks = self.family.picks(window.stop - window.start, part.num_frames, part.known)
        return {f"{name}.{number}": tensor.cpu() for name, tensor in {**made, "picks": torch.tensor(picks)}.items()}

    @torch.no_grad()
    def _shown(self, latents: Latents, number: int) -> Frames:
        """The frames of a window (T, H, W, 3)."""
        return self.family.pictures(latents[f"video.{number}"])[latents[f"picks.{number}"].numpy()]

    def _past(self, words: Sequence[str]) -> int:
        """How many words are past what is read."""
        count_tokens = self.family.pipe.tokenizer
        kept = bisect_right(
            range(1, len(words) + 1),
            self.family.reach,
            key=lambda num: len(count_tokens(" ".join(words[:num])).input_ids),
        )
        return len(words) - kept

    def _steps(self, told: Told) -> int:
        return self.entry.steps if told.steps is None else told.steps

    def _now(self) -> float:
        if self.place.plan.device.startswith("cuda"):
            torch.cuda.synchronize()
        return time.perf_counter()

    def _free(self) -> None:
        """Put back what a pipeline that stopped, wherever it did, has left on the card."""
        self.family.rest()
        if self.place.plan.device.startswith("cuda"):
            gc.collect()
            torch.cuda.empty_cache()


def needs_of(given: Given) -> set[Ability]:
    """Return what a shot that is to be drawn asks of an engine. Known sound is laid over what is made."""
    return needed_by(given.known) | ({"references"} if given.references else set())


def work_of(shot: Shot, cover: Sequence[Window]) -> Work:
    """Return the largest piece of a shot that is drawn at once."""
    return Work(num_frames=max(window.stop - window.start for window in cover), size=(shot.height, shot.width))


def spans_of(latents: Latents) -> list[list[int]]:
    """Return the frames [start, stop) of each window; none of a shot that was all known."""
    spans: list[list[int]] = latents["windows"].tolist() if "windows" in latents else []
    return spans


def generator_of(seed: int, number: int) -> Generator:
    """Return what a window's noise is drawn from, on the CPU, so that every device draws the same."""
    (state,) = np.random.SeedSequence([seed, number]).generate_state(1, np.uint64)
    return Generator().manual_seed(int(state) >> 1)


def counted(progress: Progress | None, total: int) -> Callable[[], None]:
    """Return what tells, whenever it is called, how many steps of all windows are done."""
    numbers = count(1)
    return lambda: progress(next(numbers), total) if progress else None
