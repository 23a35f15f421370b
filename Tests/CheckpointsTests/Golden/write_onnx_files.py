#!/usr/bin/env python3
"""Writes small ONNX files as `onnx` writes them: every element type as bytes and in the fields for types,
and tensors in files beside the graph.

`onnx/expected.safetensors` holds the values as Float32, named `FILE/TENSOR`; its metadata has for each file
the names and types in their order. The same bytes come out every time.

Written with Python 3.11, onnx 1.23.2, ml_dtypes 0.6.0, NumPy 2.4.6, safetensors 0.8.0:

    python write_onnx_files.py        # from anywhere; rewrites the folder onnx beside this file
"""

import json
import pathlib
import shutil

import ml_dtypes
import numpy
import onnx
from onnx import TensorProto, helper, numpy_helper
from safetensors.numpy import save_file

FOLDER = pathlib.Path(__file__).parent / "onnx"
TYPES = {
    "FLOAT": ("F32", numpy.float32), "DOUBLE": ("F64", numpy.float64), "FLOAT16": ("F16", numpy.float16),
    "BFLOAT16": ("BF16", ml_dtypes.bfloat16), "INT8": ("I8", numpy.int8), "INT16": ("I16", numpy.int16),
    "INT32": ("I32", numpy.int32), "INT64": ("I64", numpy.int64), "UINT8": ("U8", numpy.uint8),
    "UINT16": ("U16", numpy.uint16), "UINT32": ("U32", numpy.uint32), "UINT64": ("U64", numpy.uint64),
    "BOOL": ("BOOL", numpy.bool_), "FLOAT8E4M3FN": ("F8_E4M3", ml_dtypes.float8_e4m3fn),
    "FLOAT8E5M2": ("F8_E5M2", ml_dtypes.float8_e5m2),
}
expected = {}
listing = {}


def values(kind):
    """Numbers of a type: negative ones where there are, the largest, and fractions."""
    dtype = TYPES[kind][1]
    if kind == "BOOL":
        return numpy.array([[True, False, True], [False, False, True]])
    if kind.startswith(("INT", "UINT")):
        info = numpy.iinfo(dtype)
        return numpy.array([[info.min, 0, 1], [2, info.max, 77]], dtype)
    return numpy.array([[-1.5, 0, 0.15625], [2, 1e-2, 400]], numpy.float64).astype(dtype)


def write(name, tensors, **metadata):
    """Writes a graph of constants, and notes the tensors that are to be found in it."""
    nodes = [helper.make_node("Identity", [tensors[0].name], ["result"])]
    output = helper.make_tensor_value_info("result", tensors[0].data_type, list(tensors[0].dims))
    graph = helper.make_graph(nodes, "constants", [], [output], initializer=tensors)
    model = helper.make_model(graph, producer_name="write_onnx_files", producer_version="1")
    model.ir_version = 10
    for key, value in metadata.items():
        entry = model.metadata_props.add()
        entry.key, entry.value = key.replace("__", "."), value
    return model


def note(name, arrays):
    listing[name] = [[key, TYPES[kind][0]] for key, kind, _ in arrays]
    for key, _, array in arrays:
        expected[f"{name}/{key}"] = numpy.array(array.astype(numpy.float64).astype(numpy.float32))


def save(name, model):
    (FOLDER / name).write_bytes(model.SerializeToString(deterministic=True))


def number(kind):
    return getattr(TensorProto, kind)


def main():
    shutil.rmtree(FOLDER, ignore_errors=True)
    (FOLDER / "parts").mkdir(parents=True)
    arrays = [(kind.lower(), kind, values(kind)) for kind in TYPES]

    raw = [helper.make_tensor(key, number(kind), array.shape, array.tobytes(), raw=True) for key, kind, array in arrays]
    save("raw.onnx", write("raw.onnx", raw, terrane__note="constants as bytes"))
    note("raw.onnx", arrays)

    typed = [helper.make_tensor(key, number(kind), array.shape, array.flatten()) for key, kind, array in arrays]
    assert not any(tensor.HasField("raw_data") for tensor in typed)
    save("typed.onnx", write("typed.onnx", typed))
    note("typed.onnx", arrays)

    shapes = [("scalar", "FLOAT", numpy.float32(2.5).reshape(())), ("empty", "FLOAT", numpy.zeros((0, 3), numpy.float32))]
    save("shapes.onnx", write("shapes.onnx", [
        helper.make_tensor(key, number(kind), array.shape, array.tobytes(), raw=True) for key, kind, array in shapes]))
    note("shapes.onnx", shapes)

    # In one file, with what aligns them between, and each in a file of its own below the folder.
    rules = numpy.random.default_rng(7)
    outside = [(f"w{index}", kind, rules.normal(size=(5, 3 + index)).astype(TYPES[kind][1]))
               for index, kind in enumerate(["FLOAT", "FLOAT16", "DOUBLE"])]
    data, tensors = b"", []
    for key, kind, array in outside:
        data += b"\0" * (-len(data) % 64)
        tensor = TensorProto(name=key, data_type=number(kind), dims=array.shape, data_location=TensorProto.EXTERNAL)
        for name, text in [("location", "beside.bin"), ("offset", len(data)), ("length", array.nbytes)]:
            tensor.external_data.add(key=name, value=str(text))
        data += array.tobytes()
        tensors.append(tensor)
    (FOLDER / "beside.bin").write_bytes(data)
    save("beside.onnx", write("beside.onnx", tensors))
    note("beside.onnx", outside)
    tensors = []
    for key, kind, array in outside:
        (FOLDER / "parts" / key).write_bytes(array.tobytes())
        tensor = TensorProto(name=key, data_type=number(kind), dims=array.shape, data_location=TensorProto.EXTERNAL)
        tensor.external_data.add(key="location", value=f"parts/{key}")
        tensors.append(tensor)
    save("parts.onnx", write("parts.onnx", tensors))
    note("parts.onnx", outside)

    # What onnx itself reads back is what is expected.
    for name in listing:
        model = onnx.load(FOLDER / name)
        onnx.checker.check_model(model)
        for tensor in model.graph.initializer:
            found = numpy_helper.to_array(tensor).astype(numpy.float64).astype(numpy.float32)
            assert numpy.array_equal(found, expected[f"{name}/{tensor.name}"], equal_nan=True), (name, tensor.name)
    save_file(expected, FOLDER / "expected.safetensors", {"listing": json.dumps(listing)})


if __name__ == "__main__":
    main()
