#!/usr/bin/env python3
"""Writes classification.json: scores of whole images, and the loss of several labels an image, by scikit-learn and PyTorch.

    pip install scikit-learn torch
    python write_classification.py        # from anywhere; rewrites the file beside this one
"""
import json
import os

import numpy as np
import torch
from sklearn.metrics import average_precision_score, cohen_kappa_score, f1_score, top_k_accuracy_score

HERE = os.path.dirname(os.path.abspath(__file__))
random = np.random.default_rng(20261129)


def softmax(scores):
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def single(count, classes, sharpness):
    truth = random.integers(0, classes, count)
    scores = random.normal(size=(count, classes)).astype(np.float32)
    scores[np.arange(count), truth] += sharpness
    probabilities = softmax(scores.astype(np.float64)).astype(np.float32)
    answers = probabilities.argmax(axis=1)
    present = sorted(set(truth) | set(answers))
    return {
        "classes": classes, "truth": truth.tolist(), "probabilities": probabilities.tolist(),
        "accuracy": float((answers == truth).mean()),
        "top": [float(top_k_accuracy_score(truth, probabilities, k=k, labels=range(classes))) for k in range(1, classes)],
        "kappa": float(cohen_kappa_score(truth, answers)),
        "f1": float(f1_score(truth, answers, labels=present, average="macro", zero_division=0)),
    }


def several(count, classes, ties, absent):
    truth = random.random((count, classes)) < 0.35
    if absent:
        truth[:, -1] = False
    probabilities = np.clip(0.3 * random.random((count, classes)) + 0.45 * truth * random.random((count, classes)) + 0.2, 0, 1)
    if ties:
        probabilities = np.round(probabilities, 1)
    probabilities = probabilities.astype(np.float32)
    answers = probabilities >= 0.5
    shown = truth.any(axis=0)
    known = shown | answers.any(axis=0)
    precision = [float(average_precision_score(truth[:, k], probabilities[:, k])) if shown[k] else None for k in range(classes)]
    return {
        "classes": classes, "truth": [[int(k) for k in np.flatnonzero(row)] for row in truth],
        "probabilities": probabilities.tolist(), "average precision": precision,
        "mean average precision": float(np.mean([value for value in precision if value is not None])),
        "macro f1": float(f1_score(truth[:, known], answers[:, known], average="macro", zero_division=0)),
        "micro f1": float(f1_score(truth, answers, average="micro")),
        "exact": float((truth == answers).all(axis=1).mean()),
    }


def loss(count, classes, smoothing):
    scores = torch.tensor(random.normal(scale=2, size=(count, classes)), dtype=torch.float64, requires_grad=True)
    truth = torch.tensor((random.random((count, classes)) < 0.4).astype(np.float64))
    target = truth * (1 - smoothing) + smoothing / 2
    value = torch.nn.BCEWithLogitsLoss()(scores, target)
    value.backward()
    return {
        "smoothing": smoothing, "scores": scores.detach().tolist(),
        "truth": [[int(k) for k in torch.nonzero(row)] for row in truth], "value": value.item(),
        "gradient": scores.grad.tolist(),
    }


golden = {
    "single": [single(200, 5, 1.0), single(37, 3, 0.3), single(60, 9, 2.5)],
    "several": [several(150, 4, False, False), several(80, 3, True, False), several(40, 5, False, True)],
    "loss": [loss(6, 3, 0.0), loss(4, 7, 0.1)],
}
with open(os.path.join(HERE, "classification.json"), "w") as file:
    json.dump(golden, file)
