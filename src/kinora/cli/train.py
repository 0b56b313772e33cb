"""`kinora train RECIPE`: train a stage, resume it, freeze what it made."""

import argparse
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("recipe", help="text, video, video-decoder, sound, stills, shorts or clips")
    parser.add_argument("--runs", type=Path, default=Path("runs"), help="folder of checkpoints, shards and logs (default: runs)")
    parser.add_argument("--steps", type=int, help="stop at this step instead of the recipe's last")
    parser.add_argument("--workers", type=int, default=1, help="render processes beside the trainer (default: 1)")
    parser.add_argument("--start", default="", help="a trunk to begin from, exported here or on another machine")
    parser.add_argument("--device", default="cpu", help="cpu or cuda")
    parser.add_argument("--threads", type=int, help="processor threads of the trainer")
    parser.add_argument("--freeze", action="store_true", help="export the newest checkpoint for later stages, and stop")


def run(arguments: argparse.Namespace) -> None:
    """Train, or freeze."""
    import torch

    from kinora.training.run import freeze, run_recipe

    if arguments.threads:
        torch.set_num_threads(arguments.threads)
    if arguments.freeze:
        print(f"wrote {freeze(arguments.recipe, arguments.runs)}")
        return
    step = run_recipe(
        arguments.recipe,
        arguments.runs,
        num_steps=arguments.steps,
        workers=arguments.workers,
        start=arguments.start,
        device=arguments.device,
    )
    print(f"reached step {step}; resume with the same command")
