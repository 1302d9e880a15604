import ExactJSON
import Glibc
import Testing

/// The files that others import are what they should be, as far as that can be seen from here.
@Suite struct IntegrationFileTests {
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
}
