/// What the value of a key must be.
///
/// The last three arguments say what was found instead, and are empty if that is not shown: `text` is a text of the
/// file, `origin` the reference whose value is wrong, `found` one of the words of `Found`.
package enum ExpectationMessage: String, MessageCode {
  /// What was found instead of a value, other than a text that can be shown.
  package enum Found: String, CaseIterable, Sendable {
    case empty, list, mapping, single, nothing
    /// The value of a reference whose name is not shown.
    case reference
    /// A mapping where a list is allowed.
    case mappingForList
  }

  // Mappings and lists.
  case configuration = "expected-configuration"
  case keys = "expected-keys-and-values"
  case inboxes = "expected-inboxes"
  case claims = "expected-claims"
  case key = "expected-plain-key"
  // Words and measures.
  case boolean = "expected-boolean"
  case word = "expected-word"
  case integer = "expected-integer"
  case size = "expected-size"
  case sizeInRange = "expected-size-in-range"
  case compression = "expected-size-or-off"
  case duration = "expected-duration"
  case longDuration = "expected-long-duration"
  case days = "expected-duration-of-days"
  case durationOrForever = "expected-duration-or-forever"
  case durationOrOff = "expected-duration-or-off"
  case durationInRange = "expected-duration-in-range"
  case folderMode = "expected-permissions"
  case schedule = "expected-schedule"
  case timeZone = "expected-time-zone"
  case charset = "expected-charset"
  // Texts.
  case command = "expected-command"
  case title = "expected-title"
  case inboxName = "expected-inbox-name"
  case marker = "expected-marker"
  case pattern = "expected-pattern"
  case eventType = "expected-event-type"
  case eventIdPrefix = "expected-event-id-prefix"
  case pointer = "expected-json-pointer"
  case source = "expected-json-pointer-or-word"
  case path = "expected-path"
  case pemFile = "expected-pem-file"
  case variableName = "expected-variable-name"
  // The web.
  case address = "expected-address"
  case listen = "expected-listen-address"
  case mailAddress = "expected-mail-address"
  case mailServer = "expected-mail-server"
  case token = "expected-token"
  case user = "expected-user"
  case password = "expected-password"
  case headerName = "expected-header-name"
  case headerValue = "expected-header-value"
  case tokenSecret = "expected-token-secret"
  case signingSecret = "expected-signing-secret"

  /// The sentences that say what was found instead.
  package static let found = ["text", "origin", "found"]

  package var arguments: [String] {
    let own: [String] =
      switch self {
      case .keys, .days, .pointer, .address: ["example"]
      case .integer, .sizeInRange, .durationInRange: ["from", "to"]
      case .word: ["words", "last"]
      case .source: ["example", "words", "last"]
      default: []
      }
    return own + Self.found
  }

  package var english: MessageWords { MessageWords(expected + Self.insteadInEnglish) }

  /// The end of each of these sentences.
  private static let insteadInEnglish =
    "{text|, not '#'}{origin|, but the value of '#' is not one}{found?empty=, not ''|list=, not a list|mapping=, not a mapping"
    + "|single=, not a single value|nothing=, not nothing|reference=, but the value of the reference is not one"
    + "|mappingForList=, or a list of these, not a mapping}"

  private var expected: String {
    switch self {
    case .configuration: "a configuration is keys and values, such as 'timezone: UTC'"
    case .keys: "expected keys and values{example|, such as '#: …'}"
    case .inboxes: "expected a list of inboxes, each with a '-' before it"
    case .claims: "expected claims and their values, such as 'iss: eventdrop'"
    case .key: "a key must be a plain word"
    case .boolean: "expected true or false"
    case .word: "expected {words} or {last}"
    case .integer: "expected a whole number from {from} to {to}"
    case .size: "expected a size such as 512KiB, 1MiB or a number of bytes"
    case .sizeInRange: "expected a size from {from} to {to}"
    case .compression: "expected off, or a size such as 8KiB"
    case .duration: "expected a duration such as 2s, 5m or 1h"
    case .longDuration: "expected a duration such as 2h or 1d"
    case .days: "expected a duration such as {example}"
    case .durationOrForever: "expected a duration such as 30d, or forever"
    case .durationOrOff: "expected off, or a duration such as 5ms"
    case .durationInRange: "expected a duration from {from} to {to}"
    case .folderMode: #"expected permissions in octal digits, such as "0750""#
    case .schedule: "expected a schedule such as 'every 5s' or '0 3 * * *'"
    case .timeZone: "expected a time zone such as Europe/Paris"
    case .charset: "expected the name of a character set, such as utf-8, windows-1252 or utf-16"
    case .command: "expected a command"
    case .title: "expected a title"
    case .inboxName: "expected a name of 1 to 64 letters, digits, '.', '_' and '-' that does not begin with '.'"
    case .marker: "expected the ending of a name, such as .done"
    case .pattern: "expected a pattern such as *.json"
    case .eventType: "expected a type of at most 256 bytes, in one line"
    case .eventIdPrefix: "expected a text of at most 256 bytes, in one line"
    case .pointer: "expected a JSON Pointer such as {example}"
    case .source: "expected a JSON Pointer such as {example}, {words} or {last}"
    case .path: "expected a path"
    case .pemFile: "expected the path of a file in PEM format"
    case .variableName: "expected the name of an environment variable, such as AWS_PROFILE"
    case .address: "expected an address such as {example}"
    case .listen: "expected an address such as 127.0.0.1:8641, or off"
    case .mailAddress: "expected a mail address such as ops@example.com"
    case .mailServer: "expected a mail server such as smtp://mail.example.com:587 or mail.example.com:25"
    case .token: "expected a token"
    case .user: "expected a user's name"
    case .password: "expected a password"
    case .headerName: "expected the name of a header, such as X-Api-Key"
    case .headerValue: "expected a header's value"
    case .tokenSecret: "expected the secret that tokens are signed with"
    case .signingSecret: "expected whsec_ and the base64 of 24 to 64 bytes, as 'openssl rand -base64 32' makes them"
    }
  }
}
