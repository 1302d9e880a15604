import Glibc
import TestSupport
import Testing

/// What people read works as written: commands, configurations, links.
@Suite(.tags(.spawned), .timeLimit(.minutes(10))) struct DocumentTests {
  /// Pages with commands for people who install and run eventdrop; the French ones, with the same commands, only in
  /// full runs.
  static let operatorPages: [String] = {
    let pages =
      ["README.md", "LISEZMOI.md"]
      + Repository.files(below: "Documentation/operators", ending: ".md").filter { (try? blocks($0))?.isEmpty == false }
    let isFull = getenv("EVENTDROP_SWEEP") != nil
    return pages.filter { isFull || !($0.contains("operators/fr/") || $0 == "LISEZMOI.md") }
  }()

  /// Why none can be run here; nil if they can.
  static let reasonToSkip: String? = {
    if geteuid() != 0 { return "only root can give the pages a machine of their own" }
    for program in ["/usr/bin/unshare", "/usr/sbin/runuser", "/usr/sbin/useradd", "/usr/sbin/sshd"]
    where access(program, X_OK) != 0 {
      return "there is no \(program)"
    }
    let namespaces = "unshare --mount --net --pid --fork --propagation unchanged true 2>/dev/null"
    return system(namespaces) == 0 ? nil : "this machine gives no namespaces"
  }()

  /// The lines of a page's blocks with this mark.
  private static func blocks(_ page: String, _ kind: String = "sh") throws -> [[String]] {
    var blocks: [[String]] = []
    var isInside = false
    var isWanted = false
    for line in try Repository.text(page).split(separator: "\n", omittingEmptySubsequences: false) {
      let trimmed = line.drop { $0 == " " }
      if trimmed.hasPrefix("```") {
        isInside.toggle()
        isWanted = isInside && trimmed == "```\(kind)"
        if isWanted { blocks.append([]) }
      } else if isWanted {
        blocks[blocks.count - 1].append(String(trimmed))
      }
    }
    return blocks
  }

  @Test(
    .enabled(if: reasonToSkip == nil, "skipped, because \(reasonToSkip ?? "")"), arguments: operatorPages)
  func `The commands of a page work one after the other, and its configurations are valid`(page: String) async throws {
    let run = try await SpawnedProgram(
      [SpawnedProgram.path(of: "eventdrop"), "\(Repository.root)/\(page)"],
      executable: "\(Repository.root)/Tests/Pages/run"
    ).end()
    #expect(run.code == 0, "\(run.output.suffix(4000))\n\(run.errors.suffix(4000))")
    #expect(run.output.hasSuffix("\(try Self.blocks(page).count) blocks\n"), "\(run.output.suffix(200))")
  }

  @Test func `English and French pages for operators are the same pages, with the same commands`() throws {
    let folder = "Documentation/operators"
    let english = Repository.files(below: "\(folder)/en", ending: ".md").map { $0.dropFirst("\(folder)/en/".count) }
    let french = Repository.files(below: "\(folder)/fr", ending: ".md").map { $0.dropFirst("\(folder)/fr/".count) }
    #expect(english == french && english.count >= 10)
    for page in english {
      for kind in ["sh", "yaml"] {
        let one = try Self.blocks("\(folder)/en/\(page)", kind)
        let other = try Self.blocks("\(folder)/fr/\(page)", kind).map { $0.filter { $0 != "language: fr" } }
        #expect(one == other, "\(page)")
      }
    }
    #expect(try Self.blocks("README.md") == Self.blocks("LISEZMOI.md"))
  }

  /// A heading's anchor on GitHub.
  private func anchor(_ heading: Substring) -> String {
    String(
      heading.lowercased().compactMap { $0 == " " ? "-" : $0.isLetter || $0.isNumber || "-_".contains($0) ? $0 : nil })
  }

  private func anchors(_ page: String) throws -> Set<String> {
    var isInside = false
    var found: Set<String> = []
    for line in try Repository.text(page).split(separator: "\n") {
      if line.hasPrefix("```") { isInside.toggle() }
      if !isInside, line.hasPrefix("#") { found.insert(anchor(line.drop { $0 == "#" }.dropFirst())) }
    }
    return found
  }

  @Test func `Every link leads somewhere`() throws {
    #expect(Repository.pages.count >= 40)
    for page in Repository.pages {
      let text = try Repository.text(page)
      for match in text.matches(of: /\]\(([^)\s]+)\)/) {
        let target = String(match.1)
        if target.hasPrefix("http://") || target.hasPrefix("https://") { continue }
        let parts = target.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
        var place = page.split(separator: "/").dropLast().map(String.init)
        for step in parts[0].split(separator: "/") {
          if step == ".." { _ = place.popLast() } else if step != "." { place.append(String(step)) }
        }
        let path = parts[0].isEmpty ? page : place.joined(separator: "/")
        #expect(Repository.exists(path), "\(page): \(target)")
        if parts.count == 2, path.hasSuffix(".md"), Repository.exists(path) {
          #expect(try anchors(path).contains(String(parts[1])), "\(page): \(target)")
        }
      }
    }
  }

  @Test func `The README is one that can be read in a few minutes`() throws {
    let words = try Repository.text("README.md").split { $0.isWhitespace }.count
    #expect((900...1400).contains(words))
  }
}
