internal import SystemPackage

/// What is needed all along while a configuration is read: where problems go, and what stands for variables.
final class ReadingContext {
  let folder: FilePath
  private let environment: [String: String]
  private let readFile: (FilePath) throws -> [UInt8]
  private(set) var problems: [Problem] = []
  var givenKeys: Set<String> = []

  init(folder: FilePath, environment: [String: String], readFile: @escaping (FilePath) throws -> [UInt8]) {
    self.folder = folder
    self.environment = environment
    self.readFile = readFile
  }

  func report(_ node: YAMLNode, _ message: String) {
    report(node.place, message)
  }

  func report(_ place: YAMLPlace, _ message: String) {
    let problem = Problem(place, message)
    if !problems.contains(problem) { problems.append(problem) }
  }

  /// Whether a value comes from a variable or a file, and may therefore be secret.
  func isFromOutside(_ node: YAMLNode) -> Bool {
    if case .scalar(let text, _) = node.content { text.contains("${") } else { false }
  }

  /// A single value, with its variables replaced; nil where one of them cannot be, which is reported.
  ///
  /// `${NAME}` is a variable of the environment, `${NAME:-default}` one that may be missing or empty, `${file:PATH}` a
  /// file's content without the line break at its end, and `$$` a dollar sign.
  func text(of node: YAMLNode) -> String? {
    guard case .scalar(let text, _) = node.content else { return nil }
    guard text.contains("$") else { return text }
    var result = ""
    var rest = text[...]
    while let dollar = rest.firstIndex(of: "$") {
      result += rest[..<dollar]
      rest = rest[rest.index(after: dollar)...]
      if rest.hasPrefix("$") {
        result += "$"
        rest = rest.dropFirst()
      } else if rest.hasPrefix("{") {
        guard let end = rest.firstIndex(of: "}") else {
          report(node, "'${' has no '}'; a dollar sign of its own is written '$$'")
          return nil
        }
        guard let value = value(of: rest[rest.index(after: rest.startIndex)..<end], node) else { return nil }
        result += value
        rest = rest[rest.index(after: end)...]
      } else {
        result += "$"
      }
    }
    return result + rest
  }

  private func value(of expression: Substring, _ node: YAMLNode) -> String? {
    if expression.hasPrefix("file:") {
      let name = String(expression.dropFirst(5))
      do {
        var bytes = try readFile(folder.pushing(FilePath(name)))
        while bytes.last == 0x0A || bytes.last == 0x0D { bytes.removeLast() }
        guard let text = String(validating: bytes, as: UTF8.self) else {
          report(node, "the file \(name) is not UTF-8")
          return nil
        }
        return text
      } catch {
        report(node, "the file \(name) cannot be read: \(error)")
        return nil
      }
    }
    let parts = expression.split(separator: ":-", maxSplits: 1, omittingEmptySubsequences: false)
    let name = String(parts[0])
    guard isVariableName(name) else {
      report(node, "'${\(name)}' names no variable; write ${NAME}, ${NAME:-default} or ${file:PATH}")
      return nil
    }
    if let value = environment[name], !(value.isEmpty && parts.count == 2) { return value }
    if parts.count == 2 { return String(parts[1]) }
    report(node, "the variable \(name) is not set; set it, or write ${\(name):-default}")
    return nil
  }

  private func isVariableName(_ name: String) -> Bool {
    guard let first = name.utf8.first, !(0x30...0x39).contains(first) else { return false }
    return name.utf8.allSatisfy { byte in
      (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) || byte == 0x5F
    }
  }
}
