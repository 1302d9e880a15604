internal import Events

/// What is wrong with patterns of file names, in the syntax of glob(7).
enum GlobPattern {
  /// Why a pattern cannot match what its author means; nil if it is fine.
  ///
  /// fnmatch(3) itself refuses nothing: with it, a senseless pattern matches nothing, or itself.
  static func mistake(in pattern: String) -> FormatMessage? {
    guard !pattern.isEmpty else { return .emptyPattern }
    var rest = pattern.utf8[...]
    while let byte = rest.popFirst() {
      switch byte {
      case UInt8(ascii: "/"): return .slash
      case 0: return .nul
      case UInt8(ascii: "\\"):
        guard rest.popFirst() != nil else { return .lastBackslash }
      case UInt8(ascii: "["):
        if let mistake = mistake(inSet: &rest) { return mistake }
      case UInt8(ascii: "{") where rest.contains(UInt8(ascii: ",")) && rest.contains(UInt8(ascii: "}")):
        return .braces
      default: break
      }
    }
    return nil
  }

  /// Takes a set of characters, from after its `[` to after its `]`.
  private static func mistake(inSet rest: inout Substring.UTF8View) -> FormatMessage? {
    if rest.first == UInt8(ascii: "!") || rest.first == UInt8(ascii: "^") { rest.removeFirst() }
    var isFirst = true
    var previous: UInt8?
    while let byte = rest.popFirst() {
      switch byte {
      case UInt8(ascii: "]") where !isFirst: return nil
      case UInt8(ascii: "/"): return .slash
      case UInt8(ascii: "["):
        // A class such as [:digit:] has its own bracket.
        if let kind = rest.first, ":.=".utf8.contains(kind), let end = rest.dropFirst().firstIndex(of: kind),
          rest[end...].dropFirst().first == UInt8(ascii: "]")
        {
          rest = rest[end...].dropFirst(2)
          previous = nil
        } else {
          previous = byte
        }
      case UInt8(ascii: "-"):
        if let low = previous, let high = rest.first, high < 0x80, high != UInt8(ascii: "]"), high != UInt8(ascii: "["),
          low > high
        {
          return .rangeBackwards
        }
        previous = nil
      case UInt8(ascii: "\\"): previous = rest.popFirst()
      default: previous = byte < 0x80 ? byte : nil
      }
      isFirst = false
    }
    return .openBracket
  }
}
