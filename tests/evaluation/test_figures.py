"""Figures: closed forms, and intervals that hold what they claim."""

import numpy as np
import pytest

from kinora.evaluation.figures import mean, psnr, ratio, share, table, wilson


def test_no_error_is_infinitely_many_decibels():
    assert psnr(np.array(0.0)) == np.inf


@pytest.mark.parametrize("deviation", [1.0, 10.0])
def test_psnr_of_known_noise_is_its_closed_form(deviation):
    noise = deviation * np.random.default_rng(0).standard_normal(200_000)
    assert psnr(np.square(noise).mean()) == pytest.approx(20 * np.log10(255 / deviation), abs=0.05)


def test_the_bootstrap_covers_the_truth_as_often_as_it_says():
    held = 0
    for number in range(120):
        figure = mean("x", np.random.default_rng([1, number]).normal(3.0, 1.0, 60), unit="")
        held += figure.low <= 3.0 <= figure.high
    assert 0.90 <= held / 120 <= 0.99


def test_a_pooled_ratio_is_not_the_mean_of_ratios():
    figure = ratio("x", [1.0, 90.0], [1.0, 9.0], unit="")
    assert figure.value == pytest.approx(9.1)
    assert figure.low <= figure.value <= figure.high


def test_a_perfect_share_still_has_an_interval():
    figure = share("x", [4] * 10, [4] * 10)
    assert (figure.value, figure.high, figure.num) == (100.0, 100.0, 40)
    assert 88 < figure.low < 100


def test_answers_that_hang_together_widen_the_interval():
    together = share("x", [0, 10] * 10, [10] * 20)
    apart = share("x", [5] * 20, [10] * 20)
    assert together.value == apart.value == 50.0
    assert together.high - together.low > 2 * (apart.high - apart.low)


def test_wilson_is_what_the_tables_say():
    assert wilson(8, 10) == pytest.approx((0.4902, 0.9433), abs=1e-4)


def test_nothing_measured_is_an_error():
    with pytest.raises(ValueError, match="give more clips"):
        share("x", [0], [0])


def test_a_table_is_markdown_with_as_many_cells_everywhere():
    lines = [line for line in table("T", [share("x", [1], [2], note="so")]).splitlines() if line.startswith("|")]
    assert len(lines) == 3
    assert {line.count("|") for line in lines} == {6}
