internal import CLibYAML
internal import Events

/// What libyaml parses from a text, event by event.
struct YAMLEvents: ~Copyable {
  // libyaml keeps a pointer to the parser inside it, so it must not move.
  private let parser: UnsafeMutablePointer<yaml_parser_t>

  struct Event {
    var place: Place
    var kind: Kind

    enum Kind {
      case documentStart
      case end
      case alias
      case scalar(String, isPlain: Bool, tag: String?)
      case listStart(tag: String?)
      case listEnd
      case mappingStart(tag: String?, isInBraces: Bool)
      case mappingEnd
      /// Says nothing about the values.
      case other
    }
  }

  /// Why a text is not YAML.
  struct Failure: Error {
    /// libyaml's message, one of its fixed texts.
    var problem: String
    /// What it was doing, likewise: `while scanning an alias`.
    var context: String?
    /// Where that began.
    var contextPlace: Place?
    /// Nil if libyaml knows only `offset`.
    var place: Place?
    /// In bytes.
    var offset: Int

    /// Both, as one sentence.
    var message: Message {
      let line = context == nil || contextPlace?.line == place?.line ? nil : contextPlace?.line
      return Message(
        YAMLMessage.other,
        ["said": .text(context.map { "\(problem) \($0)" } ?? problem), "line": .text(line.map(String.init) ?? "")])
    }
  }

  /// Reads UTF-8; the bytes must outlive the events.
  ///
  /// Nil if out of memory.
  init?(reading bytes: UnsafeBufferPointer<UInt8>) {
    parser = .allocate(capacity: 1)
    parser.initialize(to: yaml_parser_t())
    guard yaml_parser_initialize(parser) == 1 else {
      parser.deallocate()
      return nil
    }
    yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
    yaml_parser_set_input_string(parser, bytes.baseAddress, bytes.count)
  }

  deinit {
    yaml_parser_delete(parser)
    parser.deallocate()
  }

  /// The next event; none after `end` or an error.
  mutating func next() throws(Failure) -> Event {
    var event = yaml_event_t()
    guard yaml_parser_parse(parser, &event) == 1 else { throw failure() }
    defer { yaml_event_delete(&event) }
    return Event(place: Place(event.start_mark), kind: Self.kind(of: event))
  }

  private static func kind(of event: yaml_event_t) -> Event.Kind {
    switch event.type {
    case YAML_DOCUMENT_START_EVENT: return .documentStart
    case YAML_STREAM_END_EVENT: return .end
    case YAML_ALIAS_EVENT: return .alias
    case YAML_SCALAR_EVENT:
      let scalar = event.data.scalar
      let bytes = UnsafeBufferPointer(start: scalar.value, count: scalar.value == nil ? 0 : scalar.length)
      return .scalar(
        String(decoding: bytes, as: UTF8.self), isPlain: scalar.style == YAML_PLAIN_SCALAR_STYLE, tag: text(scalar.tag))
    case YAML_SEQUENCE_START_EVENT: return .listStart(tag: text(event.data.sequence_start.tag))
    case YAML_SEQUENCE_END_EVENT: return .listEnd
    case YAML_MAPPING_START_EVENT:
      let start = event.data.mapping_start
      return .mappingStart(tag: text(start.tag), isInBraces: start.style == YAML_FLOW_MAPPING_STYLE)
    case YAML_MAPPING_END_EVENT: return .mappingEnd
    default: return .other
    }
  }

  private static func text(_ bytes: UnsafeMutablePointer<yaml_char_t>?) -> String? {
    bytes.map { String(decodingCString: $0, as: UTF8.self) }
  }

  private func failure() -> Failure {
    let error = parser.pointee
    let hasPlace = error.error != YAML_READER_ERROR && error.error != YAML_MEMORY_ERROR
    return Failure(
      problem: error.problem.map { String(cString: $0) } ?? "it cannot be read",
      context: error.context.map { String(cString: $0) },
      contextPlace: error.context == nil ? nil : Place(error.context_mark),
      place: hasPlace ? Place(error.problem_mark) : nil, offset: Int(clamping: error.problem_offset))
  }
}

extension Place {
  fileprivate init(_ mark: yaml_mark_t) {
    // A text has at most as many lines and columns as bytes, so these are small.
    self.init(line: Int(clamping: mark.line &+ 1), column: Int(clamping: mark.column &+ 1))
  }
}
