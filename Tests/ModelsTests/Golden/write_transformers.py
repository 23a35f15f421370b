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
from functools import partial

import timm
import torch
from safetensors.numpy import save_file

from terratorch_files import load_terratorch
from write_backbones import SAMPLES
from write_golden import HERE, hashed, sampled, weight

load_terratorch()
from terratorch.models.backbones.prithvi_mae import PrithviViT  # noqa: E402
from terratorch.models.backbones.terramind.model.terramind_vit import TerraMindViT  # noqa: E402
from terratorch.models.backbones.terramind.model.tm_utils import LayerNorm  # noqa: E402


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


class TerraMind(TerraMindViT):
    """The encoder of TerraMind for one product."""

    SIZES = {"tiny": (192, 12, 3), "small": (384, 12, 6), "base": (768, 12, 12), "large": (1024, 24, 16)}
    PRODUCTS = {"s2l2a": ("sen2l2a", 12), "s2l1c": ("sen2l1c", 13), "s1grd": ("sen1grd", 2), "s1rtc": ("sen1rtc", 2),
                "rgb": ("sen2rgb", 3)}

    def __init__(self, name, bands):
        size, product = name.removeprefix("terramind_v1_").split("_")
        (width, depth, heads), (place, published) = self.SIZES[size], self.PRODUCTS[product]
        has_bias = size in ("tiny", "small")
        super().__init__(
            modalities=[f"untok_{place}@224"], dim=width, encoder_depth=depth, num_heads=heads,
            norm_layer=partial(LayerNorm, eps=1e-6, bias=False), qkv_bias=has_bias, proj_bias=has_bias, mlp_bias=has_bias,
            gated_mlp=not has_bias, act_layer=torch.nn.GELU if has_bias else torch.nn.SiLU)
        if bands != published:
            embedding = self.encoder_embeddings[f"untok_{place}@224"]
            embedding.proj = torch.nn.Linear(256 * bands, width, bias=False)
        self.embed_dim, self.depth = width, depth
        self.map_paths = [f"encoder.{block}" for block in quarters(depth)[:3]] + ["encoder_norm"]

    def forward(self, images):
        return self.maps(images)[-1]

    def maps(self, images):
        rows, columns = (side // 16 for side in images.shape[2:])
        outputs = super().forward(images[:, :, :rows * 16, :columns * 16])
        return [outputs[block].transpose(1, 2).unflatten(2, (rows, columns)) for block in quarters(self.depth)]


class OfTimm(torch.nn.Module):
    """A transformer of timm, under other names where `renamed` has them: the class token, normalised, and maps."""

    def __init__(self, model, renamed=None):
        super().__init__()
        self.model, self.embed_dim, self.renamed = model, model.embed_dim, renamed or (lambda name: name)
        self.map_paths = [f"blocks.{block}" for block in quarters(len(model.blocks))]

    def forward(self, images):
        return self.model(images)

    def maps(self, images):
        patch = self.model.patch_embed.patch_size[0]
        rows, columns = (side // patch for side in images.shape[2:])
        return self.model.forward_intermediates(
            images[:, :, :rows * patch, :columns * patch], indices=quarters(len(self.model.blocks)), intermediates_only=True)


def of_meta(name):
    """The publisher's name of a parameter of timm's DINOv3, but of biases, which are in one there."""
    for theirs, own in [("reg_token", "storage_tokens"), ("gamma_1", "ls1.gamma"), ("gamma_2", "ls2.gamma")]:
        name = name.replace(theirs, own)
    return name


def encoder(name, bands, dates=1):
    """A publisher's encoder by the name that terrane gives it."""
    if name.startswith("prithvi"):
        return Prithvi(name, bands, dates)
    if name.startswith("terramind"):
        return TerraMind(name, bands)
    options = {"in_chans": bands, "num_classes": 0, "dynamic_img_size": True, "global_pool": "token"}
    if name.startswith("dinov3"):
        size = {"s": "small", "b": "base", "l": "large"}[name.removeprefix("dinov3_vit")[0]]
        return OfTimm(timm.create_model(f"vit_{size}_patch16_dinov3_qkvb", **options), of_meta)
    if name.endswith("_224") and "dinov2" in name:
        return OfTimm(timm.create_model(name.removesuffix("_224"), img_size=224, **options))
    return OfTimm(timm.create_model(name, **options))


def set_weights(model, place=""):
    """Learned parameters by the rule, and the shifts of TerraMind's normalisations, which are 0 in its files; tables stay."""
    inner, renamed = (model.model, model.renamed) if isinstance(model, OfTimm) else (model, lambda name: name)
    with torch.no_grad():
        for name, value in inner.named_parameters():
            shape = tuple(value.shape)
            if name.endswith(("q_bias", "v_bias")):
                packed = weight(place + name[:-6] + "qkv.bias", (3 * shape[0],))
                values = packed[:shape[0]] if name.endswith("q_bias") else packed[2 * shape[0]:]
            elif "encoder_embeddings" in name and name.endswith("proj.weight"):
                # The rule is of filters [D, C, 16, 16]; the linear map has rows, columns and bands.
                filters = weight(place + name, (shape[0], shape[1] // 256, 16, 16))
                values = filters.transpose(0, 2, 3, 1).reshape(shape)
            else:
                values = weight(place + renamed(name), shape)
            value.copy_(torch.from_numpy(values.copy()))
        for name, value in inner.named_buffers():
            if "norm" in name and name.endswith("bias"):
                value.copy_(torch.from_numpy(weight(place + name, tuple(value.shape))))


CASES = {
    "prithvi": [
        ("timm", "prithvi_eo_v2_tiny_tl", (1, 6, 224, 224), 1),
        ("timm", "prithvi_eo_v2_tiny_tl", (2, 4, 75, 105), 1),
        ("timm", "prithvi_eo_v2_tiny_tl", (1, 18, 224, 224), 3),
        ("timm", "prithvi_eo_v2_tiny_tl", (2, 12, 96, 64), 2),
        ("timm", "prithvi_eo_v1_100", (1, 6, 64, 64), 1),
    ],
    "dino": [
        ("timm", "vit_small_patch14_dinov2_224", (1, 4, 224, 224), 1),
        ("timm", "vit_small_patch14_dinov2_224", (2, 3, 75, 105), 1),
        ("timm", "vit_small_patch14_dinov2", (1, 3, 84, 56), 1),
        ("timm", "vit_small_patch16_dinov3", (1, 4, 224, 224), 1),
        ("timm", "vit_small_patch16_dinov3", (2, 3, 75, 105), 1),
        ("meta", "dinov3_vits16", (1, 3, 96, 160), 1),
    ],
    "terramind": [
        ("terratorch", "terramind_v1_tiny_s2l2a", (1, 12, 224, 224), 1),
        ("terratorch", "terramind_v1_tiny_s1grd", (2, 2, 75, 105), 1),
        ("terratorch", "terramind_v1_base_s2l2a", (1, 4, 96, 64), 1),
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
