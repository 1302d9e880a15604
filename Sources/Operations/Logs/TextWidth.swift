/// How many columns of a terminal a text takes.
package enum TextWidth {
  /// The columns of a text without control characters.
  ///
  /// Counted as by wcwidth(3): a terminal that joins several emoji into one needs fewer, none needs more.
  package static func columns(of text: some StringProtocol) -> Int {
    text.unicodeScalars.reduce(0) { $0 + columns(of: $1) }
  }

  /// The text padded with spaces up to a width.
  package static func padded(_ text: String, to width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - columns(of: text)))
  }

  /// The text if it fits, otherwise its beginning and an ellipsis.
  package static func cut(_ text: String, to width: Int) -> String {
    guard columns(of: text) > width else { return text }
    guard width > 0 else { return "" }
    var result = ""
    var left = width - 1
    for character in text {
      left -= columns(of: String(character))
      guard left >= 0 else { break }
      result.append(character)
    }
    return result + "…"
  }

  /// The text split into lines between words; a word that is wider than a line is cut.
  ///
  /// - Parameters:
  ///   - text: The text.
  ///   - width: The maximum width of a line.
  ///   - indentation: How many of its first characters are kept as they are, and how many spaces precede each further
  ///     line.
  /// - Returns: The lines.
  package static func wrapped(_ text: String, to width: Int, indentation: Int) -> [String] {
    guard columns(of: text) > width else { return [text] }
    var words = text.dropFirst(indentation).split(separator: " ", omittingEmptySubsequences: false)[...]
    var lines: [String] = []
    var line = text.prefix(indentation) + (words.popFirst() ?? "")
    for word in words {
      if columns(of: line) + 1 + columns(of: word) <= width {
        line += " " + word
      } else {
        lines.append(cut(String(line), to: width))
        line = String(repeating: " ", count: indentation) + word
      }
    }
    return lines + [cut(String(line), to: width)]
  }

  private static func columns(of scalar: Unicode.Scalar) -> Int {
    guard scalar.value >= 0x300 else { return 1 }
    // What makes the preceding character an emoji makes it wide.
    if scalar.value == 0xFE0F { return 1 }
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .format: return 0
    default: break
    }
    // The vowels and final consonants of which Hangul syllables are composed.
    if (0x1160...0x11FF).contains(scalar.value) { return 0 }
    return isWide(scalar) ? 2 : 1
  }

  /// East Asian Width W or F (Unicode Standard Annex 11).
  private static func isWide(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    // Two of these make one flag.
    case 0x1F1E6...0x1F1FF: false
    case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x4DBF, 0x4E00...0xA4CF, 0xA960...0xA97F, 0xAC00...0xD7A3,
      0xF900...0xFAFF, 0xFE10...0xFE19, 0xFE30...0xFE6F, 0xFF01...0xFF60, 0xFFE0...0xFFE6, 0x16FE0...0x1B2FF,
      0x1F200...0x1F2FF, 0x20000...0x3FFFD:
      true
    default: scalar.properties.isEmojiPresentation
    }
  }
}
