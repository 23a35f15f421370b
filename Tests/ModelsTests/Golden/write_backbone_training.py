#!/usr/bin/env python3
"""Writes what training steps do to a network of each family of backbones, with torchvision and PyTorch's own SGD.

Written with the versions that `write_backbones.py` states, whose networks and weights these are:

    python write_backbone_training.py    # from anywhere; rewrites training-backbones.safetensors beside this file

Three steps in float64 with momentum 0.9 and cross-entropy of five classes on batches of images, normalisations by the batch,
no dropout and no stochastic depth. For each network `<scheme>/<architecture>/<N>x<C>x<H>x<W>/<rate>/<seed>/` the file has

- `losses`;
- `gradients` `[3, ...]`: of each step a sample of every parameter's gradient, in the order of their names;
- `statistics`: after the steps a sample of every running mean and variance, in the order of their names.

A ReLU's derivative jumps at 0: where a last bit decides on which side an input is, float32 PyTorch is further than 1e-3 from
itself in float64, in most networks and for most images. So the normalisations here decide: each second channel is on, the
others are off, for nearly all pixels; and the seed of the images is one for which float32 PyTorch stays close, as printed.

Where the classifier is too large to be trained here (VGG) the means of the last map's channels are the scores.
"""

import re

import numpy as np
import torch
import torch.nn.functional as F
import torchvision
from safetensors.numpy import save_file

from write_backbones import network
from write_golden import HERE, hashed, sampled, targets

CLASSES = 5
CASES = [
    ("resnet18", (4, 3, 64, 64), 1e-4, 0),
    ("vgg16_bn", (4, 3, 64, 64), 1e-5, 0),
    ("inception_v3", (4, 3, 107, 107), 1e-4, 0),
    ("densenet121", (4, 3, 64, 64), 1e-4, 0),
    ("mobilenet_v2", (4, 3, 64, 64), 1e-4, 0),
    ("mobilenet_v3_small", (4, 3, 64, 64), 1e-3, 0),
    ("efficientnet_b0", (4, 3, 64, 64), 1e-3, 0),
]


def scores_of(model, images):
    """Class scores, or the means of the last map's channels."""
    return model.features(images).mean((2, 3)) if isinstance(model, torchvision.models.VGG) else model(images)


def decide(model):
    """Every second channel well above 0 after its normalisation, the others well below; not after MobileNetV2's last
    convolutions, which no activation follows."""
    with torch.no_grad():
        for name, module in model.named_modules():
            if isinstance(module, torch.nn.BatchNorm2d) and not re.search(r"\.conv\.\d$", name):
                module.weight.mul_(0.2)
                module.bias[0::2] += 1.2
                module.bias[1::2] -= 1.2


def sampled_all(values):
    """Samples of tensors in the order of their names, in one row."""
    return np.concatenate([sampled(values[name], 16)[0].ravel() for name in sorted(values)])


def train(name, shape, rate, seed, double):
    """Losses, gradients of each step, and running statistics."""
    model = network("torchvision", name, shape[1], CLASSES)
    if isinstance(model, torchvision.models.Inception3):
        model.AuxLogits = None
        model.aux_logits = False
    if isinstance(model, torchvision.models.VGG):
        model.classifier = torch.nn.Identity()
    model = (model if double else model.float()).train()
    decide(model)
    descent = torch.optim.SGD(model.parameters(), lr=rate, momentum=0.9)
    losses, gradients = [], []
    for step in range(3):
        images = torch.from_numpy(hashed(f"training.{name}.{seed}.{step}", shape, 2.0))
        labels = targets(f"labels.{name}.{seed}.{step}", (shape[0],), CLASSES)
        loss = F.cross_entropy(scores_of(model, images.double() if double else images), labels, ignore_index=255)
        descent.zero_grad()
        loss.backward()
        gradients.append(sampled_all({path: value.grad for path, value in model.named_parameters()}))
        descent.step()
        losses.append(loss.item())
    statistics = sampled_all({path: value for path, value in model.named_buffers() if "running_" in path})
    return np.array(losses), np.array(gradients), statistics


def main():
    tensors = {}
    for name, shape, rate, seed in CASES:
        losses, gradients, statistics = train(name, shape, rate, seed, double=True)
        _, single, _ = train(name, shape, rate, seed, double=False)
        key = f"torchvision/{name}/{'x'.join(map(str, shape))}/{rate}/{seed}"
        for part, values in [("losses", losses), ("gradients", gradients), ("statistics", statistics)]:
            tensors[f"{key}/{part}"] = values.astype(np.float32)
        distances = [np.linalg.norm(a - b) / np.linalg.norm(b) for a, b in zip(single, gradients)]
        print(f"{key}: losses {losses}, gradients of float32 PyTorch {', '.join(f'{d:.1e}' for d in distances)} away", flush=True)
    save_file(tensors, HERE / "training-backbones.safetensors")


if __name__ == "__main__":
    torch.manual_seed(0)
    main()
