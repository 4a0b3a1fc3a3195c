"""Sealed studies that were made up, or changed by hand and sealed anew, as someone could who wants to mislead."""

import json
from dataclasses import replace

from tnas_bench.journal import Trial, chain, journal_bytes
from tnas_bench.journal.sealed import read_card, read_sealed, seal, seal_rows
from tnas_bench.journal.steps import COLUMNS, read_steps

CARD = {
    "commit": "a" * 40,
    "versions": {"torch": "1", "numpy": "1"},
    "cpu": "made",
    "gpu": None,
    "seconds": 10.0,
    "inputs": {"tasks": {}, "modules": {}},
}


def last_hash(content):
    return chain.line_hash(content.splitlines(keepends=True)[-1])


def made(folder, tests, name="tnaml/transfer/naml/sms_spam", seed=0, **card):
    """A study whose children have these test accuracies, and a tenth less on validation."""
    header = {"name": name, "tasks": ["sms_spam"], "seed": seed, "round_size": 1, "settings": {"rate": 0.1}}
    header |= card.pop("header", {})
    trials = [Trial(n, n, "sms_spam", (n % 2,), n, test - 0.1, test - 0.1, test) for n, test in enumerate(tests)]
    folder.mkdir(parents=True)
    seal(folder, header, trials, {"hash": last_hash(journal_bytes(header, trials)), **CARD, **card})


def reseal(folder, number=None, card=(), header=(), **changes):
    """Change a trial, the card or the header of a sealed study, and make all of its hashes fit."""
    kept = read_card(folder)
    found, trials = read_sealed(folder)
    found |= dict(header)
    if number is not None:
        trials[number] = replace(trials[number], **changes)
    remove(folder)
    seal(folder, found, trials, _facts(kept, card, last_hash(journal_bytes(found, trials))))


def reseal_steps(folder, number, **changes):
    """Change the record of a step, and make all hashes fit."""
    kept, (header, records) = read_card(folder), read_steps(folder)
    records[number] |= changes
    remove(folder)
    rows = [{"step": step, "record": json.dumps(record)} for step, record in enumerate(records)]
    hashed = last_hash(b"".join(chain.links(chain.START, [header, *records])))
    seal_rows(folder, "steps", COLUMNS, header, rows, _facts(kept, (), hashed))


def remove(folder):
    """Remove the sealed files, of which some may be links."""
    for file in (*folder.glob("*.parquet"), folder / "runcard.json"):
        file.unlink()


def _facts(kept, changes, hashed):
    own = ("study", "trials", "steps", "trials_sha256", "steps_sha256", "sealed")
    return {key: value for key, value in kept.items() if key not in own} | {"hash": hashed} | dict(changes)


def flip(file):
    """Change one byte in the middle of a file."""
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
