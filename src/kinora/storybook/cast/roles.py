"""Who plays whom: the drawing of every kind and prop, in local metres, facing right, with its origin on the ground."""

from collections.abc import Callable

from kinora.storybook.cast.animals import draw_bear, draw_cat, draw_dog, draw_fox, draw_horse, draw_rabbit
from kinora.storybook.cast.creatures import draw_bird, draw_dragon, draw_fish
from kinora.storybook.cast.people import draw_boy, draw_girl, draw_man, draw_robot, draw_woman
from kinora.storybook.cast.things import (
    draw_apple,
    draw_ball,
    draw_balloon,
    draw_kite,
    draw_lamp,
    draw_shard,
    draw_toy_ball,
    draw_tree,
    draw_umbrella,
)
from kinora.storybook.cast.vehicles import draw_boat, draw_car, draw_rocket, draw_train
from kinora.storybook.pen import Pen
from kinora.storybook.scene import Individual, Pose

CAST: dict[str, Callable[[Pen, Individual, Pose], None]] = {
    "girl": draw_girl,
    "boy": draw_boy,
    "woman": draw_woman,
    "man": draw_man,
    "dog": draw_dog,
    "cat": draw_cat,
    "fox": draw_fox,
    "bear": draw_bear,
    "rabbit": draw_rabbit,
    "bird": draw_bird,
    "fish": draw_fish,
    "horse": draw_horse,
    "dragon": draw_dragon,
    "robot": draw_robot,
    "car": draw_car,
    "boat": draw_boat,
    "train": draw_train,
    "rocket": draw_rocket,
    "ball": draw_ball,
    "balloon": draw_balloon,
    "kite": draw_kite,
    "tree": draw_tree,
    "lamp": draw_lamp,
    "umbrella": draw_umbrella,
    "apple": draw_apple,
    "shard": draw_shard,
    "toy ball": draw_toy_ball,
}
