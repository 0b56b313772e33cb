"""How long and how much memory a file takes on this machine: what its engine says of the shot, and scaling."""

import time

import numpy as np

from kinora.engines.engine import Engine, Estimate
from kinora.media.scale import scaled
from kinora.request import Request
from kinora.tasks.generate import num_frames, plan
from kinora.tasks.given import given_of
from kinora.tasks.render import scaled_from, told_of
from kinora.tasks.room import BYTES_PER_PIXEL
from kinora.tasks.story_plan import Story

# Encoding what is scaled takes 2.5 times as long as scaling it.
SCALED_SHARE = 3.5


def estimate(request: Request, engine: Engine) -> Estimate:
    """Return what a request costs here, by timing a little of it."""
    (shot,) = plan(request, seed=0)
    drawn = engine.estimate(shot, told_of(request, engine.read(request)), given_of(request, shot))
    height, width = request.shown_size
    seconds = drawn.seconds
    if scaled_from(request):
        frame = np.zeros((shot.height, shot.width, 3), np.uint8)
        began = time.perf_counter()
        scaled(frame, height, width)
        seconds += SCALED_SHARE * (time.perf_counter() - began) * num_frames(request)
    return Estimate(seconds=seconds, peak_bytes=drawn.peak_bytes + BYTES_PER_PIXEL * height * width)


def estimate_story(story: Story, engine: Engine) -> Estimate:
    """Return what a story costs here: its shots are made one after another."""
    each = [estimate(story.request_of(number), engine) for number in range(len(story.shots))]
    return Estimate(seconds=sum(one.seconds for one in each), peak_bytes=max(one.peak_bytes for one in each))
