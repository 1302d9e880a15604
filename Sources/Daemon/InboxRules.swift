internal import DurableFiles
internal import EventStore
internal import Intake
internal import SystemPackage
internal import Time

/// Why an inbox does not take a file, in words: each begins with the reason that `status` counts it by, if it has one.
struct InboxRules {
  private let options: InboxOptions

  init(_ options: InboxOptions) {
    self.options = options
  }

  /// What an entry is if it is no drop at all, whatever it holds: a folder, a marker, a link; nil for a plain file.
  func whatItIs(_ name: FileName, _ status: FileStatus, in folder: Folder) throws(FileFailure) -> String? {
    if name.hasPrefix(".eventdrop-") { return "it belongs to eventdrop and is not a drop" }
    if status.kind == .folder {
      if options.recursive, !name.hasPrefix(".") { return "it is a folder; its files are taken, so name one of them" }
      return options.recursive
        ? "sub-folder: it is a hidden folder, which is not looked into"
        : "sub-folder: it is a folder, which is not looked into, as the inbox is not recursive; name a file"
    }
    if let marker = options.marker, name.hasSuffix(inAnyCase: marker) {
      let file = FileName(bytes: name.bytes.dropLast(marker.utf8.count))
      guard let file else { return "no-pattern: its name is the ending of markers, and nothing before it" }
      return try folder.status(of: file) == nil
        ? "no-pattern: it is the marker of \(file), which is not there; it stays until that is dropped"
        : "it is the marker of \(file), and goes with it"
    }
    guard !status.isPlain else { return nil }
    let kind =
      switch status.kind {
      case .regular: "a file of \(status.links) names (hard links), which is never opened"
      case .symbolicLink: "a symbolic link, which is never followed"
      case .pipe: "a pipe, which is never opened"
      case .socket: "a socket, which is never opened"
      default: "a device, which is never opened"
      }
    guard let why = nameHindrances(name).first else { return "it is \(kind); it is moved to failed/ as it is" }
    return "\(why); and it is \(kind)"
  }

  /// What its name says.
  func nameHindrances(_ name: FileName) -> [String] {
    if let pattern = options.exclude.first(where: { NamePatterns(include: [$0], exclude: []).match(name) }) {
      return ["no-pattern: its name matches '\(pattern)' of 'exclude'"]
    }
    guard NamePatterns(include: options.include, exclude: []).match(name) else {
      return ["no-pattern: its name matches no pattern of 'include' (\(options.include.joined(separator: ", ")))"]
    }
    return []
  }

  /// Whether a marker is there, in whatever case it is written.
  private func hasMarker(named wanted: FileName, in folder: Folder) throws(FileFailure) -> Bool {
    if try folder.status(of: wanted)?.kind == .regular { return true }
    let others = try folder.names().filter { $0.lowerCased == wanted.lowerCased }
    return others.contains { ((try? folder.status(of: $0)) ?? nil)?.kind == .regular }
  }

  /// What the state of a file says that lies in the inbox.
  func stateHindrances(_ name: FileName, _ status: FileStatus, in folder: Folder) throws(FileFailure) -> [String] {
    var found: [String] = []
    if let marker = options.marker, let wanted = name.appending(marker), try !hasMarker(named: wanted, in: folder) {
      found.append("no-marker: its marker, \(wanted), is not there yet")
    }
    let age = Duration.milliseconds(SystemClock().now().milliseconds - status.changed / 1_000_000)
    let quiet = options.settleTime(name, isOfThisMachineAlone: folder.isOfThisMachineAlone)
    if options.marker == nil, age < quiet {
      let why =
        quiet == options.settle
        ? "'settle' is \(DurationText.text(of: quiet))"
        : "on a share, lines are taken after \(DurationText.text(of: quiet)) of quiet"
      found.append("settling: it changed \(DurationText.text(of: max(age, .zero))) ago, and \(why)")
    }
    do throws(FileFailure) {
      if let file = try folder.open(name), file.isOpenForWriting() == true {
        found.append("open: a process of this machine has it open for writing (fuser, or lsof, names it)")
      }
    } catch {
      found.append("unreadable: \(error); \(error.advice)")
    }
    if !folder.mayChangeNames {
      found.append(
        "unreadable: whoever asks here has no right to move it out of \(folder.path); eventdrop needs that right")
    }
    return found
  }

  /// Why there is no room for another record; nil if there is, or if that is not known.
  static func lackOfRoom(_ options: StoreOptions) -> String? {
    // A folder that is missing is made where the nearest one above it is.
    func space(_ path: FilePath) -> FreeSpace? {
      if let space = try? Folder(at: path, files: SystemFiles()).space() { return space }
      let parent = path.removingLastComponent()
      return parent.isEmpty || parent == path ? nil : space(parent)
    }
    guard let records = space(options.processed), let state = space(options.state) else { return nil }
    guard Room(records: records, state: state).isUsedUp else { return nil }
    return
      "no-room: there is not enough room to store it in \(options.processed); make room on the disk, or free inodes (df -h, df -i)"
  }
}
