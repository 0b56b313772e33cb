"""The network as a velocity, and as jumps that it was taught."""

from dataclasses import replace

import pytest
import torch

from kinora.flow.path import MIN_TIME
from kinora.flow.schedule import shifted
from kinora.flow.shortcut import average_velocity, clean_target, draw_jumps
from kinora.flow.solve import solve
from kinora.flow.state import State, blank
from kinora.models.denoise import jumps_of, velocity_at, velocity_of
from kinora.models.text import TextFeatures
from kinora.models.transformer import Step, Transformer, TransformerConfig

MODES = torch.tensor([[1.5, 0.5], [-1.5, 0.5], [0.0, -1.5]])
SPREAD = 0.2


@pytest.fixture
def words():
    context = torch.randn(2, 3, 16, generator=torch.Generator().manual_seed(4))
    return TextFeatures(context=context, mask=torch.ones(2, 3, dtype=torch.bool), num_slots=2)


@pytest.fixture
def state():
    draw, places = torch.Generator().manual_seed(5), torch.Generator().manual_seed(6)
    streams = {"video": 8, "sound": 4}
    return State(
        streams={
            name: blank(torch.randn(2, 6, channels, generator=draw), torch.rand(2, 6, 3, generator=places))
            for name, channels in streams.items()
        }
    )


def test_silenced_inputs_change_nothing(transformer, state, words):
    """A trunk that knows nothing of few steps answers a jump with its plain velocity, bit for bit."""
    for silent in (transformer.condition.size, transformer.condition.guidance):
        silent.weight.data.zero_()
    jump = jumps_of(transformer, words, shifted(4), 3.0)
    plain = velocity_of(transformer, words)
    for t in shifted(4)[:-1].tolist():
        ours, known = jump(state, t), plain(state, t)
        assert all(torch.equal(ours[name], known[name]) for name in known)


def test_size_and_guidance_are_heard_once_they_have_a_voice(transformer, state, words):
    answers = [
        jumps_of(transformer, words, shifted(n), g)(state, 1.0)["video"] for n, g in ((4, 2.0), (2, 2.0), (4, 3.0))
    ]
    assert not torch.allclose(answers[0], answers[1], atol=1e-4)
    assert not torch.allclose(answers[0], answers[2], atol=1e-4)


def test_a_jump_knows_its_size_from_the_grid(transformer, state, words):
    times = torch.tensor([1.0, 0.75, 0.0])
    for now, size in ((1.0, 0.25), (0.75, 0.75)):
        step = Step(
            t=torch.full((2,), now), given_t=torch.zeros(2), size=torch.full((2,), size), guidance=torch.full((2,), 2.0)
        )
        ours = jumps_of(transformer, words, times, 2.0)(state, now)["video"]
        assert torch.equal(ours, velocity_at(transformer, words, state, step)["video"])


def test_each_row_has_its_own_time(transformer, state, words):
    t = torch.tensor([0.9, 0.01])
    both = velocity_at(transformer, words, state, Step.at(t))["video"]
    for row, now in enumerate(t.tolist()):
        torch.testing.assert_close(both[row], velocity_of(transformer, words)(state, now)["video"][row])
    made, _ = transformer(state, Step.at(t), words)
    torch.testing.assert_close(both[1], (state.streams["video"].x - made["video"])[1] / MIN_TIME)


def test_jumps_ask_once_a_step_and_touch_nothing_given(transformer, state, words):
    video = state.streams["video"]
    state = State(streams={**state.streams, "video": replace(video, free=(torch.arange(6) > 1).float().expand(2, 6))})
    asked = []
    transformer.register_forward_hook(lambda *_: asked.append(1))
    with torch.no_grad():
        end = solve(jumps_of(transformer, words, shifted(4), 2.0), state, shifted(4)).streams["video"]
    assert len(asked) == 4
    assert torch.equal(end.x[:, :2], video.x[:, :2]) and not torch.equal(end.x[:, 2:], video.x[:, 2:])


def mixture_velocity(state, t):
    """The exact velocity of the path between noise and equal Gaussians at `MODES`: towards the posterior mean."""
    x = state.streams["video"].x
    t = torch.as_tensor(t).clamp(min=MIN_TIME).expand(len(x))[:, None, None]
    variance = ((1 - t) * SPREAD) ** 2 + t**2
    away = x.unsqueeze(-2) - (1 - t).unsqueeze(-1) * MODES
    share = torch.softmax(-away.square().sum(-1) / (2 * variance), dim=-1).unsqueeze(-1)
    data = (share * (MODES + ((1 - t) * SPREAD**2 / variance).unsqueeze(-1) * away)).sum(-2)
    return {"video": (x - data) / t}


def tokens(num, draw):
    return State(streams={"video": blank(torch.randn(num, 1, 2, generator=draw), torch.zeros(3))})


def test_taught_jumps_land_nearer_to_the_teacher_than_plain_steps():
    """A mixture in the plane, one step: the velocity at pure noise points at the mean of all modes, a jump at one."""
    torch.manual_seed(0)
    config = TransformerConfig(width=32, depth=2, num_heads=2, hidden=32, text_width=16, channels={"video": 2})
    network, draw = Transformer(config), torch.Generator().manual_seed(1)
    nothing = TextFeatures(context=torch.zeros(128, 1, 16), mask=torch.ones(128, 1, dtype=torch.bool), num_slots=1)
    adam = torch.optim.Adam(network.parameters(), lr=4e-3)
    losses = []
    for _ in range(160):
        state = tokens(128, draw)
        t, size = draw_jumps(128, [1], draw)
        s = average_velocity(mixture_velocity, state, t, size, parts=8)["video"]
        step = Step(t=t, given_t=torch.zeros(128), size=size, guidance=torch.zeros(128))
        made, _ = network(state, step, nothing)
        loss = (made["video"] - clean_target(state.streams["video"].x, s, t)).square().mean()
        loss.backward()
        adam.step()
        adam.zero_grad()
        losses.append(loss.item())
    with torch.no_grad():
        state = tokens(128, draw)
        wanted = solve(mixture_velocity, state, torch.linspace(1, 0, 101)).streams["video"].x
        jumped = solve(jumps_of(network, nothing, shifted(1), 0.0), state, shifted(1)).streams["video"].x
        stepped = solve(mixture_velocity, state, shifted(1)).streams["video"].x
    assert losses[-1] < 0.2 * losses[0]
    assert (jumped - wanted).square().mean() < 0.25 * (stepped - wanted).square().mean()
