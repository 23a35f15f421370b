#!/usr/bin/env python3
"""Writes the reference values of the transformers that were trained on satellite images, with the publishers' own networks.

Written with Python 3.11, torch 2.15.0, timm 1.0.31, terratorch 1.2.13, safetensors 0.8.0, numpy 2.4.6; of terratorch
(pip install --no-deps) single files are loaded, without what they register themselves with:

    python write_transformers.py            # from anywhere; rewrites the files beside this one
    python write_transformers.py prithvi    # only those of some families

Weights, images and their rules are those of `write_golden.py`; everything is computed in float64. `backbones-<family>.safetensors`
has for each case `<scheme>/<architecture>/<N>x<C>x<H>x<W>/<dates>/` one sample a map, under the path of the module whose result it is;
where there are several dates (`3-dates`) C counts the bands of all, one date after the other.
"""

import sys

import numpy as np
import torch
from safetensors.numpy import save_file

from terratorch_files import load_terratorch
from write_backbones import SAMPLES
from write_golden import HERE, hashed, sampled, weight

load_terratorch()
from terratorch.models.backbones.prithvi_mae import PrithviViT  # noqa: E402


def quarters(depth):
    """The blocks that end the quarters of a network's depth."""
    return [depth * quarter // 4 - 1 for quarter in (1, 2, 3, 4)]


class Prithvi(PrithviViT):
    """The encoder of Prithvi-EO as a module that gives the class token, normalised, and maps."""

    SIZES = {"v1_100": (768, 12, 12, 16), "v2_tiny_tl": (192, 12, 3, 16), "v2_100_tl": (768, 12, 12, 16),
             "v2_300": (1024, 24, 16, 16), "v2_600": (1280, 32, 16, 14)}

    def __init__(self, name, bands, dates):
        name = name.removeprefix("prithvi_eo_")
        width, depth, heads, patch = self.SIZES[name]
        super().__init__(
            patch_size=(1, patch, patch), num_frames=dates, in_chans=bands, embed_dim=width, depth=depth, num_heads=heads,
            coords_encoding=["time", "location"] if name.endswith("tl") else [], coords_scale_learn=True)
        self.depth, self.dates, self.patch = depth, dates, patch
        self.map_paths = [f"blocks.{block}" for block in quarters(depth)[:3]] + ["norm"]

    def dated(self, images):
        """`[N, T C, H, W]` as `[N, C, T, H, W]`."""
        return images.unflatten(1, (self.dates, -1)).transpose(1, 2)

    def forward(self, images):
        return self.forward_features(self.dated(images))[-1][:, 0]

    def maps(self, images):
        """`[N, T D, h, w]` each, as `prepare_features_for_image_model` makes them of square images."""
        rows, columns = (side // self.patch for side in images.shape[2:])
        outputs = self.forward_features(self.dated(images))
        return [
            outputs[block][:, 1:].unflatten(1, (self.dates, rows, columns)).permute(0, 1, 4, 2, 3).flatten(1, 2)
            for block in quarters(self.depth)
        ]


def encoder(name, bands, dates=1):
    """A publisher's encoder by the name that terrane gives it."""
    if name.startswith("prithvi"):
        return Prithvi(name, bands, dates)
    raise ValueError(name)


def set_weights(model):
    """Learned parameters by the rule; tables stay."""
    with torch.no_grad():
        for name, value in model.named_parameters():
            value.copy_(torch.from_numpy(weight(name, tuple(value.shape))))


CASES = {
    "prithvi": [
        ("timm", "prithvi_eo_v2_tiny_tl", (1, 6, 224, 224), 1),
        ("timm", "prithvi_eo_v2_tiny_tl", (2, 4, 75, 105), 1),
        ("timm", "prithvi_eo_v2_tiny_tl", (1, 18, 224, 224), 3),
        ("timm", "prithvi_eo_v2_tiny_tl", (2, 12, 96, 64), 2),
        ("timm", "prithvi_eo_v1_100", (1, 6, 64, 64), 1),
    ],
}


def values_of(scheme, name, shape, dates):
    """What is kept of a case, by key."""
    key = f"{scheme}/{name}/{'x'.join(map(str, shape))}/{'none' if dates == 1 else f'{dates}-dates'}"
    model = encoder(name, shape[1] // dates, dates)
    set_weights(model)
    model = model.double().eval()
    images = torch.from_numpy(hashed("images." + key, shape, 2.0))
    with torch.no_grad():
        maps = model.maps(images.double())
        single = model.float().maps(images)
    distance = max(((a.double() - b).abs().max() / b.abs().max()).item() for a, b in zip(single, maps))
    print(f"{key}: largest {max(m.abs().max().item() for m in maps):.2g}, float32 PyTorch {distance:.1e}", flush=True)
    return {f"{key}/{path}": sampled(value, SAMPLES)[0] for path, value in zip(model.map_paths, maps)}


def main(only):
    for family, cases in CASES.items():
        if only and family not in only:
            continue
        tensors = {}
        for case in cases:
            tensors |= values_of(*case)
        save_file(tensors, HERE / f"backbones-{family}.safetensors")


if __name__ == "__main__":
    torch.manual_seed(0)
    main(sys.argv[1:])
