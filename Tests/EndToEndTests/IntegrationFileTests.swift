import ExactJSON
import Glibc
import TestSupport
import Testing

/// The files that others import are what they should be, as far as that can be seen from here.
@Suite(.tags(.spawned)) struct IntegrationFileTests {
  private func read(_ path: String) throws -> [UInt8] {
    let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    let file = try #require(fopen("/\(root)/\(path)", "rb"), "\(path) is missing")
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while case let count = fread(&buffer, 1, buffer.count, file), count > 0 { bytes += buffer[..<count] }
    return bytes
  }

  private func text(_ value: JSONValue, _ bytes: [UInt8]) -> String? {
    guard value.kind == .string else { return nil }
    return JSONText.string((value.range.lowerBound + 1)..<(value.range.upperBound - 1), in: bytes.span)
  }

  private func members(_ value: JSONValue, _ bytes: [UInt8]) -> [(name: String, value: JSONValue)] {
    var members: [JSONMember] = []
    JSONText.members(of: value, in: bytes.span, into: &members)
    return members.map { (JSONText.string($0.name, in: bytes.span) ?? "", $0.value) }
  }

  private func elements(_ value: JSONValue, _ bytes: [UInt8]) -> [JSONValue] {
    var elements: [JSONValue] = []
    JSONText.elements(of: value, in: bytes.span, into: &elements)
    return elements
  }

  @Test func `Every connection of the workflow leads from a node to a node, and every node can be reached`() throws {
    let bytes = try read("integrations/n8n/eventdrop-to-dolibarr.json")
    var document = JSONDocument()
    try document.scan(bytes.span)
    let top = members(document.root, bytes)
    let nodes = try #require(top.first { $0.name == "nodes" }?.value)
    var names: Set<String> = []
    var types: [String: String] = [:]
    for node in elements(nodes, bytes) {
      let parts = members(node, bytes)
      let name = try #require(parts.first { $0.name == "name" }.flatMap { text($0.value, bytes) })
      #expect(names.insert(name).inserted)
      types[name] = parts.first { $0.name == "type" }.flatMap { text($0.value, bytes) }
    }
    var targets: Set<String> = []
    for (source, outputs) in members(try #require(top.first { $0.name == "connections" }?.value), bytes) {
      #expect(names.contains(source))
      for (_, lists) in members(outputs, bytes) {
        for list in elements(lists, bytes) {
          for target in elements(list, bytes) {
            let name = members(target, bytes).first { $0.name == "node" }.flatMap { text($0.value, bytes) }
            targets.insert(try #require(name))
          }
        }
      }
    }
    #expect(targets.isSubset(of: names))
    #expect(names.subtracting(targets) == ["From eventdrop"])
    #expect(types["From eventdrop"] == "n8n-nodes-base.webhook")
    #expect(types["To eventdrop"] == "n8n-nodes-base.respondToWebhook")
  }

  /// The commands in the README's table of what a sink can be told, each a line for a shell.
  private func rehearsals() throws -> [String] {
    let readme = String(decoding: try read("README.md"), as: UTF8.self)
    let section = try #require(readme.split(separator: "### Rehearse it").last).split(separator: "\n## ")[0]
    let rows = section.split(separator: "\n").filter { $0.hasPrefix("| ") }.dropFirst()
    return rows.flatMap { row in
      let cells = row.split(separator: " | ")
      guard cells.count == 3 else { return [String]() }
      return cells[1].split(separator: "`").map(String.init).filter { $0.hasPrefix("--") }
    }
  }

  @Test func `Each rehearsal of the README works as it is written, and none of the sink's answers is left out`()
    async throws
  {
    let rehearsals = try rehearsals()
    #expect(rehearsals.count >= 20)
    for rehearsal in rehearsals {
      let command = "exec '\(SpawnedProgram.path(of: "eventdrop"))' sink --listen 127.0.0.1:0 \(rehearsal)"
      let sink = try SpawnedProgram(["-c", command], executable: "/bin/sh")
      let address = try #require(try await sink.lineAfter("N8N_WEBHOOK_URL=http://127.0.0.1:"), "\(rehearsal)")
      let port = try #require(Int(address.prefix { $0.isNumber }))
      if !rehearsal.contains("--delay") {
        let answer = try await onOwnThread {
          try LoopbackConnection(port: port).exchange(
            headers: ["Content-Type": "application/json"], body: Array(#"[{"eventId":"ord-1","eventType":"t"}]"#.utf8))
        }
        #expect((answer == nil) == rehearsal.contains("--drop"), "\(rehearsal)")
      }
      sink.signal(SIGINT)
      #expect(try await sink.end().code == 0, "\(rehearsal)")
    }
    let help = try await SpawnedProgram(["sink", "--help"]).end().output
    let listed = help.split(separator: "Answers of --as:\n").last?.split(separator: "\n\n").first ?? ""
    let names = listed.split(separator: "\n").compactMap { $0.split(separator: ":").first?.filter { $0 != " " } }
      .filter { $0.hasPrefix("n8n-") || $0.hasPrefix("proxy-") || $0.hasPrefix("cloudflare-") }
    #expect(names.count >= 15)
    for name in names { #expect(rehearsals.contains { $0.hasPrefix("--as \(name)") }, "\(name)") }
  }
}
