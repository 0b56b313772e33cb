import pytest
import torch

from kinora.flow.grid import sound_positions, video_positions
from kinora.flow.state import State, blank


@pytest.fixture
def state():
    """Three blocks of 2x3 video tokens and the two seconds of sound beside them, every token free."""
    draw = torch.Generator().manual_seed(0)
    return State(
        streams={
            "video": blank(torch.randn(2, 18, 4, generator=draw), video_positions(3, 2, 3)),
            "sound": blank(torch.randn(2, 48, 3, generator=draw), sound_positions(48)),
        }
    )
