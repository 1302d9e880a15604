import Events
import Intake
import Settings
import SystemPackage
import TestSupport
import Testing

@Suite(.tags(.fast)) struct YAMLTests {
  @Test(arguments: [
    ("a: [", "2:1: this is not YAML: "),
    ("forward: 'x", "1:10: this is not YAML: the quote that opens here is never closed; "),
    ("a: b: c", "1:5: this is not YAML: a ':' is not allowed here; put a value that contains ': ' in quotes"),
    ("forward:\n\turl: x", "2:1: this is not YAML: a tab is used here; indent with spaces, not with a tab"),
    (
      "forward: {}\n---\nx: 1",
      "2:1: a second document begins here; a configuration is one document, so remove this '---'"
    ),
    ("- 1", "1:1: a configuration is keys and values, such as 'timezone: UTC', not a list"),
    ("hello", "1:1: a configuration is keys and values, such as 'timezone: UTC', not a single value"),
    ("log: {}\nlog: {}", "2:1: this key is already in line 1; remove one of the two"),
    ("log: { level: info, 'level': info }", "1:21: this key is already in line 1"),
    ("log: &l { level: info }\nadmin: *l", "2:8: an alias, '*' and a name, is not supported here; write the value out"),
    ("log: { <<: { level: info } }", "1:8: the merge key '<<' is not supported; write the keys out"),
    ("log: !!python/object { level: info }", "1:6: a tag, '!' and a name, is not understood here; remove it"),
    ("log: { level: !secret x }", "1:15: a tag, '!' and a name, is not understood here; remove it"),
    ("log: { [a]: b }", "1:8: a key must be a plain word, not a list"),
    ("? { a: b }\n: c", "1:3: a key must be a plain word, not a mapping"),
    ("log: { level: \"\\q\" }", "1:16: this is not YAML: "),
    ("log: @x", "1:6: this is not YAML: a value that begins with '@' must be in quotes, as in \"@filename\""),
    ("%YAML 3.0\n---\nlog: {}", "1:1: this is not YAML: found incompatible YAML document"),
    ("a: \u{7}", "1:4: the control character U+0007 is not allowed here"),
  ])
  func `What is not the YAML of a configuration is reported with its place`(yaml: String, expected: String) {
    let found = problems(yaml)
    #expect(found.count == 1)
    #expect(found.first?.hasPrefix(expected) == true, "\(found)")
  }

  @Test func `A tab is named as what is wrong`() {
    #expect(problems("forward:\n\turl: x").first?.hasSuffix("; indent with spaces, not with a tab") == true)
  }

  @Test(arguments: ["!!str x", "! x", "!!str 'x'", "\"x\"", "|-\n  x", ">-\n  x", "&anchor x"])
  func `A text is a text, however it is written`(text: String) throws {
    #expect(try read("retention:\n archive: \(text)").retention.archive == "x")
  }

  @Test func `Bytes that are not UTF-8 are reported where they are`() {
    func place(_ yaml: [UInt8]) -> [String] {
      do {
        _ = try Configuration(yaml: yaml, file: "c", folder: "/", environment: [:], readFile: { _ in [] })
        return []
      } catch {
        return error.problems.map { "\($0.line):\($0.column): \($0.text(in: .en))" }
      }
    }
    let expected = "this is not UTF-8; save the file as UTF-8"
    #expect(place([0xFF]) == ["1:1: \(expected)"])
    #expect(place(Array("a: ü\nb: é".utf8) + [0xE9, 0x20]) == ["2:5: \(expected)"])
    // UTF-16, in both byte orders.
    #expect(place([0xFF, 0xFE, 0x61, 0x00]) == ["1:1: \(expected)"])
    #expect(place([0xFE, 0xFF, 0x00, 0x61]) == ["1:1: \(expected)"])
    // A surrogate, and an overlong slash.
    #expect(place([0x23, 0xED, 0xA0, 0x80]) == ["1:2: \(expected)"])
    #expect(place([0x23, 0xC0, 0xAF]) == ["1:2: \(expected)"])
    #expect(place(Array("a: x".utf8) + [0]) == ["1:5: the control character U+0000 is not allowed here"])
  }

  @Test func `A byte order mark, as Windows editors begin a file with, is no part of the text`() throws {
    let mark = "\u{FEFF}"
    #expect(try read(mark + "language: fr\ntimezone: UTC\n").language == .fr)
    #expect(try read(mark + "# a comment\r\nlanguage: fr\r\n").language == .fr)
    #expect(try read(mark + "---\nlanguage: fr\n").language == .fr)
    // Places are those of the text without it.
    for yaml in ["nope: 1\n", "log: { nope: 1 }\n", "a: \u{7}", "a: b: c", "log: @x", "log: {}\n log: {}\n", "é: [\n"] {
      #expect(problems(mark + yaml) == problems(yaml) && !problems(yaml).isEmpty)
    }
    // Also in a text that is not YAML the language is found.
    let error = #expect(throws: ConfigurationProblems.self) { try read(mark + "language: fr\na: [") }
    #expect(error?.language == .fr)
  }

  private static let markInside =
    "there is an invisible byte order mark (U+FEFF) here, which is allowed only at the beginning of a file; delete it; it is"
    + " often left where files were put together"

  @Test(arguments: [
    // Two files put together, of which the first ends its last line, or does not.
    ("language: fr\n", "timezone: UTC\n", "2:1"), ("\u{FEFF}language: fr\r\n", "# a comment\r\ntimezone: UTC\n", "2:1"),
    ("language: en", "timezone: UTC\n", "1:13"), ("\u{FEFF}", "language: fr", "1:1"),
    ("log: { level: 'info", "' }", "1:20"), ("# ü", "", "1:4"),
  ])
  func `A byte order mark anywhere else is reported with its place`(begin: String, end: String, place: String) {
    #expect(problems(begin + "\u{FEFF}" + end) == ["\(place): \(Self.markInside)"])
  }

  @Test(arguments: ["2028", "2029"])
  func `A line separator, which ends a line for some and not for others, is reported with its place`(
    code: String
  ) throws {
    let separator = String(try #require(UInt32(code, radix: 16).flatMap(Unicode.Scalar.init)))
    let said = "there is an invisible line separator (U+\(code)) here; replace it by an ordinary line break"
    #expect(problems("# a\nlog:\(separator)  level: info") == ["2:5: \(said)"])
    // Else the rest of a comment would be a setting.
    #expect(problems("# with French:\(separator)language: fr") == ["1:15: \(said)"])
    #expect(problems("admin: { title: 'a\(separator)b' }") == ["1:19: \(said)"])
    // Written as an escape it is a text.
    #expect(
      try read("inboxes: [{ eventTypeDefault: \"a\\u\(code)b\" }]").inboxes[0].options.mapping.eventTypeDefault != nil)
  }

  @Test(arguments: [
    // In the indentation, here and in an earlier line.
    ("log:\n\u{A0} level: info\n  format: json", "2:1", "this space is U+00A0, not a plain one"),
    ("log:\n  level: info\n\u{2003} format: [", "3:1", "this space is U+2003, not a plain one"),
    ("log:\n  - a\n  -\u{200B} b: c: d", "3:4", "there is an invisible character (U+200B) here"),
    // Behind a sign.
    ("log: { level: 'info'\u{200B}, format: json }", "1:21", "there is an invisible character (U+200B) here"),
    ("log: {\u{A0}level: [ }", "1:7", "this space is U+00A0, not a plain one"),
  ])
  func `What cannot be seen and keeps YAML from being read is reported with its place`(
    yaml: String, place: String, why: String
  ) {
    let found = problems(yaml)
    #expect(found.count == 1 && found.first?.hasPrefix("\(place): this is not YAML: \(why); ") == true, "\(found)")
  }

  @Test func `What cannot be seen and is in the way of nothing is not taken for the cause`() {
    for text in ["'Orders\u{A0}: till'", "\"a\u{200B}b\"", "x # it\u{A0}is", "«\u{A0}x\u{A0}»"] {
      let found = problems("admin:\n  title: \(text)\n  listen: a: b")
      #expect(found.first?.hasPrefix("3:12: this is not YAML: a ':' is not allowed here") == true, "\(found)")
    }
    #expect(problems("# \u{A0}a\n#\u{200B}\nlog: [").first?.contains("U+") == false)
  }

  @Test func `Lines end as they do on any system`() {
    for end in ["\n", "\r\n", "\r"] {
      let found = problems("log:\(end)  level: info\(end)  nope: 1\(end)")
      #expect(found == ["3:3: unknown key 'nope'; there are level, levels, format"])
    }
  }
}
