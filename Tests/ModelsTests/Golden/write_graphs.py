#!/usr/bin/env python3
"""Writes the graphs that PyTorch's two exporters make of networks, normalisations joined with convolutions and
names made up, without their weights; and one small graph whole, with what ONNX Runtime makes of it.

`graphs/<network>.onnx` refers to a file `weights.bin` that is not there: a test makes it. Its metadata has the
network's names of weights, each with the place of the tensor in that file, taken from the names that the exporter
gives to nodes, which terrane does not read. `graphs/pixels-*.onnx` is terrane's `pixelwise` over `mlp`, written down
in PyTorch; `graphs/pixels.safetensors` has an `input` and the scores of each file.

Written with Python 3.11, torch 2.15.0, torchvision 0.29.2, segmentation_models_pytorch 0.6.0, onnx 1.23.2,
onnxscript 0.7.2, onnxruntime 1.32.0, numpy 2.4.6, safetensors 0.8.0:

    python write_graphs.py
"""

import json
import pathlib
import shutil
import tempfile
import warnings

import numpy
import onnx
import onnxruntime
import segmentation_models_pytorch as smp
import torch
import torchvision
from onnx import TensorProto
from safetensors.numpy import save_file

FOLDER = pathlib.Path(__file__).parent / "graphs"


def unsettled(network):
    """Normalisations off their usual start, so that the exporter has something to join."""
    torch.manual_seed(0)
    for name, value in list(network.named_parameters()) + list(network.named_buffers()):
        if name.endswith("running_var"):
            value.data.uniform_(0.5, 1.5)
        elif value.ndim == 1:
            value.data.uniform_(0.1, 0.9)
    return network.eval()


def exported(network, bands, dynamo, side=224):
    images = torch.zeros(1, bands, side, side)
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        path = pathlib.Path(folder) / "m.onnx"
        torch.onnx.export(
            network, (images,), str(path), dynamo=dynamo, input_names=["input"], output_names=["output"],
            opset_version=18)
        return onnx.load(path)


def path_of(node):
    """`layer1.0.conv1` of '/layer1/layer1.0/conv1/Conv': a part may repeat the one before it."""
    path = []
    for part in node.name.split("/")[1:-1]:
        if path and part.startswith(path[-1] + "."):
            path.pop()
        path.append(part)
    return ".".join(path)


def stripped(model):
    """Moves all tensors of any size out of the graph, and notes where those of convolutions and linear maps are."""
    places, offset = {}, 0
    for tensor in model.graph.initializer:
        count = int(numpy.prod(tensor.dims))
        if tensor.data_type != TensorProto.FLOAT or count <= 64 and len(tensor.dims) == 0:
            continue
        tensor.ClearField("raw_data")
        tensor.ClearField("external_data")
        tensor.data_location = TensorProto.EXTERNAL
        for key, value in [("location", "weights.bin"), ("offset", offset), ("length", 4 * count)]:
            tensor.external_data.add(key=key, value=str(value))
        places[tensor.name] = offset
        offset += 4 * count
    weights = {}
    for node in model.graph.node:
        if node.op_type in ["Conv", "Gemm"]:
            weights[path_of(node) + ".weight"] = places[node.input[1]]
        node.ClearField("name")
        node.ClearField("doc_string")
        del node.metadata_props[:]
    del model.graph.value_info[:], model.metadata_props[:]
    model.graph.ClearField("doc_string")
    for key, value in [("weights", json.dumps(weights)), ("bytes", str(offset))]:
        model.metadata_props.add(key=key, value=value)
    return model


def main():
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir()
    models = torchvision.models
    for name, network, bands in [
        ("resnet18", models.resnet18(num_classes=7), 3),
        ("mobilenet_v3_large", models.mobilenet_v3_large(num_classes=7), 3),
        ("efficientnet_b0", models.efficientnet_b0(num_classes=7), 3),
        ("densenet121", models.densenet121(num_classes=7), 3),
        ("unet-resnet18", smp.Unet("resnet18", encoder_weights=None, in_channels=4, classes=3), 4),
        ("deeplabv3plus-resnet18", smp.DeepLabV3Plus("resnet18", encoder_weights=None, in_channels=4, classes=3), 4),
    ]:
        (FOLDER / f"{name}.onnx").write_bytes(
            stripped(exported(unsettled(network), bands, False)).SerializeToString(deterministic=True))

    pixels = unsettled(torch.nn.Sequential(
        torch.nn.Conv2d(5, 64, 1, bias=False), torch.nn.BatchNorm2d(64), torch.nn.ReLU(),
        torch.nn.Conv2d(64, 64, 1, bias=False), torch.nn.BatchNorm2d(64), torch.nn.ReLU(),
        torch.nn.Conv2d(64, 3, 1)))
    tensors = {"input": numpy.random.default_rng(5).normal(size=(1, 5, 8, 8)).astype("float32")}
    for name, dynamo in [("pixels-script", False), ("pixels-dynamo", True)]:
        model = exported(pixels, 5, dynamo, side=8)
        for node in model.graph.node:
            del node.metadata_props[:]
        del model.graph.value_info[:], model.graph.metadata_props[:], model.metadata_props[:]
        data = model.SerializeToString(deterministic=True)
        (FOLDER / f"{name}.onnx").write_bytes(data)
        session = onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])
        tensors[name] = session.run(None, {"input": tensors["input"]})[0]
    save_file(tensors, FOLDER / "pixels.safetensors")


if __name__ == "__main__":
    main()
