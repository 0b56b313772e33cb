"""What becomes of rows: shares of what was asked, strangers' asks beside them, differences of pairs."""

import numpy as np
import pytest

from kinora.evaluation.trials.comparisons import long_and_short, looks, seen_and_held_out, sync
from kinora.evaluation.trials.impressions import UNITS
from kinora.evaluation.trials.tables import AHEAD, HEARD, SEEN, SIGNS, cell, obedience
from kinora.evaluation.trials.trial import by_strangers

ASKS = {"kind": "fox", "colour": "red", "count": 1, "place": "sea", "sign": "ABC", "sounds": ["bark", "bell"]}


def row(arm="made", number=1, *, held_out=False, mate=None, right=1.0, **more):
    named = {
        "kind": right,
        "colour": right,
        "kind and colour": right,
        "place": right,
        "sign": right,
        "sound: bark": right,
    }
    return {
        **{"arm": arm, "id": number, "written": number % 1000, "held_out": held_out, "mate": mate, "asks": ASKS},
        **{"verdicts": {**named, "sound: bell": 0.0}, "strangers": {}, "by_strangers": {}, "offsets_s": []},
        **{"looks": dict.fromkeys(UNITS, 1.0), "features": [0.0, 1.0], **more},
    }


def line_of(table, name):
    return next(line.figures for line in table.lines if line.name == name)


def test_a_share_counts_what_was_asked_and_written_prompts_are_the_unit():
    rows = [row(number=n, right=float(n <= 3)) for n in (1, 2, 3, 4)] + [row(number=1001, right=0.0)]
    figure = cell("kind", rows, SEEN[0], "made")
    assert (figure.value, figure.num) == (60, 5)
    assert cell("kind", rows, SEEN[0], "truth") is None


def test_what_is_not_asked_for_has_no_line():
    table = obedience("a", [row()], SIGNS)
    assert [line.name for line in table.lines] == ["signs of 3"]
    heard = {line.name: line.figures["made"].value for line in obedience("a", [row()], HEARD).lines}
    assert heard == {"any sound asked for": 50, "bark": 100, "bell": 0}


def test_a_clip_that_could_not_be_drawn_is_left_out():
    assert cell("kind", [row("truth"), {**row("truth", 2), "missing": "no scene"}], SEEN[0], "truth").num == 1


def test_shuffled_marks_are_those_of_what_the_stranger_asks():
    other = row(
        strangers={"sign": "HELLO", "place": "room"}, by_strangers={"sign": {"sign": 0.0}, "place": {"place": 0.0}}
    )
    signs = obedience("a", [other], SIGNS)
    assert set(line_of(signs, "signs of 3")) == {"made"} and set(line_of(signs, "signs of 5")) == {"shuffled"}
    places = line_of(obedience("a", [other], SEEN), "place")
    assert (places["made"].value, places["shuffled"].value) == (100, 0)
    assert places[AHEAD].value == 100 and AHEAD not in line_of(signs, "signs of 3")


def test_how_far_made_is_ahead_is_counted_over_written_prompts():
    by = {"strangers": {"place": "room"}, "by_strangers": {"place": {"place": 1.0}}}
    rows = [row(number=n, right=float(n != 3), **by) for n in (1, 2, 3, 1001)]
    figure = line_of(obedience("a", rows, SEEN), "place")[AHEAD]
    assert (figure.value, figure.num, figure.unit) == (-25, 3, "points")
    assert figure.low < -25 < figure.high == 0


def test_strangers_asks_take_the_place_of_the_prompts_own_one_by_one():
    asked = []

    def marks(asks):
        asked.append(asks)
        return {"kind": float(asks["kind"] == "fox"), "place": float(asks["place"] == "sea")}

    marked = by_strangers(marks, ASKS, {"kind": "car", "place": "room", "sign": "NO"})
    assert marked["kind"] == {"kind": 0.0, "place": 1.0} and marked["place"] == {"kind": 1.0, "place": 0.0}
    assert asked == [{**ASKS, "place": "room", "sign": "NO"}, {**ASKS, "kind": "car"}]


def test_the_difference_of_pairs_is_seen_minus_held_out():
    pairs = [(1.0, 0.0), (1.0, 1.0), (0.0, 1.0), (1.0, 0.0)]
    rows = [
        half
        for n, (seen, unseen) in enumerate(pairs, start=1)
        for half in (
            row(number=n, mate=n + 1000, held_out=True, right=unseen),
            row(number=n + 1000, mate=n, right=seen),
        )
    ]
    figures = line_of(seen_and_held_out([*rows, row(number=9)]), "kind")
    assert (figures["seen"].value, figures["held-out"].value) == (75, 50)
    assert figures["difference"].value == 25 and figures["difference"].num == 4
    assert figures["difference"].low < 0 < figures["difference"].high


def test_looks_are_shares_of_truth_of_the_same_prompts():
    half = {**dict.fromkeys(UNITS, 1.0), "sharpness": 2.0, "foot slide": None}
    rows = [row(number=n, looks=half) for n in (1, 2, 3)] + [
        row("truth", n, looks={**half, "sharpness": 4.0}) for n in (1, 2)
    ]
    figures = line_of(looks(rows), "sharpness")
    assert figures["made / truth"].value == 50 and figures["made / truth"].num == 2
    assert figures["made"].num == 3
    assert "foot slide" not in [line.name for line in looks(rows).lines]


def test_features_of_the_same_kind_are_nearer_than_others():
    rng = np.random.default_rng(0)
    rows = [row("truth", n, features=rng.normal(0, 1, 4).tolist()) for n in range(1, 61)]
    rows += [row("made", n, features=rng.normal(2, 1, 4).tolist()) for n in range(1, 61)]
    figures = line_of(looks(rows), "Frechet distance in judge features")
    assert figures["truth"].num == figures["made"].num == 30
    assert figures["truth"].high < figures["made"].low


def test_the_offset_is_the_median_magnitude():
    figure = line_of(
        sync([row(offsets_s=[-0.1, 0.02]), row(number=2, offsets_s=[0.04]), row(number=3)]), "median offset"
    )
    assert figure["made"].value == pytest.approx(40) and figure["made"].num == 2


def test_long_clips_stand_beside_short_ones():
    figures = line_of(long_and_short([row(), row("long", right=0.0)]), "what is seen")
    assert (figures["made"].value, figures["long"].value) == (100, 0)
    assert long_and_short([row()]).lines == ()
