#!/usr/bin/env python3
"""Writes an adapter of TerraTorch, whose queries and values have updates of their own, and what peft merges it to.

Written with Python 3.11, torch 2.15.0, peft 0.21.2, terratorch 1.2.13, safetensors 0.8.0, numpy 2.4.6; of terratorch (pip install
--no-deps) one file is loaded:

    python write_split_adapter.py    # from anywhere; rewrites the folders beside this file

`split-adapter/` is the folder as peft saves it, of the updates that `replace_qkv: qkv` and `target_modules: [q_linear, v_linear, proj]`
make of one block; `merged.safetensors` in it has its weights with the updates in them, queries, keys and values in one. Value i of
a weight is (7 i mod 11 - 5) / 10; A and B are drawn by PyTorch, seed 0.
"""

import importlib.util
import pathlib
import shutil

import peft
import torch
from safetensors.torch import save_file

HERE = pathlib.Path(__file__).parent


def terratorch_file(name):
    root = pathlib.Path(importlib.util.find_spec("terratorch").submodule_search_locations[0])
    spec = importlib.util.spec_from_file_location(name.replace("/", "."), root / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Block(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.attn = torch.nn.Module()
        self.attn.qkv = torch.nn.Linear(6, 18)
        self.attn.proj = torch.nn.Linear(6, 6)


class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.blocks = torch.nn.ModuleList([Block()])


def main():
    torch.manual_seed(0)
    net = Net()
    for name, value in net.named_parameters():
        value.data = ((7 * torch.arange(value.numel()) % 11 - 5) / 10).reshape(value.shape)
    terratorch_file("models/peft_utils").replace_qkv(net, "qkv")
    model = peft.get_peft_model(net, peft.LoraConfig(r=2, lora_alpha=5, target_modules=["q_linear", "v_linear", "proj"]))
    for name, value in model.named_parameters():
        if "lora_B" in name:
            torch.nn.init.uniform_(value, -0.5, 0.5)
    folder = HERE / "split-adapter"
    shutil.rmtree(folder, ignore_errors=True)
    model.save_pretrained(folder)
    (folder / "README.md").unlink(missing_ok=True)
    merged = model.merge_and_unload().blocks[0].attn
    qkv = torch.cat([merged.qkv.q_linear.weight, merged.qkv.k_linear.weight, merged.qkv.v_linear.weight])
    save_file({"blocks.0.attn.qkv.weight": qkv.detach(), "blocks.0.attn.proj.weight": merged.proj.weight.detach()},
              folder / "merged.safetensors")


if __name__ == "__main__":
    main()
