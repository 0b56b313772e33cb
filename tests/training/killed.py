"""Runs a recipe in child processes, each killed at a given instant of the loop; a program of `test_loop.py`.

    python killed.py RUNS RECIPE START FUNCTION:N...

START is an exported trunk to begin from, or "". A child is killed before the n-th line that it runs in a function of
that name; the last child is left to live. Prints the children's exit statuses: -9 is killed.
"""

import os
import signal
import sys
from pathlib import Path

import torch
import torch._dynamo  # the optimiser's first step would import it in every child

from kinora.media import files
from kinora.training import checkpoint, loop, optimiser
from kinora.training.run import Span, run_recipe

WATCHED = {module.__file__ for module in (files, loop, checkpoint, optimiser)}


def kill_at(instant):
    """Have this process die, with no chance to tidy up, at an instant."""
    name, count = instant.split(":")
    left = int(count)

    def trace(frame, event, _):
        nonlocal left
        if frame.f_code.co_name != name or frame.f_code.co_filename not in WATCHED:
            return None
        left -= event == "line"
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return trace

    sys.settrace(trace)


def live(runs, recipe, start, instant):
    """Train in a child process that dies at an instant, or lives when there is none; return its exit status."""
    child = os.fork()
    if child == 0:
        if instant:
            kill_at(instant)
        run_recipe(recipe, runs, span=Span(start=start), workers=0)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


if __name__ == "__main__":
    torch.set_num_threads(1)
    runs, recipe, start, *instants = sys.argv[1:]
    statuses = [live(Path(runs), recipe, start, instant) for instant in [*instants, ""]]
    sys.stdout.write(" ".join(map(str, statuses)))
