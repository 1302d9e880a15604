internal import ExactJSON

/// All messages, by code: one table per language.
package enum MessageBook {
  /// A sentence in all languages.
  package struct Entry: Sendable {
    package var code: String
    package var arguments: [String]
    package var texts: [Language: String]
  }

  /// In the order of their declarations.
  ///
  /// A message's advice follows it, under `CODE.advice`.
  package static let entries = pageEntries + commandEntries + configurationEntries

  /// Messages that the page may receive.
  package static let pageEntries: [Entry] =
    entries(of: DropMessage.self) + entries(of: ContentMessage.self) + entries(of: JSONMistake.self)
    + entries(of: WebhookMessage.self) + entries(of: StatusMessage.self) + entries(of: CheckMessage.self)

  /// Messages that only commands print.
  private static let commandEntries =
    entries(of: CommandMessage.self) + entries(of: TrialMessage.self) + entries(of: FindingMessage.self)
    + entries(of: ActionMessage.self) + entries(of: ImportMessage.self)

  /// Messages about a configuration's mistakes.
  private static let configurationEntries =
    entries(of: ConfigurationMessage.self) + entries(of: ExpectationMessage.self) + entries(of: ValueMessage.self)
    + entries(of: FormatMessage.self) + entries(of: ReferenceMessage.self) + entries(of: YAMLMessage.self)
    + entries(of: HintMessage.self) + entries(of: WarningMessage.self)

  /// The ending of a code that makes it the code of that message's advice.
  static let adviceEnding = ".advice"

  private static let byCode = Dictionary(entries.map { ($0.code, $0) }) { first, _ in first }

  private static func entries<Code: MessageCode>(of codes: Code.Type) -> [Entry] {
    codes.allCases.flatMap { code in
      let all = Dictionary(uniqueKeysWithValues: Language.allCases.map { ($0, code.words(in: $0)) })
      var entries = [Entry(code: code.rawValue, arguments: code.arguments, texts: all.mapValues(\.text))]
      let advice = all.compactMapValues(\.advice)
      if !advice.isEmpty {
        entries.append(Entry(code: code.rawValue + adviceEnding, arguments: code.arguments, texts: advice))
      }
      return entries
    }
  }

  static func entry(_ code: String) -> Entry? { byCode[code] }

  /// For the page: an object per language, of sentences by code.
  package static var json: [UInt8] {
    var bytes: [UInt8] = []
    for language in Language.allCases {
      bytes.append(bytes.isEmpty ? UInt8(ascii: "{") : UInt8(ascii: ","))
      JSONText.appendQuoted(language.rawValue.utf8, to: &bytes)
      bytes += Array(":{".utf8)
      for (index, entry) in pageEntries.enumerated() {
        guard let text = entry.texts[language] else { continue }
        if index > 0 { bytes.append(UInt8(ascii: ",")) }
        JSONText.appendQuoted(entry.code.utf8, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
        JSONText.appendQuoted(text.utf8, to: &bytes)
      }
      bytes.append(UInt8(ascii: "}"))
    }
    bytes.append(UInt8(ascii: "}"))
    return bytes
  }
}
