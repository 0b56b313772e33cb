"""How long and how large what the trainer is shown is: 4 s of 12 frames a second, most of it 16:9."""

FPS = 12
CLIP_S = 4.0
WIDE = (144, 256)
OTHER_SHAPES = ((144, 144), (256, 144), (144, 192), (144, 336), (192, 144))


def shape_of_shard(number: int, every: int) -> tuple[int, int]:
    """Return (height, width) of a shard's pictures: wide, but each `every`-th has one of the other shapes in turn."""
    return OTHER_SHAPES[number // every % len(OTHER_SHAPES)] if number % every == every - 1 else WIDE
