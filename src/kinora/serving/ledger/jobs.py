"""What workers ask of the ledger: videos to work at, and leave to close them."""

from collections.abc import Mapping
from typing import Any

from kinora.serving.ledger.clients import cancelled
from kinora.serving.ledger.database import Run
from kinora.serving.ledger.desk import Desk
from kinora.serving.ledger.records import OPEN, Cancelled, Superseded, Turn, Video
from kinora.serving.ledger.rows import COLUMNS, change, close, held, video_of

_WAITING = {"status": "queued", "stage": "", "progress": 0, "worker": ""}
_IS_OPEN = "status IN ('queued', 'in_progress')"


class Jobs(Desk):
    """An open video belongs to one workflow, and to the worker that began it last."""

    def unhanded(self, limit: int) -> list[Video]:
        """Return open videos that no workflow has yet: higher priority first, then older."""
        rows = self.database.read(
            f"SELECT {COLUMNS} FROM videos WHERE {_IS_OPEN} AND workflow = '' ORDER BY priority DESC, id LIMIT :limit",
            limit=limit,
        )
        return [video_of(row) for row in rows]

    def hand_over(self, id: str, workflow: str) -> bool:
        """Whether the video is this workflow's from now on; not where it has one or is closed."""
        return self._take(id, "", workflow=workflow)

    def reopen(self, id: str, workflow: str) -> bool:
        """Whether the video is to be handed over anew, which supersedes every turn; not where it is another workflow's
        or closed."""
        return self._take(id, workflow, workflow="", raised=1, **_WAITING)

    def open_workflows(self) -> dict[str, str]:
        """Return the ids of open videos by that of their workflow."""
        rows = self.database.read(f"SELECT workflow, id FROM videos WHERE {_IS_OPEN} AND workflow <> ''")
        return {workflow: id for workflow, id in rows}

    def begin(self, id: str, worker: str, workflow: str, *, most_attempts: int = 3) -> Turn | None:
        """Return a worker's turn, which supersedes every earlier one.

        None where the video is gone, closed or another workflow's. A cancelled one is closed here, and one that was
        begun `most_attempts` times without an end fails with the code "poisoned". Raises Superseded for a worker that
        was buried, which may not know it yet.
        """
        with self.database.write() as run:
            if not run("SELECT 1 FROM workers WHERE id = :id FOR UPDATE", id=worker):
                raise Superseded(id)
            video = held(run, id)
            if not video or video.status not in OPEN or video.workflow != workflow:
                return None
            error = cancelled() if video.cancelled else poisoned(video) if video.attempts >= most_attempts else None
            if error:
                close(run, video, "failed", now=self.now(), **error)
                return None
            video = change(
                run,
                video,
                status="in_progress",
                worker=worker,
                fence=video.fence + 1,
                attempts=video.attempts + 1,
                started_at=video.started_at or self.now(),
            )
        return Turn(video=video, fence=video.fence, worker=worker)

    def advance(self, turn: Turn, *, stage: str, progress: int) -> None:
        """Write down how far a turn is. Raises Superseded or Cancelled."""
        with self.database.write() as run:
            video = change(run, self._mine(run, turn), stage=stage, progress=progress)
        if video.cancelled:
            raise Cancelled(video.id)

    def took(self, stage: str, seconds: float) -> None:
        """Count a stage that was finished, and how long it took."""
        with self.database.write() as run:
            run(
                "INSERT INTO stages (stage, seconds, finished) VALUES (:stage, :seconds, 1)"
                " ON CONFLICT (stage) DO UPDATE SET seconds = stages.seconds + :seconds,"
                " finished = stages.finished + 1",
                stage=stage,
                seconds=seconds,
            )

    def complete(self, turn: Turn, *, result: Mapping[str, Any], notes: Mapping[str, Any], expires_at: int) -> None:
        """Publish a result; `notes` are added to those the video has. Raises Superseded."""
        with self.database.write() as run:
            video = self._mine(run, turn)
            notes = {**video.notes, **notes}
            done = {"progress": 100, "result": result, "notes": notes, "expires_at": expires_at}
            close(run, video, "completed", now=self.now(), **done)

    def fail(self, turn: Turn, *, code: str, message: str) -> None:
        """Close a video without a result; its client reads code and message. Raises Superseded."""
        with self.database.write() as run:
            close(run, self._mine(run, turn), "failed", now=self.now(), error_code=code, error_message=message)

    def hand_back(self, turn: Turn) -> None:
        """Queue a video again as if this attempt had not been; a cancelled one is closed. Raises Superseded."""
        with self.database.write() as run:
            video = self._mine(run, turn)
            if video.cancelled:
                close(run, video, "failed", now=self.now(), **cancelled())
            else:
                change(run, video, attempts=video.attempts - 1, **_WAITING)

    def _take(self, id: str, owner: str, *, raised: int = 0, **changes: Any) -> bool:  # noqa: ANN401  fields of Video
        """Whether an open video that a workflow owned was changed, and its fence raised."""
        with self.database.write() as run:
            video = held(run, id)
            if not video or video.status not in OPEN or video.workflow != owner:
                return False
            change(run, video, fence=video.fence + raised, **changes)
        return True

    @staticmethod
    def _mine(run: Run, turn: Turn) -> Video:
        video = held(run, turn.video.id)
        if not video or video.status != "in_progress" or video.fence != turn.fence:
            raise Superseded(turn.video.id)
        return video


def poisoned(video: Video) -> dict[str, str]:
    """Return the error of a video that ended every worker that took it up."""
    message = f"{video.attempts} attempts ended without a result or an error; it will not be tried again"
    return {"error_code": "poisoned", "error_message": message}
