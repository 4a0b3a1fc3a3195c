import math

import pytest
import torch
from controllers_made import ACTIONS, ADVANTAGES, RATE, SPACE, flat_gradient, settings, tell_one_round, weights

from tnas_bench.controllers.ppo import Ppo, clipped_surrogate
from tnas_bench.controllers.reinforce import Reinforce


@pytest.mark.parametrize(
    ("ratio", "advantage", "value", "slope"),
    [  # slope: by the log probability, r A where the clip does not stop it
        (1.1, 2.0, 2.2, 2.2),
        (1.5, 2.0, 2.4, 0.0),  # more of the good than 1 + clip: no further
        (0.5, 2.0, 1.0, 1.0),
        (0.5, -2.0, -1.6, 0.0),  # less of the bad than 1 - clip: no further
        (1.5, -2.0, -3.0, -3.0),
    ],
)
def test_the_clip_stops_the_gradient_by_hand(ratio, advantage, value, slope):
    log_ratio = torch.tensor([math.log(ratio)], requires_grad=True)
    surrogate = clipped_surrogate(log_ratio, torch.tensor([advantage]), 0.2).sum()
    surrogate.backward()
    assert (surrogate.item(), log_ratio.grad.item()) == pytest.approx((value, slope))


def test_a_single_step_is_that_of_reinforce():
    ppo, reinforce = (kind(SPACE, 0, settings(ppo={"epochs": 1})) for kind in (Ppo, Reinforce))
    for controller in (ppo, reinforce):
        tell_one_round(controller)
        controller.update()
    torch.testing.assert_close(weights(ppo), weights(reinforce), atol=1e-5, rtol=0)


def test_several_steps_against_a_loop_of_our_own():
    """Adam on equation 7, with log pi from softmax tables and the clip written as two cases."""
    controller, twin = (Ppo(SPACE, 0, settings(entropy=0.1, ppo={"epochs": 5, "clip": 0.05})) for _ in range(2))
    tell_one_round(controller), tell_one_round(twin)
    embedding, asked, clipped = twin.embedding("task"), None, 0
    parameters = [*twin.policy.parameters(), embedding]
    adam = torch.optim.Adam(parameters, lr=RATE)
    for _ in range(5):
        pis = [log_pi.exp() for log_pi in twin.policy.log_probabilities(embedding.expand(3, -1), torch.tensor(ACTIONS))]
        pi = torch.stack([pis[0][row, a] * pis[1][row, b] for row, (a, b) in enumerate(ACTIONS)])
        asked = pi.detach() if asked is None else asked
        ratio, up = pi / asked, ADVANTAGES > 0
        clipped += int((ratio[up] > 1.05).sum() + (ratio[~up] < 0.95).sum())
        value = ADVANTAGES * torch.where(up, ratio.clamp(max=1.05), ratio.clamp(min=0.95))
        entropy = sum(-(pi * pi.log()).sum(1) for pi in pis)
        slope = flat_gradient(-(value + 0.1 * entropy).mean(), parameters)
        for parameter, part in zip(parameters, slope.split([each.numel() for each in parameters]), strict=True):
            parameter.grad = part.reshape(parameter.shape)
        adam.step()
    assert clipped > 0  # or the clip was never tried
    controller.update()
    torch.testing.assert_close(weights(controller), weights(twin), atol=1e-4, rtol=0)
    torch.testing.assert_close(controller.embedding("task"), embedding, atol=1e-4, rtol=0)
