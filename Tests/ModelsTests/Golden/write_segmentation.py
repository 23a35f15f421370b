#!/usr/bin/env python3
"""Writes the reference values of the segmentation networks, and of training transformers and ConvNeXt, with PyTorch.

Written with Python 3.11, torch 2.15.0, torchvision 0.29.2, timm 1.0.31, segmentation-models-pytorch 0.6.0, safetensors 0.8.0,
numpy 2.4.6:

    python write_segmentation.py    # from anywhere; rewrites the files beside this one

Weights, images and their rules are those of `write_golden.py`; everything is computed in float64, dropout and stochastic depth
are off.

- `segmentation.safetensors` has for each case `<architecture>/<encoder>/<N>x<C>x<H>x<W>` a sample of the scores of 5 classes.
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
RATE = 1e-3
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
    ("unet", "vgg16_bn", (2, 3, 64, 64)),
    ("fcn", "resnet50", (2, 3, 64, 64)),
    ("deeplabv3", "resnet50", (4, 3, 64, 64)),
    ("deeplabv3plus", "resnet18", (4, 3, 64, 64)),
    ("fpn", "resnet18", (2, 3, 64, 64)),
]
TOKENS = [
    ("torchvision", "convnext_tiny", ODD_FEATURES, (2, 3, 64, 64)),
    ("timm", "vit_small_patch16_224", vit("timm"), (2, 3, 64, 96)),
    ("torchvision", "swin_v2_t", ODD_FEATURES, (1, 3, 75, 65)),
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


def descend(model, loss_of_step):
    """Losses of three steps of plain SGD."""
    descent = torch.optim.SGD(model.parameters(), lr=RATE)
    losses = []
    for step in range(3):
        loss = loss_of_step(step)
        descent.zero_grad()
        loss.backward()
        descent.step()
        losses.append(loss.item())
    return losses


def state(model):
    """Samples of learned parameters and running statistics."""
    values = dict(model.named_parameters())
    values |= {name: value for name, value in model.named_buffers() if "running_" in name}
    return {name.removeprefix("model."): sampled(value, SAMPLES)[0] for name, value in values.items()}


def add_training(tensors, key, train):
    """Three steps in float64, and how far float32 goes astray."""
    losses, values = train(torch.float64)
    single_losses, single = train(torch.float32)
    distance = max(np.abs(single[name] - value).max() / np.abs(value).max() for name, value in values.items())
    print(f"{key}: losses {losses}; float32 PyTorch: losses {np.abs(np.subtract(single_losses, losses)).max():.1e}, "
          f"weights {distance:.1e}", flush=True)
    tensors[f"{key}/losses"] = np.array(losses, dtype=np.float32)
    tensors |= {f"{key}/{name}": value for name, value in values.items()}
    return tensors


def write_segmentation_training():
    """Training on labelled pixels."""
    tensors = {}
    for name, encoder, shape in TRAINING:
        key = key_of(name, encoder, shape)

        def train(kind):
            model = segmentation(name, encoder, shape[1], CLASSES).to(kind).train()

            def loss(step):
                images = torch.from_numpy(hashed(f"images.{key}.{step}", shape, 2.0)).to(kind)
                labels = targets(f"labels.{key}.{step}", (shape[0], *shape[2:]), CLASSES)
                return segmentation_loss(scores_of(model, images), labels)

            return descend(model, loss), state(model)

        tensors = add_training(tensors, key, train)
    save_file(tensors, HERE / "segmentation-training.safetensors")


def write_token_training():
    """Training on scores and maps."""
    tensors = {}
    for scheme, name, paths, shape in TOKENS:
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

            return descend(model, loss), state(model)

        tensors = add_training(tensors, key, train)
    save_file(tensors, HERE / "token-training.safetensors")


if __name__ == "__main__":
    write_forward()
    write_token_training()
    write_segmentation_training()
