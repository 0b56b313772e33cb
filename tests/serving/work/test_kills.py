"""kill -9 anywhere: every video that was accepted is made once, and nothing half-written has a name.

Each instant kills one process of a running deployment, with the real engine and a real socket. Half of the instants
lie inside the write of a checkpoint or the publishing of a blob. Workers that die are, in turn, replaced and buried at
once, as their supervisor does, or left dead until their lease has run out, so that the other worker has to notice.
"""

import random

import pytest
from yard import is_alive, kill, pause_before

INSIDE = (("checkpoint", 3), ("writing", 4), ("naming", 4), ("named", 4))
BETWEEN = (
    ("checkpointed", 3),
    ("begun", 1),
    ("before complete", 1),
    ("completing", 1),
    ("completed", 1),
    ("handing", 1),
    ("handed", 1),
)
OF_API = ("accepting", "accepted")
# About how long a clip takes: kills at a random time fall into it.
CLIP_S = 1.5


class Siege:
    """One deployment of an API and two workers, through many instants."""

    def __init__(self, yard, seed, of_all_jobs=False):
        self.yard, self.rng, self.of_all_jobs = yard, random.Random(seed), of_all_jobs
        self.api, self.workers = yard.start("api"), []

    def ask(self, number, **more):
        """Ask for the next job in turn, of those that can be done by now."""
        jobs = sorted(self.yard.jobs()) if self.of_all_jobs else [""]
        self.yard.ask(f"key {number}", job=jobs[number % len(jobs)], **more)

    def instant(self, number):
        """Kill something while a video is made, and see it made."""
        self.workers += [self.yard.start("worker") for _ in range(2 - len(self.workers))]
        if number % 2 == 0:
            self.kill_inside(number, INSIDE)
        else:
            self.rng.choice(self.others())(number)
        self.yard.finish()
        assert [*self.yard.lost(since=number), *self.yard.torn()] == [], self.yard.log

    def others(self):
        return (self.kill_api_inside, self.kill_api_any_time, self.kill_worker_any_time, self.kill_between)

    def kill_between(self, number):
        self.kill_inside(number, BETWEEN)

    def kill_inside(self, number, labels):
        """Both workers wait for the instant; whichever gets there dies of it, and the other is let off."""
        label, most = self.rng.choice(labels)
        self.yard.arm(self.workers, label, self.rng.randint(1, most))
        self.ask(number)
        self.bereave(number)
        self.yard.let_off(self.workers)
        if not any(map(is_alive, self.workers)):
            # Both got to the instant before either was let off.
            self.workers.append(self.yard.start("worker"))

    def kill_worker_any_time(self, number):
        self.ask(number)
        pause_before(self.rng, CLIP_S)
        kill(self.rng.choice(self.workers))
        self.bereave(number)

    def bereave(self, number):
        """Every other death is seen at once, as by a supervisor; after the rest nobody comes, and a lease runs out."""
        self.yard.wait(lambda: not all(map(is_alive, self.workers)))
        dead = [pid for pid in self.workers if not is_alive(pid)]
        self.workers = [pid for pid in self.workers if pid not in dead]
        for pid in dead if number // 2 % 2 else ():
            self.yard.bury(pid)
            self.workers.append(self.yard.start("worker"))

    def kill_api_inside(self, number):
        """The first try dies in the middle, the next finds nobody, a later one the successor."""
        self.yard.arm([self.api], self.rng.choice(OF_API))
        self.ask(number, on_silence=self.revive_api)

    def kill_api_any_time(self, number):
        self.ask(number)
        pause_before(self.rng, CLIP_S)
        kill(self.api)
        self.yard.wait(lambda: not is_alive(self.api))
        self.revive_api()

    def revive_api(self):
        if not is_alive(self.api):
            self.api = self.yard.start("api")


def besiege(yard, seed, instants, **more):
    siege = Siege(yard, seed, **more)
    for number in range(instants):
        siege.instant(number)
    assert len(yard.keys) == instants
    assert yard.audit() == [], yard.log


def test_ten_instants(yard):
    besiege(yard, 1, 10)


def test_an_instant_of_every_job(yard):
    besiege(yard, 3, 8, of_all_jobs=True)


@pytest.mark.long
def test_two_hundred_instants_of_all_jobs(yard):
    besiege(yard, 4, 200, of_all_jobs=True)


@pytest.mark.long
def test_two_hundred_instants(yard):
    besiege(yard, 2, 200)
