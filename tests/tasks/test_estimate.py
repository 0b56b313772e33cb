from dataclasses import replace

from kinora.request import Request
from kinora.tasks.estimate import estimate

FOX = Request(prompt="a red fox in the snow", seconds=1, steps=1, size="96x96")


def test_an_estimate_is_more_for_more(engine):
    short, long = (estimate(replace(FOX, seconds=s), engine) for s in (1, 16))
    assert short.seconds > 0 and short.peak_bytes == long.peak_bytes
    wide, large = (estimate(replace(FOX, size=size), engine) for size in ("16:9", "1920x1080"))
    assert large.peak_bytes > wide.peak_bytes > short.peak_bytes and large.seconds > wide.seconds
