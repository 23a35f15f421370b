#!/usr/bin/env python3
"""Fails system calls of terrane one at a time, and kills it at random moments; nothing may come of it but a failed run.

    torture.py TERRANE [--minutes 15] [--seed 1] [--quick] [--keep]

A small run (two scenes of 64 x 64, a pixelwise network) is made once undisturbed. Then, for each system call and error below, the
Nth call fails (strace's injection), for every N that a run reaches; and runs are killed (SIGKILL) at random moments. After each:

1. the run ended with a code other than 0, or its products are those of the undisturbed run;
2. no file has its final name and another content than in the undisturbed run;
3. the next plain run ends with 0 and gives the products of the undisturbed run;
4. `terrane verify` finds nothing.

Needs strace and the right to trace. Prints a line for each kind and ends with 1 where anything did not hold. The order is
drawn from the seed, so that a run that is cut short by --minutes has tried a fair share of every kind.
"""
import argparse, hashlib, os, random, shutil, struct, subprocess, sys, tempfile, time

CALLS = {
    "write": ["ENOSPC", "EIO"], "pwrite64": ["ENOSPC", "EIO"], "fsync": ["ENOSPC", "EIO"], "rename": ["ENOSPC", "EIO"],
    "openat": ["EMFILE", "EIO", "ENOSPC"], "getdents64": ["EIO"], "mkdir": ["ENOSPC", "EIO"], "unlink": ["EIO"],
    "close": ["EIO"], "pread64": ["EIO"], "ftruncate": ["EIO"],
}
KILLS = 200
BANDS = ["B02", "B03", "B04", "B08"]
SIDE = 64

PIPELINE = """name: torture
seed: 7
output: {output}
sensor: sentinel-2-l2a
bands: [{bands}]
classes: [{{value: 1, name: water}}, {{value: 2, name: trees}}, {{value: 3, name: bare}}]
data: {{{data}}}
chips: {{size: 32, stride: 32}}
stages:
{stages}
"""


def tiff(path, planes, bits):
    """Writes bands of whole numbers as a GeoTIFF in UTM 33 N: one uncompressed strip a band."""
    width = height = SIDE
    kind = "<%d%s" % (width * height, "H" if bits == 16 else "B")
    names = "".join('<Item name="DESCRIPTION" sample="%d" role="description">%s</Item>' % (i, n)
                    for i, n in enumerate(BANDS[: len(planes)]))
    metadata = ("<GDALMetadata>%s</GDALMetadata>\0" % (names if len(planes) > 1 else "")).encode()
    count, size = len(planes), width * height * bits // 8
    shorts, longs, doubles = 3, 4, 12
    tags = [
        (256, longs, [width]), (257, longs, [height]), (258, shorts, [bits] * count), (259, shorts, [1]),
        (262, shorts, [1]), (273, longs, None), (277, shorts, [count]), (278, longs, [height]),
        (279, longs, [size] * count), (284, shorts, [2]), (339, shorts, [1] * count),
        (33550, doubles, [10.0, 10.0, 0.0]), (33922, doubles, [0, 0, 0, 500000.0, 5200000.0, 0]),
        (34735, shorts, [1, 1, 0, 3, 1024, 0, 1, 1, 1025, 0, 1, 1, 3072, 0, 1, 32633]), (42112, 2, metadata),
    ]
    if count > 1:
        tags.insert(11, (338, shorts, [0] * (count - 1)))
        tags.sort(key=lambda tag: tag[0])
    codes = {shorts: "H", longs: "I", doubles: "d"}
    start = 8 + 2 + 12 * len(tags) + 4
    extra, entries = b"", []
    data = start + sum(len(v) if t == 2 else (8 if t == doubles else 4) * (len(v) if v else count) for _, t, v in tags) + 64
    for tag, form, values in tags:
        if values is None:
            values = [data + i * size for i in range(count)]
        raw = values if form == 2 else struct.pack("<%d%s" % (len(values), codes[form]), *values)
        place = raw.ljust(4, b"\0") if len(raw) <= 4 else struct.pack("<I", start + len(extra))
        if len(raw) > 4:
            extra += raw + b"\0" * (len(raw) % 2)
        entries.append(struct.pack("<HHI", tag, form, len(values)) + place)
    with open(path, "wb") as file:
        file.write(struct.pack("<2sHI", b"II", 42, 8) + struct.pack("<H", len(tags)) + b"".join(entries) + b"\0" * 4 + extra)
        file.seek(data)
        for plane in planes:
            file.write(struct.pack(kind, *plane))


class Site:
    def __init__(self, terrane, folder):
        self.terrane, self.folder, self.number = terrane, folder, 0
        source = random.Random(7)
        truth = [[source.choice([1, 2, 3]) for _ in range(64)] for _ in range(2)]
        colors = {1: (600, 500, 300, 200), 2: (400, 600, 400, 3000), 3: (1200, 1500, 1900, 2300)}
        os.makedirs(self.path("scenes"))
        for index, blocks in enumerate(truth):
            classes = [blocks[row // 8 * 8 + column // 8] for row in range(SIDE) for column in range(SIDE)]
            planes = [[colors[c][b] + source.randrange(200) for c in classes] for b in range(len(BANDS))]
            tiff(self.path("scenes/t%d.tif" % index), planes, 16)
            if index == 0:
                tiff(self.path("labels.tif"), [classes], 8)
        self.write("model.yaml", "base", "target: [{scene: scenes/t0.tif, labels: labels.tif}]",
                   "  - pretrain-load: {architecture: pixelwise, encoder: mlp}\n"
                   "  - fine-tune: {strategy: full, epochs: 3, validation: 0}")
        self.write("night.yaml", "out", "scenes: scenes",
                   "  - pretrain-load: {architecture: pixelwise, encoder: mlp, weights: base/models/latest/model.safetensors}\n"
                   "  - inference: {window: 64, overlap: 16}\n  - geotiff: {confidence: true}")
        self.need(self.run("model.yaml"))
        self.need(self.run("night.yaml", output="reference"))
        self.reference = self.digests("reference")

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, output, data, stages):
        text = PIPELINE.format(output=output, bands=", ".join(BANDS), data=data, stages=stages)
        with open(self.path(name), "w") as file:
            file.write(text)

    def command(self, pipeline="night.yaml", output=None):
        words = [self.terrane, "run", self.path(pipeline), "--quiet", "--threads", "1"]
        return words + (["--output", self.path(output)] if output else [])

    def run(self, pipeline="night.yaml", output=None, before=()):
        return subprocess.run(list(before) + self.command(pipeline, output), cwd=self.folder, capture_output=True, timeout=120)

    @staticmethod
    def need(done):
        if done.returncode != 0:
            sys.exit("torture: the undisturbed run ended with %d: %s" % (done.returncode, done.stderr.decode()))

    def digests(self, output):
        found = {}
        for part in ["products", "models"]:
            for folder, _, names in os.walk(self.path(output + "/" + part)):
                if ".terrane-tmp-" in folder or os.path.islink(folder):
                    continue
                for name in names:
                    path = os.path.join(folder, name)
                    if ".terrane-tmp-" not in name and not os.path.islink(path):
                        with open(path, "rb") as file:
                            found[os.path.relpath(path, self.path(output))] = hashlib.sha256(file.read()).hexdigest()
        return found

    def fresh(self):
        self.number += 1
        return "out%d" % self.number

    def check(self, output, code, problems):
        """What holds after a disturbed run that ended with `code`."""
        left = self.digests(output)
        if code == 0 and left != self.reference:
            problems.append("exit 0 with other products")
        torn = [name for name, digest in left.items() if self.reference.get(name) != digest]
        if torn and code != 0:
            problems.append("torn: %s" % ", ".join(torn))
        again = self.run(output=output)
        if again.returncode != 0:
            problems.append("the next run ends with %d: %s" % (again.returncode, again.stderr.decode()[:300]))
        elif self.digests(output) != self.reference:
            problems.append("the next run leaves other products")
        else:
            verified = subprocess.run([self.terrane, "verify", self.path(output)], capture_output=True, timeout=120)
            if verified.returncode != 0:
                problems.append("verify: %s" % (verified.stdout + verified.stderr).decode()[:300])
        shutil.rmtree(self.path(output), ignore_errors=True)

    def counted(self, call):
        """How many calls an undisturbed run makes; those that load the program do not count."""
        output, trace = self.fresh(), self.path("count")
        self.need(self.run(output=output, before=["strace", "-f", "-qq", "-e", "trace=" + call, "-o", trace]))
        shutil.rmtree(self.path(output))
        with open(trace, errors="replace") as file:
            lines = [line for line in file if call + "(" in line]
        loading = sum(1 for line in lines if call == "openat" and ".so" in line)
        return len(lines), loading

    def inject(self, call, error, number):
        """Fails the Nth call; None where the run made fewer."""
        output, trace, problems = self.fresh(), self.path("trace"), []
        before = ["strace", "-f", "-y", "-qq", "-e", "trace=" + call, "-o", trace,
                  "-e", "inject=%s:error=%s:when=%d" % (call, error, number)]
        try:
            code = self.run(output=output, before=before).returncode
        except subprocess.TimeoutExpired:
            return ["hangs"]
        with open(trace, errors="replace") as file:
            hit = next((line for line in file if "INJECTED" in line), None)
        if hit is None:
            shutil.rmtree(self.path(output), ignore_errors=True)
            return None
        self.check(output, code, problems)
        return ["%s <- %s" % (problem, hit.strip()[:200]) for problem in problems]

    def kill(self, seconds):
        output, problems = self.fresh(), []
        process = subprocess.Popen(self.command(output=output), cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(seconds)
        process.kill()
        self.check(output, process.wait(), problems)
        return ["%s <- killed after %.3f s" % (problem, seconds) for problem in problems]


def plan(site, arguments):
    """Pairs of a kind and what tries it, in an order drawn from the seed."""
    draw = random.Random(arguments.seed)
    began = time.monotonic()
    output = site.fresh()
    site.need(site.run(output=output))
    shutil.rmtree(site.path(output))
    length = time.monotonic() - began
    tries = []
    for call, errors in CALLS.items():
        calls, loading = site.counted(call)
        for error in errors:
            numbers = range(loading + 1 if call == "openat" else 1, calls + 1)
            chosen = draw.sample(numbers, min(2, len(numbers))) if arguments.quick else numbers
            tries += [("%s %s" % (call, error), lambda c=call, e=error, n=n: site.inject(c, e, n)) for n in chosen]
    for _ in range(4 if arguments.quick else KILLS):
        seconds = draw.uniform(0, length)
        tries.append(("kill", lambda s=seconds: site.kill(s)))
    draw.shuffle(tries)
    return tries


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("terrane")
    parser.add_argument("--minutes", type=float, default=15)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--quick", action="store_true", help="a handful of each")
    parser.add_argument("--keep", action="store_true", help="leave the folder where it all happens")
    arguments = parser.parse_args()
    if shutil.which("strace") is None or subprocess.run(["strace", "-qq", "-o", "/dev/null", "true"], capture_output=True).returncode:
        print("torture: skipped: there is no strace that may trace here (apt-get install strace)")
        return 0
    folder = tempfile.mkdtemp(prefix="terrane-torture-")
    try:
        site = Site(os.path.abspath(arguments.terrane), folder)
        tries = plan(site, arguments)
        end = time.monotonic() + arguments.minutes * 60
        kinds = {kind: [0, 0, 0] for kind, _ in tries}
        for kind, _ in tries:
            kinds[kind][0] += 1
        failures = []
        for kind, attempt in tries:
            if time.monotonic() > end:
                break
            found = attempt()
            if found is None:
                continue
            kinds[kind][1] += 1
            kinds[kind][2] += bool(found)
            for problem in found:
                failures.append("%s: %s" % (kind, problem))
                print("torture: %s: %s" % (kind, problem), flush=True)
        print("%-20s %8s %8s %8s" % ("", "planned", "tried", "failed"))
        for kind, (planned, tried, failed) in sorted(kinds.items()):
            print("%-20s %8d %8d %8d" % (kind, planned, tried, failed))
        print("torture: %d of %d tried, %d did not hold" % (sum(k[1] for k in kinds.values()), len(tries), sum(k[2] for k in kinds.values())))
        return 1 if failures else 0
    finally:
        if not arguments.keep:
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
