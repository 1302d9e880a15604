/// What went wrong with a statement or a connection.
struct DatabaseFailure: Error {
  /// Five characters (PostgreSQL, appendix A); empty if the server said nothing.
  let code: String
  let message: String

  init(code: String = "", _ message: String) {
    self.code = code
    // The server's lines, joined into one.
    self.message = message.split(whereSeparator: \.isNewline).joined(separator: " ")
  }

  /// Whether only a person can fix it: tables, rights or the password are wrong.
  ///
  /// Everything else ends by itself.
  var needsPerson: Bool {
    ["28", "3D", "3F", "42", "22"].contains(String(code.prefix(2)))
  }
}
