import ExactJSON
import Glibc
import Testing

/// The source that these tests were built from.
enum Repository {
  static let root = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")

  static func text(_ path: String) throws -> String {
    let file = try #require(fopen("\(root)/\(path)", "rb"), "\(path) is missing")
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while case let count = fread(&buffer, 1, buffer.count, file), count > 0 { bytes += buffer[..<count] }
    return String(decoding: bytes, as: UTF8.self)
  }

  static func exists(_ path: String) -> Bool { access("\(root)/\(path)", F_OK) == 0 }

  /// Paths of the files below a folder whose names have this ending, sorted.
  static func files(below folder: String, ending: String) -> [String] {
    guard let stream = opendir("\(root)/\(folder)") else { return [] }
    defer { closedir(stream) }
    var found: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      let path = folder.isEmpty ? name : "\(folder)/\(name)"
      if entry.pointee.d_type == UInt8(DT_DIR) {
        if !name.hasPrefix(".") { found += files(below: path, ending: ending) }
      } else if name.hasSuffix(ending) {
        found.append(path)
      }
    }
    return found.sorted()
  }

  /// The pages that people read.
  static let pages =
    ["README.md", "LISEZMOI.md", "CONTRIBUTING.md"]
    + ["Documentation", "packaging", "integrations", "Benchmarks"].flatMap { files(below: $0, ending: ".md") }

  /// The cells of a page's tables, by row; heads and rules are left out.
  ///
  /// - Parameters:
  ///   - page: The page's path.
  ///   - section: The heading above them; nil: the whole page.
  /// - Returns: Their cells.
  /// - Throws: What a test throws if the page or the heading is missing.
  static func rows(of page: String, below section: String? = nil) throws -> [[String]] {
    var lines = try text(page).split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    if let section {
      let start = try #require(lines.firstIndex(of: section), "\(page) has no \(section)")
      lines = Array(lines[(start + 1)...])
      lines = Array(lines[..<(lines.firstIndex { $0.hasPrefix("## ") } ?? lines.endIndex)])
    }
    return lines.indices.compactMap { index in
      guard lines[index].hasPrefix("| "), !lines[index].hasPrefix("|---"),
        index + 1 >= lines.count || !lines[index + 1].hasPrefix("|---")
      else { return nil }
      return lines[index].dropFirst(2).dropLast(2).split(separator: " | ", omittingEmptySubsequences: false)
        .map(String.init)
    }
  }

  /// The texts between backquotes.
  static func code(in text: String) -> [String] {
    text.split(separator: "`", omittingEmptySubsequences: false).enumerated().filter { $0.offset % 2 == 1 }
      .map { String($0.element) }
  }
}

/// JSON as a tree.
indirect enum JSONTree {
  case object([(name: String, value: JSONTree)])
  case array([JSONTree])
  case text(String)
  /// A number, a boolean or null, as written.
  case other(String)

  init(_ text: String) throws {
    let bytes = Array(text.utf8)
    var document = JSONDocument()
    try document.scan(bytes.span)
    self.init(document.root, bytes)
  }

  private init(_ value: JSONValue, _ bytes: [UInt8]) {
    switch value.kind {
    case .object:
      var members: [JSONMember] = []
      JSONText.members(of: value, in: bytes.span, into: &members)
      self = .object(
        members.map { (JSONText.string($0.name, in: bytes.span) ?? "", JSONTree($0.value, bytes)) })
    case .array:
      var elements: [JSONValue] = []
      JSONText.elements(of: value, in: bytes.span, into: &elements)
      self = .array(elements.map { JSONTree($0, bytes) })
    case .string: self = .text(JSONText.string(value.withoutQuotes, in: bytes.span) ?? "")
    default: self = .other(String(decoding: value.range.map { bytes[$0] }, as: UTF8.self))
    }
  }

  subscript(name: String) -> JSONTree? { members.first { $0.name == name }?.value }

  var members: [(name: String, value: JSONTree)] { if case .object(let members) = self { members } else { [] } }
  var elements: [JSONTree] { if case .array(let elements) = self { elements } else { [] } }
  var string: String? { if case .text(let text) = self { text } else { nil } }
  var isTrue: Bool { if case .other("true") = self { true } else { false } }
}
