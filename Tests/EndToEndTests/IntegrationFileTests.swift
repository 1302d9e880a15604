import ExactJSON
import Glibc
import TestSupport
import Testing

/// The files that others import are as they should be, as far as that can be checked here.
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
    return JSONText.string(value.withoutQuotes, in: bytes.span)
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

  /// One node of a workflow, with what n8n needs to import the file.
  private struct Node {
    var id = ""
    var name = ""
    var type = ""
    var version = ""
    var webhookId: String?
    /// The `id` of each credential, as JSON.
    var credentialIds: [String] = []

    var isNote: Bool { type == "n8n-nodes-base.stickyNote" }
  }

  private func raw(_ value: JSONValue, _ bytes: [UInt8]) -> String {
    String(decoding: value.range.map { bytes[$0] }, as: UTF8.self)
  }

  private func node(_ value: JSONValue, _ bytes: [UInt8]) -> Node {
    var node = Node()
    for (name, value) in members(value, bytes) {
      switch name {
      case "id": node.id = text(value, bytes) ?? ""
      case "name": node.name = text(value, bytes) ?? ""
      case "type": node.type = text(value, bytes) ?? ""
      case "typeVersion": node.version = raw(value, bytes)
      case "webhookId": node.webhookId = text(value, bytes)
      case "credentials":
        for (_, credential) in members(value, bytes) {
          let id = members(credential, bytes).first { $0.name == "id" }
          node.credentialIds.append(id.map { raw($0.value, bytes) } ?? "")
        }
      default: break
      }
    }
    return node
  }

  /// The versions of node types that both n8n 1.123 and 2.41 have.
  private static let known: Set<String> = [
    "webhook 2", "set 3.4", "splitOut 1", "splitInBatches 3", "switch 3.2", "if 2.2", "httpRequest 4.2", "noOp 1",
    "respondToWebhook 1.1", "stickyNote 1",
  ]

  @Test(arguments: ["eventdrop-to-dolibarr", "eventdrop-minimal"])
  func `A workflow can be imported, every wire ends at a node, and every node can be reached`(file: String) throws {
    let bytes = try read("integrations/n8n/\(file).json")
    var document = JSONDocument()
    try document.scan(bytes.span)
    let top = members(document.root, bytes)
    // Without an id, n8n's own command cannot import it.
    let id = try #require(top.first { $0.name == "id" }.flatMap { text($0.value, bytes) })
    #expect((1...36).contains(id.utf8.count))
    let nodes = elements(try #require(top.first { $0.name == "nodes" }?.value), bytes).map { node($0, bytes) }
    #expect(nodes.filter { !$0.isNote }.count <= 15)
    #expect(Set(nodes.map(\.id)).count == nodes.count)
    #expect(Set(nodes.map(\.name)).count == nodes.count)
    for node in nodes {
      #expect(Self.known.contains("\(node.type.split(separator: ".").last ?? "") \(node.version)"), "\(node.name)")
      // n8n finds credentials by name if the id is null, and takes any if it is empty.
      #expect(node.credentialIds.allSatisfy { $0 == "null" }, "\(node.name)")
    }
    let webhooks = nodes.filter { $0.type == "n8n-nodes-base.webhook" }
    #expect(webhooks.map(\.name) == ["From eventdrop"])
    #expect(webhooks.allSatisfy { $0.webhookId?.utf8.count == 36 })
    #expect(nodes.first { $0.name == "To eventdrop" }?.type == "n8n-nodes-base.respondToWebhook")

    let names = Set(nodes.map(\.name))
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
    #expect(Set(nodes.filter { !$0.isNote }.map(\.name)).subtracting(targets) == ["From eventdrop"])
  }

  private static let nodeJS: String? = {
    guard let path = getenv("PATH") else { return nil }
    return String(cString: path).split(separator: ":").map { "\($0)/node" }.first { access($0, X_OK) == 0 }
  }()

  @Test(.enabled(if: nodeJS != nil, "skipped, because there is no Node.js; apt-get install nodejs brings it"))
  func `The workflows lose no event and make none twice, whatever Dolibarr answers`() async throws {
    let folder = #filePath.split(separator: "/").dropLast().joined(separator: "/")
    let run = try await SpawnedProgram(["/\(folder)/Workflow/run.mjs"], executable: Self.nodeJS).end()
    let failed = run.output.split(separator: "\n").filter { $0.hasPrefix("FAILED") }
    #expect(run.code == 0, "\(failed.joined(separator: "\n"))\n\(run.errors)")
  }

  /// The commands in the table of answers that the sink can give, each a line for a shell.
  private func rehearsals() throws -> [String] {
    let page = String(decoding: try read("Documentation/rehearsal.md"), as: UTF8.self)
    let rows = page.split(separator: "\n").filter { $0.hasPrefix("| ") }.dropFirst()
    return rows.flatMap { row in
      let cells = row.split(separator: " | ")
      guard cells.count == 3 else { return [String]() }
      return cells[1].split(separator: "`").map(String.init).filter { $0.hasPrefix("--") }
    }
  }

  @Test func `Each rehearsal works as it is written, and none of the sink's answers is left out`()
    async throws
  {
    let rehearsals = try rehearsals()
    #expect(rehearsals.count >= 20)
    for rehearsal in rehearsals {
      let command = "exec '\(SpawnedProgram.path(of: "eventdrop"))' sink --listen 127.0.0.1:0 \(rehearsal)"
      let sink = try SpawnedProgram(["-c", command], executable: "/bin/sh")
      let address = try #require(try await sink.lineAfter("N8N_WEBHOOK_URL=http://127.0.0.1:"), "\(rehearsal)")
      let port = try #require(Int(address.prefix { $0.isNumber }))
      if !rehearsal.contains("--delay"), !rehearsal.contains("n8n-queue") {
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
