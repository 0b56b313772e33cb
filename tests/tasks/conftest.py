"""Files are signed, by a signer of the tests' own; and every job on small films."""

import pytest

from kinora.tasks.jobs import extend, fill, join, loop, mend, score, smooth

QUICK = {"steps": 1, "loose": True, "seed": 3}
PROMPT = "a red fox in the snow"


@pytest.fixture(autouse=True)
def home(tmp_path_factory, monkeypatch):
    """A data folder of the tests' own; the user's is never touched."""
    folder = tmp_path_factory.getbasetemp() / "home"
    monkeypatch.setenv("KINORA_HOME", str(folder))
    for name in ("KINORA_SIGNER_CERTS", "KINORA_SIGNER_KEY", "KINORA_TRUST_ANCHORS"):
        monkeypatch.delenv(name, raising=False)
    return folder


@pytest.fixture
def jobs(film):
    """Every job on small films, with the frames of its file that are known: pairs of number there and in which film."""
    long, short = film(20), film(13, "short.mkv", seed=1)
    return {
        "extend": (extend(long, PROMPT, seconds=1, **QUICK), [(n, long, n) for n in range(20)]),
        "before": (extend(short, PROMPT, seconds=1, before=True, **QUICK), [(12 + n, short, n) for n in range(13)]),
        "fill": (fill(long, from_s=0.5, to_s=1.0, **QUICK), [(n, long, n) for n in range(20) if not 6 <= n < 12]),
        "mend": (mend(long, frames=[3, 9], **QUICK), [(n, long, n) for n in range(20) if n not in (3, 9)]),
        "smooth": (smooth(short, fps=24, **QUICK), [(2 * n, short, n) for n in range(13)]),
        "loop": (loop(short, PROMPT, seconds=1, **QUICK), [(n, short, n) for n in range(13)]),
        "join": (
            join(long, short, PROMPT, seconds=0.5, **QUICK),
            [(n, long, n) for n in range(20)] + [(26 + n, short, n) for n in range(13)],
        ),
        "score": (score(long, music="drums", **QUICK), [(n, long, n) for n in range(20)]),
    }
