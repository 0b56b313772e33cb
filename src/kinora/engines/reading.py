"""What an engine makes of a prompt: the words it draws, and what became of the others."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self


@dataclass(frozen=True, kw_only=True)
class Reading:
    """A prompt in the world's own words: `replaced` pairs what stood there with what is drawn ("" when it is left
    out), `num_dropped` counts known words past the model's reach, `instead` says that nothing was known and a scene of
    the model's own is drawn; `heard` are the words that the sound follows where they are others, "" for none."""

    prompt: str
    replaced: tuple[tuple[str, str], ...]
    num_dropped: int = 0
    instead: bool = False
    heard: str | None = None

    @property
    def line(self) -> str:
        """One line that says what was replaced, or "" when nothing was."""
        drawn = [f'"{was}" as "{now}"' for was, now in self.replaced if now]
        missing = [f'"{was}"' for was, now in self.replaced if not now]
        parts = {
            f"read {', '.join(drawn)}": drawn,
            f"left out {', '.join(missing)}": missing,
            f"left out the last {self.num_dropped} words": self.num_dropped,
            f'knows nothing else of it and drew "{self.prompt}"': self.instead,
        }
        return "; ".join(part for part, said in parts.items() if said)

    @property
    def said(self) -> str:
        """What is to be said of a reading, in one line; "" for nothing."""
        sound = f'its sound follows "{self.heard}"' if self.heard else "none of it is known by its sound: it is silent"
        drawn = f"the drawn world {self.line}" if self.replaced or self.instead else self.line
        return "; ".join(part for part in (drawn, sound if self.heard is not None else "") if part)

    def as_json(self) -> dict[str, Any]:
        """Return the reading as JSON facts."""
        return {**asdict(self), "replaced": [list(pair) for pair in self.replaced]}

    @classmethod
    def from_json(cls, facts: Mapping[str, Any]) -> Self:
        """Return the reading that `as_json` told."""
        return cls(**{**facts, "replaced": tuple((was, now) for was, now in facts["replaced"])})
