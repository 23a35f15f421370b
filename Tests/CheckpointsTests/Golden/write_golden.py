#!/usr/bin/env python3
"""Writes a weights file with Python's safetensors: the element types that terrane reads, a batch
counter, which it passes over, and an integer tensor, which it refuses.

Written with Python 3.11, torch 2.15.0, safetensors 0.8.0:

    python write_golden.py        # from anywhere; rewrites the files beside this one
"""

import pathlib

import torch
from safetensors.torch import save_file

HERE = pathlib.Path(__file__).parent
VALUES = torch.tensor([0.0, -0.0, 1.0, -1.5, 65504.0, 2.0**-24, 2.0**-14, float("inf"), float("-inf"), float("nan")])


def main():
    save_file(
        {
            "single": torch.cat([VALUES, torch.tensor([3.14159274, 1e-40])]).reshape(3, 4),
            "half": VALUES.half().reshape(2, 5),
            "brain": torch.cat([VALUES, torch.tensor([3.140625, 2.0**127])]).bfloat16().reshape(2, 2, 3),
            "scalar": torch.tensor(7.5),
            "empty": torch.zeros(0, 3),
            "bn1.num_batches_tracked": torch.tensor(12),
        },
        HERE / "types.safetensors",
        metadata={"format": "pt", "note": 'quotes " and a letter: é'},
    )
    save_file({"weight": torch.zeros(2), "steps": torch.tensor([1, 2])}, HERE / "integers.safetensors")


if __name__ == "__main__":
    main()
