/// The program's version.
package enum Version {
  package static let text = "0.1.0"
  /// The form for HTTP servers (RFC 9110, section 10.1.5).
  static let userAgent = "eventdrop/\(text)"
}
