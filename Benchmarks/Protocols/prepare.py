#!/usr/bin/env python3
"""Lays out real scenes for the pipelines of this folder: label rasters that follow a protocol's split.

    python prepare.py DATA OUTPUT      # needs numpy and rasterio; DATA holds what README.md lists

flood: the labels of the left half to learn from, those of the right half to score by (0 land, 1 water, 255 unknown).
gewata: the scene's east, which is the target, as a scene of its own.
rsscn7: tables of pictures and classes: five a class of each index block (`block0-five`), all of it, the pictures of the other blocks, five
a class of all blocks with the rest (`random0-five`, `random0-others`), three draws, and 1, 2, 5 and 10 a class of the first block,
three draws, of which each has the pictures of the smaller ones (`block0-draw0-1`).
taizhou: the labels of change in the left half to learn from, in the right half to score by (0 no change, 1 change, 255 unknown).
levir-dsifn: `levir-dsifn.yaml`, which learns from every second pair of both collections and is scored on the others.
clouds: of both patches the labels of 1, 2, 5, 10 and 20 blocks of 64 x 64 pixels in the left half, three draws (`sentinel2-0-5`), and those
of the right half to score by (`sentinel2-right`; 255 unknown).
rcr: red, green and blue of a Sentinel-2 scene with labels as one picture: what an encoder of pictures can be trained on here.
"""

import pathlib
import random
import sys

import numpy as np
import rasterio
import rasterio.windows

CLASSES = ["Field", "Forest", "Grass", "Industry", "Parking", "Resident", "RiverLake"]
COLORS = ["#e49635", "#397d49", "#88b053", "#c4281b", "#7a7a7a", "#b07aa1", "#419bdf"]
UNLABELLED = 255
FIRST_COLUMN_OF_THE_EAST = 500


def write(path, values, grid=None):
    """A raster of bytes, on a grid where there is one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    profile = {"driver": "GTiff", "height": values.shape[1], "width": values.shape[2], "count": values.shape[0],
               "dtype": "uint8", "compress": "deflate"}
    if grid is not None:
        profile |= grid
    with rasterio.open(path, "w", **profile) as raster:
        raster.write(values)


def flood(data, output):
    with rasterio.open(data / "flood-spain/Spain_7370579_LabelHand.tif") as file:
        labels = file.read(1)
        labels = np.where(labels < 0, UNLABELLED, labels).astype("uint8")
        half = labels.shape[1] // 2
        grid = {"crs": file.crs, "transform": file.transform}
        for name, columns in [("left", slice(0, half)), ("right", slice(half, None))]:
            part = np.full_like(labels, UNLABELLED)
            part[:, columns] = labels[:, columns]
            write(output / f"flood/{name}.tif", part[None], grid)


def gewata(data, output):
    with rasterio.open(data / "landcover-gewata/scene_west.tif") as file:
        east = rasterio.windows.Window(FIRST_COLUMN_OF_THE_EAST, 0, file.width - FIRST_COLUMN_OF_THE_EAST, file.height)
        path = output / "gewata/east.tif"
        path.parent.mkdir(parents=True, exist_ok=True)
        profile = file.profile | {"width": east.width, "transform": file.window_transform(east)}
        with rasterio.open(path, "w", **profile) as raster:
            raster.write(file.read(window=east))
            raster.descriptions = file.descriptions


def clouds(data, output):
    side = 64
    for name in ("sentinel2", "landsat7"):
        with rasterio.open(data / f"cloud-cross-sensor/{name}_labels.tif") as file:
            labels = file.read(1)
        grid = {"nodata": UNLABELLED}  # the patches lie nowhere on the map
        half = labels.shape[1] // 2
        right = np.full_like(labels, UNLABELLED)
        right[:, half:] = labels[:, half:]
        write(output / f"clouds/{name}-right.tif", right[None], grid)
        blocks = [(row, column) for row in range(0, labels.shape[0], side) for column in range(0, half, side)]
        for draw in range(3):
            order = random.Random(f"{name} {draw}").sample(blocks, len(blocks))
            for count in (1, 2, 5, 10, 20):
                part = np.full_like(labels, UNLABELLED)
                for row, column in order[:count]:
                    part[row:row + side, column:column + side] = labels[row:row + side, column:column + side]
                write(output / f"clouds/{name}-{draw}-{count}.tif", part[None], grid)


def taizhou(data, output):
    with rasterio.open(data / "change-taizhou/reference.tif") as file:
        reference = file.read(1)
        labels = np.where(reference == 0, UNLABELLED, reference - 1).astype("uint8")
        half = labels.shape[1] // 2
        for name, columns in [("left", slice(0, half)), ("right", slice(half, None))]:
            part = np.full_like(labels, UNLABELLED)
            part[:, columns] = labels[:, columns]
            write(output / f"taizhou/{name}.tif", part[None],
                  {"crs": file.crs, "transform": file.transform, "nodata": UNLABELLED})


def levir_dsifn(data, output):
    halves = [[], []]
    for collection in ("LEVIR", "DSIFN"):
        for index, path in enumerate(sorted((data / "change-levir-dsifn" / collection / "label").glob("*.png"))):
            folder = f"${{vars.data}}/{collection}"
            halves[index % 2].append(f'    - {{before: "{folder}/A/{path.name}", after: "{folder}/B/{path.name}", '
                                     f'labels: "{folder}/label/{path.name}"}}')
    fill("levir-dsifn", output, TARGET=halves[0], TEST=halves[1])


def fill(name, output, **parts):
    """A pipeline file from its template: the lines of each part in the place of its name."""
    text = (pathlib.Path(__file__).parent / f"{name}.template.yaml").read_text()
    for key, lines in parts.items():
        text = text.replace(f"@{key}@", "\n".join(lines))
    (output / f"{name}.yaml").write_text(text)


def rcr(data, output):
    bands = [next((data / "landcover-rcr").glob(f"*, {band}.tiff")) for band in ("B04", "B03", "B02")]
    pictures = []
    for path in bands:
        with rasterio.open(path) as file:
            pictures.append(file.read(1))
            grid = {"crs": file.crs, "transform": file.transform}
    write(output / "rcr.tif", np.stack(pictures), grid)


def rsscn7(data, output):
    """Tables of pictures and classes: five a class of each block, the other blocks, the block itself, and five a class of all."""
    pictures = [(f"{name}/{path.name}", name, path.name.split("-")[0])
                for name in CLASSES for path in sorted((data / "scenes-rsscn7" / name).glob("*.jpg"))]

    def five(name, of):
        draw = random.Random(name)
        return [picture for kind in CLASSES for picture in draw.sample([one for one in of if one[1] == kind], 5)]

    def table(name, rows):
        path = output / f"rsscn7/{name}.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("path,class\n" + "".join(f"{picture},{kind}\n" for picture, kind, _ in rows))

    for block in sorted({block for _, _, block in pictures}):
        own = [picture for picture in pictures if picture[2] == block]
        table(f"{block}-five", five(block, own))
        table(f"{block}-all", own)
        table(f"{block}-others", [picture for picture in pictures if picture[2] != block])
    first = min(block for _, _, block in pictures)
    for draw in range(3):
        orders = [[one for one in pictures if one[1] == kind and one[2] == first] for kind in CLASSES]
        for number, order in enumerate(orders):
            random.Random(f"{first} {draw} {number}").shuffle(order)
        for count in (1, 2, 5, 10):
            table(f"{first}-draw{draw}-{count}", [one for order in orders for one in order[:count]])
    for seed in range(3):
        drawn = five(f"random {seed}", pictures)
        table(f"random{seed}-five", drawn)
        table(f"random{seed}-others", [picture for picture in pictures if picture not in drawn])


if __name__ == "__main__":
    folders = [pathlib.Path(argument) for argument in sys.argv[1:]]
    flood(*folders)
    gewata(*folders)
    clouds(*folders)
    rcr(*folders)
    rsscn7(*folders)
    taizhou(*folders)
    levir_dsifn(*folders)
