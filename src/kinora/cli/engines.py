"""`kinora engines`: what draws, what it needs, and what of it is on disk; pull, verify and remove weights, and accept
their licences."""

import argparse
import json
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from kinora.engines.hub.shelf import Record

HEAD = ("name", "licence", "download", "on disk", "whole", "offload", "8-bit", "layers", "RAM", "here", "5 s clip")
CLIP_S = 5.0
MOST_SIZES = 5
SUMMARIES = {
    "accept": "print the limits of an engine's licence, and accept them for this machine",
    "verify": "check every file against its hash",
    "remove": "delete it from the disk",
}
CARD_KINDS = ("whole", "offload", "8-bit", "layers")
NOTE = (
    "GB of memory on the card by plan, of which the first that fits is taken: whole; one part at a time (offload);\n"
    "likewise, stored in 8 bits; layer by layer. RAM is that of all four. Reckoned for one window at the engine's\n"
    "usual size, not measured on a card. A ~ before seconds: reckoned at 0.4 of this machine's rate of matrix\n"
    "products. `kinora engines pull NAME` fetches one."
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("--json", action="store_true", help="print everything that is known of them as JSON")
    actions = parser.add_subparsers(dest="action", metavar="ACTION")
    pull = actions.add_parser("pull", help="fetch an engine's weights, or what is missing of them")
    pull.add_argument("name", help="an engine's name")
    pull.add_argument("--revision", default="", metavar="HEX", help="the commit to fetch, all 40 digits of it")
    pull.add_argument("--accept-licence", action="store_true", help="accept a licence with limits, which are printed")
    for action, summary in SUMMARIES.items():
        actions.add_parser(action, help=summary).add_argument("name", help="an engine's name")


def run(arguments: argparse.Namespace) -> None:
    """Do one of the actions, or list the engines."""
    ACTIONS[arguments.action](arguments)


def _pull(arguments: argparse.Namespace) -> None:
    from kinora.engines.catalog import entry_of
    from kinora.engines.hub.pull import pull

    entry = entry_of(arguments.name)
    if arguments.accept_licence:
        print("\n".join(entry.terms))
    try:
        pull(entry, arguments.revision, accepts_licence=arguments.accept_licence)
    except KeyboardInterrupt:
        print(
            f"kinora: stopped; what has come is kept: the same command goes on there, and `kinora engines remove"
            f" {entry.name}` deletes it",
            file=sys.stderr,
        )
        sys.exit(130)


def _accept(arguments: argparse.Namespace) -> None:
    from kinora.engines.catalog import entry_of
    from kinora.engines.hub.licence import accept

    entry = entry_of(arguments.name)
    path = accept(entry)
    print("\n".join(entry.terms))
    print(f"accepted: {path} says so")


def _folder(name: str) -> "Path":
    """Where an engine's weights are pulled to. Raises ValueError for the one that is in the package."""
    from kinora.engines.catalog import NATIVE, entry_of
    from kinora.engines.hub.shelf import folder_of

    if name == NATIVE:
        raise ValueError(f"{name} is in the package: nothing of it was pulled")
    return folder_of(entry_of(name).name)


def _verify(arguments: argparse.Namespace) -> None:
    from tqdm import tqdm

    from kinora.engines.hub.shelf import check_folder, read_record

    folder = _folder(arguments.name)
    check_folder(folder, hashes=False)
    record = read_record(folder)
    total = sum(size_bytes for size_bytes, _ in record.files.values())
    with tqdm(total=total, unit="B", unit_scale=True, dynamic_ncols=True) as bar:
        check_folder(folder, advance=bar.update)
    print(
        f"{arguments.name}: {len(record.files)} files are as {record.repository} had them at commit {record.revision}"
    )


def _remove(arguments: argparse.Namespace) -> None:
    from kinora.engines.hub.pull import remove

    freed = remove(_folder(arguments.name).name)
    print(f"{arguments.name} is removed; {freed / 1e9:.1f} GB are free again")


def _list(arguments: argparse.Namespace) -> None:
    from kinora.engines.hub.memory import this_machine

    machine = this_machine()
    facts = facts_of_all(machine)
    if arguments.json:
        print(json.dumps({"machine": vars(machine), "engines": facts}, indent=2))
        return
    card = f"{machine.gpu_name}, {_gb(machine.gpu_bytes)} GB free" if machine.gpu_bytes is not None else "no card"
    print(f"{table(facts)}\n\n{NOTE}\nThis machine: {card}; {_gb(machine.ram_bytes)} GB of RAM are free.")


ACTIONS = {None: _list, "pull": _pull, "accept": _accept, "verify": _verify, "remove": _remove}


def facts_of_all(machine: Any) -> list[dict[str, Any]]:  # noqa: ANN401
    """Return what is known of every engine, and whether a machine can run it. None is not known, or not measured."""
    from dataclasses import asdict

    from kinora.engines.catalog import CATALOG, NATIVE
    from kinora.engines.hub.licence import is_accepted
    from kinora.engines.hub.memory import fits, largest_work, plans
    from kinora.engines.hub.shelf import folder_of
    from kinora.engines.speed import matmul_flop_per_s, speed_of

    facts, flop_per_s = [], matmul_flop_per_s()
    for name, entry in CATALOG.items():
        possible = plans(entry.parts, entry.network, largest_work(entry)) if entry.network else []
        folder, is_native = folder_of(name), name == NATIVE
        record = None if is_native else _record(folder)
        is_here = is_native or record is not None
        fitting = "cpu" if is_native else next((plan.kind for plan in possible if fits(plan, machine)), None)
        speed = speed_of(entry, CLIP_S, flop_per_s) if fitting else None
        facts.append(
            {
                "name": name,
                "title": entry.title,
                "licence": entry.licence,
                "terms": list(entry.terms),
                "is_accepted": is_accepted(entry),
                "repository": entry.repository or None,
                "revision": (record.revision if record else entry.revision) or None,
                "parameters": entry.parameters,
                "download_bytes": entry.download_bytes,
                "on_disk": is_here,
                "folder": None if is_native else str(folder),
                "can": sorted(entry.can),
                "canvas": asdict(entry.canvas),
                "window_frames": entry.window_frames,
                "steps": entry.steps,
                "guidance": entry.guidance,
                "plans": [asdict(plan) for plan in possible],
                "fits": fitting,
                "has_disk": is_here or _has_disk(folder, entry.download_bytes),
                "seconds_of_5_s": speed.seconds if speed else None,
                "is_measured": bool(speed and speed.is_measured),
            }
        )
    return facts


def _record(folder: "Path") -> "Record | None":
    """What was pulled into a folder; None where that is not whole, or nothing says so that can be read."""
    from kinora.engines.hub.shelf import is_complete, read_record

    try:
        return read_record(folder) if is_complete(folder) else None
    except ValueError:
        return None


def table(facts: list[dict[str, Any]]) -> str:
    """Return the engines for people: a line of figures each, then what it can do."""
    rows = [HEAD, *map(_row, facts)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEAD))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    told = [f"  {fact['title']}\n  draws: {_drawn(fact)}\n  can: {', '.join(fact['can'])}" for fact in facts]
    return "\n".join([lines[0], *(text for pair in zip(lines[1:], told, strict=True) for text in pair)])


def _drawn(fact: dict[str, Any]) -> str:
    canvas = fact["canvas"]
    sizes = ", ".join(f"{width}x{height}" for height, width in canvas["sizes"][:MOST_SIZES])
    more = ", ..." if len(canvas["sizes"]) > MOST_SIZES else ""
    return f"{fact['window_frames']} frames at once, {canvas['fps']} a second, at {sizes}{more} or turned"


def _row(fact: dict[str, Any]) -> tuple[str, ...]:
    needs = {plan["kind"]: plan for plan in fact["plans"]}
    download = "none" if fact["download_bytes"] == 0 else "not known"
    return (
        fact["name"],
        fact["licence"],
        f"{_gb(fact['download_bytes'])} GB" if fact["download_bytes"] else download,
        "yes" if fact["on_disk"] else "no",
        *(_gb(needs[kind]["gpu_bytes"]) if kind in needs else "-" for kind in CARD_KINDS),
        _gb(needs["offload"]["ram_bytes"]) if needs else "-",
        _here(fact),
        _said(fact["seconds_of_5_s"], fact["is_measured"]),
    )


def _said(seconds: float | None, is_measured: bool) -> str:
    return "-" if seconds is None else f"{seconds:.0f} s" if is_measured else f"~{seconds:.0f} s"


def _here(fact: dict[str, Any]) -> str:
    if not fact["fits"]:
        return "no: memory"
    return str(fact["fits"]) if fact["has_disk"] else "no: disk"


def _has_disk(folder: Any, num_bytes: int | None) -> bool:  # noqa: ANN401
    """Whether a download fits onto the disk; where its size is not known, the pull will say."""
    import shutil

    there = next(place for place in (folder, *folder.parents) if place.exists())
    return shutil.disk_usage(there).free > (num_bytes or 0)


def _gb(num_bytes: int) -> str:
    return f"{num_bytes / 1e9:.1f}" if num_bytes < 99.95e9 else f"{num_bytes / 1e9:.0f}"
