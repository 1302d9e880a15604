internal import SystemPackage

extension Folder {
  /// Renames an entry into another folder of the same file system, if its name there is free.
  ///
  /// - Throws: `Errno`: `fileExists` where it is taken, `improperLink` (EXDEV) where the file system is another.
  func move(exclusively name: FileName, to other: Folder, as newName: FileName) throws(Errno) {
    do {
      try files.renameExclusively(descriptor, name, other.descriptor, newName)
    } catch  where error == .invalidArgument || error == .noFunction || error == .notSupported {
      // A file system without RENAME_NOREPLACE: a second name is refused just as well where it is taken.
      try files.link(descriptor, name, other.descriptor, newName)
      try files.remove(descriptor, name)
    }
  }

  /// Renames a file into another folder of the same file system, if its name there is free.
  ///
  /// - Returns: What came of it.
  /// - Throws: `FileFailure` for anything else.
  package func rename(
    _ name: FileName, to other: Folder, as newName: FileName
  ) throws(FileFailure) -> RenameResult {
    do {
      try move(exclusively: name, to: other, as: newName)
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

  /// Moves a file, to another file system too: there it is copied and synced before it gets its
  /// name, then the source goes.
  ///
  /// The names are on disk only after both folders are synced. Only a regular file with one name is ever opened: a symbolic
  /// link, pipe or socket is made anew, and anything else only renamed.
  ///
  /// - Parameters:
  ///   - name: The file.
  ///   - other: Where to.
  ///   - newName: Its name there.
  /// - Returns: `otherFileSystem` only for what must not be opened and cannot be made anew.
  /// - Throws: `FileFailure`; the source is then still there.
  package func move(
    _ name: FileName, to other: Folder, as newName: FileName
  ) throws(FileFailure) -> RenameResult {
    let renamed = try rename(name, to: other, as: newName)
    guard renamed == .otherFileSystem, let status = try status(of: name) else { return renamed }
    let made =
      status.isPlain
      ? try copy(name, status, to: other, as: newName) : try makeAnew(name, status, in: other, as: newName)
    guard made == .done else { return made }
    try other.sync()
    try remove(name)
    return .done
  }

  private func copy(
    _ name: FileName, _ status: FileStatus, to other: Folder, as newName: FileName
  ) throws(FileFailure) -> RenameResult {
    guard let source = try open(name) else { return .otherFileSystem }
    // Another file may have the name by now: nothing is read but what was looked at.
    let opened = try source.status()
    guard opened.isPlain, opened.inode == status.inode else { return .otherFileSystem }
    let copy = try UnnamedFile(in: other, mode: status.mode & 0o666)
    try copy.write(contentsOf: source)
    try copy.sync()
    return try copy.publish(as: newName) ? .done : .nameTaken
  }

  /// A device is not made anew: it may be a harmless name where it is, and open a disk where it would be.
  private func makeAnew(
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
      // A file system without such entries, or another entry that has the name by now.
      case .notPermitted, .notSupported, .invalidArgument: return .otherFileSystem
      default: throw FileFailure("move", "\(pathText(of: name)) to \(other.pathText(of: newName))", error)
      }
    }
  }

  /// Gives a file these permissions and no others, so that no set-user-ID bit of its sender's stays; what is no regular
  /// file with one name stays as it is.
  ///
  /// A file that belongs to somebody else is replaced by a copy, where it is known that nobody writes to it any more. Where
  /// neither can be done, the file stays as it is: that is no reason to stop.
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

  /// Removes a file; it is no error where it is gone already.
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

  /// Removes an empty folder; it is no error where it is gone already.
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

/// What came of a rename that must not replace anything.
package enum RenameResult: Sendable {
  case done
  /// The new name is taken; nothing happened.
  case nameTaken
  /// The file is not there, or no longer.
  case missing
  /// A rename cannot leave its file system; nothing happened.
  case otherFileSystem
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
