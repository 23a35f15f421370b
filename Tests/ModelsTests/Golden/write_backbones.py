#!/usr/bin/env python3
"""Writes the reference values of the backbone tests with torchvision, timm and segmentation_models_pytorch.

Written with Python 3.11, torch 2.15.0, torchvision 0.29.2, timm 1.0.31, segmentation-models-pytorch 0.6.0, safetensors 0.8.0,
numpy 2.4.6:

    python write_backbones.py            # from anywhere; rewrites the files beside this one
    python write_backbones.py resnet50   # computes the cases whose key contains this, writes nothing

Weights, images and their rules are those of `write_golden.py`; everything is computed in float64. `backbones.safetensors` has
for each case `<scheme>/<architecture>/<N>x<C>x<H>x<W>/<dilation>/`:

- `scores`, where the network has a head (of 7 classes): all of them;
- one sample a map, under the path of the module whose result it is;
- `encoder`, where segmentation_models_pytorch has the network: which of the maps its encoder returns, in order.
"""

import sys

import numpy as np
import segmentation_models_pytorch as smp
import timm
import torch
import torchvision
from safetensors.numpy import save_file

from write_golden import HERE, hashed, sampled, weight

CLASSES = 7
SAMPLES = 256

RESNET = ["relu", "layer1", "layer2", "layer3", "layer4"]
TIMM_RESNET = ["act1"] + RESNET[1:]


def vgg(*places):
    """Maps of a VGG, whose places depend on depth and normalisation."""
    return [f"features.{place}" for place in places]


def case(scheme, name, maps, shape, classes=CLASSES, dilation="none", encoder=None):
    """A network and an image; `encoder` is segmentation_models_pytorch's name of it."""
    return dict(scheme=scheme, name=name, maps=maps, shape=shape, classes=classes, dilation=dilation, encoder=encoder)


CASES = [
    case("torchvision", "resnet18", RESNET, (1, 4, 75, 65), encoder="resnet18"),
    case("torchvision", "resnet50", RESNET, (2, 3, 64, 64), encoder="resnet50"),
    case("torchvision", "resnet50", RESNET, (1, 3, 75, 65), dilation="torchvision"),
    case("torchvision", "resnet18", RESNET, (1, 3, 75, 65), classes=None, dilation="smp", encoder="resnet18"),
    case("torchvision", "resnet50", RESNET, (1, 3, 64, 64), classes=None, dilation="smp", encoder="resnet50"),
    case("timm", "resnet50", TIMM_RESNET, (1, 4, 75, 65)),
    case("torchvision", "vgg16", vgg(3, 8, 15, 22, 29, 30), (1, 3, 64, 64), encoder="vgg16"),
    case("torchvision", "vgg19_bn", vgg(5, 12, 25, 38, 51, 52), (1, 4, 75, 65), classes=None, encoder="vgg19_bn"),
    case("timm", "vgg16_bn", vgg(5, 12, 22, 32, 42, 43), (1, 4, 75, 65)),
]


def set_weights(model):
    """Learned parameters and running statistics by the rule; tables and counters stay."""
    values = dict(model.named_parameters())
    values |= {name: value for name, value in model.named_buffers() if "running_" in name}
    with torch.no_grad():
        for name, value in values.items():
            value.copy_(torch.from_numpy(weight(name, tuple(value.shape))))


def widen(model, bands):
    """Gives a network made for three bands a first convolution for `bands`; its values come from the rule anyway."""
    first = next(module for module in model.modules() if isinstance(module, torch.nn.Conv2d))
    if first.in_channels != bands:
        first.in_channels = bands
        first.weight = torch.nn.Parameter(torch.zeros(first.weight.shape[0], bands, *first.kernel_size))


def smp_encoder(name, bands, dilation):
    """segmentation_models_pytorch's encoder, of output stride 16 where it is dilated."""
    encoder = smp.encoders.get_encoder(
        name, in_channels=bands, depth=5, weights=None, output_stride=16 if dilation == "smp" else 32)
    set_weights(encoder)
    return encoder.double().eval()


def network(scheme, name, bands, classes, dilation="none"):
    """A publisher's network with the weights of the rule, in float64; without dropout or stochastic depth."""
    if scheme == "smp" or dilation == "smp":
        return smp_encoder(name, bands, dilation)
    if scheme == "timm":
        model = timm.create_model(name, in_chans=bands, num_classes=classes)
    else:
        options = {"replace_stride_with_dilation": [False, True, True]} if dilation == "torchvision" else {}
        model = torchvision.models.get_model(name, weights=None, num_classes=classes or 1000, **options)
        widen(model, bands)
    for module in model.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0
        if isinstance(module, torchvision.ops.StochasticDepth):
            module.p = 0.0
    set_weights(model)
    return model.double().eval()


def run(model, maps, images):
    """The network's result, and what the modules at `maps` gave."""
    results = {}
    hooks = [
        # A copy at once: the module after it may work in place.
        model.get_submodule(name).register_forward_hook(
            lambda module, inputs, output, name=name: results.__setitem__(name, output.detach().clone()))
        for name in maps
    ]
    with torch.no_grad():
        output = model(images)
    for hook in hooks:
        hook.remove()
    return output, [results[name] for name in maps]


def encoder_places(features, maps):
    """Which map each of an encoder's features is, the image itself left out."""
    places = []
    for feature in features:
        equal = [place for place, value in enumerate(maps) if value.shape == feature.shape and torch.equal(value, feature)]
        if equal:
            places.append(equal[0])
        else:
            assert not places, f"a feature {tuple(feature.shape)} is none of the maps"
    return np.array(places, dtype=np.float32)


def write(only):
    """All cases, or those whose key contains `only`."""
    tensors = {}
    for entry in CASES:
        scheme, name, shape = entry["scheme"], entry["name"], entry["shape"]
        key = f"{scheme}/{name}/{'x'.join(map(str, shape))}/{entry['dilation']}"
        if only not in key:
            continue
        model = network(scheme, name, shape[1], entry["classes"], entry["dilation"])
        images = torch.from_numpy(hashed("images." + key, shape, 2.0))
        output, maps = run(model, entry["maps"], images.double())
        for path, value in zip(entry["maps"], maps):
            tensors[f"{key}/{path}"], _ = sampled(value, SAMPLES)
        has_scores = isinstance(output, torch.Tensor) and entry["classes"] is not None
        if has_scores:
            tensors[f"{key}/scores"] = output.numpy().astype(np.float32)
        if entry["encoder"]:
            encoder = smp_encoder(entry["encoder"], shape[1], entry["dilation"])
            with torch.no_grad():
                tensors[f"{key}/encoder"] = encoder_places(encoder(images.double()), maps)
        single, single_maps = run(model.float(), entry["maps"], images)
        pairs = list(zip(single_maps, maps)) + ([(single, output)] if has_scores else [])
        distance = max(((a.double() - b).abs().max() / b.abs().max()).item() for a, b in pairs)
        largest = max(value.abs().max().item() for value in maps)
        print(f"{key}: {[tuple(value.shape[1:]) for value in maps]}, largest {largest:.2g}, float32 PyTorch {distance:.1e}",
              flush=True)
    if not only:
        save_file(tensors, HERE / "backbones.safetensors")
        print(f"{len(tensors)} tensors of {sum(value.size for value in tensors.values())} values")


if __name__ == "__main__":
    torch.manual_seed(0)
    write(sys.argv[1] if len(sys.argv) > 1 else "")
