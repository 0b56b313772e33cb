"""Ways to lay a pipeline into memory: on the CPU here, where all of them run, though none of them helps."""

import numpy as np
import pytest
import torch
from tiny_shots import TOLD, entry_of, given_of, shot_of, shown, source_of

from kinora.engines.hub.memory import Machine, Plan, Work
from kinora.engines.open.placing import next_plan

KINDS = ("whole", "offload", "8-bit", "layers")


def opened(folder_of, kind, plan_kind):
    from kinora.engines.open.opening import open_folder

    return open_folder(folder_of(kind), entry_of(kind), Plan(kind=plan_kind, device="cpu", gpu_bytes=0, ram_bytes=1))


def filled(engine, known=()):
    shot = shot_of(engine)
    return shown(engine, engine.fill(shot, TOLD, given_of(source_of(shot), known)), shot).astype(int)


@pytest.mark.parametrize("plan_kind", KINDS)
@pytest.mark.parametrize("kind", ["wan-vace", "wan-5b", "ltx2"])
def test_every_plan_draws_nearly_the_same(engine_of, folder_of, kind, plan_kind):
    engine = opened(folder_of, kind, plan_kind)
    off = np.abs(filled(engine, {0}) - filled(engine_of(kind), {0}))
    assert off.mean() < 8


def test_weights_are_stored_in_eight_bits_and_autoencoders_are_not(folder_of):
    engine = opened(folder_of, "wan", "8-bit")
    pipe = engine.family.pipe
    stored = {
        name: {parameter.dtype for parameter in getattr(pipe, name).parameters()}
        for name in ("transformer", "text_encoder", "vae")
    }
    assert stored["vae"] == {torch.float32}
    assert all(torch.float8_e4m3fn in stored[name] for name in ("transformer", "text_encoder"))
    filled(engine)
    assert torch.float8_e4m3fn in {parameter.dtype for parameter in pipe.transformer.parameters()}


def test_a_pipeline_can_be_laid_anew_ever_slower(folder_of):
    engine = opened(folder_of, "wan-5b", "whole")
    from kinora.engines.open.placing import lay

    takes = [filled(engine, {0})]
    for kind in KINDS[1:]:
        lay(engine.family.pipe, Plan(kind=kind, device="cpu", gpu_bytes=0, ram_bytes=1))
        takes.append(filled(engine, {0}))
    assert max(np.abs(take - takes[0]).mean() for take in takes) < 8


def plan(kind, gigabytes):
    return Plan(kind=kind, gpu_bytes=int(gigabytes * 1e9), ram_bytes=0)


PLANS = [plan("whole", 20), plan("offload", 12), plan("8-bit", 8), plan("layers", 3)]


@pytest.mark.parametrize(
    ("now", "free", "then"),
    [("whole", 24, "whole"), ("whole", 16, "offload"), ("offload", 24, "offload"), ("offload", 4, "layers")],
)
def test_what_needs_more_is_laid_slower_and_nothing_is_laid_faster(now, free, then):
    machine = Machine(ram_bytes=10**9, gpu_bytes=free * 10**9)
    assert next_plan(plan(now, 0), PLANS, machine).kind == then


def test_what_fits_no_way_is_refused_with_a_remedy():
    with pytest.raises(ValueError, match=r"3\.0 GB .* smaller size"):
        next_plan(plan("whole", 0), PLANS, Machine(ram_bytes=10**9, gpu_bytes=10**9))


def test_more_work_takes_more_memory(engine_of):
    place = engine_of("wan-vace").place
    small, large = (place.make_room(Work(num_frames=17, size=(side, side))).ram_bytes for side in (32, 512))
    assert large > small
