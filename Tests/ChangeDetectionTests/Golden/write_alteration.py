"""Writes alteration.json: MAD and IR-MAD of a small pair, by scipy's generalised eigenproblem.

Written with Python 3, numpy 2.4.6 and scipy 1.17.1; run from this directory: python write_alteration.py
Eigenproblem as in Nielsen 2007: S12 S22^-1 S21 a = rho^2 S11 a; weights are 1 minus the chi-square distribution of the sum of the
squared variates over 2 (1 - rho); until no correlation moves by 1e-6. The tolerant statistic adds to each variance the square of
3 (1 - rho) times the smaller of both dates' canonical variates, where these lie on one side of the mean. Bands are whole numbers, a tenth of the pixels changes,
some are not valid at one of the dates.
"""

import json

import numpy as np
from scipy.linalg import eigh
from scipy.stats import chi2

rng = np.random.default_rng(7)
bands, height, width = 6, 45, 55
count = height * width
ground = rng.normal(size=(bands, count))
mixing = [np.eye(bands) + 0.3 * rng.normal(size=(bands, bands)) for _ in range(2)]
noise = rng.normal(size=(2, bands, count)) * np.array([0.2, 0.3, 0.4, 0.5, 0.6, 0.7])[:, None]
before = mixing[0] @ (ground + noise[0]) * 40 + 200
after = mixing[1] @ (ground + noise[1]) * 30 + 150
changed = np.arange(count) % 10 == 3
after[:, changed] += rng.normal(size=(bands, changed.sum())) * 40
before, after = np.round(before), np.round(after)
valid = rng.random(count) > 0.05


def alteration(x, y, most):
    weights = np.ones(x.shape[1])
    last = np.full(len(x), np.inf)
    for iteration in range(1, most + 1):
        total = weights.sum()
        a = x - ((x * weights).sum(1) / total)[:, None]
        b = y - ((y * weights).sum(1) / total)[:, None]
        s11, s22, s12 = (a * weights) @ a.T / total, (b * weights) @ b.T / total, (a * weights) @ b.T / total
        squares, first = eigh(s12 @ np.linalg.solve(s22, s12.T), s11)
        rho = np.sqrt(squares)
        second = np.linalg.solve(s22, s12.T @ first)
        second /= np.sqrt(np.einsum("ij,ik,kj->j", second, s22, second))
        u, v, variance = first.T @ a, second.T @ b, 2 * (1 - rho)[:, None]
        z = ((u - v) ** 2 / variance).sum(0)
        weights = chi2.sf(z, len(x))
        if np.abs(rho - last).max() < 1e-6:
            break
        last = rho
    shared = np.where(u * v > 0, np.minimum(abs(u), abs(v)), 0)
    tolerant = ((u - v) ** 2 / (variance + (3 * variance / 2 * shared) ** 2)).sum(0)
    return {
        "iterations": iteration, "correlations": rho.tolist(), "statistic": [round(v, 4) for v in z.tolist()],
        "tolerant": [round(v, 4) for v in tolerant.tolist()],
    }


pair = before[:, valid], after[:, valid]
with open("alteration.json", "w") as file:
    json.dump(
        {
            "bands": bands, "height": height, "width": width,
            "before": before.astype(int).ravel().tolist(), "after": after.astype(int).ravel().tolist(),
            "valid": valid.tolist(), "plain": alteration(*pair, 1), "reweighted": alteration(*pair, 100),
        },
        file,
    )
