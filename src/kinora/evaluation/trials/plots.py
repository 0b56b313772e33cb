"""Small drawings for a page, as SVG that stands in the page itself: no script, no file, no network."""

from collections.abc import Mapping, Sequence
from html import escape

import numpy as np

from kinora.evaluation.figures import Figure

WIDTH, HEIGHT, MARGIN = 220, 20, 6
KEY_WIDTH = 48
HISTOGRAM = (560, 150)
BINS = 40


def gauge(figures: Mapping[str, Figure]) -> str:
    """Return shares on a line from 0 to 100 %: what is made with its interval, and marks for its controls.

    Truth is a ring, the oracle a dashed tick, the round trip a small ring, shuffled prompts a cross, chance a tick.
    """
    return _svg(WIDTH, HEIGHT, _gauge(figures), "gauge")


def key(name: str) -> str:
    """Return the middle of a gauge, where one mark alone stands."""
    parts = _gauge({name: Figure(name="", value=50, unit="%", num=1, low=25, high=75)})
    return _svg(KEY_WIDTH, HEIGHT, parts, "gauge key", left=(WIDTH - KEY_WIDTH) // 2)


def _gauge(figures: Mapping[str, Figure]) -> list[str]:
    middle = HEIGHT / 2
    parts = [f'<line class="axis" x1="{MARGIN}" x2="{WIDTH - MARGIN}" y1="{middle}" y2="{middle}"/>']
    parts += [f'<line class="grid" x1="{_at(x)}" x2="{_at(x)}" y1="5" y2="{HEIGHT - 5}"/>' for x in (0, 50, 100)]
    draw = {
        "chance": _tick,
        "oracle": _dashes,
        "shuffled": _cross,
        "round trip": _small_ring,
        "truth": _ring,
        "made": _dot,
    }
    return parts + [draw[name](figures[name]) for name in draw if name in figures]


def _at(percent: float) -> float:
    return round(MARGIN + (WIDTH - 2 * MARGIN) * percent / 100, 1)


def _dot(figure: Figure) -> str:
    low, high = (figure.value if end is None else end for end in (figure.low, figure.high))
    whisker = f'<line class="whisker" x1="{_at(low)}" x2="{_at(high)}" y1="{HEIGHT / 2}" y2="{HEIGHT / 2}"/>'
    return f'{whisker}<circle class="made" cx="{_at(figure.value)}" cy="{HEIGHT / 2}" r="4.5"/>'


def _ring(figure: Figure) -> str:
    return f'<circle class="truth" cx="{_at(figure.value)}" cy="{HEIGHT / 2}" r="4.5"/>'


def _small_ring(figure: Figure) -> str:
    return f'<circle class="truth" cx="{_at(figure.value)}" cy="{HEIGHT / 2}" r="2.5"/>'


def _tick(figure: Figure) -> str:
    return f'<line class="chance" x1="{_at(figure.value)}" x2="{_at(figure.value)}" y1="3" y2="{HEIGHT - 3}"/>'


def _dashes(figure: Figure) -> str:
    x = _at(figure.value)
    return f'<line class="chance" stroke-dasharray="2 2" x1="{x}" x2="{x}" y1="1" y2="{HEIGHT - 1}"/>'


def _cross(figure: Figure) -> str:
    x, y, reach = _at(figure.value), HEIGHT / 2, 3
    return (
        f'<path class="shuffled" d="M{x - reach} {y - reach}L{x + reach} {y + reach}'
        f'M{x - reach} {y + reach}L{x + reach} {y - reach}"/>'
    )


def histograms(groups: Mapping[str, Sequence[float]]) -> str:
    """Return the distributions of some values, one above the other on the same axis from 0 on."""
    width, height = HISTOGRAM
    most = max(float(np.max(values)) for values in groups.values()) * 1.05
    edges = np.linspace(0, most, BINS + 1)
    each = (height - 24) / len(groups)
    parts = []
    for number, (name, values) in enumerate(groups.items()):
        shares = np.histogram(values, edges)[0] / len(values)
        base = each * (number + 1)
        parts += _bars(shares, base, each - 16, width / BINS, name)
        parts.append(f'<text x="{width - 4}" y="{base - each + 14}" text-anchor="end">{escape(name)}</text>')
    for x in range(0, int(most) + 1, 10):
        parts.append(f'<text class="small" x="{x / most * width:.0f}" y="{height - 8}">{x}</text>')
    return _svg(width, height, parts, "histogram")


def _bars(shares: np.ndarray, base: float, tallest: float, width: float, name: str) -> list[str]:
    scale = tallest / max(float(shares.max()), 1e-9)
    return [
        f'<rect class="{escape(name.split()[0])}" x="{n * width:.1f}" y="{base - scale * part:.1f}" '
        f'width="{width - 1:.1f}" height="{scale * part:.1f}"/>'
        for n, part in enumerate(shares)
        if part > 0
    ]


def _svg(width: float, height: float, parts: Sequence[str], name: str, *, left: int = 0) -> str:
    box = f'viewBox="{left} 0 {width} {height}" width="{width}" height="{height}"'
    return f'<svg class="{name}" {box}>{"".join(parts)}</svg>'
