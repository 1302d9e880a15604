internal import Events
internal import ExactJSON
internal import Intake

// What is a valid JSON Pointer, but hardly means what its author expects.
extension InboxSettings {
  func warnOfPointers(_ warn: (_ key: String, _ message: Message) -> Void) {
    let mapping = options.mapping
    for (key, sources, root) in [
      ("eventId", mapping.eventId, "/eventId"), ("eventType", mapping.eventType, "/eventType"),
      ("data", mapping.data, "\"\""),
    ] {
      for pointer in sources.flatMap(\.pointers) {
        guard let message = pointer.warning(insteadOfRoot: root) else { continue }
        warn(key, message)
      }
    }
  }
}

extension MemberSource {
  /// The JSON Pointers in it.
  fileprivate var pointers: [JSONPointer] {
    switch self {
    case .pointer(let pointer): [pointer]
    case .joined(let parts): parts.flatMap(\.pointers)
    case .fileName, .sha256, .cloudEvent: []
    }
  }
}

extension JSONPointer {
  /// What is hardly intended; nil if nothing is.
  ///
  /// - Parameter root: What to write instead of `/`.
  /// - Returns: The warning.
  fileprivate func warning(insteadOfRoot root: String) -> Message? {
    let names = tokens.map { String(decoding: $0, as: UTF8.self) }
    let text = Message.Value.text(shown(description))
    if names.contains(where: \.isInOtherNotation), let meant = pointerMeant(by: String(description.dropFirst())) {
      return .warning(.pointerNotation, ["pointer": text, "meant": .text(shown(meant))])
    }
    if names.contains("") {
      let meant = names.filter { !$0.isEmpty }.map { JSONPointer(member: $0).description }.joined()
      return .warning(
        .pointerWithoutName, ["pointer": text, "meant": .text(meant.isEmpty ? root : shown(meant))])
    }
    if names.contains(where: \.isOfNoItem) { return .warning(.pointerOfNoItem, ["pointer": text]) }
    return nil
  }
}

extension String {
  /// Whether a name looks like JSONPath (RFC 9535) or an n8n expression.
  fileprivate var isInOtherNotation: Bool {
    self == "$" || self == "$json" || hasPrefix("$.") || hasPrefix("$json.") || contains("{{")
      || contains(/\[[0-9]+\]/)
  }

  /// Whether a name looks like an item of an array but is none: any, the last, or one behind the last (RFC 6901,
  /// section 4).
  fileprivate var isOfNoItem: Bool {
    self == "*" || contains("[*]") || contains("[]") || wholeMatch(of: /-[0-9]*/) != nil
  }
}
