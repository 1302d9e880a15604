internal import SystemPackage

/// A file that is being written and that nobody can see yet: it gets its name once complete, or disappears with this
/// value.
///
/// On a file system without unnamed files (NFS, some FUSE), it has a name in the sub-folder `.unnamed` until then.
package final class UnnamedFile: Sendable {
  private enum Place: Sendable {
    case nowhere
    case spare(Folder, FileName)
  }

  private let descriptor: Int32
  private let place: Place
  private let folder: Folder
  private var files: any FileOperations { folder.files }

  /// The folder for them on file systems without unnamed files; hidden, and not a partition.
  package static let spareFolder = FileName(".unnamed")

  /// Creates one that can be published in this folder.
  ///
  /// - Parameters:
  ///   - folder: The folder on whose file system it is created.
  ///   - mode: Its permissions.
  /// - Throws: `FileFailure`.
  package init(in folder: Folder, mode: UInt32) throws(FileFailure) {
    self.folder = folder
    do {
      descriptor = try folder.files.openUnnamed(folder.descriptor, mode: mode)
      place = .nowhere
      return
    } catch  where error.meansNoUnnamedFiles {
      // Go on below.
    } catch {
      throw FileFailure("make a file in", folder.path.spelled, error)
    }
    let spare = try folder.folder(Self.spareFolder, makingWithMode: 0o700)
    let name = FileName("\(UInt64.random(in: .min ... .max))")
    do {
      descriptor = try folder.files.create(spare.descriptor, name, mode: mode)
      place = .spare(spare, name)
    } catch {
      throw FileFailure("make a file in", spare.path.spelled, error)
    }
  }

  deinit {
    // Once it has its name, there is nothing to remove.
    if case .spare(let folder, let name) = place { try? folder.files.remove(folder.descriptor, name) }
    files.close(descriptor)
  }

  private static func temporaryName() -> FileName { FileName(".\(UInt64.random(in: .min ... .max)).tmp") }

  /// Whether this is a name that files have before their final one: the spare folder, or a file about to replace
  /// another.
  package static func isTemporary(_ name: FileName) -> Bool { name == spareFolder || isUnfinished(name) }

  /// Whether this is the name of a file about to replace another; after a stop, it stays.
  package static func isUnfinished(_ name: FileName) -> Bool {
    guard name.hasPrefix("."), name.hasSuffix(".tmp") else { return false }
    let number = name.bytes.dropFirst().dropLast(".tmp".utf8.count)
    return !number.isEmpty && number.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
  }

  /// Appends all of these bytes.
  ///
  /// - Throws: `FileFailure`; the file is then unusable.
  package func write(_ bytes: Span<UInt8>) throws(FileFailure) {
    var failure: Errno?
    bytes.withUnsafeBytes { whole in
      var rest = whole
      while !rest.isEmpty {
        do throws(Errno) {
          let count = try files.write(descriptor, rest)
          rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        } catch {
          failure = error
          return
        }
      }
    }
    if let failure { throw FileFailure("write in", folder.path.spelled, failure) }
  }

  /// The barrier for this file's bytes alone.
  ///
  /// - Throws: `FileFailure`; the bytes may be gone then, and a second call would not report it.
  package func sync() throws(FileFailure) {
    do {
      try files.sync(descriptor)
    } catch {
      throw FileFailure("sync a file in", folder.path.spelled, error)
    }
  }

  /// Gives the file its name in its folder, if that is free.
  ///
  /// The bytes must be on disk first: a power cut could otherwise leave a name without its bytes.
  ///
  /// - Returns: False if the name is taken; the file can then be published under another.
  /// - Throws: `FileFailure`.
  package func publish(as name: FileName) throws(FileFailure) -> Bool {
    do {
      switch place {
      case .nowhere: try files.link(descriptor, folder.descriptor, name)
      case .spare(let spare, let spareName): try spare.move(exclusively: spareName, to: folder, as: name)
      }
      return true
    } catch {
      // Network file systems may do it and lose the reply, or retry and find it done.
      if let taken = (try? folder.status(of: name)) ?? nil, let own = try? files.status(descriptor),
        taken.isSameFile(as: own)
      {
        return true
      }
      guard error != .fileExists else { return false }
      throw FileFailure("name a file", folder.pathText(of: name), error)
    }
  }

  /// Gives the file its name in its folder, replacing any entry of that name; readers see the old file or the new one.
  ///
  /// - Throws: `FileFailure`.
  package func publish(replacing name: FileName) throws(FileFailure) {
    if try publish(as: name) { return }
    // An unnamed file can only take a free name; a rename then replaces the other.
    let temporary = Self.temporaryName()
    guard try publish(as: temporary) else {
      throw FileFailure("name a file", folder.pathText(of: temporary), .fileExists)
    }
    do {
      try files.rename(folder.descriptor, temporary, folder.descriptor, name)
    } catch {
      try? files.remove(folder.descriptor, temporary)
      throw FileFailure("replace", folder.pathText(of: name), error)
    }
  }
}

extension Errno {
  /// The errors of openat(2) for O_TMPFILE if the file system, or the kernel, does not support it.
  fileprivate var meansNoUnnamedFiles: Bool {
    self == .notSupportedOnSocket || self == .isDirectory || self == .invalidArgument || self == .noFunction
      || self == .notSupported || self == .noSuchFileOrDirectory
  }
}
