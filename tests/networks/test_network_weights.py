import pytest
import torch
from networks_made import tiny

from tnas_bench.device import generator
from tnas_bench.errors import UserError
from tnas_bench.hashes import file_sha256
from tnas_bench.networks import make, weights


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A ResNet-18 of two classes, trained so far that its running statistics are its own."""
    folder, network = tmp_path_factory.mktemp("network"), make("resnet18", 2, 0)
    network(inputs())
    weights.save(network, folder)
    return folder


def inputs():
    return torch.randn((2, 3, 32, 32), generator=generator("test", "weights"))


def load(name, classes, folder):
    return weights.load(name, classes, folder, file_sha256(folder / "weights.pt"))


def test_a_loaded_network_is_the_saved_one_in_eval_mode(folder):
    saved = make("resnet18", 2, 0)
    saved(inputs())
    loaded = load("resnet18", 2, folder)
    assert not any(module.training for module in loaded.modules())
    assert torch.equal(loaded(inputs()), saved.eval()(inputs()))
    assert all(parameter.requires_grad for parameter in loaded.parameters())


@pytest.mark.parametrize(("name", "classes"), [("resnet18", 3), ("densenet121", 2)])
def test_weights_of_another_network_are_one_clear_line(folder, name, classes):
    with pytest.raises(UserError) as error:
        load(name, classes, folder)
    message = f"{folder / 'weights.pt'}: not the weights of {name} with {classes} classes; remove {folder} and train"
    assert str(error.value).startswith(message) and "\n" not in str(error.value)


@pytest.mark.parametrize("content", [torch.zeros(3), {"state": {}}, [1, 2]])
def test_a_file_of_something_else_is_one_clear_line(tmp_path, content):
    torch.save(content, tmp_path / "weights.pt")
    with pytest.raises(UserError, match=r"weights\.pt: not the weights of vgg16 with 2 classes; remove"):
        load("vgg16", 2, tmp_path)


@pytest.mark.parametrize("damage", [lambda whole: whole[:-1], lambda whole: b"no", lambda whole: whole + b"!"])
def test_a_file_with_another_hash_is_one_clear_line(tmp_path, damage):
    weights.save(tiny(), tmp_path)
    path = tmp_path / "weights.pt"
    sha256 = file_sha256(path)
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(
        UserError, match=r"weights\.pt: damaged, or of another run than its run card; remove it, and it is made"
    ):
        weights.load("vgg16", 2, tmp_path, sha256)


def test_a_missing_file_is_one_clear_line(tmp_path):
    with pytest.raises(UserError, match=r"weights\.pt: cannot be read \(No such file.*\); train the network first$"):
        weights.load("vgg16", 2, tmp_path, "")
