#!/usr/bin/env python3
"""Writes what training steps do to a network of each family of backbones, with torchvision and PyTorch's own SGD.

Written with the versions that `write_backbones.py` states, whose networks and weights these are:

    python write_backbone_training.py    # from anywhere; rewrites training-backbones.safetensors beside this file

Steps in float64 with momentum 0.9 and cross-entropy of five classes on batches of images, normalisations by the batch, no
dropout and no stochastic depth. For each network `<scheme>/<architecture>/<N>x<C>x<H>x<W>/<rate>/<steps>/` the file has

- `losses`;
- of every seventh parameter and running statistic a sample of how far it went, where it went at all;
- `single`: how far float32 PyTorch is from that: its losses, and of the samples' root mean squares the median and the largest.

Where the classifier is too large to be trained here (VGG) the means of the last map's channels are the scores. Training by the
batch's statistics amplifies rounding, most where few pixels are left: a ReLU that a last bit flips changes gradients by far
more than that bit. So what can be asked for is a distance of the order of float32 PyTorch's own.
"""

import numpy as np
import torch
import torch.nn.functional as F
import torchvision
from safetensors.numpy import save_file

from write_backbones import network
from write_golden import HERE, hashed, sampled, targets

CLASSES = 5
CASES = [
    ("resnet18", (4, 3, 64, 64), 1e-3, 3),
    ("vgg16_bn", (4, 3, 64, 64), 1e-3, 3),
    ("inception_v3", (4, 3, 139, 139), 1e-5, 2),
    ("densenet121", (8, 3, 64, 64), 1e-4, 3),
    ("mobilenet_v2", (8, 3, 64, 64), 1e-4, 3),
    ("mobilenet_v3_small", (4, 3, 64, 64), 1e-3, 3),
    ("efficientnet_b0", (4, 3, 64, 64), 1e-3, 3),
]


def scores_of(model, images):
    """Class scores, or the means of the last map's channels."""
    return model.features(images).mean((2, 3)) if isinstance(model, torchvision.models.VGG) else model(images)


def train(name, shape, rate, steps, double):
    """Losses, and how far everything went."""
    model = network("torchvision", name, shape[1], CLASSES)
    if isinstance(model, torchvision.models.Inception3):
        model.AuxLogits = None
        model.aux_logits = False
    model = (model if double else model.float()).train()
    start = {path: value.clone() for path, value in model.state_dict().items()}
    descent = torch.optim.SGD(model.parameters(), lr=rate, momentum=0.9)
    losses = []
    for step in range(steps):
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


def relative(found, expected):
    """The root mean square of the difference over that of what is expected."""
    return np.sqrt(((found - expected) ** 2).mean() / (expected**2).mean())


def main():
    tensors = {}
    for name, shape, rate, steps in CASES:
        losses, changes = train(name, shape, rate, steps, double=True)
        single_losses, single = train(name, shape, rate, steps, double=False)
        key = f"torchvision/{name}/{'x'.join(map(str, shape))}/{rate}/{steps}"
        tensors[f"{key}/losses"] = losses.astype(np.float32)
        distances = []
        for path in list(changes)[::7]:
            sample, _ = sampled(changes[path], 48)
            if np.abs(sample).max() < 1e-9:
                continue  # an offset that a normalisation takes away again
            tensors[f"{key}/{path}"] = sample
            distances.append(relative(sampled(single[path], 48)[0], sample))
        distance = [np.abs(single_losses / losses - 1).max(), np.median(distances), max(distances)]
        tensors[f"{key}/single"] = np.array(distance, dtype=np.float32)
        print(f"{key}: losses {losses}, float32 PyTorch {distance[0]:.1e}, {len(distances)} changes, median "
              f"{distance[1]:.1e}, largest {distance[2]:.1e}", flush=True)
    save_file(tensors, HERE / "training-backbones.safetensors")


if __name__ == "__main__":
    torch.manual_seed(0)
    main()
