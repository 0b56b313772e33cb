"""Where tokens lie."""

import pytest
import torch

from kinora.flow.grid import BLOCK_S, SOUND_S, sound_positions, video_positions


@pytest.mark.parametrize(("height", "width"), [(9, 16), (9, 12), (9, 9), (9, 21), (16, 9)])
def test_space_is_centred_and_measured_in_short_sides(height, width):
    seconds, y, x = video_positions(2, height, width).unbind(-1)
    short = min(height, width)
    for axis, tokens in ((y, height), (x, width)):
        places = axis.unique()
        assert len(places) == tokens
        torch.testing.assert_close(places, -places.flip(0))
        torch.testing.assert_close(places.diff(), torch.full((tokens - 1,), 1 / short))
    assert seconds.unique().tolist() == pytest.approx([0, BLOCK_S])


def test_tokens_run_block_by_block_then_row_by_row():
    grid = video_positions(2, 3, 4).unflatten(0, (2, 3, 4))
    assert bool((grid[..., 0].diff(dim=0) > 0).all())
    assert bool((grid[..., 1].diff(dim=1) > 0).all())
    assert bool((grid[..., 2].diff(dim=2) > 0).all())


def test_one_clock_for_picture_and_sound():
    """Sixteen latents of sound are as long as one block of picture, however late the window starts."""
    for start_s in (0.0, 40.0):
        sound = sound_positions(33, start_s=start_s)[::16]
        video = video_positions(3, 1, 1, start_s=start_s)
        torch.testing.assert_close(sound, video)
    assert pytest.approx(BLOCK_S) == 16 * SOUND_S
