#!/usr/bin/env python3
"""Writes the reference values of losses, optimisers, schedules and averages of weights with PyTorch.

Written with Python 3.11, torch 2.15.0, timm 1.0.31, segmentation-models-pytorch 0.6.0, safetensors 0.8.0, numpy 2.4.6:

    python write_golden.py        # from anywhere; rewrites layers.safetensors beside this file

Everything is computed in float64 from float32 inputs, which are stored with the results.
"""

import pathlib

import segmentation_models_pytorch as smp
import torch
import torch.nn.functional as F
from safetensors.torch import save_file
from timm.optim import Lamb, Lars
from torch.optim import lr_scheduler
from torch.optim.swa_utils import AveragedModel

IGNORED = 255
CLASS_WEIGHTS = torch.tensor([1.0, 0.25, 3.0, 0.5, 1.5], dtype=torch.float64)
PRESENT = [0, 1, 2, 4]
STEPS = 6
ROUNDS = 7


def dice(scores, labels):
    """The mean over the classes present of 1 - (2 overlap + 1) / (mass + 1); unlabelled pixels count nowhere."""
    labelled = (labels != IGNORED).unsqueeze(1)
    probabilities = scores.softmax(1) * labelled
    truth = F.one_hot(labels.where(labels != IGNORED, 0), scores.shape[1]).permute(0, 3, 1, 2) * labelled
    overlap, mass = (probabilities * truth).sum((0, 2, 3)), (probabilities + truth).sum((0, 2, 3))
    return (1 - (2 * overlap + 1) / (mass + 1))[truth.sum((0, 2, 3)) > 0].mean()


def focal(scores, labels, gamma, weights=torch.ones(5, dtype=torch.float64)):
    """The mean over the labelled pixels of w (1 - p)^gamma (-log p)."""
    labelled = labels != IGNORED
    surprisal = F.cross_entropy(scores, labels, ignore_index=IGNORED, reduction="none")[labelled]
    return (weights[labels[labelled]] * (1 - (-surprisal).exp()) ** gamma * surprisal).mean()


def hard_examples(scores, labels, share, weights=torch.ones(5, dtype=torch.float64)):
    """Cross-entropy of the labelled pixels with the largest terms, divided by the sum of their weights."""
    labelled = labels != IGNORED
    terms = F.cross_entropy(scores, labels, weights, ignore_index=IGNORED, reduction="none")[labelled]
    hardest = terms.topk(round(share * len(terms))).indices
    return terms[hardest].sum() / weights[labels[labelled]][hardest].sum()


def lovasz(scores, labels):
    """The Lovasz extension of 1 - IoU over the classes present, in float64; held against SMP's, which knows float32."""
    labelled = labels != IGNORED
    probabilities = scores.softmax(1).movedim(1, -1)[labelled]
    losses = []
    for index in PRESENT:
        truth = (labels[labelled] == index).double()
        errors, order = (truth - probabilities[:, index]).abs().sort(descending=True)
        wrong_of_class = truth[order].cumsum(0)
        distance = 1 - (truth.sum() - wrong_of_class) / (truth.sum() + (1 - truth[order]).cumsum(0))
        losses.append(errors @ distance.diff(prepend=torch.zeros(1, dtype=torch.float64)))
    loss = torch.stack(losses).mean()
    peer = smp.losses.LovaszLoss("multiclass", ignore_index=IGNORED)(scores.detach().float(), labels)
    assert abs(loss.item() - peer.item()) < 1e-6
    return loss


def earth_mover(scores, labels):
    """The mean over the labelled pixels of the squared differences between cumulative probabilities, over K - 1."""
    labelled = labels != IGNORED
    probabilities = scores.softmax(1).movedim(1, -1)[labelled]
    truth = F.one_hot(labels[labelled], scores.shape[1])
    steps = (probabilities - truth).cumsum(1)[:, :-1]
    return (steps**2).mean()


def tversky(alpha, beta, smoothing):
    return smp.losses.TverskyLoss(
        "multiclass", classes=PRESENT, smooth=smoothing, ignore_index=IGNORED, alpha=alpha, beta=beta
    )


LOSSES = {
    "cross-entropy": lambda s, t: F.cross_entropy(s, t, ignore_index=IGNORED),
    "weighted-cross-entropy": lambda s, t: F.cross_entropy(s, t, CLASS_WEIGHTS, ignore_index=IGNORED),
    "dice": dice,
    "sum": lambda s, t: 0.5 * F.cross_entropy(s, t, CLASS_WEIGHTS, ignore_index=IGNORED) + 2 * dice(s, t),
    "smoothed-cross-entropy": lambda s, t: F.cross_entropy(s, t, ignore_index=IGNORED, label_smoothing=0.1),
    "weighted-smoothed-cross-entropy": lambda s, t: F.cross_entropy(
        s, t, CLASS_WEIGHTS, ignore_index=IGNORED, label_smoothing=0.25
    ),
    "focal": lambda s, t: focal(s, t, 2),
    "weighted-focal": lambda s, t: focal(s, t, 0.5, CLASS_WEIGHTS),
    "tversky": tversky(0.3, 0.7, 1.0),
    "tversky-smoothing": tversky(0.8, 0.4, 3.0),
    "earth-mover": earth_mover,
    "lovasz-softmax": lovasz,
    "hard-examples": lambda s, t: hard_examples(s, t, 0.25),
    "weighted-hard-examples": lambda s, t: hard_examples(s, t, 0.6, CLASS_WEIGHTS),
}

OPTIMIZERS = {
    "sgd": lambda groups: torch.optim.SGD(groups, lr=0.05, momentum=0.9),
    "plain-sgd": lambda groups: torch.optim.SGD(groups, lr=0.05),
    "adamw": lambda groups: torch.optim.AdamW(groups, lr=0.01),
    "adamw-betas": lambda groups: torch.optim.AdamW(groups, lr=0.01, betas=(0.8, 0.95), eps=1e-4),
    "lars": lambda groups: Lars(groups, lr=3.0, momentum=0.9),
    "lars-without-decay": lambda groups: Lars(
        [{**groups[0], "weight_decay": 0.0, "always_adapt": True}, groups[1]], lr=3.0, momentum=0.5, trust_coeff=0.01
    ),
    "lamb": lambda groups: Lamb(groups, lr=0.01, max_grad_norm=None),
    "lamb-betas": lambda groups: Lamb(groups, lr=0.01, max_grad_norm=None, betas=(0.8, 0.95), eps=1e-4),
}

# Each over its number of steps, at the full rate 1.
SCHEDULES = {
    "polynomial": (40, lambda o: lr_scheduler.PolynomialLR(o, total_iters=40, power=0.9)),
    "polynomial-square": (33, lambda o: lr_scheduler.PolynomialLR(o, total_iters=33, power=2.0)),
    # 5 cycles in 42 steps: 9 and 6 in the last; 3 that double in 50 steps: 8, 16, 26 of 32.
    "restarts": (42, lambda o: lr_scheduler.CosineAnnealingWarmRestarts(o, T_0=9)),
    "restarts-growing": (50, lambda o: lr_scheduler.CosineAnnealingWarmRestarts(o, T_0=8, T_mult=2)),
    "one-cycle": (40, lambda o: lr_scheduler.OneCycleLR(o, max_lr=1.0, total_steps=40, cycle_momentum=False)),
    "one-cycle-early": (
        37,
        lambda o: lr_scheduler.OneCycleLR(
            o, max_lr=1.0, total_steps=37, pct_start=0.15, div_factor=10, final_div_factor=100, cycle_momentum=False
        ),
    ),
    "triangular": (
        40,
        lambda o: lr_scheduler.CyclicLR(o, base_lr=0.1, max_lr=1.0, step_size_up=5, cycle_momentum=False),
    ),
    "triangular-uneven": (
        45,
        lambda o: lr_scheduler.CyclicLR(o, base_lr=0.25, max_lr=1.0, step_size_up=45 / 14, cycle_momentum=False),
    ),
}

AVERAGES = {
    "uniform": lambda average, value, count: average + (value - average) / (count + 1),
    "exponential": lambda average, value, count: average + (1 - min(0.3, (1 + count) / (10 + count))) * (value - average),
}


def write_schedules(tensors):
    for name, (steps, make) in SCHEDULES.items():
        optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
        schedule = make(optimizer)
        factors = []
        for _ in range(steps):
            factors.append(optimizer.param_groups[0]["lr"])
            optimizer.step()
            schedule.step()
        tensors[f"schedule.{name}"] = torch.tensor(factors, dtype=torch.float64).float()


def write_averages(tensors, generator):
    """Averages of a normalisation whose values and statistics are other ones each round."""
    series = {
        name: torch.randn(ROUNDS, 4, generator=generator) for name in ["weight", "bias", "running_mean", "running_var"]
    }
    for name, values in series.items():
        tensors[f"series.{name}"] = values
    for kind, rule in AVERAGES.items():
        model = torch.nn.BatchNorm1d(4).double()
        average = AveragedModel(model, use_buffers=True, avg_fn=rule)
        for index in range(ROUNDS):
            state = {name: values[index].double() for name, values in series.items()}
            model.load_state_dict({**state, "num_batches_tracked": torch.tensor(0)})
            average.update_parameters(model)
        for name, value in average.module.state_dict().items():
            if name in series:
                tensors[f"average.{kind}.{name}"] = value.float()



def main():
    generator = torch.Generator().manual_seed(5)
    tensors = {}
    # Class 3 is absent; some scores are far apart, so that probabilities underflow towards 0 and 1.
    scores = 4 * torch.randn(2, 5, 7, 9, generator=generator)
    scores[0, 0, 0, 0] = 60
    labels = torch.randint(0, 5, (2, 7, 9), generator=generator)
    labels[labels == 3] = IGNORED
    tensors["scores"], tensors["labels"] = scores, labels.float()
    for name, loss in LOSSES.items():
        leaf = scores.double().requires_grad_()
        value = loss(leaf, labels)
        value.backward()
        tensors[f"{name}.value"], tensors[f"{name}.gradient"] = value.detach().reshape(1).float(), leaf.grad.float()

    start = {"weight": torch.randn(3, 2, 3, 3, generator=generator), "bias": torch.randn(7, generator=generator)}
    gradients = {
        name: torch.randn(STEPS, *value.shape, generator=generator) * 10.0 ** torch.randint(-4, 2, (STEPS,) + value.shape, generator=generator)
        for name, value in start.items()
    }
    for name in start:
        tensors[f"start.{name}"], tensors[f"gradients.{name}"] = start[name], gradients[name]
    for kind, make in OPTIMIZERS.items():
        leaves = {name: value.double().requires_grad_() for name, value in start.items()}
        optimizer = make([
            {"params": [leaves["weight"]], "weight_decay": 0.1},
            {"params": [leaves["bias"]], "weight_decay": 0.0},
        ])
        for step in range(STEPS):
            for name, leaf in leaves.items():
                leaf.grad = gradients[name][step].double()
            optimizer.step()
        for name, leaf in leaves.items():
            tensors[f"{kind}.{name}"] = leaf.detach().float()
    write_schedules(tensors)
    write_averages(tensors, generator)
    save_file({name: value.contiguous() for name, value in tensors.items()}, pathlib.Path(__file__).parent / "layers.safetensors")


if __name__ == "__main__":
    main()
