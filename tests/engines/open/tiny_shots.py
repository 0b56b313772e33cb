"""Small shots for tiny engines, and what is known of them."""

from dataclasses import replace

import numpy as np

from kinora.engines.catalog import CATALOG
from kinora.engines.engine import Given, Told
from kinora.engines.hub.memory import Plan
from kinora.request import Shot

# Each tiny pipeline, and the engine of the catalogue whose class it is.
LIKE = {
    "wan": "wan2.1-1.3b",
    "wan-vace": "vace-1.3b",
    "wan-image": "flf2v-14b",
    "wan-pair": "flf2v-14b",
    "wan-5b": "wan2.2-5b",
    "ltx2": "ltx2",
}
CPU = Plan(kind="cpu", device="cpu", gpu_bytes=0, ram_bytes=10**9)
TOLD = Told(prompt="a red fox jumps", steps=2)
WINDOW_FRAMES = 17


def entry_of(kind):
    """What the catalogue says of an engine of this kind, with short windows."""
    return replace(CATALOG[LIKE[kind]], name=kind, window_frames=WINDOW_FRAMES)


def shot_of(engine, num_frames=9, **facts):
    """A small shot on an engine's canvas."""
    side = 2 * engine.canvas.grid if engine.name == "ltx2" else 32
    facts = {"seed": 5, "sound": False, "height": side, "width": side, **facts}
    return Shot(prompt="", num_blocks=num_frames, fps=engine.canvas.fps, block_frames=1, **facts)


def source_of(shot, seed=0):
    """Frames of smooth colours that differ from each other (T, H, W, 3)."""
    corners = np.random.default_rng([seed, 1]).integers(0, 256, (2, 2, shot.num_frames, 1, 1, 3)).astype(float)
    y, x = np.linspace(0, 1, shot.height)[:, None, None], np.linspace(0, 1, shot.width)[None, :, None]
    top, bottom = (left * (1 - x) + right * x for left, right in corners)
    mixed = top * (1 - y) + bottom * y
    return mixed.round().astype(np.uint8)


def given_of(source, known, **facts):
    """These frames of a source, and nothing else."""

    def frames(wanted):
        assert set(wanted) <= set(known)
        return (frame if number in set(wanted) else None for number, frame in enumerate(source))

    files = tuple("film.mp4" if number in known else "" for number in range(len(source)))
    return Given(files=files, frames=frames, **facts)


def shown(engine, latents, shot):
    """All frames of a shot (T, H, W, 3)."""
    return np.concatenate(list(engine.frames(latents, shot, range(shot.num_frames))))
