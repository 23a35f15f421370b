#!/usr/bin/env python3
"""Maps a scene as one would with rasterio, ONNX Runtime and NumPy, from a GeoTIFF, or the images of a Sentinel-2
product, to a cloud-optimised GeoTIFF.

    scene.py export --weights W.safetensors --encoder resnet18 --window 512 MODEL.onnx
    scene.py SCENE.tif MODEL.onnx MAP.tif --threads 2 --window 512 --overlap 64 --batch 1 \
        --mean=0.1,0.2 --deviation=0.05,0.1 --scale 0.0001 --offset 0 --classes 1,2,3

Lists take `=`, or a leading minus would look like an option. Prints `seconds 12.3 windows 40`: from opening the scene
to the finished map, without the start of Python and the loading of the model.
"""

import argparse
import pathlib
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import onnxruntime
import rasterio
import rasterio.shutil
from rasterio.enums import Resampling
from rasterio.windows import Window

NO_DATA = 255
BATCH_AXIS = "batch"


def export(options):
    """Writes a network as ONNX for windows of one size; how many at once is for a session to fix."""
    import torch
    from peer import export as write
    from peer import load_network

    network = load_network(options.encoder, options.weights)
    example = torch.zeros(1, network.encoder.conv1.in_channels, options.window, options.window)
    write(network, example, options.model, {"input": {0: BATCH_AXIS}, "output": {0: BATCH_AXIS}})


def window_starts(extent, size, overlap):
    """The first pixel of each window of an axis; the last window ends with the axis."""
    last = extent - size
    return [*range(0, last, size - overlap), last]


def window_shares(starts, extent, size):
    """Each window's Hann weights divided by the sum over windows: with shares, adding up is already blending."""
    hann = np.sin(np.pi * (np.arange(size) + 0.5) / size) ** 2
    total = np.zeros(extent)
    for start in starts:
        total[start : start + size] += hann
    return [(hann / total[start : start + size]).astype(np.float32) for start in starts]


class Product:
    """The images of a product as one raster on the grid of the finest, coarser ones interpolated between their pixels."""

    def __init__(self, folder):
        names = sorted(folder.glob("GRANULE/*/IMG_DATA/*.jp2"), key=lambda path: path.stem.replace("B8A", "B08A"))
        self.files = [rasterio.open(name) for name in names]
        finest = max(self.files, key=lambda file: file.width)
        self.width, self.height, self.shape = finest.width, finest.height, finest.shape
        self.crs, self.transform = finest.crs, finest.transform
        self.count, self.dtypes = len(self.files), [file.dtypes[0] for file in self.files]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for file in self.files:
            file.close()

    def read(self, window):
        """Reads a window of the finest grid from all images."""
        values = np.empty((self.count, window.height, window.width), np.uint16)
        for file, band in zip(self.files, values):
            ratio = self.width / file.width
            part = Window(window.col_off / ratio, window.row_off / ratio, window.width / ratio, window.height / ratio)
            file.read(1, window=part, out=band, resampling=Resampling.bilinear)
        return values


def open_scene(path):
    """Opens a raster, or the folder of a product."""
    return Product(path) if path.is_dir() else rasterio.open(path)


def read_strip(scene, row, options):
    """A window's height of the scene at full width, normalised, and which pixels were observed; the others are 0."""
    raw = scene.read(window=Window(0, row, scene.width, options.window))
    observed = raw.any(axis=0)
    strip = np.empty(raw.shape, np.float32)
    for band, (mean, deviation) in enumerate(zip(options.mean, options.deviation)):
        np.multiply(raw[band], np.float32(options.scale / deviation), out=strip[band])
        strip[band] += np.float32((options.offset - mean) / deviation)
    np.copyto(strip, 0, where=~observed)
    return strip, observed


def strips(scene, rows, options):
    """The strips that start at `rows`, each read on a thread of its own while the one before is in use."""
    with ThreadPoolExecutor(max_workers=1) as reader:
        ahead = reader.submit(read_strip, scene, rows[0], options)
        for after in [*rows[1:], None]:
            strip = ahead.result()
            ahead = None if after is None else reader.submit(read_strip, scene, after, options)
            yield strip


def softmax(scores):
    """Probabilities over axis 1, in place."""
    scores -= scores.max(axis=1, keepdims=True)
    np.exp(scores, out=scores)
    scores /= scores.sum(axis=1, keepdims=True)
    return scores


class Mapper:
    """Slides windows over a scene; holds the probabilities of one row of windows, whatever the scene's height."""

    def __init__(self, scene, sessions, options):
        self.scene, self.sessions, self.options = scene, sessions, options
        self.columns = window_starts(scene.width, options.window, options.overlap)
        self.rows = window_starts(scene.height, options.window, options.overlap)
        self.windows_run = 0

    def blocks(self):
        """Yields the first row and the class values of each block of finished rows, from top to bottom."""
        size, height, width = self.options.window, self.scene.height, self.scene.width
        values = np.array(self.options.classes, np.uint8)
        row_shares = window_shares(self.rows, height, size)
        column_shares = window_shares(self.columns, width, size)
        blended = np.zeros((len(values), size, width), np.float32)
        read = strips(self.scene, self.rows, self.options)
        for row, end, row_share, (strip, observed) in zip(self.rows, [*self.rows[1:], height], row_shares, read):
            for index, probabilities in self.probabilities(strip, observed):
                column = self.columns[index]
                probabilities *= np.outer(row_share, column_shares[index])
                blended[:, :, column : column + size] += probabilities
            finished = end - row
            classes = values[blended[:, :finished].argmax(axis=0)]
            classes[~observed[:finished]] = NO_DATA
            yield row, classes
            blended[:, : size - finished] = blended[:, finished:]
            blended[:, size - finished :] = 0

    def probabilities(self, strip, observed):
        """Yields the index and the probabilities of each window of a strip; skips batches with nothing observed."""
        size, batch = self.options.window, self.options.batch
        for first in range(0, len(self.columns), batch):
            columns = self.columns[first : first + batch]
            if not any(observed[:, column : column + size].any() for column in columns):
                continue
            images = np.stack([strip[:, :, column : column + size] for column in columns])
            scores = self.sessions[len(columns)].run(None, {"input": images})[0]
            yield from enumerate(softmax(scores), first)
            self.windows_run += len(columns)


def open_session(model, threads, count):
    """The model for `count` windows at once.

    With the number fixed ONNX Runtime computes the sizes of the upsampling beforehand and keeps its blocked layout
    through the decoder; with the axis open it reorders around every upsampling.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.add_free_dimension_override_by_name(BATCH_AXIS, count)
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def open_sessions(width, options):
    """A session for each number of windows that come at once: the batch, and what is left of a row."""
    columns = len(window_starts(width, options.window, options.overlap))
    counts = {min(options.batch, columns), columns % options.batch} - {0}
    return {count: open_session(options.model, options.threads, count) for count in counts}


def check(scene, session, options):
    """Ends with a sentence where scene, model and options do not belong together."""
    _, bands, *sides = session.get_inputs()[0].shape
    classes = session.get_outputs()[0].shape[1]
    faults = {
        f"{scene.width} x {scene.height} pixels do not fill a window": min(scene.shape) < options.window,
        "the values are not uint16": set(scene.dtypes) != {"uint16"},
        f"the model was exported for windows of {sides}": sides != [options.window] * 2,
        f"the model takes {bands} bands": {scene.count, len(options.mean), len(options.deviation)} != {bands},
        f"the model tells {classes} classes apart": len(options.classes) != classes,
    }
    for fault, found in faults.items():
        if found:
            sys.exit(f"{options.scene}: {fault}")


def write_map(mapper, path, threads):
    """Writes the blocks to a plain tiled file, and that to a COG, which cannot be written piece by piece."""
    scene = mapper.scene
    with tempfile.TemporaryDirectory(dir=path.parent) as directory:
        plain = pathlib.Path(directory, "map.tif")
        with rasterio.open(
            plain, "w", driver="GTiff", width=scene.width, height=scene.height, count=1, dtype="uint8", nodata=NO_DATA,
            crs=scene.crs, transform=scene.transform, tiled=True, blockxsize=512, blockysize=512,
        ) as out:
            for row, classes in mapper.blocks():
                out.write(classes, 1, window=Window(0, row, scene.width, len(classes)))
        # The driver's own resampling for overviews, cubic, would make classes out of the means of others.
        rasterio.shutil.copy(
            plain, path, driver="COG", compress="DEFLATE", overview_resampling="MODE", num_threads=threads
        )


def map_scene(options):
    """Maps a scene and prints how long it took."""
    with open_scene(options.scene) as scene:
        sessions = open_sessions(scene.width, options)
        check(scene, next(iter(sessions.values())), options)
    start = time.perf_counter()
    with open_scene(options.scene) as scene:
        mapper = Mapper(scene, sessions, options)
        write_map(mapper, options.map, options.threads)
    print(f"seconds {time.perf_counter() - start:.6f} windows {mapper.windows_run}")


def list_of(kind):
    """Reads a list with commas."""
    return lambda text: [kind(part) for part in text.split(",")]


def parse(arguments):
    """The command line: `export`, or a scene to map."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    if arguments[:1] == ["export"]:
        parser.add_argument("export")
        parser.add_argument("model", type=pathlib.Path)
        parser.add_argument("--weights", required=True, type=pathlib.Path)
        parser.add_argument("--encoder", required=True, choices=["resnet18", "resnet34", "resnet50"])
        parser.add_argument("--window", type=int, default=512)
        parser.set_defaults(act=export)
        return parser.parse_args(arguments)
    parser.add_argument("scene", type=pathlib.Path)
    parser.add_argument("model", type=pathlib.Path)
    parser.add_argument("map", type=pathlib.Path)
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--window", type=int, default=512)
    parser.add_argument("--overlap", type=int, default=64)
    parser.add_argument("--batch", type=int, default=1, help="windows that the network sees at once")
    parser.add_argument("--mean", type=list_of(float), required=True)
    parser.add_argument("--deviation", type=list_of(float), required=True)
    parser.add_argument("--scale", type=float, default=0.0001)
    parser.add_argument("--offset", type=float, default=0)
    parser.add_argument("--classes", type=list_of(int), required=True)
    parser.set_defaults(act=map_scene)
    options = parser.parse_args(arguments)
    if not 0 <= options.overlap < options.window:
        parser.error(f"an overlap of {options.overlap} leaves nothing of a window of {options.window}")
    if not all(0 <= value < NO_DATA for value in options.classes):
        parser.error(f"classes are 0 to {NO_DATA - 1}: {NO_DATA} stands for no data")
    return options


if __name__ == "__main__":
    options = parse(sys.argv[1:])
    options.act(options)
