#!/usr/bin/env python3
"""Draws a Sentinel-2 L1C product as it is delivered: 13 bands as lossy JPEG 2000 in blocks of 1,024.

    safe.py FOLDER.SAFE --side 10980

The ground is waves and noise, the same for the same side. The files have the agency's names, sizes of pixels and
codec; the images are as large as delivered ones, about 100 MB for a band of 10 m.
"""

import argparse
import pathlib

import numpy as np
import rasterio
from rasterio.transform import from_origin

BANDS = ["B01", "B02", "B03", "B04", "B05", "B06", "B07", "B08", "B8A", "B09", "B10", "B11", "B12"]
METRES = dict(zip(BANDS, [60, 10, 10, 10, 20, 20, 20, 10, 20, 60, 60, 20, 20]))
STEM = "T33TWM_20230614T100031"


def picture(index, side, metres):
    """A band's numbers: fields of some hundred metres, waves, and noise."""
    random = np.random.default_rng(index)
    rows, columns = np.mgrid[0:side, 0:side].astype(np.float32) * np.float32(metres)
    waves = np.sin(rows / 400) * np.cos(columns / (200 + 10 * index))
    fields = random.uniform(0, 900, (side * metres // 400 + 2,) * 2).astype(np.float32)
    places = (np.arange(side) * metres // 400).astype(int)
    numbers = 2600 + 500 * waves + fields[np.ix_(places, places)] + random.normal(0, 40, (side, side))
    return numbers.astype(np.uint16)


def write(folder, side):
    """Writes the product's images and its metadata file."""
    images = folder / "GRANULE" / "L1C_T33TWM" / "IMG_DATA"
    images.mkdir(parents=True)
    for index, band in enumerate(BANDS):
        metres = METRES[band]
        size = side * 10 // metres
        with rasterio.open(
            images / f"{STEM}_{band}.jp2", "w", driver="JP2OpenJPEG", width=size, height=size, count=1, dtype="uint16",
            crs="EPSG:32633", transform=from_origin(500_000, 5_000_000, metres, metres), blockxsize=1024,
            blockysize=1024, quality=40, reversible="NO",
        ) as file:
            file.write(picture(index, size, metres), 1)
    offsets = "".join(f'<RADIO_ADD_OFFSET band_id="{number}">-1000</RADIO_ADD_OFFSET>' for number in range(13))
    (folder / "MTD_MSIL1C.xml").write_text(
        "<x><PROCESSING_BASELINE>05.09</PROCESSING_BASELINE><QUANTIFICATION_VALUE unit=\"none\">10000"
        f"</QUANTIFICATION_VALUE><Radiometric_Offset_List>{offsets}</Radiometric_Offset_List></x>\n"
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--side", type=int, required=True, help="pixels of 10 m; a multiple of six")
    options = parser.parse_args()
    write(options.folder, options.side)
