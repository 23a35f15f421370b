#!/usr/bin/env python3
"""Holds what `terrane export --onnx` writes against onnx's checker and ONNX Runtime.

    python export.py TERRANE [PATTERN ...]    # patterns: parts of 'export unet resnet18' and so on; all cases without

A case is a network that `terrane run` made for a drawn scene. Its graph must pass the checker with inferred shapes, and ONNX Runtime's
scores must be within 1e-5 of their scale of those of `terrane forward`, for one image and for two, and for another size where the graph
takes any. Ends with 1 where one is not.
"""

import pathlib
import subprocess
import sys
import tempfile

import numpy as np
import onnx
import onnxruntime
import rasterio
from safetensors.numpy import load_file, save_file

TOLERANCE = 1e-5
BANDS, SIDE = 4, 64
CASES = [
    ("unet", "resnet18"), ("unet", "efficientnet-b0"), ("unet", "densenet121"), ("unet", "mobilenet_v2"), ("unet", "vgg16"),
    ("unet-image-skip", "resnet34"), ("deeplabv3plus", "resnet50"), ("deeplabv3", "resnet50"), ("fcn", "resnet50"),
    ("deeplabv3plus", "efficientnet-b0"), ("pixelwise", "mlp"), ("fpn", "resnet18"), ("unet", "convnext_tiny"),
    ("unet", "vit_small_patch16_224"), ("fpn", "prithvi_eo_v2_tiny_tl"),
]

PIPELINE = """
name: export
seed: 3
output: out
sensor: custom
bands: [a, b, c, d]
classes: [{{value: 1, name: one}}, {{value: 2, name: two}}, {{value: 3, name: three}}]
data: {{target: [{{scene: scene.tif, labels: labels.tif}}]}}
chips: {{size: 64, stride: 64}}
stages:
  - pretrain-load: {{architecture: {architecture}, encoder: {encoder}}}
"""


def draw(folder):
    """A scene of noise with labels."""
    random = np.random.default_rng(1)
    grid = {"driver": "GTiff", "height": 128, "width": 128, "crs": "EPSG:32633",
            "transform": rasterio.transform.from_origin(500000, 5000000, 10, 10)}
    with rasterio.open(folder / "scene.tif", "w", count=BANDS, dtype="float32", **grid) as scene:
        scene.write(random.normal(size=(BANDS, 128, 128)).astype("float32"))
    with rasterio.open(folder / "labels.tif", "w", count=1, dtype="uint8", **grid) as labels:
        labels.write(random.integers(1, 4, size=(1, 128, 128)).astype("uint8"))


def command(*words, folder):
    done = subprocess.run(list(map(str, words)), capture_output=True, text=True, cwd=folder)
    if done.returncode:
        raise RuntimeError((done.stderr or done.stdout).strip().splitlines()[-1])


def run(terrane, architecture, encoder, folder):
    """The largest distance of a case, and whether the graph takes any size."""
    draw(folder)
    (folder / "pipeline.yaml").write_text(PIPELINE.format(architecture=architecture, encoder=encoder))
    command(terrane, "run", "pipeline.yaml", folder=folder)
    model, graph = next(folder.glob("out/models/**/*.safetensors")), folder / "model.onnx"
    command(terrane, "export", model, "--onnx", graph, "--size", SIDE, folder=folder)
    onnx.checker.check_model(onnx.load(graph), full_check=True)
    session = onnxruntime.InferenceSession(graph, providers=["CPUExecutionProvider"])
    takes_any = isinstance(session.get_inputs()[0].shape[2], str)
    random, largest = np.random.default_rng(2), 0.0
    for batch, side in [(1, SIDE), (2, SIDE)] + ([(1, 96)] if takes_any else []):
        images = random.normal(size=(batch, BANDS, side, side)).astype("float32")
        save_file({"input": images}, folder / "input.safetensors")
        command(terrane, "forward", "--architecture", architecture, "--encoder", encoder, "--weights", model,
                "--input", folder / "input.safetensors", "--output", folder / "output.safetensors", folder=folder)
        expected = load_file(folder / "output.safetensors")["output"]
        found = session.run(["scores"], {"input": images})[0]
        difference = float(np.abs(found - expected).max() / np.abs(expected).max())
        largest = max(largest, difference)
        if found.shape != expected.shape or not difference < TOLERANCE:
            raise RuntimeError(f"{batch} of {side} pixels: {difference:.1e} of the scale of the scores")
    return largest, takes_any


def main():
    terrane, patterns = pathlib.Path(sys.argv[1]).resolve(), sys.argv[2:]
    failures = 0
    for architecture, encoder in CASES:
        name = f"export {architecture} {encoder}"
        if patterns and not any(pattern in name for pattern in patterns):
            continue
        with tempfile.TemporaryDirectory() as folder:
            try:
                largest, takes_any = run(terrane, architecture, encoder, pathlib.Path(folder))
                verdict = f"{largest:.1e} of scale at most, for {'any size' if takes_any else 'one size'}"
            except Exception as error:  # one case that cannot be made says nothing about the others
                failures += 1
                verdict = f"FAILED: {type(error).__name__}: {error}"
        print(f"{name}: {verdict}", flush=True)
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
