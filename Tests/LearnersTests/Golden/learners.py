"""Writes learners.json: softmax regression, discriminant analysis and class means by scikit-learn, and a forest
and what trees score.

scikit-learn 1.9.1, numpy 2.x.  python learners.py
"""
import json
import numpy as np
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.ensemble import ExtraTreesClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import NearestCentroid

random = np.random.default_rng(7)
classes, width, count = 4, 6, 240
centres = random.normal(0, 1.2, (classes, width))
mixing = random.normal(0, 1, (width, width)) * 0.6 + np.eye(width)


def draw(number):
    labels = random.integers(0, classes, number)
    values = centres[labels] + random.normal(0, 1, (number, width)) @ mixing
    return values.astype(np.float32), labels


x, y = draw(count)
probe, probe_y = draw(60)

softmax = LogisticRegression(C=0.7, tol=1e-10, max_iter=10_000).fit(x.astype(np.float64), y)
lda = LinearDiscriminantAnalysis(solver="lsqr", shrinkage="auto").fit(x.astype(np.float64), y)
nearest = NearestCentroid().fit(x.astype(np.float64), y)

large, large_y = draw(4000)
json.dump(
    {
        "classes": classes,
        "width": width,
        "values": [float(v) for v in x.ravel()],
        "labels": y.tolist(),
        "probe": [float(v) for v in probe.ravel()],
        "softmax": softmax.predict_proba(probe.astype(np.float64)).round(9).ravel().tolist(),
        "lda": lda.predict_proba(probe.astype(np.float64)).round(9).ravel().tolist(),
        "nearest": nearest.predict(probe.astype(np.float64)).tolist(),
        "large": [round(float(v), 3) for v in large[:1000].ravel()],
        "largeLabels": large_y[:1000].tolist(),
        "forestLarge": float(
            np.mean(
                [
                    RandomForestClassifier(50, random_state=seed).fit(x, y).score(large[:1000].round(3), large_y[:1000])
                    for seed in range(10)
                ]
            )
        ),
        "extraTreesLarge": float(
            np.mean(
                [
                    ExtraTreesClassifier(50, random_state=seed).fit(x, y).score(large[:1000].round(3), large_y[:1000])
                    for seed in range(10)
                ]
            )
        ),
    },
    open("learners.json", "w"),
)
