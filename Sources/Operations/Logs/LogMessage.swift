package import Logging
package import Time

/// A message with its values, resolved: a whole log line except for its time.
package struct LogMessage: Hashable, Sendable {
  /// A value of a log line.
  package indirect enum Value: Hashable, Sendable {
    case text(String)
    /// A number, true or false, as written in JSON.
    case literal(String)
    case list([Value])
    case members([Field])
  }

  /// A value and its name.
  package struct Field: Hashable, Sendable {
    package var name: String
    package var value: Value
  }

  package var level: Logger.Level
  package var text: String
  /// Sorted by name, so that the order is always the same.
  package var fields: [Field]

  package init(level: Logger.Level, text: String, metadata: Logger.Metadata) {
    self.level = level
    self.text = text
    fields = Self.fields(of: metadata).map { field in
      // A line has its own fields with these names.
      let isTaken = field.name == "time" || field.name == "level" || field.name == "message"
      return Field(name: isTaken ? field.name + "_" : field.name, value: field.value)
    }
  }

  /// The same with one more value, after the others.
  func with(_ name: String, _ number: Int) -> LogMessage {
    var copy = self
    copy.fields.append(Field(name: name, value: .literal(String(number))))
    return copy
  }

  private static func fields(of metadata: Logger.Metadata) -> [Field] {
    metadata.sorted { $0.key < $1.key }.map { Field(name: $0.key, value: value(of: $0.value)) }
  }

  private static func value(of value: Logger.MetadataValue) -> Value {
    switch value {
    case .string(let text): .text(text)
    case .stringConvertible(let value): literal(of: value).map(Value.literal) ?? .text(value.description)
    case .array(let values): .list(values.map(Self.value))
    case .dictionary(let members): .members(fields(of: members))
    }
  }

  private static func literal(of value: any CustomStringConvertible) -> String? {
    switch value {
    case let value as Bool: value ? "true" : "false"
    case let value as any BinaryInteger: String(value)
    case let value as Double: value.isFinite ? value.description : nil
    default: nil
    }
  }
}

// MARK: Lines

extension LogMessage {
  /// The line for people: time, level, message, `key=value`.
  package func textLine(at time: Timestamp, inColour: Bool) -> [UInt8] {
    var line: [UInt8] = []
    time.append(rfc3339To: &line)
    line.append(0x20)
    // As wide as the widest, so that messages are aligned.
    let name = level.rawValue + String(repeating: " ", count: max(0, 8 - level.rawValue.utf8.count))
    line.append(contentsOf: (inColour ? "\u{1B}[\(level.colour)m\(name)\u{1B}[0m" : name).utf8)
    line.append(0x20)
    line.append(contentsOf: LogText.escaped(text).utf8)
    for field in fields {
      line.append(0x20)
      line.append(contentsOf: LogText.value(field.name).utf8)
      line.append(0x3D)
      switch field.value {
      case .text(let text): line.append(contentsOf: LogText.value(text).utf8)
      case let value: value.append(to: &line)
      }
    }
    return line
  }

  /// The line for programs: one JSON object.
  package func jsonLine(at time: Timestamp) -> [UInt8] {
    var line = Array(#"{"time":""#.utf8)
    time.append(rfc3339To: &line)
    line.append(contentsOf: #"","level":"\#(level.rawValue)","message":"#.utf8)
    LogText.appendQuoted(text, to: &line)
    for field in fields {
      line.append(0x2C)
      field.append(to: &line)
    }
    line.append(0x7D)
    return line
  }
}

extension LogMessage.Field {
  fileprivate func append(to line: inout [UInt8]) {
    LogText.appendQuoted(name, to: &line)
    line.append(0x3A)
    value.append(to: &line)
  }
}

extension LogMessage.Value {
  /// As JSON.
  fileprivate func append(to line: inout [UInt8]) {
    switch self {
    case .text(let text): LogText.appendQuoted(text, to: &line)
    case .literal(let literal): line.append(contentsOf: literal.utf8)
    case .list(let values):
      line.append(0x5B)
      for (index, value) in values.enumerated() {
        if index > 0 { line.append(0x2C) }
        value.append(to: &line)
      }
      line.append(0x5D)
    case .members(let fields):
      line.append(0x7B)
      for (index, field) in fields.enumerated() {
        if index > 0 { line.append(0x2C) }
        field.append(to: &line)
      }
      line.append(0x7D)
    }
  }
}

extension Logger.Level {
  /// The parameter of the terminal's "select graphic rendition" (ECMA-48, 8.3.117).
  fileprivate var colour: Int {
    switch self {
    case .trace, .debug: 90
    case .info: 32
    case .notice: 36
    case .warning: 33
    case .error: 31
    case .critical: 35
    }
  }
}
