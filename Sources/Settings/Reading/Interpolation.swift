internal import Events
internal import SystemPackage

/// Replaces `${NAME}`, `${NAME:-default}` and `${file:PATH}` in values; a `$` before anything else is literal.
///
/// It works on values already parsed from YAML, so that inserted text can never become YAML, and is not searched for
/// references again.
struct Interpolation {
  /// The limit on all inserted text together; more is a mistake, or an attack on memory.
  private static let sizeLimit = 4 << 20

  let environment: [String: String]
  let folder: FilePath
  let readFile: (FilePath) throws -> [UInt8]
  private var bytesPutIn = 0

  init(environment: [String: String], folder: FilePath, readFile: @escaping (FilePath) throws -> [UInt8]) {
    self.environment = environment
    self.folder = folder
    self.readFile = readFile
  }

  /// What is wrong with a reference; the text never contains the referenced value.
  struct Mistake: Error {
    var message: Message

    init(_ code: ReferenceMessage, _ arguments: KeyValuePairs<String, Message.Value> = [:]) {
      message = Message(code, arguments)
    }
  }

  /// Replaces the references in a text.
  ///
  /// - Parameters:
  ///   - scalar: The text.
  ///   - isSecret: Whether the text itself may be a secret, so that no message quotes any of it.
  /// - Returns: The text with its references replaced, and their names.
  /// - Throws: `Mistake`.
  mutating func replace(in scalar: YAMLScalar, isSecret: Bool) throws(Mistake) -> YAMLScalar {
    var result = YAMLScalar(text: "", isPlain: scalar.isPlain)
    var rest = scalar.text.utf8[...]
    while let dollar = rest.firstIndex(of: UInt8(ascii: "$")) {
      result.text += Substring(rest[..<dollar])
      rest = rest[dollar...].dropFirst()
      switch rest.first {
      case UInt8(ascii: "{"):
        guard let end = rest.firstIndex(of: UInt8(ascii: "}")) else {
          throw Mistake(.open)
        }
        let reference = String(Substring(rest[..<end].dropFirst()))
        rest = rest[end...].dropFirst()
        let value = try self.value(of: reference, isSecret: isSecret)
        // A refused value does not count, so that a small text after it is not refused as well.
        guard value.text.utf8.count <= Self.sizeLimit - bytesPutIn else {
          throw isSecret ? Mistake(.tooLargeHere) : Mistake(.tooLarge, ["reference": Self.shown(reference)])
        }
        bytesPutIn += value.text.utf8.count
        if let origin = value.origin { result.origins.append(origin) }
        // An empty variable, or one with the value "null", is a text like any other.
        result.isPlain = false
        result.text += value.text
      default: result.text += "$"
      }
    }
    result.text += Substring(rest)
    return result
  }

  /// The value of a reference; the origin is nil if it is a default written in the file itself.
  private func value(of reference: String, isSecret: Bool) throws(Mistake) -> (text: String, origin: String?) {
    guard !reference.contains("${") else {
      throw isSecret ? Mistake(.nestedHere) : Mistake(.nested, ["reference": Self.shown(reference)])
    }
    if reference.hasPrefix("file:") {
      let text = try contents(of: String(reference.dropFirst(5)), isSecret: isSecret)
      return (text, isSecret ? Self.namelessOrigin : "${\(reference)}")
    }
    let name = String(Substring(reference.utf8.prefix { $0.isInVariableName }))
    let isName = !name.isEmpty && !(name.utf8.first.map { (0x30...0x39).contains($0) } ?? true)
    let rest = reference.utf8.dropFirst(name.utf8.count)
    guard isName, rest.isEmpty || rest.starts(with: ":-".utf8) else {
      throw isSecret ? Mistake(.unclearHere) : Mistake(.unclear, ["reference": Self.shown(reference)])
    }
    // As in a shell, the default also applies if the variable is empty.
    if let value = environment[name], rest.isEmpty || !value.isEmpty {
      // It stands for bytes that are not UTF-8: a path would lead elsewhere.
      guard !value.unicodeScalars.contains("\u{FFFD}") else {
        throw isSecret ? Mistake(.notTextHere) : Mistake(.notText, ["name": .text(Settings.shown(name))])
      }
      return (value, "${\(name)}")
    }
    guard !rest.isEmpty else {
      // The unset name may not be a variable at all, but a part of the secret.
      guard !isSecret || Self.ownVariables.contains(name) else { throw Mistake(.unsetHere) }
      let variable = Quotation.isHarmless(name) ? name : "NAME"
      throw Mistake(.unset, ["name": .text(Settings.shown(name)), "variable": .text(variable)])
    }
    return (String(Substring(rest.dropFirst(2))), nil)
  }

  /// A reference as shown in messages: with its name, but without its default.
  private static func shown(_ reference: String) -> Message.Value {
    guard !reference.hasPrefix("file:") else { return .text(Settings.shown("${\(reference)}")) }
    let name = reference.utf8.prefix { $0.isInVariableName }
    let rest = reference.utf8[name.endIndex...]
    guard !rest.isEmpty else { return .text(Settings.shown("${\(reference)}")) }
    let mark = rest.prefix { ":-+?=".utf8.contains($0) }.prefix(2)
    return .text(Settings.shown("${\(Substring(name))\(Substring(mark))…}"))
  }

  /// The origin of a text whose reference must not be shown.
  static let namelessOrigin = ""
  /// The variables in the defaults.
  private static let ownVariables = ["N8N_WEBHOOK_URL", "N8N_WEBHOOK_TOKEN"]

  private func contents(of path: String, isSecret: Bool) throws(Mistake) -> String {
    guard !path.isEmpty, !path.utf8.contains(0) else {
      throw Mistake(.noPath)
    }
    let shown = Message.Value.text(Settings.shown(path))
    let bytes: [UInt8]
    do {
      bytes = try readFile(folder.resolving(path))
    } catch {
      // Only the system's own words are certain not to contain the path.
      let why = Message.Value.text((error as? Errno).map { "\($0)" } ?? "")
      throw isSecret ? Mistake(.unreadableHere, ["why": why]) : Mistake(.unreadable, ["path": shown, "why": why])
    }
    guard bytes.count <= Self.sizeLimit, let text = String(validating: bytes.withoutByteOrderMark, as: UTF8.self)
    else {
      throw isSecret ? Mistake(.noTextHere) : Mistake(.noText, ["path": shown])
    }
    // An editor ends a file with a line break that is not part of its content.
    if text.utf8.last == 0x0A {
      let body = text.utf8.dropLast()
      return String(Substring(body.last == 0x0D ? body.dropLast() : body))
    }
    return text
  }
}

extension FilePath {
  /// A path as meant in the configuration: relative to this folder, with `.` and `..` resolved textually.
  func resolving(_ path: String) -> FilePath {
    pushing(FilePath(path)).lexicallyNormalized()
  }
}

extension UInt8 {
  fileprivate var isInVariableName: Bool {
    switch self {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"),
      UInt8(ascii: "_"):
      true
    default: false
    }
  }
}
