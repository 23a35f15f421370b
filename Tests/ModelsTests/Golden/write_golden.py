#!/usr/bin/env python3
"""Writes the reference values of the model tests with PyTorch and segmentation_models_pytorch.

Written with Python 3.11, torch 2.15.0, torchvision 0.29.2, segmentation-models-pytorch 0.6.0, safetensors 0.8.0, numpy 2.4.6:

    python write_golden.py        # from anywhere; rewrites the files beside this one

Everything is computed in float64, so that the files hold the values that the definitions have; float32 PyTorch's own
distance from them is printed. Weights and chips are not stored: both sides make them by the rule of `hashed` (in Swift:
`HashedValues`). Big outputs are stored at every `stride`-th element.
"""

import pathlib

import numpy as np
import segmentation_models_pytorch as smp
import torch
import torch.nn.functional as F
from safetensors.numpy import save_file

HERE = pathlib.Path(__file__).parent
GOLDEN_RATIO = np.uint64(0x9E3779B97F4A7C15)


def hash_bits(name, count):
    """The SplitMix64 finaliser of FNV-1a(name) + index x golden ratio."""
    start = 0xCBF29CE484222325
    for byte in name.encode():
        start = ((start ^ byte) * 0x100000001B3) % 2**64
    bits = np.uint64(start) + np.arange(count, dtype=np.uint64) * GOLDEN_RATIO
    bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return bits ^ (bits >> np.uint64(31))


def hashed(name, shape, scale=1.0, offset=0.0):
    """offset + scale x uniform in [-1, 1), rounded to float32."""
    upper = (hash_bits(name, int(np.prod(shape))) >> np.uint64(40)).astype(np.float64)
    return (offset + scale * (upper * 2.0**-23 - 1)).astype(np.float32).reshape(shape)


def weight(path, shape):
    """The rule for one parameter, by its path and shape: Kaiming's bound for filters, linear maps that keep the variance,
    normalisations off their usual start; gates that do not saturate, or rounding would switch whole channels."""
    name = path.split(".")[-1]
    if name.endswith(("running_mean", "bias")):
        return hashed(path, shape, 0.2)
    if name.endswith("running_var"):
        return hashed(path, shape, 0.4, 1.0)
    if name.endswith("logit_scale"):
        return hashed(path, shape, 0.5, 2.3)
    if name.endswith(("gamma", "layer_scale")):
        return hashed(path, shape, 0.1, 0.3)
    if name.endswith(("token", "pos_embed", "pos_embedding", "bias_table")):
        return hashed(path, shape, 0.5)
    if len(shape) < 2:
        return hashed(path, shape, 0.3, 1.0)
    if ".se." in path or "_se_" in path or (".block." in path and ".fc" in path):
        return hashed(path, shape, 0.3 / np.sqrt(np.prod(shape[1:])))
    return hashed(path, shape, np.sqrt((3 if len(shape) == 2 else 6) / np.prod(shape[1:])))


def network(encoder, bands, classes):
    """SMP's Unet with the weights of the rule, in float64."""
    model = smp.Unet(encoder, encoder_weights=None, in_channels=bands, classes=classes)
    state = {
        name: torch.from_numpy(weight(name, tuple(value.shape))) if value.dtype == torch.float32 else value
        for name, value in model.state_dict().items()
    }
    model.load_state_dict(state, strict=True)
    return model.double()


def targets(name, shape, classes):
    """Class indices, and 255 (no label) for a share of 1 in classes + 1."""
    drawn = (hash_bits(name, int(np.prod(shape))) >> np.uint64(40)).astype(np.int64) % (classes + 1)
    return torch.from_numpy(np.where(drawn == classes, 255, drawn).reshape(shape))


def sampled(values, limit=2048):
    """Every stride-th value, the stride odd so that no row or block is favoured."""
    flat = values.detach().double().numpy().reshape(-1)
    stride = max(1, flat.size // limit) | 1
    return flat[::stride].astype(np.float32), stride


FORWARD = [
    ("resnet18", 6, (1, 64, 64)),
    ("resnet18", 13, (2, 64, 64)),
    ("resnet34", 13, (1, 64, 64)),
    ("resnet34", 6, (1, 33, 47)),
    ("resnet18", 6, (1, 225, 301)),
    ("resnet34", 13, (1, 225, 301)),
    ("resnet50", 13, (1, 64, 96)),
]


def write_forward():
    """Scores of networks in inference."""
    tensors = {}
    for encoder, bands, (batch, height, width) in FORWARD:
        name = f"{encoder}.{bands}.{batch}x{height}x{width}"
        model = network(encoder, bands, 5).eval()
        chips = torch.from_numpy(hashed("chips." + name, (batch, bands, height, width), 2.0))
        with torch.no_grad():
            scores = model(chips.double())
            single = model.float()(chips).double()
        distance = ((single - scores).abs().max() / scores.abs().max()).item()
        print(f"forward {name}: largest score {scores.abs().max():.3f}, float32 PyTorch {distance:.1e}")
        tensors[name], _ = sampled(scores)
    save_file(tensors, HERE / "forward.safetensors")


CLASSES = 4
CLASS_WEIGHTS = [1.0, 0.5, 2.0, 1.5]


def segmentation_loss(scores, labels):
    """Weighted cross-entropy plus soft Dice over the classes present; unlabelled pixels count nowhere."""
    entropy = F.cross_entropy(scores, labels, scores.new_tensor(CLASS_WEIGHTS), ignore_index=255)
    labelled = (labels != 255).unsqueeze(1)
    probabilities = scores.softmax(1) * labelled
    truth = F.one_hot(labels.where(labels != 255, 0), CLASSES).permute(0, 3, 1, 2) * labelled
    overlap, mass = (probabilities * truth).sum((0, 2, 3)), (probabilities + truth).sum((0, 2, 3))
    dice = 1 - (2 * overlap + 1) / (mass + 1)
    return entropy + dice[truth.sum((0, 2, 3)) > 0].mean()


def optimizer(kind, model):
    """Decay for filters only, as terrane has it.

    The rates are small because training amplifies rounding: at 1e-2 (SGD) or 1e-3 (AdamW, whose first steps are the
    signs of gradients, however small) float32 PyTorch itself ends 1e-3 and 2e-1 of a weight's scale from float64.
    """
    filters = [p for p in model.parameters() if p.ndim == 4]
    others = [p for p in model.parameters() if p.ndim == 1]
    groups = [{"params": filters, "weight_decay": 0.01}, {"params": others, "weight_decay": 0.0}]
    if kind == "sgd":
        return torch.optim.SGD(groups, lr=1e-3, momentum=0.9)
    return torch.optim.AdamW(groups, lr=1e-5)


def train(kind, double):
    """Losses of five steps, and the network after them."""
    model = network("resnet18", 6, CLASSES)
    model = (model if double else model.float()).train()
    descent = optimizer(kind, model)
    losses = []
    for step in range(5):
        chips = torch.from_numpy(hashed(f"training.{step}", (4, 6, 64, 64), 2.0))
        labels = targets(f"labels.{step}", (4, 64, 64), CLASSES)
        loss = segmentation_loss(model(chips.double() if double else chips), labels)
        descent.zero_grad()
        loss.backward()
        descent.step()
        losses.append(loss.item())
    return np.array(losses), model


def write_training():
    """Losses and a sample of every parameter and running statistic after training."""
    for kind in ["sgd", "adamw"]:
        losses, model = train(kind, double=True)
        single_losses, single = train(kind, double=False)
        tensors = {"losses": losses.astype(np.float32)}
        distances = []
        for (name, value), other in zip(model.state_dict().items(), single.state_dict().values()):
            if name.endswith("num_batches_tracked"):
                continue
            tensors[name], _ = sampled(value, 160)
            sample, _ = sampled(other, 160)
            scale, difference = np.abs(tensors[name]).max(), np.abs(sample - tensors[name])
            distances.append((difference.max() / scale, np.sqrt((difference**2).mean()) / scale))
        largest, spread = np.max(distances, axis=0)
        print(f"{kind}: losses {losses}; float32 PyTorch: losses {np.abs(single_losses - losses).max():.1e}, "
              f"weights at most {largest:.1e}, root mean square {spread:.1e}")
        save_file(tensors, HERE / f"training-{kind}.safetensors")


if __name__ == "__main__":
    torch.manual_seed(0)
    write_forward()
    write_training()
