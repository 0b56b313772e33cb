"""Who is where at every instant, and what is heard of it: a scene's actors and props as tracks in closed form.

Any instant t >= 0 may be asked for, in any order: nothing is integrated from frame to frame.
"""

from collections.abc import Callable
from dataclasses import dataclass

from kinora.storybook.moves.handling import eat, shatter, throw
from kinora.storybook.moves.resting import dance, sit, sleep, spin, stand
from kinora.storybook.moves.role import Act, Choreography, cast_role
from kinora.storybook.moves.soaring import bounce, drift, fall, fly, jump, swim
from kinora.storybook.moves.travelling import crash, drive, roll, run, walk
from kinora.storybook.scene import Event, Individual, Placement, Scene

CHOREOGRAPHIES: dict[str, Choreography] = {
    "stand": stand,
    "sit": sit,
    "walk": walk,
    "run": run,
    "jump": jump,
    "dance": dance,
    "spin": spin,
    "sleep": sleep,
    "eat": eat,
    "throw": throw,
    "fall": fall,
    "fly": fly,
    "swim": swim,
    "drift": drift,
    "drive": drive,
    "collide": crash,
    "bounce": bounce,
    "roll": roll,
    "break": shatter,
}


@dataclass(frozen=True, kw_only=True)
class Track:
    """One figure all clip long: the scene's actor of this number, or a prop (None) of the track `parent`."""

    who: Individual
    actor: int | None
    placement: Callable[[float], Placement]
    events: tuple[Event, ...] = ()
    parent: int | None = None


def choreograph(scene: Scene) -> tuple[Track, ...]:
    """Return the tracks of a scene, first its actors in order, then their props; events within the clip, by time."""
    casts = [CHOREOGRAPHIES[actor.action](cast_role(scene, n)) for n, actor in enumerate(scene.actors)]
    acts: list[tuple[int | None, int, Act]] = [(n, n, cast[0]) for n, cast in enumerate(casts)]
    acts += [(None, n, prop) for n, cast in enumerate(casts) for prop in cast[1:]]
    return tuple(
        Track(
            who=act.who,
            actor=actor,
            placement=act.placement,
            events=tuple(
                Event(time_s=cue.time_s, kind=cue.kind, strength=cue.strength, track=track)
                for cue in sorted(act.cues)
                if 0.0 <= cue.time_s < scene.duration_s
            ),
            parent=None if actor is not None else owner,
        )
        for track, (actor, owner, act) in enumerate(acts)
    )
