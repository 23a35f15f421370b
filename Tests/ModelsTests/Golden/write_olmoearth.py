#!/usr/bin/env python3
"""Writes the reference values of OlmoEarth's encoder, with the publisher's own package.

Written with Python 3.11, torch 2.15.0, olmoearth-pretrain-minimal 0.1.5 (pip install --no-deps, with universal-pathlib), safetensors
0.8.0, numpy 2.4.6:

    python write_olmoearth.py    # from anywhere; rewrites the file beside this one

Weights, images and their rules are those of `write_golden.py`; everything is computed in float64. Images are of Sentinel-2, July and
10 m a pixel. `olmoearth.safetensors` has for each case `<architecture>/<N>x12x<H>x<W>/` one sample a map, the mean of the tokens
of each patch, under the path of the module whose result it is.
"""

import torch
from olmoearth_pretrain_minimal.olmoearth_pretrain_v1.olmoearth_pretrain_v1 import OlmoEarthPretrain_v1
from olmoearth_pretrain_minimal.olmoearth_pretrain_v1.utils.datatypes import MaskedOlmoEarthSample
from safetensors.numpy import save_file

from write_backbones import SAMPLES
from write_golden import HERE, hashed, sampled, weight

GROUPS = [4, 6, 2]
CASES = [
    ("olmoearth_v1_nano", (2, 12, 64, 64)),
    ("olmoearth_v1_nano_patch4", (1, 12, 48, 48)),
    ("olmoearth_v1_tiny", (1, 12, 128, 128)),
    ("olmoearth_v1_1_nano", (2, 12, 64, 64)),
    ("olmoearth_v1_1_tiny_patch4", (1, 12, 48, 48)),
    ("olmoearth_v1_2_nano", (2, 12, 64, 64)),
    ("olmoearth_v1_2_nano_patch4", (1, 12, 48, 48)),
    ("olmoearth_v1_2_tiny", (1, 12, 128, 128)),
    ("olmoearth_v1_2_small", (1, 12, 32, 32)),
]


class OlmoEarth(torch.nn.Module):
    """The encoder for Sentinel-2 as a module that gives maps."""

    def __init__(self, name):
        super().__init__()
        plain, self.patch = name.removesuffix("_patch4"), 4 if name.endswith("_patch4") else 8
        version, size = plain.removeprefix("olmoearth_").rsplit("_", 1)
        self.encoder = OlmoEarthPretrain_v1(size, version.replace("_", "."), drop_path=0.0).model.encoder
        self.groups = len(GROUPS) if version == "v1" else 1
        depth = len(self.encoder.blocks)
        self.map_paths = [f"blocks.{depth * quarter // 4 - 1}" for quarter in (1, 2, 3)] + ["norm"]

    def forward(self, images):
        return self.maps(images)[-1]

    def maps(self, images):
        count, _, height, width = images.shape
        sample = MaskedOlmoEarthSample(
            timestamps=torch.tensor([15, 6, 2024]).expand(count, 1, 3),
            sentinel2_l2a=images.permute(0, 2, 3, 1).unsqueeze(3),
            sentinel2_l2a_mask=torch.zeros(count, height, width, 1, self.groups))
        results = {}
        hooks = [
            self.encoder.get_submodule(path).register_forward_hook(
                lambda module, inputs, output, path=path: results.update({path: output}))
            for path in self.map_paths
        ]
        self.encoder(sample, patch_size=self.patch, fast_pass=True)
        for hook in hooks:
            hook.remove()
        grid = (height // self.patch, width // self.patch)
        return [
            results[path].unflatten(1, (*grid, self.groups)).mean(3).permute(0, 3, 1, 2) for path in self.map_paths]


def set_weights(model):
    """Learned parameters by the rule."""
    with torch.no_grad():
        for name, value in model.encoder.named_parameters():
            if value.requires_grad:
                value.copy_(torch.from_numpy(weight(name, tuple(value.shape))))


def main():
    tensors = {}
    for name, shape in CASES:
        key = f"{name}/{'x'.join(map(str, shape))}"
        model = OlmoEarth(name)
        set_weights(model)
        model = model.double().eval()
        images = torch.from_numpy(hashed("images." + key, shape, 2.0))
        with torch.no_grad():
            maps = model.maps(images.double())
            single = model.float().maps(images)
        distance = max(((a.double() - b).abs().max() / b.abs().max()).item() for a, b in zip(single, maps))
        print(f"{key}: largest {max(m.abs().max().item() for m in maps):.2g}, float32 PyTorch {distance:.1e}", flush=True)
        tensors |= {f"{key}/{path}": sampled(value, SAMPLES)[0] for path, value in zip(model.map_paths, maps)}
    save_file(tensors, HERE / "olmoearth.safetensors")


if __name__ == "__main__":
    main()
