"""Run cards such as a page shows, the claims of which something was run, and the elements of a page."""

from html.parser import HTMLParser

import pandas as pd

from tnas_bench.claims.ledger import ledger
from tnas_bench.config import ROOT

TASK = {
    "task": "emotion",
    "title": "Emotion <b>",
    "role": "transfer",
    "grade": "subset",
    "via": "package",
    "package": "some-package==1.0",
    "note": "only the first third",
    "rows": {"train": 10, "validation": 1, "test": 1, "total": 12000, "dropped": 0},
    "published": {"rows": None, "classes": 13, "mean_characters": 73},
    "differences": ["rows: 12,000 here, 40,000 published"],
    "in_train": {"validation": 0, "test": 7},
    "majority_accuracy": 0.2157,
    "licence": "CC0",
    "more": "than asked for",
}
MODULE = {
    "name": "small-module",
    "dimension": 16,
    "words": 0,
    "buckets": 1024,
    "language": "en",
    "trained": False,
    "stand_in": True,
    "note": "made up",
}
ENCODER = {"name": "small-encoder", "dimension": 512, "language": "en", "trained": True, "trainable": False}
ENCODER |= {"stand_in": True, "note": "made up", "package": "small-encoder==1"}
OF_IMAGES = {"kind": "image", "name": "small-network", "network": "network", "dimension": 1280, "side": 64}
OF_IMAGES |= {"trained": True, "stand_in": False, "note": "", "source": "made up", "sha256": {"weights": "0"}}
RUN = {
    "study": {"name": "tnaml/transfer/naml/emotion", "seed": 1, "tasks": ["emotion"], "settings": {"a": [1]}},
    "trials_sha256": "ab" * 32,
    "commit": None,
    "cpu": "a processor",
    "trials": 3,
    "seconds": 1.5,
    "inputs": {"tasks": {"emotion": TASK}, "modules": {card["name"]: card for card in (MODULE, ENCODER, OF_IMAGES)}},
}
RUNS = {"tnaml/transfer/naml/emotion/seed0": RUN, "tnaml/transfer/naml/emotion/seed1": RUN}


def judged(scale):
    """All claims, of which nothing was run; but the first two, of which there is something to show."""
    claims = ledger(scale).astype({"verdict": str})
    first = {"verdict": "reproduced", "estimate": 2400.0, "low": 2000.0, "high": 2900.0, "p": 0.01, "units": 3}
    first |= {"test": "t", "unit": "seeds", "runs": " ".join(RUNS)}
    claims.loc[0, list(first)] = list(first.values())
    claims.loc[1, list(first)] = list((first | {"verdict": "not reproduced", "estimate": 1900.0}).values())
    return claims


def choices():
    return pd.read_csv(ROOT / "data/choices.tsv", sep="\t")


class Elements(HTMLParser):
    """All start tags of a document with their attributes, and the text of each element name."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.texts, self.open = [], [], None
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        self.open = tag

    def handle_data(self, data):
        if data.strip():
            self.texts.append((self.open, data.strip()))

    def named(self, tag):
        return [attributes for name, attributes in self.tags if name == tag]

    def text(self, tag):
        return [text for name, text in self.texts if name == tag]
