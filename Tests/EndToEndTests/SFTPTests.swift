import Glibc
import SystemPackage
import TestSupport
import Testing

/// Uploads with OpenSSH's client to OpenSSH's server, while the daemon works.
@Suite(.tags(.spawned), .enabled(if: SFTPServer.reasonToSkip == nil, "\(SFTPServer.reasonToSkip ?? "")"))
struct SFTPTests {
  /// Slow enough that an upload is still under way whenever a busy machine gets round to looking.
  private static let slow = 1000
  private static let large = 2_000_000

  /// The daemon, the server, and what senders have.
  private final class Depot {
    let site: Site
    let server: SFTPServer
    /// The prepared data of each event.
    private(set) var data: [String: String] = [:]

    init() async throws {
      site = try await Site()
      server = try await SFTPServer()
      // The defaults of an inbox, and what is recommended for senders who resume uploads.
      site.tree.write(
        """
        inboxes:
          - name: default
            path: inbox
          - name: patient
            path: patient
            settle: 30s
        forward: { schedule: every 50ms }
        admin: { listen: off }

        """, to: "config.yaml")
      mkdir(site.tree.path.appending("patient").string, 0o755)
    }

    private func event(_ id: String, bytes: Int) -> String {
      var text = "", state = UInt64(id.utf8.reduce(7) { $0 &* 31 &+ Int($1) } & 0xFFFF_FFFF)
      while text.utf8.count < bytes {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        text += String(state, radix: 36)
      }
      data[id] = #"{"of":"\#(id)","text":"\#(text)"}"#
      return #"{"id":"\#(id)","type":"upload","data":\#(data[id] ?? "")}"# + "\n"
    }

    /// Prepares a file of one event, or of several, one event per line.
    func prepare(_ name: String, events: [String], bytes: Int) {
      site.tree.write(events.map { event($0, bytes: bytes / events.count) }.joined(), to: "outgoing/\(name)")
    }

    func line(_ command: String, _ name: String, to inbox: String = "inbox") -> String {
      "\(command) \(site.tree.path)/outgoing/\(name) \(site.tree.path)/\(inbox)/\(name)"
    }

    func size(_ file: String) -> Int {
      var status = stat()
      return stat(site.tree.path.pushing(FilePath(file)).string, &status) == 0 ? Int(status.st_size) : 0
    }

    /// Begins an upload, and sends the sender a signal once a part has arrived.
    func begin(_ name: String, to inbox: String = "inbox", then signal: CInt) throws -> SpawnedProgram {
      let client = try server.client([line("put", name, to: inbox)], kilobits: SFTPTests.slow)
      let file = "\(inbox)/\(name)"
      _ = Site.waitsInPlace { size(file) > 0 }
      client.signal(signal)
      #expect((1..<size("outgoing/\(name)")).contains(size(file)), "of \(name), no part came, or the whole")
      return client
    }

    /// Begins an upload, and kills the sender midway.
    func breakOff(_ name: String, to inbox: String = "inbox") async throws {
      #expect(try await begin(name, to: inbox, then: SIGKILL).end().code == 137)
    }

    func perform(_ lines: String...) async throws -> Int {
      try await server.client(lines).end().code
    }

    /// The files in `retry/` and `failed/`, without their sidecars.
    var failures: [String] {
      (site.tree.names("retry") + site.tree.names("failed")).filter { !$0.hasSuffix(".error") && !$0.hasPrefix(".") }
    }

    /// Waits until everything prepared is acknowledged, and checks that it exists once, with its bytes.
    func expectAllOnce(_ daemon: SpawnedProgram) async throws {
      let ids = data.keys.sorted()
      #expect(await site.waits { Set(ids).isSubset(of: site.acknowledged) })
      daemon.signal(SIGTERM)
      #expect(try await daemon.end().code == 0)
      #expect(site.acknowledgements.sorted() == ids)
      #expect(site.records == ids.map { "\($0).json" }.sorted())
      for (id, data) in data {
        let record = site.record("\(id).json").map { String(decoding: $0, as: UTF8.self) }
        #expect(record?.contains(#","data":\#(data),"createdAt":"#) == true, "\(id) has not its bytes")
      }
      #expect(site.tree.names("inbox") == [] && site.tree.names("patient") == [])
    }
  }

  @Test func `Hundreds of files at once are stored once each, and what is broken off is never taken for an event`()
    async throws
  {
    let depot = try await Depot()
    let (site, server) = (depot.site, depot.server)
    let daemon = try site.start()
    let resumed = ["resumed-1.json", "resumed-2.json"]
    let broken = ["broken-1.json", "broken-2.json"]
    for name in resumed + broken { depot.prepare(name, events: [String(name.dropLast(5))], bytes: Self.large) }
    depot.prepare("lines.jsonl", events: (1...80).map { "line-\($0)" }, bytes: Self.large)
    let names = (0..<300).map { "order-\($0).json" }
    for (number, name) in names.enumerated() {
      depot.prepare(name, events: ["order-\(number)"], bytes: 100 << (number % 10))
    }
    let senders = try (0..<6).map { sender in
      try server.client((0..<50).map { depot.line("put", names[$0 * 6 + sender]) })
    }
    // Interrupted and resumed before the file has settled: the upload continues where it was.
    for name in resumed {
      try await depot.breakOff(name, to: "patient")
      #expect(try await depot.perform(depot.line("reput", name, to: "patient")) == 0)
    }
    for name in broken + ["lines.jsonl"] { try await depot.breakOff(name) }
    for sender in senders { #expect(try await sender.end().code == 0) }
    // Interrupted for longer: the part has a report, there is nothing to resume, and the sender starts again.
    #expect(await site.waits { Set(broken).isSubset(of: depot.failures) && depot.failures.count == 3 })
    let parts = depot.failures
    let linesPart = try #require(parts.first { $0.hasPrefix("lines.jsonl.") })
    for name in parts {
      let sidecar = site.tree.readText("retry/\(name).error") ?? site.tree.readText("failed/\(name).error")
      #expect(sidecar?.contains(#""reason": "invalid-json""#) == true, "\(name): \(sidecar ?? "no sidecar")")
      #expect(sidecar?.contains("eventId") == false)
    }
    #expect(site.records.filter { $0.hasPrefix("broken") } == [])
    // The lines before the broken one are events: if the fifth is broken, for instance, there are four.
    let cut = Int(linesPart.dropFirst("lines.jsonl.".count).prefix { $0.isNumber })
    #expect(await site.waits { site.records.filter { $0.hasPrefix("line-") }.count == (cut ?? 0) - 1 })
    for name in broken { #expect(try await depot.perform(depot.line("reput", name)) != 0) }
    for name in broken + ["lines.jsonl"] { #expect(try await depot.perform(depot.line("put", name)) == 0) }
    try await depot.expectAllOnce(daemon)
    #expect(depot.failures.sorted() == parts.sorted())
  }

  @Test func `An upload that stalls for longer than a file takes to settle is taken when it is whole`() async throws {
    let depot = try await Depot()
    let site = depot.site
    let daemon = try site.start()
    depot.prepare("stalled.json", events: ["stalled"], bytes: Self.large / 4)
    depot.prepare("witness.json", events: ["witness"], bytes: 100)
    let client = try depot.begin("stalled.json", then: SIGSTOP)
    // What came after it has settled by now, so it has as well; but the server still has it open.
    #expect(try await depot.perform(depot.line("put", "witness.json")) == 0)
    #expect(await site.waits { site.acknowledged == ["witness"] })
    #expect(site.tree.names("inbox") == ["stalled.json"])
    #expect(depot.failures == [])
    client.signal(SIGCONT)
    #expect(try await client.end().code == 0)
    try await depot.expectAllOnce(daemon)
    #expect(depot.failures == [])
  }

  @Test func `Uploaded under another name and renamed, a file need not settle`() async throws {
    let depot = try await Depot()
    let site = depot.site
    site.tree.write("inboxes: [{ path: inbox, settle: 0s }]\nadmin: { listen: off }\n", to: "config.yaml")
    let daemon = try site.start()
    depot.prepare("order.json", events: ["order"], bytes: Self.large / 8)
    let path = "\(site.tree.path)/inbox/order.json"
    let client = try depot.server.client(
      ["put \(site.tree.path)/outgoing/order.json \(path).part", "rename \(path).part \(path)"],
      kilobits: Self.slow)
    #expect(try await client.end().code == 0)
    try await depot.expectAllOnce(daemon)
    #expect(depot.failures == [])
  }
}
