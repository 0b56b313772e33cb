import math

import pytest

from kinora.storybook.moves.physics import collide, dragged_fall, thrown
from kinora.storybook.scene import GRAVITY_M_S2


def test_arcs_are_parabolas_between_touches_and_flat_at_rest():
    arcs = thrown(2.0, 1.0, 0.8)
    assert arcs.height(0.0) == arcs.height(-1.0) == 2.0
    step = 1e-3
    for start, end in zip((0.0, *arcs.touch_s), arcs.touch_s, strict=False):
        middle = (start + end) / 2
        bend = arcs.height(middle - step) - 2 * arcs.height(middle) + arcs.height(middle + step)
        assert bend / step**2 == pytest.approx(-GRAVITY_M_S2, abs=1e-6)
    assert arcs.height(arcs.rest_s + 1.0) == arcs.velocity(arcs.rest_s + 1.0) == 0.0


def test_impacts_follow_from_energy_and_restitution():
    arcs = thrown(2.0, 1.5, 0.8)
    assert arcs.impact_m_s[0] ** 2 == pytest.approx(1.5**2 + 2 * GRAVITY_M_S2 * 2.0)
    for touch, impact in zip(arcs.touch_s, arcs.impact_m_s, strict=True):
        assert arcs.height(touch) == 0.0
        assert arcs.velocity(touch - 1e-9) == pytest.approx(-impact, abs=1e-6)
    assert [b / a for a, b in zip(arcs.impact_m_s, arcs.impact_m_s[1:], strict=False)] == pytest.approx(
        [0.8] * (len(arcs.touch_s) - 1)
    )


def test_flying_stretches_and_landing_flattens_for_a_moment():
    arcs = thrown(2.0, 0.0, 0.8)
    assert arcs.squash(arcs.touch_s[0] - 0.01) < 0 < arcs.squash(arcs.touch_s[0])
    assert arcs.squash(arcs.rest_s + 2.0) == pytest.approx(0.0, abs=1e-6)


def test_drag_starts_as_free_fall_and_ends_at_the_terminal_speed():
    assert dragged_fall(1e-3, 1.0) == pytest.approx(GRAVITY_M_S2 / 2 * 1e-6, rel=1e-4)
    assert dragged_fall(9.0, 1.0) - dragged_fall(8.0, 1.0) == pytest.approx(1.0, rel=1e-9)


@pytest.mark.parametrize("masses", [(1.0, 1.0), (900.0, 1.0)])
@pytest.mark.parametrize("restitution", [0.0, 0.7, 1.0])
def test_a_collision_keeps_momentum_and_at_restitution_one_energy(masses, restitution):
    before = (1.2, -0.8)
    after = collide(masses, before, restitution)

    def total(velocities, power):
        return sum(m * v**power for m, v in zip(masses, velocities, strict=True))

    assert total(after, 1) == pytest.approx(total(before, 1), abs=1e-9)
    assert after[1] - after[0] == pytest.approx(restitution * 2.0, abs=1e-12)
    assert math.isclose(total(after, 2), total(before, 2)) == (restitution == 1.0)
