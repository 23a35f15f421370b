#!/usr/bin/env python3
"""Holds one network on one engine and does a round of work for each line on stdin.

A worker and not a benchmark: a driver alternates it with other programs, so that all of them meet the same machine.

    peer.py inference --engine torch --encoder resnet18 --weights W.safetensors --input X.safetensors --threads 2
    peer.py inference --engine openvino --architecture resnet50 --weights W.safetensors --input X.safetensors --threads 2
    peer.py training --precision fp32 --encoder resnet18 --weights W.safetensors --input X.safetensors --threads 2
    peer.py adapter --precision fp32 --rank 8 --architecture vit_small_patch16_224 --weights W.safetensors --input X.safetensors --threads 2

Prints `ready {"engine": ..., "version": ..., "precision": ...}`, then answers each line:

    run          seconds 0.123               (training: seconds 0.123 loss 1.234, one step)
    write PATH   written                     (the last scores as `output`, float32)
    quit         ends, as the end of stdin does

The clock covers the work alone: the input lies in memory in the layout that the engine likes best.
"""

import argparse
import json
import os
import pathlib
import sys
import tempfile
import time
from dataclasses import dataclass
from typing import Any, Callable

import segmentation_models_pytorch as smp
import timm
import torch
import torch.nn.functional as F
from safetensors.torch import load_file, save_file

ENCODERS = ["resnet18", "resnet34", "resnet50", "efficientnet-b0", "efficientnet-b4"]
UNLABELLED = 255


@dataclass
class Engine:
    """What runs, and one round of it."""

    name: str
    version: str
    precision: str
    run: Callable[[], tuple[Any, float | None]]  # the scores, and in training the loss


def load_network(encoder, path):
    """SMP's U-Net with the weights of a file that names exactly its parameters; bands and classes are read off them."""
    weights = load_file(path)
    refusal = f"{path}: not the weights of a U-Net over {encoder}"
    first = "encoder.conv1.weight" if encoder.startswith("resnet") else "encoder._conv_stem.weight"
    ends = [weights.get(name) for name in (first, "segmentation_head.0.weight")]
    if any(weight is None or weight.dim() != 4 for weight in ends):
        sys.exit(f"{refusal}: no {first} or no segmentation_head.0.weight")
    network = smp.Unet(encoder, encoder_weights=None, in_channels=ends[0].shape[1], classes=ends[1].shape[0])
    try:
        missing, unexpected = network.load_state_dict(weights, strict=False)
    except RuntimeError as error:  # a shape
        sys.exit(f"{refusal}: {error}")
    missing = [name for name in missing if not name.endswith("num_batches_tracked")]
    if missing or unexpected:
        sys.exit(f"{refusal}: missing {', '.join(missing) or 'none'}; unexpected {', '.join(unexpected) or 'none'}")
    return network.eval()


def load_classifier(architecture, path, bands):
    """timm's network of that name with the weights of a file; the head says how many classes there are."""
    weights = load_file(path)
    network = timm.create_model(architecture, in_chans=bands, num_classes=10)
    missing, unexpected = network.load_state_dict(weights, strict=False)
    missing = [name for name in missing if not name.endswith("num_batches_tracked")]
    if missing or unexpected:
        sys.exit(f"{path}: not the weights of {architecture}: missing {missing}; unexpected {unexpected}")
    return network.eval()


def export(network, example, path, dynamic_axes=None):
    """Writes the network as ONNX for images of the example's size."""
    with torch.inference_mode():
        torch.onnx.export(
            network, (example,), path, opset_version=17, dynamo=False, input_names=["input"],
            output_names=["output"], dynamic_axes=dynamic_axes,
        )


def torch_inference(name, network, images):
    """PyTorch in eager mode."""
    layout = torch.contiguous_format if name == "torch-nchw" else torch.channels_last
    network, images = network.to(memory_format=layout), images.contiguous(memory_format=layout)
    half = name == "torch-bf16"

    def run():
        with torch.inference_mode(), torch.autocast("cpu", dtype=torch.bfloat16, enabled=half):
            return network(images).float(), None

    return Engine(name, torch.__version__, "bf16" if half else "f32", run)


def onnxruntime_inference(name, model, images, threads):
    """ONNX Runtime in float32."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
    # Its threads wait for the next run by spinning, which would take the cores from whoever has the next turn.
    options.add_session_config_entry("session.force_spinning_stop", "1")
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    feed = {"input": images.numpy()}
    return Engine(name, onnxruntime.__version__, "f32", lambda: (session.run(None, feed)[0], None))


def openvino_inference(name, model, images, threads):
    """OpenVINO; the precision is the one that it takes, which is f32 on a CPU without bfloat16 whatever the hint."""
    import openvino

    options = {
        "INFERENCE_PRECISION_HINT": "bf16" if name == "openvino-bf16" else "f32",
        "INFERENCE_NUM_THREADS": threads,
        "PERFORMANCE_HINT": "LATENCY",
    }
    compiled = openvino.Core().compile_model(model, "CPU", options)
    request = compiled.create_infer_request()
    precision = compiled.get_property("INFERENCE_PRECISION_HINT").get_type_name()
    feed = [images.numpy()]

    def run():
        return request.infer(feed, share_inputs=True, share_outputs=True)[0], None

    return Engine(name, openvino.__version__, precision, run)


def inference(options):
    """The engine that the options name, after one round in which it allocates and chooses its kernels."""
    images = load_file(options.input)["input"]
    if options.architecture:
        network = load_classifier(options.architecture, options.weights, images.shape[1])
    else:
        network = load_network(options.encoder, options.weights)
    if options.engine.startswith("torch"):
        engine = torch_inference(options.engine, network, images)
    else:
        make = onnxruntime_inference if options.engine == "onnxruntime" else openvino_inference
        with tempfile.TemporaryDirectory() as directory:
            model = os.path.join(directory, "network.onnx")
            export(network, images, model)
            engine = make(options.engine, model, images, options.threads)
    return engine, engine.run()[0]


def training(options):
    """Training steps; none is taken in advance, because the losses are compared from the first."""
    layout = torch.contiguous_format if options.layout == "contiguous" else torch.channels_last
    network = load_network(options.encoder, options.weights).to(memory_format=layout).train()
    if hasattr(network.encoder, "_drop_connect_rate"):
        network.encoder._drop_connect_rate = 0  # by chance, and the losses are compared
    data = load_file(options.input)
    size = options.batch or len(data["input"])
    if len(data["input"]) % size:
        sys.exit(f"{options.input}: {len(data['input'])} chips are no whole number of batches of {size}")
    batches = [
        (images.contiguous(memory_format=layout), targets.long())
        for images, targets in zip(data["input"].split(size), data["targets"].split(size))
    ]
    # Filters decay; biases and normalisations, which have one axis, do not.
    filters = [parameter for parameter in network.parameters() if parameter.dim() == 4]
    others = [parameter for parameter in network.parameters() if parameter.dim() != 4]
    groups = [{"params": filters, "weight_decay": 0.01}, {"params": others, "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, lr=options.rate)
    step = 0

    def run():
        nonlocal step
        images, targets = batches[step % len(batches)]
        step += 1
        optimizer.zero_grad()
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=options.precision == "bf16"):
            scores = network(images)
        loss = F.cross_entropy(scores.float(), targets, ignore_index=UNLABELLED)
        loss.backward()
        optimizer.step()
        return scores.detach(), loss.item()

    precision = "f32" if options.precision == "fp32" else options.precision
    return Engine("torch training", torch.__version__, precision, run), None


def adapter(options):
    """Steps of peft's low-rank updates of all matrices of a timm transformer, with its head."""
    from peft import LoraConfig, get_peft_model

    data = load_file(options.input)
    images, targets = data["input"], data["targets"].long()
    network = load_classifier(options.architecture, options.weights, images.shape[1])
    config = LoraConfig(
        r=options.rank, lora_alpha=options.rank, target_modules=["qkv", "proj", "fc1", "fc2"],
        exclude_modules=r"patch_embed\..*", modules_to_save=["head"])
    network = get_peft_model(network, config).train()
    learned = [parameter for parameter in network.parameters() if parameter.requires_grad]
    optimizer = torch.optim.AdamW(learned, lr=1e-4, weight_decay=0.01)

    def run():
        optimizer.zero_grad()
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=options.precision == "bf16"):
            scores = network(images)
        loss = F.cross_entropy(scores.float(), targets)
        loss.backward()
        optimizer.step()
        return scores.detach(), loss.item()

    precision = "f32" if options.precision == "fp32" else options.precision
    return Engine("peft in torch", torch.__version__, precision, run), None


def save(scores, path):
    """Writes scores of any engine, layout and precision as `output`."""
    save_file({"output": torch.as_tensor(scores).float().contiguous()}, path)


def serve(engine, scores, answer):
    """Answers stdin line by line; `scores` are those of the warm-up, where there was one."""
    answer(f"ready {json.dumps({'engine': engine.name, 'version': engine.version, 'precision': engine.precision})}")
    for line in iter(sys.stdin.readline, ""):
        command, _, path = line.strip().partition(" ")
        if command == "run":
            start = time.perf_counter()
            scores, loss = engine.run()
            seconds = time.perf_counter() - start
            answer(f"seconds {seconds:.6f}" + ("" if loss is None else f" loss {loss:.9g}"))
        elif command == "write" and path and scores is not None:
            save(scores, path)
            answer("written")
        elif command == "quit":
            return
        else:
            sys.exit(f"'{line.strip()}' is not run, write PATH after a round, or quit")


def parse():
    """The command line."""
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--encoder", choices=ENCODERS)
    shared.add_argument("--architecture")
    shared.add_argument("--weights", required=True, type=pathlib.Path, help="parameters under SMP's names")
    shared.add_argument("--input", required=True, type=pathlib.Path, help="safetensors with `input`, [N, C, H, W]")
    shared.add_argument("--threads", required=True, type=int)
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    modes = parser.add_subparsers(dest="mode", required=True)
    mode = modes.add_parser("inference", parents=[shared])
    engines = ["torch", "torch-nchw", "torch-bf16", "onnxruntime", "openvino", "openvino-bf16"]
    mode.add_argument("--engine", required=True, choices=engines)
    mode.set_defaults(make=inference)
    mode = modes.add_parser("training", parents=[shared], help="the input holds `targets` too, [N, H, W]")
    mode.add_argument("--precision", required=True, choices=["fp32", "bf16"])
    mode.add_argument("--layout", choices=["channels-last", "contiguous"], default="channels-last")
    mode.add_argument("--rate", type=float, default=1e-4)
    mode.add_argument("--batch", type=int, help="chips a step; all of the input by default")
    mode.set_defaults(make=training)
    mode = modes.add_parser("adapter", parents=[shared], help="the input holds `targets` too, [N]")
    mode.add_argument("--precision", required=True, choices=["fp32", "bf16"])
    mode.add_argument("--rank", type=int, required=True)
    mode.set_defaults(make=adapter)
    return parser.parse_args()


def main():
    """Keeps stdout for the answers: whatever a library prints, from C++ too, goes to stderr."""
    options = parse()
    stdout = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    torch.set_num_threads(options.threads)
    torch.set_num_interop_threads(1)
    serve(*options.make(options), lambda line: print(line, file=stdout, flush=True))


if __name__ == "__main__":
    main()
