"""Writes transferability.json: LEEP, NCE, H-score and LogME of small sets of samples.

Written with Python 3, numpy 2.4.6, scipy 1.17.1 and scikit-learn 1.9.1; run from this directory:
python write_transferability.py
NCE is scikit-learn's mutual information less scipy's entropy; the H-score takes scikit-learn's Ledoit-Wolf covariance, inverted
as it is. LogME searches for the largest density of the targets under their joint normal distribution, F F^T / a + I / b, by
scipy's simplex, and knows neither eigenvectors nor MacKay's iteration.
Features are multiples of 1 / 256, so that Float holds them; probabilities are written as Float32 reads them.
"""

import json

import numpy as np
import scipy
import sklearn
from scipy.linalg import cho_factor, cho_solve
from scipy.optimize import minimize
from scipy.stats import entropy
from sklearn.covariance import ledoit_wolf
from sklearn.metrics import mutual_info_score


def leep(probabilities, labels):
    score = 0.0
    for x, y in zip(probabilities, labels):
        total = 0.0
        for z in range(probabilities.shape[1]):
            mass = probabilities[:, z].sum()
            if mass > 0:
                total += probabilities[labels == y, z].sum() / mass * x[z]
        score += np.log(total)
    return score / len(labels)


def negative_conditional_entropy(probabilities, labels):
    source = probabilities.argmax(1)
    return mutual_info_score(labels, source) - entropy(np.unique(labels, return_counts=True)[1])


def h_score(features, labels):
    covariance, shrinkage = ledoit_wolf(features)
    means = np.stack([features[labels == label].mean(0) for label in labels])
    between = np.cov(means, rowvar=False, bias=True)
    return np.trace(np.linalg.inv(covariance) @ ((1 - shrinkage) * between)), shrinkage


def log_evidence(target, features, a, b):
    covariance = features @ features.T / a + np.eye(len(target)) / b
    factor = cho_factor(covariance, lower=True)
    determinant = 2 * np.log(np.diag(factor[0])).sum()
    return -0.5 * (target @ cho_solve(factor, target) + determinant + len(target) * np.log(2 * np.pi))


def logme(features, labels):
    total = 0.0
    for label in np.unique(labels):
        target = (labels == label).astype(float)
        best = max(
            -minimize(lambda p: -log_evidence(target, features, np.exp(p[0]), np.exp(p[1])), start,
                      method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-12, "maxiter": 4000}).fun
            for start in ([0, 0], [3, 3], [6, 1]))
        total += best / len(target)
    return total / len(np.unique(labels))


def predictions(random, count, source, target, sharpness):
    labels = random.integers(0, target, count)
    scores = sharpness * np.eye(source)[labels % source] + random.normal(size=(count, source))
    probabilities = np.exp(scores) / np.exp(scores).sum(1, keepdims=True)
    probabilities = probabilities.round(4).astype(np.float32)
    if source > 4:
        probabilities[:, 4] = 0  # A source class that is never predicted.
    texts = [float(f"{value:.4f}") for value in probabilities.ravel()]
    values = probabilities.astype(float)
    return {"sourceClasses": source, "labels": labels.tolist(), "probabilities": texts,
            "leep": leep(values, labels), "nce": negative_conditional_entropy(values, labels)}


def features(random, count, width, classes, distance, kind=None):
    labels = random.integers(0, classes, count)
    centers = distance * random.normal(size=(classes, width))
    values = centers[labels] + random.normal(size=(count, width)) * (0.3 + random.random(width))
    values = np.round(values * 256) / 256
    if kind == "dependent":
        values[:, 1] = values[:, 0]
        values[:, 2] = 0.75
    score, shrinkage = h_score(values, labels)
    return {"width": width, "labels": (labels * 3).tolist(), "features": values.ravel().tolist(),
            "shrinkage": shrinkage, "hScore": score, "logME": logme(values, labels)}


def main():
    random = np.random.default_rng(3)
    golden = {
        "numpy": np.__version__, "scipy": scipy.__version__, "scikit-learn": sklearn.__version__,
        "predictions": [predictions(random, 60, 4, 3, 2.0), predictions(random, 80, 6, 5, 1.0),
                        predictions(random, 50, 2, 4, 0.0)],
        "features": [features(random, 90, 6, 3, 1.0), features(random, 45, 60, 4, 0.5),
                     features(random, 70, 9, 3, 0.7, "dependent"), features(random, 80, 12, 2, 0.05)],
    }
    with open("transferability.json", "w") as file:
        json.dump(golden, file, separators=(",", ":"))
        file.write("\n")
    print([(p["leep"], p["nce"]) for p in golden["predictions"]])
    print([(f["hScore"], f["shrinkage"], f["logME"]) for f in golden["features"]])


main()
