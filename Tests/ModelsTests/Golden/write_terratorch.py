#!/usr/bin/env python3
"""Writes the reference values of TerraTorch's networks over vision transformers, with PyTorch.

Written with Python 3.11, torch 2.15.0, timm 1.0.31, segmentation-models-pytorch 0.6.0, terratorch 1.2.13, safetensors 0.8.0, numpy
2.4.6; of terratorch (pip install --no-deps) single files are loaded, without what they register themselves with:

    python write_terratorch.py    # from anywhere; rewrites the file beside this one

Weights, images and their rules are those of `write_golden.py`; everything is computed in float64. The encoder is timm's, its maps are
those of the blocks that end the quarters of its depth, without the last normalisation, as timm's `features_only` gives them; other
encoders are those of `write_transformers.py`.

- `terratorch.safetensors` has for each case `<architecture>/<encoder>/<N>x<C>x<H>x<W>`, with `/2-dates` where C counts the bands of two
  dates, a sample of the scores of 5 classes, and with `/training` of those that normalisations by the batch's statistics give.
"""

import timm
import torch
from safetensors.numpy import save_file
from segmentation_models_pytorch.decoders.fpn.decoder import FPNDecoder

import write_backbones
import write_transformers
from terratorch_files import load_terratorch
from write_golden import HERE, hashed, sampled

CASES = [
    ("unet", "vit_small_patch16_224", (2, 4, 64, 96), 1),
    ("unet", "vit_small_patch16_224", (1, 3, 224, 224), 1),
    ("fpn", "vit_small_patch16_224", (2, 4, 64, 96), 1),
    ("upernet", "vit_small_patch16_224", (2, 4, 64, 96), 1),
    ("upernet", "vit_small_patch16_224", (1, 3, 96, 160), 1),
    ("unet", "prithvi_eo_v2_tiny_tl", (2, 6, 64, 96), 1),
    ("upernet", "prithvi_eo_v2_tiny_tl", (2, 12, 64, 96), 2),
    ("fpn", "terramind_v1_tiny_s2l2a", (2, 12, 64, 96), 1),
]

load_terratorch()
from terratorch.models.decoders.unet_decoder import UNetDecoder  # noqa: E402
from terratorch.models.decoders.upernet_decoder import UperNetDecoder  # noqa: E402
from terratorch.models.heads.segmentation_head import SegmentationHead  # noqa: E402
from terratorch.models.necks import LearnedInterpolateToPyramidal  # noqa: E402


class Wrapped(torch.nn.Module):
    """A decoder of segmentation_models_pytorch as terratorch's registry wraps it; without its dropout."""

    def __init__(self, decoder, out_channels):
        super().__init__()
        self._smp_decoder, self.out_channels = decoder, out_channels

    def forward(self, maps):
        return self._smp_decoder(maps)


def decoder(name, widths):
    """A decoder of terratorch over maps of so many channels."""
    if name == "unet":
        return UNetDecoder(widths, [512, 256, 128, 64])
    if name == "upernet":
        return UperNetDecoder(widths)
    return Wrapped(FPNDecoder(widths, encoder_depth=len(widths) - 1, dropout=0.0), 128)


class Network(torch.nn.Module):
    """Encoder, necks (the first two of which have no tensors), decoder and head, as `PixelWiseModel` joins them."""

    def __init__(self, name, encoder, bands, classes, dates=1):
        super().__init__()
        self.is_of_timm = encoder.startswith("vit_") and "dino" not in encoder
        if self.is_of_timm:
            self.encoder = timm.create_model(encoder, in_chans=bands, num_classes=0, dynamic_img_size=True)
        else:
            self.encoder = write_transformers.encoder(encoder, bands // dates, dates)
        width = self.encoder.embed_dim * dates
        pyramid = LearnedInterpolateToPyramidal([width] * 4)
        self.neck = torch.nn.Sequential(torch.nn.Identity(), torch.nn.Identity(), pyramid)
        self.decoder = decoder(name, pyramid.embedding_dim)
        self.head = SegmentationHead(self.decoder.out_channels, classes)

    def forward(self, images):
        if self.is_of_timm:
            maps = self.encoder.forward_intermediates(
                images, indices=write_transformers.quarters(len(self.encoder.blocks)), intermediates_only=True)
        else:
            maps = self.encoder.maps(images)
        scores = self.head(self.decoder(self.neck(maps)))
        return torch.nn.functional.interpolate(scores, size=images.shape[2:], mode="bilinear")


def set_weights(model):
    """All by the rules of the parts; those of an encoder are by the names that it has in the network."""
    write_backbones.set_weights(model)
    if not model.is_of_timm:
        write_transformers.set_weights(model.encoder, "encoder.")


def main():
    tensors = {}
    for name, encoder, shape, dates in CASES:
        key = "/".join([name, encoder, "x".join(map(str, shape))] + ([] if dates == 1 else [f"{dates}-dates"]))
        model = Network(name, encoder, shape[1], 5, dates)
        set_weights(model)
        images = torch.from_numpy(hashed("images." + key, shape, 2.0))
        for mode in ["", "/training"] if shape[0] > 1 else [""]:
            model.train(mode != "")
            with torch.no_grad():
                scores = model.double()(images.double())
                set_weights(model)
                single = model.float()(images.float())
                set_weights(model)
            distance = ((single - scores).abs().max() / scores.abs().max()).item()
            print(f"{key}{mode}: largest score {scores.abs().max():.3g}, float32 PyTorch {distance:.1e}", flush=True)
            tensors[key + mode], _ = sampled(scores)
    save_file(tensors, HERE / "terratorch.safetensors")


if __name__ == "__main__":
    main()
