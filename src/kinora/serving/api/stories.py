"""Films of several shots, planned before they are accepted: text only, no model.

A plan is JSON: `shots`, each with its prompt, seconds and seed, and where there are any the `line` that is told with
all of them and the `characters` in them.
"""

from collections.abc import Mapping
from typing import Any

from kinora.request import DRAWN_FPS, Request
from kinora.serving.api.errors import refuse
from kinora.tasks.script import SHOT_S, Script, Told, followed, read_script
from kinora.tasks.story_plan import Story, is_story, plan_story, planned

Plan = Mapping[str, Any]


def plan_in(prompt: str, said: int | None, usual: int, seed: int) -> Plan | None:
    """The plan that a prompt tells, None where it tells one picture. `said` are the seconds that are asked for, `usual`
    those where none are. ApiError 400 for shots that cannot be."""
    # Shots that say how long they last are believed, and held against what is asked for afterwards.
    seconds = Request.seconds if read_script(prompt).has_lengths else said or usual
    request = Request(prompt=prompt, seconds=seconds)
    if not is_story(request):
        return None
    try:
        story = plan_story(request, seed)
    except ValueError as error:
        refuse(f"prompt: {error}", param="prompt", code="invalid_value")
    if said and story.request.seconds != said:
        refuse(
            f"the shots of the prompt last {story.request.seconds:g} s and seconds says {said}; make them agree",
            param="seconds",
            code="invalid_value",
        )
    return plan_of(story)


def plan_told(read: Mapping[str, Any], seed: int) -> Plan:
    """The plan that fields tell. ApiError 400 for shots that cannot be."""
    told = [Told(**{"seconds": SHOT_S, **shot}) for shot in read["shots"]]
    people = read.get("characters", {})
    script = Script(shots=followed(told, people), line=read.get("line", ""), characters=people)
    try:
        return plan_of(planned(script, Request(prompt="a story"), seed))
    except ValueError as error:
        refuse(f"shots: {error}", param="shots", code="invalid_value")


def plan_of(story: Story) -> Plan:
    """A plan as JSON."""
    shots = [
        {"prompt": shot.prompt, "seconds": round(shot.num_frames / DRAWN_FPS, 3), "seed": shot.seed}
        for shot in story.shots
    ]
    shared = {"line": story.line, "characters": dict(story.characters)}
    return {**{name: each for name, each in shared.items() if each}, "shots": shots}


def seconds_of(plan: Plan) -> float:
    """How long a film is."""
    return float(sum(shot["seconds"] for shot in plan["shots"]))


def longest_of(plan: Plan) -> float:
    """How many seconds the longest shot of a film lasts."""
    return float(max(shot["seconds"] for shot in plan["shots"]))


def prompt_of(plan: Plan) -> str:
    """The prompts of its shots, a line each."""
    return "\n".join(shot["prompt"] for shot in plan["shots"])


def with_shot(plan: Plan, number: int, **changes: Any) -> Plan:  # noqa: ANN401  fields of a shot
    """The plan with one shot changed, counted from 1. ApiError 400 where there is none."""
    shots = list(plan["shots"])
    if number > len(shots):
        refuse(f"shot is {number}; the film has shots 1 to {len(shots)}", param="shot", code="invalid_value")
    shots[number - 1] = {**shots[number - 1], **changes}
    return {**plan, "shots": shots}


def words_of(plan: Plan) -> str:
    """All that a plan says, a line each."""
    people = plan.get("characters", {}).values()
    return "\n".join([prompt_of(plan), *people, plan.get("line", "")]).strip()
