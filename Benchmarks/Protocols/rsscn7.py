#!/usr/bin/env python3
"""Scores a forest on handcrafted features of the pictures of rsscn7, beside which rsscn7.yaml stands.

    python rsscn7.py DATA PREPARED LEARNED SCORED     # needs numpy, rasterio, scipy and scikit-learn

PREPARED is what prepare.py wrote, LEARNED and SCORED are tables of it (`block0-five block0-others`). The forest has mean, deviation and
ten quantiles of each band, a 4 x 4 x 4 histogram of colours, and gradients and local deviation of the brightness at three scales; 500
trees, over seeds 0 to 2.
"""

import csv
import pathlib
import sys
import warnings

import numpy as np
import rasterio
from rasterio.errors import NotGeoreferencedWarning
from scipy import ndimage
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import accuracy_score, cohen_kappa_score, f1_score

from prepare import CLASSES

warnings.simplefilter("ignore", NotGeoreferencedWarning)


def features(picture):
    bands = picture.astype("float64") / 255
    values = [bands.mean((1, 2)), bands.std((1, 2))]
    values += [np.quantile(band, np.linspace(0.05, 0.95, 10)) for band in bands]
    histogram, _ = np.histogramdd(bands.reshape(3, -1).T, bins=(4, 4, 4), range=[(0, 1)] * 3)
    values.append(histogram.ravel() / histogram.sum())
    brightness = bands.mean(0)
    for scale in (1, 2, 4):
        slope = ndimage.gaussian_gradient_magnitude(brightness, scale)
        local = np.sqrt(np.maximum(0, ndimage.uniform_filter(brightness**2, 4 * scale + 1)
                                   - ndimage.uniform_filter(brightness, 4 * scale + 1) ** 2))
        values += [np.quantile(slope, [0.1, 0.5, 0.9]), np.quantile(local, [0.1, 0.5, 0.9])]
    return np.concatenate(values)


def pictures(data, table):
    with open(table) as file:
        for row in csv.DictReader(file):
            with rasterio.open(data / "scenes-rsscn7" / row["path"]) as picture:
                yield features(picture.read()), CLASSES.index(row["class"]) + 1


def show(name, truth, found):
    print(f"{name:24} accuracy {accuracy_score(truth, found):.3f}, kappa {cohen_kappa_score(truth, found):.3f}, "
          f"F1 {f1_score(truth, found, average='macro'):.3f}")


if __name__ == "__main__":
    data, prepared = map(pathlib.Path, sys.argv[1:3])
    (given, known), (asked, truth) = [
        map(np.array, zip(*pictures(data, prepared / f"rsscn7/{table}.csv"))) for table in sys.argv[3:5]]
    for seed in range(3):
        forest = RandomForestClassifier(500, random_state=seed).fit(given, known)
        show(f"forest, seed {seed}", truth, forest.predict(asked))
