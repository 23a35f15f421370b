#!/usr/bin/env python3
"""Writes the reference values of low-rank updates with peft.

Written with Python 3.11, torch 2.15.0, peft 0.21.2, safetensors 0.8.0, numpy 2.4.6:

    python write_lora.py          # from anywhere; rewrites lora.safetensors beside this file

A small network, two convolutions and a linear map, carries peft's LoRA; the same network carries bottleneck adapters, written
out as convolutions beside its own. Everything is computed in float64; weights and images are not stored: both sides make them by
the rule of `hashed` (in Swift: `HashedValues`), named by their paths.
"""

import pathlib

import numpy as np
import peft
import torch
import torch.nn.functional as F
from safetensors.torch import save_file

RANK, ALPHA = 2, 3
GOLDEN_RATIO = np.uint64(0x9E3779B97F4A7C15)


def hashed(name, shape, scale=1.0):
    """scale x uniform in [-1, 1), rounded to float32: the SplitMix64 finaliser of FNV-1a(name) + index x golden ratio."""
    start = 0xCBF29CE484222325
    for byte in name.encode():
        start = ((start ^ byte) * 0x100000001B3) % 2**64
    bits = np.uint64(start) + np.arange(np.prod(shape), dtype=np.uint64) * GOLDEN_RATIO
    bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    bits ^= bits >> np.uint64(31)
    upper = (bits >> np.uint64(40)).astype(np.float64)
    return torch.from_numpy((scale * (upper * 2.0**-23 - 1)).astype(np.float32).reshape(shape)).double()


class Net(torch.nn.Module):
    """Two convolutions, the means of the channels, a linear map."""

    def __init__(self):
        super().__init__()
        self.first = torch.nn.Conv2d(3, 6, 3, stride=2, padding=1)
        self.second = torch.nn.Conv2d(6, 4, 1, bias=False)
        self.head = torch.nn.Linear(4, 5)

    def forward(self, images):
        return self.head(self.second(F.silu(self.first(images))).mean((2, 3)))


def fill(module, rename=lambda name: name):
    for name, value in module.named_parameters():
        value.data = hashed(rename(name), tuple(value.shape), 0.5)


def adapted(net, images, parts):
    """The network with a convolution to r channels and one back beside each of its layers."""
    scale = ALPHA / RANK

    def beside(layer, name, value):
        a, b = parts[f"{name}.lora_A.weight"], parts[f"{name}.lora_B.weight"]
        if isinstance(layer, torch.nn.Linear):
            return layer(value) + scale * F.linear(F.linear(value, a), b)
        return layer(value) + scale * F.conv2d(F.conv2d(value, a, stride=layer.stride), b)

    value = F.silu(beside(net.first, "first", images))
    value = beside(net.second, "second", value).mean((2, 3))
    return beside(net.head, "head", value)


def main():
    images, factors = hashed("images", (2, 3, 7, 9)), hashed("factors", (2, 5))
    tensors = {}

    net = Net().double()
    config = peft.LoraConfig(r=RANK, lora_alpha=ALPHA, target_modules=["first", "second", "head"])
    model = peft.get_peft_model(net, config).double()
    plain = lambda name: name.replace("base_model.model.", "").replace(".base_layer", "").replace(".default", "")
    fill(model, plain)
    output = model(images)
    (output * factors).sum().backward()
    tensors["lora/output"] = output.detach()
    for name, value in model.named_parameters():
        if value.grad is not None:
            tensors[f"lora/{plain(name)}.gradient"] = value.grad
    merged = model.merge_and_unload()
    for name in ["first", "second", "head"]:
        tensors[f"lora/{name}.merged"] = merged.get_submodule(name).weight.detach()

    net = Net().double()
    fill(net)
    shapes = {"first": (3, 6, (1, 1)), "second": (6, 4, (1, 1)), "head": (4, 5, ())}
    parts = {}
    for name, (inputs, outputs, ones) in shapes.items():
        for part, shape in [("lora_A", (RANK, inputs)), ("lora_B", (outputs, RANK))]:
            path = f"{name}.{part}.weight"
            parts[path] = hashed(path, shape + ones, 0.5).requires_grad_()
    output = adapted(net, images, parts)
    (output * factors).sum().backward()
    tensors["adapter/output"] = output.detach()
    for path, value in parts.items():
        tensors[f"adapter/{path}.gradient"] = value.grad

    file = pathlib.Path(__file__).parent / "lora.safetensors"
    save_file({name: value.float().contiguous() for name, value in tensors.items()}, file)


if __name__ == "__main__":
    main()
