"""Loss curves as pictures, drawn with OpenCV so that a bare GPU machine can make them."""

import json
from collections import defaultdict
from pathlib import Path

import cv2
import numpy as np

WIDTH, HEIGHT, MARGIN = 760, 260, 46
INK, LINE, FAINT = (60, 50, 40), (190, 90, 40), (225, 220, 215)


def loss_plot(log: Path, picture: Path, figures: tuple[str, ...] = ("loss",)) -> None:
    """Draw the named figures of a log against steps, smoothed, each in a panel of its own."""
    curves: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for line in log.read_text().splitlines():
        row = json.loads(line)
        for name in row.keys() - {"step"}:
            curves[name].append((row["step"], row[name]))
    panels = [_panel(name, np.array(curves[name])) for name in figures if len(curves[name]) > 1]
    if panels:
        cv2.imwrite(str(picture), np.concatenate(panels))


def _panel(name: str, points: np.ndarray) -> np.ndarray:
    canvas = np.full((HEIGHT, WIDTH, 3), 252, np.uint8)
    steps, values = points[:, 0], _smooth(points[:, 1])
    values = np.log10(np.maximum(values, 1e-9))
    low, high = values.min(), max(values.max(), values.min() + 1e-6)
    x = MARGIN + (steps - steps[0]) / max(steps[-1] - steps[0], 1) * (WIDTH - 2 * MARGIN)
    y = HEIGHT - MARGIN - (values - low) / (high - low) * (HEIGHT - 2 * MARGIN)
    for share in (0.0, 0.5, 1.0):
        at = round(HEIGHT - MARGIN - share * (HEIGHT - 2 * MARGIN))
        cv2.line(canvas, (MARGIN, at), (WIDTH - MARGIN, at), FAINT, 1)
        _write(canvas, f"{10 ** (low + share * (high - low)):.3g}", (4, at + 4))
    cv2.polylines(canvas, [np.stack([x, y], 1).round().astype(np.int32)], False, LINE, 2, cv2.LINE_AA)
    _write(canvas, f"{name} (log scale), steps {steps[0]:.0f} to {steps[-1]:.0f}", (MARGIN, 24))
    return canvas


def _write(canvas: np.ndarray, text: str, at: tuple[int, int]) -> None:
    cv2.putText(canvas, text, at, cv2.FONT_HERSHEY_SIMPLEX, 0.4, INK, 1, cv2.LINE_AA)


def _smooth(values: np.ndarray) -> np.ndarray:
    """Return the running mean over a fiftieth of the curve."""
    window = max(1, len(values) // 50)
    total = np.cumsum(np.concatenate([np.zeros(1), values]))
    first = np.maximum(0, np.arange(1, len(values) + 1) - window)
    return (total[1:] - total[first]) / (np.arange(1, len(values) + 1) - first)
