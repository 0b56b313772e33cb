"""What is fitted where a law of motion was asked for: medians over clips, and how often there is a path at all."""

import pytest

from kinora.evaluation.trials.laws import fits


def row(number, law, arm="made", asked="bounce"):
    asks = {"arm": arm, "id": number, "written": number % 1000, "asks": {"physics": asked}, "law": law}
    return {**asks, "verdicts": {"physics": 0.0}}


def test_medians_are_of_what_is_fitted_and_the_share_is_of_all():
    rows = [row(n, {"R2": 0.9, "gravity": n / 2, "restitution": 0.7}) for n in (1, 2, 3)] + [row(4, {})]
    rows += [row(1, {"R2": 1.0, "gravity": 1.0}, "truth"), row(5, {}, asked="fall"), row(6, {"R2": 1.0}, asked="other")]
    lines = {line.name: line.figures for line in fits(rows).lines}
    found = lines["bounce: a path is fitted"]
    assert (found["made"].value, found["made"].num, found["truth"].value) == (75, 4, 100)
    gravity = lines["bounce: gravity"]["made"]
    assert (gravity.value, gravity.num, gravity.low, gravity.high) == (100, 3, 50, 150)
    assert set(lines["bounce: restitution"]) == {"made"}
    assert lines["fall: a path is fitted"]["made"].value == 0 and "fall: gravity" not in lines


def test_a_law_that_can_not_be_read_is_left_out():
    unread = {**row(1, {}), "verdicts": {}}
    assert fits([unread]).lines == ()


def test_two_clips_of_a_prompt_are_no_two_prompts():
    one = [row(1, {"gravity": 0.4}), row(1001, {"gravity": 0.8})]
    figure = next(line for line in fits(one).lines if line.name == "bounce: gravity").figures["made"]
    assert figure.value == pytest.approx(60) and figure.num == 2 and figure.low == figure.high == figure.value
