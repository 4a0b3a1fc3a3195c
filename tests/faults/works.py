"""Works: what is killed. A workflow, and a study and a training that are long enough to be killed inside."""

import time
from dataclasses import dataclass
from pathlib import Path

from tiny_made import ROOT, call, left, run, snakemake

SCALE = "longer"  # of the study and the training, named like its file: the tiny one, but for
LONGER = {
    "training_steps: [5, 10]\nseeds": "training_steps: [30, 60]\nseeds",
    "transfer: 10\n  fixed": "transfer: 80\n  fixed",
    "networks: {epochs: {mnist: 1, cifar10: 1}": "networks: {epochs: {mnist: 4, cifar10: 4}",
}


@dataclass(frozen=True)
class Work:
    """A command, the shares of its undisturbed time between which it is killed, and who of its processes may be hit.

    ``first``: the process that was started, alone: its children live on if they can; ``all``: they die with it;
    ``any``: one of them, drawn at random.
    """

    name: str
    command: tuple
    between: tuple[float, float]
    victims: tuple[str, ...] = ("first", "all", "any")


def workflow(*targets, **others):
    command = snakemake(*targets, "--cores", "2", "--config", "scale=tiny")
    return Work("workflow", tuple(command), (0.03, 0.12), **others)


LONG = ("--scale", f"{SCALE}.yaml")
STUDY = Work(
    "study",
    ("tnas-bench", "study", "tnaml/transfer/naml/sms_spam/seed0", *LONG, "--executor", "processes:2"),
    (0.1, 0.6),
)
TRAINING = Work("training", ("tnas-bench", "network", "ldnas/networks/vgg16/task3/seed0", *LONG), (0.4, 0.95))


def new(folder: Path, prepared: Path | None = None) -> Path:
    """A new folder; with the data of a ``prepared`` one, the longer study and training can run there."""
    folder.mkdir()
    if prepared:
        (folder / "data/tasks").mkdir(parents=True)
        (folder / "data/tasks" / SCALE).symlink_to(prepared / "data/tasks/tiny")
        (folder / "data/modules").symlink_to(prepared / "data/modules")
        (folder / f"{SCALE}.yaml").write_text(longer(), encoding="utf-8")
    return folder


def longer() -> str:
    """The scale of the longer study and training."""
    text = (ROOT / "workflow/config/tiny.yaml").read_text(encoding="utf-8")
    for old, new in LONGER.items():
        assert old in text
        text = text.replace(old, new)
    return text


def prepare(folder: Path) -> Path:
    """A new folder with the data that the study and the training read."""
    folder.mkdir()
    tasks = [f"data/tasks/tiny/{task}/card.json" for task in ("sms_spam", "task3")]
    run(folder, *tasks, "data/modules/generated-dim16/card.json", "--cores", "2")
    return folder


def undisturbed_run(work: Work, folder: Path) -> tuple[dict, float]:
    """What work leaves in a folder, and the seconds that it takes."""
    began = time.monotonic()
    done = call(work.command, folder)
    assert done.returncode == 0, (done.stdout + done.stderr)[-3000:]
    return left(folder), time.monotonic() - began
