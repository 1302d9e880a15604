internal import SystemPackage

extension Folder {
  /// Renames an entry into another folder of the same file system, if its name there is free.
  ///
  /// - Parameters:
  ///   - name: The entry.
  ///   - other: The target folder.
  ///   - newName: Its name there.
  ///   - isClosed: Whether nobody else creates names there, so that a free name stays free.
  /// - Throws: `Errno`: `fileExists` if it is taken, `improperLink` (EXDEV) if it is another file system.
  func move(
    exclusively name: FileName, to other: Folder, as newName: FileName, isClosed: Bool = false
  ) throws(Errno) {
    do {
      return try files.renameExclusively(descriptor, name, other.descriptor, newName)
    } catch  where error.meansNotSupported {
      // Without RENAME_NOREPLACE, go on below.
    }
    if !isClosed {
      // A second name is refused as well if it is taken.
      do {
        try files.link(descriptor, name, other.descriptor, newName)
        return try files.remove(descriptor, name)
      } catch  where error.meansNotSupported || error == .notPermitted || error == .tooManyLinks {
        // No hard links either.
      }
    }
    if try holds(newName, in: other) { throw .fileExists }
    guard !isClosed else { return try files.rename(descriptor, name, other.descriptor, newName) }
    // Whoever creates the name now finds it taken; the file replaces it at once.
    files.close(try files.create(other.descriptor, newName, mode: 0o600))
    do throws(Errno) {
      try files.rename(descriptor, name, other.descriptor, newName)
    } catch {
      try? files.remove(other.descriptor, newName)
      throw error
    }
  }

  private func holds(_ name: FileName, in other: Folder) throws(Errno) -> Bool {
    do {
      _ = try files.status(other.descriptor, name)
      return true
    } catch  where error == .noSuchFileOrDirectory {
      return false
    }
  }

  /// Renames a file into another folder of the same file system, if its name there is free.
  ///
  /// - Parameters:
  ///   - name: The file.
  ///   - other: The target folder.
  ///   - newName: Its name there.
  ///   - isClosed: Whether nobody else creates names there.
  /// - Returns: The outcome.
  /// - Throws: `FileFailure` for anything else.
  package func rename(
    _ name: FileName, to other: Folder, as newName: FileName, isClosed: Bool = false
  ) throws(FileFailure) -> RenameResult {
    do {
      try move(exclusively: name, to: other, as: newName, isClosed: isClosed)
      return .done
    } catch {
      switch error {
      case .fileExists: return .nameTaken
      case .noSuchFileOrDirectory: return .missing
      case .improperLink: return .otherFileSystem
      default: throw FileFailure("move", "\(pathText(of: name)) to \(other.pathText(of: newName))", error)
      }
    }
  }

  /// Moves a file, even to another file system: it is copied there and synced before it gets its name, then the source
  /// is removed.
  ///
  /// The names are on disk only after both folders are synced. Only a regular file with one name is ever opened: a
  /// symbolic link, pipe or socket is created again, and anything else only renamed. The source is removed only if it
  /// is still what was copied and nobody can write to it: later data would be lost with it.
  ///
  /// - Parameters:
  ///   - name: The file.
  ///   - other: The target folder.
  ///   - newName: Its name there.
  ///   - isQuiet: Whether the caller knows that nobody writes to it, if the kernel cannot say.
  /// - Returns: `otherFileSystem` only for what must not be opened and cannot be created again.
  /// - Throws: `FileFailure`; the source is then still there. It `meansStillWritten` if somebody may write to the
  ///   source, and is `fileTooLarge` if this file does not fit but others do.
  package func move(
    _ name: FileName, to other: Folder, as newName: FileName, isQuiet: Bool
  ) throws(FileFailure) -> RenameResult {
    let renamed = try rename(name, to: other, as: newName)
    guard renamed == .otherFileSystem, let status = try status(of: name) else { return renamed }
    if status.isPlain { return try moveByCopy(name, status, to: other, as: newName, isQuiet: isQuiet) }
    let made = try recreate(name, status, in: other, as: newName)
    guard made == .done else { return made }
    try other.sync()
    try remove(name)
    return .done
  }

  /// Whether a move that was reported as failed was made all the same: a server's first reply can be lost, and its
  /// second then says that what it has done cannot be done.
  ///
  /// - Throws: `FileFailure`.
  package func hasMoved(_ name: FileName, to other: Folder, as newName: FileName) throws(FileFailure) -> Bool {
    guard try status(of: name) == nil else { return false }
    return try other.status(of: newName) != nil
  }

  private func moveByCopy(
    _ name: FileName, _ status: FileStatus, to other: Folder, as newName: FileName, isQuiet: Bool
  ) throws(FileFailure) -> RenameResult {
    // Before anything is written there: the copy must not take what others need. If there is room for others, the
    // file's own size is the problem.
    let space = try other.space()
    guard space.hasRoom(forFileOf: status.size) else {
      throw FileFailure(
        "move", "\(pathText(of: name)) to \(other.pathText(of: newName))",
        space.hasRoom(forFileOf: min(status.size, 1 << 16)) ? .fileTooLarge : .noSpace)
    }
    guard let source = try open(name) else { return .missing }
    // Another file may have the name by now: only what was examined is read.
    let opened = try source.status()
    guard opened.isPlain, opened.hasSameContent(as: status, hasFixedInodes: isOfThisMachineAlone) else {
      throw stillWritten(name)
    }
    // With the lease held, whoever opens it for writing is blocked until the copy has taken its place.
    let lease = source.holdReadLease(isTrusted: isOfThisMachineAlone)
    defer { if lease == true { source.dropLease() } }
    guard lease ?? isQuiet else { throw stillWritten(name) }
    let copy = try UnnamedFile(in: other, mode: status.mode & 0o666)
    try copy.write(contentsOf: source)
    try copy.sync()
    guard try isUnchanged(name, since: opened) else { throw stillWritten(name) }
    guard try copy.publish(as: newName) else { return .nameTaken }
    try other.sync()
    guard try isUnchanged(name, since: opened) else {
      try other.remove(newName)
      throw stillWritten(name)
    }
    try remove(name)
    return .done
  }

  /// Checked by name: a network file system asks its server again when a file is opened.
  private func isUnchanged(_ name: FileName, since status: FileStatus) throws(FileFailure) -> Bool {
    guard let now = try open(name)?.status() else { return false }
    return now.hasSameContent(as: status, hasFixedInodes: isOfThisMachineAlone) && now.changed == status.changed
  }

  private func stillWritten(_ name: FileName) -> FileFailure {
    FileFailure("move", pathText(of: name), .textFileBusy)
  }

  /// Creates a copy of a symbolic link, a pipe or a socket, for a move to another file system.
  ///
  /// A device is not copied: on the other file system, which may allow devices, its name could give access to a disk.
  private func recreate(
    _ name: FileName, _ status: FileStatus, in other: Folder, as newName: FileName
  ) throws(FileFailure) -> RenameResult {
    do {
      switch status.kind {
      case .symbolicLink:
        try files.makeSymbolicLink(try files.readSymbolicLink(descriptor, name), other.descriptor, newName)
      case .pipe: try files.makeSpecialFile(.pipe, other.descriptor, newName, mode: status.mode & 0o666)
      case .socket: try files.makeSpecialFile(.socket, other.descriptor, newName, mode: status.mode & 0o666)
      case .regular, .folder, .other: return .otherFileSystem
      }
      return .done
    } catch {
      switch error {
      case .fileExists: return .nameTaken
      // The file system has no such entries, or another entry has the name by now.
      case .notPermitted, .notSupported, .invalidArgument: return .otherFileSystem
      default: throw FileFailure("move", "\(pathText(of: name)) to \(other.pathText(of: newName))", error)
      }
    }
  }

  /// Gives a file exactly these permissions, so that no set-user-ID bit from its sender remains; anything but a regular
  /// file with one name is left alone.
  ///
  /// The file of another user is replaced by a copy if it is certain that nobody is writing to it. If neither is possible,
  /// the file keeps its permissions, and no error is reported.
  ///
  /// - Parameters:
  ///   - name: The file.
  ///   - mode: Its permissions.
  package func setMode(of name: FileName, to mode: UInt32) {
    try? giveMode(mode, to: name)
  }

  private func giveMode(_ mode: UInt32, to name: FileName) throws(FileFailure) {
    guard let status = try status(of: name), status.isPlain, status.mode != mode, let file = try open(name)
    else { return }
    // Another file may have the name by now.
    let opened = try file.status()
    guard opened.isPlain, opened.isSameFile(as: status) else { return }
    do throws(FileFailure) {
      return try file.setMode(mode)
    } catch {
      guard error.errno == .notPermitted, file.isOpenForWriting() == false else { throw error }
    }
    let copy = try UnnamedFile(in: self, mode: mode)
    try copy.write(contentsOf: file)
    try copy.sync()
    let now = try file.status()
    guard now.hasSameContent(as: opened), now.changed == opened.changed else { return }
    try copy.publish(replacing: name)
  }

  /// Removes a file; not an error if it is gone already.
  ///
  /// - Throws: `FileFailure`.
  package func remove(_ name: FileName) throws(FileFailure) {
    do {
      try files.remove(descriptor, name)
    } catch  where error == .noSuchFileOrDirectory {
      // Gone, as it should be.
    } catch {
      throw FileFailure("remove", pathText(of: name), error)
    }
  }

  /// Removes an empty folder; not an error if it is gone already.
  ///
  /// - Throws: `FileFailure`.
  package func removeFolder(_ name: FileName) throws(FileFailure) {
    do {
      try files.removeFolder(descriptor, name)
    } catch  where error == .noSuchFileOrDirectory {
      // Gone, as it should be.
    } catch {
      throw FileFailure("remove the folder", pathText(of: name), error)
    }
  }
}

/// The outcome of a rename that must not replace anything.
package enum RenameResult: Sendable {
  case done
  /// The new name is taken; nothing happened.
  case nameTaken
  /// The file does not exist, or no longer.
  case missing
  /// A rename cannot leave its file system; nothing happened.
  case otherFileSystem
}

extension Errno {
  /// The error for an operation or flag that the file system does not support.
  var meansNotSupported: Bool {
    self == .invalidArgument || self == .noFunction || self == .notSupported || self == .notSupportedOnSocket
  }
}

extension UnnamedFile {
  fileprivate func write(contentsOf source: borrowing OpenFile) throws(FileFailure) {
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 16)
    defer { buffer.deallocate() }
    while true {
      let count = try source.read(into: buffer)
      guard count > 0 else { return }
      try write(UnsafeRawBufferPointer(rebasing: buffer[..<count]).bindMemory(to: UInt8.self).span)
    }
  }
}
