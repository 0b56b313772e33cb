import math
from dataclasses import asdict, replace
from itertools import pairwise

import pytest

from kinora.storybook.cast.things import BALL_RADIUS_M
from kinora.storybook.cast.vehicles import WHEEL_M
from kinora.storybook.motion import CHOREOGRAPHIES, Track, choreograph
from kinora.storybook.moves.role import drawn_scale
from kinora.storybook.scene import GRAVITY_M_S2, Actor, Individual, Scene, SoundPlan
from kinora.storybook.vocabulary import ACTIONS, KINDS

DURATION_S = 4.0
PAIRS = [(kind, action) for kind, table in KINDS.items() for action in table.actions]
MIDDLE = ("walk", "run", "roll", "fly", "swim", "drive", "bounce", "drift", "jump")


def make_scene(*actors, seed=1, index=2, duration_s=DURATION_S, **facts):
    return Scene(
        seed=seed,
        index=index,
        duration_s=duration_s,
        place="meadow",
        light="noon",
        weather="clear",
        actors=actors,
        **facts,
    )


def make_actor(kind, action, direction="right", **facts):
    return Actor(who=Individual(kind=kind, colour="red"), action=action, direction=direction, **facts)


def perform(kind, action, direction="right", **facts) -> Track:
    return choreograph(make_scene(make_actor(kind, action, direction, **facts)))[0]


def times(track, *kinds):
    return [event.time_s for event in track.events if event.kind in kinds]


def second_difference(track, t, step=1e-3):
    before, now, after = (track.placement(t + k * step).y_m for k in (-1, 0, 1))
    return (before - 2 * now + after) / step**2


def speed(track, t, step=1e-3):
    return (track.placement(t + step).x_m - track.placement(t - step).x_m) / (2 * step)


def test_every_action_of_the_vocabulary_is_choreographed():
    assert set(CHOREOGRAPHIES) == set(ACTIONS)


@pytest.mark.parametrize("duration_s", [1.3, 4.0, 16.0])
@pytest.mark.parametrize("kind, action", PAIRS)
def test_all_moves_are_finite_above_ground_and_in_range_at_any_time(kind, action, duration_s):
    for direction in ("", "left", "up", "down"):
        scene = make_scene(make_actor(kind, action, direction, start_s=0.3), duration_s=duration_s)
        for track in choreograph(scene):
            for step in range(33):
                placement = track.placement(step / 2)
                pose = asdict(placement.pose)
                assert all(math.isfinite(value) for value in (placement.x_m, placement.y_m, *pose.values()))
                assert placement.y_m >= 0.0
                assert abs(pose["squash"]) <= 0.4
                assert all(-1e-9 <= pose[name] <= 1 for name in ("reach", "crouch", "sit", "sleep", "mouth", "blink"))
                assert 0 <= pose["airborne"] <= 1


@pytest.mark.parametrize("kind, action", PAIRS)
def test_the_same_scene_gives_the_same_motion_whatever_is_asked_first(kind, action):
    scene = make_scene(make_actor(kind, action))
    forwards, backwards = choreograph(scene), choreograph(scene)
    instants = [0.37 * step for step in range(12)]
    seen = [[track.placement(t) for t in instants] for track in forwards]
    assert seen == [[track.placement(t) for t in reversed(instants)][::-1] for track in backwards]
    assert [track.events for track in forwards] == [track.events for track in backwards]


@pytest.mark.parametrize("kind, action", PAIRS)
def test_events_lie_in_the_clip_in_order_and_know_their_track(kind, action):
    tracks = choreograph(make_scene(make_actor(kind, action), make_actor("dog", "walk")))
    assert [track.actor for track in tracks[:2]] == [0, 1]
    assert all(track.actor is None and track.parent == 0 for track in tracks[2:])
    for number, track in enumerate(tracks):
        assert all(event.track == number and 0 <= event.strength <= 1 for event in track.events)
        instants = [event.time_s for event in track.events]
        assert instants == sorted(instants)
        assert all(0 <= instant < DURATION_S for instant in instants)


@pytest.mark.parametrize("kind, action", [pair for pair in PAIRS if pair[1] in MIDDLE])
@pytest.mark.parametrize("direction", ["left", "right"])
def test_whoever_travels_is_at_its_place_in_the_middle_of_the_clip_and_goes_its_way(kind, action, direction):
    track = perform(kind, action, direction, x_m=0.7, start_s=0.4)
    sign = 1 if direction == "right" else -1
    assert track.placement(DURATION_S / 2).x_m == pytest.approx(0.7, abs=1e-12)
    assert sign * (track.placement(DURATION_S).x_m - track.placement(0.0).x_m) > 0.3
    assert track.placement(1.0).facing == sign


@pytest.mark.parametrize("kind, instant", [("ball", 0.3), ("man", 0.3), ("lamp", 0.3)])
def test_a_fall_is_free(kind, instant):
    assert second_difference(perform(kind, "fall"), instant, 1e-2) == pytest.approx(-GRAVITY_M_S2, abs=1e-6)


@pytest.mark.parametrize(
    "kind, action, event", [("girl", "jump", "land"), ("fish", "jump", "splash"), ("man", "dance", "step")]
)
def test_flights_are_free(kind, action, event):
    track = perform(kind, action)
    last = times(track, event)[1]
    assert second_difference(track, last - 0.05) == pytest.approx(-GRAVITY_M_S2, abs=1e-6)


def test_a_ball_bounces_lower_by_the_square_of_its_restitution():
    track = perform("ball", "bounce")
    touches = times(track, "bounce")
    tops = [track.placement((a + b) / 2).y_m for a, b in pairwise(touches)]
    first = tops[0] / track.placement(0.0).y_m
    assert 0.75**2 < first < 0.86**2
    for lower, higher in zip(tops[1:], tops, strict=False):
        assert lower / higher == pytest.approx(first, rel=1e-9)
    assert touches[-1] > 3.5


@pytest.mark.parametrize(
    "kind, action, sounds",
    [
        ("ball", "bounce", ("bounce",)),
        ("ball", "fall", ("land", "bounce")),
        ("lamp", "fall", ("crash", "land")),
        ("umbrella", "fall", ("land",)),
        ("rabbit", "jump", ("land",)),
        ("fish", "jump", ("splash",)),
        ("girl", "dance", ("step",)),
    ],
)
def test_what_is_heard_to_land_is_on_the_ground(kind, action, sounds):
    track = perform(kind, action)
    touches = times(track, *sounds)
    assert touches
    for touch in touches:
        assert track.placement(touch).y_m < 1e-9
        assert max(track.placement(touch - 0.02).y_m, track.placement(touch + 0.02).y_m) > 0


def test_louder_landings_are_faster():
    events = [event for event in perform("ball", "bounce").events if event.kind == "bounce"]
    assert all(b.strength < a.strength for a, b in pairwise(events))


@pytest.mark.parametrize("action", ["walk", "run"])
@pytest.mark.parametrize("depth", [0.0, 0.6])
def test_planted_feet_do_not_slide(action, depth):
    track = perform("horse", action, "left", depth=depth, speed=1.2)
    start, end = track.placement(1.0), track.placement(3.5)
    cycles = end.pose.gait - start.pose.gait
    assert cycles * start.pose.stride_m * drawn_scale(depth) == pytest.approx(abs(end.x_m - start.x_m), rel=1e-12)


@pytest.mark.parametrize("kind, action", [("girl", "walk"), ("fox", "run")])
def test_steps_are_heard_twice_a_cycle_when_a_foot_touches_down(kind, action):
    track = perform(kind, action, start_s=0.2)
    halves = [2 * track.placement(instant).pose.gait for instant in times(track, "step")]
    assert halves == pytest.approx([round(half) for half in halves], abs=1e-9)
    assert [round(half) for half in halves] == list(range(round(halves[0]), round(halves[0]) + len(halves)))
    assert len(halves) > 4


@pytest.mark.parametrize("kind, action", [("car", "drive"), ("train", "drive")])
def test_wheels_do_not_skid(kind, action):
    start, end = (perform(kind, action, depth=0.4).placement(t) for t in (0.5, 3.0))
    turned_m = (end.pose.gait - start.pose.gait) * math.tau * WHEEL_M[kind] * drawn_scale(0.4)
    assert turned_m == pytest.approx(end.x_m - start.x_m, rel=1e-12)


@pytest.mark.parametrize("action", ["roll", "bounce"])
def test_a_ball_rolls_without_slipping(action):
    start, end = (perform("ball", action, "left", depth=0.4).placement(t) for t in (0.5, 3.0))
    rolled_m = -(end.pose.spin - start.pose.spin) * BALL_RADIUS_M * drawn_scale(0.4)
    assert rolled_m == pytest.approx(start.x_m - end.x_m, rel=1e-12)


@pytest.mark.parametrize("kinds", [("ball", "ball"), ("car", "ball"), ("car", "car")])
def test_a_collision_keeps_momentum_and_loses_closing_speed(kinds):
    left = make_actor(kinds[0], "collide", "right", x_m=-2.0, partner=1, speed=1.2)
    right = make_actor(kinds[1], "collide", "left", x_m=2.0, partner=0, speed=0.8)
    tracks = choreograph(make_scene(left, right))
    ((impact_s,), silence) = (times(track, "crash") for track in tracks)
    assert silence == []
    before, after = ([speed(track, impact_s + shift, 0.1) for track in tracks] for shift in (-0.2, 0.2))
    masses = [KINDS[kind].mass_kg for kind in kinds]
    momenta = [sum(m * v for m, v in zip(masses, velocities, strict=True)) for velocities in (before, after)]
    assert momenta[0] == pytest.approx(momenta[1], abs=1e-9)
    assert (after[1] - after[0]) / (before[0] - before[1]) == pytest.approx(0.7, abs=1e-9)
    assert all(track.placement(t).x_m < other.placement(t).x_m for t in (0, 1, 2, 4) for track, other in [tracks])


def test_an_apple_gets_smaller_bite_by_bite_and_the_mouth_is_open_then():
    eater, apple = choreograph(make_scene(make_actor("bear", "eat")))
    bites = times(apple, "bite")
    counts = [apple.placement(step / 24).pose.bites for step in range(97)]
    assert counts == sorted(counts)
    assert (counts[0], counts[-1], len(bites)) == (0, 3, 3)
    for number, bite in enumerate(bites):
        assert apple.placement(bite - 1e-6).pose.bites == number
        assert apple.placement(bite).pose.bites == number + 1
        assert eater.placement(bite - 0.05).pose.mouth > 0.8


def test_a_thrown_ball_leaves_the_hand_at_the_throw_and_bounces_away():
    thrower, ball = choreograph(make_scene(make_actor("girl", "throw", "left")))
    (release,) = times(ball, "throw")
    held, free = ball.placement(release - 1e-6), ball.placement(release + 1e-6)
    assert (free.x_m, free.y_m) == pytest.approx((held.x_m, held.y_m), abs=1e-4)
    assert thrower.placement(release).pose.reach == pytest.approx(1.0)
    assert second_difference(ball, release + 0.2) == pytest.approx(-GRAVITY_M_S2, abs=1e-6)
    assert all(ball.placement(touch).y_m < 1e-9 for touch in times(ball, "bounce"))
    assert ball.placement(3.0).x_m < held.x_m - 1.0
    assert ball.placement(30.0).x_m == pytest.approx(ball.placement(16.0).x_m, abs=1e-6)


@pytest.mark.parametrize("kind", ["lamp", "balloon"])
def test_what_breaks_is_gone_and_leaves_five_to_seven_pieces_that_come_to_rest(kind):
    counts = set()
    for index in range(12):
        whole, *shards = choreograph(make_scene(make_actor(kind, "break"), index=index))
        (instant,) = times(whole, "break")
        assert whole.placement(instant - 1e-6).visible and not whole.placement(instant).visible
        assert not any(shard.placement(instant - 1e-6).visible for shard in shards)
        assert all(shard.placement(instant).visible for shard in shards)
        for shard in shards:
            assert shard.placement(9.0) == shard.placement(12.0)
            assert shard.placement(9.0).y_m == 0.0
            assert shard.who.colour == whole.who.colour
        counts.add(len(shards))
    assert counts == {5, 6, 7}


def test_a_dancer_lands_on_the_beat_of_the_music():
    beats = times(perform("girl", "dance"), "step")
    assert [b - a for a, b in pairwise(beats)] == pytest.approx([0.5] * (len(beats) - 1))


def test_animals_call_with_open_mouths_unless_effects_are_forbidden():
    scene = make_scene(make_actor("dog", "sit"))
    (dog,) = choreograph(scene)
    barks = times(dog, "bark")
    assert len(barks) == 2
    assert all(dog.placement(bark + 0.1).pose.mouth > 0.8 for bark in barks)
    (silent,) = choreograph(replace(scene, sound=SoundPlan(effects=False)))
    assert not times(silent, "bark")
    assert max(silent.placement(step / 24).pose.mouth for step in range(97)) == 0.0


def test_nobody_lives_in_step_with_another():
    one, other = choreograph(make_scene(make_actor("cat", "stand"), make_actor("cat", "stand")))
    assert one.placement(1.0).pose != other.placement(1.0).pose
