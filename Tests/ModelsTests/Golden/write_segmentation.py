#!/usr/bin/env python3
"""Writes the reference values of the segmentation networks, and of training transformers and ConvNeXt, with PyTorch.

Written with Python 3.11, torch 2.15.0, torchvision 0.29.2, timm 1.0.31, segmentation-models-pytorch 0.6.0, safetensors 0.8.0,
numpy 2.4.6:

    python write_segmentation.py    # from anywhere; rewrites the files beside this one

Weights, images and their rules are those of `write_golden.py`; everything is computed in float64, dropout and stochastic depth
are off.

- `segmentation.safetensors` has for each case `<architecture>/<encoder>/<N>x<C>x<H>x<W>` a sample of the scores of 5 classes.
The rates are such that float32 PyTorch itself stays within 1e-3 of a weight's scale: ReLUs that a last bit flips and normalised
means of a few images change gradients by far more than that bit, the more the deeper a network is.

- `segmentation-training.safetensors` and `token-training.safetensors` have for each case the `losses` of three steps of plain
  SGD and a sample of every parameter and running statistic after them. Segmentation networks learn from labelled pixels;
  the others from scores and maps, each times fixed factors and averaged.
"""

import segmentation_models_pytorch as smp
import numpy as np
import torch
import torchvision
from safetensors.numpy import save_file

from write_backbones import ODD_FEATURES, as_map, network, set_weights, vit, widen
from write_golden import CLASSES, HERE, hashed, sampled, segmentation_loss, targets

SMP = {"unet": smp.Unet, "deeplabv3plus": smp.DeepLabV3Plus, "fpn": smp.FPN}
SAMPLES = 24

FORWARD = [
    ("unet", "vgg16_bn", (1, 4, 75, 65)),
    ("unet", "vgg19", (1, 3, 64, 64)),
    ("unet", "resnet101", (1, 3, 75, 65)),
    ("fcn", "resnet50", (1, 4, 75, 65)),
    ("fcn", "resnet101", (2, 3, 64, 64)),
    ("deeplabv3", "resnet50", (1, 4, 75, 65)),
    ("deeplabv3", "resnet101", (2, 3, 64, 64)),
    ("deeplabv3plus", "resnet18", (2, 4, 64, 96)),
    ("deeplabv3plus", "resnet50", (1, 3, 64, 64)),
    ("fpn", "resnet34", (2, 4, 64, 96)),
    ("fpn", "vgg16", (1, 3, 64, 64)),
]
TRAINING = [
    ("unet", "vgg16_bn", (2, 3, 64, 64), 1e-3),
    ("fcn", "resnet50", (2, 3, 64, 64), 1e-5),
    ("deeplabv3", "resnet50", (4, 3, 64, 64), 1e-5),
    ("deeplabv3plus", "resnet18", (4, 3, 64, 64), 1e-3),
    ("fpn", "resnet18", (2, 3, 64, 64), 1e-4),
]
TOKENS = [
    ("torchvision", "convnext_tiny", ODD_FEATURES, (2, 3, 64, 64), 1e-3),
    ("timm", "vit_small_patch16_224", vit("timm"), (2, 3, 64, 96), 1e-3),
    ("torchvision", "swin_v2_t", ODD_FEATURES, (1, 3, 75, 65), 1e-3),
]


def segmentation(name, encoder, bands, classes):
    """A network with the weights of the rule; torchvision's with its auxiliary classifier, which is left out here."""
    if name in SMP:
        model = SMP[name](encoder, encoder_weights=None, in_channels=bands, classes=classes)
    else:
        make = torchvision.models.get_model
        model = make(f"{name}_{encoder}", weights=None, weights_backbone=None, num_classes=classes)
        widen(model, bands)
    for module in model.modules():
        if isinstance(module, (torch.nn.Dropout, torch.nn.Dropout2d)):
            module.p = 0.0
    set_weights(model)
    return model


def scores_of(model, images):
    """Scores of pixels."""
    output = model(images)
    return output["out"] if isinstance(output, dict) else output


def key_of(*parts):
    """The name of a case."""
    return "/".join([*parts[:-1], "x".join(map(str, parts[-1]))])


def write_forward():
    """Scores in inference."""
    tensors = {}
    for name, encoder, shape in FORWARD:
        key = key_of(name, encoder, shape)
        model = segmentation(name, encoder, shape[1], 5).double().eval()
        images = torch.from_numpy(hashed("images." + key, shape, 2.0))
        with torch.no_grad():
            scores = scores_of(model, images.double())
            single = scores_of(model.float(), images)
        distance = ((single - scores).abs().max() / scores.abs().max()).item()
        print(f"{key}: largest score {scores.abs().max():.3g}, float32 PyTorch {distance:.1e}", flush=True)
        tensors[key], _ = sampled(scores)
    save_file(tensors, HERE / "segmentation.safetensors")


def descend(model, rate, loss_of_step):
    """Losses of three steps of plain SGD, the values before them and those after."""
    descent = torch.optim.SGD(model.parameters(), lr=rate)
    losses, before = [], state(model)
    for step in range(3):
        loss = loss_of_step(step)
        descent.zero_grad()
        loss.backward()
        descent.step()
        losses.append(loss.item())
    return losses, before, state(model)


def state(model):
    """Samples of learned parameters and running statistics."""
    values = dict(model.named_parameters())
    values |= {name: value for name, value in model.named_buffers() if "running_" in name}
    return {name.removeprefix("model."): sampled(value, SAMPLES)[0] for name, value in values.items()}


def add_training(tensors, key, rate, train):
    """Three steps in float64, and how far float32 goes astray: of a weight's scale, and of its way."""
    losses, before, values = train(torch.float64)
    single_losses, _, single = train(torch.float32)
    strays = {name: np.abs(single[name] - value).max() for name, value in values.items()}
    distance = max(stray / np.abs(values[name]).max() for name, stray in strays.items())
    ways = {name: stray / np.abs(values[name] - before[name]).max() for name, stray in strays.items()
            if np.abs(values[name] - before[name]).max() > 1e-5 * np.abs(before[name]).max()}
    worst = max(ways, key=ways.get)
    print(f"{key}: losses {losses}; float32 PyTorch: losses {np.abs(np.subtract(single_losses, losses)).max():.1e}, "
          f"weights {distance:.1e}, way of {worst} {ways[worst]:.1e}, median {np.median(list(ways.values())):.1e}", flush=True)
    tensors[f"{key}/losses"] = np.array(losses, dtype=np.float32)
    tensors[f"{key}/rate"] = np.array([rate], dtype=np.float32)
    tensors |= {f"{key}/{name}": value for name, value in values.items()}
    return tensors


def write_segmentation_training():
    """Training on labelled pixels."""
    tensors = {}
    for name, encoder, shape, rate in TRAINING:
        key = key_of(name, encoder, shape)

        def train(kind):
            model = segmentation(name, encoder, shape[1], CLASSES).to(kind).train()

            def loss(step):
                images = torch.from_numpy(hashed(f"images.{key}.{step}", shape, 2.0)).to(kind)
                labels = targets(f"labels.{key}.{step}", (shape[0], *shape[2:]), CLASSES)
                return segmentation_loss(scores_of(model, images), labels)

            return descend(model, rate, loss)

        tensors = add_training(tensors, key, rate, train)
    save_file(tensors, HERE / "segmentation-training.safetensors")


def write_token_training():
    """Training on scores and maps."""
    tensors = {}
    for scheme, name, paths, shape, rate in TOKENS:
        key = key_of(scheme, name, shape)

        def train(kind):
            model = network(scheme, name, shape[1], 7).to(kind).train()
            results = {}
            for path in paths:
                model.get_submodule(path).register_forward_hook(
                    lambda module, inputs, output, path=path: results.__setitem__(path, output))

            def loss(step):
                images = torch.from_numpy(hashed(f"images.{key}.{step}", shape, 2.0)).to(kind)
                values = {"scores": model(images)}
                for path in paths:
                    value = as_map(results[path], shape)
                    values[path] = value.permute(0, 3, 1, 2) if name.startswith("swin") else value
                return sum(
                    (value * torch.from_numpy(hashed("factors." + path, tuple(value.shape))).to(kind)).sum() / len(value)
                    for path, value in values.items())

            return descend(model, rate, loss)

        tensors = add_training(tensors, key, rate, train)
    save_file(tensors, HERE / "token-training.safetensors")


if __name__ == "__main__":
    write_forward()
    write_token_training()
    write_segmentation_training()
