// swift-tools-version: 6.1
import Foundation
import PackageDescription

// oneDNN is used where version 2 is installed; TERRANE_KERNELS=reference builds without it.
let wantsReferenceKernels =
  ProcessInfo.processInfo.environment["TERRANE_KERNELS"] == "reference"
let oneDNNVersion = ["/usr/local/include", "/usr/include"].lazy.compactMap { directory in
  try? String(contentsOfFile: directory + "/oneapi/dnnl/dnnl_version.h", encoding: .utf8)
}.first
let hasOneDNN = oneDNNVersion?.contains("#define DNNL_VERSION_MAJOR 2") ?? false
let usesOneDNN = !wantsReferenceKernels && hasOneDNN

/// The widest instructions that both this machine and the vector code of Tensors know; oneDNN finds its own when it runs.
let hasAVX2 =
  (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8))?.contains(" avx2 ") ?? false
let vectors: [SwiftSetting] = hasAVX2 ? [.unsafeFlags(["-Xcc", "-march=x86-64-v3"])] : []

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

let oneDNN: [Target.Dependency] = usesOneDNN ? ["COneDNN"] : []
let oneDNNLibrary: [Target] =
  usesOneDNN ? [.systemLibrary(name: "COneDNN", providers: [.apt(["libdnnl-dev"])])] : []

let package = Package(
  name: "terrane",
  products: [
    .executable(name: "terrane", targets: ["terrane"]),
    .executable(name: "generate-sample-data", targets: ["SampleData"]),
    // What Benchmarks/, a package of its own, measures.
    .library(
      name: "Networks",
      targets: ["Transfer", "Chips", "Models", "Checkpoints", "Layers", "Tensors", "Rasters"]),
    // What Fuzzing/, another package of its own, feeds with nonsense.
    .library(name: "Checkpoints", targets: ["Checkpoints", "Tensors"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
  ],
  targets: [
    .systemLibrary(name: "CGDAL", providers: [.apt(["libgdal-dev", "libsqlite3-dev"])]),
    .systemLibrary(name: "COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),
    // What the operating system gives: files, streams, errors.
    module("Host"),
    module("Rasters", ["CGDAL", "Host"], linking: gdal),
    .systemLibrary(name: "CVectorMath"),
    // SHA-256. A Swift package that brings its own takes nine tenths of a first build's steps.
    .systemLibrary(name: "COpenSSL", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
    module(
      "Tensors", ["COpenBLAS", "CVectorMath"] + oneDNN,
      settings: vectors + (usesOneDNN ? [.define("ONEDNN")] : []),
      linking: hasAVX2 ? [.linkedLibrary("mvec")] : []),
    module("Layers", ["Tensors"]),
    module("Checkpoints", ["Host", "Layers", "Tensors"]),
    module("Models", ["Checkpoints", "Layers", "Tensors"]),
    module("Chips", ["Host", "Models", "Checkpoints", "Layers", "Tensors", "Rasters"]),
    module("Transfer", ["Chips", "Models", "Checkpoints", "Layers", "Tensors", "Host"]),
    // Of Tensors: matrices and eigenvalues in Double, loops on several threads.
    module("ChangeDetection", ["Tensors"], settings: vectors),
    module(
      "Pipelines",
      [
        "ChangeDetection", "Transfer", "Chips", "Models", "Checkpoints", "Layers", "Tensors", "Rasters",
        "Host", "COpenSSL", "Yams",
      ]),
    .executableTarget(
      name: "terrane",
      dependencies: [
        "Pipelines", "Transfer", "Chips", "Models", "Checkpoints", "Layers", "Rasters", "Tensors", "Host",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: strict + (hasAVX2 ? [.define("X86_64_V3")] : [])),
    .executableTarget(name: "SampleData", dependencies: ["Rasters", "Host"], swiftSettings: strict),
    .target(
      name: "NumericOracles", dependencies: ["Tensors"], path: "Tests/NumericOracles", swiftSettings: strict),
    tests("Host"),
    tests("Rasters", ["CGDAL", "Host", "NumericOracles"]),
    tests("Tensors", ["NumericOracles"]),
    tests("Layers", ["Checkpoints", "Tensors", "NumericOracles"], golden: true),
    tests("Checkpoints", ["Layers", "Tensors", "NumericOracles"], golden: true),
    tests("Models", ["Checkpoints", "Layers", "Tensors", "NumericOracles"], golden: true),
    tests(
      "Chips", ["Models", "Checkpoints", "Layers", "Tensors", "Rasters", "NumericOracles"], golden: true),
    tests(
      "Transfer",
      ["Chips", "Models", "Checkpoints", "Layers", "Tensors", "Rasters", "NumericOracles"], golden: true),
    tests("ChangeDetection", ["Rasters", "Tensors", "NumericOracles"], golden: true),
    tests(
      "Pipelines",
      [
        "ChangeDetection", "Checkpoints", "Chips", "Host", "Layers", "Models", "Rasters", "Tensors",
        "NumericOracles",
      ]),
    tests("SampleData", ["Rasters"]),
    .testTarget(
      name: "TerraneTests",
      dependencies: [
        "terrane", "Models", "Checkpoints", "Layers", "Rasters", "Tensors", "NumericOracles", "COpenSSL",
      ],
      swiftSettings: strict),
  ] + oneDNNLibrary,
  swiftLanguageModes: [.v6]
)
