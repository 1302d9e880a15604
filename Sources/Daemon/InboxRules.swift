internal import DurableFiles
internal import Intake
internal import Schedules

/// Why an inbox does not take a file, in words.
struct InboxRules {
  private let options: InboxOptions

  init(_ options: InboxOptions) {
    self.options = options
  }

  /// What its name says.
  func nameHindrances(_ name: FileName) -> [String] {
    if let marker = options.marker, name.hasSuffix(marker) {
      return ["its name ends in '\(marker)', so it is the marker of another file"]
    }
    if let pattern = options.exclude.first(where: { NamePatterns(include: [$0], exclude: []).match(name) }) {
      return ["its name matches '\(pattern)' of 'exclude'"]
    }
    guard NamePatterns(include: options.include, exclude: []).match(name) else {
      return ["its name matches no pattern of 'include' (\(options.include.joined(separator: ", ")))"]
    }
    return []
  }

  /// What its state says.
  func stateHindrances(_ name: FileName, _ status: FileStatus, in folder: Folder) throws(FileFailure) -> [String] {
    var found: [String] = []
    if let marker = options.marker, let wanted = name.appending(marker), try folder.status(of: wanted) == nil {
      found.append("its marker, \(wanted), is not there yet")
    }
    if status.links > 1 { found.append("it has \(status.links) names (hard links); one is expected") }
    let age = Duration.milliseconds(SystemClock().now().milliseconds - status.changed / 1_000_000)
    if options.marker == nil, age < options.settle {
      found.append(
        "it changed \(DurationText.text(of: max(age, .zero))) ago, and 'settle' is \(DurationText.text(of: options.settle))"
      )
    }
    guard status.kind == .regular else { return found }
    do throws(FileFailure) {
      if let file = try folder.open(name), file.isOpenForWriting() == true {
        found.append("a process of this machine has it open for writing (fuser, or lsof, names it)")
      }
    } catch {
      found.append("\(error); \(error.advice)")
    }
    return found
  }
}
