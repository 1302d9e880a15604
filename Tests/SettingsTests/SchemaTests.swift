import Settings
import TestSupport
import Testing

/// The JSON Schema is built from the table that reads the file, so it knows each key, and what `check` knows about it.
@Suite(.tags(.fast)) struct SchemaTests {
  @Test func `Each key has a place of its own, and no other is allowed`() {
    let schema = Configuration.schema
    for key in Configuration.knownKeys {
      let name = key.split(separator: ".").last.map(String.init) ?? ""
      #expect(schema.contains("\"\(name)\": {"), "\(key)")
    }
    // The file itself, each section in it, and the items of `inboxes`.
    let parents = Configuration.knownKeys.compactMap { key in key.lastIndex(of: ".").map { String(key[..<$0]) } }
    let closed = schema.split(separator: "\n").count { $0.contains("\"additionalProperties\": false") }
    #expect(closed == Set(parents).count + 1)
  }

  @Test func `It is JSON`() throws {
    // Every brace and bracket outside of texts is closed again, in order.
    var open: [Character] = []
    var isInText = false
    var isEscaped = false
    for character in Configuration.schema {
      if isInText {
        if character == "\"", !isEscaped { isInText = false }
        isEscaped = character == "\\" && !isEscaped
        continue
      }
      switch character {
      case "\"": isInText = true
      case "{", "[": open.append(character)
      case "}": #expect(open.popLast() == "{")
      case "]": #expect(open.popLast() == "[")
      default: break
      }
    }
    #expect(open.isEmpty && !isInText)
  }
}
