#!/usr/bin/env python3
"""Writes what ONNX Runtime makes of an image with published graphs, which are not part of the project.

Written with Python 3.11, onnx 1.23.2, onnxruntime 1.32.0, torch 2.15.0 (for write_golden), safetensors 0.8.0, numpy
2.4.6 and the wheel ukis-csmask 1.0.0, unpacked anywhere below a folder:

    TERRANE_WEIGHTS=that-folder python write_published_graphs.py

Images are those of `write_golden.py`, of the only size that the graphs take. The graphs compute in half precision; here
all their numbers are widened to float32 before they run, so that arithmetic is compared and not rounding.
`published-graphs.safetensors` has for each file a sample of the scores as `<file>/scores`, and all classes of every
seventh pixel of every seventh row as `<file>/classes`.
"""

import os
import pathlib

import numpy
import onnx
import onnxruntime
import torch
from onnx import TensorProto, numpy_helper
from safetensors.numpy import save_file

from write_golden import HERE, hashed, sampled

FILES = {"model_4b_l1c.onnx": 4, "model_6b_l2a.onnx": 6}
SAMPLES = 4096


def widened(path):
    """The graph with every half of it a float, and casts to halves casts to floats."""
    model = onnx.load(path)
    def widen(tensor):
        if tensor.data_type == TensorProto.FLOAT16:
            tensor.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(tensor).astype("float32"), tensor.name))
    for tensor in model.graph.initializer:
        widen(tensor)
    for node in model.graph.node:
        for attribute in node.attribute:
            if attribute.name == "value":
                widen(attribute.t)
            if node.op_type == "Cast" and attribute.i == TensorProto.FLOAT16:
                attribute.i = TensorProto.FLOAT
    del model.graph.value_info[:]
    return model.SerializeToString()


def main():
    tensors = {}
    for name, bands in FILES.items():
        path = next(pathlib.Path(os.environ["TERRANE_WEIGHTS"]).rglob(name))
        images = numpy.asarray(hashed("images." + name, (1, bands, 256, 256), 2.0), "float32")
        session = onnxruntime.InferenceSession(widened(path), providers=["CPUExecutionProvider"])
        scores = session.run(None, {"input": images})[0]
        tensors[f"{name}/scores"], _ = sampled(torch.from_numpy(scores), SAMPLES)
        tensors[f"{name}/classes"] = scores.argmax(1)[0, ::7, ::7].astype("float32")
    save_file(tensors, HERE / "published-graphs.safetensors")


if __name__ == "__main__":
    main()
