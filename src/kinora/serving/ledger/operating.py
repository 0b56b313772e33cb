"""Who is working, what is to be told, what may be thrown away, and how much of it all there is."""

import json
from collections.abc import Mapping
from typing import Any

from kinora.serving.ledger.desk import Desk
from kinora.serving.ledger.records import Counts, Event, Video
from kinora.serving.ledger.rows import COLUMNS, change, held, video_of

KEYS_KEPT_S = 48 * 3600
EVENTS_KEPT_S = 7 * 24 * 3600
ACCEPTED_KEPT_S = 366 * 24 * 3600


class Workers(Desk):
    """Workers show that they are alive by a number that grows; it is no time, so that no clock matters."""

    def arrive(self, worker: str, facts: Mapping[str, Any]) -> None:
        """Write a worker down, with whatever is worth knowing of it."""
        with self.database.write() as run:
            run(
                "INSERT INTO workers (id, beat, facts, arrived_at) VALUES (:id, 0, :facts, :now)",
                id=worker,
                facts=json.dumps(facts),
                now=self.now(),
            )

    def beat(self, worker: str) -> bool:
        """Whether the worker still counts as alive; if not, it was buried and must end."""
        with self.database.write() as run:
            return bool(run("UPDATE workers SET beat = beat + 1 WHERE id = :id RETURNING id", id=worker))

    def leave(self, worker: str) -> None:
        """Forget a worker that ends by itself."""
        with self.database.write() as run:
            run("DELETE FROM workers WHERE id = :id", id=worker)

    def beats(self) -> dict[str, int]:
        """Return every worker's beat."""
        return {id: beat for id, beat in self.database.read("SELECT id, beat FROM workers")}

    def bury(self, worker: str, beat: int) -> bool:
        """Whether this call forgot the worker: not where it has beaten since, or another was first."""
        with self.database.write() as run:
            return bool(run("DELETE FROM workers WHERE id = :id AND beat = :beat RETURNING id", id=worker, beat=beat))


class Events(Desk):
    """What is to be told by webhooks; each event was written in the transaction that closed its video."""

    def unhanded_events(self, limit: int) -> list[Event]:
        """Return events that no workflow has yet, older first."""
        rows = self.database.read(
            "SELECT id, type, video_id, created_at FROM events WHERE closed = 0 AND workflow = ''"
            " ORDER BY id LIMIT :limit",
            limit=limit,
        )
        return [Event(id=id, type=type, video_id=video_id, created_at=at) for id, type, video_id, at in rows]

    def hand_over_event(self, id: str, workflow: str) -> bool:
        """Whether the event is this workflow's from now on; not where it has one or is closed."""
        statement = "UPDATE events SET workflow = :new WHERE id = :id AND workflow = '' AND closed = 0 RETURNING id"
        with self.database.write() as run:
            return bool(run(statement, id=id, new=workflow))

    def close_event(self, id: str, delivered: bool) -> None:
        """Write down that there is nothing more to tell: it was delivered, or given up."""
        with self.database.write() as run:
            run("UPDATE events SET closed = 1, delivered = :delivered WHERE id = :id", id=id, delivered=int(delivered))


class Keeping(Desk):
    """Counting, and throwing away."""

    def counts(self) -> Counts:
        """Return how many videos there are in each state."""
        rows = self.database.read("SELECT status, error_code, COUNT(*) FROM videos GROUP BY status, error_code")
        of = {
            status: sum(int(n) for s, _, n in rows if s == status) for status in ("queued", "in_progress", "completed")
        }
        failed = {code or "": int(n) for status, code, n in rows if status == "failed"}
        ((oldest,),) = self.database.read("SELECT MIN(created_at) FROM videos WHERE status = 'queued'")
        return Counts(**of, failed=failed, oldest_queued_s=0.0 if oldest is None else max(0.0, self._clock() - oldest))

    def made(self) -> tuple[int, int]:
        """Return the seconds of all completed videos, and the seconds from each one's first begin to its end."""
        ((seconds, spent_s),) = self.database.read(
            "SELECT COALESCE(SUM(seconds), 0), COALESCE(SUM(completed_at - started_at), 0)"
            " FROM videos WHERE status = 'completed'"
        )
        return int(seconds), int(spent_s)

    def stages(self) -> dict[str, int]:
        """Return how many videos in progress are in each stage."""
        rows = self.database.read("SELECT stage, COUNT(*) FROM videos WHERE status = 'in_progress' GROUP BY stage")
        return {stage or "begin": int(number) for stage, number in rows}

    def stage_times(self) -> dict[str, tuple[float, int]]:
        """Return the seconds that all finished runs of each stage took, and how many there were."""
        rows = self.database.read("SELECT stage, seconds, finished FROM stages")
        return {stage: (float(seconds), int(finished)) for stage, seconds, finished in rows}

    def expired(self, now: int, limit: int) -> list[Video]:
        """Return videos whose result has outlived its `expires_at` (unix seconds), the longest first."""
        rows = self.database.read(
            f"SELECT {COLUMNS} FROM videos WHERE result IS NOT NULL AND expires_at <= :now"
            " ORDER BY expires_at, id LIMIT :limit",
            now=now,
            limit=limit,
        )
        return [video_of(row) for row in rows]

    def forget_result(self, id: str) -> None:
        """Drop a video's result, the row stays; its blobs may go where nothing else refers to them."""
        with self.database.write() as run:
            video = held(run, id)
            if video:
                change(run, video, result=None)

    def refers_to(self, blob: str) -> bool:
        """Whether any video or character is still kept that needs a blob."""
        return bool(self.database.read("SELECT 1 FROM holds WHERE blob = :blob LIMIT 1", blob=blob))

    def prune(self) -> None:
        """Forget idempotency keys after two days, events after a week, what was accepted after a year."""
        kept = {"idempotency": KEYS_KEPT_S, "events": EVENTS_KEPT_S, "accepted": ACCEPTED_KEPT_S}
        for table, kept_s in kept.items():
            with self.database.write() as run:
                run(f"DELETE FROM {table} WHERE created_at < :before", before=self.now() - kept_s)
