#!/usr/bin/env python3
"""Scores pictures of rsscn7: the class that most pixels of a map have, and beside it a forest on handcrafted features.

    python rsscn7.py PREPARED PRODUCTS     # needs numpy, rasterio and scikit-learn

PREPARED is what prepare.py wrote, PRODUCTS the products of a run of rsscn7.yaml. The forest has mean, deviation and ten
quantiles of each band, a 4 x 4 x 4 histogram of colours, and gradients and local deviation of the brightness at three scales; of 500
trees, learned from the same 35 pictures, over seeds 0 to 2.
"""

import pathlib
import sys

import numpy as np
import rasterio
from rasterio.errors import NotGeoreferencedWarning
from scipy import ndimage
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import accuracy_score, cohen_kappa_score, f1_score
import warnings

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


def pictures(folder):
    for path in sorted(folder.glob("*.tif")):
        with rasterio.open(path) as file:
            yield path.stem, CLASSES.index(path.stem.split("-")[0]) + 1, file.read()


def show(name, truth, found):
    print(f"{name:24} accuracy {accuracy_score(truth, found):.3f}, kappa {cohen_kappa_score(truth, found):.3f}, "
          f"F1 {f1_score(truth, found, average='macro'):.3f}")


if __name__ == "__main__":
    prepared, products = map(pathlib.Path, sys.argv[1:])
    learned = list(pictures(prepared / "rsscn7"))
    scored = list(pictures(prepared / "rsscn7-test"))
    truth = [value for _, value, _ in scored]
    votes = []
    for stem, _, _ in scored:
        with rasterio.open(products / stem / "landcover.tif") as file:
            votes.append(np.bincount(file.read(1).ravel(), minlength=8)[1:8].argmax() + 1)
    show("terrane, most pixels", truth, votes)
    given, asked = [np.array([features(picture) for _, _, picture in group]) for group in (learned, scored)]
    for seed in range(3):
        forest = RandomForestClassifier(500, random_state=seed).fit(given, [value for _, value, _ in learned])
        show(f"forest, seed {seed}", truth, forest.predict(asked))
