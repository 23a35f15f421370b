#!/usr/bin/env python3
"""Writes what training steps do to a network of each family of backbones, with torchvision and PyTorch's own SGD.

Written with the versions that `write_backbones.py` states, whose networks and weights these are:

    python write_backbone_training.py    # from anywhere; rewrites training-backbones.safetensors beside this file

Three steps in float64 with momentum 0.9 and cross-entropy of five classes on batches of four images, normalisations by the
batch, no dropout and no stochastic depth. For each network `<scheme>/<architecture>/<N>x<C>x<H>x<W>/<rate>/` the file has
`losses` and, of every seventh parameter and running statistic, a sample of how far it went. Where the classifier is too
large to be trained here (VGG) the means of the last map's channels are the scores. Float32 PyTorch's own distance is printed.
"""

import numpy as np
import torch
import torch.nn.functional as F
import torchvision
from safetensors.numpy import save_file

from write_backbones import network
from write_golden import HERE, hashed, sampled, targets

STEPS = 3
CLASSES = 5
CASES = [
    ("resnet18", (4, 3, 64, 64), 1e-3),
    ("vgg16_bn", (4, 3, 64, 64), 1e-2),
    ("inception_v3", (4, 3, 107, 107), 1e-3),
    ("densenet121", (4, 3, 64, 64), 1e-3),
    ("mobilenet_v2", (4, 3, 64, 64), 1e-3),
    ("mobilenet_v3_small", (4, 3, 64, 64), 1e-3),
    ("efficientnet_b0", (4, 3, 64, 64), 1e-3),
]


def scores_of(model, images):
    """Class scores, or the means of the last map's channels."""
    return model.features(images).mean((2, 3)) if isinstance(model, torchvision.models.VGG) else model(images)


def train(name, shape, rate, double):
    """Losses, and values before and after."""
    model = network("torchvision", name, shape[1], CLASSES)
    if isinstance(model, torchvision.models.Inception3):
        model.AuxLogits = None
        model.aux_logits = False
    model = (model if double else model.float()).train()
    start = {path: value.clone() for path, value in model.state_dict().items()}
    descent = torch.optim.SGD(model.parameters(), lr=rate, momentum=0.9)
    losses = []
    for step in range(STEPS):
        images = torch.from_numpy(hashed(f"training.{name}.{step}", shape, 2.0))
        labels = targets(f"labels.{name}.{step}", (shape[0],), CLASSES)
        loss = F.cross_entropy(scores_of(model, images.double() if double else images), labels, ignore_index=255)
        descent.zero_grad()
        loss.backward()
        descent.step()
        losses.append(loss.item())
    changes = {
        path: value.double() - start[path].double() for path, value in model.state_dict().items()
        if not path.endswith("num_batches_tracked") and not path.startswith("classifier" if name.startswith("vgg") else "!")
    }
    return np.array(losses), changes


def main():
    tensors = {}
    for name, shape, rate in CASES:
        losses, changes = train(name, shape, rate, double=True)
        single_losses, single = train(name, shape, rate, double=False)
        key = f"torchvision/{name}/{'x'.join(map(str, shape))}/{rate}"
        tensors[f"{key}/losses"] = losses.astype(np.float32)
        distances = []
        for path in list(changes)[::7]:
            tensors[f"{key}/{path}"], _ = sampled(changes[path], 48)
            other, _ = sampled(single[path], 48)
            distances.append(np.abs(other - tensors[f"{key}/{path}"]).max() / np.abs(tensors[f"{key}/{path}"]).max())
        print(f"{key}: losses {losses}, float32 PyTorch {np.abs(single_losses / losses - 1).max():.1e}, "
              f"changes of {len(distances)} at most {max(distances):.1e}, median {np.median(distances):.1e}", flush=True)
    save_file(tensors, HERE / "training-backbones.safetensors")


if __name__ == "__main__":
    torch.manual_seed(0)
    main()
