"""The workflow engine: DBOS on its own database, in one file so that the rest of the worker says what, not how.

DBOS keeps which workflows there are, who runs them and what each step gave; a workflow that is started again gets the
recorded results of its finished steps. It never notices by itself that an executor died: `recover` tells it. Whoever
claims a workflow gets a token, and DBOS takes checkpoints only from the holder of the newest.
"""

import json
import sqlite3
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

import sqlalchemy
from dbos import DBOS, SetEnqueueOptions, SetWorkflowID
from dbos._core import StepOptions
from dbos._serialization import Serializer

# Never raised with a release: DBOS recovers only workflows of its own version, and jobs outlive upgrades.
APPLICATION_VERSION = "1"
POLL_S = 0.2
PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=30000", "foreign_keys=ON")
RUNNING = ("ENQUEUED", "DELAYED", "PENDING")
Result = TypeVar("Result")
ENDED = ("SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED")
# DBOS runs the lowest number first; ours is highest first.
MIDDLE_PRIORITY = 1_000_000


class StepFailed(Exception):
    """A step that failed for good, as DBOS remembers it: nothing of an unexpected error is kept but that it was."""


class JsonSerializer(Serializer):
    """Arguments and results as JSON, errors by the name of their class: nothing is ever unpickled.

    Of `errors` the arguments are kept too; any other error comes back as StepFailed.
    """

    def __init__(self, errors: Iterable[type[Exception]] = ()) -> None:
        self._errors = {error.__name__: error for error in errors}

    def serialize(self, data: object) -> str:
        """Return JSON text. Raises TypeError for what JSON can't say."""
        if not isinstance(data, BaseException):
            return json.dumps({"value": data})
        name = type(data).__name__
        return json.dumps({"error": name, "arguments": data.args if name in self._errors else []})

    def deserialize(self, serialized_data: str) -> Any:  # noqa: ANN401  as DBOS has it
        """Return what was serialised."""
        told = json.loads(serialized_data)
        if "value" in told:
            return told["value"]
        return self._errors.get(told["error"], StepFailed)(*told["arguments"])

    def name(self) -> str:
        """The name that DBOS keeps beside each value."""
        return "kinora_json"


@dataclass(frozen=True, kw_only=True)
class Queue:
    """A line of workflows, of which one worker runs `at_once` at a time."""

    name: str
    at_once: int


class Steps:
    """This process's DBOS. There is one to a process, because DBOS keeps itself in globals."""

    def __init__(self, url: str, executor: str, *, errors: Iterable[type[Exception]] = ()) -> None:
        DBOS(
            config={
                "name": "kinora",
                "system_database_url": url,
                "executor_id": executor,
                "application_version": APPLICATION_VERSION,
                "serializer": JsonSerializer(errors),
                "log_level": "CRITICAL",
                "use_listen_notify": False,
                "notification_listener_polling_interval_sec": 60.0,
                "sys_db_pool_size": 8,
                "system_database_engine": _sqlite_engine(url) if url.startswith("sqlite") else None,
            }
        )

    def workflow(self, name: str, act: Callable[..., None]) -> Callable[..., None]:
        """Register a workflow; `act`'s arguments are JSON. How often it is taken up again is the ledger's matter."""
        # DBOS marks what it is given, which a method doesn't suffer.
        return DBOS.workflow(name=name, max_recovery_attempts=None)(partial(act))

    def launch(self, queues: Iterable[Queue]) -> None:
        """Make or migrate the tables, and begin to take workflows from these queues."""
        DBOS.launch()
        for queue in queues:
            DBOS.register_queue(
                queue.name, worker_concurrency=queue.at_once, polling_interval_sec=POLL_S, on_conflict="always_update"
            )

    def enqueue(
        self,
        queue: str,
        act: Callable[..., None],
        *arguments: object,
        workflow: str,
        priority: int = 0,
        delay_s: float | None = None,
    ) -> None:
        """Put a workflow in line under an id; one that is known by this id already stays as it is."""
        rank = min(max(MIDDLE_PRIORITY - priority, 1), 2 * MIDDLE_PRIORITY)
        found = DBOS.retrieve_queue(queue)
        assert found is not None, f"queue {queue} was not launched"
        with SetWorkflowID(workflow), SetEnqueueOptions(priority=rank, delay_seconds=delay_s):
            found.enqueue(act, *arguments)

    def executors(self) -> set[str]:
        """Return who holds workflows, dead or alive."""
        held = DBOS.list_workflows(status="PENDING", load_input=False, load_output=False)
        return {workflow.executor_id for workflow in held if workflow.executor_id}

    def recover(self, dead: Iterable[str]) -> int:
        """Put back in line what these executors held, and return how many workflows that was. They must be dead, or
        buried: they lose their tokens. Asked twice, it does nothing the second time."""
        return len(DBOS._recover_pending_workflows(sorted(dead)))

    def running(self, workflows: Iterable[str]) -> set[str]:
        """Return which of these workflows are in line or in hand."""
        ids = sorted(workflows)
        found = DBOS.list_workflows(workflow_ids=ids, load_input=False, load_output=False) if ids else []
        return {workflow.workflow_id for workflow in found if workflow.status in RUNNING}

    def forget_ended(self, before: str, limit: int = 500) -> int:
        """Delete the records of workflows that ended before an instant (ISO 8601), and return how many there were."""
        ended = DBOS.list_workflows(
            status=list(ENDED), completed_before=before, limit=limit, load_input=False, load_output=False
        )
        if ended:
            DBOS.delete_workflows([workflow.workflow_id for workflow in ended])
        return len(ended)


def this_workflow() -> str:
    """Return the id of the workflow that this thread runs."""
    workflow = DBOS.workflow_id
    assert workflow is not None, "not inside a workflow"
    return workflow


def step(
    name: str,
    act: Callable[[], Result],
    *,
    attempts: int = 1,
    should_retry: Callable[[BaseException], bool] | None = None,
) -> Result:
    """Run a step of this thread's workflow, or return what it gave when it was run before. Its result is JSON."""
    options: StepOptions = {
        "name": name,
        "retries_allowed": attempts > 1,
        "max_attempts": attempts,
        "should_retry": should_retry,
    }
    return DBOS.run_step(options, act)


def _sqlite_engine(url: str) -> sqlalchemy.Engine:
    """DBOS's own choice of settings, and two more: a log that readers don't wait for, and a sync at each commit."""
    engine = sqlalchemy.create_engine(url)

    @sqlalchemy.event.listens_for(engine, "connect")
    def _set(connection: sqlite3.Connection, _: object) -> None:
        connection.isolation_level = "IMMEDIATE"
        for pragma in PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")

    return engine
