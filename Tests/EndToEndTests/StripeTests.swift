import ExactJSON
import Glibc
import TestSupport
import Testing

/// Real events of a payment service, if they are available beside the repository.
@Suite(.tags(.spawned)) struct StripeTests {
  static let folder =
    String(#filePath.prefix(upTo: #filePath.lastRange(of: "/Tests/") ?? #filePath.endIndex))
    + "/../shared/data/stripe-events"
  static let isAtHand = access(folder, R_OK) == 0

  private var events: [(name: String, bytes: [UInt8])] {
    guard let stream = opendir(Self.folder) else { return [] }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name.hasSuffix(".json") { names.append(name) }
    }
    return names.sorted().compactMap { name in
      guard let stream = fopen("\(Self.folder)/\(name)", "rb") else { return nil }
      defer { fclose(stream) }
      var bytes = [UInt8](repeating: 0, count: 1 << 20)
      let count = fread(&bytes, 1, bytes.count, stream)
      return (name, Array(bytes[..<count]))
    }
  }

  @Test(.enabled(if: isAtHand, "skipped, because ../shared/data/stripe-events is not there"))
  func `As they are, two ids make two records, and every other file is a conflict that explains itself`() async throws {
    let site = try await Site()
    let events = events
    #expect(events.count == 88)
    for event in events { site.drop(event.name, event.bytes) }
    #expect(try await site.start(["--once"]).end().code == 1)
    #expect(site.records.count == 2)
    let failed = site.tree.names("failed")
    #expect(failed.filter { !$0.hasSuffix(".error") }.count == 86)
    for name in failed where name.hasSuffix(".error") {
      let sidecar = try #require(site.tree.readText("failed/\(name)"))
      #expect(sidecar.contains(#""reason": "conflict""#))
      #expect(sidecar.contains("belongs to another event"))
    }
    #expect(site.acknowledgements.count == 2)
  }

  @Test(.enabled(if: isAtHand, "skipped, because ../shared/data/stripe-events is not there"))
  func `With ids of their own, each is stored byte for byte and forwarded once, dropped twice and stopped half-way`()
    async throws
  {
    let site = try await Site()
    let events = events.map { event in (name: event.name, bytes: withOwnId(event.bytes, event.name)) }
    for event in events { site.drop(event.name, event.bytes) }
    let first = try site.start()
    #expect(await site.waits { site.records.count >= 20 })
    first.signal(SIGTERM)
    #expect(try await first.end().code == 0)
    for event in events { site.drop("again-\(event.name)", event.bytes) }
    #expect(try await site.start(["--once"]).end().code == 0)
    #expect(site.records.count == 88)
    for event in events {
      let record = try #require(site.record("evt_\(event.name)"))
      #expect(member("data", of: record) == member("data", of: event.bytes), "\(event.name)")
    }
    #expect(site.acknowledgements.sorted() == events.map { "evt_" + $0.name.dropLast(5) }.sorted())
    #expect(site.tree.names("inbox") + site.tree.names("retry") + site.tree.names("failed") == [])
  }

  /// The event with an id made from its file's name.
  private func withOwnId(_ bytes: [UInt8], _ name: String) -> [UInt8] {
    var document = JSONDocument()
    guard (try? document.scan(bytes.span)) != nil,
      let id = document.members.first(where: { JSONText.name(of: $0, in: bytes.span, equals: "id") })
    else { return bytes }
    return bytes[..<id.value.range.lowerBound] + Array("\"evt_\(name.dropLast(5))\"".utf8)
      + bytes[id.value.range.upperBound...]
  }

  private func member(_ name: StaticString, of bytes: [UInt8]) -> ArraySlice<UInt8>? {
    var document = JSONDocument()
    guard (try? document.scan(bytes.span)) != nil else { return nil }
    return document.members.first { JSONText.name(of: $0, in: bytes.span, equals: name) }.map { bytes[$0.value.range] }
  }
}

extension String {
  fileprivate func lastRange(of text: String) -> Index? {
    var found: Index?
    var start = startIndex
    while start < endIndex {
      if self[start...].hasPrefix(text) { found = start }
      formIndex(after: &start)
    }
    return found
  }
}
