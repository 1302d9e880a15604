/// The JSON Schema for keys that depend on each other: the rules that reading checks.
///
/// It does not know the values of references, so a text containing one matches anything.
enum SchemaRules {
  /// The rules of a section; nil if its keys are independent.
  static func rules(of section: String) -> [SchemaJSON]? {
    switch section {
    case "forward.auth":
      let kinds = ["bearer", "basic", "header", "jwt"]
      return kinds.indices.flatMap { first in
        kinds[(first + 1)...].map { .object([("not", both(kinds[first], $0))]) }
      }
    case "forward.auth.basic": return [implies(filled("password"), filled("user"))]
    case "forward.auth.header": return [implies(filled("value"), filled("name"))]
    case "forward.tls":
      return [implies(filled("certificate"), filled("key")), implies(filled("key"), filled("certificate"))]
    case "notify.mail":
      let all = SchemaJSON.object([("allOf", .list([filled("to"), filled("from"), filled("smtp")]))])
      return ["to", "from", "smtp"].map { implies(given($0), all) }
    case "retention.archive":
      // A mapping, even an empty one, requires its command.
      return [implies(.object([("type", .text("object"))]), filled("command"))]
    case "admin":
      let loopback = #"^(off|127\.|[Ll][Oo][Cc][Aa][Ll][Hh][Oo][Ss][Tt]:|\[::1\]:|\[::[Ff]{4}:127\.)|\$\{"#
      let isPublic = member("listen", .object([("type", .text("string")), ("not", Configuration.pattern(loopback))]))
      let isLong = SchemaJSON.object([
        ("anyOf", .list([Configuration.pattern("^.{16}"), Configuration.pattern(#"\$\{"#)]))
      ])
      return [implies(isPublic, member("token", isLong))]
    default: return nil
    }
  }

  /// A mapping in which a key has such a value.
  private static func member(_ key: String, _ value: SchemaJSON) -> SchemaJSON {
    .object([
      ("type", .text("object")), ("required", .list([.text(key)])), ("properties", .object([(key, value)])),
    ])
  }

  /// A mapping in which a key has a value.
  private static func given(_ key: String) -> SchemaJSON {
    member(key, .object([("not", .object([("type", .text("null"))]))]))
  }

  /// The same, but not an empty text.
  private static func filled(_ key: String) -> SchemaJSON {
    member(key, .object([("not", .object([("enum", .list([.null, .text("")]))]))]))
  }

  private static func both(_ first: String, _ second: String) -> SchemaJSON {
    .object([("allOf", .list([given(first), given(second)]))])
  }

  private static func implies(_ condition: SchemaJSON, _ consequence: SchemaJSON) -> SchemaJSON {
    .object([("if", condition), ("then", consequence)])
  }
}
