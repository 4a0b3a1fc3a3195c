"""How sure the verdicts are: what the rules make of results whose truth is known, by simulation.

    python benchmarks/verdicts.py                              a first look
    python benchmarks/verdicts.py --draws 10000 --into docs    what docs/verdicts.md shows (minutes)

Prints the table of that page: how often "reproduced" is said where it is wrong, and where it is right, with the seeds
and tasks of a scale. With ``--into``, writes ``calibration.csv`` (all that was simulated) and ``calibration.svg``
(operating curves) there.
"""

import argparse
import json
from pathlib import Path

from matplotlib import rc_context
from pandas import DataFrame

from tnas_bench.claims import calibration
from tnas_bench.claims.calibration_picture import draw
from tnas_bench.config import load_scale
from tnas_bench.exhibits import svg
from tnas_bench.exhibits.files import SALT


def save(frame: DataFrame, folder: Path) -> None:
    """Write the numbers and the figure."""
    frame.to_csv(folder / "calibration.csv", index=False, lineterminator="\n", float_format="%.4g")
    with rc_context({"svg.hashsalt": SALT} | svg.TEXT):
        draw(frame).savefig(folder / "calibration.svg", metadata={"Date": None})
    svg.finish(folder / "calibration.svg", [])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scale", default="lab", help="whose seeds and tasks there are")
    parser.add_argument(
        "--draws", type=int, default=200, help="results made up a kind of claim; of the curves a twentieth"
    )
    parser.add_argument("--into", type=Path, help="folder of the files")
    arguments = parser.parse_args()
    frame = calibration.calibrate(load_scale(arguments.scale), arguments.draws)
    if arguments.into:
        save(frame, arguments.into)
    print(calibration.markdown(frame))
    found = calibration.summary(frame)
    print(json.dumps({"most_wrong": found["wrong"].max(), "least_power": found["power"].min()}))


if __name__ == "__main__":
    main()
