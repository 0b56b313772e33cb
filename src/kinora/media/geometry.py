"""Which part of what is drawn a picture of another shape shows."""


def shown_box(drawn: tuple[int, int], asked: tuple[int, int]) -> tuple[float, float, float, float]:
    """Return (left, top, right, bottom) of the largest part, in the middle of a drawn (height, width), that has the
    shape of the asked one; in pixels, which it may cut."""
    scale = min(drawn[0] / asked[0], drawn[1] / asked[1])
    # Products of quotients may pass a border by their last bit.
    (height, width), high, wide = drawn, min(drawn[0], asked[0] * scale), min(drawn[1], asked[1] * scale)
    return (width - wide) / 2, (height - high) / 2, (width + wide) / 2, (height + high) / 2
