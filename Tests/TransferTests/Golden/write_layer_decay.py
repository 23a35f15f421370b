#!/usr/bin/env python3
"""Writes the shares of the learning rate that timm gives the parameters of a vision transformer by their layers.

Written with Python 3.11, torch 2.15.0, timm 1.0.31:

    python write_layer_decay.py    # from anywhere; rewrites layer-decay.json beside this file

`layer-decay.json` has the share of each parameter of `vit_small_patch16_224`, by its name, at a factor of 0.7.
"""

import json
import pathlib

import timm
from timm.optim import param_groups_layer_decay


def main():
    model = timm.create_model("vit_small_patch16_224", num_classes=5)
    names = {id(value): name for name, value in model.named_parameters()}
    shares = {
        names[id(value)]: group["lr_scale"]
        for group in param_groups_layer_decay(model, layer_decay=0.7) for value in group["params"]
    }
    (pathlib.Path(__file__).parent / "layer-decay.json").write_text(json.dumps(shares, indent=0, sort_keys=True) + "\n")


if __name__ == "__main__":
    main()
