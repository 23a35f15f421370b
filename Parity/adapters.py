#!/usr/bin/env python3
"""Holds adapters that terrane wrote against peft: loaded onto the publisher's network, both must give terrane's scores.

    TERRANE_ADAPTERS=/tmp/adapters make test FILTER=LowRankNetworkTests
    python adapters.py /tmp/adapters/lora /tmp/adapters/adapter

A folder holds `model.safetensors` (weights under the publisher's names, with terrane's card), the adapter as peft keeps it, and
`images.safetensors` (images, and the scores that terrane's adapted network gave them). Scores must be within 1e-4 of their scale,
with the adapter beside the network and merged into it. Ends with 1 where they are not.
"""

import json
import pathlib
import sys

import peft
import segmentation_models_pytorch as smp
import torch
from safetensors import safe_open
from safetensors.torch import load_file

TOLERANCE = 1e-4
NETWORKS = {"unet": smp.Unet, "fpn": smp.FPN, "deeplabv3plus": smp.DeepLabV3Plus}


def network(path):
    """The network that a file's card names, with the file's weights."""
    with safe_open(path, "pt") as file:
        card = json.loads(file.metadata()["terrane.card"])
    names = card["network"]
    model = NETWORKS[names["architecture"]](
        names["encoder"], encoder_weights=None, in_channels=len(card["input"]["bands"]),
        classes=len(card["output"]["classes"]))
    missing, unexpected = model.load_state_dict(load_file(path), strict=False)
    if unexpected or any(not name.endswith("num_batches_tracked") for name in missing):
        raise RuntimeError(f"missing {missing}, unexpected {unexpected}")
    return model.eval()


def distance(found, expected):
    return ((found - expected).abs().max() / expected.abs().max()).item()


@torch.no_grad()
def check(folder):
    """The distances without the adapter, with it, and with it merged."""
    samples = load_file(folder / "images.safetensors")
    images, scores = samples["images"], samples["scores"]
    base = network(folder / "model.safetensors")
    without = distance(base(images), scores)
    adapted = peft.PeftModel.from_pretrained(base, str(folder)).eval()
    beside = distance(adapted(images), scores)
    merged = distance(adapted.merge_and_unload()(images), scores)
    return without, beside, merged


def main():
    failures = 0
    for folder in map(pathlib.Path, sys.argv[1:]):
        without, beside, merged = check(folder)
        holds = max(beside, merged) < TOLERANCE < without
        failures += not holds
        print(f"{folder}: {beside:.1e} of scale, {merged:.1e} merged; {without:.1e} without the adapter"
              f"{'' if holds else ': FAILED'}")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
