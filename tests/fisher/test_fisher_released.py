import torch
from fisher_made import examples, network
from torch import nn

from tnas_bench.fisher.released import fisher


def test_a_logistic_regression_by_hand():
    # Weights 0: probabilities 1/2. Batch 1, (1, 2) of class 0 and (3, 0) of class 1: the mean gradient of row 0 is
    # (-(1, 2) + (3, 0)) / 4 = (0.5, -0.5), of row 1 its negative; squares 0.25, the mean over rows too. Biases: 0.
    # Batch 2, (2, 4) of class 0: +-(1, 2), squares (1, 4); biases 1/4. Sums over batches: (1.25, 4.25) and 0.25.
    head = nn.Linear(2, 2)
    nn.init.zeros_(head.weight), nn.init.zeros_(head.bias)
    batches = [
        (torch.tensor([[1.0, 2.0], [3.0, 0.0]]), torch.tensor([0, 1])),
        (torch.tensor([[2.0, 4.0]]), torch.tensor([0])),
    ]
    found = fisher(head, batches, 2)
    assert found["weight"].tolist() == [[1.25, 4.25]] * 2 and found["bias"].tolist() == [0.25, 0.25]


def test_a_deeper_network_in_another_order():
    """Gradients of single examples first, their mean, the square, then the mean over units in numpy."""
    made, (inputs, labels) = network("batch norm inside", torch.float64).eval(), examples(dtype=torch.float64)
    parameters = list(made.parameters())
    expected = [0] * len(parameters)
    for start in (0, 4):
        losses = [-made(inputs[i : i + 1]).log_softmax(1)[0, labels[i]] for i in range(start, min(start + 4, 6))]
        singles = [torch.autograd.grad(loss, parameters) for loss in losses]
        for place, each in enumerate(zip(*singles, strict=True)):
            mean = sum(gradient.numpy() for gradient in each) / len(each)
            expected[place] = expected[place] + (mean**2).mean(axis=0, keepdims=True)
    found = fisher(made, [(inputs[:4], labels[:4]), (inputs[4:], labels[4:])], 4)
    for (name, parameter), value in zip(made.named_parameters(), expected, strict=True):
        torch.testing.assert_close(found[name], torch.tensor(value).expand_as(parameter))


def test_batch_norm_uses_running_statistics_and_the_network_stays_as_it_was():
    made, (inputs, labels) = network("batch norm inside"), examples()
    before = {name: value.clone() for name, value in made.state_dict().items()}
    found = fisher(made, [(inputs, labels)], 4)
    assert made.training
    torch.testing.assert_close(made.state_dict(), before, rtol=0, atol=0)
    torch.testing.assert_close(found, fisher(made.eval(), [(inputs, labels)], 4))


def test_missing_logits_are_zeros():
    head = nn.Linear(2, 1)  # one output for two classes
    nn.init.zeros_(head.weight), nn.init.zeros_(head.bias)
    found = fisher(head, [(torch.tensor([[2.0, 4.0]]), torch.tensor([1]))], 2)  # the gradient of logit 0 is 1/2
    assert found["weight"].tolist() == [[1.0, 4.0]] and found["bias"].tolist() == [0.25]
