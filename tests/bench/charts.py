"""The benchmark's charts, as SVG that looks the same in every run."""

from __future__ import annotations

from pathlib import Path

OURS, OTHERS = "#c0392b", ["#34495e", "#5d7b93", "#86a3b8", "#a9bfcf", "#cbd9e2"]


def draw(
    folder: Path, accuracy: dict[str, dict[str, float]], growth: dict[str, dict[int, float]]
) -> None:
    """The folder holds ``accuracy.svg`` and ``growth.svg``.

    Args:
        accuracy: peer -> set of questions -> right at first, in percent.
        growth: peer -> number of phrasings -> median milliseconds a question.
    """
    import matplotlib as mpl

    mpl.use("svg")
    # Fixed ids and no date: a picture changes only when its figures do.
    mpl.rcParams.update({"svg.hashsalt": "shebao", "font.size": 9, "svg.fonttype": "none"})
    from matplotlib import pyplot

    folder.mkdir(parents=True, exist_ok=True)
    colours = dict(zip(accuracy, [OURS, *OTHERS], strict=False))
    figure, axes = pyplot.subplots(figsize=(8, 3.4))
    sets = list(next(iter(accuracy.values())))
    width = 0.8 / len(accuracy)
    for number, (peer, shares) in enumerate(accuracy.items()):
        places = [place + number * width for place in range(len(sets))]
        bars = axes.bar(
            places, [shares[name] for name in sets], width * 0.92, label=peer, color=colours[peer]
        )
        axes.bar_label(bars, fmt="%.0f", fontsize=7)
    axes.set_xticks([place + 0.4 - width / 2 for place in range(len(sets))], sets)
    axes.set_ylabel("first answer right, %")
    axes.set_ylim(0, 100)
    _finish(figure, axes, folder / "accuracy.svg")
    figure, axes = pyplot.subplots(figsize=(8, 3.4))
    for peer, points in growth.items():
        axes.plot(list(points), list(points.values()), marker="o", label=peer, color=colours[peer])
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlabel("phrasings")
    axes.set_ylabel("median ms a question")
    _finish(figure, axes, folder / "growth.svg")


def _finish(figure: object, axes: object, path: Path) -> None:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    if not isinstance(axes, Axes) or not isinstance(figure, Figure):
        raise TypeError(axes)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    axes.legend(frameon=False, fontsize=8, ncols=3, loc="upper center", bbox_to_anchor=(0.5, 1.22))
    figure.savefig(path, metadata={"Date": None}, bbox_inches="tight")
