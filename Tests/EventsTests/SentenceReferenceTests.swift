import Events
import Glibc
import TestSupport
import Testing

/// The table of all sentences on the page `messages.md` matches the program.
///
/// `EVENTDROP_WRITE_REFERENCE=1` writes it there, instead of comparing.
@Suite(.tags(.fast)) struct SentenceReferenceTests {
  private static let heading = "## Sentences\n"
  private static let path =
    "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/") + "/Documentation/reference/messages.md"

  /// The page up to the table, and the table.
  private static func page() throws -> (begin: String, table: String) {
    let file = try #require(fopen(path, "rb"))
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 1 << 20)
    let text = String(decoding: bytes[..<fread(&bytes, 1, bytes.count, file)], as: UTF8.self)
    let section = try #require(text.firstRange(of: heading), "the page has no section of sentences")
    let table = text[section.upperBound...].firstRange(of: "\n| ")?.lowerBound ?? text.endIndex
    return (String(text[..<table]), String(text[table...]))
  }

  private static var table: String {
    let rows = MessageBook.entries.filter { !$0.code.hasSuffix(".advice") }.map { entry in
      let advice = MessageBook.entries.first { $0.code == entry.code + ".advice" }
      let texts = Language.allCases.map { language in
        [entry.texts[language], advice?.texts[language]].compactMap(\.self).joined(separator: language.betweenClauses)
      }
      return "| " + ([entry.code, entry.arguments.joined(separator: ", ")] + texts).map(cell).joined(separator: " | ")
    }
    return "\n"
      + (["| code | values | English | French", "|---|---|---|---"] + rows).map { $0 + " |\n" }.joined()
      .replacing("|--- |", with: "|---|")
  }

  /// A text verbatim, as a cell.
  private static func cell(_ text: String) -> String {
    text.isEmpty ? "" : "`\(text.replacing("|", with: #"\|"#))`"
  }

  @Test func `Each sentence is documented in both languages`() throws {
    let (begin, table) = try Self.page()
    guard getenv("EVENTDROP_WRITE_REFERENCE") == nil else {
      let file = try #require(fopen(Self.path, "wb"))
      defer { fclose(file) }
      #expect(fputs(begin + Self.table, file) >= 0)
      return
    }
    let (documented, present) = (table.split(separator: "\n"), Self.table.split(separator: "\n"))
    let (missing, gone) = (Set(present).subtracting(documented), Set(documented).subtracting(present))
    #expect(missing.isEmpty, "the page lacks \(missing.sorted().joined(separator: "\n"))")
    #expect(gone.isEmpty, "the page has what the program does not say: \(gone.sorted().joined(separator: "\n"))")
    #expect(documented == present, "the page has another order")
  }
}
