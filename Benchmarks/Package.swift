// swift-tools-version: 6.2
import PackageDescription

// A separate package, so that building the product never builds it. What is measured is not a library that others could
// import, so its sources are linked into `Sources/` and built here again, with the product's settings.
let package = Package(
  name: "eventdrop-benchmarks",
  platforms: [.macOS(.v26)],
  targets: [
    .target(name: "ExactJSON"),
    .executableTarget(name: "JSONBenchmarks", dependencies: ["ExactJSON"]),
  ],
  swiftLanguageModes: [.v6]
)

for target in package.targets {
  target.swiftSettings = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
  ]
}
