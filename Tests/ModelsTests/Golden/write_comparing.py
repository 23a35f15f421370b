#!/usr/bin/env python3
"""Writes what networks that compare two dates make of them, with PyTorch.

Written with Python 3.11, torch 2.15.0, segmentation-models-pytorch 0.6.0, safetensors 0.8.0, numpy 2.4.6:

    python write_comparing.py    # from anywhere; rewrites comparing.safetensors beside this file

Encoders and decoders are segmentation_models_pytorch's; weights, images and their rules are those of `write_golden.py`, everything
is computed in float64. Each case `<comparison>/<architecture>/<encoder>/<N>x<2 C>x<H>x<W>` has a sample of the scores of 5 classes,
and under `.training` of those with the statistics of the batch, which is both dates of all images.
"""

import segmentation_models_pytorch as smp
import torch
from safetensors.numpy import save_file

from write_backbones import set_weights
from write_golden import HERE, hashed, sampled
from write_segmentation import decoder_and_head

CASES = [
    ("early-fusion", "unet", "resnet18", (1, 6, 64, 64)),
    ("siamese-concatenation", "unet", "resnet18", (2, 6, 64, 96)),
    ("siamese-difference", "unet", "resnet18", (2, 6, 64, 64)),
    ("siamese-concatenation", "fpn", "resnet18", (1, 8, 64, 96)),
    ("siamese-difference", "unet-image-skip", "resnet18", (2, 6, 64, 64)),
    ("siamese-concatenation", "unet-image-skip", "resnet18", (1, 6, 64, 96)),
]


class Comparing(torch.nn.Module):
    """An encoder that sees dates one by one, all dates of a batch at once, and a decoder of the joined maps."""

    def __init__(self, comparison, name, encoder, bands, classes):
        super().__init__()
        self.comparison = comparison
        self.encoder = smp.encoders.get_encoder(encoder, in_channels=bands, weights=None)
        factor = 2 if comparison == "siamese-concatenation" else 1
        channels = [factor * count for count in self.encoder.out_channels]
        self.decoder, self.segmentation_head = decoder_and_head(name, channels, classes)
        for module in self.modules():
            if isinstance(module, (torch.nn.Dropout, torch.nn.Dropout2d)):
                module.p = 0.0

    def forward(self, images):
        before, after = images.chunk(2, dim=1)
        pairs = [maps.chunk(2) for maps in self.encoder(torch.cat([before, after]))]
        if self.comparison == "siamese-difference":
            joined = [(first - second).abs() for first, second in pairs]
        else:
            joined = [torch.cat(pair, dim=1) for pair in pairs]
        return self.segmentation_head(self.decoder(joined))


def main():
    found = {}
    for comparison, name, encoder, shape in CASES:
        key = "/".join([comparison, name, encoder, "x".join(map(str, shape))])
        if comparison == "early-fusion":
            model = smp.Unet(encoder, encoder_weights=None, in_channels=shape[1], classes=5)
        else:
            model = Comparing(comparison, name, encoder, shape[1] // 2, 5)
        set_weights(model)
        model.double()
        images = torch.from_numpy(hashed("images." + key, shape, 2.0)).double()
        for suffix in "", ".training":
            model.train(suffix == ".training")
            with torch.no_grad():
                found[key + suffix], _ = sampled(model(images))
    save_file(found, HERE / "comparing.safetensors")


main()
