"""Kills: work is killed at random moments and continued by the same command, again and again, until it is done. What
it leaves must be what undisturbed work leaves, and nothing that stood finished at a kill may have been done again.

    python tests/faults/kills.py --kills 200 --seed 3             # a long run: workflows, studies and trainings
    python tests/faults/kills.py study --kills 50

A life (lives.py) is one piece of work (works.py) from an empty folder to its end, with up to eight kills on the way.
Moments and victims come from the seed and are printed; where a moment falls in the work depends on the speed of the
machine, too. A life that ends otherwise is left to be looked at.
"""

import argparse
import itertools
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from lives import live
from works import STUDY, TRAINING, new, prepare, undisturbed_run, workflow

WORKS = {work.name: work for work in (STUDY, TRAINING, workflow())}


def options_of(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Kill work at random moments, and compare its end.")
    parser.add_argument("work", nargs="?", choices=["all", *WORKS], default="all")
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args(arguments)


def main() -> None:
    options = options_of(sys.argv[1:])
    works = list(WORKS) if options.work == "all" else [options.work]
    place, began = Path(tempfile.mkdtemp()), time.monotonic()
    print(f"in {place}", flush=True)
    data, numbers = None if works == ["workflow"] else prepare(place / "data"), itertools.count()
    for name in works:
        work = WORKS[name]

        def empty(prepared=None if name == "workflow" else data) -> Path:
            return new(place / f"life{next(numbers)}", prepared)

        wanted, seconds = undisturbed_run(work, empty())
        print(f"{name}: {seconds:.0f} s undisturbed", flush=True)
        kills, finished = live(work, wanted, seconds, empty, -(-options.kills // len(works)), options.seed)
        told = (
            f"{kills.total()} kills {dict(kills)}, every end as undisturbed; {finished} trials and steps were finished"
        )
        print(f"{name}: {told}, none done again; after {(time.monotonic() - began) / 60:.0f} minutes", flush=True)


if __name__ == "__main__":
    main()
