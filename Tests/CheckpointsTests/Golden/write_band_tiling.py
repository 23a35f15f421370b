#!/usr/bin/env python3
"""Writes the first convolution of three bands and what timm makes of it for other numbers of bands.

Written with Python 3.11, timm 1.0.31, torch 2.15.0, safetensors 0.8.0:

    python write_band_tiling.py        # from anywhere; rewrites the file beside this one
"""

import pathlib

import torch
from safetensors.torch import save_file
from timm.models._manipulate import adapt_input_conv

HERE = pathlib.Path(__file__).parent


def main():
    torch.manual_seed(7)
    weight = torch.randn(4, 3, 3, 3)
    tensors = {"weight": weight}
    for bands in (1, 2, 3, 4, 6, 13):
        tensors[f"bands{bands}"] = adapt_input_conv(bands, weight.clone()).contiguous()
    save_file(tensors, HERE / "band_tiling.safetensors")


if __name__ == "__main__":
    main()
