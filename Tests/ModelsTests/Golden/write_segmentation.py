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
from segmentation_models_pytorch.base import SegmentationHead
from segmentation_models_pytorch.decoders.fpn.decoder import FPNDecoder
from segmentation_models_pytorch.decoders.unet.decoder import UnetDecoder

from write_backbones import INCEPTION, ODD_FEATURES, as_map, features, network, set_weights, vit, widen
from write_golden import CLASSES, HERE, hashed, sampled, segmentation_loss, targets


def decoder_and_head(name, channels, classes):
    """Those of segmentation_models_pytorch over maps of so many channels, the image's first."""
    if name.startswith("unet"):
        make = ImageSkipDecoder if name == "unet-image-skip" else UnetDecoder
        return make(channels, (256, 128, 64, 32, 16)), SegmentationHead(16, classes, kernel_size=3)
    return FPNDecoder(channels), SegmentationHead(128, classes, kernel_size=1, upsampling=4)


class ImageSkipDecoder(UnetDecoder):
    """The decoder of a U-Net, told of one map more, at full resolution: the image."""

    def __init__(self, channels, outputs):
        super().__init__([0, *channels], outputs)

    def forward(self, features):
        return super().forward([features[0], *features])


class Pixelwise(torch.nn.Module):
    """Two layers of 64 channels on single pixels, and a head."""

    def __init__(self, bands, classes):
        super().__init__()
        self.encoder = torch.nn.Module()
        self.encoder.layers = torch.nn.Sequential(
            *(torch.nn.Sequential(torch.nn.Conv2d(inputs, 64, 1, bias=False), torch.nn.BatchNorm2d(64), torch.nn.ReLU())
              for inputs in (bands, 64)))
        self.head = torch.nn.Conv2d(64, classes, 1)

    def forward(self, images):
        return self.head(self.encoder.layers(images))


class OverTorchvision(torch.nn.Module):
    """A decoder of segmentation_models_pytorch over a backbone of torchvision, as it puts its own over timm's: where there is no
    map at half the resolution an empty one takes its place."""

    def __init__(self, name, backbone, taps, bands, classes):
        super().__init__()
        options = {"aux_logits": False, "init_weights": False} if backbone == "inception_v3" else {}
        self.encoder = torchvision.models.get_model(backbone, weights=None, **options)
        widen(self.encoder, bands)
        for head in ("classifier", "head", "fc"):
            if hasattr(self.encoder, head):
                setattr(self.encoder, head, torch.nn.Identity())
        self.maps = []
        for path in taps:
            self.encoder.get_submodule(path).register_forward_hook(lambda module, inputs, output: self.maps.append(output))
        self.is_channels_last = backbone.startswith("swin")
        with torch.no_grad():
            channels = [features.shape[1] for features in self.eval().features(torch.zeros(1, bands, 96, 96))]
        self.decoder, self.segmentation_head = decoder_and_head(name, channels, classes)

    def features(self, images):
        """The image, then the maps of half its size and smaller."""
        self.maps.clear()
        self.encoder(images)
        maps = [features.permute(0, 3, 1, 2) for features in self.maps] if self.is_channels_last else list(self.maps)
        count, _, height, width = images.shape
        empty = [] if len(maps) == 5 else [images.new_zeros(count, 0, height // 2, width // 2)]
        return [images] + empty + maps

    def forward(self, images):
        return self.segmentation_head(self.decoder(self.features(images)))


TAPS = {
    "convnext_tiny": ODD_FEATURES,
    "swin_v2_t": ODD_FEATURES,
    "mobilenet_v3_small": features(0, 1, 3, 8, 12),
    "mobilenet_v3_large": features(1, 3, 6, 12, 16),
    "inception_v3": INCEPTION,
}
SMP = {"unet": smp.Unet, "unet-image-skip": smp.Unet, "deeplabv3plus": smp.DeepLabV3Plus, "fpn": smp.FPN}
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
    ("unet", "convnext_tiny", (1, 4, 75, 67)),
    ("unet", "swin_v2_t", (2, 3, 64, 96)),
    ("unet", "mobilenet_v3_small", (1, 4, 75, 65)),
    ("unet", "inception_v3", (1, 3, 107, 91)),
    ("fpn", "convnext_tiny", (1, 3, 64, 64)),
    ("fpn", "swin_v2_t", (1, 4, 64, 96)),
    ("fpn", "mobilenet_v3_large", (2, 3, 64, 64)),
    ("unet-image-skip", "resnet18", (2, 4, 75, 65)),
    ("unet-image-skip", "convnext_tiny", (1, 3, 64, 64)),
    ("pixelwise", "mlp", (2, 4, 75, 65)),
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
    if name == "pixelwise":
        model = Pixelwise(bands, classes)
    elif name in SMP and encoder in TAPS:
        model = OverTorchvision(name, encoder, TAPS[encoder], bands, classes)
    elif name in SMP:
        model = SMP[name](encoder, encoder_weights=None, in_channels=bands, classes=classes)
        if name == "unet-image-skip":
            model.decoder, model.segmentation_head = decoder_and_head(name, model.encoder.out_channels, classes)
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
