#!/usr/bin/env python3
"""Scores a forest on the blocks of clouds-few.yaml: six bands, and their mean and deviation in 5 x 5 and 15 x 15 pixels.

    python clouds-few.py DATA PREPARED      # needs numpy, rasterio, scipy and scikit-learn; PREPARED is what prepare.py wrote

Prints Cohen's kappa on the right half for each scene, draw and count of blocks; 300 trees of balanced classes.
"""

import pathlib
import sys
import warnings

import numpy as np
import rasterio
from rasterio.errors import NotGeoreferencedWarning
from scipy.ndimage import uniform_filter
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import cohen_kappa_score

from prepare import UNLABELLED

warnings.simplefilter("ignore", NotGeoreferencedWarning)


def read(path):
    with rasterio.open(path) as raster:
        return raster.read()


def features(bands):
    layers = list(bands)
    for band in bands:
        for side in (5, 15):
            mean = uniform_filter(band, side)
            layers += [mean, np.sqrt(np.maximum(0, uniform_filter(band**2, side) - mean**2))]
    return np.stack(layers, -1)


if __name__ == "__main__":
    data, prepared = map(pathlib.Path, sys.argv[1:3])
    for scene in ("sentinel2", "landsat7"):
        values = features(read(data / f"cloud-cross-sensor/{scene}.tif").astype("float64"))
        truth = read(prepared / f"clouds/{scene}-right.tif")[0]
        scored = truth != UNLABELLED
        for count in (1, 2, 5, 10, 20):
            for draw in range(3):
                labels = read(prepared / f"clouds/{scene}-{draw}-{count}.tif")[0]
                known = labels != UNLABELLED
                forest = RandomForestClassifier(300, class_weight="balanced", n_jobs=2, random_state=draw)
                found = forest.fit(values[known], labels[known]).predict(values[scored])
                print(f"forest {scene} {draw} {count} {cohen_kappa_score(truth[scored], found):.3f}", flush=True)
