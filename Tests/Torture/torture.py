#!/usr/bin/env python3
"""Fails system calls of terrane one at a time, and kills it at random moments; nothing may come of it but a failed run.

    torture.py TERRANE [--minutes N] [--jobs N] [--seed 1] [--quick] [--keep]

Two small runs (scenes of 64 x 64, a pixelwise network) are made undisturbed: "empty", one scene into an empty output, and
"again", a second scene into an output that holds the first one's products. Then, for each of them and for each system call
and error below, the Nth call fails (strace's injection), for every N that the run reaches (of calls that only read, four for
each file); and it is killed (SIGKILL) at random moments. After each:

1. the run ended with a code other than 0, or its products are those of the undisturbed run;
2. no file has its final name and another content than in the undisturbed run;
3. the next plain run ends with 0 and gives the products of the undisturbed run;
4. `terrane verify` finds nothing.

Needs strace and the right to trace. Prints a line for each kind and ends with 1 where anything did not hold. Kinds take
turns, so that a run that is cut short by --minutes has tried all of them; the order within a kind is drawn from the seed.
"""
import argparse, collections, concurrent.futures, hashlib, itertools, os, random, re, shutil, struct, subprocess, sys, tempfile, time

CALLS = {
    "write": ["ENOSPC", "EIO"], "pwrite64": ["ENOSPC", "EIO"], "fsync": ["EIO", "ENOSPC"], "rename": ["EIO", "ENOSPC"],
    "openat": ["EIO", "EMFILE", "ENOSPC"], "getdents64": ["EIO"], "mkdir": ["ENOSPC", "EIO"], "unlink": ["EIO"], "rmdir": ["EIO"],
    "close": ["EIO"], "pread64": ["EIO"], "read": ["EIO"], "ftruncate": ["EIO"], "symlink": ["ENOSPC"], "lseek": ["EIO"],
    "newfstatat": ["EIO"], "readlink": ["EIO"], "fcntl": ["EIO"], "flock": ["EIO"], "utimensat": ["EIO"],
}
# Calls that change nothing: of each file so many are tried.
READING = {"close", "pread64", "read", "lseek", "newfstatat", "readlink", "fcntl", "getdents64"}
OF_A_FILE = 4
KILLS = 100
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


def file_of(arguments):
    """The file that a traced call is about, without what differs from run to run."""
    path = re.search(r'"([^"]*)"|<([^>]*)>', arguments)
    return re.sub(r"[0-9A-Fa-f]{8,}|\d+", "#", (path[1] or path[2]) if path else "")


class Site:
    SCENES = {"empty": "scenes/t0.tif", "again": "scenes"}

    def __init__(self, terrane, folder):
        self.terrane, self.folder, self.outputs = terrane, folder, itertools.count(1)
        # Without it the program starts itself again, and all that loads it happens twice.
        os.environ["GOMP_SPINCOUNT"] = "4000"
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
        for state, scenes in self.SCENES.items():
            self.write(state + ".yaml", "night", "scenes: " + scenes,
                       "  - pretrain-load: {architecture: pixelwise, encoder: mlp, weights: base/models/latest/model.safetensors}\n"
                       "  - inference: {window: 64, overlap: 16}\n  - geotiff: {confidence: true}")
        self.need(self.run("model"))
        self.reference = {}
        for state in self.SCENES:
            self.need(self.run(state, "undisturbed"))
            self.reference[state] = self.digests("undisturbed")
            if state == "empty":
                shutil.copytree(self.path("undisturbed"), self.path("first"), symlinks=True)

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, output, data, stages):
        text = PIPELINE.format(output=output, bands=", ".join(BANDS), data=data, stages=stages)
        with open(self.path(name), "w") as file:
            file.write(text)

    def command(self, pipeline, output=None):
        words = [self.terrane, "run", self.path(pipeline + ".yaml"), "--quiet", "--threads", "1"]
        return words + (["--output", self.path(output)] if output else [])

    def run(self, pipeline, output=None, before=()):
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

    def fresh(self, state):
        """An output of its own: empty, or with the products of the first scene."""
        output = "out%d" % next(self.outputs)
        if state == "again":
            shutil.copytree(self.path("first"), self.path(output), symlinks=True)
        return output

    def check(self, state, output, code, problems):
        """What holds after a disturbed run that ended with `code`."""
        reference, left = self.reference[state], self.digests(output)
        if code == 0 and left != reference:
            problems.append("exit 0 with other products")
        torn = [name for name, digest in left.items() if reference.get(name) != digest]
        if torn and code != 0:
            problems.append("torn: %s" % ", ".join(torn))
        again = self.run(state, output)
        if again.returncode != 0:
            problems.append("the next run ends with %d: %s" % (again.returncode, again.stderr.decode()[:300]))
        elif self.digests(output) != reference:
            problems.append("the next run leaves other products")
        else:
            verified = subprocess.run([self.terrane, "verify", self.path(output)], capture_output=True, timeout=120)
            if verified.returncode != 0:
                problems.append("verify: %s" % (verified.stdout + verified.stderr).decode()[:300])
        shutil.rmtree(self.path(output), ignore_errors=True)

    def numbers(self, state, draw):
        """Which calls of each kind to fail: all that an undisturbed run makes once the program is loaded, but of those that only read
        a few for each file."""
        output, trace = self.fresh(state), self.path("count-" + state)
        self.need(self.run(state, output, before=["strace", "-f", "-y", "-qq", "-e", "trace=" + ",".join(CALLS), "-o", trace]))
        shutil.rmtree(self.path(output))
        with open(trace, errors="replace") as file:
            calls = [re.match(r"\d+ +(\w+)\((.*)", line) for line in file]
        calls = [(call[1], call[2]) for call in calls if call]
        begin = next(i for i, (_, line) in enumerate(calls) if "/%s.yaml" % state in line)
        loaded = max((i for i in range(begin) if calls[i][0] == "openat" and ".so" in calls[i][1]), default=-1)
        numbers = {}
        for call in CALLS:
            own = [(i > loaded, file_of(line)) for i, (name, line) in enumerate(calls) if name == call]
            chosen = [(number, path) for number, (is_ours, path) in enumerate(own, 1) if is_ours]
            draw.shuffle(chosen)
            seen = collections.Counter()
            numbers[call] = []
            for number, path in chosen:
                seen[path] += 1
                if call not in READING or seen[path] <= OF_A_FILE:
                    numbers[call].append(number)
        return numbers

    def inject(self, state, call, error, number):
        """Fails the Nth call; None where the run made fewer."""
        output, problems = self.fresh(state), []
        trace = self.path(output + ".trace")
        before = ["strace", "-f", "--seccomp-bpf", "-y", "-qq", "-e", "trace=" + call, "-o", trace,
                  "-e", "inject=%s:error=%s:when=%d" % (call, error, number)]
        try:
            code = self.run(state, output, before=before).returncode
        except subprocess.TimeoutExpired:
            return ["hangs: %s number %d" % (call, number)]
        with open(trace, errors="replace") as file:
            hit = next((line for line in file if "INJECTED" in line), None)
        os.remove(trace)
        if hit is None:
            shutil.rmtree(self.path(output), ignore_errors=True)
            return None
        self.check(state, output, code, problems)
        return ["%s <- %s" % (problem, hit.strip()[:200]) for problem in problems]

    def kill(self, state, seconds):
        output, problems = self.fresh(state), []
        process = subprocess.Popen(self.command(state, output), cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(seconds)
        process.kill()
        self.check(state, output, process.wait(), problems)
        return ["%s <- killed after %.3f s" % (problem, seconds) for problem in problems]


def plan(site, arguments):
    """Pairs of a kind and what tries it: kinds take turns, the order within one is drawn from the seed."""
    draw = random.Random(arguments.seed)
    began = time.monotonic()
    output = site.fresh("empty")
    site.need(site.run("empty", output))
    shutil.rmtree(site.path(output))
    length = time.monotonic() - began
    kinds = []
    for state in site.SCENES:
        for call, numbers in site.numbers(state, draw).items():
            for error in CALLS[call]:
                numbers = numbers[:1] if arguments.quick else numbers
                kinds.append([("%s %s %s" % (state, call, error), lambda s=state, c=call, e=error, n=n: site.inject(s, c, e, n))
                              for n in numbers])
        kinds.append([("%s killed" % state, lambda s=state, t=draw.uniform(0, length): site.kill(s, t))
                      for _ in range(2 if arguments.quick else KILLS)])
    return [one for turn in itertools.zip_longest(*kinds) for one in turn if one]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("terrane")
    parser.add_argument("--minutes", type=float, default=60, help="no try begins later")
    parser.add_argument("--jobs", type=int, default=len(os.sched_getaffinity(0)), help="tries at once")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--quick", action="store_true", help="one try of each kind")
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

        def tried(one):
            return (one[0], one[1]()) if time.monotonic() < end else (one[0], None)

        with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
            for kind, found in pool.map(tried, tries):
                if found is not None:
                    kinds[kind][1] += 1
                    kinds[kind][2] += bool(found)
                    for problem in found:
                        print("torture: %s: %s" % (kind, problem), flush=True)
        print("%-26s %8s %8s %8s" % ("", "planned", "tried", "failed"))
        for kind, (planned, tried, failed) in sorted(kinds.items()):
            print("%-26s %8d %8d %8d" % (kind, planned, tried, failed))
        print("torture: %d of %d tried, %d did not hold" % (sum(k[1] for k in kinds.values()), len(tries), sum(k[2] for k in kinds.values())))
        return 1 if any(kind[2] for kind in kinds.values()) else 0
    finally:
        if not arguments.keep:
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
