"""Which windows a shot is drawn in, by frames: as few as there can be, and of the same length."""

from collections.abc import Sequence

from kinora.engines.windows import Window, windows


def cover_of(free: Sequence[bool], window_frames: int, overlap: int) -> tuple[Window, ...]:
    """Return windows over the frames that are free, each led up to by `overlap` frames; as short as their number
    allows, so that none of them is a scrap of a few frames."""
    cover = windows(len(free), window_frames, free, overlap=overlap)
    if len(cover) < 2:
        return cover
    shorter = (windows(len(free), length, free, overlap=overlap) for length in range(2 * overlap + 1, window_frames))
    return next((even for even in shorter if len(even) == len(cover)), cover)


def drawn_frames(num_frames: int, latent_frames: int) -> int:
    """Return how many frames are drawn for a window of so many: latents hold one, and whole steps of `latent_frames`
    after it."""
    return -(-(num_frames - 1) // latent_frames) * latent_frames + 1
