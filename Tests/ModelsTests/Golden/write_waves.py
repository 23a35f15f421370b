#!/usr/bin/env python3
"""Writes the reference values of encoders that make their filters from wavelengths, with the publishers' own networks.

Written with Python 3.11, torch 2.15.0, torchvision 0.29.2, timm 1.0.31, torchgeo 0.8.1 and claymodel 1.5.0 (both pip install --no-deps),
einops 0.8.2, safetensors 0.8.0, numpy 2.4.6; of torchgeo and claymodel single files are loaded:

    python write_waves.py    # from anywhere; rewrites the file beside this one

Weights, images and their rules are those of `write_golden.py`; everything is computed in float32, which DOFA's code insists on. `waves.safetensors` has for each case `<architecture>/<N>x<C>x<H>x<W>/`
`wavelengths` in nanometres, samples of the `filters`, one sample a map under the path of the block, or of the last normalisation,
whose result it is, and `scores` where the network has classes.
"""

import importlib.util
import pathlib
import sys
import types

import numpy as np
import torch
from safetensors.numpy import save_file

from write_backbones import SAMPLES
from write_golden import HERE, hashed, sampled, weight

CLASSES = 7


def load_dofa():
    """torchgeo's file of the network, without the rest."""
    path = pathlib.Path(importlib.util.find_spec("torchgeo").origin).parent / "models/dofa.py"
    spec = importlib.util.spec_from_file_location("torchgeo_dofa", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.DOFA


def load_clay():
    """Clay's encoder: the package installs its modules bare, and imports them from `src`."""
    source = types.ModuleType("src")
    source.__path__ = [str(pathlib.Path(importlib.util.find_spec("mrl").origin).parent)]
    sys.modules["src"] = source
    from src.model import Encoder

    torch.set_float32_matmul_precision("highest")  # which it lowers
    return Encoder


class OfWaves(torch.nn.Module):
    """An encoder with the wavelengths of its bands in nanometres."""

    def __init__(self, model, depth, waves, last):
        super().__init__()
        self.model, self.waves = model, waves
        self.blocks = [depth * quarter // 4 - 1 for quarter in (1, 2, 3, 4)]
        self.map_paths = [self.path(block) for block in self.blocks]
        if last:
            self.map_paths[-1] = last

    def state_dict(self):
        return self.model.state_dict()

    def forward(self, images):
        """What a network without classes gives: the class token where it is normalised, else the last map."""
        last = self.maps(images)[-1]
        return getattr(self, "class_token", last)

    def as_maps(self, tokens, patch, images):
        rows, columns = ((side + 2 * self.padding - patch) // patch + 1 for side in images.shape[2:])
        return [value[:, 1:].transpose(1, 2).unflatten(2, (rows, columns)) for value in tokens]


class DOFA(OfWaves):
    SIZES = {"small": (384, 12, 6), "base": (768, 12, 12), "large": (1024, 24, 16)}
    padding = 1

    def __init__(self, name, waves, side=224, classes=0):
        width, depth, heads = self.SIZES[name.split("_")[1]]
        model = load_dofa()(img_size=side, embed_dim=width, depth=depth, num_heads=heads, num_classes=classes)
        super().__init__(model, depth, waves, None)
        self.has_head = classes > 0

    @staticmethod
    def path(block):
        return f"blocks.{block}"

    def state_dict(self):
        """Where there is no head the published file has no normalisation before it."""
        state = self.model.state_dict()
        return state if self.has_head else {name: value for name, value in state.items() if "fc_norm" not in name}

    def maps(self, images):
        results = []
        hooks = [
            self.model.blocks[block].register_forward_hook(lambda module, inputs, result: results.append(result))
            for block in self.blocks
        ]
        self.scores = self.model(images, [wave / 1000 for wave in self.waves])
        for hook in hooks:
            hook.remove()
        return self.as_maps(results, 16, images)

    def filters(self):
        """The filters and bias of the bands, as torchgeo makes them."""
        seen = {}
        convolve = torch.nn.functional.conv2d
        torch.nn.functional.conv2d = lambda x, w, bias, **options: (seen.update(w=w, b=bias), convolve(x, w, bias, **options))[1]
        self.model.patch_embed(torch.zeros(1, len(self.waves), 16, 16), torch.tensor(self.waves) / 1000)
        torch.nn.functional.conv2d = convolve
        return seen["w"], seen["b"]


class Clay(OfWaves):
    SIZES = {"tiny": (192, 6, 4, 48, 2), "small": (384, 6, 6, 64, 2), "base": (768, 12, 12, 64, 4), "large": (1024, 24, 16, 64, 4)}
    padding = 0

    def __init__(self, name, waves):
        width, depth, heads, head_width, ratio = self.SIZES[name.split("_")[-1]]
        model = load_clay()(
            mask_ratio=0.0, patch_size=8, shuffle=False, dim=width, depth=depth, heads=heads, dim_head=head_width,
            mlp_ratio=ratio)
        super().__init__(model, depth, waves, "transformer.norm")

    @staticmethod
    def path(block):
        return f"transformer.layers.{block}"

    def maps(self, images):
        results = {}
        inside = [
            self.model.transformer.layers[block][1].register_forward_hook(
                lambda module, inputs, result, block=block: results.update({block: result + inputs[0]}))
            for block in self.blocks
        ]
        count = images.shape[0]
        last, *_ = self.model({
            "pixels": images, "time": torch.zeros(count, 4), "latlon": torch.zeros(count, 4), "gsd": torch.tensor(10.0),
            "waves": torch.tensor(self.waves).to(images.dtype) / 1000})
        for hook in inside:
            hook.remove()
        self.class_token = last[:, 0]
        return self.as_maps([results[block] for block in self.blocks[:3]] + [last], 8, images)

    def filters(self):
        weights = self.model.patch_embedding
        from src.utils import posemb_sincos_1d

        dtype = next(weights.parameters()).dtype
        waves = weights.fclayer(posemb_sincos_1d(torch.tensor(self.waves) / 1000, 128).to(dtype))
        made, bias = weights.weight_generator(waves)
        return made.unflatten(1, (-1, 8, 8)).transpose(0, 1) * 0.02, bias


def encoder(name, waves, **options):
    """An encoder by the name that terrane gives it."""
    return (DOFA if name.startswith("dofa") else Clay)(name, waves, **options)


CASES = [
    ("dofa_small_patch16_224", (1, 9, 224, 224), [665, 560, 490, 705, 740, 783, 842, 1610, 2190], {}),
    ("dofa_small_patch16_224", (2, 2, 222, 229), [3750, 3750], {}),
    ("dofa_small_patch16_224", (1, 4, 96, 96), [660, 550, 470, 830], {"side": 96, "classes": CLASSES}),
    ("clay_v1_5_tiny", (1, 10, 256, 256), [493, 560, 665, 704, 740, 783, 842, 865, 1610, 2190], {}),
    ("clay_v1_5_tiny", (2, 2, 96, 96), [3500, 4000], {}),
    ("clay_v1_5_small", (1, 3, 72, 72), [650, 560, 480], {}),
]


def values_of(name, shape, waves, options):
    """What is kept of a case, by key."""
    key = f"{name}/{'x'.join(map(str, shape))}"
    model = encoder(name, waves, **options)
    with torch.no_grad():
        for path, value in model.model.named_parameters():
            value.copy_(torch.from_numpy(weight(path, tuple(value.shape))))
    model.eval()
    images = torch.from_numpy(hashed("images." + key, shape, 2.0))
    with torch.no_grad():
        maps = model.maps(images)
        filters, bias = model.filters()
    print(f"{key}: largest {max(m.abs().max().item() for m in maps):.2g}, filters {filters.abs().max().item():.2g}", flush=True)
    tensors = {f"{key}/{path}": sampled(value, SAMPLES)[0] for path, value in zip(model.map_paths, maps)}
    tensors |= {f"{key}/wavelengths": np.float32(waves), f"{key}/filters": sampled(filters, SAMPLES)[0],
                f"{key}/bias": sampled(bias.reshape(-1), SAMPLES)[0]}
    if options.get("classes"):
        tensors[f"{key}/scores"] = model.scores.numpy()
    return tensors


def main():
    tensors = {}
    for case in CASES:
        tensors |= values_of(*case)
    save_file(tensors, HERE / "waves.safetensors")


if __name__ == "__main__":
    main()
