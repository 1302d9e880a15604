internal import Events

/// What is usually wrong if libyaml cannot read on, in the words of people who write configurations.
///
/// Nothing of the text is quoted but the single character that a value cannot begin with: the rest may be a secret.
struct YAMLSlip {
  let message: Message
  /// Where to look: the character or bracket at fault, if reading did not end there.
  let place: Place?

  /// Explains a failure; nil if libyaml's own words have to do.
  ///
  /// - Parameters:
  ///   - failure: What libyaml reports: its messages are fixed texts of its scanner and parser.
  ///   - source: The text.
  init?(_ failure: YAMLEvents.Failure, in source: SourceText) {
    let end = failure.place.flatMap(source.character(at:))
    let begin = failure.contextPlace.flatMap(source.character(at:))
    let context = failure.context ?? ""
    var place: Place?
    switch failure.problem {
    case let problem where problem.hasPrefix("found a tab character") || end == "\t": message = Message(YAMLMessage.tab)
    case "found character that cannot start any token":
      message = Self.needsQuotes(end)
    case _ where context.hasSuffix("an alias") || context.hasSuffix("an anchor") || context.hasSuffix("a tag"):
      place = failure.contextPlace
      message = Self.needsQuotes(begin)
    case "found undefined tag handle":
      place = failure.contextPlace
      message = Self.needsQuotes(begin)
    case let problem where context.hasSuffix("a directive") && problem != "found incompatible YAML document":
      place = failure.contextPlace
      message = Self.needsQuotes("%")
    case let problem:
      guard let code = Self.codes[problem] else { return nil }
      message = Message(code)
      if Self.beginsInContext.contains(code) { place = failure.contextPlace }
    }
    self.place = place
  }

  private static let codes: [String: YAMLMessage] = [
    "mapping values are not allowed in this context": .colon, "could not find expected ':'": .noKey,
    "found unexpected end of stream": .openQuote, "found unexpected document indicator": .openQuote,
    "did not find expected ',' or ']'": .openList, "did not find expected ',' or '}'": .openMapping,
    "did not find expected node content": .noContent, "did not find expected key": .keyExpected,
    "did not find expected '-' indicator": .dashExpected,
    "block sequence entries are not allowed in this context": .dash,
    "found unknown escape character": .escape, "did not find expected hexdecimal number": .escape,
    "did not find expected <document start>": .behindEnd,
    "did not find expected comment or line break": .behindBlock,
  ]

  /// Those for which the fault is what libyaml was reading, not where it stopped.
  private static let beginsInContext: Set<YAMLMessage> = [.noKey, .openQuote]

  private static func needsQuotes(_ character: Unicode.Scalar?) -> Message {
    switch character {
    case "*": Message(YAMLMessage.quotesForStar)
    case "@": Message(YAMLMessage.quotesForAt)
    case .some(let character) where "&!%`|>\"'".unicodeScalars.contains(character):
      Message(YAMLMessage.quotesForCharacter, ["character": .text(String(character))])
    default: Message(YAMLMessage.quotes)
    }
  }
}
