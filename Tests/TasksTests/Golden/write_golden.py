"""Writes confusion.json: scores of four confusion matrices as scikit-learn has them.

Written with Python 3, numpy 2.4.6 and scikit-learn 1.9.1; run from this directory: python write_golden.py
The cases: random agreement of 5 classes, a class that the map never names, a class that the reference does not hold, and
one of both kinds together with a class that neither holds. Means are over the labels of either side.
"""

import json

import numpy as np
import sklearn
from sklearn.metrics import (
    cohen_kappa_score, confusion_matrix, f1_score, jaccard_score, precision_recall_fscore_support)


def case(reference, mapped, classes):
    labels = list(range(classes))
    matrix = confusion_matrix(reference, mapped, labels=labels)
    precision, recall, f1, support = precision_recall_fscore_support(
        reference, mapped, labels=labels, zero_division=np.nan)
    iou = jaccard_score(reference, mapped, labels=labels, average=None, zero_division=0)
    present = np.union1d(reference, mapped)
    number = lambda values: [None if np.isnan(value) else float(value) for value in values]
    return {
        "reference": [int(value) for value in reference],
        "mapped": [int(value) for value in mapped],
        "classes": classes,
        "counts": matrix.ravel().tolist(),
        "overallAccuracy": float(np.trace(matrix) / matrix.sum()),
        "kappa": float(cohen_kappa_score(reference, mapped, labels=labels)),
        "weightedKappa": float(cohen_kappa_score(reference, mapped, labels=labels, weights="quadratic")),
        "precision": number(precision),
        "recall": number(recall),
        "f1": number(f1),
        "iou": number(iou),
        "support": support.tolist(),
        "meanIoU": float(jaccard_score(reference, mapped, labels=present, average="macro")),
        "meanF1": float(f1_score(reference, mapped, labels=present, average="macro")),
    }


def main():
    random = np.random.default_rng(11)
    reference = random.integers(0, 5, 200)
    mapped = np.where(random.random(200) < 0.6, reference, random.integers(0, 5, 200))
    unnamed = np.where(mapped == 3, 1, mapped)
    absent = np.where(reference == 2, 0, reference)
    cases = [case(reference, mapped, 5), case(reference, unnamed, 5), case(absent, mapped, 5),
             case(absent, unnamed, 6)]
    with open("confusion.json", "w") as file:
        json.dump({"scikit-learn": sklearn.__version__, "cases": cases}, file, separators=(",", ":"))
        file.write("\n")


main()
