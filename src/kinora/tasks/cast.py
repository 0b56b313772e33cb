"""Who of a story is seen in which shots: an earlier picture of them is the reference for a later one."""

import re

from kinora.tasks.script import who_of
from kinora.tasks.story_plan import Story

MOST_REFERENCES = 3
"""Pictures that a shot is shown at most."""

ARTICLES = {"a", "an", "the", "one", "my", "our"}


def people_of(story: Story, number: int) -> tuple[frozenset[str], ...]:
    """Return who is in a shot, counted from 0, each as a set of words: the characters it names, else whom its sentence
    begins with."""
    prompt = story.shots[number].prompt
    named = [name for name in sorted(story.characters) if re.search(rf"(?<![\w'-]){re.escape(name)}(?![\w-])", prompt)]
    words = [frozenset(who.lower().split()) - ARTICLES for who in named or [who_of(prompt)]]
    return tuple(who for who in words if who)


def seen_before(story: Story, number: int) -> tuple[int, ...]:
    """Return the earlier shots that show the people of a shot: of each the first, in which they were introduced, so
    that nobody drifts from shot to shot. "The fox" is whoever was "a red fox"."""
    earlier = [(shot, who) for shot in range(number) for who in people_of(story, shot)]
    first = (next((shot for shot, known in earlier if who <= known), None) for who in people_of(story, number))
    return tuple(sorted({shot for shot in first if shot is not None}))[:MOST_REFERENCES]
