#!/usr/bin/env python3
"""Holds `terrane forward` against PyTorch, for every architecture under every publisher's names.

    python parity.py TERRANE [PATTERN ...]    # patterns: parts of case names; all cases without

A case is a network with random weights, running statistics and one-dimensional parameters, saved as a zip archive, in the format
before PyTorch 1.6 and as safetensors; each file is run at a size of its own (224, 225 and 301 pixels, batches of 2, 1 and 1).
Scores and every map that `terrane inspect` lists must be within 1e-4 of their scale, and the file's parameters and entries as many
as PyTorch counts. Ends with 1 where one is not.
"""

import pathlib
import re
import subprocess
import sys
import tempfile
import time

import segmentation_models_pytorch as smp
import timm
import torch
import torchvision
from efficientnet_lite_pytorch import EfficientNet as EfficientNetLite
from safetensors.torch import load_file, save_file

BANDS, CLASSES, TOLERANCE = 4, 7, 1e-4
GROUPS = [4, 6, 2]  # bands of OlmoEarth, whose number is its own
WAVELENGTHS = [665.0, 560.0, 842.0, 2190.0]  # of BANDS, for those who make filters from them


def set_bands(model):
    """Gives the first convolution of a model BANDS input channels."""
    for name, module in model.named_modules():
        if isinstance(module, torch.nn.Conv2d):
            parent = model.get_submodule(name.rpartition(".")[0])
            first = torch.nn.Conv2d(
                BANDS, module.out_channels, module.kernel_size, module.stride, module.padding,
                bias=module.bias is not None)
            first.weight.data.mul_(0.5)
            setattr(parent, name.rpartition(".")[2], first)
            return model
    raise ValueError("no convolution")


def from_torchvision(name, **options):
    return lambda size: set_bands(torchvision.models.get_model(name, weights=None, num_classes=CLASSES, **options))


def from_timm(name, **options):
    return lambda size: timm.create_model(
        name, **{"in_chans": BANDS, "num_classes": CLASSES, **options})


def torchvision_vit(name):
    """torchvision's transformers are made for one size: its own resampling carries the position embedding there."""

    def make(size):
        side = size // 16 * 16
        return set_bands(
            torchvision.models.get_model(name, weights=None, num_classes=CLASSES, image_size=side))

    return make


def from_lite(name):
    return lambda size: EfficientNetLite.from_name(name, in_channels=BANDS, num_classes=CLASSES)


def from_smp(kind, encoder):
    return lambda size: getattr(smp, kind)(encoder, encoder_weights=None, in_channels=BANDS, classes=CLASSES)


def torchvision_segmentation(name):
    return lambda size: set_bands(
        getattr(torchvision.models.segmentation, name)(
            weights=None, weights_backbone=None, num_classes=CLASSES, aux_loss=False))


# The scripts of the golden values, which join single files of terratorch.
sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "Tests/ModelsTests/Golden"))


def from_terratorch(name, encoder):
    """A network of pixels over an encoder."""
    from write_terratorch import Network

    return lambda size: Network(name, encoder, BANDS, CLASSES)


def transformer(name):
    """An encoder that was trained on satellite images, or by Meta."""
    from write_transformers import OfTimm, encoder

    def make(size):
        model = encoder(name, BANDS)
        return Renamed(model) if isinstance(model, OfTimm) else model

    return make


def olmoearth(name):
    """OlmoEarth's encoder for its twelve bands of Sentinel-2, whose state has the other products' parts beside."""
    from write_olmoearth import OlmoEarth

    return lambda size: OlmoEarth(name)


def of_waves(name):
    """An encoder that makes its filters from wavelengths."""
    from write_waves import encoder

    def make(size):
        options = {"side": size // 16 * 16} if name.startswith("dofa") else {}  # its positions are of one size
        made = encoder(name, WAVELENGTHS, **options)
        if hasattr(made.model, "pos_embed"):  # zeros, which the published file replaces
            torch.nn.init.normal_(made.model.pos_embed, std=0.5)
        return made

    return make


class Renamed(torch.nn.Module):
    """A transformer of timm, whose state has the publisher's names: biases of queries, keys and values are one, with numbers for keys
    that the mask beside them takes away."""

    def __init__(self, made):
        super().__init__()
        self.made, self.inner = made, made.model

    def get_submodule(self, target):
        return self.inner.get_submodule(target)

    def state_dict(self):
        state = {}
        for name, tensor in self.inner.state_dict().items():
            if name.endswith("v_bias"):
                continue
            if name.endswith("q_bias"):
                other = self.inner.state_dict()[name.replace("q_bias", "v_bias")]
                name = name.replace("q_bias", "qkv.bias")
                mask = torch.ones(3, len(other))
                mask[1] = 0
                state[name + "_mask"] = mask.flatten()
                tensor = torch.cat([tensor, torch.full_like(other, 0.3), other])
            state[self.made.renamed(name)] = tensor
        if any("storage_tokens" in name for name in state):
            state["rope_embed.periods"] = self.inner.rope.periods.to(torch.bfloat16).float()
        return state

    def forward(self, images):
        return self.made(images)


RESNETS = ["resnet18", "resnet34", "resnet50", "resnet101", "resnet152"]
VGGS = ["vgg16", "vgg16_bn", "vgg19", "vgg19_bn"]
SMP_ENCODERS = RESNETS + VGGS + ["densenet121", "mobilenet_v2"] + [f"efficientnet-b{i}" for i in range(8)]


def cases():
    """Each case's name, architecture, encoder and maker."""
    for name in RESNETS + VGGS + ["mobilenet_v2", "mobilenet_v3_small", "mobilenet_v3_large", "densenet121",
                                  "convnext_tiny", "swin_v2_t", "swin_v2_b"]:
        yield f"torchvision {name}", name, None, from_torchvision(name)
    yield "torchvision inception_v3", "inception_v3", None, from_torchvision(
        "inception_v3", aux_logits=False, init_weights=False)
    for index in range(8):
        yield f"torchvision efficientnet_b{index}", f"efficientnet_b{index}", None, from_torchvision(
            f"efficientnet_b{index}")
    for name in ["vit_b_16", "vit_l_16"]:
        yield f"torchvision {name}", name, None, torchvision_vit(name)
    for name in RESNETS + VGGS + ["inception_v3", "mobilenetv2_100", "mobilenetv3_small_100",
                                  "mobilenetv3_large_100", "densenet121", "convnext_tiny", "convnext_small", "convnext_base", "convnext_large"]:
        yield f"timm {name}", name, None, from_timm(name)
    for index in range(8):
        for name in [f"efficientnet_b{index}", f"tf_efficientnet_b{index}"]:
            yield f"timm {name}", name, None, from_timm(name)
    # Larger ones of random weights are 1e-4 of their scale from themselves in float64 in PyTorch, and those of
    # efficientnet_lite_pytorch cannot be made for other than 3 bands.
    for name in ["efficientnet_lite0", "tf_efficientnet_lite0"]:
        yield f"timm {name}", name, None, from_timm(name)
    for name in ["efficientnet-lite0", "efficientnet-lite1", "efficientnet-lite2"]:
        yield f"smp {name}", name, None, from_lite(name)
    for size in ["small", "base", "large"]:
        name = f"vit_{size}_patch16_224"
        yield f"timm {name}", name, None, from_timm(name, dynamic_img_size=True)
        yield f"timm {name} without a head", name, None, from_timm(name, dynamic_img_size=True, num_classes=0)
    for encoder in SMP_ENCODERS:
        yield f"smp unet {encoder}", "unet", encoder, from_smp("Unet", encoder)
    for encoder in RESNETS + ["mobilenet_v2"] + [f"efficientnet-b{i}" for i in range(8)]:
        yield f"smp deeplabv3plus {encoder}", "deeplabv3plus", encoder, from_smp("DeepLabV3Plus", encoder)
    for encoder in SMP_ENCODERS:
        yield f"smp fpn {encoder}", "fpn", encoder, from_smp("FPN", encoder)
    for size in ["small", "base"]:
        for name in ["unet", "fpn", "upernet"]:
            encoder = f"vit_{size}_patch16_224"
            yield f"terratorch {name} {encoder}", name, encoder, from_terratorch(name, encoder)
    for name in ["vit_small_patch14_dinov2", "vit_small_patch14_dinov2_224", "vit_base_patch14_dinov2_224",
                 "vit_small_patch16_dinov3", "vit_base_patch16_dinov3", "vit_large_patch16_dinov3", "dinov3_vits16",
                 "dinov3_vitb16", "prithvi_eo_v1_100", "prithvi_eo_v2_tiny_tl", "prithvi_eo_v2_300"]:
        yield f"transformer {name}", name, None, transformer(name)
    for size in ["tiny", "small", "base", "large"]:
        name = f"terramind_v1_{size}_s2l2a"
        yield f"transformer {name}", name, None, transformer(name)
    for size in ["nano", "tiny", "base"]:
        for version in ["v1", "v1_1", "v1_2"]:
            for name in [f"olmoearth_{version}_{size}", f"olmoearth_{version}_{size}_patch4"]:
                yield f"transformer {name}", name, None, olmoearth(name)
    yield "transformer olmoearth_v1_2_small", "olmoearth_v1_2_small", None, olmoearth("olmoearth_v1_2_small")
    for name in ["dofa_small_patch16_224", "dofa_base_patch16_224", "clay_v1_5_tiny", "clay_v1_5_small", "clay_v1_5_base"]:
        yield f"transformer {name}", name, None, of_waves(name)
    name = "vit_huge_patch14_224"
    yield f"timm {name}", name, None, from_timm(name, dynamic_img_size=True)
    for encoder in ["vit_large_patch16_224", "vit_huge_patch14_224", "prithvi_eo_v2_300", "terramind_v1_small_s2l2a",
                    "terramind_v1_base_s2l2a", "terramind_v1_large_s2l2a"]:
        for name in ["unet", "upernet"]:
            yield f"terratorch {name} {encoder}", name, encoder, from_terratorch(name, encoder)
    for encoder in ["prithvi_eo_v2_tiny_tl", "terramind_v1_tiny_s2l2a"]:
        for name in ["unet", "fpn", "upernet"]:
            yield f"terratorch {name} {encoder}", name, encoder, from_terratorch(name, encoder)
    for name, encoder in [("fcn", "resnet50"), ("fcn", "resnet101"), ("deeplabv3", "resnet50"),
                          ("deeplabv3", "resnet101"), ("deeplabv3", "mobilenet_v3_large")]:
        yield f"torchvision {name} {encoder}", name, encoder, torchvision_segmentation(f"{name}_{encoder}")


def randomise(model):
    """Moves everything that starts at 0 or 1 away from there: a fresh normalisation hides its epsilon.

    Gates of squeeze and excitation start so wide in deep EfficientNets that they saturate, and PyTorch in float32 is 1e-3 from
    itself in float64 there: they are narrowed.
    """
    for name, tensor in getattr(model, "inner", getattr(model, "model", model)).state_dict().items():
        if not tensor.is_floating_point() or name.endswith("relative_coords_table"):
            continue
        if tensor.ndim == 4 and any(gate in name for gate in (".se.", "_se_", ".fc1.", ".fc2.")):
            tensor.mul_(0.3)
        elif name.endswith("running_var"):
            tensor.uniform_(0.6, 1.4)
        elif name.endswith("running_mean"):
            tensor.uniform_(-0.2, 0.2)
        elif name.endswith("logit_scale"):
            tensor.uniform_(1.5, 3.0)
        elif "channel_embeddings" in name:
            tensor.uniform_(-0.5, 0.5)
        elif tensor.ndim == 1 or name.endswith("layer_scale") or name.endswith("gamma"):
            low, high = (-0.1, 0.1) if name.endswith("bias") else (0.7, 1.3)
            tensor.uniform_(low, high)


def save(model, kind, folder):
    """The state in one of the formats."""
    path = folder / {"zip": "weights.pth", "legacy": "old.pth", "safetensors": "weights.safetensors"}[kind]
    state = model.state_dict()
    if kind == "safetensors":
        save_file({name: tensor.contiguous() for name, tensor in state.items()}, path)
    else:
        torch.save(state, path, _use_new_zipfile_serialization=kind == "zip")
    return path


def submodule(model, path):
    """The module at a path. ResNets and DenseNets have the same tensors at both publishers, and terrane calls their activations
    as torchvision does, where timm has them in its normalisations."""
    if model.__class__.__module__.startswith("timm."):
        path = re.sub(r"^relu$", "act1", path)
        path = re.sub(r"^(features\..*?)relu", r"\1norm", path)
    return model.get_submodule(path)


def as_map(value, like):
    """A module's result as `[N, C, H, W]`: transformers pass tokens or channels last."""
    if value.shape == like.shape:
        return value
    if value.ndim == 4:
        return value.permute(0, 3, 1, 2)
    count = like.shape[2] * like.shape[3]
    return value[:, -count:].transpose(1, 2).reshape(like.shape)


def distance(found, expected):
    if found.shape != expected.shape:
        return float("inf")
    return ((found - expected).abs().max() / expected.abs().max().clamp_min(1e-12)).item()


def forward(terrane, architecture, encoder, weights, images, maps, folder):
    """What terrane makes of images."""
    save_file({"input": images, "wavelengths": torch.tensor(WAVELENGTHS)}, folder / "input.safetensors")
    command = [terrane, "forward", "--architecture", architecture, "--weights", weights,
               "--input", folder / "input.safetensors", "--output", folder / "output.safetensors"]
    command += ["--encoder", encoder] if encoder else []
    for name in maps:
        command += ["--activation", name]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(done.stderr.strip())
    return load_file(folder / "output.safetensors")


def inspected(terrane, weights):
    """The counts and maps that `terrane inspect` says."""
    report = subprocess.run([terrane, "inspect", weights], capture_output=True, text=True, check=True).stdout
    fields = {}
    for line in report.splitlines():
        key, _, value = line.strip().partition(": ")
        fields.setdefault(key, value)
    maps = [part.split(" ")[0] for part in fields["maps"].split(", ")] if "maps" in fields else []
    return int(fields["entries"]), maps


def run(terrane, name, architecture, encoder, make, folder):
    """The largest distance of a case."""
    largest = 0.0
    for kind, size, batch in [("zip", 224, 2), ("legacy", 225, 1), ("safetensors", 301, 1)]:
        torch.manual_seed(size)
        model = make(size).eval()
        with torch.no_grad():
            randomise(model)
        weights = save(model, kind, folder)
        entries, maps = inspected(terrane, weights)
        if entries != len(model.state_dict()):
            raise RuntimeError(f"{entries} entries, PyTorch has {len(model.state_dict())}")
        bands = sum(GROUPS) if "olmoearth" in name else BANDS
        patch = 14 if "patch14" in name else 16
        side = size // patch * patch if "vit_" in name else size
        if name.startswith("transformer"):
            side = size if "prithvi" in name else size // patch * patch  # the others take whole patches only
        if encoder and name.startswith(("smp", "terratorch")):
            side = -(-size // (2 * patch)) * 2 * patch  # its segmentation networks refuse other sizes, or cut off what is left over
        images = torch.randn(batch, bands, side, side)
        results = {}

        def keep(path, result):
            # EfficientNet-Lite runs `_swish` after its last convolution again: the first result is the stem's.
            results.setdefault(path, result.clone())

        # Maps that are no module's result.
        has_own_maps = "olmoearth" in name or "dofa" in name or "clay" in name
        hooks = [] if has_own_maps else [
            submodule(model, path).register_forward_hook(
                lambda module, inputs, result, path=path: keep(path, result))
            for path in maps
        ]
        with torch.no_grad():
            scores = model(images)
        for hook in hooks:
            hook.remove()
        found = forward(terrane, architecture, encoder, weights, images, maps, folder)
        if has_own_maps:
            with torch.no_grad():
                results = dict(zip(model.map_paths, model.maps(images)))
        results = {path: as_map(result, found[path]) for path, result in results.items()}
        results["output"] = scores["out"] if isinstance(scores, dict) else scores
        if name == "timm densenet121":  # its last normalisation rectifies
            found["features.norm5"].relu_()
        for path, expected in results.items():
            difference = distance(found[path], expected)
            largest = max(largest, difference)
            if not difference < TOLERANCE:
                raise RuntimeError(f"{path} of a {kind} file at {size}: {difference:.1e} of its scale")
    return largest, len(maps)


def main():
    terrane, patterns = sys.argv[1], sys.argv[2:]
    failures = 0
    for name, architecture, encoder, make in cases():
        if patterns and not any(pattern in name for pattern in patterns):
            continue
        start = time.monotonic()
        with tempfile.TemporaryDirectory() as folder:
            try:
                largest, maps = run(terrane, name, architecture, encoder, make, pathlib.Path(folder))
                verdict = f"{largest:.1e} of scale at most, {maps} maps"
            except Exception as error:  # one case that cannot be made says nothing about the others
                failures += 1
                verdict = f"FAILED: {type(error).__name__}: {error}"
        print(f"{name}: {verdict} ({time.monotonic() - start:.0f} s)", flush=True)
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
