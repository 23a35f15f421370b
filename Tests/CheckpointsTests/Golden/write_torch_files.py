#!/usr/bin/env python3
"""Writes what torch.save writes, small: each format, pickle protocol, element type and kind of view that
occurs in published weights, and the containers that training programs put around them.

`expected.safetensors` holds the values as Float32, named `FILE/TENSOR`; its metadata has for each file the
names and types in their order. The same bytes come out every time.

Written with Python 3.11, torch 2.15.0, NumPy 2.4.6, safetensors 0.8.0:

    python write_torch_files.py        # from anywhere; rewrites the folder torch beside this file
"""

import argparse
import collections
import json
import pathlib

import numpy
import torch
from safetensors.torch import save_file

FOLDER = pathlib.Path(__file__).parent / "torch"
TYPES = {
    torch.bool: "BOOL", torch.uint8: "U8", torch.int8: "I8", torch.uint16: "U16", torch.int16: "I16",
    torch.uint32: "U32", torch.int32: "I32", torch.uint64: "U64", torch.int64: "I64", torch.float16: "F16",
    torch.bfloat16: "BF16", torch.float32: "F32", torch.float64: "F64", torch.float8_e4m3fn: "F8_E4M3",
    torch.float8_e5m2: "F8_E5M2", torch.complex64: "C64", torch.complex128: "C128",
}
expected = {}
listing = {}


def save(name, content, tensors=None, **options):
    """Writes a file, and notes the tensors that are to be found in it."""
    path = FOLDER / name
    torch.save(content, path, **options)
    if options.get("_use_new_zipfile_serialization") is False:
        path.write_bytes(with_steady_keys(path.read_bytes()))
    tensors = content if tensors is None else tensors
    listing[name] = [[key, TYPES[value.dtype]] for key, value in tensors.items()]
    for key, value in tensors.items():
        if not value.dtype.is_complex:
            expected[f"{name}/{key}"] = value.detach().to(torch.float32).clone(memory_format=torch.contiguous_format)


legacy_keys = []


def in_order_of_appearance(keys):
    legacy_keys[:] = keys
    return legacy_keys


# The format before 1.6 names storages by their addresses, and sorts them so.
torch.serialization.sorted = in_order_of_appearance


def with_steady_keys(data):
    for index, key in enumerate(legacy_keys):
        data = data.replace(key.encode(), f"{index:0{len(key)}d}".encode())
    return data


def network():
    torch.manual_seed(7)
    body = torch.nn.Sequential(
        torch.nn.Conv2d(3, 4, 3, bias=False), torch.nn.BatchNorm2d(4), torch.nn.Flatten(), torch.nn.Linear(4, 2)
    )
    with torch.no_grad():
        for value in body.state_dict().values():
            if value.dtype == torch.float32:
                value.copy_(torch.randn(value.shape))
    return body


def prefixed(prefix, tensors):
    return collections.OrderedDict((prefix + key, value) for key, value in tensors.items())


def formats():
    state = network().state_dict()
    for protocol in (2, 3, 4, 5):
        save(f"zip-{protocol}.pth", state, pickle_protocol=protocol)
        save(f"legacy-{protocol}.pth", state, pickle_protocol=protocol, _use_new_zipfile_serialization=False)
    torch.serialization.set_crc32_options(False)
    save("wrong-crc.pth", state)
    torch.serialization.set_crc32_options(True)
    # More than 255 places in the memo.
    save("many.pth", {f"layer{index}.weight": torch.tensor(float(index)) for index in range(300)})


def element_types():
    numbers = torch.tensor([0.0, 1.0, 2.0, 3.5, 96.0, 240.0])
    tensors = {"bool": numbers > 1}
    for dtype in TYPES:
        if dtype != torch.bool:
            tensors[str(dtype).removeprefix("torch.")] = numbers.to(dtype).reshape(2, 3)
    signed = torch.tensor([-1.0, -100.0, 0.25, -0.001953125, 448.0, float("nan")])
    for dtype in (torch.float8_e4m3fn, torch.float8_e5m2, torch.float16, torch.bfloat16, torch.float64):
        tensors["signed " + TYPES[dtype]] = signed.to(dtype)
    tensors["extreme I64"] = torch.tensor([-(2**63), 2**63 - 1, 16777217])
    tensors["extreme U64"] = torch.tensor([2**64 - 1, 0], dtype=torch.uint64)
    tensors["extreme I8"] = torch.tensor([-128, 127], dtype=torch.int8)
    tensors["extreme U32"] = torch.tensor([2**32 - 1], dtype=torch.uint32)
    tensors["all e4m3"] = torch.arange(256).to(torch.uint8).view(torch.float8_e4m3fn)
    tensors["all e5m2"] = torch.arange(256).to(torch.uint8).view(torch.float8_e5m2)
    save("types.pth", tensors)
    save("types-legacy.pth", tensors, _use_new_zipfile_serialization=False)


class Labelled(torch.Tensor):
    """A subclass of Tensor, which is saved by its class."""


def views():
    base = torch.arange(120, dtype=torch.float32).reshape(2, 3, 4, 5)
    shared = torch.arange(12, dtype=torch.float32)
    weight = torch.arange(4 * 3 * 3 * 3, dtype=torch.float32).reshape(4, 3, 3, 3)
    tensors = {
        "transposed": base.transpose(0, 3),
        "permuted": base.permute(2, 0, 3, 1),
        "sliced": base[1:, ::2, 1:3, ::2],
        "expanded": torch.tensor([1.0, 2.0]).reshape(2, 1).expand(2, 5),
        "one number": torch.tensor(3.0).expand(4, 4),
        "channels last": weight.contiguous(memory_format=torch.channels_last),
        "pointwise channels last": weight[:, :, :1, :1].contiguous(memory_format=torch.channels_last),
        "shared a": shared[:8].reshape(2, 4),
        "shared b": shared[4:],
        "diagonal": torch.arange(16.0).reshape(4, 4).diagonal(),
        "windows": shared.unfold(0, 4, 2),
        "scalar": torch.tensor(7.5),
        "scalar of many": shared[5],
        "empty": torch.zeros(0, 3),
        "empty view": base[:, :0],
        "parameter": torch.nn.Parameter(torch.tensor([1.0, -1.0])),
        "half transposed": torch.arange(6).half().reshape(2, 3).t(),
        "double sliced": torch.arange(10.0, dtype=torch.float64)[1::3],
    }
    tensors["with attributes"] = torch.nn.Parameter(torch.tensor([4.0]))
    tensors["with attributes"].note = "kept"
    save("views.pth", tensors)
    save("views-legacy.pth", tensors, _use_new_zipfile_serialization=False)
    save("subclass.pth", {"labelled": torch.tensor([5.0, 6.0]).as_subclass(Labelled)})


def checkpoints():
    model = network()
    optimizer = torch.optim.AdamW(model.parameters())
    model(torch.ones(2, 3, 3, 3)).sum().backward()
    optimizer.step()
    state = model.state_dict()
    plain = dict(state)
    counts = collections.defaultdict(list)
    counts["seen"].append(3)
    save(
        "lightning.ckpt",
        {
            "epoch": 3, "global_step": 12, "pytorch-lightning_version": "2.4.0",
            "state_dict": prefixed("model.", state), "loops": {}, "callbacks": {"best": numpy.float64(0.5)},
            "optimizer_states": [optimizer.state_dict()], "lr_schedulers": [],
            "hyper_parameters": argparse.Namespace(rate=0.1, bands={"B02"}, kind=numpy.dtype("f4")),
            "counts": counts, "history": numpy.arange(4), "random": torch.get_rng_state()[:8], "big": 2**70,
            "raw": b"bytes", "nothing": None, "pair": (1, [2.5, True]), "frozen": frozenset({1}),
        },
        plain,
    )
    save("wrapped.pth", {"epoch": 1, "model": {"state_dict": state, "best": False}}, plain)
    save(
        "ddp.pth", {"arch": "tiny", "state_dict": prefixed("module.", state), "best_acc1": torch.tensor(71.5)}, plain
    )
    save("compiled.pth", {"model": prefixed("_orig_mod.module.", state)}, plain)
    save("training.pth", {"model": state, "optimizer": optimizer.state_dict(), "epoch": 9}, plain)
    save("students.pth", {"student": {"other": torch.ones(1)}, "teacher": prefixed("module.", state)}, plain)
    save("ema.pth", torch.optim.swa_utils.AveragedModel(model).state_dict(), plain)
    moco = prefixed("module.encoder_q.", state) | prefixed("module.encoder_k.", state)
    moco |= {"module.queue": torch.zeros(2, 3), "module.queue_ptr": torch.zeros(1, dtype=torch.long)}
    save("moco.pth", {"epoch": 200, "state_dict": moco}, plain)
    third = prefixed("base_encoder.", state) | prefixed("momentum_encoder.", state)
    save("moco-3.pth", third | {"predictor.0.weight": torch.ones(2)}, plain)
    nested = {"s1": {"a.weight": torch.ones(2), 0: torch.zeros(1)}, "s2": {"deep": {"b": torch.tensor(2.0)}}}
    flat = {"s1.a.weight": torch.ones(2), "s1.0": torch.zeros(1), "s2.deep.b": torch.tensor(2.0)}
    save("nested.pth", nested | {"note": "text", "optimizer": optimizer.state_dict()}, flat)
    mixed = prefixed("model.", state) | {"criterion.weight": torch.ones(2)}
    save("minority.pth", mixed, plain | {"criterion.weight": torch.ones(2)})


def older_names():
    dense = {
        "features.norm0.weight": (1, "features.norm0.weight"),
        "features.denseblock1.denselayer1.norm.1.weight": (2, "features.denseblock1.denselayer1.norm1.weight"),
        "features.denseblock1.denselayer1.conv.2.weight": (3, "features.denseblock1.denselayer1.conv2.weight"),
        "features.denseblock1.denselayer10.norm.2.running_var": (
            4, "features.denseblock1.denselayer10.norm2.running_var"),
    }
    save("densenet.pth", *tensors_by_name(dense))
    transformer = {
        "encoder.layers.encoder_layer_0.mlp.linear_1.weight": (1, "encoder.layers.encoder_layer_0.mlp.0.weight"),
        "encoder.layers.encoder_layer_0.mlp.linear_2.bias": (2, "encoder.layers.encoder_layer_0.mlp.3.bias"),
        "encoder.ln.weight": (3, "encoder.ln.weight"),
    }
    save("transformer.pth", *tensors_by_name(transformer))


def tensors_by_name(names):
    old = {name: torch.full((2,), float(value)) for name, (value, _) in names.items()}
    new = {to: torch.full((2,), float(value)) for value, to in names.values()}
    return old, new


def refused():
    torch.save(torch.nn.Linear(2, 2), FOLDER / "module.pth")
    torch.save({"epoch": 1, "model": torch.nn.Linear(2, 2)}, FOLDER / "wrapped-module.pth")
    torch.save(torch.ones(2), FOLDER / "tensor.pth")
    torch.save([torch.ones(2)], FOLDER / "list.pth")
    torch.save({"epoch": 1}, FOLDER / "no-tensors.pth")
    torch.save({"model.a": torch.ones(1), "a": torch.ones(1), "model.b": torch.ones(1)}, FOLDER / "collision.pth")


def main():
    FOLDER.mkdir(exist_ok=True)
    for write in (formats, element_types, views, checkpoints, older_names, refused):
        write()
    save_file(expected, FOLDER / "expected.safetensors", metadata={"listing": json.dumps(listing)})


if __name__ == "__main__":
    main()
