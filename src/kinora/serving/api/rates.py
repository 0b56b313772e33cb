"""Requests a minute by key, over a moving window in this process."""

import time

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from kinora.serving.api.errors import later


class Rates:
    """Counts; any thread may call."""

    def __init__(self) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    def count(self, owner: str, most: int) -> None:
        """Count one request. ApiError 429, which says when to come back, where there were `most` in the last minute."""
        rate = RateLimitItemPerMinute(most)
        if self._limiter.hit(rate, owner):
            return
        wait_s = int(self._limiter.get_window_stats(rate, owner).reset_time - time.time()) + 1
        message = f"more than {most} requests in a minute; ask again in {max(wait_s, 1)} s"
        raise later(429, message, code="rate_limit_exceeded", retry_after_s=wait_s)
