internal import SystemPackage

/// Replaces `${NAME}`, `${NAME:-default}`, `${file:PATH}` and `$$` in values.
///
/// It works on values that YAML has been read from already, so that what is put in can never become YAML itself.
struct Interpolation {
  /// What is put into all values together; more is a mistake, or an attack on the memory.
  private static let sizeLimit = 4 << 20

  let environment: [String: String]
  let folder: FilePath
  let readFile: (FilePath) throws -> [UInt8]
  let log: ProblemLog
  private var bytesPutIn = 0

  init(
    environment: [String: String], folder: FilePath, log: ProblemLog, readFile: @escaping (FilePath) throws -> [UInt8]
  ) {
    self.environment = environment
    self.folder = folder
    self.log = log
    self.readFile = readFile
  }

  /// What is wrong with a reference; the text never holds what the reference stands for.
  private struct Mistake: Error {
    var message: String
  }

  /// Replaces the references in a value and in all values inside it.
  mutating func replace(in node: YAMLNode) -> YAMLNode {
    var node = node
    switch node.content {
    case .scalar(let scalar):
      guard scalar.text.utf8.contains(UInt8(ascii: "$")) else { return node }
      do {
        node.content = .scalar(try replace(in: scalar))
      } catch {
        log.report(error.message, at: node.place)
        node.content = .refused
      }
    case .list(let items): node.content = .list(items.map { replace(in: $0) })
    case .mapping(let entries):
      node.content = .mapping(
        entries.map { YAMLEntry(key: $0.key, keyPlace: $0.keyPlace, value: replace(in: $0.value)) })
    case .refused: break
    }
    return node
  }

  private mutating func replace(in scalar: YAMLScalar) throws(Mistake) -> YAMLScalar {
    var result = YAMLScalar(text: "", isPlain: scalar.isPlain)
    var rest = scalar.text.utf8[...]
    while let dollar = rest.firstIndex(of: UInt8(ascii: "$")) {
      result.text += Substring(rest[..<dollar])
      rest = rest[dollar...].dropFirst()
      switch rest.first {
      case UInt8(ascii: "$"):
        result.text += "$"
        rest = rest.dropFirst()
      case UInt8(ascii: "{"):
        guard let end = rest.firstIndex(of: UInt8(ascii: "}")) else {
          throw Mistake(message: "'${' has no '}' behind it; write ${NAME}, or $$ for a dollar sign")
        }
        let reference = String(Substring(rest[..<end].dropFirst()))
        rest = rest[end...].dropFirst()
        let value = try self.value(of: reference)
        // What is refused does not count, so that a small text behind it is not refused as well.
        guard value.text.utf8.count <= Self.sizeLimit - bytesPutIn else {
          throw Mistake(
            message: "what \(quoted("${\(reference)}")) stands for makes the configuration larger than 4 MiB")
        }
        bytesPutIn += value.text.utf8.count
        if let origin = value.origin { result.origins.append(origin) }
        // An empty variable, or one that is "null", is a text as any other.
        result.isPlain = false
        result.text += value.text
      default: result.text += "$"
      }
    }
    result.text += Substring(rest)
    return result
  }

  /// What a reference stands for; the origin is nil where that is a default that stands in the file itself.
  private func value(of reference: String) throws(Mistake) -> (text: String, origin: String?) {
    guard !reference.contains("${") else {
      throw Mistake(message: "\(quoted("${\(reference)}")) stands inside another; only plain text can follow ':-'")
    }
    if reference.hasPrefix("file:") {
      return (try contents(of: String(reference.dropFirst(5))), "${\(reference)}")
    }
    let name = String(Substring(reference.utf8.prefix { $0.isInVariableName }))
    let isName = !name.isEmpty && !(name.utf8.first.map { (0x30...0x39).contains($0) } ?? true)
    let rest = reference.utf8.dropFirst(name.utf8.count)
    guard isName, rest.isEmpty || rest.starts(with: ":-".utf8) else {
      throw Mistake(
        message: "\(quoted("${\(reference)}")) is not understood; write ${NAME}, ${NAME:-default} or ${file:PATH}")
    }
    // As in a shell, a default also serves where the variable is empty.
    if let value = environment[name], rest.isEmpty || !value.isEmpty { return (value, "${\(name)}") }
    guard !rest.isEmpty else {
      throw Mistake(
        message: "the environment variable \(quoted(name)) is not set; set it, or write ${\(name):-default}")
    }
    return (String(Substring(rest.dropFirst(2))), nil)
  }

  private func contents(of path: String) throws(Mistake) -> String {
    guard !path.isEmpty, !path.utf8.contains(0) else {
      throw Mistake(message: "'${file:PATH}' needs the path of a file")
    }
    let bytes: [UInt8]
    do {
      bytes = try readFile(folder.resolving(path))
    } catch {
      throw Mistake(message: "the file \(quoted(path)) cannot be read: \(error)")
    }
    guard bytes.count <= Self.sizeLimit, let text = String(validating: bytes, as: UTF8.self) else {
      throw Mistake(message: "the file \(quoted(path)) does not hold a short UTF-8 text")
    }
    // An editor ends a file with a line break that is no part of what it holds.
    if text.utf8.last == 0x0A {
      let body = text.utf8.dropLast()
      return String(Substring(body.last == 0x0D ? body.dropLast() : body))
    }
    return text
  }
}

extension FilePath {
  /// A path as the configuration means it: relative to this folder, `.` and `..` taken out of it as text.
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
