"""A picture of figures, drawn by a program of its own: JSON on standard input, PNG on standard output.

Matplotlib takes 60 MB and most of a second to load; the bot keeps neither. The font that comes with it
has no Chinese, so the picture holds numbers and colours only; words belong into the caption.

Run by path with ``python -I``, this file imports nothing of ours.
"""

from __future__ import annotations

import io
import json
import sys
from typing import Any

from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

# Blue, yellow and red are told apart by nearly everybody. The caption's squares have the same order.
DECISIONS = ("#3b78c3", "#f0b400", "#d64545")
ENTRIES = "#3f9b4f"
# Small, so that the numbers are large enough on a phone.
INCHES, DOTS_AN_INCH = (5.5, 4.8), 160
# Characters that stand side by side under the bars.
ROOM_FOR_LABELS = 56
ENTRIES_SHOWN = 5


def draw(parts: list[list[int]], labels: list[str], entries: list[int]) -> bytes:
    """A PNG: a bar for each part of the period, and one for each of the entries asked for most.

    Args:
        parts: answered, asked back and unanswered questions of each part, oldest first.
        labels: of the parts.
        entries: questions of each entry, most first; numbered from 1.
    """
    figure = Figure(figsize=INCHES, dpi=DOTS_AN_INCH, layout="constrained")
    above, below = figure.subplots(2, 1, height_ratios=[3, 2])
    positions = range(len(parts))
    bottoms = [0] * len(parts)
    for place, colour in enumerate(DECISIONS):
        heights = [part[place] for part in parts]
        above.bar(positions, heights, bottom=bottoms, color=colour, width=0.8)
        bottoms = [bottom + height for bottom, height in zip(bottoms, heights, strict=True)]
    step = -(-sum(len(label) + 2 for label in labels) // ROOM_FOR_LABELS)
    # Counted from the newest, which always has its label.
    shown = list(positions)[::-1][::step]
    above.set_xticks(shown, [labels[position] for position in shown])
    numbers = [str(number) for number in range(1, len(entries) + 1)]
    bars = below.barh(numbers, entries, color=ENTRIES, height=0.7)
    below.bar_label(bars, padding=3)
    # As thick with one entry as with five, the first at the top.
    below.set_ylim(max(len(entries), ENTRIES_SHOWN) - 0.5, -0.5)
    above.margins(y=0.08)
    below.xaxis.set_major_locator(MaxNLocator(integer=True))
    above.yaxis.set_major_locator(MaxNLocator(integer=True))
    for axes, grid in ((above, "y"), (below, "x")):
        axes.spines[["top", "right"]].set_visible(False)
        axes.grid(axis=grid, alpha=0.3)
        axes.set_axisbelow(True)
    file = io.BytesIO()
    figure.savefig(file, format="png")
    return file.getvalue()


def main() -> None:
    """Draws what stands on standard input."""
    asked: dict[str, Any] = json.load(sys.stdin)
    sys.stdout.buffer.write(draw(asked["parts"], asked["labels"], asked["entries"]))


if __name__ == "__main__":
    main()
