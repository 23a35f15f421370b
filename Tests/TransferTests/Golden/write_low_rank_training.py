#!/usr/bin/env python3
"""Writes what three steps of LoRA do to a transformer behind TerraTorch's neck and decoder, with peft and PyTorch's AdamW.

Written with Python 3.11, torch 2.15.0, peft 0.21.2, timm 1.0.31, segmentation-models-pytorch 0.6.0, terratorch 1.2.13, safetensors
0.8.0, numpy 2.4.6; of terratorch (pip install --no-deps) single files are loaded:

    python write_low_rank_training.py    # from anywhere; rewrites low-rank-training.safetensors beside this file

The network is `unet` over `prithvi_eo_v2_tiny_tl` of `../../ModelsTests/Golden/write_terratorch.py`, with the weights of its rule. Every
linear map of the encoder and its patches get an update of rank 8 (alpha 16), whose A begins as terrane draws it; neck, decoder and
head train whole. AdamW has a rate of 2e-3, half of it for the updates, and decays matrices and filters by 2, but no update. Images
are the four chips of `TinyProblem("low rank")`. Everything is computed in float64; how far float32 PyTorch is from that is printed.

- `losses` of the steps;
- `<path>`: a sample of each parameter that trained, as it is after them.
"""

import pathlib
import sys

import numpy as np
import peft
import torch
import torch.nn.functional as F
from safetensors.numpy import save_file

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE / "../../ModelsTests/Golden"))
from write_golden import GOLDEN_RATIO, hashed, sampled  # noqa: E402
from write_terratorch import Network, set_weights  # noqa: E402

SIDE, SEED, RANK, ALPHA, RATE, SHARE, DECAY = 128, 3, 8, 16, 2e-3, 0.5, 2.0


def drawn(path, shape):
    """A as `RandomSource(seed:stream:)` and `Initializer.uniformFanIn` make it."""
    state = 0xCBF29CE484222325
    for byte in path.encode():
        state = ((state ^ byte) * 0x100000001B3) % 2**64
    count = int(np.prod(shape))
    # The first number is dropped.
    bits = np.uint64(state ^ SEED) + np.arange(2, count + 2, dtype=np.uint64) * GOLDEN_RATIO
    bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    bits ^= bits >> np.uint64(31)
    bound = 1 / np.sqrt(np.prod(shape[1:]))
    values = -bound + 2 * bound * ((bits >> np.uint64(11)).astype(np.float64) * 2.0**-53)
    return values.astype(np.float32).reshape(shape)


def chips():
    """The images [4, 2, 64, 64] and classes [4, 64, 64] of a square, row by row."""
    rows, columns = np.divmod(np.arange(SIDE * SIDE), SIDE)
    fields = hashed("low rank fields", (16 * 1000,)).astype(np.float64)
    classes = (fields[rows // 8 * 1000 + columns // 8] > 0).astype(np.int64)
    noise = hashed("low rank noise", (2 * SIDE * SIDE,)).astype(np.float64)
    signal = np.concatenate([2.0 * (classes - 0.5), np.zeros(SIDE * SIDE)])
    image = (signal + 0.4 * noise).astype(np.float32).reshape(2, SIDE, SIDE)
    corners = [(row, column) for row in (0, 64) for column in (0, 64)]
    classes = classes.reshape(SIDE, SIDE)
    return (torch.from_numpy(np.stack([image[:, r:r + 64, c:c + 64] for r, c in corners])),
            torch.from_numpy(np.stack([classes[r:r + 64, c:c + 64] for r, c in corners])))


def plain(name):
    return name.replace("base_model.model.", "").replace(".base_layer", "").replace(".default", "")


def train(double):
    network = Network("unet", "prithvi_eo_v2_tiny_tl", 2, 2)
    set_weights(network)
    targets = [name for name, module in network.encoder.named_modules() if isinstance(module, torch.nn.Linear)]
    config = peft.LoraConfig(
        r=RANK, lora_alpha=ALPHA, target_modules=[f"encoder.{name}" for name in targets + ["patch_embed.proj"]])
    patches = network.encoder.patch_embed.proj
    # The filters of one date as those of an image, which is what they are there.
    flat = torch.nn.Conv2d(2, patches.out_channels, 16, 16)
    flat.weight.data, flat.bias.data = patches.weight.data.squeeze(2), patches.bias.data
    network.encoder.patch_embed.proj = Flat(flat)
    config.target_modules = {f"encoder.{name}" for name in targets} | {"encoder.patch_embed.proj.inner"}
    model = peft.get_peft_model(network, config)
    for name, value in model.named_parameters():
        if "lora_A" in name:
            value.data = torch.from_numpy(drawn(plain(name).replace("proj.inner", "proj"), tuple(value.shape)))
        value.requires_grad_("lora_" in name or not plain(name).startswith("encoder."))
    model = model.double() if double else model.float()
    model.train()
    groups = {}
    for name, value in model.named_parameters():
        if value.requires_grad:
            is_update = "lora_" in name
            decays = value.ndim > 1 and not is_update
            groups.setdefault((is_update, decays), []).append(value)
    optimizer = torch.optim.AdamW([
        {"params": values, "lr": RATE * (SHARE if is_update else 1), "weight_decay": DECAY if decays else 0}
        for (is_update, decays), values in groups.items()])
    images, classes = chips()
    images = images.double() if double else images
    losses = []
    for _ in range(3):
        loss = F.cross_entropy(model(images), classes)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    values = {plain(name).replace("proj.inner", "proj"): value.detach()
              for name, value in model.named_parameters() if value.requires_grad}
    return losses, values


class Flat(torch.nn.Module):
    """Filters over the patches of one date, `[N, C, 1, H, W]`."""

    def __init__(self, inner):
        super().__init__()
        self.inner = inner

    def forward(self, images):
        return self.inner(images.squeeze(2)).unsqueeze(2)


def main():
    losses, values = train(double=True)
    single_losses, single = train(double=False)
    print("losses", losses, single_losses)
    start = {name: torch.from_numpy(drawn(name, tuple(value.shape))) for name, value in values.items() if "lora_A" in name}
    for part in ["lora_A", "lora_B", "neck.", "decoder.", "head."]:
        distances = [((single[n] - v).norm() / (v - start.get(n, 0)).norm()).item() for n, v in values.items() if part in n]
        print(part, len(distances), f"float32 PyTorch is {np.median(distances):.1e}, at most {max(distances):.1e} away")
    tensors = {name: np.ascontiguousarray(sampled(value, 128)[0], dtype=np.float32) for name, value in values.items()}
    tensors["losses"] = np.array(losses, dtype=np.float32)
    save_file(tensors, HERE / "low-rank-training.safetensors")


if __name__ == "__main__":
    main()
