"""A second look at the cells that LD-NAS's searches found: trained again, and tested on more images.

    python benchmarks/retrain_cells.py fuse-closest-paper enas-full-paper --task task3 --scale lab

The cell of each sealed repetition of a search is trained as the scale trains found cells, but from other weights and in
another order of the images. Prints its test accuracy as sealed and as trained again, and their means by search.
"""

import argparse
import json

import numpy as np
from rich.console import Console
from rich.table import Table

from tnas_bench import plan_ldnas
from tnas_bench.config import load_scale
from tnas_bench.device import use_one_thread
from tnas_bench.errors import UserError
from tnas_bench.journal import steps
from tnas_bench.journal.sealed import is_sealed
from tnas_bench.run_ldnas import final_training


def again(run: plan_ldnas.Run, test_images: int) -> float:
    """Test accuracy, in percent, of the cell that a sealed search found, trained afresh."""
    recipe = run.scale.ldnas.final.model_copy(update={"test_images": test_images})
    work = final_training(plan_ldnas.final(run), recipe, ("again", run.name, run.seed))
    return 100 * [work.step(number) for number in range(work.steps)][-1]["test"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("searches", nargs="+", help="METHOD-SPACE-PROTOCOL, as below results/SCALE/ldnas/search")
    parser.add_argument("--task", required=True)
    parser.add_argument("--scale", default="lab")
    parser.add_argument("--test-images", type=int, default=5000)
    asked = parser.parse_args()
    scale = load_scale(asked.scale)
    use_one_thread()
    table, means = Table("search", "seed", "sealed: test (%)", "again: test (%)"), {}
    for name in asked.searches:
        runs = [plan_ldnas.Run(scale, "search", name, asked.task, seed) for seed in range(scale.ldnas.repetitions)]
        runs = [run for run in runs if is_sealed(plan_ldnas.final(run).folder)]
        if not runs:
            raise UserError(f"{name}: no such search on {asked.task} is sealed at scale {scale.name}")
        pairs = []
        for run in runs:
            _, records = steps.read_steps(plan_ldnas.final(run).folder)
            pairs.append((100 * records[-1]["test"], again(run, asked.test_images)))
            table.add_row(name, str(run.seed), *(f"{accuracy:.1f}" for accuracy in pairs[-1]))
        means[name] = dict(zip(("sealed", "again"), np.mean(pairs, axis=0).tolist(), strict=True))
    Console().print(table)
    print(json.dumps(means))


if __name__ == "__main__":
    try:
        main()
    except UserError as error:
        raise SystemExit(f"error: {error}") from None
