"""`kinora train RECIPE`: train a stage, resume it, freeze what it made."""

import argparse
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    names = "text, video, video-decoder, sound, stills, shorts, clips, few, judge-pictures or judge-sounds"
    parser.add_argument("recipe", help=names)
    parser.add_argument(
        "--runs", type=Path, default=Path("runs"), help="folder of checkpoints, shards and logs (default: runs)"
    )
    parser.add_argument("--steps", type=int, help="stop at this step instead of the recipe's last")
    parser.add_argument("--workers", type=int, default=1, help="render processes beside the trainer (default: 1)")
    parser.add_argument(
        "--decay", type=int, default=0, metavar="STEPS", help="leave the trunk on a branch whose rate decays to zero"
    )
    parser.add_argument(
        "--start", default="", help="folder of a trunk to begin from, exported here or on another machine"
    )
    parser.add_argument(
        "--export", type=Path, metavar="FOLDER", help="write the newest checkpoint as a trunk that travels, and stop"
    )
    parser.add_argument("--device", default="cpu", help="cpu or cuda")
    parser.add_argument("--threads", type=int, help="processor threads of the trainer")
    parser.add_argument("--freeze", action="store_true", help="export the newest checkpoint for later stages, and stop")
    parser.add_argument(
        "--ship", type=Path, metavar="FILE", help="write the recipe's newest checkpoint as a weights file, and stop"
    )
    parser.add_argument("--name", metavar="VERSION", help="the version that a shipped file says it is")


def run(arguments: argparse.Namespace) -> None:
    """Train, or freeze."""
    if arguments.ship and not arguments.name:
        raise ValueError("a shipped file says which version it is: give one, as in --name 1.0.0")
    import torch

    from kinora.training.run import Span, export, freeze, run_recipe

    if arguments.threads:
        torch.set_num_threads(arguments.threads)
    if arguments.freeze:
        print(f"wrote {freeze(arguments.recipe, arguments.runs)}")
    elif arguments.export:
        for path in export(arguments.recipe, arguments.runs, arguments.export):
            print(f"wrote {path}")
    elif arguments.ship:
        from kinora.training.ship import ship

        size = ship(arguments.recipe, arguments.runs, arguments.ship, arguments.name)
        print(f"wrote {arguments.ship}, {size / 1e6:.1f} MB")
    else:
        span = Span(num_steps=arguments.steps, decay=arguments.decay, start=arguments.start)
        step = run_recipe(
            arguments.recipe, arguments.runs, span=span, workers=arguments.workers, device=arguments.device
        )
        print(f"reached step {step}; resume with the same command")
