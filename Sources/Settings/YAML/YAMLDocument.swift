internal import CLibYAML

/// Reads YAML with libyaml, and keeps each node's place.
enum YAMLDocument {
  /// More than any configuration has, and little enough to be read at once.
  private static let sizeLimit = 1 << 20
  private static let depthLimit = 32

  /// The root of the one document in a text; nil where there is none, or nothing in it.
  ///
  /// - Throws: `Problem`, the first that libyaml finds.
  static func parse(_ bytes: [UInt8]) throws(Problem) -> YAMLNode? {
    guard bytes.count <= sizeLimit else {
      throw Problem(
        YAMLPlace(line: 1, column: 1), "the file has \(bytes.count) bytes; a configuration has at most 1 MiB")
    }
    var parser = yaml_parser_t()
    guard yaml_parser_initialize(&parser) == 1 else {
      throw Problem(YAMLPlace(line: 1, column: 1), "there is not enough memory to read the file")
    }
    defer { yaml_parser_delete(&parser) }
    return try bytes.withUnsafeBufferPointer { buffer throws(Problem) in
      yaml_parser_set_input_string(&parser, buffer.baseAddress, buffer.count)
      yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING)
      let root = try load(&parser)
      var rest = yaml_document_t()
      guard yaml_parser_load(&parser, &rest) == 1 else { throw Problem(parser) }
      defer { yaml_document_delete(&rest) }
      if let extra = yaml_document_get_root_node(&rest) {
        throw Problem(YAMLPlace(extra.pointee.start_mark), "a second document begins here; a configuration is one")
      }
      return root
    }
  }

  private static func load(_ parser: inout yaml_parser_t) throws(Problem) -> YAMLNode? {
    var document = yaml_document_t()
    guard yaml_parser_load(&parser, &document) == 1 else { throw Problem(parser) }
    defer { yaml_document_delete(&document) }
    guard yaml_document_get_root_node(&document) != nil else { return nil }
    var builder = TreeBuilder(document: document)
    return try builder.node(1, depth: 0)
  }

  /// Makes values of libyaml's nodes.
  ///
  /// A node that several aliases name is made once, so no text can grow in memory.
  private struct TreeBuilder {
    var document: yaml_document_t
    var made: [Int32: YAMLNode] = [:]
    var isMaking: Set<Int32> = []

    mutating func node(_ index: Int32, depth: Int) throws(Problem) -> YAMLNode {
      if let node = made[index] { return node }
      guard let source = yaml_document_get_node(&document, index)?.pointee else {
        throw Problem(YAMLPlace(line: 1, column: 1), "an alias leads nowhere")
      }
      let place = YAMLPlace(source.start_mark)
      guard depth < depthLimit else { throw Problem(place, "the nesting is deeper than any setting's") }
      guard isMaking.insert(index).inserted else { throw Problem(place, "this value contains itself") }
      defer { isMaking.remove(index) }
      let node = YAMLNode(content: try content(of: source, depth), place: place)
      made[index] = node
      return node
    }

    private mutating func content(of source: yaml_node_t, _ depth: Int) throws(Problem) -> YAMLNode.Content {
      switch source.type {
      case YAML_SEQUENCE_NODE:
        var items: [YAMLNode] = []
        let list = source.data.sequence.items
        var item = list.start
        while let current = item, current < list.top {
          items.append(try node(current.pointee, depth: depth + 1))
          item = current + 1
        }
        return .sequence(items)
      case YAML_MAPPING_NODE:
        var pairs: [(key: YAMLNode, value: YAMLNode)] = []
        let list = source.data.mapping.pairs
        var pair = list.start
        while let current = pair, current < list.top {
          pairs.append(
            (try node(current.pointee.key, depth: depth + 1), try node(current.pointee.value, depth: depth + 1)))
          pair = current + 1
        }
        return .mapping(pairs)
      default:
        let scalar = source.data.scalar
        let text = UnsafeBufferPointer(start: scalar.value, count: scalar.length)
        return .scalar(
          String(decoding: text, as: UTF8.self), isPlain: scalar.style == YAML_PLAIN_SCALAR_STYLE)
      }
    }
  }
}

extension YAMLPlace {
  init(_ mark: yaml_mark_t) {
    self.init(line: mark.line + 1, column: mark.column + 1)
  }
}

extension Problem {
  /// What libyaml found wrong.
  fileprivate init(_ parser: yaml_parser_t) {
    let problem = parser.problem.map { String(cString: $0) } ?? "there is not enough memory"
    let context = parser.context.map { ", \(String(cString: $0))" } ?? ""
    if parser.error == YAML_READER_ERROR {
      self.init(YAMLPlace(line: 1, column: 1), "the file is not UTF-8: \(problem), at byte \(parser.problem_offset)")
    } else {
      self.init(YAMLPlace(parser.problem_mark), "this is not YAML: \(problem)\(context)")
    }
  }
}
