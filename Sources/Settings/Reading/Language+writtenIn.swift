internal import Events

extension Language {
  /// The language of a configuration that is not YAML, so that its mistake is still reported in that language.
  ///
  /// It is that of the first line that sets `language` to an existing one; English if there is no such line.
  init(writtenIn yaml: [UInt8]) {
    for line in yaml.split(whereSeparator: { $0 == 0x0A || $0 == 0x0D }) where line.starts(with: "language:".utf8) {
      let value = line.dropFirst("language:".utf8.count).prefix { $0 != UInt8(ascii: "#") }
      let word = String(decoding: value.filter { !" \t\"'".utf8.contains($0) }, as: UTF8.self)
      if let found = Language(rawValue: word) {
        self = found
        return
      }
    }
    self = .en
  }
}
