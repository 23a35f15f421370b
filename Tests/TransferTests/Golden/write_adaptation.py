"""Writes adaptation.json: terms of domain adaptation and their gradients, by PyTorch's automatic differentiation.

Written with Python 3.11, torch 2.15.0 and numpy 2.4.6; run from this directory: python write_adaptation.py
Everything is computed in float64. Inputs and weights are not stored: both sides make them by the rule of `hashed` (in Swift:
`HashedValues`). Terms are written as their papers define them, without the shortcuts of terrane's: distances by broadcasting, five
kernels one by one, the reversal as an autograd function.
"""

import json

import numpy as np
import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)


def hashed(name, shape, scale=1.0, offset=0.0):
    start = 0xCBF29CE484222325
    for byte in name.encode():
        start = ((start ^ byte) * 0x100000001B3) % 2**64
    bits = np.uint64(start) + np.arange(np.prod(shape), dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    bits ^= bits >> np.uint64(31)
    values = (bits >> np.uint64(40)).astype(np.float64) * 2.0**-23 - 1
    return torch.from_numpy((offset + scale * values).astype(np.float32).astype(np.float64).reshape(shape))


def written(loss, *inputs):
    gradients = torch.autograd.grad(loss, inputs)
    return {"value": loss.item(), "gradients": [g.flatten().tolist() for g in gradients]}


def features(n, m, width):
    source, target = hashed("source", (n, width)), hashed("target", (m, width), 1.5, 0.4)
    return source.requires_grad_(), target.requires_grad_()


def mmd(n, m, width):
    source, target = features(n, m, width)
    rows = torch.cat([source, target])
    squares = ((rows[:, None] - rows[None]) ** 2).sum(2)
    with torch.no_grad():
        a, b = np.triu_indices(n + m, 1)
        median = np.median(squares.numpy()[a, b] ** 0.5)
    kernel = sum(torch.exp(-squares / (2 * median**2 * 2.0**power)) for power in range(-2, 3))
    ss, tt, st = kernel[:n, :n], kernel[n:, n:], kernel[:n, n:]
    loss = (ss.sum() - ss.trace()) / (n * (n - 1)) + (tt.sum() - tt.trace()) / (m * (m - 1)) - 2 * st.mean()
    return {"n": n, "m": m, "width": width, **written(loss, source, target)}


def coral(n, m, width):
    source, target = features(n, m, width)
    loss = ((torch.cov(source.T) - torch.cov(target.T)) ** 2).sum() / (4 * width**2)
    return {"n": n, "m": m, "width": width, **written(loss, source, target)}


class Reversal(torch.autograd.Function):
    @staticmethod
    def forward(ctx, value, strength):
        ctx.strength = strength
        return value.clone()

    @staticmethod
    def backward(ctx, gradient):
        return -ctx.strength * gradient, None


def classifier(width):
    sizes = [(64, width), (64, 64), (1, 64)]
    return [
        (hashed(f"layer{i}.weight", size, 0.3).requires_grad_(), hashed(f"layer{i}.bias", size[:1], 0.1).requires_grad_())
        for i, size in enumerate(sizes)
    ]


def domain_loss(rows, layers, label):
    for index, (weight, bias) in enumerate(layers):
        rows = F.linear(rows if index == 0 else F.relu(rows), weight, bias)
    return F.binary_cross_entropy_with_logits(rows, torch.full_like(rows, label))


def adversary(n, m, width, classes=0, strength=0.7):
    """Gradients of source, target, then of each layer's weight and bias; with classes of CDAN, whose softmax is detached."""
    source, target = features(n, m, width)
    rows = [Reversal.apply(source, strength), Reversal.apply(target, strength)]
    if classes:
        shares = [hashed("source scores", (n, classes), 2).softmax(1), hashed("target scores", (m, classes), 2).softmax(1)]
        rows = [torch.bmm(p.unsqueeze(2), f.unsqueeze(1)).flatten(1) for f, p in zip(rows, shares)]
    layers = classifier(width * max(1, classes))
    loss = 0.5 * domain_loss(rows[0], layers, 0.0) + 0.5 * domain_loss(rows[1], layers, 1.0)
    found = written(loss, source, target, *[p for layer in layers for p in layer])
    # Of the classifier's gradients, which are large, the sum and the sum of squares.
    found["classifier"] = [[sum(g), sum(x * x for x in g)] for g in found["gradients"][2:]]
    found["gradients"] = found["gradients"][:2]
    return {"n": n, "m": m, "width": width, "classes": classes, "strength": strength, **found}


def discriminator(classes):
    names, widths = ["conv1", "conv2", "conv3", "conv4", "classifier"], [classes, 64, 128, 256, 512, 1]
    return [
        (
            hashed(f"{name}.weight", (widths[i + 1], widths[i], 4, 4), 0.05).requires_grad_(),
            hashed(f"{name}.bias", widths[i + 1 : i + 2], 0.1).requires_grad_(),
        )
        for i, name in enumerate(names)
    ]


def output_adversary(n, classes, side):
    scores = [hashed(name, (n, classes, side, side), 2).requires_grad_() for name in ["source scores", "target scores"]]
    layers = discriminator(classes)

    def loss(maps, label):
        for index, (weight, bias) in enumerate(layers):
            maps = F.conv2d(maps if index == 0 else F.leaky_relu(maps, 0.2), weight, bias, stride=2, padding=1)
        return F.binary_cross_entropy_with_logits(maps, torch.full_like(maps, label))

    deception = loss(scores[1].softmax(1), 0.0)
    found = {"deception": deception.item()}
    gradient = torch.autograd.grad(deception, scores[1])[0]
    # The first row of each plane.
    found["gradient"] = gradient[:, :, 0].flatten().tolist()
    detection = 0.5 * loss(scores[0].softmax(1).detach(), 0.0) + 0.5 * loss(scores[1].softmax(1).detach(), 1.0)
    gradients = torch.autograd.grad(detection, [p for layer in layers for p in layer])
    found["detection"] = detection.item()
    found["discriminator"] = [[g.sum().item(), (g * g).sum().item()] for g in gradients]
    return {"n": n, "classes": classes, "side": side, **found}


def entropy(n, classes, height, width, counts, prior):
    """Every fifth pixel holds no data."""
    scores = hashed("target scores", (n, classes, height, width), 3).requires_grad_()
    rows = scores.softmax(1).permute(0, 2, 3, 1).reshape(-1, classes)
    rows = rows[torch.arange(len(rows)) % 5 != 0]
    least = prior * torch.tensor(counts).double() / sum(counts)
    loss = -(rows * rows.log()).sum(1).mean() / np.log(classes) + F.relu(least - rows.mean(0)).sum()
    return {"n": n, "classes": classes, "height": height, "width": width, "counts": counts, "prior": prior,
            **written(loss, scores)}


def rounded(value):
    if isinstance(value, float):
        return float(f"{value:.9g}")
    if isinstance(value, list):
        return [rounded(v) for v in value]
    return {k: rounded(v) for k, v in value.items()} if isinstance(value, dict) else value


golden = {
    "mmd": [mmd(2, 2, 1), mmd(7, 9, 5), mmd(20, 13, 16)],
    "coral": [coral(2, 3, 1), coral(9, 7, 5)],
    "adversary": [adversary(5, 7, 3), adversary(9, 4, 6, classes=3)],
    "outputAdversary": [output_adversary(2, 3, 32), output_adversary(1, 2, 64)],
    "entropy": [entropy(2, 3, 3, 5, [1, 1, 1], 0), entropy(2, 4, 5, 3, [900, 50, 50, 0], 0.9)],
}
with open("adaptation.json", "w") as file:
    json.dump(rounded(golden), file, separators=(",", ":"))
    file.write("\n")
