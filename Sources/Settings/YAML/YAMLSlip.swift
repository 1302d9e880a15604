/// What is usually wrong where libyaml cannot read on, in words of those who write configurations.
///
/// Nothing of the text is quoted but the single character that a value cannot begin with: secrets may stand there.
struct YAMLSlip {
  let message: String
  /// Where to look: the character or bracket that is at fault, if that is not where the reading ended.
  let place: Place?

  /// Explains a failure; nil if libyaml's own words are all there is to say.
  ///
  /// - Parameters:
  ///   - failure: What libyaml says: its messages are fixed texts of its scanner and parser.
  ///   - source: The text.
  init?(_ failure: YAMLEvents.Failure, in source: SourceText) {
    let end = failure.place.flatMap(source.character(at:))
    let begin = failure.contextPlace.flatMap(source.character(at:))
    let context = failure.context ?? ""
    var place: Place?
    switch failure.problem {
    case let problem where problem.hasPrefix("found a tab character") || end == "\t":
      message = "a tab stands here; indent with spaces, not with a tab"
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
    case "mapping values are not allowed in this context":
      message =
        "a ':' stands here where no key can; put a value that has ': ' in it in quotes, and indent keys that belong together"
        + " alike"
    case "could not find expected ':'":
      place = failure.contextPlace
      message = "this is neither a key with ':' and a space behind it, as in 'timezone: UTC', nor the rest of a value"
    case "found unexpected end of stream", "found unexpected document indicator":
      place = failure.contextPlace
      message = "the quote that opens here is never closed; put the same one at the end of the value"
    case "did not find expected ',' or ']'":
      message =
        "a ',' or the ']' of a list is missing before this; put values that have brackets or quotes in them in quotes"
    case "did not find expected ',' or '}'":
      message =
        "a ',' or the '}' of a mapping is missing before this; put values that have brackets or quotes in them in quotes"
    case "did not find expected node content":
      message = "a value is missing here, or a bracket before it is never closed"
    case "did not find expected key":
      message =
        "a key is expected here; indent it like the keys that it belongs to, and let nothing follow a value that ends with a"
        + " quote"
    case "did not find expected '-' indicator":
      message = "a '-' is expected here, as before the other items of this list; indent the keys of one item alike"
    case "block sequence entries are not allowed in this context":
      message = "a '-' cannot stand here; begin the list in a line of its own"
    case "found unknown escape character", "did not find expected hexdecimal number":
      message =
        "in double quotes, '\\' and what follows it stand for another character; write it twice, or use single quotes"
    case "did not find expected <document start>":
      message = "this stands behind the end of the configuration; take a bracket away, or indent it like the first key"
    case "did not find expected comment or line break":
      message = "nothing can stand behind '|' or '>' in the same line; put the value in quotes if it begins so"
    default: return nil
    }
    self.place = place
  }

  private static func needsQuotes(_ character: Unicode.Scalar?) -> String {
    switch character {
    case "*": "a value that begins with '*' stands in quotes, as in \"*.json\" or \"*/5 * * * *\""
    case "@": "a value that begins with '@' stands in quotes, as in \"@filename\""
    case .some(let character) where "&!%`|>\"'".unicodeScalars.contains(character):
      "a value that begins with '\(character)' stands in quotes"
    default: "a value that begins so stands in quotes"
    }
  }
}
