"""Writes composites.json: drawn stacks of dates with holes, and what numpy makes of them.

Ran with Python 3.11 and numpy 2.4.6:  python composites.py > composites.json

A stack is [dates][bands][pixels] of float32(number) * float32(0.0001), valid where its flag is 1. `median` is numpy's over the
valid dates of each band, as bits of float32, 0x7fc00000 where fewer than `minimum` are valid. `medoid`, `first` and `greenest`
are the place of the date that is taken, -1 where there are too few: the least sum of Euclidean distances to all other valid
dates, of two dates the one that comes first in `order`; the first valid date of `order`; the greatest (band 1 - band 0) /
(band 1 + band 0). Of equal ones the earliest date.
"""
import json
import numpy as np

stacks = []
for seed in range(20):
    draw = np.random.default_rng(seed)
    dates, bands, pixels = int(draw.integers(1, 13)), int(draw.integers(2, 6)), 37
    # Coarse numbers in each third stack, so that dates are equal.
    top = 4 if seed % 3 == 2 else 10000
    numbers = draw.integers(-200 if top > 4 else 0, top, (dates, bands, pixels))
    valid = draw.random((dates, pixels)) < draw.uniform(0.2, 1)
    minimum = int(draw.integers(1, 4)) if seed % 2 else 1
    order = [int(place) for place in draw.permutation(dates)]
    values = numbers.astype(np.float32) * np.float32(0.0001)
    median = np.full((bands, pixels), np.nan, np.float32)
    medoid, first, greenest = ([-1] * pixels for _ in range(3))
    for pixel in range(pixels):
        seen = np.flatnonzero(valid[:, pixel])
        if len(seen) < minimum:
            continue
        stack = values[seen, :, pixel]
        median[:, pixel] = np.median(stack, axis=0)
        wide = stack.astype(np.float64)
        first[pixel] = next(place for place in order if place in seen)
        sums = [sum(np.sqrt(np.sum((one - other) ** 2)) for place, other in enumerate(wide) if place != own)
                for own, one in enumerate(wide)]
        medoid[pixel] = first[pixel] if len(seen) == 2 else int(seen[int(np.argmin(sums))])
        with np.errstate(divide="ignore", invalid="ignore"):
            index = (wide[:, 1] - wide[:, 0]) / (wide[:, 1] + wide[:, 0])
        greenest[pixel] = int(seen[int(np.argmax(np.where(np.isfinite(index), index, -np.inf)))])
    stacks.append({
        "dates": dates, "bands": bands, "pixels": pixels, "minimum": minimum, "order": order,
        "numbers": numbers.ravel().tolist(), "valid": valid.astype(int).ravel().tolist(),
        "counts": valid.sum(axis=0).tolist(),
        "median": [int(bits) for bits in median.view(np.uint32).ravel()],
        "medoid": medoid, "first": first, "greenest": greenest,
    })
print(json.dumps({"stacks": stacks}, separators=(",", ":")))
