internal import Events

/// Builds the one document of a text from libyaml's events, and reports what a configuration cannot contain.
///
/// It does not know yet where secrets are, so none of its messages quotes anything of the text.
struct YAMLComposer: ~Copyable {
  /// How deep values may be nested; the configuration itself needs six.
  private static let depthLimit = 32

  private var events: YAMLEvents
  private let source: SourceText
  private let log: ProblemLog

  /// The text cannot be read any further; the reason has been reported.
  private struct Stop: Error {}

  /// Reads a text.
  ///
  /// - Returns: Its document; nil if it has none, or is not YAML, which is reported.
  static func compose(_ source: SourceText, log: ProblemLog) -> YAMLNode? {
    if let problem = source.problem() {
      log.report(problem.message, at: problem.place)
      return nil
    }
    return source.bytes.withUnsafeBufferPointer { bytes -> YAMLNode? in
      guard let events = YAMLEvents(reading: bytes) else {
        log.report(Message(YAMLMessage.noMemory), at: .start)
        return nil
      }
      var composer = YAMLComposer(events: events, source: source, log: log)
      return try? composer.document()
    }
  }

  private init(events: consuming YAMLEvents, source: SourceText, log: ProblemLog) {
    self.events = events
    self.source = source
    self.log = log
  }

  private mutating func next() throws(Stop) -> YAMLEvents.Event {
    do {
      return try events.next()
    } catch {
      let slip = YAMLSlip(error, in: source)
      let end = error.place ?? source.place(of: error.offset)
      let unseen = source.unseenCharacter(upTo: end)
      let cause = unseen?.character.message(YAMLMessage.hiddenCharacter, .oddSpace)
      let why = Message.Value.message(cause ?? slip?.message ?? error.message)
      log.report(Message(YAMLMessage.notYAML, ["why": why]), at: unseen?.place ?? slip?.place ?? end)
      throw Stop()
    }
  }

  private mutating func document() throws(Stop) -> YAMLNode? {
    var document: YAMLNode?
    var count = 0
    while true {
      let event = try next()
      switch event.kind {
      case .end: return document
      case .documentStart:
        count += 1
        guard count == 1 else {
          log.report(Message(YAMLMessage.secondDocument), at: event.place)
          throw Stop()
        }
        document = try node(beginningWith: next(), depth: 1)
      default: break
      }
    }
  }

  private mutating func node(beginningWith event: YAMLEvents.Event, depth: Int) throws(Stop) -> YAMLNode {
    guard depth <= Self.depthLimit else {
      log.report(Message(YAMLMessage.tooDeep, ["limit": .integer(Self.depthLimit)]), at: event.place)
      throw Stop()
    }
    var content: YAMLNode.Content
    let known: Bool
    switch event.kind {
    case .scalar(let text, let isPlain, let tag):
      // A tag such as !!str means that a plain word has no special meaning.
      content = .scalar(YAMLScalar(text: text, isPlain: isPlain && (tag == nil || tag == Self.core("null"))))
      known = isKnown(tag, of: ["str", "int", "float", "bool", "null"], at: event.place)
    case .listStart(let tag):
      known = isKnown(tag, of: ["seq"], at: event.place)
      content = .list(try items(depth: depth))
    case .mappingStart(let tag, let isInBraces):
      known = isKnown(tag, of: ["map"], at: event.place)
      content = .mapping(try entries(depth: depth, isInBraces: isInBraces))
    case .alias:
      log.report(Message(YAMLMessage.alias), at: event.place)
      known = false
      content = .refused
    default:
      log.report(Message(YAMLMessage.noValue), at: event.place)
      throw Stop()
    }
    return YAMLNode(place: event.place, content: known ? content : .refused)
  }

  private mutating func items(depth: Int) throws(Stop) -> [YAMLNode] {
    var items: [YAMLNode] = []
    while true {
      let event = try next()
      if case .listEnd = event.kind { return items }
      items.append(try node(beginningWith: event, depth: depth + 1))
    }
  }

  private mutating func entries(depth: Int, isInBraces: Bool) throws(Stop) -> [YAMLEntry] {
    var entries: [YAMLEntry] = []
    var seen: [String: Place] = [:]
    while true {
      let event = try next()
      if case .mappingEnd = event.kind { return entries }
      let key = try node(beginningWith: event, depth: depth + 1)
      let value = try node(beginningWith: next(), depth: depth + 1)
      switch key.content {
      case .scalar(let scalar) where scalar.text == "<<" && scalar.isPlain:
        log.report(Message(YAMLMessage.mergeKey), at: key.place)
      case .scalar(let scalar):
        if let first = seen[scalar.text] {
          log.report(Message(YAMLMessage.sameKey, ["line": .integer(first.line)]), at: key.place)
        } else {
          seen[scalar.text] = key.place
          entries.append(YAMLEntry(key: scalar.text, keyPlace: key.place, value: value, isInBraces: isInBraces))
        }
      case .refused: break
      default: log.report(.expected(.key, found: key.found), at: key.place)
      }
    }
  }

  private static func core(_ name: String) -> String { "tag:yaml.org,2002:" + name }

  private func isKnown(_ tag: String?, of names: [String], at place: Place) -> Bool {
    // A lone `!` only means: literally.
    guard let tag, tag != "!", !names.contains(where: { Self.core($0) == tag }) else { return true }
    log.report(Message(YAMLMessage.tag), at: place)
    return false
  }
}
