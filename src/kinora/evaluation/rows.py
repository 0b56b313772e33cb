"""Rows of an evaluation: each is on disk as soon as it is known, so that a stopped run goes on where it stopped."""

import json
import multiprocessing
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from multiprocessing.pool import Pool
from pathlib import Path
from typing import Any, TypeVar

import torch
from tqdm import tqdm

from kinora.media.files import whole_file

Row = dict[str, Any]
Job = TypeVar("Job")

ROWS = "rows.jsonl"


def all_rows(
    jobs: Mapping[str, Job], folder: Path, found: Callable[[list[Job]], Iterable[Row]], said: str
) -> list[Row]:
    """Return the rows of jobs by their keys, in their order, once `found` has brought those that a folder has not got
    yet. The bar says each row's value of the name `said`."""
    path = folder / ROWS
    kept = read_rows(path)
    left = [job for key, job in jobs.items() if key not in kept]
    with tqdm(total=len(jobs), initial=len(jobs) - len(left), unit="clip") as bar:
        for row in found(left):
            keep_row(path, row)
            bar.set_description(row[said], refresh=False)
            bar.update()
    rows = read_rows(path)
    return [rows[key] for key in jobs]


def tried(jobs: Iterable[Job], try_one: Callable[[Job], Row], workers: int) -> Iterator[Row]:
    """Yield the rows of jobs as they are done, each process with a thread of its own."""
    if workers == 1:
        yield from map(try_one, jobs)
        return
    with processes(workers) as pool:
        yield from pool.imap_unordered(try_one, jobs)


def processes(workers: int) -> Pool:
    """Return so many processes, each with a thread of its own."""
    return multiprocessing.get_context("spawn").Pool(workers, initializer=torch.set_num_threads, initargs=(1,))


def keep_row(path: Path, row: Row) -> None:
    """Append a row to a file, and wait until it is on disk."""
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(row) + "\n")
        file.flush()
        os.fsync(file.fileno())


def read_rows(path: Path) -> dict[str, Row]:
    """Return the rows of a file by their keys; what a killed run left half-written at its end is taken away."""
    if not path.exists():
        return {}
    data = path.read_bytes()
    whole = data[: data.rfind(b"\n") + 1]
    if len(whole) < len(data):
        with whole_file(path) as temporary:
            temporary.write_bytes(whole)
    rows = map(json.loads, whole.splitlines())
    return {row["key"]: row for row in rows}
