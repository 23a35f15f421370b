// swift-tools-version: 6.1
import PackageDescription

let strict: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"), .enableUpcomingFeature("MemberImportVisibility"),
]

/// One reader, driven by libFuzzer: built with `-sanitize=fuzzer,address`, as the Makefile does.
func fuzz(_ name: String) -> Target {
  .executableTarget(name: name, dependencies: ["FuzzTarget"], swiftSettings: strict)
}

let package = Package(
  name: "terrane-fuzzing",
  dependencies: [.package(name: "terrane", path: "..")],
  targets: [
    .target(name: "CLibFuzzer"),
    .target(
      name: "FuzzTarget", dependencies: ["CLibFuzzer", .product(name: "Checkpoints", package: "terrane")],
      swiftSettings: strict),
    .executableTarget(
      name: "FuzzMetadata", dependencies: ["FuzzTarget", .product(name: "Scenes", package: "terrane")],
      swiftSettings: strict),
    fuzz("FuzzSafetensors"), fuzz("FuzzArchive"), fuzz("FuzzLegacy"), fuzz("FuzzONNX"),
  ],
  swiftLanguageModes: [.v6]
)
