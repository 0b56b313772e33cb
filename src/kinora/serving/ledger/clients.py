"""What clients ask of the ledger: videos of their own, and characters."""

import re
from dataclasses import replace

from kinora.serving.ledger.database import Run
from kinora.serving.ledger.desk import Desk
from kinora.serving.ledger.records import Character, KeyReused, UnknownCursor, Video
from kinora.serving.ledger.rows import COLUMNS, change, close, held, hold, insert, tell, video_of

_CURSOR = re.compile(r"video_[0-9a-f]{32}")
_FRESH = {"status": "queued", "stage": "", "progress": 0, "attempts": 0, "worker": "", "workflow": ""}
_OPEN_AGAIN = {"started_at": None, "completed_at": None, "error_code": None, "error_message": None, "cancelled": False}


class Clients(Desk):
    """Every call names the owner: the videos of others are as good as absent."""

    def accept(self, video: Video, *, key: str = "", body_sha256: str = "") -> Video:
        """Return the video once it is on disk; `created_at` 0 becomes now. A failed one is told of.

        An idempotency key this owner has used before returns the video of that time: as it is by now, or as it was
        accepted where it has been removed since. Raises KeyReused where the body was another.
        """
        video = replace(video, created_at=video.created_at or self.now())
        with self.database.write() as run:
            first = self._first_of(run, video, key, body_sha256) if key else None
            if first:
                return held(run, first.id, first.owner) or first
            insert(run, video)
            tell(run, video, video.status, video.created_at)
            run(
                "INSERT INTO accepted (video_id, owner, created_at, seconds)"
                " VALUES (:id, :owner, :created_at, :seconds)",
                id=video.id,
                owner=video.owner,
                created_at=video.created_at,
                seconds=video.seconds,
            )
        return video

    def get(self, id: str, owner: str) -> Video | None:
        """Return a video, None where there is none of this owner."""
        rows = self.database.read(f"SELECT {COLUMNS} FROM videos WHERE id = :id AND owner = :owner", id=id, owner=owner)
        return video_of(rows[0]) if rows else None

    def page(self, owner: str, *, after: str | None, limit: int, newest_first: bool) -> tuple[list[Video], bool]:
        """Return up to `limit` videos by age, and whether more follow.

        A cursor is an id, and ids sort by age: it stands for the same place whatever is added or removed, its own video
        included. Raises UnknownCursor where it is not the shape of an id.
        """
        if after is not None and not _CURSOR.fullmatch(after):
            raise UnknownCursor(after)
        beyond, order = ("<", "DESC") if newest_first else (">", "ASC")
        place = "" if after is None else f" AND id {beyond} :after"
        rows = self.database.read(
            f"SELECT {COLUMNS} FROM videos WHERE owner = :owner{place} ORDER BY id {order} LIMIT :most",
            owner=owner,
            after=after,
            most=limit + 1,
        )
        return [video_of(row) for row in rows[:limit]], len(rows) > limit

    def remove(self, id: str, owner: str) -> Video | None:
        """Return what was there until now. A running turn then finds itself superseded."""
        with self.database.write() as run:
            video = held(run, id, owner)
            if video:
                run("DELETE FROM videos WHERE id = :id", id=id)
                hold(run, id, set())
        return video

    def cancel(self, id: str, owner: str) -> Video | None:
        """Return the video: failed if it was queued, told to its worker if it is in progress, else as it was.

        A worker that completes before it hears of it has completed.
        """
        with self.database.write() as run:
            video = held(run, id, owner)
            if video and video.status == "queued":
                return close(run, video, "failed", now=self.now(), **cancelled())
            if video and video.status == "in_progress":
                return change(run, video, cancelled=True)
        return video

    def retry(self, id: str, owner: str) -> Video | None:
        """Return the video: queued like new if it had failed, else as it was."""
        with self.database.write() as run:
            video = held(run, id, owner)
            if video and video.status == "failed":
                return change(run, video, fence=video.fence + 1, **_FRESH, **_OPEN_AGAIN)
        return video

    def usage(self, owner: str, since: int) -> tuple[int, int]:
        """Return how many videos, and seconds of video, were accepted at `since` (unix seconds) or later.

        Those removed by now count as well.
        """
        ((videos, seconds),) = self.database.read(
            "SELECT COUNT(*), COALESCE(SUM(seconds), 0) FROM accepted WHERE owner = :owner AND created_at >= :since",
            owner=owner,
            since=since,
        )
        return int(videos), int(seconds)

    def waiting(self, owner: str) -> int:
        """Return how many of an owner's videos are queued."""
        ((waiting,),) = self.database.read(
            "SELECT COUNT(*) FROM videos WHERE owner = :owner AND status = 'queued'", owner=owner
        )
        return int(waiting)

    def add_character(self, id: str, owner: str, name: str, blob: str, created_at: int) -> Character:
        """Return the character once it is on disk."""
        character = Character(id=id, owner=owner, name=name, blob=blob, created_at=created_at)
        with self.database.write() as run:
            run(
                "INSERT INTO characters (id, owner, name, blob, created_at)"
                " VALUES (:id, :owner, :name, :blob, :created_at)",
                **vars(character),
            )
            hold(run, id, {blob})
        return character

    def get_character(self, id: str, owner: str) -> Character | None:
        """Return a character, None where there is none of this owner."""
        rows = self.database.read(
            "SELECT id, owner, name, blob, created_at FROM characters WHERE id = :id AND owner = :owner",
            id=id,
            owner=owner,
        )
        names = ("id", "owner", "name", "blob", "created_at")
        return Character(**dict(zip(names, rows[0], strict=True))) if rows else None

    def _first_of(self, run: Run, video: Video, key: str, body_sha256: str) -> Video | None:
        # Of two who come at once with one key, the second waits here until the first has committed.
        mine = run(
            "INSERT INTO idempotency (owner, key, body_sha256, video_id, created_at)"
            " VALUES (:owner, :key, :body, :id, :now) ON CONFLICT (owner, key) DO NOTHING RETURNING key",
            owner=video.owner,
            key=key,
            body=body_sha256,
            id=video.id,
            now=self.now(),
        )
        if mine:
            return None
        ((body, id, created_at),) = run(
            "SELECT body_sha256, video_id, created_at FROM idempotency WHERE owner = :owner AND key = :key",
            owner=video.owner,
            key=key,
        )
        if body != body_sha256:
            raise KeyReused(key)
        return replace(video, id=id, created_at=created_at)


def cancelled() -> dict[str, str]:
    """Return the error of a video whose client did not want it any more."""
    return {"error_code": "cancelled", "error_message": "cancelled before it was finished"}
