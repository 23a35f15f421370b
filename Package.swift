// swift-tools-version: 6.1
import Foundation
import PackageDescription

let environment = ProcessInfo.processInfo.environment

// oneDNN is used where version 2 or 3 is installed; TERRANE_ONEDNN names another place than the system's, and
// TERRANE_KERNELS=reference builds without it. The Makefile gives the compiler the place.
let wantsReferenceKernels = environment["TERRANE_KERNELS"] == "reference"
let includes = [environment["TERRANE_ONEDNN"].map { $0 + "/include" }, "/usr/local/include", "/usr/include"]
let oneDNNVersion = includes.lazy.compactMap { directory in
  directory.flatMap { try? String(contentsOfFile: $0 + "/oneapi/dnnl/dnnl_version.h", encoding: .utf8) }
}.first
let hasOneDNN = ["2", "3"].contains { oneDNNVersion?.contains("#define DNNL_VERSION_MAJOR \($0)") ?? false }
let usesOneDNN = !wantsReferenceKernels && hasOneDNN

/// TERRANE_VECTORS=none builds as a machine without AVX2 does, ARM's for one.
let wantsVectors = environment["TERRANE_VECTORS"] != "none"

/// The widest instructions that both this machine and the vector code of Tensors know; oneDNN finds its own when it runs.
let hasAVX2 =
  wantsVectors
  && ((try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8))?.contains(" avx2 ") ?? false)
let vectors: [SwiftSetting] = hasAVX2 ? [.unsafeFlags(["-Xcc", "-march=x86-64-v3"])] : []

/// Small functions of the arithmetic are inlined across its modules, as they were within one.
let inlinedAcross: [SwiftSetting] = [
  .unsafeFlags(["-cross-module-optimization"], .when(configuration: .release))
]

let strict: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

/// A module of terrane; every one is held to the same language settings.
func module(
  _ name: String, _ dependencies: [Target.Dependency] = [], settings: [SwiftSetting] = [],
  linking: [LinkerSetting] = []
) -> Target {
  .target(
    name: name, dependencies: dependencies, swiftSettings: strict + settings, linkerSettings: linking)
}

/// A worked extension of terrane, built and tested as its modules are.
func example(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .target(name: name, dependencies: dependencies, path: "Examples/\(name)", swiftSettings: strict)
}

/// The tests of one module; `Golden` holds reference values and the scripts that wrote them.
func tests(_ module: String, _ dependencies: [Target.Dependency] = [], golden: Bool = false) -> Target {
  .testTarget(
    name: "\(module)Tests",
    dependencies: [.byName(name: module)] + dependencies,
    resources: golden ? [.copy("Golden")] : [],
    swiftSettings: strict)
}

/// GDAL is loaded by `GDALLibrary` (see its shim), and SQLite with it, which GDAL itself is linked with. The
/// linker must have seen it all the same, or it would make the addresses of its functions 0 for good; as it
/// is needed by weak functions only, the program does not ask for it when it starts.
let gdal: [LinkerSetting] = [
  .unsafeFlags(["--as-needed", "-lgdal", "-lsqlite3", "--no-as-needed"].flatMap { ["-Xlinker", $0] })
]

/// TERRANE_RUNTIME=static links Swift's runtime and Foundation into the command, which then runs where there
/// is no toolchain; tests cannot be linked so. Modules are compiled alike either way, for the shared
/// libraries, so the static ones are named here. They need each other, and the linker is to look through all
/// of them again.
let runtimeLibraries = [
  "Foundation", "FoundationInternationalization", "FoundationEssentials", "_FoundationICU",
  "_FoundationCShims", "_FoundationCollections", "CoreFoundation", "swiftSynchronization",
]
let runtime: [LinkerSetting] =
  environment["TERRANE_RUNTIME"] == "static"
  ? [
    .unsafeFlags(
      ["-static-stdlib"]
        + (["--start-group"] + runtimeLibraries.map { "-l\($0)" } + ["--end-group", "-lstdc++"])
        .flatMap { ["-Xlinker", $0] })
  ] : []

let vectorMath: [LinkerSetting] = hasAVX2 ? [.linkedLibrary("mvec")] : []

let oneDNN: [Target.Dependency] = usesOneDNN ? ["COneDNN"] : []
let oneDNNIsThere: [SwiftSetting] = usesOneDNN ? [.define("ONEDNN")] : []
/// A oneDNN in another place is named by its file: pkg-config's folders of other libraries come first.
let oneDNNLinked: [LinkerSetting] =
  !usesOneDNN
  ? []
  : [
    environment["TERRANE_ONEDNN"].map { .unsafeFlags(["\($0)/lib/libdnnl.so"]) } ?? .linkedLibrary("dnnl")
  ]
let oneDNNLibrary: [Target] =
  usesOneDNN ? [.systemLibrary(name: "COneDNN", providers: [.apt(["libdnnl-dev"])])] : []

let package = Package(
  name: "terrane",
  products: [
    .executable(name: "terrane", targets: ["terrane"]),
    .executable(name: "generate-sample-data", targets: ["SampleData"]),
    // What Fuzzing/, a package of its own, feeds with nonsense.
    .library(name: "Checkpoints", targets: ["Checkpoints", "Tensors"]),
    .library(name: "Scenes", targets: ["Scenes"]),
  ],
  dependencies: [
    // Exact: products promise the same bytes, and a build of tomorrow is to be the build of today.
    .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
    .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
  ],
  targets: [
    .systemLibrary(name: "CGDAL", providers: [.apt(["libgdal-dev", "libsqlite3-dev"])]),
    .systemLibrary(name: "COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),
    // What the operating system gives: files, streams, errors.
    module("Host", ["CLandlock"]),
    .systemLibrary(name: "CLandlock"),
    // Zip and tar files, of which nothing is trusted: libarchive.
    .systemLibrary(name: "CArchive", pkgConfig: "libarchive", providers: [.apt(["libarchive-dev"])]),
    module("Archives", ["CArchive", "Host"]),
    .systemLibrary(name: "CVectorMath"),
    // The classes that networks tell apart, and their indices.
    module("Classes", settings: inlinedAcross),
    // Parallel loops, random numbers, matrices.
    module(
      "Numerics", ["COpenBLAS"] + oneDNN, settings: vectors + inlinedAcross + oneDNNIsThere,
      linking: oneDNNLinked),
    // Tensors, the operations of networks and their derivatives, recorded graphs; kernels as protocols only.
    module("Tensors", ["Numerics", "CVectorMath"], settings: vectors + inlinedAcross, linking: vectorMath),
    // The kernel sets of this machine.
    module(
      "CPUKernels", ["Tensors", "Numerics", "COpenBLAS", "CVectorMath"] + oneDNN,
      settings: vectors + inlinedAcross + oneDNNIsThere, linking: vectorMath),
    module("Layers", ["Tensors", "Numerics", "Classes"]),
    module("Checkpoints", ["Layers", "Tensors", "Numerics", "Classes", "Host"]),
    // Classical learners on features: trees, linear maps, support vectors; files of others.
    module("Learners", ["Checkpoints", "Numerics", "COpenBLAS", "Host"], settings: vectors),
    module("Models", ["Learners", "Checkpoints", "Layers", "Tensors", "Numerics"]),
    // GDAL: files, grids, labels, writers.
    module("Rasters", ["CGDAL", "Numerics", "Classes", "Host"], linking: gdal),
    // Sensors and their radiometry, and scenes as they are found and read.
    module("Scenes", ["Rasters", "Archives", "Numerics", "Host"]),
    // Radar images in the geometry in which they were taken, brought onto the map.
    module("Radar", ["Rasters", "Numerics", "Host"], settings: vectors),
    module("Chips", ["Scenes", "Rasters", "Checkpoints", "Tensors", "Numerics", "Classes", "Host"]),
    // What a model is asked: its objective, its scores, how answers become a map.
    module(
      "Tasks",
      [
        "Products", "Runs", "Settings", "Chips", "Rasters", "Models", "Checkpoints", "Layers", "Tensors",
        "Numerics", "Classes",
      ]),
    // A model's slide over a scene of any size.
    module("Mapping", ["Tasks", "Chips", "Scenes", "Rasters", "Tensors", "Numerics", "Host"]),
    module(
      "Transfer",
      [
        "Tasks", "Chips", "Scenes", "Models", "Learners", "Checkpoints", "Layers", "Tensors", "Numerics",
        "Classes", "Host",
      ]),
    // The arithmetic of change, on planes of numbers.
    module("ChangeDetection", ["Numerics", "Classes"], settings: vectors),
    // YAML settings: read, described, checked.
    module("Settings", ["Numerics", "Host", "Yams"]),
    // SHA-256. A Swift package that brings its own takes nine tenths of a first build's steps.
    .systemLibrary(name: "COpenSSL", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
    // Tasks and their keys, the ledger, publication, the record of a run.
    module("Runs", ["Settings", "Numerics", "Host", "COpenSSL"]),
    // Jobs on a Slurm cluster.
    module("Slurm", ["Runs", "Settings", "Host"]),
    // What is delivered: COGs, styles, pictures, items.
    module("Products", ["Runs", "Settings", "Scenes", "Rasters", "Host"]),
    // Pages for people over what runs have made.
    module("Reports", ["Products", "Runs", "Settings", "Rasters", "Numerics", "Host"]),
    // Pairs of scenes on one grid, compared.
    module(
      "SceneChanges",
      ["ChangeDetection", "Products", "Runs", "Settings", "Scenes", "Rasters", "Numerics", "Classes", "Host"]),
    // Dates of one ground, put together pixel by pixel.
    module(
      "Composites", ["Products", "Runs", "Settings", "Scenes", "Rasters", "Numerics"], settings: vectors),
    // The pipeline file and its stages.
    module(
      "Pipelines",
      [
        "Composites", "SceneChanges", "ChangeDetection", "Products", "Slurm", "Runs", "Settings", "Mapping",
        "Transfer", "Tasks", "Chips", "Scenes", "Radar", "Rasters", "Models", "Learners",
        "Checkpoints", "Layers", "CPUKernels", "Tensors", "Numerics", "Classes", "Host",
      ]),
    // When a pipeline is run: cron's expressions, crontabs, units of systemd.
    module("Scheduling", ["Runs", "Host"]),
    // A pipeline file, made from a scene and its labels.
    module("Drafting", ["Products", "Runs", "Chips", "Scenes", "Rasters", "Classes", "Host"]),
    .executableTarget(
      name: "terrane",
      dependencies: [
        "Drafting", "Scheduling",
        "Pipelines", "Slurm", "Reports", "Products", "Runs", "Settings", "Mapping", "Transfer", "Chips",
        "Models",
        "Checkpoints", "Layers", "Scenes", "Rasters", "Archives", "CPUKernels", "Tensors", "Numerics",
        "Classes",
        "Host",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: strict + (hasAVX2 ? [.define("X86_64_V3")] : []), linkerSettings: runtime),
    // The plan of the house, held against the sources: `make plan`.
    .executableTarget(name: "SourcePlan", swiftSettings: strict),
    .executableTarget(name: "SampleData", dependencies: ["Rasters", "Host"], swiftSettings: strict),
    // `make bench`
    .executableTarget(
      name: "TerraneBenchmarks",
      dependencies: [
        "Models", "Checkpoints", "Layers", "Scenes", "Rasters", "CPUKernels", "Tensors", "Numerics",
        "Classes",
      ], path: "Benchmarks/Sources", swiftSettings: strict),
    .target(
      name: "NumericOracles", dependencies: ["Numerics", "Tensors"], path: "Tests/NumericOracles",
      swiftSettings: strict),
    .target(
      name: "TestRasters", dependencies: ["CGDAL", "Checkpoints", "Classes", "Rasters", "Scenes"],
      path: "Tests/TestRasters",
      swiftSettings: strict),
    tests("Host"),
    .target(
      name: "TestArchives", dependencies: ["CArchive"], path: "Tests/TestArchives", swiftSettings: strict),
    tests("Archives", ["CArchive", "Host", "TestArchives"]),
    tests("Classes"),
    tests("Numerics"),
    tests("Tensors", ["NumericOracles"]),
    tests("CPUKernels", ["Tensors", "Numerics", "NumericOracles"]),
    tests("Rasters", ["Products", "CGDAL", "Classes", "Host", "Scenes", "NumericOracles", "TestRasters"]),
    tests("Radar", ["Numerics", "Rasters", "TestRasters"]),
    tests(
      "Scenes", ["CGDAL", "Classes", "Host", "Rasters", "NumericOracles", "TestArchives", "TestRasters"]),
    tests(
      "Products", ["CGDAL", "Host", "Runs", "Scenes", "Settings", "Rasters", "NumericOracles", "TestRasters"]),
    tests("Reports", ["Products", "Runs", "Settings", "Rasters", "Host", "TestRasters"]),
    tests("SceneChanges", ["ChangeDetection", "Numerics"]),
    tests("Layers", ["Checkpoints", "Classes", "CPUKernels", "Tensors", "NumericOracles"], golden: true),
    tests("Checkpoints", ["Classes", "CPUKernels", "Layers", "Tensors", "NumericOracles"], golden: true),
    tests("Learners", ["Checkpoints", "Numerics", "NumericOracles"], golden: true),
    tests(
      "Models", ["Learners", "Checkpoints", "Classes", "CPUKernels", "Layers", "Tensors", "NumericOracles"],
      golden: true),
    tests(
      "Chips",
      [
        "Models", "Checkpoints", "CPUKernels", "Tensors", "Scenes", "Rasters", "Classes",
        "NumericOracles", "TestRasters",
      ], golden: true),
    tests(
      "Tasks",
      [
        "Transfer",
        "Chips", "Models", "Checkpoints", "CPUKernels", "Layers", "Tensors", "Rasters", "Runs", "Settings",
        "Classes", "NumericOracles",
      ], golden: true),
    tests(
      "Mapping",
      [
        "Tasks", "Chips", "Models", "Checkpoints", "CPUKernels", "Layers", "Tensors", "Scenes", "Rasters",
        "Classes", "NumericOracles", "TestRasters",
      ]),
    tests(
      "Transfer",
      [
        "Tasks", "Chips", "Models", "Checkpoints", "CPUKernels", "Layers", "Tensors", "Scenes", "Rasters",
        "Classes", "NumericOracles",
      ], golden: true),
    tests("ChangeDetection", ["Rasters", "Numerics", "NumericOracles"], golden: true),
    tests("Composites", ["NumericOracles", "Scenes", "Rasters", "TestRasters"], golden: true),
    tests("Settings", ["NumericOracles", "Host"]),
    tests(
      "Pipelines",
      [
        "SceneChanges", "ChangeDetection", "Products", "Slurm", "Runs", "Settings", "Tasks", "Chips",
        "Scenes",
        "Rasters", "Models", "Checkpoints", "CPUKernels", "Layers", "Tensors", "Transfer", "Host",
        "Classes", "NumericOracles", "TestRasters",
      ]),
    tests("Scheduling", ["Runs", "Host"]),
    tests("Drafting", ["Products", "Rasters", "Runs"]),
    tests("SampleData", ["Classes", "Rasters", "Scenes"]),
    // How terrane is extended, for those who do it for the first time; no product ships them.
    example("AddAStage", ["Pipelines", "Products", "Rasters", "Runs", "Scenes", "Settings", "Host"]),
    example("AddAnEncoder", ["Models", "Layers", "Tensors"]),
    .testTarget(
      name: "ExamplesTests",
      dependencies: [
        "AddAStage", "AddAnEncoder", "Pipelines", "Products", "Rasters", "Runs", "Scenes", "Settings",
        "Models", "CPUKernels", "Layers", "Tensors", "NumericOracles", "TestRasters",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "TerraneTests",
      dependencies: [
        "terrane", "Models", "Checkpoints", "CPUKernels", "Layers", "Scenes", "Rasters", "Tensors",
        "NumericOracles", "COpenSSL", "TestArchives",
      ],
      swiftSettings: strict),
  ] + oneDNNLibrary,
  swiftLanguageModes: [.v6]
)

// TERRANE_TESTS names the modules whose tests are built, where not all are.
if let wanted = environment["TERRANE_TESTS"]?.split(separator: " ").map({ "\($0)Tests" }) {
  package.targets.removeAll { $0.type == .test && !wanted.contains($0.name) }
}
