#!/usr/bin/env python3
"""Runs a night of small scenes on a Slurm cluster of two nodes on this machine, while processes, a node and the controller are
killed, and holds the products against those of one process.

usage: cluster.py TERRANE [--scenes 200] [--keep DIRECTORY]

Needs root, Debian's slurm-wlm and munge, and gdal_translate. Everything lies in a directory of its own, which goes at the end.
"""
import argparse
import collections
import hashlib
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
PIPELINE = """\
name: night
seed: 3
sensor: sentinel-2-l2a
bands: [B02, B03, B04, B08, B11, B12]
classes:
  - {value: 1, name: water, color: "#419bdf"}
  - {value: 2, name: trees, color: "#397d49"}
  - {value: 3, name: cropland, color: "#e49635"}
  - {value: 4, name: built-up, color: "#c4281b"}
  - {value: 5, name: bare, color: "#a59b8f"}
  - {value: 6, name: wetland, color: "#7a87c6"}
data:
  target: [{scene: ROOT/sample-data/region-b/optical/s2_2023-09-02.tif, labels: ROOT/sample-data/region-b/few-labels.geojson, field: class}]
  test: [{scene: ROOT/sample-data/region-b/optical/s2_2023-09-02.tif, labels: ROOT/sample-data/region-b/truth_2023.tif}]
  scenes: incoming
chips: {size: 32, stride: 32}
stages:
  - pretrain-load: {architecture: unet, encoder: resnet18}
  - fine-tune: {strategy: full, epochs: 2, batch: 8, validation: 0, ensemble: 2}
  - evaluate: {split: held-out, seeds: 2}
  - inference: {window: 64, overlap: 16}
  - geotiff: {}
slurm: {cpus: 1, time: 10min, shard: 20s}
"""


def digests(directory):
    return {
        str(path.relative_to(directory)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(directory.rglob("*")) if path.is_file()
    }


class Cluster:
    """The daemons, and what is killed of them."""

    def __init__(self, directory):
        self.directory = directory
        os.environ["SLURM_CONF"] = str(directory / "slurm.conf")

    def do(self, *words):
        # The daemons outlive the script that starts them; their output goes to files.
        subprocess.run(["bash", HERE / "slurm.sh", words[0], self.directory, *words[1:]], check=True, stdin=subprocess.DEVNULL)

    def kill(self, name):
        os.kill(int((self.directory / f"{name}.pid").read_text()), signal.SIGKILL)


def workers(output):
    """Process ids of elements that are at work below an output directory."""
    found = []
    for entry in pathlib.Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                words = (entry / "cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            if b"work" in words[:2] and str(output).encode() in b" ".join(words):
                found.append(int(entry.name))
    return found


def harm(cluster, run, restart, output, seed):
    """Kills elements, a node, the controller and the coordinator while the run is going on."""
    dice = random.Random(seed)
    done = collections.Counter()
    began = time.time()
    events = [(15, "elements"), (25, "controller"), (40, "elements"), (50, "node"), (75, "coordinator"), (90, "elements")]
    for moment, what in events:
        while time.time() - began < moment and run.poll() is None:
            time.sleep(0.2)
        if run.poll() is not None:
            break
        if what == "elements":
            found = workers(output)
            for process in dice.sample(found, min(2, len(found))):
                os.kill(process, signal.SIGKILL)
                done[what] += 1
        elif what == "controller":
            cluster.kill("controller")
            time.sleep(8)
            cluster.do("controller")
            done[what] += 1
        elif what == "node":
            cluster.kill("n1")
            time.sleep(3)
            cluster.do("node", "n1")
            done[what] += 1
        else:
            run.kill()
            run.wait()
            run = restart()
            done[what] += 1
        print(f"{time.time() - began:4.0f} s: killed {what}", flush=True)
    return run, done


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("terrane")
    parser.add_argument("--scenes", type=int, default=200)
    parser.add_argument("--keep", type=pathlib.Path)
    options = parser.parse_args()
    terrane = pathlib.Path(options.terrane).resolve()
    work = options.keep or pathlib.Path(tempfile.mkdtemp(prefix="terrane-cluster-"))
    shutil.rmtree(work, ignore_errors=True)
    (work / "incoming").mkdir(parents=True)
    (work / "night.yaml").write_text(PIPELINE.replace("ROOT", str(ROOT)))
    sources = sorted((ROOT / "sample-data/region-b/optical").glob("*.tif"))
    dice = random.Random(1)
    for index in range(options.scenes):
        source = sources[index % len(sources)]
        window = [str(dice.randrange(0, 200)), str(dice.randrange(0, 200)), "96", "80"]
        subprocess.run(
            ["gdal_translate", "-q", "-srcwin", *window, source, work / f"incoming/s2_{index:03}_{source.stem[3:]}.tif"], check=True)
    environment = {"HOME": str(work), "PATH": os.environ["PATH"]}

    began = time.time()
    subprocess.run([terrane, "run", "--quiet", "--threads", "1", "--output", work / "alone", work / "night.yaml"], check=True, env=environment)
    print(f"one process on one thread: {time.time() - began:.0f} s", flush=True)

    cluster = Cluster(work / "slurm")
    cluster.do("start")
    environment["SLURM_CONF"] = os.environ["SLURM_CONF"]
    log = open(work / "coordinator.log", "w")

    def start():
        return subprocess.Popen(
            [terrane, "run", "--on", "slurm", "--wait", "--output", work / "cluster", work / "night.yaml"],
            env=environment, stdout=log, stderr=log, stdin=subprocess.DEVNULL)

    failures = []
    try:
        began = time.time()
        run, harmed = harm(cluster, start(), start, work / "cluster", seed=2)
        code = run.wait(timeout=1500)
        print(f"the cluster of two nodes: {time.time() - began:.0f} s, harmed {dict(harmed)}, exit code {code}", flush=True)
        if code != 0:
            failures.append(f"the run ended with {code}")
        again = subprocess.run(
            [terrane, "run", "--on", "slurm", "--wait", "--quiet", "--output", work / "cluster", work / "night.yaml"], env=environment)
        if again.returncode != 0:
            failures.append(f"a second run ended with {again.returncode}")
        detached = subprocess.run(
            [terrane, "run", "--on", "slurm", "--output", work / "cluster", work / "night.yaml"], env=environment)
        if detached.returncode != 0:
            failures.append(f"a detached run ended with {detached.returncode}")
        records = len(list((work / "cluster/runs").glob("2*/SHA256SUMS")))
        for _ in range(120):
            if len(list((work / "cluster/runs").glob("2*/SHA256SUMS"))) > records:
                break
            time.sleep(0.5)
        else:
            failures.append("the detached run left no record")
        if not list((work / "cluster/cache/slurm").glob("coordinator-*.log")):
            failures.append("the detached run left no log")
    finally:
        cluster.do("stop")

    ours, theirs = digests(work / "cluster/products"), digests(work / "alone/products")
    different = sorted(name for name in ours.keys() | theirs.keys() if ours.get(name) != theirs.get(name))
    print(f"products: {len(ours)} files, {len(different)} different")
    if different or len(theirs) < 2 * options.scenes:
        failures.append(f"products differ: {different[:5]}")
    done = collections.Counter()
    for file in (work / "cluster/cache/slurm").rglob("*.log"):
        for line in file.read_text(errors="replace").splitlines():
            job, _, word = line.partition("\t")
            if word == "done" and "-parts-" not in file.name:
                done[job] += 1
    twice = sorted(job for job, count in done.items() if count > 1)
    print(f"jobs: {len(done)} done by elements, {len(twice)} of them twice")
    if twice:
        failures.append(f"done twice: {twice[:5]}")
    if failures:
        sys.exit("\n".join(failures) + f"\neverything is in {work}")
    if not options.keep:
        shutil.rmtree(work)


main()
