"""Style: what the pictures of all exhibits have in common."""

PICTURE = {"font.size": 8, "axes.titlesize": 9, "axes.titlelocation": "left", "axes.linewidth": 0.6}
CURVES = PICTURE | {
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": "#e4e4e4",
    "grid.linewidth": 0.6,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "lines.linewidth": 1.4,
}
