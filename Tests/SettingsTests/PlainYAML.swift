/// The part of YAML used by the shipped file, as an editor sees it: mappings and lists by indentation, values on one
/// line, comments.
enum PlainYAML {
  private struct Line {
    var indentation: Int
    var text: Substring
  }

  static func tree(_ text: String) -> JSONTree {
    var lines = text.split(separator: "\n")[...].compactMap { line -> Line? in
      let content = withoutComment(line)
      let start = content.prefix { $0 == " " }.count
      return content.allSatisfy { $0 == " " } ? nil : Line(indentation: start, text: content.dropFirst(start))
    }[...]
    return block(&lines, from: 0)
  }

  private static func withoutComment(_ line: Substring) -> Substring {
    var isInQuotes = false
    var previous: Character = " "
    for (index, character) in zip(line.indices, line) {
      if character == "\"" { isInQuotes.toggle() }
      if character == "#", previous == " ", !isInQuotes { return line[..<index] }
      previous = character
    }
    return line
  }

  private static func block(_ lines: inout ArraySlice<Line>, from indentation: Int) -> JSONTree {
    var members: [JSONTree.Member] = []
    var items: [JSONTree] = []
    while var line = lines.first, line.indentation >= indentation {
      if line.text.hasPrefix("- ") {
        line.text = line.text.dropFirst(2)
        line.indentation += 2
        lines[lines.startIndex] = line
        items.append(block(&lines, from: line.indentation))
        continue
      }
      lines.removeFirst()
      let colon = line.text.firstIndex(of: ":") ?? line.text.endIndex
      var rest = line.text[colon...].dropFirst()
      skipSpace(&rest)
      let isDeeper = lines.first.map { $0.indentation > line.indentation } ?? false
      let value = rest.isEmpty && isDeeper ? block(&lines, from: line.indentation + 1) : value(&rest, until: "")
      members.append(.init(name: String(line.text[..<colon]), value: value))
    }
    return items.isEmpty ? .object(members) : .list(items)
  }

  private static func skipSpace(_ rest: inout Substring) { rest = rest.drop { $0 == " " } }

  private static func value(_ rest: inout Substring, until ends: String) -> JSONTree {
    skipSpace(&rest)
    switch rest.first {
    case "[":
      rest.removeFirst()
      var items: [JSONTree] = []
      while let first = rest.first, first != "]" {
        items.append(value(&rest, until: ",]"))
        rest = rest.drop { $0 == " " || $0 == "," }
      }
      rest = rest.dropFirst()
      return .list(items)
    case "{":
      rest.removeFirst()
      skipSpace(&rest)
      var members: [JSONTree.Member] = []
      while let first = rest.first, first != "}" {
        let name = rest.prefix { $0 != ":" }
        rest = rest[name.endIndex...].dropFirst()
        members.append(.init(name: String(name), value: value(&rest, until: ",}")))
        rest = rest.drop { $0 == " " || $0 == "," }
      }
      rest = rest.dropFirst()
      return .object(members)
    case "\"":
      let text = rest.dropFirst().prefix { $0 != "\"" }
      rest = rest[text.endIndex...].dropFirst()
      return .text(String(text))
    default:
      // A reference has its own braces.
      var depth = 0
      let text = rest.prefix { character in
        if character == "{" { depth += 1 }
        defer { if character == "}" { depth -= 1 } }
        return depth > 0 || !ends.contains(character)
      }
      rest = rest[text.endIndex...]
      return scalar(String(text.reversed().drop { $0 == " " }.reversed()))
    }
  }

  private static func scalar(_ text: String) -> JSONTree {
    switch text {
    case "", "null", "~": .null
    case "true": .flag(true)
    case "false": .flag(false)
    default: Double(text).map { .number($0) } ?? .text(text)
    }
  }
}
