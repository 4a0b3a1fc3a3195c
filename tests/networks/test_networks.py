import pytest
import torch
from torch import nn
from torch.nn.functional import avg_pool2d, conv2d, max_pool2d, relu

from tnas_bench.device import generator
from tnas_bench.errors import UserError
from tnas_bench.networks import NETWORKS, densenet121, make, parameters, resnet18, vgg16
from tnas_bench.networks.densenet121 import DenseLayer
from tnas_bench.networks.resnet18 import BasicBlock

# Of the implementations that the authors' code uses, with 10 outputs.
COUNTS = {"vgg16": 14_728_266, "resnet18": 11_173_962, "densenet121": 6_956_298}
TENSORS = {"vgg16": 54, "resnet18": 62, "densenet121": 362}
RANDOM = generator("test", "networks")


def some(*shape):
    return torch.randn(shape, generator=RANDOM)


def unsettle(network):
    """Running statistics and scales that leave their traces in eval mode."""
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            for tensor in (module.running_mean, module.weight.data, module.bias.data):
                tensor.add_(some(*tensor.shape))
            module.running_var.add_(some(*module.running_var.shape) ** 2)
    return network.eval()


def norm(inputs, module):
    """Batch norm from its equation, in eval mode."""
    mean, variance, scale, shift = (
        each.view(-1, 1, 1) for each in (module.running_mean, module.running_var, module.weight, module.bias)
    )
    return (inputs - mean) / (variance + 1e-5).sqrt() * scale + shift


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("classes", [2, 10])
def test_parameters_are_those_of_the_reference_and_a_task_head(name, classes):
    network = make(name, classes, 0)
    assert parameters(network) == COUNTS[name] + 10 * classes + classes
    *backbone, weight, bias = network.parameters()
    assert len(backbone) == TENSORS[name]
    assert (weight.shape, bias.shape) == ((classes, 10), (classes,))


@pytest.mark.parametrize(("name", "published"), [("vgg16", 14.72), ("densenet121", 6.95)])
def test_published_counts_are_those_of_these_networks(name, published):
    # In millions, cut after two decimals (LD-NAS, tables 1 and 2).
    assert int(parameters(NETWORKS[name](10)) / 1e4) / 100 == published


def test_the_published_count_of_resnet_is_of_another_one():
    # That for ImageNet: a stem of 7 x 7, and a hidden layer of 512 units with 2 outputs in place of our 10 outputs.
    ours, stem, last = parameters(resnet18.backbone(10)), 3 * 64 * 3**2, 512 * 10 + 10
    assert ours / 1e6 == pytest.approx(11.44 - 0.266, abs=5e-4)
    assert ours - stem - last + 3 * 64 * 7**2 + (512 * 512 + 512) + (512 * 2 + 2) == 11_440_194


@pytest.mark.parametrize("name", NETWORKS)
def test_logits_of_images_are_finite_and_independent_of_each_other_in_eval_mode(name):
    network, inputs = make(name, 4, 0).eval(), some(3, 3, 32, 32)
    with torch.no_grad():
        logits = network(inputs)
        alone = network(inputs[1:2])
    assert logits.shape == (3, 4)
    torch.testing.assert_close(logits[1:2], alone, atol=1e-4, rtol=1e-4)
    assert not torch.equal(logits[0], logits[1])


@pytest.mark.parametrize(("name", "layer", "sides"), [
    ("vgg16", nn.MaxPool2d, [16, 8, 4, 2, 1]),
    ("resnet18", BasicBlock, [32, 32, 16, 16, 8, 8, 4, 4]),
    ("densenet121", DenseLayer, [32] * 6 + [16] * 12 + [8] * 24 + [4] * 16),
])  # fmt: skip
def test_the_resolution_halves_where_the_papers_halve_it(name, layer, sides):
    found, network = [], make(name, 2, 0).eval()
    for module in network.modules():
        if isinstance(module, layer):
            module.register_forward_hook(lambda module, inputs, output: found.append(output.shape[-1]))
    with torch.no_grad():
        network(some(1, 3, 32, 32))
    assert found == sides


@torch.no_grad()
def test_vgg_starts_with_two_convolutions_and_a_pooling():
    network, inputs = unsettle(vgg16.backbone(10)), some(2, 3, 32, 32)
    first, first_norm, _, second, second_norm = network[:5]
    outputs = relu(norm(conv2d(inputs, first.weight, first.bias, padding=1), first_norm))
    outputs = relu(norm(conv2d(outputs, second.weight, second.bias, padding=1), second_norm))
    torch.testing.assert_close(network[:7](inputs), max_pool2d(outputs, 2), atol=1e-4, rtol=1e-4)


@torch.no_grad()
@pytest.mark.parametrize(("inputs", "width", "stride"), [(6, 6, 1), (6, 12, 2)])
def test_a_residual_block_is_the_one_of_the_paper(inputs, width, stride):
    block, x = unsettle(BasicBlock(inputs, width, stride)), some(2, inputs, 8, 8)
    first, first_norm, _, second, second_norm = block.residual
    expected = relu(norm(conv2d(x, first.weight, stride=stride, padding=1), first_norm))
    expected = norm(conv2d(expected, second.weight, padding=1), second_norm)
    if stride == 1:
        expected = expected + x
    else:
        # A 1 x 1 convolution of stride 2 is a product with every other pixel.
        shortcut, shortcut_norm = block.shortcut
        expected = expected + norm(
            torch.einsum("oi,nihw->nohw", shortcut.weight[..., 0, 0], x[..., ::2, ::2]), shortcut_norm
        )
    torch.testing.assert_close(block(x), relu(expected), atol=1e-4, rtol=1e-4)


@torch.no_grad()
def test_a_dense_layer_adds_channels_to_those_it_is_given():
    layer, x = unsettle(DenseLayer(8)), some(2, 8, 4, 4)
    (norm_1, _, conv_1), (norm_2, _, conv_2) = layer.new
    middle = torch.einsum("oi,nihw->nohw", conv_1.weight[..., 0, 0], relu(norm(x, norm_1)))
    assert middle.shape[1] == 128
    new = conv2d(relu(norm(middle, norm_2)), conv_2.weight, padding=1)
    torch.testing.assert_close(layer(x), torch.cat([x, new], dim=1), atol=1e-4, rtol=1e-4)


@torch.no_grad()
def test_a_dense_network_halves_channels_and_sides_between_its_blocks():
    network, x = unsettle(densenet121.backbone(10)), some(1, 256, 4, 4)
    norm_1, _, convolution = network[7]  # after the stem and six layers
    expected = avg_pool2d(conv2d(relu(norm(x, norm_1)), convolution.weight), 2)
    assert expected.shape == (1, 128, 2, 2)
    torch.testing.assert_close(network[7:9](x), expected, atol=1e-4, rtol=1e-4)


def test_weights_depend_on_the_names_alone_and_leave_global_random_numbers_alone():
    torch.manual_seed(0)
    before = torch.get_rng_state()
    first, again, other = (make("resnet18", 2, "net", seed) for seed in (3, 3, 4))
    assert torch.equal(torch.get_rng_state(), before)
    for one, two, three in zip(first.parameters(), again.parameters(), other.parameters(), strict=True):
        assert torch.equal(one, two)
        if one.dim() > 1:
            assert not torch.equal(one, three)


def test_all_tasks_start_with_the_same_backbone_and_a_head_drawn_from_the_start_of_the_stream():
    two, ten = make("resnet18", 2, 0), make("resnet18", 10, 0)
    assert all(map(torch.equal, two[0].parameters(), ten[0].parameters()))
    # Both draws begin with the same numbers; they differ by the bounds, 1 / sqrt(fan-in), of the first convolution
    # (27) and of the head (10).
    first, head = two[0][0].weight.flatten(), ten[1].weight.flatten()
    torch.testing.assert_close(first[:100] * 27**0.5, head * 10**0.5)


def test_an_unknown_network_is_the_users_mistake():
    with pytest.raises(UserError, match="unknown network 'alexnet': take one of vgg16, resnet18, densenet121"):
        make("alexnet", 2)
