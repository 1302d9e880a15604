internal import ExactJSON

/// Command lines that people are offered, as a POSIX shell reads them.
package enum ShellWord {
  /// A word of a command line: as it is if that is plain, else in quotes.
  ///
  /// What nobody sees is written by its bytes (`$'\x07'`), which a shell that does not know this form passes on as it is: in
  /// quotes of its own, so that nothing of the rest is ever taken for a command.
  package static func quoted(_ word: String) -> String {
    let isPlain = word.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"):
        true
      default: "_@%+=:,./-".utf8.contains(byte)
      }
    }
    if isPlain, !word.isEmpty { return word }
    var result = ""
    var isOpen = false
    func setOpen(_ shouldBeOpen: Bool) {
      if isOpen != shouldBeOpen { result += "'" }
      isOpen = shouldBeOpen
    }
    // By scalars: a quote and an accent behind it are one character, and no quote.
    for scalar in word.unicodeScalars {
      setOpen(scalar.isVisible)
      switch scalar {
      case "'": result += #"'\''"#
      case _ where scalar.isVisible: result.unicodeScalars.append(scalar)
      default: result += "$'" + String(scalar).utf8.map(escape).joined() + "'"
      }
    }
    setOpen(false)
    return result.isEmpty ? "''" : result
  }

  private static func escape(_ byte: UInt8) -> String { (byte < 0x10 ? #"\x0"# : #"\x"#) + String(byte, radix: 16) }

  /// A command of eventdrop's about one event.
  ///
  /// An eventId that begins with a dash is not an option.
  package static func command(_ words: String..., eventId: EventID) -> String {
    let subject = (eventId.utf8.first == UInt8(ascii: "-") ? ["--"] : []) + [eventId.text]
    return (["eventdrop"] + words + subject).map(quoted).joined(separator: " ")
  }
}
