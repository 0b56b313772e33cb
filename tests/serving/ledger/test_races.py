"""However processes interleave, wherever they are killed: what was accepted is not lost, and nothing is done twice."""

import random
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest

from kinora.serving.ledger.ledger import Ledger
from kinora.serving.ledger.records import Cancelled, Superseded

ACCEPT_FOR_EVER = """
import sys
from kinora.serving.ledger.ledger import Ledger
from kinora.serving.ledger.records import Video
ledger = Ledger.open(sys.argv[1])
while True:
    video = ledger.accept(Video(prompt="a red fox jumps", seconds=4, size="1280x720", wish={"source": "ab" * 32}))
    print(video.id, flush=True)
"""
BEGIN_ALL = """
import sys
from kinora.serving.ledger.ledger import Ledger
ledger = Ledger.open(sys.argv[1])
ledger.arrive(sys.argv[2], {})
print("ready", flush=True)
sys.stdin.readline()
for workflow, id in sorted(ledger.open_workflows().items()):
    print(id, ledger.begin(id, sys.argv[2], workflow).fence, flush=True)
"""
OPEN = """
import sys
from kinora.serving.ledger.ledger import Ledger
sys.stdin.readline()
print(Ledger.open(sys.argv[1]).counts().queued)
"""


def process(code, *arguments):
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


@pytest.mark.parametrize("seed", range(3))
def test_a_kill_in_the_middle_of_many_accepts_loses_none_that_was_acknowledged(database_url, seed):
    most = random.Random(seed).randrange(1, 40)
    with process(ACCEPT_FOR_EVER, database_url) as child:
        acknowledged = [child.stdout.readline().strip() for _ in range(most)]
        child.send_signal(signal.SIGKILL)
        acknowledged += [line.strip() for line in child.stdout if line.endswith("\n")]
    ledger = Ledger.open(database_url)
    assert [id for id in acknowledged if ledger.get(id, "") is None] == []
    # Of what was not acknowledged, at most the one in hand is there, with all that belongs to it.
    queued = ledger.counts().queued
    assert len(acknowledged) <= queued <= len(acknowledged) + 1
    assert ledger.usage("", 0)[0] == queued
    ledger.close()


def test_many_who_open_a_new_ledger_at_once_all_can(database_url):
    children = [process(OPEN, database_url) for _ in range(5)]
    answers = []
    for child in children:
        child.stdin.write("go\n")
        child.stdin.flush()
    for child in children:
        with child:
            answers.append(child.stdout.read())
    assert answers == ["0\n"] * 5
    assert [child.returncode for child in children] == [0] * 5


def test_of_two_processes_that_begin_at_once_one_has_the_newest_turn(ledger, database_url, accepted):
    for n in range(10):
        ledger.hand_over(accepted().id, f"flow {n}")
    children = [process(BEGIN_ALL, database_url, worker) for worker in ("w1", "w2")]
    fences = []
    assert [child.stdout.readline() for child in children] == ["ready\n"] * 2
    for child in children:
        child.stdin.write("go\n")
        child.stdin.flush()
    for child in children:
        with child:
            fences += [tuple(line.split()) for line in child.stdout]
    ids = ledger.open_workflows().values()
    assert sorted(fences) == sorted((id, fence) for id in ids for fence in ("1", "2"))
    assert {ledger.get(id, "").fence for id in ids} == {2}


class Play:
    """Two workers and a client that do anything in any order; `closed` are the ids of videos a worker closed."""

    def __init__(self, ledger, ids, seed):
        self.ledger, self.ids, self.chance = ledger, ids, random.Random(seed)
        self.turns, self.closed = [], []
        for worker in ("w1", "w2"):
            ledger.arrive(worker, {})

    def act(self):
        acts = [self.hand_over, self.begin, self.begin, self.work, self.complete, self.fail, self.hand_back]
        with suppress(Superseded, Cancelled):
            self.chance.choice([*acts, self.ask])()

    def hand_over(self):
        self.ledger.hand_over(self.chance.choice(self.ids), f"flow {self.chance.random()}")

    def begin(self):
        for flow, id in sorted(self.ledger.open_workflows().items()):
            if self.chance.random() < 0.5:
                turn = self.ledger.begin(id, self.chance.choice(["w1", "w2"]), flow, most_attempts=9)
                self.turns += [turn] if turn else []

    def with_a_turn(self, act):
        """Whoever's turn it is, also one that is long over; only the newest gets past `act`, all others raise."""
        if self.turns:
            turn = self.chance.choice(self.turns)
            newest = self.ledger.get(turn.video.id, "").fence == turn.fence
            act(turn)
            assert newest
            return [turn.video.id]
        return []

    def work(self):
        self.with_a_turn(lambda turn: self.ledger.advance(turn, stage="fill", progress=5))

    def hand_back(self):
        self.with_a_turn(self.ledger.hand_back)

    def complete(self):
        self.closed += self.with_a_turn(lambda turn: self.ledger.complete(turn, result={}, notes={}, expires_at=1))

    def fail(self):
        self.closed += self.with_a_turn(lambda turn: self.ledger.fail(turn, code="server_error", message=""))

    def ask(self):
        call = self.ledger.retry if self.chance.random() < 0.8 else self.ledger.cancel
        call(self.chance.choice(self.ids), "")


@pytest.mark.parametrize("seed", range(10))
def test_no_interleaving_closes_a_video_twice(ledger, accepted, seed):
    """Rows, turns and events tell one story."""
    ids = [accepted().id for _ in range(3)]
    play = Play(ledger, ids, seed)
    for _ in range(120):
        play.act()
    told = [(event.video_id, event.type) for event in ledger.unhanded_events(999)]
    completed = [id for id, type in told if type == "video.completed"]
    assert len(set(completed)) == len(completed) == ledger.counts().completed
    for id in ids:
        types = [type for of, type in told if of == id]
        # Who completes a video has the last word, and every closing was told.
        assert "video.completed" not in types[:-1]
        assert len(types) >= play.closed.count(id)
        assert types or ledger.get(id, "").status in ("queued", "in_progress")


@pytest.mark.parametrize("seed", range(3))
def test_of_many_threads_with_the_same_turn_one_closes_it(ledger, other, begun, seed):
    turn = begun()

    def close(n):
        with suppress(Superseded):
            (ledger, other)[n % 2].complete(turn, result={}, notes={"by": n}, expires_at=1)
            return 1
        return 0

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(close, range(16))) == 1
    assert len(ledger.unhanded_events(9)) == 1


def test_readers_do_not_wait_for_a_writer(ledger, other, accepted):
    id = accepted().id
    with ledger.database.write() as run:
        run("UPDATE videos SET progress = 50 WHERE id = :id", id=id)
        # Were a lock in the way, this would wait for the block it stands in, and end in an error.
        assert other.get(id, "").progress == 0
        assert ledger.get(id, "").progress == 0
        assert other.counts().queued == 1
    assert other.get(id, "").progress == 50
