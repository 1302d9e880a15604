internal import ExactJSON

extension Message {
  /// Its arguments as one JSON object, in order.
  package var argumentsJSON: [UInt8] {
    var bytes: [UInt8] = [UInt8(ascii: "{")]
    for (index, argument) in arguments.enumerated() {
      if index > 0 { bytes += Array(", ".utf8) }
      JSONText.appendQuoted(argument.name.utf8, to: &bytes)
      bytes += Array(": ".utf8)
      switch argument.value {
      case .text(let text): JSONText.appendQuoted(text.utf8, to: &bytes)
      case .integer(let number): bytes += Array(String(number).utf8)
      case .message(let message): bytes += message.json
      }
    }
    bytes.append(UInt8(ascii: "}"))
    return bytes
  }

  /// One JSON object with `code` and `arguments`, or with `said` if there is no code.
  package var json: [UInt8] {
    var bytes: [UInt8] = []
    guard let code else {
      bytes += Array("{\"said\": ".utf8)
      JSONText.appendQuoted((said ?? "").utf8, to: &bytes)
      return bytes + [UInt8(ascii: "}")]
    }
    bytes += Array("{\"code\": ".utf8)
    JSONText.appendQuoted(code.utf8, to: &bytes)
    return bytes + Array(", \"arguments\": ".utf8) + argumentsJSON + [UInt8(ascii: "}")]
  }

  /// As stored in the catalog, on one line.
  package var encoded: String { String(decoding: json, as: UTF8.self) }

  /// Parses what `encoded` wrote; any other text becomes a message without a code.
  package init(encoded text: String) {
    let bytes = Array(text.utf8)
    var document = JSONDocument()
    guard bytes.first == UInt8(ascii: "{"), (try? document.scan(bytes.span)) != nil, document.root.kind == .object,
      let message = Message(members: document.members, in: bytes)
    else {
      self.init(said: text)
      return
    }
    self = message
  }

  /// No message nests them more deeply.
  private static let depthLimit = 8

  private init?(members: [JSONMember], in bytes: [UInt8], depth: Int = 0) {
    guard depth < Self.depthLimit else { return nil }
    var arguments: [Argument] = []
    var texts: [String: String] = [:]
    for member in members {
      guard let name = JSONText.string(member.name, in: bytes.span) else { return nil }
      switch member.value.kind {
      case .string: texts[name] = JSONText.string(member.value.withoutQuotes, in: bytes.span)
      case .object where name == "arguments": arguments = Self.arguments(member.value, in: bytes, depth: depth)
      default: continue
      }
    }
    if let code = texts["code"] {
      self.init(code: code, arguments: arguments)
    } else if let said = texts["said"] {
      self.init(said: said)
    } else {
      return nil
    }
  }

  /// Parses arguments; anything of another kind is left out.
  static func arguments(_ object: JSONValue, in bytes: [UInt8], depth: Int = 0) -> [Argument] {
    var members: [JSONMember] = []
    JSONText.members(of: object, in: bytes.span, into: &members)
    return members.compactMap { member in
      guard let name = JSONText.string(member.name, in: bytes.span) else { return nil }
      switch member.value.kind {
      case .string:
        return JSONText.string(member.value.withoutQuotes, in: bytes.span).map { Argument(name, .text($0)) }
      case .number:
        return Int(String(decoding: bytes[member.value.range], as: UTF8.self)).map { Argument(name, .integer($0)) }
      case .object:
        var inner: [JSONMember] = []
        JSONText.members(of: member.value, in: bytes.span, into: &inner)
        return Message(members: inner, in: bytes, depth: depth + 1).map { Argument(name, .message($0)) }
      default: return nil
      }
    }
  }
}
