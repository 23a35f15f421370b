// swift-tools-version: 6.1
import PackageDescription

let package = Package(
  name: "terrane-benchmarks",
  dependencies: [.package(name: "terrane", path: "..")],
  targets: [
    .executableTarget(
      name: "TerraneBenchmarks", dependencies: [.product(name: "Networks", package: "terrane")],
      swiftSettings: [
        .enableUpcomingFeature("ExistentialAny"), .enableUpcomingFeature("MemberImportVisibility"),
      ])
  ],
  swiftLanguageModes: [.v6]
)
