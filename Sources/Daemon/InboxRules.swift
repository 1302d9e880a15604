internal import Catalog
internal import DurableFiles
internal import EventStore
internal import Events
internal import Intake
internal import SystemPackage
internal import Time

/// Why an inbox does not take a file: each begins with the reason under which `status` counts it, if it has one.
struct InboxRules {
  private let options: InboxOptions

  init(_ options: InboxOptions) {
    self.options = options
  }

  /// What an entry is if it is not a drop, whatever its content: a folder, a marker, a link; nil for a plain file.
  func whatItIs(_ name: FileName, _ status: FileStatus, in folder: Folder) throws(FileFailure) -> Message? {
    if name.hasPrefix(".eventdrop-") { return Message(TrialMessage.own) }
    if status.kind == .folder {
      guard options.recursive else { return Message(TrialMessage.folder) }
      return Message(name.hasPrefix(".") ? TrialMessage.hiddenFolder : .folderOfFiles)
    }
    if let marker = options.marker, name.hasSuffix(inAnyCase: marker) {
      let file = FileName(bytes: name.bytes.dropLast(marker.utf8.count))
      guard let file else { return Message(TrialMessage.onlyEnding) }
      let isAlone = try folder.status(of: file) == nil
      return Message(isAlone ? TrialMessage.markerAlone : .marker, ["file": .text("\(file)")])
    }
    guard !status.isPlain else { return nil }
    let kind =
      switch status.kind {
      case .regular: Message(TrialMessage.hardLinks, ["links": .integer(Int(status.links))])
      case .symbolicLink: Message(TrialMessage.symbolicLink)
      case .pipe: Message(TrialMessage.pipe)
      case .socket: Message(TrialMessage.socket)
      default: Message(TrialMessage.device)
      }
    guard let why = nameHindrance(name) else { return Message(TrialMessage.moved, ["kind": .message(kind)]) }
    return Message(TrialMessage.andIs, ["why": .message(why), "kind": .message(kind)])
  }

  /// The obstacle in its name; nil if the inbox takes it.
  func nameHindrance(_ name: FileName) -> Message? {
    if let pattern = options.exclude.first(where: { NamePatterns(include: [$0], exclude: []).match(name) }) {
      return Message(TrialMessage.excluded, ["pattern": .text(pattern)])
    }
    guard NamePatterns(include: options.include, exclude: []).match(name) else {
      return Message(TrialMessage.notIncluded, ["patterns": .text(options.include.joined(separator: ", "))])
    }
    return nil
  }

  /// Whether a marker exists, in any case of its letters.
  private func hasMarker(named wanted: FileName, in folder: Folder) throws(FileFailure) -> Bool {
    if try folder.status(of: wanted)?.kind == .regular { return true }
    let others = try folder.names().filter { $0.lowerCased == wanted.lowerCased }
    return others.contains { ((try? folder.status(of: $0)) ?? nil)?.kind == .regular }
  }

  /// The obstacles in the state of a file in the inbox.
  func stateHindrances(_ name: FileName, _ status: FileStatus, in folder: Folder) throws(FileFailure) -> [Message] {
    var found: [Message] = []
    if let marker = options.marker, let wanted = name.appending(marker), try !hasMarker(named: wanted, in: folder) {
      found.append(Message(TrialMessage.noMarker, ["marker": .text("\(wanted)")]))
    }
    let age = max(SystemClock().now() - Timestamp(nanoseconds: status.changed), .zero)
    let quiet = options.settleTime(name, isOfThisMachineAlone: folder.isOfThisMachineAlone)
    if options.marker == nil, age < quiet {
      let (ago, time) = (
        Message.Value.text(DurationText.text(of: age)), Message.Value.text(DurationText.text(of: quiet))
      )
      found.append(
        quiet == options.settle
          ? Message(TrialMessage.settling, ["age": ago, "settle": time])
          : Message(TrialMessage.settlingOnShare, ["age": ago, "quiet": time]))
    }
    do throws(FileFailure) {
      if let file = try folder.open(name), file.isOpenForWriting() == true { found.append(Message(TrialMessage.open)) }
    } catch {
      found.append(Self.unreadable(error))
    }
    if !folder.mayChangeNames {
      found.append(Message(TrialMessage.unmovable, ["folder": .text(folder.path.string)]))
    }
    return found
  }

  /// A message that a file cannot be read.
  static func unreadable(_ failure: FileFailure) -> Message {
    Message(TrialMessage.unreadable, ["why": .text("\(failure)"), "advice": .message(failure.adviceMessage)])
  }

  /// Why there is no room for another record; nil if there is, or if that is unknown.
  static func lackOfRoom(_ layout: StoreLayout, _ files: PatientFiles) -> Message? {
    // A missing folder will be created on the file system of its nearest existing parent.
    func space(_ path: FilePath) -> FreeSpace? {
      do throws(FileFailure) {
        return try Folder(at: path, files: files).space()
      } catch {
        let parent = path.removingLastComponent()
        return error.errno != .noSuchFileOrDirectory || parent.isEmpty || parent == path ? nil : space(parent)
      }
    }
    guard let records = space(layout.processed), let state = space(layout.state) else { return nil }
    guard Room(records: records, state: state).isUsedUp else { return nil }
    return Message(
      TrialMessage.noRoom,
      ["folder": .text(layout.processed.string), "advice": .message(Message(StatusMessage.makeRoom))])
  }
}
