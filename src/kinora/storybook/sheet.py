"""Contact sheets of the drawn world: `python -m kinora.storybook.sheet --out docs/storybook`."""

import argparse
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import skia

from kinora.storybook.cast.roles import CAST
from kinora.storybook.film import Film, box_of
from kinora.storybook.pen import Pen
from kinora.storybook.scene import Actor, Individual, Pose, Scene
from kinora.storybook.view import View, enter
from kinora.storybook.vocabulary import ACTIONS, KINDS, LIGHTS, PLACES, SIGN_LETTERS, WEATHERS

Image = np.ndarray
Cell = tuple[str, Image]

PAPER, WALL, INK = (246, 244, 238), (208, 222, 214), (40, 40, 48)
MARGIN_PX, LABEL_PX = 6, 17
FIGURE_PX = 150
WINDOW_M = 6.0
SMALL = (90, 160)
SHUFFLE_SEED = 12
DURATION_S = 4.0

# A colour that suits the kind.
SUITS = {
    **{"girl": "red", "boy": "blue", "woman": "purple", "man": "green", "dog": "brown", "cat": "grey", "fox": "orange"},
    **{"bear": "brown", "rabbit": "white", "bird": "blue", "fish": "orange", "horse": "brown", "dragon": "green"},
    **{"robot": "grey", "car": "red", "boat": "blue", "train": "green", "rocket": "white", "ball": "red"},
    **{"balloon": "red", "kite": "yellow", "tree": "green", "lamp": "yellow", "umbrella": "purple"},
}
TRIMS = {"rocket": "red", "ball": "white", "kite": "red", "train": "red", "balloon": "grey"}
# The pose a kind is known by, where that is not standing.
POSES = {"fish": Pose(flap=0.2), "kite": Pose(airborne=1.0), "lamp": Pose(sleep=1.0)}
# Who shows an action, and where, if not a girl in the meadow.
STARS = {
    **{"bounce": "ball", "roll": "ball", "collide": "car", "fly": "dragon", "drift": "balloon", "swim": "fish"},
    **{"drive": "train", "break": "lamp", "walk": "fox", "run": "horse", "jump": "rabbit", "eat": "bear"},
    **{"dance": "robot", "sit": "cat", "fall": "umbrella", "sleep": "dog", "stand": "woman", "spin": "boy"},
}
STAGES = {"swim": "sea", "drive": "mountains", "collide": "city", "dance": "stage", "break": "room", "run": "desert"}


def main() -> None:
    """Write every sheet, and the key to the silhouettes."""
    parser = argparse.ArgumentParser(prog="python -m kinora.storybook.sheet", description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("docs/storybook"), help="folder (default: docs/storybook)")
    out = parser.parse_args().out
    out.mkdir(parents=True, exist_ok=True)
    for name, draw in SHEETS.items():
        cv2.imwrite(str(out / f"{name}.png"), draw()[..., ::-1], [cv2.IMWRITE_PNG_COMPRESSION, 9])
    (out / "silhouettes.md").write_text(silhouette_key(), encoding="utf-8")


# Sheets


def kinds() -> Image:
    """Return all kinds in colour."""
    return compose([(kind, figure(kind)) for kind in KINDS], columns=6)


def silhouettes() -> Image:
    """Return all kinds as black shapes, shuffled and numbered: what a reader can name by its outline alone."""
    return compose([(str(number), silhouette(kind)) for number, kind in enumerate(shuffled(), start=1)], columns=6)


def places() -> Image:
    """Return every place at every hour."""
    scenes = [(f"{place}, {light}", scene(place=place, light=light)) for place in PLACES for light in LIGHTS]
    return compose([(name, still(shown)) for name, shown in scenes], columns=2 * len(LIGHTS))


def actions() -> Image:
    """Return four instants of every action."""
    cells = []
    for action in ACTIONS:
        film = Film(acted(action), height=SMALL[0], width=SMALL[1])
        cells += [(f"{action}, {t_s:.1f} s", film.frame(t_s)) for t_s in (0.3, 1.2, 2.1, 3.0)]
    return compose(cells, columns=8)


def moving_silhouettes() -> Image:
    """Return three instants of every action as black shapes, done by up to three kinds: what movement alone says."""
    cells = []
    for action in ACTIONS:
        star = STARS.get(action, "girl")
        able = [star, *(kind for kind, what in KINDS.items() if action in what.actions and kind != star)]
        for kind in able[:: max(1, (len(able) - 1) // 2)][:3]:
            film = Film(acted(action, kind), height=SMALL[0], width=SMALL[1])
            cells += [(f"{action}, {kind}, {t_s:.1f} s", shaped(film.mask(t_s) > 0)) for t_s in (0.6, 1.5, 2.4)]
    return compose(cells, columns=9)


def weathers() -> Image:
    """Return every weather at every hour, over some places."""
    scenes = [
        (f"{weather}, {light}", scene(place=place, light=light, weather=weather))
        for place in ("meadow", "city")
        for weather in WEATHERS
        for light in LIGHTS
    ]
    return compose([(name, still(shown)) for name, shown in scenes], columns=len(LIGHTS))


def signs() -> Image:
    """Return all letters and digits as signs, at the size clips have."""
    words = [SIGN_LETTERS[i : i + 8] for i in range(0, len(SIGN_LETTERS), 8)] + ["HELLO", "TEA", "A"]
    return compose([(word, still(scene(sign=word), (144, 256))) for word in words], columns=4)


SHEETS: dict[str, Callable[[], Image]] = {
    "kinds": kinds,
    "silhouettes": silhouettes,
    "places": places,
    "actions": actions,
    "moving-silhouettes": moving_silhouettes,
    "weathers": weathers,
    "signs": signs,
}


def silhouette_key() -> str:
    """Return a page that shows the silhouettes and keeps their names below a fold."""
    names = "\n".join(f"{number}. {kind}" for number, kind in enumerate(shuffled(), start=1))
    return (
        "# Who is who?\n\nName each kind by its outline alone, then open the key.\n\n"
        f"![24 numbered silhouettes](silhouettes.png)\n\n<details><summary>Key</summary>\n\n{names}\n\n</details>\n"
    )


# What is shown


def shuffled() -> list[str]:
    """Return the kinds in the order of the silhouettes."""
    names = list(KINDS)
    return [names[i] for i in np.random.default_rng(SHUFFLE_SEED).permutation(len(names))]


def scene(*actors: Actor, place: str = "meadow", light: str = "noon", weather: str = "clear", sign: str = "") -> Scene:
    """Return a scene of four seconds."""
    return Scene(
        seed=SHUFFLE_SEED,
        index=0,
        duration_s=DURATION_S,
        place=place,
        light=light,
        weather=weather,
        actors=actors,
        sign=sign,
    )


def acted(action: str, kind: str = "") -> Scene:
    """Return a scene that shows an action, done by a kind or by the one that shows it best."""
    star = Actor(who=individual(kind or STARS.get(action, "girl")), action=action, direction="right")
    if action != "collide":
        return scene(star, place=STAGES.get(action, "meadow"))
    other = replace(star, who=replace(star.who, colour="blue"), direction="left", x_m=2.2, partner=0)
    return scene(replace(star, x_m=-2.2, partner=1), other, place=STAGES[action])


def individual(kind: str) -> Individual:
    """Return a typical member of a kind."""
    return Individual(kind=kind, colour=SUITS[kind], trim=TRIMS.get(kind, "brown"))


def still(shown: Scene, size: tuple[int, int] = SMALL) -> Image:
    """Return a scene's picture after a second, (height, width) in pixels."""
    return Film(shown, height=size[0], width=size[1]).frame(1.0)


def figure(kind: str) -> Image:
    """Return a member of a kind in colour before a wall, as large as fits."""
    pixels = np.empty((FIGURE_PX, FIGURE_PX, 4), np.uint8)
    with skia.Surface(pixels, colorType=skia.kRGBA_8888_ColorType) as canvas:
        canvas.drawColor(skia.Color(*WALL))
        _draw(Pen(canvas), kind, _fitting(kind), FIGURE_PX)
    return pixels[..., :3]


def shaped(cover: Image) -> Image:
    """Return a cover (height, width), 0 to 1, as a black shape on paper."""
    return np.round((1 - cover[..., None].astype(np.float32)) * np.array(PAPER)).astype(np.uint8)


def silhouette(kind: str) -> Image:
    """Return a member of a kind as a black shape on paper, as large as fits."""
    shape = _mask(kind, _fitting(kind), 4 * FIGURE_PX)
    return shaped(cv2.resize(shape.astype(np.float32), (FIGURE_PX, FIGURE_PX), interpolation=cv2.INTER_AREA))


def _fitting(kind: str) -> View:
    """Return the square window that a figure just fills."""
    whole = View(centre_x_m=0.0, centre_y_m=1.0, height_m=WINDOW_M, aspect=1.0)
    box = box_of(_mask(kind, whole, 240))
    assert box is not None
    left, top, right, bottom = (side * WINDOW_M / 240 for side in box)
    return View(
        centre_x_m=whole.left_m + (left + right) / 2,
        centre_y_m=whole.top_m - (top + bottom) / 2,
        height_m=1.08 * max(right - left, bottom - top),
        aspect=1.0,
    )


def _mask(kind: str, view: View, size_px: int) -> Image:
    pixels = np.zeros((size_px, size_px, 4), np.uint8)
    with skia.Surface(pixels, colorType=skia.kRGBA_8888_ColorType) as canvas:
        _draw(Pen(canvas, mask=1), kind, view, size_px)
    return pixels[..., 0] > 0


def _draw(pen: Pen, kind: str, view: View, size_px: int) -> None:
    with enter(pen, view, size_px):
        CAST[kind](pen, individual(kind), POSES.get(kind, Pose()))


# Paper


def compose(cells: Sequence[Cell], *, columns: int) -> Image:
    """Return labelled pictures of one size laid out in rows."""
    height, width = cells[0][1].shape[:2]
    step_y, step_x = height + LABEL_PX + MARGIN_PX, width + MARGIN_PX
    rows = -(-len(cells) // columns)
    sheet = np.full((rows * step_y + MARGIN_PX, columns * step_x + MARGIN_PX, 3), PAPER, np.uint8)
    for number, (name, picture) in enumerate(cells):
        top, left = MARGIN_PX + number // columns * step_y, MARGIN_PX + number % columns * step_x
        sheet[top : top + height, left : left + width] = picture
        at = (left + 2, top + height + LABEL_PX - 5)
        cv2.putText(sheet, name, at, cv2.FONT_HERSHEY_SIMPLEX, 0.4, INK, 1, cv2.LINE_AA)
    return sheet


if __name__ == "__main__":
    main()
