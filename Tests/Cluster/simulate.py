#!/usr/bin/env python3
"""Simulates a night of tiles on a cluster from measured times, as `terrane run --on slurm` divides it: one element after the other
on the node that is free first.

usage: simulate.py --tiles 50 --tile SECONDS [--training SECONDS] [--shard SECONDS] [--start SECONDS] NODES...

TILE is what mapping and publishing a tile take on one node, TRAINING what comes before, START what an element takes before
it begins to work: waiting for the scheduler, planning. Prints a table of nodes, elements and hours.
"""
import argparse
import heapq
import math


def hours(nodes, tiles, tile, training, shard, start):
    """Hours of a night, and the number of its elements."""
    each = max(1, int(shard // tile))
    elements = [min(each, tiles - first) for first in range(0, tiles, each)]
    free = [start + training] * nodes
    heapq.heapify(free)
    for count in elements:
        heapq.heappush(free, heapq.heappop(free) + start + count * tile)
    return max(free) / 3600, len(elements)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("nodes", nargs="+", type=int)
    for name, default in (("tiles", 50), ("tile", None), ("training", 0.0), ("shard", 1800.0), ("start", 15.0)):
        parser.add_argument(f"--{name}", type=type(default or 0.0), default=default, required=default is None)
    options = vars(parser.parse_args())
    nodes = options.pop("nodes")
    alone, _ = hours(1, **options)
    print("| nodes | elements | hours | times one node |\n|---|---|---|---|")
    for count in nodes:
        taken, elements = hours(count, **options)
        print(f"| {count} | {elements} | {taken:.2f} | {alone / taken:.1f} |")


main()
