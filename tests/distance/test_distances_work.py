"""The distances of four tasks to one, as work for the journal: small networks on small images."""

import json

import pytest
import torch
from torch import nn

from tnas_bench.config import FisherSettings
from tnas_bench.device import generator, seeded
from tnas_bench.distance.work import Distances
from tnas_bench.fisher import paper, released
from tnas_bench.images import ImageSet
from tnas_bench.journal.steps import read_steps, run

SETTINGS = FisherSettings(examples=9, test_images=7, batch_size=3)
CLASSES = {"one": 2, "two": 4, "three": 4, "four": 6}


def images(purpose, count=20, classes=4):
    rng = generator("distances work", purpose)
    pixels = torch.randint(256, (count, 3, 32, 32), generator=rng, dtype=torch.uint8)
    return ImageSet(pixels, torch.randint(classes, (count,), generator=rng), classes, "mnist")


def network(task):
    with seeded("distances work", task):
        backbone = nn.Sequential(nn.Conv2d(3, 4, 3, stride=4), nn.BatchNorm2d(4), nn.Flatten(), nn.Linear(256, 10))
        return nn.Sequential(backbone, nn.Linear(10, CLASSES[task]))


def work(names=("three", 0), **settings):
    networks = {task: lambda task=task: network(task) for task in CLASSES}
    chosen = SETTINGS.model_copy(update=settings)
    return Distances(networks, "three", images("train"), images("test"), chosen, names)


def records(distances):
    return [distances.step(number) for number in range(distances.steps)]


def value(record, **wanted):
    wanted = {"normalised": True, "heads": "zero_padded", "sigma2": 1e-10} | wanted
    (found,) = [row["value"] for row in record["values"] if wanted.items() <= row.items()]
    return found


def test_the_target_comes_first_at_distance_0_and_the_others_in_order():
    found = records(work())
    assert [record["source"] for record in found] == ["three", "one", "two", "four"]
    assert all(row["value"] == 0 for row in found[0]["values"])
    for record in found[1:]:
        assert all(row["value"] > 0 for row in record["values"])
        assert {row["protocol"] for row in record["values"]} == {"paper", "released"}


def test_the_released_protocol_is_equation_3_by_tensor_on_the_first_test_images():
    test = images("test")
    batches = [(test.pixels[part] / 255, test.labels[part]) for part in (slice(0, 3), slice(3, 6), slice(6, 7))]
    logs = []
    for task in ("two", "three"):
        parts = [part.double().numpy() for part in released.fisher(network(task), batches, 4).values()]
        total = sum(part.sum() for part in parts)
        logs.append([torch.tensor(part / total + 1e-10).log().sum() for part in parts])
    size = sum(parameter.numel() for parameter in network("three").parameters())
    expected = sum(abs(base - target) for base, target in zip(*logs, strict=True)) / size
    record = records(work())[2]
    assert value(record, protocol="released", form="released") == pytest.approx(float(expected), rel=1e-5)


def test_the_paper_protocol_takes_all_training_images_where_there_are_no_more():
    train = images("train")
    batches = [(train.pixels / 255, train.labels)]
    fishers = [paper.fisher(network(task), batches, 4) for task in ("four", "three")]
    fishers[1]["1.weight"] = nn.functional.pad(fishers[1]["1.weight"], (0, 0, 0, 2))  # 4 classes, padded up to 6
    fishers[1]["1.bias"] = nn.functional.pad(fishers[1]["1.bias"], (0, 2))
    base, target = (torch.cat([part.double().flatten() for part in fisher.values()]) for fisher in fishers)
    expected = ((base / base.sum() + 1e-10) / (target / target.sum() + 1e-10)).log().mean().abs()
    record = records(work(examples=1000))[3]
    assert value(record, protocol="paper", form="log_det") == pytest.approx(float(expected), rel=1e-4)


def test_the_stream_names_decide_on_the_paper_protocols_images_alone():
    first, again, other = (records(work(names))[1] for names in (("three", 0), ("three", 0), ("three", 1)))
    assert first == again
    for protocol, same in (("paper", False), ("released", True)):
        pair = [value(record, protocol=protocol, form="log_det") for record in (first, other)]
        assert (pair[0] == pair[1]) == same


class Interrupted(Exception):
    pass


def test_resumed_work_gives_the_same_records(tmp_path):
    def interrupt(finished):
        if finished:
            raise Interrupted

    for _ in range(2):
        with pytest.raises(Interrupted):
            run(work(), {"target": "three"}, tmp_path, interrupt)
    run(work(), {"target": "three"}, tmp_path)
    assert read_steps(tmp_path)[1] == json.loads(json.dumps(records(work())))
