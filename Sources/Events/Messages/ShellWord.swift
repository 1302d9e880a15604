internal import ExactJSON

/// Suggested command lines, in the syntax of a POSIX shell.
package enum ShellWord {
  /// A word of a command line: unchanged if it is plain, else quoted.
  ///
  /// Invisible characters are written as bytes (`$'\x07'`), which a shell that does not know this form passes on
  /// literally: they are quoted separately, so that nothing in the rest can ever become a command.
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
    // By scalars: a quote followed by an accent is one character, and not a quote.
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

  /// An eventdrop command about one event.
  ///
  /// An eventId that begins with a dash is not an option.
  package static func command(_ words: String..., eventId: EventID) -> String {
    let subject = (eventId.utf8.first == UInt8(ascii: "-") ? ["--"] : []) + [eventId.text]
    return (["eventdrop"] + words + subject).map(quoted).joined(separator: " ")
  }
}
