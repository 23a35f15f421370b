"""Writes scores.json: calibration, boundary IoU, areas from a sample, and Student's quantiles.

Written with Python 3, numpy 2.4.6 and scipy 1.17.1; run from this directory: python write_scores.py
Calibration takes bin after bin by comparing, boundaries class after class by scipy's erosion with a 3 x 3 square. What is
unlabelled, or lies outside the image, is taken for part of every class, so that it makes no boundary.
The first area case is the worked example of Olofsson et al. 2014 (doi:10.1016/j.rse.2014.02.015), section 5; areas are summed
stratum after stratum, without terrane's sums over shares. The other has a class that the map does not hold.
"""

import json
import math

import numpy as np
import scipy
from scipy.ndimage import binary_erosion
from scipy.stats import t as student


def calibration(random, bins, count):
    # All multiples of 1 / 16, so that some lie on the edges between bins.
    confidence = random.integers(4, 17, count) / 16
    right = random.random(count) < confidence**2
    table, error = [], 0.0
    for index in range(bins):
        low, high = index / bins, (index + 1) / bins
        inside = (confidence > low) & (confidence <= high)
        if index == 0:
            inside |= confidence == 0
        number = int(inside.sum())
        row = {"count": number, "confidence": None, "accuracy": None}
        if number:
            row = {"count": number, "confidence": float(confidence[inside].mean()),
                   "accuracy": float(right[inside].mean())}
            error += number / count * abs(row["confidence"] - row["accuracy"])
        table.append(row)
    return {"bins": bins, "confidence": confidence.tolist(), "right": right.tolist(), "table": table,
            "error": error}


def boundary(mask, unknown, distance):
    square = np.ones((3, 3), bool)
    inner = binary_erosion(mask | unknown, square, iterations=distance, border_value=1)
    return mask & ~inner


def boundary_iou(random, height, width, classes, distance, unlabelled):
    rows, columns = np.mgrid[:height, :width]
    seeds = [(random.random() * height, random.random() * width) for _ in range(7)]
    def regions(noise):
        distances = np.stack([np.hypot(rows - y + noise, columns - x) for y, x in seeds])
        return distances.argmin(0) % classes
    reference = regions(0)
    mapped = regions(3 * np.sin(columns / 3))
    unknown = np.zeros((height, width), bool)
    if unlabelled:
        unknown = np.hypot(rows - height / 2, columns - width / 3) < height / 5
        unknown |= random.random((height, width)) < 0.02
    used = distance or max(1, round(0.02 * math.sqrt(height**2 + width**2)))
    scores = []
    for index in range(classes):
        first = boundary((reference == index) & ~unknown, unknown, used)
        second = boundary((mapped == index) & ~unknown, unknown, used)
        union = (first | second).sum()
        scores.append(float((first & second).sum() / union) if union else None)
    present = [score for index, score in enumerate(scores)
               if score is not None]
    reference = np.where(unknown, 255, reference)
    return {"height": height, "width": width, "classes": classes, "distance": distance,
            "reference": reference.ravel().tolist(), "mapped": mapped.ravel().tolist(), "scores": scores,
            "mean": float(np.mean(present))}


def areas(sample, pixels, pixel_area):
    """Rows of `sample` are the mapped classes, as in the paper."""
    sample, pixels = np.array(sample, float), np.array(pixels, float)
    classes = len(pixels)
    total = pixels.sum()
    used = [i for i in range(classes) if pixels[i] > 0]
    drawn = sample.sum(1)
    area, user, producer = [], [], []
    for k in range(classes):
        proportion = sum(pixels[i] / total * sample[i, k] / drawn[i] for i in used)
        error = math.sqrt(sum(
            (pixels[i] / total) ** 2 * (sample[i, k] / drawn[i]) * (1 - sample[i, k] / drawn[i])
            / (drawn[i] - 1) for i in used))
        area.append([proportion * total * pixel_area, error * total * pixel_area])
    for i in range(classes):
        if drawn[i] == 0:
            user.append([None, None])
            continue
        accuracy = sample[i, i] / drawn[i]
        user.append([accuracy, math.sqrt(accuracy * (1 - accuracy) / (drawn[i] - 1))])
    overall = sum(pixels[i] / total * user[i][0] for i in used)
    overall_error = math.sqrt(sum((pixels[i] / total) ** 2 * user[i][1] ** 2 for i in used))
    for j in range(classes):  # equation 7, in pixels
        number = sum(pixels[i] / drawn[i] * sample[i, j] for i in used)
        found = pixels[j] / drawn[j] * sample[j, j] if j in used else 0.0
        accuracy = found / number
        own = 0.0
        if j in used:
            own = (pixels[j] ** 2 * (1 - accuracy) ** 2 * user[j][0] * (1 - user[j][0]) / (drawn[j] - 1))
        others = sum(pixels[i] ** 2 * sample[i, j] / drawn[i] * (1 - sample[i, j] / drawn[i]) / (drawn[i] - 1)
                     for i in used if i != j)
        producer.append([accuracy, math.sqrt((own + accuracy**2 * others) / number**2)])
    counts = sample.T.astype(int).ravel().tolist()
    return {"counts": counts, "pixels": pixels.astype(int).tolist(), "pixelArea": pixel_area, "areas": area,
            "user": user, "producer": producer, "overall": [overall, overall_error]}


def main():
    random = np.random.default_rng(5)
    olofsson = areas(
        [[66, 0, 5, 4], [0, 55, 8, 12], [1, 0, 153, 11], [2, 1, 9, 313]],
        [200_000, 150_000, 3_200_000, 6_450_000], 0.09)
    golden = {
        "numpy": np.__version__, "scipy": scipy.__version__,
        "calibration": [calibration(random, bins, 500) for bins in (15, 8, 1)],
        "boundaries": [
            boundary_iou(random, 61, 83, 3, 4, False), boundary_iou(random, 61, 83, 4, 3, True),
            boundary_iou(random, 90, 57, 3, None, True), boundary_iou(random, 25, 31, 2, 40, False)],
        "areas": [
            olofsson,
            areas([[40, 3, 7], [5, 71, 2], [0, 0, 0]], [90_000, 31_234, 0], 100.0)],
        "student": [
            {"freedom": freedom, "probability": probability,
             "quantile": float(student.ppf(probability, freedom))}
            for freedom in (1, 2, 3, 4, 5, 7, 10, 19, 29, 30, 31, 100, 1000)
            for probability in (0.6, 0.9, 0.95, 0.975, 0.995, 0.9995)],
    }
    with open("scores.json", "w") as file:
        json.dump(golden, file, separators=(",", ":"))
        file.write("\n")
    print([[round(v) for v in (a, 1.96 * s)] for a, s in olofsson["areas"]])
    print(olofsson["user"], olofsson["producer"], olofsson["overall"])
    print([b["mean"] for b in golden["boundaries"]], [c["error"] for c in golden["calibration"]])


main()
