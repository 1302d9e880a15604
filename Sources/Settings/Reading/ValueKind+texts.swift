internal import CShims
internal import Events
internal import ExactJSON
internal import Intake
internal import SystemPackage
internal import Time

extension ValueKind where Value == String {
  /// Any text without control characters.
  ///
  /// - Parameters:
  ///   - expectation: What is expected.
  ///   - lines: The message for a text of several lines.
  /// - Returns: The kind.
  private static func text(_ expectation: ExpectationMessage, _ lines: ValueMessage) -> Self {
    ValueKind(expectation: .expected(expectation), form: .line(atMost: nil)) { text throws(ValueMistake) in
      guard !text.hasControlCharacter else { throw ValueMistake(lines) }
      return text
    }
  }

  static var command: Self {
    var kind = text(.command, .commandLines)
    // The shell replaces variables.
    kind.doubts.removeAll { $0 == .bareVariable }
    return kind
  }

  static var title: Self {
    var kind = text(.title, .titleLines)
    // It is for people, so it may contain any sign.
    kind.doubts = []
    return kind
  }

  static var inboxName: Self {
    ValueKind(
      expectation: .expected(.inboxName),
      isQuotable: true, form: .pattern("^[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}$")
    ) { text throws(ValueMistake) in
      let isPlain = text.utf8.allSatisfy { $0.isAlphanumeric || "._-".utf8.contains($0) }
      guard isPlain, (1...64).contains(text.utf8.count), text.utf8.first != UInt8(ascii: ".") else {
        throw ValueMistake()
      }
      return text
    }
  }

  /// The ending of marker files' names.
  static var marker: Self {
    ValueKind(
      expectation: .expected(.marker), isQuotable: true,
      form: .pattern(#"^[^/\#(controlClass)]{0,64}$"#)
    ) {
      text throws(ValueMistake) in
      guard text.utf8.count <= 64, !text.hasControlCharacter, !text.utf8.contains(UInt8(ascii: "/")) else {
        throw ValueMistake()
      }
      return text
    }
  }

  /// A pattern of file names.
  static var pattern: Self {
    ValueKind(
      expectation: .expected(.pattern), isQuotable: true,
      form: .pattern(#"^(?!.*\{(?=.*,)(?=.*\}))(?!(?:[^\\\[]|\\.)*\[[^\]]*$)(?:[^/\\]|\\[^/])+$"#)
    ) {
      text throws(ValueMistake) in
      if let mistake = GlobPattern.mistake(in: text) {
        let why = Message.Value.message(Message(mistake))
        throw ValueMistake(
          reason: .refused(.uselessPattern, ["why": why]),
          explanation: Message(FormatMessage.pattern, ["pattern": .text(shown(text)), "why": why]))
      }
      return text
    }
  }

  /// An event's type, within the length that a record allows.
  static var eventType: Self {
    ValueKind(expectation: .expected(.eventType), form: .line(atMost: 256)) {
      text throws(ValueMistake) in
      guard text.utf8.count <= 256, !text.hasControlCharacter else { throw ValueMistake() }
      return text
    }
  }

  /// A prefix of eventIds, which have 512 bytes at most.
  static var eventIdPrefix: Self {
    ValueKind(expectation: .expected(.eventIdPrefix), form: .line(atMost: 256)) {
      text throws(ValueMistake) in
      guard text.utf8.count <= 256, !text.hasControlCharacter else { throw ValueMistake() }
      return text
    }
  }

  /// One rule of a schedule.
  static var scheduleRule: Self {
    ValueKind(
      expectation: .expected(.schedule),
      isQuotable: true,
      form: .pattern(
        "^[ \\t]*([Ee][Vv][Ee][Rr][Yy][ \\t]+(?!(0+(ms|s|m|h|d))+[ \\t]*$)([0-9]+(ms|s|m|h|d))+"
          + "|@([Yy]early|[Aa]nnually|[Mm]onthly|[Ww]eekly|[Dd]aily|[Mm]idnight|[Hh]ourly)"
          + "|([0-9A-Za-z*,/-]+[ \\t]+){4}[0-9A-Za-z*,/-]+)[ \\t]*$")
    ) { text throws(ValueMistake) in
      do throws(ScheduleError) {
        _ = try Schedule([text])
      } catch {
        throw ValueMistake(explanation: error.message, hint: error.hint)
      }
      return text
    }
  }
}

extension ValueKind where Value == Charset {
  /// A character set that this system can convert from: iconv -l lists them.
  static var charset: Self {
    ValueKind(
      expectation: .expected(.charset),
      isQuotable: true, form: .pattern("^[A-Za-z0-9._:+-]{1,64}$")
    ) { text throws(ValueMistake) in
      let isPlain = text.utf8.allSatisfy { $0.isAlphanumeric || "._:+-".utf8.contains($0) }
      guard isPlain, (1...64).contains(text.utf8.count) else { throw ValueMistake() }
      guard let converter = eventdrop_iconv_open("utf-8", text) else {
        let meant = otherCharsets[text.lowercased()].map { Message(HintMessage.writeIfMeant, ["text": .text($0)]) }
        throw ValueMistake(
          explanation: Message(FormatMessage.unknownCharset, ["charset": .text(shown(text))]),
          hint: meant ?? Message(HintMessage.charsets))
      }
      eventdrop_iconv_close(converter)
      return Charset(text.lowercased())
    }
  }
}

extension ValueKind where Value == MemberSource {
  /// A JSON Pointer (RFC 6901, section 3).
  static func pointer(_ example: String) -> Self {
    ValueKind(
      expectation: .expected(.pointer, ["example": .text(example)]), isQuotable: true,
      form: .pattern("^(/([^~]|~[01])*)?$")
    ) { text throws(ValueMistake) in
      do throws(JSONPointerError) {
        return .pointer(try JSONPointer(text))
      } catch {
        let hint =
          switch error.reason {
          case .noSlash: pointerMeant(by: text).map { Message(HintMessage.write, ["text": .text($0)]) }
          case .invalidEscape: Message(HintMessage.pointerEscapes)
          }
        throw ValueMistake(hint: hint)
      }
    }
  }

  /// The origin of a text member: a JSON Pointer, or one of the words for what the event itself lacks.
  ///
  /// - Parameters:
  ///   - example: A pointer, for messages.
  ///   - words: The words.
  ///   - constant: The key that sets a text for all events; nil: there is none.
  /// - Returns: The kind.
  static func textSource(
    _ example: String, words: [String] = ["@filename", "@sha256"], constant: String? = nil
  ) -> Self {
    let pointer = pointer(example)
    let form = ValueForm.pattern("^(\((words + ["/([^~]|~[01])*"]).joined(separator: "|")))$")
    let (others, last) = alternatives(words)
    let expectation =
      words.isEmpty
      ? pointer.expectation
      : .expected(.source, ["example": .text(example), "words": others, "last": last])
    return ValueKind(expectation: expectation, isQuotable: true, form: form) {
      text throws(ValueMistake) in
      if words.contains(text), let source = try? MemberSource(text) { return source }
      guard text.utf8.first != UInt8(ascii: "@") else {
        throw ValueMistake(hint: misspelt(text, for: words))
      }
      guard !text.isEmpty else {
        throw ValueMistake(.wholeEvent)
      }
      do throws(ValueMistake) {
        return try pointer.read(text)
      } catch {
        // A word in capitals is not a member's name, but its value.
        guard let constant, text.utf8.first != UInt8(ascii: "/"), text.isInCapitals else { throw error }
        throw ValueMistake(hint: .constant, ["key": .text(constant), "text": .text(text)])
      }
    }
  }
}

/// The JSON Pointer probably meant by a path in another notation; nil if unknown.
func pointerMeant(by text: String) -> String? {
  var path = text[...]
  // JSONPath (RFC 9535), an n8n expression, and a pointer as the fragment of an address (RFC 6901, section 6).
  for prefix in ["{{", " ", "$json.", "$json/", "$.", "$/", "#/", "."] where path.hasPrefix(prefix) {
    path = path.dropFirst(prefix.count)
  }
  for suffix in ["}}", " "] where path.hasSuffix(suffix) { path = path.dropLast(suffix.count) }
  let plain = path.replacing("[", with: ".").replacing("]", with: "")
  guard !plain.isEmpty, plain.utf8.allSatisfy({ $0.isAlphanumeric || "._-/".utf8.contains($0) }) else { return nil }
  let parts = plain.split(whereSeparator: { $0 == "." || $0 == "/" })
  return parts.isEmpty ? nil : parts.map { "/\($0)" }.joined()
}

/// Common names of character sets for which iconv(3) has another name.
private let otherCharsets = [
  "ansi": "windows-1252", "cp-1252": "windows-1252", "win1252": "windows-1252", "win-1252": "windows-1252",
  "windows1252": "windows-1252", "unicode": "utf-16", "utf-8-bom": "utf-8", "utf8-bom": "utf-8", "utf-8-sig": "utf-8",
  "ebcdic": "ibm-1047", "macroman": "macintosh", "iso8859-15": "iso-8859-15",
]

extension ValueKind where Value == TimeZoneRules {
  static var timeZone: Self {
    ValueKind(
      expectation: .expected(.timeZone), isQuotable: true,
      form: .pattern("^[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+)*$")
    ) { text throws(ValueMistake) in
      do throws(TimeZoneError) {
        return try TimeZoneRules(identifier: text)
      } catch {
        throw ValueMistake(explanation: error.message)
      }
    }
  }
}

extension ValueKind where Value == FilePath {
  /// A path; a relative one is resolved against a folder.
  static func path(in folder: FilePath) -> Self {
    ValueKind(
      expectation: .expected(.path), form: .pattern(#"^(?!~$|~/)(?!.*://)(?!.*-----BEGIN)[^\#(controlClass)]+$"#)
    ) { text throws(ValueMistake) in
      guard !text.isEmpty, !text.utf8.contains(0) else { throw ValueMistake(.emptyPath) }
      guard text != "~", !text.hasPrefix("~/") else {
        throw ValueMistake(.homeFolder)
      }
      guard !text.contains("://") else {
        throw ValueMistake(.addressAsPath)
      }
      // Paths are shown; anything more than a path must not get that far.
      guard !text.hasControlCharacter, !text.contains("-----BEGIN") else {
        throw ValueMistake(.pathLines)
      }
      return folder.resolving(text)
    }
  }

  /// The path of a file in PEM format, which is never shown: people also put the key itself there.
  static func pemFile(in folder: FilePath) -> Self {
    let path = ValueKind.path(in: folder)
    return ValueKind(expectation: .expected(.pemFile), isSecret: true, form: path.form) {
      text throws(ValueMistake) in
      // NAME_MAX of limits.h: no file has a longer name, but a key on one line does.
      let isPath = text.utf8.split(separator: UInt8(ascii: "/")).allSatisfy { $0.count <= 255 }
      guard isPath, !text.hasControlCharacter, !text.contains("-----BEGIN") else {
        throw ValueMistake(.noPEMPath)
      }
      return try path.read(text)
    }
  }
}

extension String {
  fileprivate var isInCapitals: Bool {
    utf8.allSatisfy { (0x41...0x5A).contains($0) || (0x30...0x39).contains($0) || $0 == UInt8(ascii: "_") }
      && utf8.first.map { $0 > 0x40 } == true
  }

  var hasControlCharacter: Bool { unicodeScalars.contains { $0.properties.generalCategory == .control } }
}

extension UInt8 {
  var isAlphanumeric: Bool {
    (0x30...0x39).contains(self) || (0x41...0x5A).contains(self) || (0x61...0x7A).contains(self)
  }
}
