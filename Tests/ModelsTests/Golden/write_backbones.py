#!/usr/bin/env python3
"""Writes the reference values of the backbone tests with torchvision, timm, segmentation_models_pytorch and
efficientnet_lite_pytorch.

Written with Python 3.11, torch 2.15.0, torchvision 0.29.2, timm 1.0.31, segmentation-models-pytorch 0.6.0,
efficientnet_lite_pytorch 0.1.0, safetensors 0.8.0, numpy 2.4.6:

    python write_backbones.py             # from anywhere; rewrites the files beside this one
    python write_backbones.py vgg resnet  # only those of some families

Weights, images and their rules are those of `write_golden.py`; everything is computed in float64. `backbones-<family>.safetensors`
has for each case `<scheme>/<architecture>/<N>x<C>x<H>x<W>/<dilation>/`:

- `scores`, where the network has a head (of 7 classes): all of them;
- one sample a map, under the path of the module whose result it is;
- `encoder`, where segmentation_models_pytorch has the network: which of the maps its encoder returns, in order.
"""

import re
import sys

import numpy as np
import segmentation_models_pytorch as smp
import timm
import torch
import torch.nn.functional as F
import torchvision
from efficientnet_lite_pytorch import EfficientNet as EfficientNetLite
from safetensors.numpy import save_file

from write_golden import HERE, hashed, sampled, weight

CLASSES = 7
SAMPLES = 256

RESNET = ["relu", "layer1", "layer2", "layer3", "layer4"]
TIMM_RESNET = ["act1"] + RESNET[1:]
INCEPTION = ["Conv2d_2b_3x3", "Conv2d_4a_3x3", "Mixed_5d", "Mixed_6e", "Mixed_7c"]
DENSENET = ["features.relu0"] + [f"features.transition{i}.relu" for i in (1, 2, 3)] + ["features.norm5"]
TIMM_DENSENET = ["features.norm0"] + [f"features.denseblock{i}" for i in (1, 2, 3)] + ["features.norm5"]
TIMM_STAGES = [f"blocks.{i}" for i in (0, 1, 2, 4, 6)] + ["bn2"]
TIMM_LARGE = [f"blocks.{i}" for i in (0, 1, 2, 4, 5, 6)]
TIMM_SMALL = ["bn1"] + [f"blocks.{i}" for i in (0, 1, 3, 4, 5)]


def features(*places):
    """Maps of torchvision's MobileNets and EfficientNets."""
    return [f"features.{place}" for place in places]


def smp_blocks(*places):
    """Maps of segmentation_models_pytorch's EfficientNets."""
    return ["_swish"] + [f"_blocks.{place}" for place in places]


def vgg(*places):
    """Maps of a VGG, whose places depend on depth and normalisation."""
    return [f"features.{place}" for place in places]


def vit(scheme, depth=12):
    """Maps of a vision transformer: the blocks that end the quarters of its depth."""
    block = "blocks.{}" if scheme == "timm" else "encoder.layers.encoder_layer_{}"
    return [block.format(depth * quarter // 4 - 1) for quarter in (1, 2, 3, 4)]


ODD_FEATURES = [f"features.{place}" for place in (1, 3, 5, 7)]
STAGES = [f"stages.{place}" for place in range(4)]


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
    case("torchvision", "inception_v3", INCEPTION, (2, 3, 96, 80)),
    case("timm", "inception_v3", INCEPTION, (1, 4, 75, 111)),
    case("torchvision", "densenet121", DENSENET, (1, 4, 75, 65), encoder="densenet121"),
    case("timm", "densenet121", TIMM_DENSENET, (2, 3, 64, 64)),
    case("torchvision", "mobilenet_v2", features(1, 3, 6, 13, 17, 18), (2, 3, 64, 64), encoder="mobilenet_v2"),
    case("torchvision", "mobilenet_v2", features(1, 3, 6, 13, 17, 18), (1, 4, 75, 65), classes=None, dilation="smp",
         encoder="mobilenet_v2"),
    case("timm", "mobilenetv2_100", TIMM_STAGES, (1, 4, 75, 65)),
    case("torchvision", "mobilenet_v3_large", features(1, 3, 4, 6, 12, 15, 16), (1, 4, 75, 65)),
    case("torchvision", "mobilenet_v3_large", features(1, 3, 4, 6, 12, 15, 16), (1, 3, 64, 64), dilation="torchvision"),
    case("torchvision", "mobilenet_v3_small", features(0, 1, 3, 8, 11, 12), (2, 3, 64, 64)),
    case("timm", "mobilenetv3_large_100", TIMM_LARGE, (2, 3, 64, 64)),
    case("timm", "mobilenetv3_small_100", TIMM_SMALL, (1, 4, 75, 65)),
    case("timm", "tf_mobilenetv3_small_100", TIMM_SMALL, (1, 4, 75, 66)),
    case("torchvision", "efficientnet_b0", features(1, 2, 3, 5, 7, 8), (1, 4, 75, 65)),
    case("torchvision", "efficientnet_b5", features(1, 2, 3, 5, 7, 8), (1, 3, 64, 64)),
    case("timm", "efficientnet_b0", TIMM_STAGES, (2, 3, 64, 64)),
    case("timm", "efficientnet_b1", TIMM_STAGES, (1, 4, 75, 65)),
    case("timm", "tf_efficientnet_b0", TIMM_STAGES, (1, 4, 75, 66)),
    case("timm", "tf_efficientnet_b0", TIMM_STAGES, (2, 3, 64, 64)),
    case("smp", "efficientnet-b0", smp_blocks(2, 4, 8, 15), (1, 4, 75, 65), classes=None, encoder="efficientnet-b0"),
    case("smp", "efficientnet-b0", smp_blocks(2, 4, 8, 15), (2, 3, 64, 64), classes=None, dilation="smp",
         encoder="efficientnet-b0"),
    case("smp", "efficientnet-b3", smp_blocks(4, 7, 17, 25), (1, 3, 64, 64), classes=None, encoder="efficientnet-b3"),
    case("smp", "efficientnet-b3", smp_blocks(4, 7, 17, 25), (1, 3, 75, 66), classes=None, dilation="smp",
         encoder="efficientnet-b3"),
    case("timm", "efficientnet_lite0", TIMM_STAGES, (1, 4, 75, 65)),
    case("timm", "efficientnet_lite2", TIMM_STAGES, (1, 3, 64, 64)),
    case("timm", "tf_efficientnet_lite0", TIMM_STAGES, (1, 4, 75, 66)),
    case("smp", "efficientnet-lite0", smp_blocks(2, 4, 10, 15), (2, 3, 64, 64)),
    case("smp", "efficientnet-lite0", smp_blocks(2, 4, 10, 15), (1, 4, 75, 65)),
    case("smp", "efficientnet-lite3", smp_blocks(3, 6, 16, 23), (1, 3, 75, 66)),
    case("torchvision", "vgg16", vgg(3, 8, 15, 22, 29, 30), (1, 3, 64, 64), encoder="vgg16"),
    case("torchvision", "vgg19_bn", vgg(5, 12, 25, 38, 51, 52), (1, 4, 75, 65), classes=None, encoder="vgg19_bn"),
    case("timm", "vgg16_bn", vgg(5, 12, 22, 32, 42, 43), (1, 4, 75, 65)),
    case("torchvision", "convnext_tiny", ODD_FEATURES, (2, 3, 64, 64)),
    case("torchvision", "convnext_tiny", ODD_FEATURES, (1, 4, 75, 65), classes=None),
    case("timm", "convnext_tiny", STAGES, (1, 4, 75, 65)),
    case("timm", "vit_small_patch16_224", vit("timm"), (1, 4, 224, 224)),
    case("timm", "vit_small_patch16_224", vit("timm"), (2, 3, 75, 65)),
    case("timm", "vit_small_patch16_224", vit("timm"), (1, 3, 250, 301), classes=None),
    case("timm", "vit_base_patch16_224", vit("timm"), (1, 3, 64, 64)),
    case("torchvision", "vit_b_16", vit("torchvision"), (1, 3, 224, 224)),
    case("torchvision", "vit_b_16", vit("torchvision"), (1, 4, 75, 65)),
    case("torchvision", "swin_v2_t", ODD_FEATURES, (2, 3, 64, 64)),
    case("torchvision", "swin_v2_t", ODD_FEATURES, (1, 4, 75, 65)),
    case("torchvision", "swin_v2_t", ODD_FEATURES, (1, 3, 30, 301), classes=None),
    case("torchvision", "swin_v2_b", ODD_FEATURES, (1, 3, 75, 65)),
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


class ResizedTransformer(torch.nn.Module):
    """A vision transformer on images of any size: cut to whole patches, torchvision's with its embedding interpolated.

    timm resizes as it runs; `interpolate_embeddings` of torchvision does the same to a state dict, for square images only.
    """

    def __init__(self, model, is_timm):
        super().__init__()
        self.model, self.is_timm = model, is_timm

    def get_submodule(self, target):
        return self.model.get_submodule(target)

    def resized(self, embedding, rows, columns):
        token, places = embedding[:, :1], embedding[:, 1:]
        side = round(places.shape[1] ** 0.5)
        if (rows, columns) == (side, side):
            return embedding
        places = places.transpose(1, 2).reshape(1, -1, side, side)
        places = F.interpolate(places, (rows, columns), mode="bicubic", align_corners=True)
        return torch.cat([token, places.flatten(2).transpose(1, 2)], 1)

    def forward(self, images):
        rows, columns = (extent // 16 for extent in images.shape[2:])
        images, model = images[:, :, :rows * 16, :columns * 16], self.model
        if self.is_timm:
            return model(images)
        tokens = model.conv_proj(images).flatten(2).transpose(1, 2)
        tokens = torch.cat([model.class_token.expand(len(images), -1, -1), tokens], 1)
        encoder = model.encoder
        tokens = encoder.ln(encoder.layers(tokens + self.resized(encoder.pos_embedding, rows, columns)))
        return model.heads(tokens[:, 0])


def as_map(value, shape):
    """Channels first: of tokens, without the class token, and of torchvision's Swin transformers."""
    if value.ndim == 3:
        return value[:, 1:].transpose(1, 2).unflatten(2, (shape[2] // 16, shape[3] // 16))
    return value


def smp_encoder(name, bands, dilation):
    """segmentation_models_pytorch's encoder, of output stride 16 where it is dilated."""
    encoder = smp.encoders.get_encoder(
        name, in_channels=bands, depth=5, weights=None, output_stride=16 if dilation == "smp" else 32)
    set_weights(encoder)
    return encoder.double().eval()


def network(scheme, name, bands, classes, dilation="none"):
    """A publisher's network with the weights of the rule, in float64; without dropout or stochastic depth."""
    if "-lite" in name:
        model = EfficientNetLite.from_name(name, in_channels=bands, num_classes=classes)
        set_weights(model)
        return model.double().eval()
    if scheme == "smp" or dilation == "smp":
        return smp_encoder(name, bands, dilation)
    if scheme == "timm":
        options = {"dynamic_img_size": True} if name.startswith("vit") else {}
        model = timm.create_model(name, in_chans=bands, num_classes=0 if classes is None else classes, **options)
    else:
        dilated = {"dilated": True} if name.startswith("mobilenet") else {"replace_stride_with_dilation": [False, True, True]}
        options = dilated if dilation == "torchvision" else {}
        model = torchvision.models.get_model(name, weights=None, num_classes=classes or 1000, **options)
        widen(model, bands)
    for module in model.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0
        if isinstance(module, torchvision.ops.StochasticDepth):
            module.p = 0.0
    set_weights(model)
    model = model.double().eval()
    return ResizedTransformer(model, scheme == "timm") if name.startswith("vit") else model


def run(model, maps, images):
    """The network's result, and what the modules at `maps` gave, as maps."""
    is_channels_last = isinstance(model, torchvision.models.SwinTransformer)
    results = {}

    def keep(name, output):
        # A copy at once: the module after it may work in place. EfficientNet-Lite runs `_swish` after its last
        # convolution again: the first result is the stem's.
        results.setdefault(name, output.detach().clone())

    hooks = [
        model.get_submodule(name).register_forward_hook(
            lambda module, inputs, output, name=name: keep(name, output))
        for name in maps
    ]
    with torch.no_grad():
        output = model(images)
    for hook in hooks:
        hook.remove()
    maps = [as_map(results[name], images.shape) for name in maps]
    return output, [value.permute(0, 3, 1, 2) for value in maps] if is_channels_last else maps


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


def values_of(entry):
    """What is kept of a case, by key."""
    scheme, name, shape = entry["scheme"], entry["name"], entry["shape"]
    key, tensors = f"{scheme}/{name}/{'x'.join(map(str, shape))}/{entry['dilation']}", {}
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
    print(f"{key}: largest {largest:.2g}, float32 PyTorch {distance:.1e}", flush=True)
    return tensors


def family(entry):
    """`tf_efficientnet_b0` and `efficientnet-b0` are of the family `efficientnet`, `mobilenetv2_100` is a `mobilenet`."""
    return re.match("[a-z]+", entry["name"].removeprefix("tf_"))[0].removesuffix("v")


def write(only):
    """The files of the families asked for, or of all."""
    families = {}
    for entry in CASES:
        if not only or family(entry) in only:
            families.setdefault(family(entry), {}).update(values_of(entry))
    for name, tensors in families.items():
        save_file(tensors, HERE / f"backbones-{name}.safetensors")


if __name__ == "__main__":
    torch.manual_seed(0)
    write(sys.argv[1:])
