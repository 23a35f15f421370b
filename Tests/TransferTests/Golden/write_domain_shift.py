"""Writes domain-shift.json: distances between small samples of features, PCA, and scores for choosing a model.

Written with Python 3, numpy 2.4.6, scipy 1.17.1, scikit-learn 1.9.1 and torch 2.15.0; run from this directory:
python write_domain_shift.py
The MMD sums scikit-learn's rbf_kernel over pairs, with the median of scipy's pdist; CORAL takes numpy's covariances; the domain
classifier is scikit-learn's LogisticRegression (C = 1, balanced) under cross-validation by a predefined split of the chips; the
neighbourhood density is written with torch as its definition says.
Features are multiples of 1 / 256, so that Float holds them.
"""

import json

import numpy as np
import scipy
import sklearn
import torch
from scipy.spatial.distance import pdist
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.metrics.pairwise import rbf_kernel
from sklearn.model_selection import PredefinedSplit, cross_val_predict


def squared_mmd(a, b):
    scale = np.median(pdist(np.vstack([a, b]), "sqeuclidean"))
    total = 0.0
    for power in range(-2, 3):
        gamma = 1 / (2 * scale * 2.0**power)
        aa, bb, ab = rbf_kernel(a, a, gamma), rbf_kernel(b, b, gamma), rbf_kernel(a, b, gamma)
        n, m = len(a), len(b)
        total += (aa.sum() - np.trace(aa)) / (n * (n - 1)) + (bb.sum() - np.trace(bb)) / (m * (m - 1)) - 2 * ab.mean()
    return total / 5


def coral(a, b):
    difference = np.cov(a, rowvar=False) - np.cov(b, rowvar=False)
    return (difference**2).sum() / (4 * a.shape[1] ** 2)


def domain_accuracy(a, b, chips_a, chips_b):
    ranks = [np.unique(chips, return_inverse=True)[1] for chips in (chips_a, chips_b)]
    folds = min(5, *(rank.max() + 1 for rank in ranks))
    x, y = np.vstack([a, b]), np.repeat([0, 1], [len(a), len(b)])
    split = PredefinedSplit(np.concatenate(ranks) % folds)
    model = LogisticRegression(C=1.0, class_weight="balanced", tol=1e-12, max_iter=10000)
    found = cross_val_predict(model, x, y, cv=split)
    return np.mean([(found[y == domain] == domain).mean() for domain in (0, 1)])


def standardized(a, b):
    both = np.vstack([a, b])
    return (a - both.mean(0)) / both.std(0), (b - both.mean(0)) / both.std(0)


def soft_neighbourhood_density(probabilities, temperature=0.05):
    features = torch.nn.functional.normalize(torch.tensor(probabilities, dtype=torch.float64), dim=1)
    similarity = features @ features.T / temperature
    similarity.fill_diagonal_(-torch.inf)
    shares = similarity.softmax(1)
    return torch.special.entr(shares).sum(1).mean().item()


def domains(random, n, m, width, shift, scale):
    mixing = random.normal(size=(width, width)) / np.sqrt(width)
    a = random.normal(size=(n, width)) @ mixing
    b = scale * random.normal(size=(m, width)) @ mixing + shift
    a, b = np.round(a * 256) / 256, np.round(b * 256) / 256
    chips_a, chips_b = np.sort(random.integers(0, 11, n)) * 3, np.sort(random.integers(0, 7, m)) + 2
    sa, sb = standardized(a, b)
    pca = PCA(2).fit(np.vstack([a, b]))
    return {"width": width, "source": a.ravel().tolist(), "target": b.ravel().tolist(),
            "sourceChips": chips_a.tolist(), "targetChips": chips_b.tolist(),
            "squaredMMD": squared_mmd(a, b), "coral": coral(a, b), "accuracy": domain_accuracy(a, b, chips_a, chips_b),
            "standardizedCoral": coral(sa, sb), "standardizedMMD": squared_mmd(sa, sb),
            "standardizedAccuracy": domain_accuracy(sa, sb, chips_a, chips_b),
            "pcaShares": pca.explained_variance_ratio_.tolist(), "pcaSource": pca.transform(a)[:4].ravel().tolist()}


def predictions(random, count, classes, sharpness):
    scores = sharpness * random.normal(size=(count, classes))
    probabilities = (np.exp(scores) / np.exp(scores).sum(1, keepdims=True)).astype(np.float32)
    values = probabilities.astype(float)
    entropy = scipy.stats.entropy(values, axis=1).mean() / np.log(classes)
    return {"classes": classes, "probabilities": [float(f"{v:.9g}") for v in probabilities.ravel()],
            "entropy": entropy, "density": soft_neighbourhood_density(values)}


def main():
    random = np.random.default_rng(5)
    golden = {
        "numpy": np.__version__, "scipy": scipy.__version__, "scikit-learn": sklearn.__version__,
        "torch": torch.__version__,
        "domains": [domains(random, 60, 45, 4, 0.6, 1.0), domains(random, 40, 40, 9, 0.0, 1.0),
                    domains(random, 30, 55, 3, 3.0, 0.5), domains(random, 50, 30, 6, 0.2, 2.0)],
        "predictions": [predictions(random, 40, 3, 2.0), predictions(random, 25, 6, 0.5),
                        predictions(random, 30, 2, 6.0)],
    }
    with open("domain-shift.json", "w") as file:
        json.dump(golden, file, separators=(",", ":"))
        file.write("\n")
    for domain in golden["domains"]:
        print({key: domain[key] for key in ("squaredMMD", "coral", "accuracy", "standardizedAccuracy", "pcaShares")})
    print([(p["entropy"], p["density"]) for p in golden["predictions"]])


main()
