"""A trainer, a controller and a study that need no data; importable in other processes."""

import hashlib
import multiprocessing
import os
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tnas_bench.children import Score
from tnas_bench.errors import UserError
from tnas_bench.seeds import integer, stream
from tnas_bench.spaces import Decision, Space
from tnas_bench.study import Study, run

processes = multiprocessing.get_context("forkserver")  # real processes, but torch is imported once for all
processes.set_forkserver_preload(["torch", "tnas_bench.study"])

SPACE = Space(tuple(Decision(name, ("a", "b", "c", "d")) for name in ("first", "second", "third")))


@dataclass(frozen=True)
class FakeTrainer:
    """Scores are a function of (configuration, task, seed); children with the same first choice train together."""

    log: Path | None = None  # gets one line a call: the process, and the seeds it has trained
    delay: float = 0.0  # least seconds a group takes; up to twice that, by its seeds
    salt: str = ""  # changes the test scores, and nothing else

    def groups(self, configurations):
        firsts = [configuration["first"] for configuration in configurations]
        return [[i for i, first in enumerate(firsts) if first == choice] for choice in dict.fromkeys(firsts)]

    def train(self, configurations, task, seeds):
        time.sleep(self.delay * (1 + integer("delay", *seeds) % 101 / 100))
        if self.log:
            with self.log.open("a") as file:
                file.write(f"{os.getpid()} {' '.join(map(str, seeds))}\n")
        return [self.score(*child, task) for child in zip(configurations, seeds, strict=True)]

    def score(self, configuration, seed, task):
        names = (*configuration.values(), seed, task)
        kinds = (["validation"], ["half"], ["test", self.salt])
        return Score(*(integer(*kind, *names) / 2**63 for kind in kinds), self.delay)


def complain():
    """A user's mistake, as data that are not there."""
    raise UserError("not as it is wanted")


class Suicide(FakeTrainer):
    """As if the system ran out of memory."""

    def train(self, configurations, task, seeds):
        os._exit(9)


class Echo:
    """A controller whose proposals depend on every call it has ever received, in order."""

    def __init__(self, seed):
        self.heard = str(seed)

    def hear(self, *words):
        self.heard = hashlib.sha256(f"{self.heard}{words}".encode()).hexdigest()

    def ask(self, task):
        self.hear("ask", task)
        return SPACE.sample(stream(self.heard))

    def tell(self, task, actions, reward):
        self.hear("tell", task, actions, reward)

    def update(self):
        self.hear("update")


def trained_seeds(log):
    """The seeds of all children that were ever trained, repetitions included."""
    lines = log.read_text().splitlines() if log.exists() else []
    return [int(seed) for line in lines for seed in line.split()[1:]]


def results(folder):
    return (folder / "journal.jsonl").read_bytes(), (folder / "trials.parquet").read_bytes()


def make_study(trials=20, round_size=6, seed=3, tasks=("spam", "news"), **settings):
    return Study("test/echo", tasks, seed, trials, round_size, {"space": "abcd", **settings})


def run_echo(folder, study=None, trainer=None, executor=None, controller_seed=3, **others):
    """Run a study with a fresh echo; the controller, in its last state."""
    study, controller = study or make_study(), Echo(controller_seed)
    with executor or ThreadPoolExecutor(1) as pool:
        run(study, controller, SPACE, trainer or FakeTrainer(), folder, pool, **others)
    return controller


def run_and_tell(answer, folder, study, trainer, pool=ThreadPoolExecutor, size=1, prepare=int):
    """For another process: say that it begins, run, and send ``done`` or the line that the user reads."""
    prepare()
    answer.send("begins")
    try:
        run_echo(folder, study, trainer, pool(size))
        answer.send("done")
    except UserError as error:
        answer.send(str(error))


def start(*arguments, **others):
    """A process that runs a study, and the end of the pipe where its answer will come."""
    reader, writer = processes.Pipe(duplex=False)
    process = processes.Process(target=run_and_tell, args=(writer, *arguments), kwargs=others)
    process.start()
    writer.close()
    assert reader.poll(60) and reader.recv() == "begins"
    return process, reader


def answer_of(process, reader):
    assert reader.poll(60)
    process.join()
    return reader.recv()
