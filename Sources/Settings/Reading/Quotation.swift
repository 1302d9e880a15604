/// What parts of a configuration a message may contain.
///
/// A value is quoted only if its kind allows it (`ValueKind.isQuotable`): words, numbers, durations, sizes, schedules,
/// names, patterns. No other kind does, so that a new kind quotes nothing unless somebody decides it. And whatever the
/// kind, a text in the form of a credential is not quoted either: people put secrets into the wrong place.
package enum Quotation {
  /// The length from which an unbroken run of letters and digits is taken for a credential.
  private static let credentialLength = 16
  /// The same for a run with hyphens or underscores, as in a UUID.
  private static let joinedCredentialLength = 24
  private static let credentialBeginnings = ["bearer ", "basic ", "whsec_", "eyj", "sk_", "ghp_", "-----begin"]

  /// Whether a text does not look like a credential: an address with a user or a path, a key in PEM format, a token.
  package static func isHarmless(_ text: String) -> Bool {
    let lowered = text.lowercased()
    guard !credentialBeginnings.contains(where: { lowered.contains($0) }) else { return false }
    if let at = text.lastIndex(of: "@"), text[..<at].contains(":") { return false }
    if let scheme = text.firstRange(of: "://"), text[scheme.upperBound...].contains(where: { "/?#".contains($0) }) {
      return false
    }
    return !hasToken(lowered, joinedBy: "", length: credentialLength)
      && !hasToken(lowered, joinedBy: "-_", length: joinedCredentialLength)
  }

  /// Whether the name of an unknown key may be shown: a short word.
  static func isHarmless(key: String) -> Bool {
    guard key.unicodeScalars.count <= 32, isHarmless(key) else { return false }
    // A key with digits may be a password; no password is that short.
    if key.unicodeScalars.count > 3, key.utf8.contains(where: { (0x30...0x39).contains($0) }) { return false }
    return key.allSatisfy { $0.isLetter || $0.isNumber || "_-.${}".contains($0) }
  }

  /// Whether a run of letters and digits is as long as a token, with a digit after a letter.
  private static func hasToken(_ text: String, joinedBy joints: String, length: Int) -> Bool {
    text.utf8.split { !$0.isAlphanumeric && !joints.utf8.contains($0) }.contains { run in
      guard run.count >= length, let letter = run.firstIndex(where: { $0 > 0x39 }) else { return false }
      return run[letter...].contains { (0x30...0x39).contains($0) }
    }
  }
}

/// A text from the file as a message may show it: short, and on one line; `…` if it may be a credential.
func shown(_ text: String) -> String {
  guard Quotation.isHarmless(text) else { return "…" }
  var shown = ""
  for (index, scalar) in text.unicodeScalars.enumerated() {
    guard index < 60 else { return shown + "…" }
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator: shown += "\\u{\(String(scalar.value, radix: 16))}"
    default: shown.unicodeScalars.append(scalar)
    }
  }
  return shown
}
