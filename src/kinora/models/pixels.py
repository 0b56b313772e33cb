"""8-bit pixels and the RGB in [-1, 1] that networks see, whichever way their axes lie."""

from torch import Tensor


def rgb_of(pixels: Tensor) -> Tensor:
    """Return uint8 pixels as float32 RGB in [-1, 1]."""
    return pixels.float() / 127.5 - 1


def pixels_of(rgb: Tensor) -> Tensor:
    """Return RGB as uint8 pixels; what lies outside [-1, 1] is cut off."""
    return ((rgb + 1) * 127.5).round().clamp(0, 255).byte()
