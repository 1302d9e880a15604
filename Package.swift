// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "eventdrop",
  platforms: [.macOS(.v26)],
  products: [.executable(name: "eventdrop", targets: ["eventdrop"])],
  // There is no lock file. Each range ends at a tested version, so that a build takes that one, today and later;
  // `make newer` lists newer ones.
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", "1.6.0"..."1.8.2"),
    .package(url: "https://github.com/apple/swift-collections", "1.2.0"..."1.6.0"),
    .package(url: "https://github.com/apple/swift-log", "1.6.0"..."1.14.0"),
    .package(url: "https://github.com/apple/swift-metrics", "2.7.0"..."2.10.1"),
    .package(url: "https://github.com/apple/swift-system", "1.5.0"..."1.8.1"),
    .package(url: "https://github.com/hummingbird-project/hummingbird", "2.26.0"..."2.28.0", traits: []),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", "2.8.0"..."2.11.0"),
  ],
  // In the order in which an event passes through them: a target may import those above it, never one below.
  targets: [
    .systemLibrary(name: "CLibYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
    .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
    .systemLibrary(name: "CLibCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(name: "CLibCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
    .target(name: "CShims"),
    .target(name: "CLibPQ"),
    .target(name: "Concurrency", dependencies: ["CShims"]),
    .target(name: "Digests", dependencies: ["CLibCrypto"]),
    .target(name: "DurableFiles", dependencies: ["CShims", "Concurrency", "Digests", .system]),
    .target(name: "Gzip", dependencies: ["CZlib"]),
    .target(name: "ExactJSON"),
    .target(name: "Time", dependencies: ["Concurrency"]),
    .target(name: "Events", dependencies: ["Digests", "ExactJSON", "Time"]),
    .target(
      name: "Catalog",
      dependencies: ["CSQLite", "CShims", "Digests", "DurableFiles", "ExactJSON", "Time", "Events", .system]),
    .target(
      name: "Failures", dependencies: ["DurableFiles", "ExactJSON", "Time", "Events", "Catalog", .logging, .system]),
    .target(
      name: "EventStore",
      dependencies: [
        "Concurrency", "DurableFiles", "ExactJSON", "Time", "Events", "Catalog", "Failures", .deque, .logging, .system,
      ]),
    .target(
      name: "Maintenance",
      dependencies: [
        "Concurrency", "DurableFiles", "ExactJSON", "Time", "Events", "Catalog", "EventStore", .system,
      ]),
    .target(
      name: "Fleet",
      dependencies: ["CLibPQ", "Concurrency", "Digests", "Time", "Events", "Catalog", "EventStore"]),
    .target(
      name: "Intake",
      dependencies: [
        "CZlib", "CShims", "Concurrency", "Digests", "DurableFiles", "ExactJSON", "Time", "Events", "Catalog",
        "Failures", "EventStore", .logging, .metrics, .system,
      ]),
    .target(
      name: "Forwarding",
      dependencies: [
        "CLibCurl", "Gzip", "Concurrency", "Digests", "ExactJSON", "Time", "Events", "Catalog", "Failures",
        "EventStore", .logging, .metrics,
      ]),
    .target(
      name: "Settings",
      dependencies: [
        "CLibYAML", "CShims", "DurableFiles", "ExactJSON", "Time", "Events", "Catalog", "Failures", "EventStore",
        "Intake",
        "Forwarding", .logging, .system,
      ]),
    .target(
      name: "Operations",
      dependencies: [
        "Gzip", "Concurrency", "Digests", "DurableFiles", "ExactJSON", "Time", "Settings", "Events", "Catalog",
        "Failures", "EventStore", "Maintenance", "Forwarding", .hummingbird, .lifecycle, .logging, .metrics, .system,
      ],
      resources: [.embedInCode("Admin/Page")]),
    .target(
      name: "Daemon",
      dependencies: [
        "CShims", "Concurrency", "DurableFiles", "Time", "Settings", "Events", "Catalog", "Failures", "EventStore",
        "Maintenance", "Fleet", "Intake", "Forwarding", "ExactJSON", "Operations", .lifecycle, .logging, .system,
      ]),
    .executableTarget(
      name: "eventdrop",
      dependencies: [
        "DurableFiles", "Settings", "Time", "Events", "Catalog", "Failures", "EventStore", "Maintenance", "Fleet",
        "Operations", "Daemon", .arguments, .logging, .system,
      ]),

    .target(
      name: "TestSupport",
      dependencies: ["Concurrency", "DurableFiles", "Time", "Events", .system, .logging],
      path: "Tests/TestSupport"),
    .target(
      name: "StoreSupport",
      dependencies: [
        "TestSupport", "CSQLite", "DurableFiles", "Time", "Events", "Catalog", "EventStore", .system, .logging,
      ],
      path: "Tests/StoreSupport"),
    .tests(of: "Concurrency"),
    .tests(of: "Digests"),
    .tests(of: "Gzip"),
    .tests(of: "DurableFiles", with: [.system]),
    .tests(of: "ExactJSON"),
    .tests(of: "Time", without: ["compare-with-croniter.py"]),
    .tests(of: "Events", with: ["ExactJSON", "Time"]),
    .tests(of: "Catalog", with: ["StoreSupport", "DurableFiles", "Time", "Events", .system]),
    .tests(of: "Failures", with: ["StoreSupport", "Time", "Events", "Catalog", .system]),
    .tests(
      of: "EventStore",
      with: [
        "StoreSupport", "DurableFiles", "Time", "Events", "Catalog", "Failures", "Maintenance", .system, .logging,
      ]),
    .tests(
      of: "Maintenance", with: ["StoreSupport", "Time", "Events", "Catalog", "EventStore", .system, .logging]),
    .tests(
      of: "Fleet",
      with: [
        "eventdrop", "StoreSupport", "Digests", "DurableFiles", "Time", "Events", "Catalog", "EventStore", .logging,
        .system,
      ]),
    .tests(
      of: "Intake",
      with: [
        "StoreSupport", "DurableFiles", "Time", "Events", "Catalog", "Failures", "EventStore", "Maintenance", .system,
        .logging,
      ]),
    .tests(
      of: "Forwarding",
      with: [
        "StoreSupport", "Operations", "Intake", "Time", "Events", "Catalog", "Failures", "EventStore", "Digests",
        .system, .logging,
      ]),
    .tests(
      of: "Settings",
      with: ["Time", "Events", "Catalog", "Failures", "EventStore", "Intake", "Forwarding", .logging, .system]),
    .tests(
      of: "Daemon",
      with: ["StoreSupport", "DurableFiles", .system, "Time", "Catalog", "EventStore", "Fleet", .logging]),
    .tests(of: "Operations", with: [.metrics, .logging, "Time", "Settings", "Events"]),
    .tests(
      of: "EndToEnd", target: nil, with: ["eventdrop", "DurableFiles", "ExactJSON", .system], without: ["Workflow"]),
    .tests(of: "Survival", target: nil, with: ["eventdrop", "CShims", "DurableFiles", "ExactJSON", .system]),
  ],
  swiftLanguageModes: [.v6]
)

extension Target.Dependency {
  static let arguments = product(name: "ArgumentParser", package: "swift-argument-parser")
  static let deque = product(name: "DequeModule", package: "swift-collections")
  static let hummingbird = product(name: "Hummingbird", package: "hummingbird")
  static let lifecycle = product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
  static let logging = product(name: "Logging", package: "swift-log")
  static let metrics = product(name: "CoreMetrics", package: "swift-metrics")
  static let system = product(name: "SystemPackage", package: "swift-system")
}

extension Target {
  /// The tests of one target, in `Tests/<name>Tests`.
  static func tests(of name: String, with others: [Dependency] = [], without files: [String] = []) -> Target {
    tests(of: name, target: .byName(name: name), with: others, without: files)
  }

  /// The tests of the whole program, in `Tests/<name>Tests`.
  static func tests(
    of name: String, target: Dependency?, with others: [Dependency], without files: [String] = []
  ) -> Target {
    .testTarget(
      name: "\(name)Tests", dependencies: ["TestSupport"] + (target.map { [$0] } ?? []) + others, exclude: files)
  }
}

for target in package.targets where target.type != .system {
  target.swiftSettings = [
    // `any` is spelled out, so that the cost of an existential is visible.
    .enableUpcomingFeature("ExistentialAny"),
    // A file names every module whose members it uses.
    .enableUpcomingFeature("MemberImportVisibility"),
    // An import is not passed on to importers.
    .enableUpcomingFeature("InternalImportsByDefault"),
    // An async function runs where its caller runs, unless it says otherwise.
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
  ]
  // Optimised tests are hardly faster, but take twice as long to compile; only fuzzers and models compute. The index of
  // the system's modules is of no use to the search for tests.
  if target.type == .test {
    let computing = ["ExactJSONTests", "EventsTests", "TimeTests", "ForwardingTests", "FleetTests"]
    let isComputing = computing.contains(target.name)
    target.swiftSettings?.append(.unsafeFlags(["-index-ignore-system-modules"] + (isComputing ? [] : ["-Onone"])))
  }
  // CI sets this; with a newer compiler that warns about more, a newcomer can still build.
  if Context.environment["EVENTDROP_WARNINGS_ARE_ERRORS"] != nil {
    target.swiftSettings?.append(.treatAllWarnings(as: .error))
  }
}
