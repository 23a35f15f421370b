#!/usr/bin/env python3
"""Writes the reference values of losses and optimisers with PyTorch.

Written with Python 3.11, torch 2.15.0, safetensors 0.8.0, numpy 2.4.6:

    python write_golden.py        # from anywhere; rewrites layers.safetensors beside this file

Everything is computed in float64 from float32 inputs, which are stored with the results.
"""

import pathlib

import torch
import torch.nn.functional as F
from safetensors.torch import save_file

IGNORED = 255
CLASS_WEIGHTS = torch.tensor([1.0, 0.25, 3.0, 0.5, 1.5], dtype=torch.float64)
STEPS = 6


def dice(scores, labels):
    """The mean over the classes present of 1 - (2 overlap + 1) / (mass + 1); unlabelled pixels count nowhere."""
    labelled = (labels != IGNORED).unsqueeze(1)
    probabilities = scores.softmax(1) * labelled
    truth = F.one_hot(labels.where(labels != IGNORED, 0), scores.shape[1]).permute(0, 3, 1, 2) * labelled
    overlap, mass = (probabilities * truth).sum((0, 2, 3)), (probabilities + truth).sum((0, 2, 3))
    return (1 - (2 * overlap + 1) / (mass + 1))[truth.sum((0, 2, 3)) > 0].mean()


LOSSES = {
    "cross-entropy": lambda s, t: F.cross_entropy(s, t, ignore_index=IGNORED),
    "weighted-cross-entropy": lambda s, t: F.cross_entropy(s, t, CLASS_WEIGHTS, ignore_index=IGNORED),
    "dice": dice,
    "sum": lambda s, t: 0.5 * F.cross_entropy(s, t, CLASS_WEIGHTS, ignore_index=IGNORED) + 2 * dice(s, t),
}

OPTIMIZERS = {
    "sgd": lambda groups: torch.optim.SGD(groups, lr=0.05, momentum=0.9),
    "plain-sgd": lambda groups: torch.optim.SGD(groups, lr=0.05),
    "adamw": lambda groups: torch.optim.AdamW(groups, lr=0.01),
    "adamw-betas": lambda groups: torch.optim.AdamW(groups, lr=0.01, betas=(0.8, 0.95), eps=1e-4),
}


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
    save_file({name: value.contiguous() for name, value in tensors.items()}, pathlib.Path(__file__).parent / "layers.safetensors")


if __name__ == "__main__":
    main()
