import ExactJSON
import Glibc
import SystemPackage
import TestSupport

/// A place where the built program runs, with a webhook.
final class Site {
  let tree: TemporaryTree
  private(set) var configuration: String
  private var sink: SpawnedProgram?
  private(set) var url = ""
  private let sinkArguments: [String]

  init(
    hasSink: Bool = true, sinkArguments: [String] = [], in base: String? = nil, admin: String = "off"
  ) async throws {
    tree = TemporaryTree(in: base)
    self.sinkArguments = sinkArguments
    configuration = """
      inboxes:
        - path: inbox
          schedule: every 50ms
          settle: 20ms
      forward:
        schedule: every 50ms
        attempts: 2
        backoff: { first: 10ms, max: 20ms }
        circuit: { first: 100ms, max: 200ms }
      retry:
        schedule: every 50ms
        backoff: { first: 100ms, max: 200ms }
      admin: { listen: \(admin) }
      """
    tree.write(configuration, to: "config.yaml")
    tree.write("", to: "inbox/.keep")
    tree.remove("inbox/.keep")
    if hasSink {
      try await startSink()
    } else {
      // A port on which nothing listens: one that was free a moment ago.
      url = "http://127.0.0.1:\(try Self.freePort())/webhook/eventdrop"
    }
  }

  deinit {
    sink?.signal(SIGKILL)
  }

  /// Starts the webhook, with new arguments if given.
  func startSink(_ arguments: [String]? = nil) async throws {
    let port = url.isEmpty ? "0" : String(url.dropFirst("http://127.0.0.1:".count).prefix { $0 != "/" })
    let sink = try SpawnedProgram(["sink", "--json", "--listen", "127.0.0.1:\(port)"] + (arguments ?? sinkArguments))
    self.sink = sink
    let line = try await sink.errorLineAfter("N8N_WEBHOOK_URL=")
    url = line ?? ""
  }

  /// Reads what the webhook prints, up to a line that contains this.
  func sinkLine(containing text: String) async throws -> String? {
    while let line = try await sink?.lineAfter("") {
      if line.contains(text) { return line }
    }
    return nil
  }

  /// Ends the sink.
  ///
  /// - Returns: What it printed.
  func stopSink() async throws -> String {
    guard let sink else { return "" }
    sink.signal(SIGINT)
    self.sink = nil
    return try await sink.end().output
  }

  func start(_ arguments: [String] = [], environment: [String: String] = [:]) throws -> SpawnedProgram {
    try SpawnedProgram(
      ["run", "--config", tree.path.appending("config.yaml").string] + arguments,
      environment: environment.merging(["N8N_WEBHOOK_URL": url]) { own, _ in own })
  }

  /// Drops a file as a careful sender does: under another name first.
  func drop(_ name: String, _ content: String) {
    drop(name, Array(content.utf8))
  }

  func drop(_ name: String, _ content: [UInt8]) {
    tree.write(content, to: "inbox/\(name).part")
    tree.move("inbox/\(name).part", to: "inbox/\(name)")
  }

  /// Waits until a condition holds; long enough for a busy machine.
  func waits(until condition: () -> Bool) async -> Bool {
    for _ in 0..<3000 {
      if condition() { return true }
      try? await Task.sleep(for: .milliseconds(10))
    }
    return false
  }

  /// The same without suspending: a test that has to wait for its turn among others would come back much later.
  static func waitsInPlace(until condition: () -> Bool) -> Bool {
    for _ in 0..<30_000 {
      if condition() { return true }
      usleep(1000)
    }
    return false
  }

  private var partitions: [String] { tree.names("processed").filter { $0.first?.isNumber ?? false } }

  var records: [String] {
    partitions.flatMap { tree.names("processed/\($0)") }.filter { $0 != "forwards.jsonl" }.sorted()
  }

  /// The bytes of a record.
  func record(_ name: String) -> [UInt8]? {
    partitions.lazy.compactMap { self.tree.read("processed/\($0)/\(name)") }.first
  }

  var journal: String {
    partitions.compactMap { tree.readText("processed/\($0)/forwards.jsonl") }.joined()
  }

  /// The eventIds in the journals.
  var acknowledged: Set<String> { Set(acknowledgements) }

  var acknowledgements: [String] {
    var ids: [String] = []
    for line in journal.split(separator: "\n") {
      let bytes = Array(line.utf8)
      var document = JSONDocument()
      guard (try? document.scan(bytes.span)) != nil else { continue }
      for member in document.members where JSONText.name(of: member, in: bytes.span, equals: "eventIds") {
        var elements: [JSONValue] = []
        JSONText.elements(of: member.value, in: bytes.span, into: &elements)
        ids += elements.compactMap {
          JSONText.string($0.withoutQuotes, in: bytes.span)
        }
      }
    }
    return ids
  }

  /// A port on loopback on which nothing is listening at the moment.
  static func freePort() throws -> Int {
    let socket = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    defer { close(socket) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        _ = bind(socket, $0, size)
        _ = getsockname(socket, $0, &size)
      }
    }
    return Int(UInt16(bigEndian: address.sin_port))
  }
}
