"""Run a command and say what it took: `python -m kinora.evaluation.benchmark.watch COMMAND...` prints JSON.

A process of its own because a child's peak memory begins at what its parent holds when it is started: this one holds
next to nothing, whereas an evaluation holds networks.
"""

import json
import resource
import subprocess
import sys
import time

# Linux counts in kilobytes, macOS in bytes.
UNIT_BYTES = 1 if sys.platform == "darwin" else 1024


def watch(command: list[str]) -> dict[str, float | str]:
    """Return the command's exit status, the last line of its complaints, wall seconds and peak resident bytes."""
    began = time.perf_counter()
    done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False)
    seconds = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * UNIT_BYTES
    complaint = (done.stderr.strip().splitlines() or ["no message"])[-1]
    return {"status": done.returncode, "complaint": complaint, "seconds": seconds, "peak_bytes": peak}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(watch(sys.argv[1:])))
