/// Why a text is not the YAML of a configuration; none of these sentences quotes more than one character of it.
package enum YAMLMessage: String, MessageCode {
  // The file as a whole.
  case fileTooLarge = "configuration-too-large"
  case noUTF8 = "configuration-not-utf8"
  case control = "configuration-control-character"
  case byteOrderMark = "configuration-byte-order-mark"
  case lineSeparator = "configuration-line-separator"
  case noMemory = "configuration-no-memory"
  case notYAML = "not-yaml"
  /// libyaml's own words, if nothing better is known.
  case other = "yaml-other"
  // What libyaml rejects.
  case tab = "yaml-tab"
  case hiddenCharacter = "yaml-hidden-character"
  case oddSpace = "yaml-odd-space"
  case quotesForStar = "yaml-quotes-for-star"
  case quotesForAt = "yaml-quotes-for-at"
  case quotesForCharacter = "yaml-quotes-for-character"
  case quotes = "yaml-quotes"
  case colon = "yaml-colon"
  case noKey = "yaml-neither-key-nor-value"
  case openQuote = "yaml-quote-not-closed"
  case openList = "yaml-list-not-closed"
  case openMapping = "yaml-mapping-not-closed"
  case noContent = "yaml-value-or-bracket-missing"
  case keyExpected = "yaml-key-expected"
  case dashExpected = "yaml-dash-expected"
  case dash = "yaml-dash"
  case escape = "yaml-escape"
  case behindEnd = "yaml-behind-end"
  case behindBlock = "yaml-behind-block-mark"
  // What a configuration does not need.
  case secondDocument = "yaml-second-document"
  case tooDeep = "yaml-too-deep"
  case alias = "yaml-alias"
  case tag = "yaml-tag"
  case mergeKey = "yaml-merge-key"
  case noValue = "yaml-value-missing"
  case sameKey = "yaml-key-twice"

  package var arguments: [String] {
    switch self {
    case .fileTooLarge: ["count"]
    case .control, .lineSeparator, .hiddenCharacter, .oddSpace: ["code"]
    case .notYAML: ["why"]
    case .other: ["said", "line"]
    case .quotesForCharacter: ["character"]
    case .tooDeep: ["limit"]
    case .sameKey: ["line"]
    default: []
    }
  }

  package var english: MessageWords {
    switch self {
    case .fileTooLarge:
      MessageWords("a configuration of more than 1 MiB is not read", advice: "this one has {count} bytes")
    case .noUTF8: MessageWords("this is not UTF-8", advice: "save the file as UTF-8")
    case .control: "the control character U+{code} is not allowed here"
    case .byteOrderMark:
      MessageWords(
        "there is an invisible byte order mark (U+FEFF) here, which is allowed only at the beginning of a file",
        advice: "delete it; it is often left where files were put together")
    case .lineSeparator:
      MessageWords(
        "there is an invisible line separator (U+{code}) here", advice: "replace it by an ordinary line break")
    case .noMemory: "there is not enough memory to read the configuration"
    case .notYAML: "this is not YAML: {why}"
    case .other: "{said}{line| that begins in line #}"
    case .tab: MessageWords("a tab is used here", advice: "indent with spaces, not with a tab")
    case .hiddenCharacter:
      MessageWords("there is an invisible character (U+{code}) here", advice: "delete it")
    case .oddSpace:
      MessageWords("this space is U+{code}, not a plain one", advice: "type that space again")
    case .quotesForStar: #"a value that begins with '*' must be in quotes, as in "*.json" or "*/5 * * * *""#
    case .quotesForAt: #"a value that begins with '@' must be in quotes, as in "@filename""#
    case .quotesForCharacter: "a value that begins with '{character}' must be in quotes"
    case .quotes: "a value that begins like this must be in quotes"
    case .colon:
      MessageWords(
        "a ':' is not allowed here",
        advice: "put a value that contains ': ' in quotes, and indent keys that belong together alike")
    case .noKey:
      "this is neither a key with ':' and a space after it, as in 'timezone: UTC', nor the rest of a value"
    case .openQuote:
      MessageWords(
        "the quote that opens here is never closed", advice: "put the same one at the end of the value")
    case .openList:
      MessageWords("a ',' or the ']' of a list is missing before this", advice: Self.quotesForBrackets)
    case .openMapping:
      MessageWords("a ',' or the '}' of a mapping is missing before this", advice: Self.quotesForBrackets)
    case .noContent: "a value is missing here, or a bracket before it is never closed"
    case .keyExpected:
      MessageWords(
        "a key is expected here",
        advice: "indent it like the keys that it belongs to, and put nothing after a value that ends with a quote")
    case .dashExpected:
      MessageWords(
        "a '-' is expected here, as before the other items of this list", advice: "indent the keys of one item alike")
    case .dash: MessageWords("a '-' is not allowed here", advice: "begin the list on a line of its own")
    case .escape:
      MessageWords(
        #"in double quotes, '\' and what follows it stand for another character"#,
        advice: "write it twice, or use single quotes")
    case .behindEnd:
      MessageWords(
        "this follows the end of the configuration",
        advice: "remove a bracket, or indent it like the first key")
    case .behindBlock:
      MessageWords(
        "nothing can follow '|' or '>' on the same line", advice: "put the value in quotes if it begins so")
    case .secondDocument:
      MessageWords(
        "a second document begins here", advice: "a configuration is one document, so remove this '---'")
    case .tooDeep: "values are nested more than {limit} deep here"
    case .alias: MessageWords("an alias, '*' and a name, is not supported here", advice: "write the value out")
    case .tag: MessageWords("a tag, '!' and a name, is not understood here", advice: "remove it")
    case .mergeKey: MessageWords("the merge key '<<' is not supported", advice: "write the keys out")
    case .noValue: "a value is missing here"
    case .sameKey: MessageWords("this key is already in line {line}", advice: "remove one of the two")
    }
  }

  private static let quotesForBrackets = "put values that contain brackets or quotes in quotes"
}
